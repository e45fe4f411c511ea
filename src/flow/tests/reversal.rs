//! Giving a payment back, whole and in part.

use protocol::reversal::ReversalWanted;

use super::*;

/// R$ 9,00 were paid here and the service knows.
pub(super) fn paid() -> (World, AttemptId) {
    let (mut world, id) = charging();
    world.approve();
    world.acknowledge_outcome();
    world.tap(&Tap::Back);
    world.tap(&Tap::Menu);
    world.tap(&Tap::Payments);
    world.tap(&Tap::Payment(id));
    (world, id)
}

pub(super) const APPROVED: &str =
    "posconnect://cancel?success=true&atk=37820073187607&responsecode=0000&reason=APPROVED";

pub(super) fn is_reversal(request: &HubCall) -> bool {
    matches!(request, HubCall::Reversal(_))
}

pub(super) fn outcome(world: &World) -> Option<Outcome> {
    world
        .agent
        .durable()
        .reversals
        .values()
        .max_by_key(|r| r.counter)
        .unwrap()
        .ended
        .as_ref()
        .map(|e| e.outcome)
}

#[test]
fn a_payment_is_given_back_whole_and_told() {
    let (mut world, id) = paid();
    world.tap(&Tap::Reverse);
    assert!(
        world.opened.iter().all(|(_, purpose)| *purpose != Purpose::Reverse),
        "not before it is confirmed"
    );
    world.tap(&Tap::ReverseConfirmed);
    let uri = &world.opened.last().unwrap().0;
    assert!(uri.contains("atk=37820073187607") && uri.contains("amount=900"), "{uri}");
    world.event(Event::Returned(format!("{APPROVED}&canceledamount=900")));
    assert_eq!(outcome(&world), Some(Outcome::Approved));
    assert_eq!(world.agent.reversible(id), Centavos::ZERO);
    world.answer(is_reversal, Ok(Reply::Noted));
    assert!(world.agent.outbox().is_empty());
    world.tap(&Tap::Back);
    world.tap(&Tap::Payment(id));
    world.tap(&Tap::Reverse);
    assert!(matches!(world.agent.live().page, Page::Payment { .. }), "nothing is left to give back");
}

#[test]
fn a_part_is_given_back_and_never_more_than_is_left() {
    let (mut world, id) = paid();
    world.tap(&Tap::Reverse);
    world.tap(&Tap::ReversePart);
    world.type_amount(901);
    assert!(matches!(world.agent.live().page, Page::ReversalAmount { refused: true, .. }));
    for _ in 0..3 {
        world.tap(&Tap::Erase);
    }
    world.type_amount(400);
    world.tap(&Tap::ReverseConfirmed);
    world.event(Event::Returned(format!("{APPROVED}&canceledamount=400")));
    assert_eq!(world.agent.reversible(id), money(500));
}

#[test]
fn what_an_answer_to_a_reversal_is_worth() {
    let table = [
        (format!("{APPROVED}&canceledamount=900"), Some(Outcome::Approved)),
        (APPROVED.to_owned(), Some(Outcome::Approved)),
        (format!("{APPROVED}&canceledamount=899"), Some(Outcome::InDoubt)),
        ("posconnect://cancel?success=true&responsecode=0000".to_owned(), Some(Outcome::InDoubt)),
        (
            "posconnect://cancel?success=false&reason=7011&atk=37820073187607".to_owned(),
            Some(Outcome::Cancelled),
        ),
        (
            "posconnect://cancel?success=false&reason=7202&atk=37820073187607".to_owned(),
            Some(Outcome::Declined),
        ),
        (APPROVED.replace("3782", "9999"), None),
    ];
    for (uri, expected) in table {
        let (mut world, _) = paid();
        world.tap(&Tap::Reverse);
        world.tap(&Tap::ReverseConfirmed);
        world.event(Event::Returned(uri.clone()));
        assert_eq!(outcome(&world), expected, "{uri}");
    }
}

#[test]
fn silence_leaves_a_reversal_in_doubt_which_blocks_another_until_a_late_answer() {
    let (mut world, id) = paid();
    world.tap(&Tap::Reverse);
    world.tap(&Tap::ReverseConfirmed);
    world.pass(120_000);
    assert_eq!(outcome(&world), Some(Outcome::InDoubt));
    assert_eq!(world.agent.reversible(id), Centavos::ZERO);
    world.event(Event::Returned(format!("{APPROVED}&canceledamount=900")));
    assert_eq!(outcome(&world), Some(Outcome::Approved));
}

#[test]
fn a_late_answer_counts_for_the_newest_of_several_doubts() {
    let (mut world, id) = paid();
    for part in [100, 200, 300] {
        world.agent.live.page = Page::Payment { attempt_id: id };
        world.tap(&Tap::Reverse);
        world.tap(&Tap::ReversePart);
        world.type_amount(part);
        world.tap(&Tap::ReverseConfirmed);
        world.pass(120_000);
    }
    world.event(Event::Returned(format!("{APPROVED}&canceledamount=300")));
    assert_eq!(world.agent.durable().attempts[&id].reversed, money(300));
    assert_eq!(world.agent.in_doubt_back(id), money(300));
}

#[test]
fn a_reversal_that_the_store_wants_is_shown_with_its_amount_and_ends_when_done() {
    let (mut world, id) = paid();
    let mut page = world.page(vec![]);
    let wanted_at = world.now.wall;
    page.reversals_wanted =
        vec![ReversalWanted { attempt_id: id, order_id: order_id(1), amount: money(300), wanted_at }];
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    world.tap(&Tap::Reverse);
    assert!(matches!(world.agent.live().page, Page::ReversalConfirm { amount, .. } if amount == money(300)));
    world.tap(&Tap::ReverseConfirmed);
    world.event(Event::Returned(format!("{APPROVED}&canceledamount=300")));
    assert!(world.agent.durable().reversals_wanted.is_empty());
}

#[test]
fn a_confirmation_of_more_than_is_left_opens_nothing() {
    let (mut world, id) = paid();
    world.agent.live.page = Page::ReversalConfirm { attempt_id: id, amount: money(901) };
    world.tap(&Tap::ReverseConfirmed);
    assert!(world.opened.iter().all(|(_, purpose)| *purpose != Purpose::Reverse));
    assert!(world.agent.durable().reversals.is_empty());
}
