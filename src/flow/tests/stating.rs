//! What the operator reads off the slip of a payment in doubt.

use protocol::statement::Said;

use super::*;
use crate::flow::browsing::{STATEMENT_ATK, STATEMENT_CODE};
use crate::flow::live::Item;

/// A payment of R$ 9,00 that got no answer and that the service knows to be in doubt.
fn doubtful() -> (World, AttemptId) {
    let (mut world, id) = charging();
    world.pass(180_000);
    world.acknowledge_outcome();
    (world, id)
}

fn is_statement(request: &HubCall) -> bool {
    matches!(request, HubCall::Statement(_))
}

fn write(world: &mut World, field: &str, value: &str) {
    world.event(Event::Input(Input::Text { id: field.into(), value: value.into() }));
}

/// Says that the slip has these codes.
fn say_charged(world: &mut World) {
    world.tap(&Tap::State);
    world.tap(&Tap::SaidCharged);
    write(world, STATEMENT_CODE, "187607");
    world.tap(&Tap::Confirm);
    write(world, STATEMENT_ATK, "37820073187607");
    world.tap(&Tap::Confirm);
    world.tap(&Tap::Confirm);
}

fn said(world: &World) -> Option<Said> {
    match world.call(is_statement)? {
        (_, HubCall::Statement(statement)) => Some(statement.said.clone()),
        (_, _) => None,
    }
}

fn ack(world: &World, id: AttemptId, outcome: Outcome) -> Result<Reply, CallFailure> {
    let order = world.agent.durable().orders.get(&order_id(1)).cloned();
    let ack = AttemptAck { attempt_id: id, outcome: Some(outcome), flags: vec![], order };
    Ok(Reply::Attempt(Box::new(ack)))
}

#[test]
fn what_the_slip_says_is_told_until_it_is_taken_down_and_changes_nothing() {
    let (mut world, id) = doubtful();
    say_charged(&mut world);
    let codes = Said::Charged { authorization_code: "187607".into(), atk: "37820073187607".into() };
    assert_eq!(said(&world), Some(codes.clone()));
    world.unreachable(is_statement);
    let mut world = world.restarted();
    world.pass(40_000);
    assert_eq!(said(&world), Some(codes), "told again after a power cut");
    let answer = ack(&world, id, Outcome::InDoubt);
    world.answer(is_statement, answer);
    assert!(world.agent.outbox().is_empty());
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt));
    assert_eq!(world.agent.durable().order(&order_id(1)).unwrap().chargeable(), Centavos::ZERO);
    assert_eq!(world.agent.atk(id), None, "no reversal by what nobody confirmed");
}

#[test]
fn not_approved_is_told_and_frees_nothing_for_a_second_charge() {
    let (mut world, id) = doubtful();
    world.tap(&Tap::State);
    world.tap(&Tap::SaidNotCharged);
    world.tap(&Tap::Confirm);
    assert_eq!(said(&world), Some(Said::NotCharged));
    let answer = ack(&world, id, Outcome::InDoubt);
    world.answer(is_statement, answer);
    world.tap(&Tap::Back);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    assert_eq!(world.opened_payments(), 1);
}

#[test]
fn the_last_statement_counts_also_when_an_earlier_one_is_still_on_its_way() {
    let (mut world, id) = doubtful();
    say_charged(&mut world);
    world.tap(&Tap::State);
    world.tap(&Tap::SaidNotCharged);
    world.tap(&Tap::Confirm);
    let answer = ack(&world, id, Outcome::InDoubt);
    world.answer(is_statement, answer);
    assert_eq!(
        said(&world),
        Some(Said::NotCharged),
        "the first one's acknowledgement is not the second one's"
    );
    assert!(matches!(world.agent.outbox().as_slice(), [Item::Statement(of, _)] if *of == id));
}

#[test]
fn a_card_number_typed_as_a_code_is_refused_and_never_kept() {
    let (mut world, _) = doubtful();
    world.tap(&Tap::State);
    world.tap(&Tap::SaidCharged);
    for (typed, refused) in
        [("4111111111111111", true), ("378282246310005", true), ("4111111111111112", false)]
    {
        write(&mut world, STATEMENT_CODE, typed);
        world.tap(&Tap::Confirm);
        assert_eq!(
            matches!(world.agent.live().page, Page::StatementCode { invalid: true, .. }),
            refused,
            "{typed}"
        );
    }
    write(&mut world, STATEMENT_ATK, "4111111111111111");
    world.tap(&Tap::Confirm);
    assert!(matches!(world.agent.live().page, Page::StatementAtk { invalid: true, .. }));
    write(&mut world, STATEMENT_ATK, "37820073187607");
    world.tap(&Tap::Confirm);
    world.tap(&Tap::Confirm);
    let journal = serde_json::to_string(&world.records).unwrap();
    assert!(journal.contains("37820073187607") && !journal.contains("4111111111111111"));
}

#[test]
fn only_codes_are_taken_and_the_way_back_keeps_what_was_typed() {
    let (mut world, _) = doubtful();
    world.tap(&Tap::State);
    world.tap(&Tap::SaidCharged);
    for (typed, invalid) in
        [("", true), ("12-34", true), ("ção", true), (&"9".repeat(33), true), ("A1", false)]
    {
        write(&mut world, STATEMENT_CODE, typed);
        world.tap(&Tap::Confirm);
        let refused = matches!(world.agent.live().page, Page::StatementCode { invalid: true, .. });
        assert_eq!(refused, invalid, "{typed}");
    }
    write(&mut world, STATEMENT_ATK, "77");
    world.tap(&Tap::Confirm);
    let pages: [fn(&Page) -> bool; 5] = [
        |page| matches!(page, Page::StatementConfirm { .. }),
        |page| matches!(page, Page::StatementAtk { typed, .. } if typed == "77"),
        |page| matches!(page, Page::StatementCode { typed, .. } if typed == "A1"),
        |page| matches!(page, Page::Statement { .. }),
        |page| matches!(page, Page::Result { .. }),
    ];
    for expected in pages {
        assert!(expected(&world.agent.live().page), "{:?}", world.agent.live().page);
        world.tap(&Tap::Back);
    }
    assert!(world.call(is_statement).is_none(), "nothing was told");
}

#[test]
fn a_late_answer_ends_the_question_while_it_is_asked() {
    let (mut world, id) = doubtful();
    world.tap(&Tap::State);
    world.tap(&Tap::SaidNotCharged);
    let late = world.approval(id);
    world.event(Event::Returned(late));
    assert!(matches!(world.agent.live().page, Page::Result { attempt_id } if attempt_id == id));
    world.tap(&Tap::Confirm);
    assert!(world.call(is_statement).is_none());
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
}

#[test]
fn once_the_store_confirms_the_slip_the_payment_can_be_given_back_by_its_key() {
    let (mut world, id) = doubtful();
    say_charged(&mut world);
    let answer = ack(&world, id, Outcome::Approved);
    world.answer(is_statement, answer);
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
    assert_eq!(world.agent.atk(id), Some("37820073187607"));
    world.tap(&Tap::Back);
    world.tap(&Tap::Menu);
    world.tap(&Tap::Payments);
    world.tap(&Tap::Payment(id));
    world.tap(&Tap::Reverse);
    world.tap(&Tap::ReverseConfirmed);
    assert!(world.opened.last().unwrap().0.contains("atk=37820073187607"));
}

#[test]
fn nothing_can_be_said_of_a_payment_that_is_clear() {
    let (mut world, _) = charging();
    world.approve();
    world.tap(&Tap::State);
    assert!(matches!(world.agent.live().page, Page::Result { .. }));
}

#[test]
fn a_restored_service_is_told_the_statement_again() {
    let (mut world, id) = doubtful();
    say_charged(&mut world);
    let answer = ack(&world, id, Outcome::InDoubt);
    world.answer(is_statement, answer);
    let mut page = world.page(vec![]);
    (page.snapshot, page.restored, page.cursor.epoch) = (true, true, 9);
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    assert!(world.agent.outbox().iter().any(|item| matches!(item, Item::Statement(..))));
}
