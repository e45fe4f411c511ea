//! Goal: only a company's own secret key opens anything, and it opens only that company's things.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use protocol::Method;
use serde_json::json;

use crate::service::{A8, KEY, OTHER_KEY, Service, listed, print_body, send};
use crate::terminal::Terminal;

#[tokio::test]
async fn a_wrong_or_missing_key_is_refused_with_a_body_that_says_what_to_do() {
    let service = Service::start().await;
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let table = [
        None,
        Some(String::new()),
        Some("Basic".to_owned()),
        Some("Basic ***".to_owned()),
        Some(format!("Bearer {KEY}")),
        Some(basic("")),
        Some(basic(":")),
        Some(basic(KEY)),
        Some(basic(&format!("{KEY}:senha"))),
        Some(basic(&format!(":{KEY}"))),
        Some(basic(&format!("{KEY}x:"))),
        Some(basic(&format!("{}:", &KEY[..KEY.len() - 1]))),
        Some(basic(&format!("{}:", KEY.to_uppercase()))),
    ];
    for authorization in table {
        let mut request = service.client.with_key(None).request("GET", "/core/v5/orders");
        if let Some(value) = &authorization {
            request = request.header("authorization", value);
        }
        let answer = send(request).await;
        assert_eq!(answer.status, 401, "{authorization:?}");
        assert_eq!(answer.body["code"], "unauthorized");
        assert!(answer.body["message"].as_str().unwrap().contains("secret_key"), "{answer:?}");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    }
    let scheme_in_lower_case = format!("basic {}", STANDARD.encode(format!("{KEY}:")));
    let request = service.client.with_key(None).request("GET", "/core/v5/orders");
    assert_eq!(send(request.header("authorization", scheme_in_lower_case)).await.status, 200);
}

#[tokio::test]
async fn a_company_sees_nothing_of_another() {
    let service = Service::start().await;
    let order = service.client.create(&listed(1_000)).await;
    let order = order["id"].as_str().unwrap();
    let path = format!("/core/v5/orders/{order}");
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let charge = terminal.pay(order, 400, Method::Debit).await;
    let doubt = terminal.doubt(order, 100).await;
    let other = service.client.with_key(Some(OTHER_KEY));
    assert_eq!(service.client.get(&path).await.status, 200);
    assert_eq!(other.get(&path).await.status, 404);
    assert_eq!(other.get("/core/v5/orders").await.body["paging"]["total"], 0);
    assert_eq!(other.get("/posconnect/v1/events").await.body["data"], json!([]));
    let close = other.send("PATCH", &format!("{path}/closed"), &json!({"status": "canceled"})).await;
    assert_eq!(close.status, 404);
    let terminals = other.get("/posconnect/v1/terminals").await.body;
    assert_eq!(terminals["data"].as_array().unwrap().len(), 1);
    for list in ["/core/v5/charges", "/posconnect/v1/attempts", "/posconnect/v1/orphans"] {
        assert_eq!(other.get(list).await.body["data"], json!([]), "{list}");
    }
    assert_eq!(service.client.get("/core/v5/charges").await.body["paging"]["total"], 1);
    let before = service.everything_stored();
    let resolution = json!({"charged": true, "evidence": "extrato", "reason": "x", "by": "Ana"});
    for (method, path, body) in [
        ("GET", format!("/core/v5/charges/{charge}"), json!({})),
        ("DELETE", format!("/core/v5/charges/{charge}"), json!({})),
        ("GET", format!("/posconnect/v1/attempts/{doubt}"), json!({})),
        ("POST", format!("/posconnect/v1/attempts/{doubt}/resolution"), resolution),
        ("POST", format!("/posconnect/v1/orders/{order}/prints"), print_body()),
        ("POST", format!("/posconnect/v1/terminals/{A8}/activation-codes"), json!({})),
        ("POST", format!("/posconnect/v1/terminals/{A8}/revoke"), json!({})),
    ] {
        assert_eq!(other.send(method, &path, &body).await.status, 404, "{method} {path}");
    }
    assert_eq!(service.everything_stored(), before);
}
