//! Listed orders: claim, method, parts, instalments, closing.

use protocol::method::{InstallmentType, Installments};

use super::*;
use crate::flow::live::Notice;

#[test]
fn fifty_in_credit_and_fifty_in_debit_pay_one_order() {
    let mut world = World::new();
    world.hear(vec![listed(1, 10_000)]);
    world.take_order(1);
    world.tap(&Tap::OtherAmount);
    world.type_amount(5_000);
    world.tap(&Tap::Method(Method::Credit));
    world.tap(&Tap::Installments(InstallmentType::Merchant, 1));
    world.acknowledge_start();
    world.approve();
    world.acknowledge_outcome();
    let order = world.agent.durable().order(&order_id(1)).unwrap();
    assert_eq!((order.paid, order.balance()), (money(5_000), money(5_000)));
    world.tap(&Tap::ChargeRest);
    if world.call(is_claim).is_some() {
        world.grant();
    }
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    assert!(world.opened.last().unwrap().0.contains("amount=5000"));
    world.approve();
    world.acknowledge_outcome();
    assert!(world.agent.durable().orders.is_empty());
    assert!(world.agent.durable().claims.is_empty());
}

#[test]
fn an_amount_above_the_balance_is_refused_where_it_is_typed() {
    let mut world = World::new();
    world.hear(vec![listed(1, 10_000)]);
    world.take_order(1);
    world.tap(&Tap::OtherAmount);
    world.type_amount(10_001);
    assert!(matches!(
        world.agent.live().page,
        Page::Amount { refused: Some(RefusalCode::AmountAboveBalance), typed: 10_001, .. }
    ));
    for _ in 0..5 {
        world.tap(&Tap::Erase);
    }
    world.tap(&Tap::Confirm);
    assert!(matches!(
        world.agent.live().page,
        Page::Amount { refused: Some(RefusalCode::AmountInvalid), .. }
    ));
}

#[test]
fn a_method_fixed_at_the_pdv_cannot_be_changed() {
    let mut world = World::new();
    let fixed = PaymentChoice {
        method: Method::Credit,
        installments: Some(Installments { count: 3, kind: InstallmentType::Merchant }),
    };
    world.hear(vec![OrderView { fixed: Some(fixed), ..listed(1, 900) }]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    assert!(matches!(world.agent.live().page, Page::Notice(Notice::CannotStart(RefusalCode::MethodFixed))));
    assert!(world.call(is_start).is_none());
    world.tap(&Tap::Back);
    world.take_order(1);
    world.tap(&Tap::Charge);
    world.acknowledge_start();
    let uri = &world.opened.last().unwrap().0;
    assert!(uri.contains("transaction_type=CREDIT") && uri.contains("installment_count=3"), "{uri}");
}

#[test]
fn a_method_outside_the_contract_is_refused_even_when_tapped() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Voucher));
    assert!(matches!(
        world.agent.live().page,
        Page::Notice(Notice::CannotStart(RefusalCode::MethodNotContracted))
    ));
    assert!(world.call(is_start).is_none());
}

#[test]
fn an_order_divided_in_three_is_offered_part_by_part() {
    let mut world = World::new();
    world.hear(vec![listed(1, 10_000)]);
    world.take_order(1);
    world.tap(&Tap::Split);
    world.tap(&Tap::SplitInto(3));
    for expected in [3_334, 3_333, 3_333] {
        world.tap(&Tap::Method(Method::Debit));
        world.acknowledge_start();
        assert!(world.opened.last().unwrap().0.contains(&format!("amount={expected}")));
        world.approve();
        world.acknowledge_outcome();
        world.tap(&Tap::ChargeRest);
        if world.call(is_claim).is_some() {
            world.grant();
        }
    }
    assert!(world.agent.durable().orders.is_empty());
}

#[test]
fn the_terminal_that_did_not_get_the_order_says_who_has_it_and_charges_nothing() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.tap(&Tap::Order(order_id(1)));
    world.refuse(is_claim, RefusalCode::HeldByOther);
    let Page::Notice(Notice::Refused(refusal)) = &world.agent.live().page else { panic!("refusal shown") };
    assert_eq!(refusal.code, RefusalCode::HeldByOther);
    assert!(world.agent.durable().claims.is_empty());
}

#[test]
fn without_the_network_an_order_that_is_not_ours_cannot_be_opened() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.event(Event::Network { connected: false });
    world.tap(&Tap::Order(order_id(1)));
    assert!(matches!(world.agent.live().page, Page::Notice(Notice::Unreachable(_))));
    assert_eq!(world.agent.durable().orders.len(), 1, "the list stays");
}

#[test]
fn leaving_an_order_gives_it_back() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.tap(&Tap::Back);
    assert!(world.agent.durable().claims.is_empty());
    world.answer(is_release, Ok(released()));
    assert!(world.agent.outbox().is_empty());
}

#[test]
fn an_order_closed_while_it_is_looked_at_goes_away_with_a_word() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.hear(vec![OrderView { status: OrderStatus::Closed, revision: 9, ..listed(1, 900) }]);
    assert!(matches!(&world.agent.live().page, Page::Notice(Notice::OrderGone(number)) if number == "1"));
}

#[test]
fn an_order_closed_while_the_customer_pays_is_still_reported_as_paid() {
    let (mut world, id) = charging();
    let mut closing = world.agent.durable().orders[&order_id(1)].clone();
    closing.status = OrderStatus::Closing;
    closing.revision += 1;
    world.hear(vec![closing]);
    assert_eq!(world.paying(), id, "the payment goes on");
    world.approve();
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
    assert!(world.call(is_outcome).is_some());
}

#[test]
fn the_lease_is_renewed_while_the_order_is_looked_at_and_its_loss_is_shown() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.pass(59_000);
    assert!(world.call(is_claim).is_none());
    world.pass(1_000);
    world.refuse(is_claim, RefusalCode::HeldByOther);
    assert!(matches!(world.agent.live().page, Page::Notice(Notice::Refused(_))));
    assert!(world.agent.durable().claims.is_empty());
}

#[test]
fn an_order_that_nobody_touches_is_given_back() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.pass(60_000);
    world.grant();
    world.pass(120_000);
    assert!(matches!(world.agent.live().page, Page::List));
    assert!(world.agent.durable().claims.is_empty());
}
