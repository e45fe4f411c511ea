//! Goal: every event reaches the PDV's webhook, signed, in order within its order, at least once, whatever happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hmac::{Hmac, Mac};
use mobilepayment::environment::{Clock, Environment};
use protocol::{Method, UnixMillis};
use serde_json::json;
use sha2::Sha256;

use crate::bad_input::assert_refused;
use crate::receiver::{Post, Receiver};
use crate::service::{A8, Service, listed};
use crate::terminal::Terminal;

const CANCEL: &str = "{\"status\": \"canceled\"}";

async fn create(service: &Service, centavos: u64) -> String {
    service.client.create(&listed(centavos)).await["id"].as_str().unwrap().to_owned()
}

async fn cancel(service: &Service, order: &str) {
    let body = serde_json::from_str(CANCEL).unwrap();
    let answer = service.client.send("PATCH", &format!("/core/v5/orders/{order}/closed"), &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// The deliveries that wait or were given up, once there are so many.
async fn deliveries(
    service: &Service,
    query: &str,
    until: impl Fn(&[serde_json::Value]) -> bool,
) -> Vec<serde_json::Value> {
    for _ in 0..600 {
        let path = format!("/posconnect/v1/webhooks/deliveries{query}");
        let list = service.client.get(&path).await.body["data"].as_array().unwrap().clone();
        if until(&list) {
            return list;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the deliveries did not get there");
}

#[tokio::test]
async fn a_payment_in_two_parts_is_told_in_order_and_signed() {
    let mut pdv = Receiver::start().await;
    let service = Service::with_webhook(&pdv.configuration()).await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let order = create(&service, 10_000).await;
    let first = terminal.pay(&order, 5_000, Method::Credit).await;
    let second = terminal.pay(&order, 5_000, Method::Debit).await;

    let mut posts: Vec<Post> = Vec::new();
    for kind in ["order.created", "charge.paid", "charge.paid", "order.paid"] {
        let post = pdv.next().await;
        assert_eq!(post.kind(), kind);
        assert_eq!(post.order(), order);
        posts.push(post);
    }
    assert_eq!(posts[1].event["data"]["id"], json!(first));
    assert_eq!(posts[1].event["data"]["order"]["status"], "pending", "as it was then");
    assert_eq!(posts[2].event["data"]["id"], json!(second));
    assert_eq!(posts[3].event["data"]["charges"].as_array().unwrap().len(), 2);
    for post in &posts {
        let event = &post.event;
        assert_eq!(event["account"], json!({"id": "acc_um", "name": "Loja Um"}));
        assert_eq!(post.headers["x-posconnect-event-id"].to_str().unwrap(), event["id"].as_str().unwrap());
        assert!(post.headers["x-posconnect-timestamp"].to_str().unwrap().parse::<i64>().unwrap() > 0);
        assert_eq!(post.headers["content-type"], "application/json");
        let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_0123456789").unwrap();
        mac.update(&post.raw);
        let expected: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(post.headers["x-hub-signature"].to_str().unwrap(), format!("sha256={expected}"));
        assert!(!String::from_utf8_lossy(&post.raw).contains("Maria"), "a customer's name was sent");
    }
}

#[tokio::test]
async fn what_the_pdv_refuses_comes_again_with_the_same_id_and_nothing_overtakes_it() {
    let mut pdv = Receiver::start().await;
    pdv.answer(&[500, 302]);
    let service = Service::with_webhook(&pdv.configuration()).await;
    let order = create(&service, 1_000).await;
    let refused = pdv.next().await;
    cancel(&service, &order).await;
    let redirected = pdv.next().await;
    let accepted = pdv.next().await;
    for post in [&refused, &redirected, &accepted] {
        assert_eq!(post.kind(), "order.created", "the close waits its turn, and no redirect is followed");
        assert_eq!(post.event["id"], refused.event["id"]);
        assert_eq!(post.raw, refused.raw, "the same event is the same bytes");
    }
    assert_eq!(pdv.next().await.kind(), "order.canceled");
}

#[tokio::test]
async fn an_order_that_is_refused_holds_up_no_other() {
    let mut pdv = Receiver::start().await;
    let service = Service::with_webhook(&pdv.configuration()).await;
    let stuck = create(&service, 1_000).await;
    assert_eq!(pdv.next().await.order(), stuck);
    pdv.refuse_order(Some(stuck.clone()));
    cancel(&service, &stuck).await;
    assert_eq!(pdv.next().await.order(), stuck);
    let other = create(&service, 2_000).await;
    cancel(&service, &other).await;
    let mut of_other = Vec::new();
    while of_other.len() < 3 {
        let post = pdv.next().await;
        if post.order() == other {
            of_other.push(post.kind().to_owned());
        }
    }
    assert_eq!(of_other, ["order.created", "order.canceled", "order.closed"]);
    let waiting = deliveries(&service, "?state=pending", |list| list.len() == 2).await;
    assert!(waiting.iter().all(|d| d["queue"] == json!(stuck)), "{waiting:?}");
    assert_eq!((&waiting[0]["last_status"], &waiting[1]["tries"]), (&json!(500), &json!(0)));
    pdv.refuse_order(None);
    while pdv.next().await.kind() != "order.closed" {}
    deliveries(&service, "", <[serde_json::Value]>::is_empty).await;
}

#[tokio::test]
async fn deliveries_survive_a_restart() {
    let mut pdv = Receiver::start().await;
    pdv.shut(true);
    let service = Service::with_webhook(&pdv.configuration()).await;
    let order = create(&service, 1_000).await;
    let unanswered = pdv.next().await;
    cancel(&service, &order).await;
    let service = service.restart().await;
    let again = pdv.next().await;
    assert_eq!(again.event["id"], unanswered.event["id"], "it was never accepted");
    pdv.shut(false);
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "order.closed") {
        kinds.push(pdv.next().await.kind().to_owned());
    }
    kinds.retain(|kind| kind != "order.created");
    assert_eq!(kinds, ["order.canceled", "order.closed"]);
    deliveries(&service, "", <[serde_json::Value]>::is_empty).await;
    assert!(pdv.nothing_came(), "what was accepted is not sent again");
}

#[tokio::test]
async fn only_what_was_asked_for_is_sent() {
    let mut by_default = Receiver::start().await;
    let service = Service::with_webhook(&by_default.configuration()).await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let order = create(&service, 500).await;
    terminal.doubt(&order, 500).await;
    assert_eq!(by_default.next().await.kind(), "order.created");
    assert_eq!(by_default.next().await.kind(), "posconnect.attempt.in_doubt", "a manager has to act");

    let mut everything = Receiver::start().await;
    let service =
        Service::with_webhook(&format!("{}webhook_events = \"all\"", everything.configuration())).await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let order = create(&service, 500).await;
    terminal.doubt(&order, 500).await;
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "posconnect.attempt.in_doubt") {
        kinds.push(everything.next().await.kind().to_owned());
    }
    assert!(kinds.contains(&"posconnect.claim.granted".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"posconnect.attempt.started".to_owned()), "{kinds:?}");
}

/// The machine's clock, put forward by the test.
struct Shifted(AtomicI64);

impl Clock for Shifted {
    fn now(&self) -> UnixMillis {
        let ahead_ms = self.0.load(Ordering::SeqCst);
        Environment::system().now().plus_ms(ahead_ms)
    }
}

#[tokio::test]
async fn after_three_days_an_event_is_given_up_and_sent_again_by_hand() {
    let mut pdv = Receiver::start().await;
    pdv.answer(&[500, 500]);
    let clock = Arc::new(Shifted(AtomicI64::new(0)));
    let environment =
        Environment { clock: Arc::clone(&clock) as Arc<dyn Clock>, random: Environment::system().random };
    let service = Service::with_environment(&pdv.configuration(), environment).await;
    let order = create(&service, 1_000).await;
    pdv.next().await;
    cancel(&service, &order).await;
    deliveries(&service, "?state=pending", |list| list.len() >= 2 && list[0]["tries"] == 1).await;
    clock.0.store(3 * 24 * 60 * 60 * 1_000, Ordering::SeqCst);
    pdv.next().await;
    let failed = deliveries(&service, "?state=failed", |list| list.len() >= 2).await;
    assert_eq!(failed[0]["type"], "order.created");
    assert_eq!(failed[0]["next_try_at"], json!(null));
    assert!(failed[0]["last_error"].as_str().unwrap().contains("500"), "{failed:?}");

    let id = failed[0]["id"].as_str().unwrap();
    let path = format!("/posconnect/v1/webhooks/deliveries/{id}/retry");
    let retried = service.client.send("POST", &path, &json!({})).await;
    assert_eq!((retried.status.as_u16(), &retried.body["status"]), (200, &json!("pending")));
    assert_eq!(pdv.next().await.kind(), "order.created");
    assert_eq!(pdv.next().await.kind(), "order.canceled");
    deliveries(&service, "", <[serde_json::Value]>::is_empty).await;
    let gone = service.client.send("POST", &path, &json!({})).await;
    assert_refused(&gone, 404, "not_found", "already delivered");
}

#[tokio::test]
async fn a_reversal_is_told_with_a_transaction_of_its_own() {
    let mut pdv = Receiver::start().await;
    let service = Service::with_webhook(&pdv.configuration()).await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let order = create(&service, 1_000).await;
    let charge = terminal.pay(&order, 1_000, Method::Debit).await;
    terminal.reverse(&order, &charge, 400).await;
    terminal.reverse(&order, &charge, 600).await;
    let mut transactions = Vec::new();
    while transactions.len() < 3 {
        let post = pdv.next().await;
        if post.kind().starts_with("charge.") {
            let data = &post.event["data"];
            let transaction = &data["last_transaction"];
            transactions.push((
                post.kind().to_owned(),
                data["status"].clone(),
                transaction["amount"].clone(),
                transaction["status"].clone(),
                transaction["id"].clone(),
            ));
        }
    }
    let told: Vec<_> = transactions
        .iter()
        .map(|(kind, status, amount, done, _)| (kind.as_str(), status, amount, done))
        .collect();
    assert_eq!(
        told,
        [
            ("charge.paid", &json!("paid"), &json!(1_000), &json!("paid")),
            ("charge.partial_canceled", &json!("paid"), &json!(400), &json!("canceled")),
            ("charge.refunded", &json!("canceled"), &json!(600), &json!("canceled")),
        ]
    );
    assert_ne!(transactions[1].4, transactions[2].4);
}
