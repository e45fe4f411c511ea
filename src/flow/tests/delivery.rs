//! A courier takes orders out, charges without network and reports later.

use super::*;

/// A courier with order 1 and no network.
fn courier() -> World {
    let mut world = World::new();
    world.hear(vec![listed(1, 900), listed(2, 500)]);
    world.tap(&Tap::TakeOrders);
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::TakeSelected);
    world.grant();
    world.event(Event::Network { connected: false });
    world
}

#[test]
fn a_courier_charges_offline_and_the_result_is_reported_once_when_the_network_returns() {
    let mut world = courier();
    world.tap(&Tap::Back);
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::Method(Method::Debit));
    let id = world.paying();
    assert_eq!(world.opened_payments(), 1, "launched without asking");
    world.approve();
    world.unreachable(is_outcome);
    assert!(world.agent.durable().attempts[&id].needs_report());
    world.event(Event::Network { connected: true });
    world.pass(2_000);
    world.acknowledge_outcome();
    assert!(world.agent.outbox().is_empty());
    world.pass(100_000);
    assert!(world.call(is_outcome).is_none(), "reported once");
}

#[test]
fn an_order_granted_to_an_earlier_life_that_nobody_here_knows_of_is_given_back_once() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.tap(&Tap::TakeOrders);
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::TakeSelected);
    let Some((_, HubCall::Claim(asked))) = world.call(is_claim).cloned() else { panic!("no claim") };
    let terminal = Serial::parse(SERIAL).unwrap();
    let claim = ClaimView { id: asked.claim_id, terminal, kind: ClaimKind::Delivery, fence: Fence(1) };
    let taken = OrderView { claim: Some(claim), revision: 9, ..listed(1, 900) };
    world.hear(vec![taken.clone()]);
    assert!(world.call(is_release).is_none(), "its answer is still waited for");

    let mut world = world.restarted();
    world.hear(vec![taken.clone()]);
    let wanted = asked.claim_id;
    assert!(matches!(world.call(is_release), Some((_, HubCall::Release(given))) if given.claim_id == wanted));
    let free = OrderView { claim: None, revision: 10, ..taken };
    world.answer(is_release, Ok(Reply::Released(Box::new(ClaimReleased { order: Some(free) }))));
    assert!(world.agent.outbox().is_empty());
    world.pass(1_000_000);
    assert!(world.call(is_release).is_none(), "once");
}

#[test]
fn an_order_that_was_not_taken_cannot_be_charged_offline() {
    let mut world = courier();
    world.tap(&Tap::Back);
    world.tap(&Tap::Order(order_id(2)));
    assert!(world.call(is_claim).is_none());
    assert_eq!(world.opened_payments(), 0);
}

#[test]
fn an_offline_payment_survives_a_power_cut_and_is_reported_after_it() {
    let mut world = courier();
    world.tap(&Tap::Back);
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::Method(Method::Debit));
    let id = world.paying();
    world.approve();
    let mut world = world.restarted();
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
    world.acknowledge_outcome();
    assert!(world.agent.outbox().is_empty());
}

#[test]
fn an_order_taken_out_is_still_charged_after_a_restart_without_network() {
    let mut world = courier().restarted();
    world.unreachable(is_feed);
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::Method(Method::Pix));
    assert_eq!(world.opened_payments(), 1);
}

#[test]
fn an_order_given_back_can_not_be_charged_and_the_service_is_told() {
    let mut world = courier();
    world.tap(&Tap::Back);
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::GiveBack);
    assert!(world.agent.durable().claims.is_empty());
    assert!(!world.agent.durable().releases.is_empty());
}

#[test]
fn an_order_that_the_store_closes_is_given_back_by_the_courier_unless_it_is_being_charged() {
    let mut world = courier();
    world.event(Event::Network { connected: true });
    world.pass(2_000);
    let mut closing = world.agent.durable().orders[&order_id(1)].clone();
    closing.status = OrderStatus::Closing;
    closing.revision += 1;
    world.hear(vec![closing]);
    assert!(world.agent.durable().claims.is_empty());
    assert!(world.call(is_release).is_some());
}

#[test]
fn orders_that_cannot_be_taken_are_named_with_the_reason() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900), listed(2, 500)]);
    world.tap(&Tap::TakeOrders);
    world.tap(&Tap::TakeAll);
    world.tap(&Tap::TakeSelected);
    world.grant();
    world.refuse(is_claim, RefusalCode::HeldByOther);
    let Page::Notice(crate::flow::live::Notice::Taken(take)) = &world.agent.live().page else {
        panic!("summary")
    };
    assert_eq!((take.taken, take.refused.len()), (1, 1));
}

#[test]
fn a_courier_whose_terminal_was_blocked_charges_nothing_more() {
    let mut world = courier();
    world.event(Event::Network { connected: true });
    world.pass(2_000);
    world.refuse(is_feed, RefusalCode::Revoked);
    world.tap(&Tap::Back);
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::Method(Method::Debit));
    let notice = crate::flow::live::Notice::CannotStart(RefusalCode::Revoked);
    assert!(
        matches!(&world.agent.live().page, Page::Notice(shown) if format!("{shown:?}") == format!("{notice:?}"))
    );
    assert_eq!(world.opened_payments(), 0);
}

#[test]
fn nothing_is_charged_while_the_acquirers_app_is_busy_whatever_the_page() {
    let mut world = courier();
    world.tap(&Tap::Back);
    world.tap(&Tap::Order(order_id(1)));
    world.agent.live.in_flight = Some(crate::flow::live::InFlight {
        what: crate::flow::live::Operation::Reprint(AttemptId::from_random(1)),
        until_ms: u64::MAX,
        before_restart: false,
    });
    world.tap(&Tap::Method(Method::Debit));
    assert!(matches!(world.agent.live().page, Page::Notice(crate::flow::live::Notice::Busy)));
    assert_eq!(world.opened_payments(), 0);
}
