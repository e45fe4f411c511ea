//! Goal: a terminal that is registered while the service runs is one like any other, and leaves only when nothing of it is
//! unfinished.

use serde_json::{Value, json};

use crate::service::{COMPANY, Service, TERMINAL, company, order, terminal};

#[tokio::test]
async fn a_registered_terminal_is_activated_and_hears_changed_settings_at_once() {
    let service = Service::start().await;
    let licence = service.shop_open().await;
    let token = service.activated().await;
    let page = service.device(&token, "GET", "/terminal/v1/feed?wait_s=0", &Value::Null).await.good();
    assert_eq!(page["settings"]["store_name"], "Loja Viva");
    let after =
        |page: &Value| format!("/terminal/v1/feed?wait_s=25&since={}", page["cursor"].as_str().unwrap());

    let mut renamed = company();
    renamed["store_name"] = json!("Loja Nova");
    let began = std::time::Instant::now();
    let (waited, ()) = tokio::join!(
        async { service.device(&token, "GET", &after(&page), &Value::Null).await.good() },
        async {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            service.pdv(&licence, "PUT", COMPANY, &renamed).await.good();
        }
    );
    assert_eq!(waited["settings"]["store_name"], "Loja Nova", "{waited}");
    assert!(began.elapsed().as_secs() < 20, "it does not wait for the end of its poll");
    let again = format!("/terminal/v1/feed?wait_s=0&since={}", waited["cursor"].as_str().unwrap());
    let page = service.device(&token, "GET", &again, &Value::Null).await.good();
    assert_eq!(page.get("settings"), None, "it is told once: {page}");

    let mut delivery = terminal();
    delivery["counter"] = json!(false);
    let put = service.pdv(&licence, "PUT", TERMINAL, &delivery).await.good();
    assert_eq!((&put["counter"], &put["activated"]), (&json!(false), &json!(true)), "{put}");
    let page = service.device(&token, "GET", &again, &Value::Null).await.good();
    assert_eq!(page["settings"]["counter"], false, "{page}");

    let service = service.restart().await;
    let page = service.device(&token, "GET", &again, &Value::Null).await.good();
    assert_eq!(page.get("restored"), None, "no number was given twice or forgotten: {page}");
    assert_eq!(page["settings"]["store_name"], "Loja Nova");
}

#[tokio::test]
async fn a_busy_terminal_stays_and_an_idle_one_goes_with_its_token() {
    let service = Service::start().await;
    let licence = service.shop_open().await;
    let token = service.activated().await;
    let made = service.shop("POST", "/core/v5/orders", &order()).await.good();
    service.pdv(&licence, "DELETE", TERMINAL, &Value::Null).await.refused(409, "terminal_busy");
    let path = format!("/core/v5/orders/{}/closed", made["id"].as_str().unwrap());
    service.shop("PATCH", &path, &json!({ "status": "canceled" })).await.good();

    let gone = service.pdv(&licence, "DELETE", TERMINAL, &Value::Null).await.good();
    assert_eq!(gone, json!({ "serial_number": "L3-0001", "registered": false }));
    let feed = service.device(&token, "GET", "/terminal/v1/feed?wait_s=0", &Value::Null).await;
    assert_eq!((feed.status, feed.body["code"].as_str()), (401, Some("not_activated")), "{feed:?}");
    service.pdv(&licence, "DELETE", TERMINAL, &Value::Null).await.refused(404, "not_found");
    let service = service.restart().await;
    let list = service.shop("GET", "/posconnect/v1/terminals", &Value::Null).await.good();
    assert_eq!(list, json!({ "data": [] }));
    let put = service.pdv(&licence, "PUT", TERMINAL, &terminal()).await.good();
    assert_eq!(put["activated"], false, "its old activation does not come back");
}

#[tokio::test]
async fn a_wrong_terminal_or_a_serial_number_of_another_is_refused() {
    let service = Service::start().await;
    let licence = service.shop_open().await;
    let bad = json!({ "model": "P2", "acquirer_cnpj": "16.501.555/0001-58", "counter": true });
    let refused = service.pdv(&licence, "PUT", TERMINAL, &bad).await;
    refused.refused(422, "invalid_fields");
    let errors = refused.body["errors"].as_object().unwrap();
    assert!(errors["terminal.counter"].to_string().contains("só para delivery"), "{errors:?}");
    assert!(errors["terminal.acquirer_cnpj"].to_string().contains("CNPJ"), "{errors:?}");

    for taken in ["L3-FILE", "l3-file", "l3-0001"] {
        let path = format!("{COMPANY}/terminals/{taken}");
        service.pdv(&licence, "PUT", &path, &terminal()).await.refused(409, "serial_taken");
    }
}
