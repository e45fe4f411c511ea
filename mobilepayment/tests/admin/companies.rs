//! Goal: a company that is registered while the service runs works at once and after a restart, and nobody else's changes.

use axum::Router;
use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::service::{ADMIN, COMPANY, FILE_KEY, Service, TERMINAL, company, order, terminal};

/// How long a test waits for an event, in seconds.
const PATIENCE_S: u64 = 30;

/// A receiver of events on loopback: its address and what came.
async fn receiver() -> (String, mpsc::UnboundedReceiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/eventos", listener.local_addr().unwrap());
    let (sender, events) = mpsc::unbounded_channel();
    let router = Router::new().fallback(move |body: Bytes| {
        let sent = sender.send(serde_json::from_slice(&body).unwrap());
        std::future::ready(if sent.is_ok() { "" } else { "nobody listens" })
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, events)
}

/// Waits for an event of this kind. One that came before may come again: delivery is at least once.
async fn expect(events: &mut mpsc::UnboundedReceiver<Value>, kind: &str) {
    let patience = std::time::Duration::from_secs(PATIENCE_S);
    while tokio::time::timeout(patience, events.recv()).await.unwrap().unwrap()["type"] != kind {}
}

#[tokio::test]
async fn a_registered_company_takes_orders_and_gets_its_events_where_it_last_said() {
    let service = Service::start().await;
    let licence = service.shop_open().await;
    let ((first, mut at_first), (second, mut at_second)) = (receiver().await, receiver().await);
    let mut with_webhook = company();
    with_webhook["webhook"] = json!({ "url": first, "secret": "whsec_0123456789" });
    let put = service.pdv(&licence, "PUT", COMPANY, &with_webhook).await.good();
    assert_eq!(put["webhook"], json!({ "url": first, "events": "default" }));
    assert!(!put.to_string().contains("whsec") && !put.to_string().contains("sk_viva"), "{put}");

    let made = service.shop("POST", "/core/v5/orders", &order()).await.good();
    expect(&mut at_first, "order.created").await;
    with_webhook["webhook"]["url"] = json!(second);
    with_webhook.as_object_mut().unwrap().remove("secret_key");
    service.pdv(&licence, "PUT", COMPANY, &with_webhook).await.good();
    let path = format!("/core/v5/orders/{}/closed", made["id"].as_str().unwrap());
    service.shop("PATCH", &path, &json!({ "status": "canceled" })).await.good();
    expect(&mut at_second, "order.canceled").await;
    assert!(at_first.try_recv().is_err(), "the old address hears nothing more");

    let service = service.restart().await;
    service.shop("POST", "/core/v5/orders", &order()).await.good();
    expect(&mut at_second, "order.created").await;
    let list = service.pdv(&licence, "GET", "/admin/v1/companies", &Value::Null).await.good();
    assert_eq!(list["data"][0]["account_id"], "acc_viva");
}

#[tokio::test]
async fn a_new_secret_key_ends_the_old_one() {
    let service = Service::start().await;
    let licence = service.shop_open().await;
    let mut changed = company();
    changed["secret_key"] = json!("sk_nova_0123456789abcdef0123");
    service.pdv(&licence, "PUT", COMPANY, &changed).await.good();
    service.shop("GET", "/core/v5/orders", &Value::Null).await.refused(401, "unauthorized");
    let who = ("sk_nova_0123456789abcdef0123", "");
    service.ask(who, "GET", "/core/v5/orders", &Value::Null).await.good();
}

#[tokio::test]
async fn what_the_file_or_another_licence_has_is_protected() {
    let service = Service::start().await;
    let licence = service.shop_open().await;
    let other = service.licence().await;
    let declared = "/admin/v1/companies/acc_arquivo";
    let mut new = company();
    new["secret_key"] = json!("sk_outra_0123456789abcdef0123");
    service.pdv(&licence, "PUT", declared, &new).await.refused(409, "declared_in_file");
    let path = format!("{declared}/terminals/L3-FILE");
    service.pdv(&licence, "PUT", &path, &terminal()).await.refused(409, "declared_in_file");
    service.pdv(&licence, "DELETE", &path, &Value::Null).await.refused(409, "declared_in_file");
    service.pdv(&other, "PUT", COMPANY, &new).await.refused(409, "company_of_other_licence");
    service.pdv(&other, "PUT", TERMINAL, &terminal()).await.refused(409, "company_of_other_licence");
    service.pdv(&other, "DELETE", TERMINAL, &Value::Null).await.refused(409, "company_of_other_licence");
    let path = "/admin/v1/companies/acc_falta/terminals/L3-0002";
    service.pdv(&other, "PUT", path, &terminal()).await.refused(404, "company_unknown");

    let path = "/admin/v1/companies/acc_outra";
    for taken in [FILE_KEY, ADMIN, crate::service::KEY] {
        new["secret_key"] = json!(taken);
        service.pdv(&other, "PUT", path, &new).await.refused(422, "secret_key_taken");
    }
    new.as_object_mut().unwrap().remove("secret_key");
    service.pdv(&other, "PUT", path, &new).await.refused(422, "secret_key_missing");
    let path = format!("/admin/v1/companies/{}", licence.id);
    service.pdv(&other, "PUT", &path, &company()).await.refused(422, "account_reserved");
}

#[tokio::test]
async fn every_wrong_field_of_a_company_is_named() {
    let service = Service::start().await;
    let licence = service.licence().await;
    let bad = json!({ "store_name": "", "secret_key": "curta", "feed_wait_s": 56, "answer_timeout_s": 5,
        "methods": [{ "method": "boleto" }, { "method": "debit", "merchant_installments_max": 2 }],
        "webhook": { "url": "http://pdv.exemplo.com.br", "secret": "curta", "events": "tudo" } });
    let refused = service.pdv(&licence, "PUT", COMPANY, &bad).await;
    refused.refused(422, "invalid_fields");
    let fields: Vec<&String> = refused.body["errors"].as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        [
            "company.answer_timeout_s",
            "company.feed_wait_s",
            "company.methods[0].method",
            "company.methods[1].merchant_installments_max",
            "company.secret_key",
            "company.store_name",
            "company.webhook.events",
            "company.webhook.secret",
            "company.webhook.url",
        ]
    );
    assert!(!refused.body.to_string().contains("curta"), "a secret is not sent back");
}

#[tokio::test]
async fn the_trail_says_who_changed_what_and_no_secret() {
    let service = Service::start().await;
    let licence = service.shop_open().await;
    service.pdv(&licence, "PUT", COMPANY, &company()).await.good();
    let trail = service.shop("GET", "/posconnect/v1/audit", &Value::Null).await.good();
    let rows = trail["data"].as_array().unwrap();
    let acts: Vec<_> =
        rows.iter().map(|row| (row["what"].as_str().unwrap(), row["who"].as_str().unwrap())).collect();
    assert_eq!(
        acts,
        [("company.registered", "Ana"), ("terminal.registered", "Ana")],
        "the same changes nothing"
    );
    assert!(!trail.to_string().contains("sk_viva"), "{trail}");
}
