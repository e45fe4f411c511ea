//! Goal: whatever a client sends wrong gets the right status, a stable code and a sentence, and nothing is written.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use protocol::Method;
use serde_json::{Value, json};

use crate::service::{A8, Answer, KEY, L3, Service, listed, print_body, send};
use crate::terminal::Terminal;

/// Every refusal has Pagar.me's `message` and our `code`, and says something in whole sentences.
pub(crate) fn assert_refused(answer: &Answer, status: u16, code: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {answer:?}");
    assert_eq!(answer.body["code"], code, "{what}: {answer:?}");
    let message = answer.body["message"].as_str().unwrap_or_default();
    assert!(message.ends_with('.') && message.contains(' '), "{what}: {message}");
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("application/json"));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_on_every_route_that_takes_one() {
    let service = Service::start().await;
    let order = service.client.create(&listed(1_000)).await["id"].as_str().unwrap().to_owned();
    let before = service.everything_stored();
    let routes = [
        ("POST", "/core/v5/orders".to_owned()),
        ("POST", "/core/v5/orders/".to_owned()),
        ("PATCH", format!("/core/v5/orders/{order}/closed")),
        ("DELETE", "/core/v5/charges/ch_1".to_owned()),
        ("POST", format!("/posconnect/v1/orders/{order}/prints")),
        ("POST", format!("/posconnect/v1/orders/{order}/claim/release")),
        ("POST", "/posconnect/v1/attempts/1/resolution".to_owned()),
        ("POST", format!("/posconnect/v1/terminals/{L3}/activation-codes")),
    ];
    let deep = "[".repeat(10_000);
    let cases: [(&str, &str, u16, &str); 9] = [
        ("{", "application/json", 400, "malformed_json"),
        ("{\"a\": 1,}", "application/json", 400, "malformed_json"),
        ("{\"a\": 1} x", "application/json", 400, "malformed_json"),
        ("[]", "application/json", 400, "malformed_json"),
        ("\"texto\"", "application/json; charset=utf-8", 400, "malformed_json"),
        ("null", "application/json", 400, "malformed_json"),
        (&deep, "application/json", 400, "malformed_json"),
        ("{}", "text/plain", 415, "not_json"),
        ("a=1", "application/x-www-form-urlencoded", 415, "not_json"),
    ];
    for (method, path) in &routes {
        for (body, kind, status, code) in &cases {
            let request = service.client.request(method, path).header("content-type", *kind);
            let answer = send(request.body((*body).to_owned())).await;
            assert_refused(&answer, *status, code, &format!("{method} {path} {body:.20}"));
        }
        let not_utf8 = service.client.request(method, path).header("content-type", "application/json");
        let answer = send(not_utf8.body(b"{\"a\": \"\xff\"}".to_vec())).await;
        assert_refused(&answer, 400, "malformed_json", path);
    }
    assert_eq!(service.everything_stored(), before);
}

#[tokio::test]
async fn malformed_json_is_told_with_its_place() {
    let service = Service::start().await;
    let request =
        service.client.request("POST", "/core/v5/orders").header("content-type", "application/json");
    let answer = send(request.body("{\n  \"code\": \"a\"\n  \"items\": []\n}")).await;
    let message = answer.body["message"].as_str().unwrap();
    assert!(message.contains("linha 3, coluna"), "{message}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let service = Service::start().await;
    let order = service.client.create(&listed(1_000)).await["id"].as_str().unwrap().to_owned();
    let before = service.everything_stored();
    let filled = |bytes: usize| format!("{{\"code\": \"{}\"}}", "x".repeat(bytes));
    for (path, limit) in [
        ("/core/v5/orders".to_owned(), 256 * 1024),
        (format!("/posconnect/v1/orders/{order}/prints"), 3 * 1024 * 1024),
    ] {
        let request = service.client.request("POST", &path).header("content-type", "application/json");
        let answer = send(request.body(filled(limit))).await;
        assert_refused(&answer, 413, "body_too_large", &path);
        // Without a declared length it is cut off while it comes.
        let stream = reqwest::Body::wrap(Chunks(filled(limit).into_bytes()));
        let request = service.client.request("POST", &path).header("content-type", "application/json");
        let answer = send(request.body(stream)).await;
        assert_refused(&answer, 413, "body_too_large", &path);
        // What just fits is read, and refused for what it says.
        let request = service.client.request("POST", &path).header("content-type", "application/json");
        let answer = send(request.body(filled(limit - 64))).await;
        assert_ne!(answer.status, 413, "{answer:?}");
        assert_eq!(answer.body["code"], "invalid_fields");
    }
    assert_eq!(service.everything_stored(), before);
}

/// A body in pieces, so that no length is declared.
struct Chunks(Vec<u8>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let at = self.0.len().min(16 * 1024);
        let rest = self.0.split_off(at);
        let piece = std::mem::replace(&mut self.0, rest);
        Poll::Ready(Some(Ok(Frame::data(piece.into()))))
    }
}

#[tokio::test]
async fn unknown_addresses_methods_and_ids_are_told_in_the_same_envelope() {
    let service = Service::start().await;
    let before = service.everything_stored();
    let release = json!({"reason": "motoboy sumiu"});
    let resolution = json!({"charged": true, "evidence": "extrato", "reason": "conferido", "by": "Ana"});
    let table: [(&str, &str, Value, u16, &str); 24] = [
        ("GET", "/", json!({}), 404, "unknown_route"),
        ("GET", "/core/v5", json!({}), 404, "unknown_route"),
        ("GET", "/core/v5/invoices", json!({}), 404, "unknown_route"),
        ("POST", "/posconnect/v1/events", json!({}), 405, "method_not_allowed"),
        ("DELETE", "/core/v5/orders", json!({}), 405, "method_not_allowed"),
        ("PUT", "/core/v5/orders/or_1", json!({}), 405, "method_not_allowed"),
        ("POST", "/health", json!({}), 405, "method_not_allowed"),
        ("GET", "/core/v5/orders/or_1", json!({}), 404, "not_found"),
        ("GET", "/core/v5/orders/or_%00", json!({}), 404, "not_found"),
        ("GET", "/core/v5/orders/%ff", json!({}), 400, "malformed_address"),
        ("GET", "/core/v5/orders/..%2f..%2fetc", json!({}), 404, "not_found"),
        ("PATCH", "/core/v5/orders/or_1/closed", json!({}), 404, "not_found"),
        ("GET", "/core/v5/charges/ch_1", json!({}), 404, "not_found"),
        ("GET", "/core/v5/charges/1", json!({}), 404, "not_found"),
        ("DELETE", "/core/v5/charges/ch_99999999999999999999", json!({}), 404, "not_found"),
        ("DELETE", "/core/v5/charges/ch_5", json!({"amount": 1}), 404, "not_found"),
        ("POST", "/posconnect/v1/orders/or_1/prints", print_body(), 404, "not_found"),
        ("POST", "/posconnect/v1/orders/or_1/claim/release", release, 404, "not_found"),
        ("GET", "/posconnect/v1/prints/pr_1", json!({}), 404, "not_found"),
        ("GET", "/posconnect/v1/attempts/1", json!({}), 404, "not_found"),
        ("POST", "/posconnect/v1/attempts/1/resolution", resolution, 404, "not_found"),
        ("POST", "/posconnect/v1/terminals/NENHUM/activation-codes", json!({}), 404, "not_found"),
        ("POST", "/posconnect/v1/terminals/L3-9999/revoke", json!({}), 404, "not_found"),
        ("POST", "/posconnect/v1/webhooks/deliveries/hook_1/retry", json!({}), 404, "not_found"),
    ];
    for (method, path, body, status, code) in table {
        let answer = service.client.send(method, path, &body).await;
        assert_refused(&answer, status, code, &format!("{method} {path}"));
    }
    assert_eq!(service.everything_stored(), before);
}

#[tokio::test]
async fn an_absurd_query_is_refused_by_the_name_of_its_parameter() {
    let service = Service::start().await;
    let table = [
        ("/core/v5/orders?page=0", "page"),
        ("/core/v5/orders?page=-1", "page"),
        ("/core/v5/orders?page=99999999999999999999", "page"),
        ("/core/v5/orders?page=1&page=2", "page"),
        ("/core/v5/orders?size=0", "size"),
        ("/core/v5/orders?size=101", "size"),
        ("/core/v5/orders?size=dez", "size"),
        ("/core/v5/orders?status=pago", "status"),
        ("/core/v5/orders?created_since=ontem", "created_since"),
        ("/core/v5/orders?created_until=2026-02-30", "created_until"),
        ("/core/v5/orders?terminal=a%20b", "terminal"),
        ("/core/v5/orders?in_doubt=1", "in_doubt"),
        ("/core/v5/charges?size=1000", "size"),
        ("/core/v5/charges?created_since=x", "created_since"),
        ("/posconnect/v1/events?limit=0", "limit"),
        ("/posconnect/v1/events?wait_s=56", "wait_s"),
        ("/posconnect/v1/attempts?outcome=approved", "outcome"),
        ("/posconnect/v1/webhooks/deliveries?state=done", "state"),
        ("/posconnect/v1/webhooks/deliveries?limit=501", "limit"),
    ];
    for (path, parameter) in table {
        let answer = service.client.get(path).await;
        assert_refused(&answer, 422, "invalid_fields", path);
        assert!(answer.body["errors"][parameter].is_array(), "{path}: {answer:?}");
    }
    let long = format!("/core/v5/orders?code={}", "x".repeat(129));
    assert_eq!(service.client.get(&long).await.status, 422);
    let answer = service.client.get("/posconnect/v1/events?since=hook_0_1").await;
    assert_refused(&answer, 409, "since_unknown", "since");
}

#[tokio::test]
async fn absurd_fields_of_the_other_routes_are_refused_by_name() {
    let service = Service::start().await;
    let order = service.client.create(&listed(1_000)).await["id"].as_str().unwrap().to_owned();
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let charge = terminal.pay(&order, 400, Method::Debit).await;
    let in_doubt = terminal.doubt(&order, 100).await;
    let before = service.everything_stored();

    let close = format!("/core/v5/orders/{order}/closed");
    let cancel = format!("/core/v5/charges/{charge}");
    let prints = format!("/posconnect/v1/orders/{order}/prints");
    let resolve = format!("/posconnect/v1/attempts/{in_doubt}/resolution");
    let release = format!("/posconnect/v1/orders/{order}/claim/release");
    let code = format!("/posconnect/v1/terminals/{L3}/activation-codes");
    let print = |key: &str, value: Value| {
        let mut body = print_body();
        body[key] = value;
        body
    };
    let decision = |key: &str, value: Value| {
        let mut body = json!({"charged": true, "evidence": "extrato", "reason": "conferido", "by": "Ana"});
        body[key] = value;
        body
    };
    let long = "x".repeat(600);
    // method, path, body, status, code, field
    let table: Vec<(&str, &str, Value, u16, &str, &str)> = vec![
        ("PATCH", &close, json!({"status": "pago"}), 422, "invalid_fields", "order.status"),
        ("PATCH", &close, json!({"status": 1}), 422, "invalid_fields", "order.status"),
        ("PATCH", &close, json!({"status": "expired"}), 422, "invalid_fields", "order.status"),
        ("DELETE", &cancel, json!({"amount": 0}), 422, "invalid_fields", "charge.amount"),
        ("DELETE", &cancel, json!({"amount": -1}), 422, "invalid_fields", "charge.amount"),
        ("DELETE", &cancel, json!({"amount": "400"}), 422, "invalid_fields", "charge.amount"),
        ("DELETE", &cancel, json!({"amount": 4.5}), 422, "invalid_fields", "charge.amount"),
        ("DELETE", &cancel, json!({"amount": 1e30}), 422, "invalid_fields", "charge.amount"),
        ("DELETE", &cancel, json!({"amount": 401}), 422, "reversal_too_large", "charge.amount"),
        ("POST", &prints, json!({}), 400, "invalid_fields", "print.content"),
        ("POST", &prints, print("type", json!("BOLETO")), 400, "invalid_fields", "print.type"),
        ("POST", &prints, print("type", json!(7)), 400, "invalid_fields", "print.type"),
        ("POST", &prints, print("size_v", json!(0)), 400, "invalid_fields", "print.size_v"),
        ("POST", &prints, print("size_v", json!(12_001)), 400, "invalid_fields", "print.size_v"),
        ("POST", &prints, print("size_h", json!(389)), 400, "invalid_fields", "print.size_h"),
        ("POST", &prints, print("size_h", json!("384")), 400, "invalid_fields", "print.size_h"),
        ("POST", &prints, print("format", json!("gif")), 400, "invalid_fields", "print.format"),
        ("POST", &prints, print("format", json!("bmp")), 400, "invalid_fields", "print.content"),
        ("POST", &prints, print("content", json!("")), 400, "invalid_fields", "print.content"),
        ("POST", &prints, print("content", json!("não é base64")), 400, "invalid_fields", "print.content"),
        (
            "POST",
            &prints,
            print("content", json!("data:image/png,abc")),
            400,
            "invalid_fields",
            "print.content",
        ),
        ("POST", &prints, print("content", json!(["a"])), 400, "invalid_fields", "print.content"),
        ("POST", &resolve, json!({}), 422, "invalid_fields", "resolution.charged"),
        ("POST", &resolve, decision("charged", json!("sim")), 422, "invalid_fields", "resolution.charged"),
        ("POST", &resolve, decision("evidence", json!("  ")), 422, "invalid_fields", "resolution.evidence"),
        ("POST", &resolve, decision("reason", json!(long)), 422, "invalid_fields", "resolution.reason"),
        ("POST", &resolve, decision("by", json!("Ana\u{7}")), 422, "invalid_fields", "resolution.by"),
        ("POST", &release, json!({}), 422, "invalid_fields", "release.reason"),
        ("POST", &release, json!({"reason": ""}), 422, "invalid_fields", "release.reason"),
        ("POST", &code, json!({"replace": "sim"}), 422, "invalid_fields", "activation.replace"),
    ];
    for (method, path, body, status, code, field) in table {
        let answer = service.client.send(method, path, &body).await;
        let what = format!("{method} {path} {body}");
        assert_refused(&answer, status, code, &what);
        assert!(answer.body["errors"][field].is_array(), "{what}: {answer:?}");
    }
    assert_eq!(service.everything_stored(), before);
}

#[tokio::test]
async fn an_idempotency_key_that_is_none_is_refused() {
    let service = Service::start().await;
    for key in ["", " ", "com espaço", &"x".repeat(256)] {
        let request = service.client.request("POST", "/core/v5/orders").json(&listed(1_000));
        let value = reqwest::header::HeaderValue::from_bytes(key.as_bytes()).unwrap();
        let answer = send(request.header("idempotency-key", value)).await;
        assert_refused(&answer, 400, "idempotency_key_invalid", key);
    }
    assert_eq!(service.client.get("/core/v5/orders").await.body["paging"]["total"], 0);
    assert!(!service.everything_stored().contains(KEY));
}
