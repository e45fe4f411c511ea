//! The service is stopped and started again on the same data.

use protocol::attempt::Outcome;
use protocol::claim::ClaimKind;
use protocol::order::OrderStatus;

use crate::support::{Device, L3, Service, ended, listed, money, started};

#[tokio::test]
async fn nothing_is_lost_and_a_terminal_goes_on_where_it_was() {
    let service = Service::start().await;
    let (grant, attempt, cursor, token, closed) = {
        let terminal = service.terminal(L3).await;
        let order = service.create(listed(1_000)).await;
        let closed = service.create(listed(1_000)).await;
        let grant = terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
        let attempt = started(&grant, 1, 1_000);
        terminal.start(&attempt).await.unwrap();
        let cursor = terminal.feed(None, 0).await.cursor;
        service.cancel(&closed.id).await.unwrap();
        (grant, attempt, cursor, terminal.token.clone(), closed.id)
    };
    let before = service.events().await;
    let service = service.restart().await;
    assert_eq!(service.events().await, before);

    let terminal = Device::known(&service, L3, token);
    let page = terminal.feed(Some(cursor), 0).await;
    assert!(!page.snapshot, "the old epoch's cursor is good");
    assert!(page.settings.is_some(), "settings may have changed with the restart");
    assert_eq!(page.orders.len(), 1);
    assert_eq!((&page.orders[0].id, page.orders[0].status), (&closed, OrderStatus::Closed));

    let ack = terminal.report(&ended(&attempt, Outcome::Approved)).await;
    assert_eq!((ack.outcome, ack.flags.len()), (Some(Outcome::Approved), 0));
    assert_eq!(service.order(&grant.order.id).await.paid(), money(1_000));
    let events = service.events().await;
    assert!(events.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
    let ids: std::collections::BTreeSet<_> = events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), events.len());
}

#[tokio::test]
async fn a_cursor_from_after_the_backup_gets_everything_anew() {
    let service = Service::start().await;
    service.create(listed(1_000)).await;
    let folder = service.stop().await;
    let backup = std::fs::read(folder.path().join("mobilepayment.db")).unwrap();
    let service = Service::start_again(folder).await;
    service.create(listed(2_000)).await;
    let cursor = service.terminal(L3).await.feed(None, 0).await.cursor;
    let folder = service.stop().await;
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path().join(format!("mobilepayment.db{suffix}")));
    }
    std::fs::write(folder.path().join("mobilepayment.db"), backup).unwrap();
    let service = Service::start_again(folder).await;
    service.create(listed(3_000)).await;
    service.create(listed(4_000)).await;
    let page = service.terminal(L3).await.feed(Some(cursor), 0).await;
    assert!(page.snapshot);
    assert_eq!(page.orders.len(), 3);
}
