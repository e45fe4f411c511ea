//! Direct orders open by themselves and are charged whole, as the PDV fixed them.

use super::*;
use crate::flow::Alert;
use crate::flow::live::Notice;

#[test]
fn a_direct_order_is_claimed_announced_and_launched_with_value_and_method_fixed() {
    let mut world = World::new();
    world.hear(vec![direct(1, 12_345, Method::Debit)]);
    assert!(world.effects.contains(&Effect::Alert(Alert::DirectOrder)));
    world.grant();
    assert!(matches!(world.agent.live().page, Page::Announcing { .. }));
    assert_eq!(world.opened_payments(), 0, "not before the service knows");
    world.acknowledge_start();
    let (uri, _) = world.opened.last().unwrap();
    for part in ["amount=12345", "editable_amount=0", "transaction_type=DEBIT"] {
        assert!(uri.contains(part), "{uri}");
    }
    let id = world.paying();
    world.approve();
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
    world.acknowledge_outcome();
    assert!(world.agent.durable().orders.is_empty());
    assert!(world.agent.outbox().is_empty());
}

#[test]
fn without_the_services_word_nothing_is_launched_and_the_cancel_is_reported() {
    let mut world = World::new();
    world.hear(vec![direct(1, 100, Method::Credit)]);
    world.grant();
    world.unreachable(is_start);
    assert_eq!(world.opened_payments(), 0);
    assert!(matches!(world.agent.live().page, Page::Notice(Notice::Unreachable(_))));
    let Some((_, HubCall::Outcome(ended))) = world.call(is_outcome) else { panic!("the cancel is reported") };
    assert_eq!(ended.outcome, Outcome::Cancelled);
}

#[test]
fn a_declined_direct_order_is_tried_again_only_when_the_operator_says_so() {
    let mut world = World::new();
    world.hear(vec![direct(1, 100, Method::Credit)]);
    world.grant();
    world.acknowledge_start();
    let first = world.paying();
    world.event(Event::Returned(format!("posconnect://pay-response?code=-6&success=false&order_id={first}")));
    assert_eq!(world.outcome(first), Some(Outcome::Declined));
    world.acknowledge_outcome();
    world.pass(5_000);
    assert_eq!(world.opened_payments(), 1, "not by itself");
    world.tap(&Tap::TryAgain);
    if world.call(is_claim).is_some() {
        world.grant();
    }
    world.tap(&Tap::Charge);
    world.acknowledge_start();
    assert_ne!(world.paying(), first, "a new attempt has a new id");
    assert_eq!(world.opened_payments(), 2);
}

#[test]
fn a_direct_order_that_the_operator_left_does_not_open_again_by_itself() {
    let mut world = World::new();
    world.hear(vec![direct(1, 100, Method::Credit)]);
    world.tap(&Tap::Back);
    world.pass(60_000);
    assert!(matches!(world.agent.live().page, Page::List));
    assert!(world.call(is_claim).is_none());
    assert!(world.call(is_release).is_some(), "the service may have granted it");
}

#[test]
fn a_direct_order_waits_while_another_payment_runs() {
    let mut world = World::new();
    world.hear(vec![listed(1, 100)]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    world.hear(vec![direct(2, 500, Method::Debit)]);
    assert!(world.call(is_claim).is_none());
    world.approve();
    world.acknowledge_outcome();
    assert!(world.call(is_claim).is_none(), "the result is read first");
    world.pass(3_000);
    assert!(world.call(is_claim).is_some());
}

#[test]
fn a_direct_order_cannot_be_charged_in_parts() {
    let mut world = World::new();
    let mut order = direct(1, 100, Method::Debit);
    order.reserved = money(1);
    world.hear(vec![order]);
    world.take_order(1);
    world.tap(&Tap::OtherAmount);
    world.tap(&Tap::Split);
    assert!(matches!(world.agent.live().page, Page::Order { .. }));
    world.tap(&Tap::Charge);
    assert_eq!(world.opened_payments(), 0);
    assert!(world.call(is_start).is_none());
}
