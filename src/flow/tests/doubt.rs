//! Silence, strange answers, forged answers: in doubt or kept, never paid, never charged again.

use super::*;
use crate::flow::live::Notice;
use crate::flow::record::StrayReason;

#[test]
fn what_an_answer_is_worth() {
    // answer, expected outcome; ID stands for the attempt's id
    let table = [
        ("code=0&amount=900&order_id=ID", Some(Outcome::Approved)),
        ("code=0&amount=900&type=D%C3%A9bito&order_id=ID", Some(Outcome::Approved)),
        ("code=0&amount=900&type=Cr%C3%A9dito&order_id=ID", Some(Outcome::InDoubt)),
        ("code=0&amount=901&order_id=ID", Some(Outcome::InDoubt)),
        ("code=0&amount=900", Some(Outcome::InDoubt)),
        ("code=0&order_id=ID", Some(Outcome::InDoubt)),
        ("amount=900&order_id=ID", Some(Outcome::InDoubt)),
        ("code=77&order_id=ID", Some(Outcome::InDoubt)),
        ("code=-2&success=false&order_id=ID", Some(Outcome::Cancelled)),
        ("code=-2&success=false", Some(Outcome::Cancelled)),
        ("code=-6&success=false&order_id=ID", Some(Outcome::Declined)),
        ("code=0&amount=900&installment_count=3&order_id=ID", Some(Outcome::InDoubt)),
        ("code=0&amount=900&order_id=12345", None),
    ];
    for (query, expected) in table {
        let (mut world, id) = charging();
        world.event(Event::Returned(format!(
            "posconnect://pay-response?{}",
            query.replace("ID", &id.to_string())
        )));
        assert_eq!(world.outcome(id), expected, "{query}");
    }
}

#[test]
fn silence_ends_in_doubt_and_blocks_a_second_charge_of_that_part() {
    let (mut world, id) = charging();
    world.pass(179_000);
    assert_eq!(world.outcome(id), None);
    world.pass(1_000);
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt));
    world.acknowledge_outcome();
    world.tap(&Tap::Back);
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::Method(Method::Debit));
    assert!(matches!(world.agent.live().page, Page::Notice(Notice::CannotStart(_))));
    assert_eq!(world.opened_payments(), 1);
}

#[test]
fn a_late_answer_resolves_the_doubt_and_is_reported_again() {
    let (mut world, id) = charging();
    world.pass(180_000);
    world.acknowledge_outcome();
    let approval = world.approval(id);
    world.event(Event::Returned(approval));
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
    world.acknowledge_outcome();
    assert!(world.agent.outbox().is_empty());
}

#[test]
fn an_answer_that_changes_while_its_doubt_is_being_reported_is_reported_too() {
    let (mut world, id) = charging();
    world.pass(180_000);
    assert!(world.call(is_outcome).is_some());
    let approval = world.approval(id);
    world.event(Event::Returned(approval));
    world.acknowledge_outcome();
    assert!(world.agent.durable().attempts[&id].needs_report(), "the doubt was taken down, not the approval");
    world.acknowledge_outcome();
    assert!(world.agent.outbox().is_empty());
}

#[test]
fn two_equal_answers_are_one_payment_and_the_second_is_kept() {
    let (mut world, id) = charging();
    world.approve();
    let approval = world.approval(id);
    world.event(Event::Returned(approval));
    assert_eq!(world.agent.durable().strays_total, 1);
    assert_eq!(world.agent.durable().strays[0].why, StrayReason::Repeated);
    world.acknowledge_outcome();
    assert!(world.call(is_outcome).is_none());
}

#[test]
fn a_decline_followed_by_an_approval_is_in_doubt_and_an_approval_is_never_taken_back() {
    let (mut world, id) = charging();
    world.event(Event::Returned(format!("posconnect://pay-response?code=-6&success=false&order_id={id}")));
    let approval = world.approval(id);
    world.event(Event::Returned(approval));
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt));
    let (mut world, id) = charging();
    world.approve();
    world.event(Event::Returned(format!("posconnect://pay-response?code=-6&success=false&order_id={id}")));
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
    assert_eq!(world.agent.durable().strays[0].why, StrayReason::Contradicts);
}

#[test]
fn a_forged_or_orphan_answer_is_kept_and_shown_and_pays_nothing() {
    let mut world = World::new();
    for uri in [
        "posconnect://pay-response?code=0&amount=900&order_id=5",
        "posconnect://pay-response?code=0&amount=900",
        "posconnect://elsewhere?code=0",
        "garbage",
    ] {
        world.event(Event::Returned(uri.into()));
    }
    assert_eq!(world.agent.durable().strays_total, 4);
    assert!(matches!(world.agent.live().page, Page::Strays));
    assert!(world.agent.outbox().is_empty());
    world.tap(&Tap::SawStrays);
    assert_eq!(world.agent.durable().strays_seen, 4);
}

#[test]
fn the_operator_may_stop_waiting_but_not_at_once() {
    let (mut world, id) = charging();
    world.tap(&Tap::StopWaiting);
    assert_eq!(world.outcome(id), None);
    world.pass(20_000);
    world.tap(&Tap::StopWaiting);
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt));
}

#[test]
fn an_app_that_does_not_open_charged_nothing() {
    let (mut world, id) = charging();
    world.event(Event::OpenFailed);
    assert_eq!(world.outcome(id), Some(Outcome::Cancelled));
    assert!(matches!(world.agent.live().page, Page::Notice(Notice::AppMissing)));
}

#[test]
fn a_decision_of_the_store_ends_the_doubt_and_frees_the_order() {
    let (mut world, id) = charging();
    world.pass(180_000);
    world.acknowledge_outcome();
    let mut order = world.agent.durable().orders[&order_id(1)].clone();
    order.revision += 1;
    order.reserved = Centavos::ZERO;
    for known in &mut order.attempts {
        known.outcome = Some(Outcome::Declined);
        known.resolved_by_store = true;
    }
    world.hear(vec![order]);
    assert_eq!(world.outcome(id), Some(Outcome::Declined));
    assert_eq!(world.agent.durable().order(&order_id(1)).unwrap().chargeable(), money(900));
}

#[test]
fn an_approval_that_the_service_doubts_is_in_doubt_here_too() {
    let (mut world, id) = charging();
    world.approve();
    let Some((_, HubCall::Outcome(ended))) = world.call(is_outcome).cloned() else { panic!("reported") };
    let ack = AttemptAck {
        attempt_id: ended.attempt.attempt_id,
        outcome: Some(Outcome::InDoubt),
        flags: vec![protocol::attempt::Flag::ExceedsBalance],
        order: None,
    };
    world.answer(is_outcome, Ok(Reply::Attempt(Box::new(ack))));
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt));
}

#[test]
fn card_and_customer_are_not_in_the_records() {
    let (mut world, id) = charging();
    let uri = format!(
        "posconnect://pay-response?code=0&amount=900&order_id={id}&pan=627303****2166&cardholder_name=JOAO%2FSILVA"
    );
    world.event(Event::Returned(uri));
    let kept = serde_json::to_string(&world.records).unwrap();
    assert!(!kept.contains("627303") && !kept.contains("JOAO"));
    assert_eq!(world.evidence(id).last4.as_deref(), Some("2166"));
}

#[test]
fn an_unclear_answer_after_silence_tells_the_store_what_it_says() {
    let (mut world, id) = charging();
    world.pass(180_000);
    world.acknowledge_outcome();
    world.event(Event::Returned(format!(
        "posconnect://pay-response?code=0&amount=901&order_id={id}&atk=1234"
    )));
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt));
    let Some((_, HubCall::Outcome(ended))) = world.call(is_outcome) else { panic!("told again") };
    assert_eq!(ended.evidence.amount, Some(money(901)));
}

#[test]
fn an_approval_after_the_store_decided_otherwise_is_told_as_a_contradiction() {
    let (mut world, id) = charging();
    world.pass(180_000);
    world.acknowledge_outcome();
    let mut order = world.agent.durable().orders[&order_id(1)].clone();
    order.revision += 1;
    for known in &mut order.attempts {
        known.outcome = Some(Outcome::Declined);
        known.resolved_by_store = true;
    }
    world.hear(vec![order]);
    let approval = world.approval(id);
    world.event(Event::Returned(approval));
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt));
    let Some((_, HubCall::Outcome(ended))) = world.call(is_outcome) else { panic!("told again") };
    assert_eq!(ended.reason, Some(protocol::attempt::OutcomeReason::Contradicted));
}

#[test]
fn a_decision_that_ends_the_order_is_heard_too() {
    let (mut world, id) = charging();
    world.pass(180_000);
    world.acknowledge_outcome();
    let mut order = world.agent.durable().orders[&order_id(1)].clone();
    order.revision += 1;
    order.status = OrderStatus::Paid;
    for known in &mut order.attempts {
        known.outcome = Some(Outcome::Approved);
        known.resolved_by_store = true;
    }
    world.hear(vec![order]);
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
    assert!(world.agent.outbox().is_empty());
}

#[test]
fn a_decision_made_while_the_terminal_was_away_is_asked_for_after_a_snapshot() {
    let (mut world, id) = charging();
    world.pass(180_000);
    world.acknowledge_outcome();
    let mut page = world.page(vec![]);
    page.snapshot = true;
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    let outcome = Some(Outcome::Declined);
    let ack = AttemptAck { attempt_id: id, outcome, flags: vec![], order: None };
    world.answer(is_outcome, Ok(Reply::Attempt(Box::new(ack))));
    assert_eq!(world.outcome(id), Some(Outcome::Declined));
    assert!(world.agent.outbox().is_empty());
}

#[test]
fn a_terminal_full_of_doubts_charges_no_more_until_somebody_looked() {
    let doubts = u64::try_from(crate::flow::paying::UNCLEAR_MAX).unwrap();
    let mut world = World::new();
    world.hear((1..=doubts + 1).map(|n| listed(n, 900)).collect());
    for n in 1..=doubts {
        world.take_order(n);
        world.tap(&Tap::Method(Method::Debit));
        world.acknowledge_start();
        world.pass(180_000);
        world.acknowledge_outcome();
        if world.call(is_claim).is_some() {
            world.grant(); // the lease of the order whose result is read
        }
        world.tap(&Tap::Back);
    }
    world.take_order(doubts + 1);
    world.tap(&Tap::Method(Method::Debit));
    assert!(matches!(world.agent.live().page, Page::Notice(Notice::TooManyInDoubt)));
    assert_eq!(world.opened_payments(), crate::flow::paying::UNCLEAR_MAX);
}

#[test]
fn answers_after_the_first_one_are_kept_and_never_change_what_is_clear() {
    // first, second, outcome, why the second was kept; ID stands for the attempt's id
    let table = [
        ("code=77", "code=78", Outcome::InDoubt, StrayReason::Repeated),
        ("code=-6&success=false", "code=-2&success=false", Outcome::Declined, StrayReason::Contradicts),
        ("code=-2&success=false", "code=-6&success=false", Outcome::Cancelled, StrayReason::Contradicts),
        ("code=-6&success=false", "code=77", Outcome::Declined, StrayReason::Contradicts),
    ];
    for (first, second, expected, why) in table {
        let (mut world, id) = charging();
        for answer in [first, second] {
            world.event(Event::Returned(format!("posconnect://pay-response?{answer}&order_id={id}")));
        }
        assert_eq!(world.outcome(id), Some(expected), "{first}, {second}");
        assert_eq!(world.agent.durable().attempts[&id].ends, 1, "{first}, {second}");
        assert_eq!(
            world.agent.durable().strays.back().map(|stray| stray.why),
            Some(why),
            "{first}, {second}"
        );
    }
}

#[test]
fn one_instalment_in_the_answer_is_none() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Credit));
    world.tap(&Tap::Installments(protocol::InstallmentType::Merchant, 1));
    world.acknowledge_start();
    let id = world.paying();
    let uri = world.approval(id).replace("installment_count=0", "installment_count=1");
    world.event(Event::Returned(uri));
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
}
