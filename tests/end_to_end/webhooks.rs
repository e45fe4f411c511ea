//! What the PDV is told: signed, with an id, again until it is heard, and to be read again from any point.

use hmac::{Hmac, Mac};
use pos_connect_tests::pdv::{direct, listed};
use pos_connect_tests::shop::{L3, Shop, WEBHOOK_SECRET};
use sha2::Sha256;

#[test]
fn a_webhook_is_signed_over_the_raw_body_and_carries_the_events_id() {
    let shop = Shop::with_one(L3, "L3");
    let order = shop.pdv.create(&direct(L3, "debit", 1_000));
    shop.terminal(L3).acquirer_approves();
    let events = shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    for event in &events {
        let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).unwrap();
        mac.update(&event.raw);
        let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(event.header("x-hub-signature") == format!("sha256={expected}"), "{:?}", event.headers);
        assert!(event.id.starts_with("hook_"), "{}", event.id);
    }
    assert_ne!(events[0].id, events[1].id);
}

#[test]
fn a_webhook_that_is_not_heard_is_sent_again_in_order_with_the_same_id_also_after_a_kill() {
    let mut shop = Shop::with_one(L3, "L3");
    shop.webhooks.be_out_of_order(true);
    let order = shop.pdv.create(&direct(L3, "debit", 1_000));
    shop.terminal(L3).acquirer_approves();
    let refused = shop
        .webhooks
        .wait(|deliveries| (deliveries.len() >= 2).then(|| deliveries.to_vec()))
        .expect("it is tried more than once");
    shop.kill_service();
    shop.webhooks.be_out_of_order(false);
    shop.restart_service();
    let events = shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    let again = shop.webhooks.events();
    assert_eq!(again[0].id, refused[0].id, "the first event refused is the first one heard");
    assert_ne!(events[0].id, events[1].id);
}

#[test]
fn the_whole_feed_of_events_can_be_read_again_from_any_point() {
    let shop = Shop::with_one(L3, "L3");
    let order = shop.pdv.create(&direct(L3, "debit", 1_000));
    shop.terminal(L3).acquirer_approves();
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    let _ = shop.pdv.create(&listed("Mesa 4", 1_000));
    let all = shop.pdv.events();
    let heard: Vec<_> = shop.webhooks.events().iter().map(|event| event.id.clone()).collect();
    let read: Vec<_> = all.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    assert!(heard.iter().all(|id| read.contains(id)), "heard {heard:?}\nread {read:?}");
    // From the middle on, and page by page.
    let middle = all.len() / 2;
    let rest = shop.pdv.events_after(&all[middle - 1]["id"]);
    assert_eq!(rest, all[middle..]);
}
