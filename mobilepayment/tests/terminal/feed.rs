//! What terminals learn, and when.

use mobilepayment::ledger::command::NewOrder;
use protocol::claim::ClaimKind;
use protocol::feed::{Cursor, FeedPage};
use protocol::order::OrderStatus;

use crate::support::{A8, L3, P2, Service, direct, listed};

#[tokio::test]
async fn a_waiting_terminal_gets_a_new_order_at_once_and_only_if_it_is_for_it() {
    let service = Service::start().await;
    let (l3, a8) = (service.terminal(L3).await, service.terminal(A8).await);
    let (at_l3, at_a8) = (l3.feed(None, 0).await.cursor, a8.feed(None, 0).await.cursor);
    let (page, order) = tokio::join!(l3.feed(Some(at_l3), 20), service.create(direct(1_000, L3)));
    assert_eq!(page.orders.len(), 1);
    assert_eq!(page.orders[0].id, order.id);
    assert!(!page.snapshot && page.settings.is_none());
    let others = a8.feed(Some(at_a8), 0).await;
    assert!(others.orders.is_empty());
    assert!(others.cursor.sequence > at_a8.sequence, "an empty answer moves the cursor too");
}

#[tokio::test]
async fn a_listed_order_reaches_every_terminal_of_its_company_and_no_other() {
    let service = Service::start().await;
    let order = service.create(listed(1_000)).await;
    for name in [L3, A8, P2] {
        let page = service.terminal(name).await.feed(None, 0).await;
        assert!(page.snapshot);
        assert_eq!(page.orders[0].id, order.id, "{name}");
        let settings = page.settings.unwrap();
        assert_eq!((settings.counter, settings.store_name.as_str()), (name != P2, "Loja"));
    }
    let elsewhere = NewOrder {
        account: mobilepayment::registers::AccountId::parse("acc_outra").unwrap(),
        ..listed(1_000)
    };
    service.create(elsewhere).await;
    assert_eq!(service.terminal(L3).await.feed(None, 0).await.orders.len(), 1);
}

#[tokio::test]
async fn an_order_that_changed_many_times_comes_once_as_it_is_now() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let cursor = terminal.feed(None, 0).await.cursor;
    let order = service.create(listed(1_000)).await;
    terminal.pay(&order.id, 1, 400).await;
    terminal.claim(&order.id, 2, ClaimKind::Now).await.unwrap();
    let page = terminal.feed(Some(cursor), 0).await;
    assert_eq!(page.orders.len(), 1);
    assert_eq!(page.orders[0].revision, page.cursor.sequence);
    assert_eq!(page.orders[0].attempts.len(), 1);
}

#[tokio::test]
async fn hundreds_of_orders_come_in_pages_that_add_up() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..FeedPage::ORDERS_MAX + 30 {
        ids.insert(service.create(listed(1_000)).await.id);
    }
    let first = terminal.feed(None, 20).await;
    assert!(first.snapshot && first.more);
    assert_eq!(first.orders.len(), FeedPage::ORDERS_MAX);
    let second = terminal.feed(Some(first.cursor), 20).await;
    assert!(!second.snapshot && !second.more);
    let seen: std::collections::BTreeSet<_> =
        first.orders.into_iter().chain(second.orders).map(|order| order.id).collect();
    assert_eq!(seen, ids);
}

#[tokio::test]
async fn a_cursor_from_nowhere_gets_everything_anew() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let open = service.create(listed(1_000)).await;
    let closed = service.create(listed(1_000)).await;
    service.cancel(&closed.id).await.unwrap();
    let good = terminal.feed(None, 0).await.cursor;
    let strange = [
        Cursor::default(),
        Cursor { epoch: good.epoch + 1, ..good },
        Cursor { sequence: good.sequence + 1, ..good },
    ];
    for cursor in strange {
        let page = terminal.feed(Some(cursor), 20).await;
        assert!(page.snapshot, "{cursor}");
        assert_eq!(page.orders.len(), 1);
        assert_eq!(page.orders[0].id, open.id);
    }
    let ended = terminal.feed(Some(Cursor { sequence: 0, ..good }), 0).await;
    assert!(!ended.snapshot, "nothing is forgotten yet");
    assert!(ended.orders.iter().any(|order| order.status == OrderStatus::Closed));
}

#[tokio::test]
async fn a_stopping_service_answers_waiting_terminals_at_once() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let cursor = terminal.feed(None, 0).await.cursor;
    let waiting = terminal.feed(Some(cursor), 15);
    tokio::pin!(waiting);
    // Polled once, it is on its way; its answer must come from the stop and not from its wait.
    assert!(futures_now(waiting.as_mut()).await.is_none());
    while service.store.hub().last_seen(&terminal.serial).is_none() {
        tokio::task::yield_now().await;
    }
    let began = std::time::Instant::now();
    service.store.hub().stop();
    assert_eq!(waiting.await.cursor, cursor);
    assert!(began.elapsed() < std::time::Duration::from_secs(10));
}

/// What a future gives without waiting.
async fn futures_now<F: Future>(future: F) -> Option<F::Output> {
    tokio::select! {
        biased;
        output = future => Some(output),
        () = std::future::ready(()) => None,
    }
}
