//! Bad input to every endpoint: the right status, a body that says what to do, nothing written.

use pos_connect_tests::http::{Answer, Http};
use pos_connect_tests::modified_terminal::{ModifiedTerminal, understood};
use pos_connect_tests::pdv::listed;
use pos_connect_tests::shop::{L3, MODIFIED, Shop};
use serde_json::{Value, json};

/// A body that is above every limit.
const HUGE_BYTES: usize = 24 * 1024 * 1024;

/// Every bad request on a connection of its own: a server that refuses before it has read the body may close it.
const JSON: &[(&str, &str)] = &[("content-type", "application/json"), ("connection", "close")];

fn send(http: &Http, method: &str, path: &str, body: &[u8]) -> Answer {
    http.try_send(method, path, JSON, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
}

/// A refusal of the PDV-facing API: status, and a body with a message that says what to do.
#[track_caller]
fn refused(answer: &Answer, statuses: &[u16]) {
    let body = answer.json();
    assert!(
        statuses.contains(&answer.status),
        "{} instead of {statuses:?}: {}",
        answer.status,
        answer.text()
    );
    let message = body["message"].as_str().unwrap_or_default();
    assert!(message.len() > 10, "{} says nothing: {}", answer.status, answer.text());
}

/// A change of a good order: which field becomes what, and the status.
fn bad_orders() -> Vec<(&'static str, Value, u16)> {
    let settings = |name: &str, value: Value| {
        let mut order = listed("Mesa 4", 1_000).0;
        order["poi_payment_settings"][name] = value;
        order
    };
    let item = |name: &str, value: Value| {
        let mut order = listed("Mesa 4", 1_000).0;
        order["items"][0][name] = value;
        order
    };
    let with = |name: &str, value: Value| {
        let mut order = listed("Mesa 4", 1_000).0;
        order[name] = value;
        order
    };
    vec![
        ("no object", json!([]), 400),
        ("nothing", json!({}), 422),
        ("no items", with("items", json!([])), 422),
        ("items is text", with("items", json!("x")), 422),
        ("amount zero", item("amount", json!(0)), 422),
        ("amount negative", item("amount", json!(-1)), 422),
        ("amount fractional", item("amount", json!(10.5)), 422),
        ("amount text", item("amount", json!("1000")), 422),
        ("amount huge", item("amount", json!(1_000_000_000_000_u64)), 422),
        ("amount beyond 64 bits", item("amount", json!(1e30)), 422),
        ("quantity zero", item("quantity", json!(0)), 422),
        ("quantity negative", item("quantity", json!(-3)), 422),
        ("quantity that overflows", item("quantity", json!(u64::MAX)), 422),
        ("unknown terminal", settings("devices_serial_number", json!(["NOBODY-1"])), 422),
        ("terminal is a number", settings("devices_serial_number", json!([7])), 422),
        ("unknown method", settings("payment_setup", json!({"type": "cash"})), 422),
        (
            "too many instalments",
            settings("payment_setup", json!({"type": "credit", "installments": 99})),
            422,
        ),
        (
            "instalments outside the contract",
            settings("payment_setup", json!({"type": "credit", "installments": 12})),
            422,
        ),
        (
            "instalments with debit",
            settings("payment_setup", json!({"type": "debit", "installments": 3})),
            422,
        ),
        ("voucher outside the contract", settings("payment_setup", json!({"type": "voucher"})), 422),
        ("name too long", settings("display_name", json!("x".repeat(5_000))), 422),
        ("code too long", with("code", json!("x".repeat(5_000))), 422),
    ]
}

#[test]
fn a_bad_order_is_refused_with_a_reason_and_nothing_is_written() {
    let shop = Shop::without_terminals();
    for (what, order, status) in bad_orders() {
        let answer = shop.pdv.http.post("/core/v5/orders", &order);
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        refused(&answer, &[status]);
    }
    for body in [&b"{"[..], b"", b"\xff\xfe", b"{\"items\":", b"[[[[[[[["] {
        refused(&send(&shop.pdv.http, "POST", "/core/v5/orders", body), &[400, 422]);
    }
    let deep = "[".repeat(100_000);
    refused(&send(&shop.pdv.http, "POST", "/core/v5/orders", deep.as_bytes()), &[400, 413, 422]);
    assert_eq!(shop.pdv.order_count(), 0);
    assert!(shop.pdv.events().is_empty(), "{:?}", shop.pdv.events());
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let shop = Shop::without_terminals();
    let order = shop.pdv.create(&listed("Mesa 4", 1_000));
    let huge = vec![b'x'; HUGE_BYTES];
    for (method, path) in [
        ("POST", "/core/v5/orders".to_owned()),
        ("PATCH", format!("/core/v5/orders/{order}/closed")),
        ("POST", format!("/posconnect/v1/orders/{order}/prints")),
    ] {
        // The service may close the connection while the rest is still being sent.
        if let Ok(answer) = shop.pdv.http.try_send(method, &path, JSON, &huge) {
            refused(&answer, &[413]);
        }
    }
    assert_eq!(shop.pdv.order_count(), 1);
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
}

#[test]
fn wrong_credentials_reach_nothing() {
    let shop = Shop::without_terminals();
    let order = shop.pdv.create(&listed("Mesa 4", 1_000));
    let basic = |text: &str| {
        use base64::Engine;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
    };
    let credentials = [
        String::new(),
        basic("sk_wrong_wrong_wrong_wrong_wrong:"),
        basic(""),
        basic(":"),
        "Basic %%%".to_owned(),
        "Bearer x".to_owned(),
    ];
    for credential in credentials {
        let headers =
            if credential.is_empty() { vec![] } else { vec![("authorization", credential.clone())] };
        let stranger = Http::new(shop.service_address(), headers);
        for (method, path) in [
            ("POST", "/core/v5/orders".to_owned()),
            ("GET", "/core/v5/orders".to_owned()),
            ("GET", format!("/core/v5/orders/{order}")),
            ("PATCH", format!("/core/v5/orders/{order}/closed")),
            ("GET", "/core/v5/charges/ch_1".to_owned()),
            ("DELETE", "/core/v5/charges/ch_1".to_owned()),
            ("POST", format!("/posconnect/v1/orders/{order}/prints")),
            ("GET", "/posconnect/v1/events".to_owned()),
            ("POST", format!("/posconnect/v1/terminals/{MODIFIED}/activation-codes")),
        ] {
            refused(&send(&stranger, method, &path, b"{}"), &[401]);
        }
    }
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
}

#[test]
fn unknown_ids_are_not_found_and_absurd_ones_do_no_harm() {
    let shop = Shop::without_terminals();
    let good_print =
        json!({"type": "NFE", "format": "png", "size_h": 384, "size_v": 10, "content": "iVBORw0KGgo="});
    for id in ["or_unknown", "x", "%00", "..%2F..%2Fetc", "'%20OR%201=1--", "or_%F0%9F%92%A9"] {
        refused(&shop.pdv.http.get(&format!("/core/v5/orders/{id}")), &[400, 404, 422]);
        refused(
            &shop.pdv.http.send(
                "PATCH",
                &format!("/core/v5/orders/{id}/closed"),
                &json!({"status": "canceled"}),
            ),
            &[400, 404, 422],
        );
        refused(&shop.pdv.http.get(&format!("/core/v5/charges/{id}")), &[400, 404, 422]);
        refused(
            &shop.pdv.http.send("DELETE", &format!("/core/v5/charges/{id}"), &json!({})),
            &[400, 404, 422],
        );
        refused(
            &shop.pdv.http.post(&format!("/posconnect/v1/orders/{id}/prints"), &good_print),
            &[400, 404, 422],
        );
        refused(
            &shop.pdv.http.post(&format!("/posconnect/v1/terminals/{id}/activation-codes"), &json!({})),
            &[400, 404, 422],
        );
    }
    refused(&shop.pdv.http.get("/nowhere"), &[404]);
    refused(&send(&shop.pdv.http, "PUT", "/core/v5/orders", b"{}"), &[404, 405]);
}

#[test]
fn a_bad_close_print_list_or_refund_is_refused_and_changes_nothing() {
    let shop = Shop::without_terminals();
    let order = shop.pdv.create(&listed("Mesa 4", 1_000));
    let close = format!("/core/v5/orders/{order}/closed");
    for body in [json!({"status": "gone"}), json!({"status": 7}), json!([]), json!({"status": "paid"})] {
        refused(&shop.pdv.http.send("PATCH", &close, &body), &[400, 409, 412, 422]);
    }
    let prints = format!("/posconnect/v1/orders/{order}/prints");
    let print = |name: &str, value: Value| {
        let mut body =
            json!({"type": "NFE", "format": "png", "size_h": 384, "size_v": 10, "content": "iVBORw0KGgo="});
        body[name] = value;
        body
    };
    for body in [
        json!({}),
        print("type", json!("PHOTO")),
        print("format", json!("gif")),
        print("content", json!("")),
        print("content", json!("§§§§")),
        print("content", json!(7)),
    ] {
        refused(&shop.pdv.http.post(&prints, &body), &[400, 409, 422]);
    }
    for query in
        ["page=0", "page=-1", "page=x", "size=0", "size=100000", "status=lost", "created_since=yesterday"]
    {
        refused(&shop.pdv.http.get(&format!("/core/v5/orders?{query}")), &[400, 422]);
    }
    for query in ["since=nothing", "limit=0", "limit=x"] {
        refused(&shop.pdv.http.get(&format!("/posconnect/v1/events?{query}")), &[400, 404, 409, 422]);
    }
    let view = shop.pdv.order(&order);
    assert_eq!((view["status"].as_str(), view["closed"].as_bool()), (Some("pending"), Some(false)), "{view}");
}

#[test]
fn a_bad_message_of_a_terminal_is_refused_in_the_protocols_words_and_changes_nothing() {
    let shop = Shop::with_one(L3, "L3");
    let terminal =
        ModifiedTerminal::activate(shop.service_address(), &shop.activation_code(MODIFIED), MODIFIED);
    let order = shop.pdv.create(&listed("Mesa 4", 1_000));
    let attempt = |name: &str, value: Value| {
        let mut body = json!({
            "attempt_id": "77", "order_id": order, "claim_id": "78", "fence": 1, "amount": 1_000,
            "choice": {"method": "debit"}, "started_at": 1_780_000_000_000_i64,
        });
        body[name] = value;
        body
    };
    let outcome = |attempt: Value, outcome: Value| json!({"attempt": attempt, "outcome": outcome, "evidence": {}, "ended_at": 0});
    let bodies = [
        ("/terminal/v1/claims", json!({})),
        ("/terminal/v1/claims", json!({"claim_id": "0", "order_id": order, "kind": "now"})),
        ("/terminal/v1/claims", json!({"claim_id": "1", "order_id": order, "kind": "forever"})),
        ("/terminal/v1/claims", json!({"claim_id": "1", "order_id": "a/b", "kind": "now"})),
        ("/terminal/v1/claims/release", json!({"claim_id": 1})),
        ("/terminal/v1/attempts", json!([])),
        ("/terminal/v1/attempts", attempt("amount", json!(-1))),
        ("/terminal/v1/attempts", attempt("amount", json!(0.5))),
        ("/terminal/v1/attempts", attempt("amount", json!(1e30))),
        ("/terminal/v1/attempts", attempt("attempt_id", json!("9223372036854775808"))),
        ("/terminal/v1/attempts", attempt("choice", json!({"method": "cash"}))),
        ("/terminal/v1/attempts/outcome", outcome(attempt("amount", json!(-1)), json!("approved"))),
        ("/terminal/v1/attempts/outcome", outcome(attempt("amount", json!(1_000)), json!("maybe"))),
        ("/terminal/v1/reversals", json!({})),
        ("/terminal/v1/prints/pr_1/result", json!({"state": "eaten"})),
    ];
    for (path, body) in bodies {
        let answer = terminal.http.post(path, &body);
        let refusal = understood::<Value>(&answer).expect_err(path);
        assert_eq!(
            refusal.code,
            protocol::refusal::RefusalCode::BadRequest,
            "{path} {body}: {}",
            answer.text()
        );
    }
    for path in ["/terminal/v1/feed?since=x", "/terminal/v1/feed?wait_s=-1", "/terminal/v1/feed?wait_s=x"] {
        let answer = terminal.http.get(path);
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
    }
    for path in [
        "/terminal/v1/claims",
        "/terminal/v1/attempts",
        "/terminal/v1/attempts/outcome",
        "/terminal/v1/activate",
    ] {
        for body in [&b"{"[..], b"", b"\xff"] {
            assert_eq!(send(&terminal.http, "POST", path, body).status, 400, "{path}");
        }
        if let Ok(answer) = terminal.http.try_send("POST", path, JSON, &vec![b'x'; HUGE_BYTES]) {
            assert!(matches!(answer.status, 400 | 413), "{path}: {}", answer.text());
        }
    }
    assert_eq!(terminal.http.get("/terminal/v1/prints/pr_unknown").status, 404);
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
    shop.terminal(L3).takes(&order);
}

/// Where the administration is.
const ADMINISTRATION: &str = "/admin/";

/// Every documented address with its method and whether it takes a body, as the service itself documents it.
fn every_endpoint(shop: &Shop) -> Vec<(String, String, bool)> {
    let document = shop.pdv.http.get("/openapi.json").ok();
    let paths = document["paths"].as_object().expect("an OpenAPI document");
    paths
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().into_iter().flatten().map(move |(method, what)| (path, method, what))
        })
        .filter(|(path, ..)| !matches!(path.as_str(), "/health" | "/openapi.json"))
        .map(|(path, method, what)| (method.to_uppercase(), path.clone(), what["requestBody"].is_object()))
        .collect()
}

#[test]
fn every_documented_endpoint_wants_the_key_a_known_id_and_a_body_that_can_be_read() {
    let shop = Shop::without_terminals();
    let order = shop.pdv.create(&listed("Mesa 4", 1_000));
    let events = shop.pdv.events();
    let mut endpoints = every_endpoint(&shop);
    endpoints.retain(|(_, path, _)| !path.starts_with(ADMINISTRATION));
    assert!(endpoints.len() >= 15, "{endpoints:?}");
    let stranger = Http::new(shop.service_address(), vec![]);
    for (method, path, has_body) in &endpoints {
        let unknown = path.replace("{id}", "or_unknown").replace("{serial}", "NOBODY-1");
        refused(&send(&stranger, method, &unknown, b"{}"), &[401]);
        let mut known = path.replace("{id}", &order).replace("{serial}", MODIFIED);
        let is_file = path == "/posconnect/v1/conciliations";
        if is_file {
            known.push_str("?by=gerente");
        }
        if *has_body {
            for body in [&b"{"[..], b"[]", b"\"x\"", b"\xff\xfe\x00"] {
                // Any bytes are a body where a file is sent; that it is no such file is another refusal.
                let expected: &[u16] = if is_file { &[422] } else { &[400, 404] };
                refused(&send(&shop.pdv.http, method, &known, body), expected);
            }
            let huge = vec![b' '; HUGE_BYTES];
            // The service may close the connection while the rest is still being sent.
            if let Ok(answer) = shop.pdv.http.try_send(method, &known, JSON, &huge) {
                // A day of the acquirer's is larger than that; blanks are no day.
                refused(&answer, if is_file { &[400, 422] } else { &[404, 413] });
            }
        }
        if unknown != *path {
            let absurd = json!({"status": 7, "amount": -1, "charged": "perhaps", "reason": 7, "replace": "x", "content": []});
            refused(
                &send(&shop.pdv.http, method, &unknown, absurd.to_string().as_bytes()),
                &[400, 404, 409, 422],
            );
        }
    }
    assert_eq!(shop.pdv.events(), events, "nothing was written");
    assert_eq!(shop.pdv.order_count(), 1);
}

#[test]
fn a_shops_key_opens_nothing_of_the_administration() {
    let shop = Shop::without_terminals();
    let mut endpoints = every_endpoint(&shop);
    endpoints.retain(|(_, path, _)| path.starts_with(ADMINISTRATION));
    assert!(endpoints.len() >= 7, "{endpoints:?}");
    let stranger = Http::new(shop.service_address(), vec![]);
    for (method, path, _) in &endpoints {
        let known = path
            .replace("{id}", "lic_unknown")
            .replace("{account_id}", "acc_teste")
            .replace("{serial}", MODIFIED);
        for client in [&shop.pdv.http, &stranger] {
            let answer = send(client, method, &known, b"{}");
            // An activation is open to whoever has an activation key; this has none.
            let expected: &[u16] = if path.ends_with("/activations") { &[422] } else { &[401, 403] };
            refused(&answer, expected);
        }
    }
    let guessed = send(&stranger, "POST", "/admin/v1/activations", br#"{"key": "00000-00000-00000-00000"}"#);
    refused(&guessed, &[404]);
}
