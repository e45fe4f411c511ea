//! The PDV closes orders, and time does.

use mobilepayment::ledger::refusal::PdvRefusal;
use mobilepayment::store::CommandError;
use protocol::attempt::{Flag, Outcome};
use protocol::claim::{ClaimKind, ClaimRelease, ClaimReleased};
use protocol::order::OrderStatus;
use protocol::refusal::RefusalCode;
use protocol::{ClaimId, UnixMillis};

use crate::support::{L3, Service, account, ended, listed, money, started};

#[tokio::test]
async fn a_free_order_is_gone_from_the_terminals_at_once() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(1_000)).await;
    terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let cursor = terminal.feed(None, 0).await.cursor;
    let (page, closed) = tokio::join!(terminal.feed(Some(cursor), 20), service.cancel(&order.id));
    assert_eq!(closed.unwrap().status, OrderStatus::Closed);
    assert_eq!(page.orders[0].status, OrderStatus::Closed);
    assert!(terminal.feed(None, 0).await.orders.is_empty());
    assert!(service.cancel(&order.id).await.is_ok(), "the same close again");
    let claim = terminal.claim(&order.id, 2, ClaimKind::Now).await.unwrap_err();
    assert_eq!(claim.code, RefusalCode::OrderClosed);
}

#[tokio::test]
async fn closed_while_charging_the_late_approval_is_booked_and_told() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(1_000)).await;
    let grant = terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let attempt = started(&grant, 1, 1_000);
    terminal.start(&attempt).await.unwrap();
    assert_eq!(service.cancel(&order.id).await.unwrap().status, OrderStatus::Closing);
    let refused = terminal.start(&started(&grant, 2, 1)).await.unwrap_err();
    assert_eq!(refused.code, RefusalCode::OrderClosing);
    let ack = terminal.report(&ended(&attempt, Outcome::Approved)).await;
    assert_eq!((ack.outcome, ack.order.unwrap().status), (Some(Outcome::Approved), OrderStatus::Paid));
    let told = service.told().await;
    assert_eq!(
        told[told.len() - 5..],
        [
            "posconnect.order.closing",
            "charge.paid",
            "order.paid",
            "posconnect.claim.released",
            "order.closed"
        ]
    );
}

#[tokio::test]
async fn closed_while_charging_a_refusal_closes_it() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(1_000)).await;
    let grant = terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let attempt = started(&grant, 1, 1_000);
    terminal.start(&attempt).await.unwrap();
    service.cancel(&order.id).await.unwrap();
    let ack = terminal.report(&ended(&attempt, Outcome::Declined)).await;
    assert_eq!(ack.order.unwrap().status, OrderStatus::Closed);
    assert!(service.told().await.ends_with(&["order.canceled", "order.closed"]));
}

#[tokio::test]
async fn a_close_waits_for_a_courier_until_he_gives_the_order_back() {
    let service = Service::start().await;
    let courier = service.terminal(L3).await;
    let order = service.create(listed(1_000)).await;
    courier.claim(&order.id, 1, ClaimKind::Delivery).await.unwrap();
    assert_eq!(service.cancel(&order.id).await.unwrap().status, OrderStatus::Closing);
    let release = ClaimRelease { claim_id: ClaimId::from_random(1), order_id: order.id.clone() };
    let released: ClaimReleased = courier.post("claims/release", &release).await.unwrap();
    assert_eq!(released.order.unwrap().status, OrderStatus::Closed);
}

#[tokio::test]
async fn an_approval_after_the_end_is_booked_flagged_and_told() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(1_000)).await;
    let grant = terminal.claim(&order.id, 1, ClaimKind::Delivery).await.unwrap();
    service.cancel(&order.id).await.unwrap();
    service.store.withdraw_claim(&account(), &order.id, "motoboy sumiu".to_owned()).await.unwrap();
    assert_eq!(service.order(&order.id).await.status, OrderStatus::Closed);
    let ack = terminal.report(&ended(&started(&grant, 1, 400), Outcome::Approved)).await;
    assert_eq!(ack.outcome, Some(Outcome::Approved));
    assert_eq!(ack.flags, [Flag::StaleClaim, Flag::AfterClose]);
    let after = service.order(&order.id).await;
    assert_eq!((after.status, after.paid()), (OrderStatus::Closed, money(400)));
    assert!(service.told().await.contains(&"charge.paid"));
}

#[tokio::test]
async fn the_pdv_cannot_settle_by_hand_what_is_not_paid() {
    use mobilepayment::ledger::command::CloseOrder;
    use mobilepayment::ledger::order::CloseReason;
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(1_000)).await;
    terminal.pay(&order.id, 1, 400).await;
    let settle = CloseOrder { account: account(), order_id: order.id.clone(), reason: CloseReason::Paid };
    let refused = service.store.close_order(settle.clone()).await.unwrap_err();
    assert_eq!(refused, CommandError::Refused(PdvRefusal::BalanceLeft { balance: money(600) }));
    terminal.pay(&order.id, 2, 600).await;
    for _ in 0..2 {
        service.store.close_order(settle.clone()).await.unwrap();
    }
    let told = service.told().await;
    assert_eq!(told.iter().filter(|t| **t == "order.closed").count(), 1);
}

#[tokio::test]
async fn an_order_expires_by_itself_and_the_terminals_learn_it() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let mut new = listed(1_000);
    new.expires_at = Some(UnixMillis(1_700_000_060_000));
    let order = service.create(new).await;
    let cursor = terminal.feed(None, 0).await.cursor;
    service.clock.advance(59_999);
    assert_eq!(service.store.lapse().await, Ok(0));
    service.clock.advance(1);
    let (page, lapsed) = tokio::join!(terminal.feed(Some(cursor), 20), service.store.lapse());
    assert_eq!(lapsed, Ok(1));
    assert_eq!(page.orders[0].status, OrderStatus::Closed);
    assert_eq!(service.order(&order.id).await.status, OrderStatus::Closed);
}
