//! What the hub remembers, forgets, and loads.

use std::time::Duration;

use protocol::UnixMillis;
use protocol::feed::{Cursor, FeedPage, Settings};

use super::{Office, account, listed, serial};
use crate::feed::hub::ENDED_KEPT;
use crate::ledger::command::CloseOrder;
use crate::ledger::order::CloseReason;

fn settings() -> Settings {
    Settings {
        store_name: String::new(),
        acquirer_cnpj: String::new(),
        methods: vec![],
        delivery: true,
        counter: true,
        feed_wait_s: 25,
        answer_timeout_s: 180,
    }
}

async fn page(office: &Office, name: &str, since: Option<Cursor>) -> FeedPage {
    let page = office.desk.hub().poll(&serial(name), since, Duration::ZERO).await.unwrap();
    let body = office.desk.hub().render(&page, settings, UnixMillis(7));
    serde_json::from_slice(&body).unwrap()
}

/// Creates orders and cancels them, many in one commit.
fn end_orders(office: &mut Office, count: usize) {
    office
        .desk
        .run(|unit| {
            for _ in 0..count {
                let order = unit.create_order(&listed(1))?.order;
                unit.close_order(&CloseOrder {
                    account: account(),
                    order_id: order.id,
                    reason: CloseReason::Canceled,
                })?;
            }
            Ok::<(), crate::store::unit::Failure<_>>(())
        })
        .unwrap();
}

#[tokio::test]
async fn a_rendered_page_is_the_protocols_page() {
    let mut office = Office::open();
    let order = office.desk.run(|unit| unit.create_order(&listed(1))).unwrap().order;
    let page = page(&office, "L3-1", None).await;
    assert_eq!(page.orders, [crate::ledger::view::order_view(&order)]);
    assert_eq!((page.server_time, page.settings), (UnixMillis(7), Some(settings())));
}

#[tokio::test]
async fn a_terminal_that_was_away_too_long_gets_everything_anew_also_after_a_restart() {
    let mut office = Office::open();
    let open = office.desk.run(|unit| unit.create_order(&listed(1))).unwrap().order;
    let at = page(&office, "L3-1", None).await.cursor;
    end_orders(&mut office, ENDED_KEPT);
    let short = page(&office, "L3-1", Some(at)).await;
    assert!(!short.snapshot && short.more, "all of it is remembered");
    end_orders(&mut office, 1);
    let long = page(&office, "L3-1", Some(at)).await;
    assert!(long.snapshot && !long.more);
    assert_eq!(long.orders.len(), 1);
    assert_eq!(long.orders[0].id, open.id);
    let office = office.reopen();
    assert!(page(&office, "L3-1", Some(at)).await.snapshot);
    let near = page(&office, "L3-1", Some(long.cursor)).await;
    assert!(!near.snapshot && near.orders.is_empty());
}

#[tokio::test]
async fn only_a_cursor_that_this_database_never_gave_says_that_it_was_restored() {
    let mut office = Office::open();
    let first = page(&office, "L3-1", None).await;
    assert!(first.snapshot && !first.restored, "a new terminal");
    office.desk.run(|unit| unit.create_order(&listed(1))).unwrap();
    assert!(!page(&office, "L3-1", Some(first.cursor)).await.restored);
    let office = office.reopen();
    assert!(!page(&office, "L3-1", Some(first.cursor)).await.restored, "a restart forgets nothing");
    let ahead = Cursor { sequence: first.cursor.sequence + 50, ..first.cursor };
    let foreign = Cursor { epoch: first.cursor.epoch ^ 1, ..first.cursor };
    for unknown in [ahead, foreign] {
        let page = page(&office, "L3-1", Some(unknown)).await;
        assert!(page.snapshot && page.restored, "{unknown}");
    }
}

#[tokio::test]
async fn the_last_start_is_the_present_one_also_when_the_clock_was_set_back() {
    let mut office = Office::open();
    office.desk.run(|unit| unit.create_order(&listed(1))).unwrap();
    let office = office.reopen();
    let cursor = page(&office, "L3-1", None).await.cursor;
    let db = crate::db::Connection::open(office.folder.path().join(crate::db::open::FILE_NAME)).unwrap();
    db.execute("UPDATE epochs SET started_at = started_at + 86400000", []).unwrap();
    drop(db);
    let office = office.reopen();
    let next = page(&office, "L3-1", Some(cursor)).await;
    assert_ne!(next.cursor.epoch, cursor.epoch);
    assert!(!next.restored && next.cursor.sequence == cursor.sequence);
}

#[tokio::test]
async fn a_snapshot_in_pages_ends_even_when_its_first_orders_are_older_than_what_is_remembered() {
    let mut office = Office::open();
    for _ in 0..FeedPage::ORDERS_MAX + 1 {
        office.desk.run(|unit| unit.create_order(&listed(1))).unwrap();
    }
    end_orders(&mut office, ENDED_KEPT + 1);
    let first = page(&office, "L3-1", None).await;
    assert!(first.snapshot && first.more);
    let mut cursor = first.cursor;
    let mut open = first.orders.len();
    for _ in 0..20 {
        let next = page(&office, "L3-1", Some(cursor)).await;
        assert!(!next.snapshot, "it would never end");
        open += next.orders.iter().filter(|order| !order.status.is_ended()).count();
        cursor = next.cursor;
        if !next.more {
            break;
        }
    }
    assert_eq!(open, FeedPage::ORDERS_MAX + 1);
    let quiet = page(&office, "L3-1", Some(cursor)).await;
    assert!(quiet.orders.is_empty() && !quiet.more);
}

#[tokio::test]
async fn terminals_share_a_body_only_while_its_time_is_right() {
    let mut office = Office::open();
    let since = page(&office, "L3-1", None).await.cursor;
    office.desk.run(|unit| unit.create_order(&listed(1))).unwrap();
    let hub = office.desk.hub();
    let mut bodies = Vec::new();
    for (name, now) in [("L3-1", 1_000), ("L3-2", 1_050), ("L3-2", 1_051)] {
        let page = hub.poll(&serial(name), Some(since), Duration::ZERO).await.unwrap();
        bodies.push(hub.render(&page, settings, UnixMillis(now)));
    }
    assert_eq!(bodies[0], bodies[1]);
    assert_ne!(bodies[1], bodies[2]);
    office.desk.run(|unit| unit.create_order(&listed(1))).unwrap();
    let next = page(&office, "L3-1", Some(since)).await;
    assert_eq!(next.orders.len(), 2, "a later page is another body");
}

#[tokio::test]
async fn an_order_for_one_terminal_is_no_news_to_another() {
    let mut office = Office::open();
    let (one, other) = (page(&office, "L3-1", None).await, page(&office, "L3-2", None).await);
    let mut new = listed(1);
    new.terminals = vec![serial("L3-2")];
    office.desk.run(|unit| unit.create_order(&new)).unwrap();
    assert!(page(&office, "L3-1", Some(one.cursor)).await.orders.is_empty());
    assert_eq!(page(&office, "L3-2", Some(other.cursor)).await.orders.len(), 1);
}
