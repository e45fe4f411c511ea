//! The exclusive right to charge.

use protocol::claim::{ClaimKind, ClaimRelease, ClaimReleased};
use protocol::refusal::RefusalCode;
use protocol::{ClaimId, Fence, OrderId};

use crate::support::{A8, L3, P2, Service, direct, listed};

#[tokio::test]
async fn of_two_terminals_that_tap_in_the_same_instant_one_gets_the_order_and_the_other_learns_who() {
    let service = Service::start().await;
    let (one, other) = (service.terminal(L3).await, service.terminal(A8).await);
    for round in 0..20 {
        let order = service.create(listed(1_000)).await;
        let (a, b) = tokio::join!(
            one.claim(&order.id, 1_000 + round, ClaimKind::Now),
            other.claim(&order.id, 2_000 + round, ClaimKind::Now),
        );
        let (winner, loser) = match (a, b) {
            (Ok(_), Err(refusal)) => (L3, refusal),
            (Err(refusal), Ok(_)) => (A8, refusal),
            both => panic!("exactly one: {both:?}"),
        };
        assert_eq!(loser.code, RefusalCode::HeldByOther);
        assert_eq!(loser.holder.as_deref(), Some(winner));
    }
}

#[tokio::test]
async fn the_same_claim_again_is_the_same_grant_and_a_new_one_has_a_higher_fence() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(1_000)).await;
    let first = terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let again = terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(first.lease_s, Some(120));
    let second = terminal.claim(&order.id, 2, ClaimKind::Now).await.unwrap();
    assert_eq!((first.fence, second.fence), (Fence(1), Fence(2)));
    let lost = terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap_err();
    assert_eq!(lost.code, RefusalCode::ClaimLost);
}

#[tokio::test]
async fn a_lease_that_is_not_renewed_ends_and_a_renewed_one_does_not() {
    let service = Service::start().await;
    let (one, other) = (service.terminal(L3).await, service.terminal(A8).await);
    let order = service.create(listed(1_000)).await;
    one.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    service.clock.advance(100_000);
    one.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    service.clock.advance(100_000);
    assert!(other.claim(&order.id, 2, ClaimKind::Now).await.is_err());
    service.clock.advance(20_000);
    other.claim(&order.id, 2, ClaimKind::Now).await.unwrap();
}

#[tokio::test]
async fn the_sweeper_frees_an_abandoned_order_and_tells_the_others() {
    let service = Service::start().await;
    let (one, other) = (service.terminal(L3).await, service.terminal(A8).await);
    let order = service.create(listed(1_000)).await;
    one.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let cursor = other.feed(None, 0).await.cursor;
    service.clock.advance(120_000);
    let (page, swept) = tokio::join!(other.feed(Some(cursor), 20), service.store.lapse());
    assert_eq!(swept, Ok(1));
    assert_eq!(page.orders[0].claim, None);
    assert_eq!(service.store.lapse().await, Ok(0));
}

#[tokio::test]
async fn a_renewal_is_no_news_to_anybody() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(1_000)).await;
    terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let cursor = terminal.feed(None, 0).await.cursor;
    service.clock.advance(1_000);
    terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let page = terminal.feed(Some(cursor), 0).await;
    assert_eq!((page.orders.len(), page.cursor), (0, cursor));
}

#[tokio::test]
async fn who_may_claim_what() {
    use ClaimKind::{Delivery, Now};
    use RefusalCode as R;
    let service = Service::start().await;
    let (l3, p2) = (service.terminal(L3).await, service.terminal(P2).await);
    let direct = service.create(direct(1_000, L3)).await.id;
    let for_l3 = {
        let mut new = listed(1_000);
        new.terminals = vec![l3.serial.clone()];
        service.create(new).await.id
    };
    let for_all = service.create(listed(1_000)).await.id;
    let unknown = OrderId::parse("or_unknown").unwrap();
    let table = [
        (&p2, &direct, Now, Err(R::NotForThisTerminal)),
        (&l3, &direct, Delivery, Err(R::UseNotAllowed)),
        (&l3, &direct, Now, Ok(())),
        (&p2, &for_l3, Delivery, Err(R::NotForThisTerminal)),
        (&l3, &for_l3, Delivery, Ok(())),
        (&p2, &for_all, Now, Ok(())),
        (&l3, &unknown, Now, Err(R::OrderUnknown)),
    ];
    for (id, (terminal, order, kind, expected)) in (1..).zip(table) {
        let answer = terminal.claim(order, id, kind).await;
        assert_eq!(answer.map(|_| ()).map_err(|r| r.code), expected, "row {id}");
    }
}

#[tokio::test]
async fn a_released_order_is_free_and_a_late_repetition_of_the_claim_does_not_take_it_back() {
    let service = Service::start().await;
    let (one, other) = (service.terminal(L3).await, service.terminal(A8).await);
    let order = service.create(listed(1_000)).await;
    one.claim(&order.id, 1, ClaimKind::Delivery).await.unwrap();
    let release = ClaimRelease { claim_id: ClaimId::from_random(1), order_id: order.id.clone() };
    let released: ClaimReleased = one.post("claims/release", &release).await.unwrap();
    assert_eq!(released.order.unwrap().claim, None);
    let late = one.claim(&order.id, 1, ClaimKind::Delivery).await.unwrap_err();
    assert_eq!(late.code, RefusalCode::ClaimLost);
    other.claim(&order.id, 2, ClaimKind::Now).await.unwrap();
    // Releasing what is not held is no error, and takes nothing from who holds it now.
    let again: ClaimReleased = one.post("claims/release", &release).await.unwrap();
    assert_eq!(again.order.unwrap().claim.unwrap().terminal, other.serial);
}
