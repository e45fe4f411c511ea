//! Goal: whoever decides something about money or terminals is in the audit trail, and nobody gets out of it.

use protocol::Method;
use protocol::claim::ClaimKind;
use serde_json::{Value, json};

use crate::bad_input::assert_refused;
use crate::service::{A8, Client, L3, OTHER_KEY, P2, Service, listed};
use crate::terminal::Terminal;

pub(crate) async fn trail(client: &Client) -> Vec<Value> {
    client.get("/posconnect/v1/audit?limit=200").await.body["data"].as_array().unwrap().clone()
}

async fn acts(client: &Client) -> Vec<String> {
    trail(client).await.iter().map(|row| row["what"].as_str().unwrap().to_owned()).collect()
}

async fn order(service: &Service, centavos: u64) -> String {
    service.client.create(&listed(centavos)).await["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_decision_is_in_the_trail_with_who_why_and_how_things_stood() {
    let service = Service::start().await;
    let mut terminal = Terminal::activated(&service.client, L3).await;
    let (paid, doubtful, taken) =
        (order(&service, 500).await, order(&service, 300).await, order(&service, 100).await);
    let charge = terminal.pay(&paid, 500, Method::Debit).await;
    let attempt = terminal.doubt(&doubtful, 300).await;
    terminal.claim(&taken, ClaimKind::Delivery).await;

    let by = |reason: &str| json!({"by": "Ana", "reason": reason});
    let decision =
        json!({"charged": true, "evidence": "NSU 37820073187607", "reason": "extrato", "by": "Rui"});
    let mut cancel = by("desistiu");
    cancel["amount"] = json!(200);
    let mut close = by("fechou a loja");
    close["status"] = json!("canceled");
    let steps: [(&str, String, &Value); 7] = [
        ("DELETE", format!("/core/v5/charges/{charge}"), &cancel),
        ("POST", format!("/posconnect/v1/attempts/{attempt}/resolution"), &decision),
        ("POST", format!("/posconnect/v1/orders/{taken}/claim/release"), &by("quebrou")),
        ("PATCH", format!("/core/v5/orders/{taken}/closed"), &close),
        ("POST", format!("/posconnect/v1/terminals/{P2}/activation-codes"), &json!({})),
        ("POST", format!("/posconnect/v1/terminals/{L3}/revoke"), &by("sumiu")),
        ("POST", format!("/posconnect/v1/terminals/{L3}/unrevoke"), &by("voltou")),
    ];
    for (method, path, body) in &steps {
        let answer = service.client.send(method, path, body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
    }

    // what, who, why, order, attempt, terminal, a place that changed: before, after
    type Row<'a> = (&'a str, &'a str, Value, Value, Value, Value, &'a str, Value, Value);
    let none = || Value::Null;
    let expected: [Row<'_>; 9] = [
        ("activation_code.made", "PDV", none(), none(), none(), json!(L3), "/replaces", none(), json!(false)),
        (
            "terminal.activated",
            "terminal L3-0001",
            none(),
            none(),
            none(),
            json!(L3),
            "/active",
            json!(false),
            json!(true),
        ),
        (
            "reversal.wanted",
            "Ana",
            json!("desistiu"),
            json!(paid),
            json!(&charge[3..]),
            none(),
            "/attempt/reversal_wanted/amount",
            none(),
            json!(200),
        ),
        (
            "attempt.resolved",
            "Rui",
            json!("extrato"),
            json!(doubtful),
            json!(attempt),
            none(),
            "/attempt/outcome",
            json!("in_doubt"),
            json!("approved"),
        ),
        (
            "claim.withdrawn",
            "Ana",
            json!("quebrou"),
            json!(taken),
            none(),
            json!(L3),
            "/claim/terminal",
            json!(L3),
            none(),
        ),
        (
            "order.closed",
            "Ana",
            json!("fechou a loja"),
            json!(taken),
            none(),
            none(),
            "/status",
            json!("open"),
            json!("closed"),
        ),
        ("activation_code.made", "PDV", none(), none(), none(), json!(P2), "/replaces", none(), json!(false)),
        (
            "terminal.blocked",
            "Ana",
            json!("sumiu"),
            none(),
            none(),
            json!(L3),
            "/revoked",
            json!(false),
            json!(true),
        ),
        (
            "terminal.unblocked",
            "Ana",
            json!("voltou"),
            none(),
            none(),
            json!(L3),
            "/revoked",
            json!(true),
            json!(false),
        ),
    ];
    let rows = trail(&service.client).await;
    assert_eq!(rows.len(), expected.len(), "{rows:#?}");
    for ((row, expected), number) in rows.iter().zip(expected).zip(1..) {
        let (what, who, why, order, attempt, terminal, place, before, after) = expected;
        assert_eq!(
            (&row["sequence"], &row["what"], &row["who"]),
            (&json!(number), &json!(what), &json!(who))
        );
        assert_eq!((&row["why"], &row["order_id"], &row["attempt_id"]), (&why, &order, &attempt), "{what}");
        assert_eq!(row["terminal_serial_number"], terminal, "{what}");
        let at = |side: &str| row[side].pointer(place).cloned().unwrap_or(Value::Null);
        assert_eq!((at("before"), at("after")), (before, after), "{what} {place}");
        assert!(row["at"].is_string());
    }
    assert_eq!(rows[3]["evidence"], "NSU 37820073187607");
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_leaves_no_row() {
    let service = Service::start().await;
    let id = order(&service, 100).await;
    let path = format!("/core/v5/orders/{id}/closed");
    let close = |status: &str| json!({"status": status, "by": "Ana"});
    assert_refused(&service.client.send("PATCH", &path, &close("paid")).await, 409, "balance_left", "unpaid");
    for _ in 0..2 {
        assert_eq!(service.client.send("PATCH", &path, &close("canceled")).await.status, 200);
    }
    for _ in 0..2 {
        let blocked = format!("/posconnect/v1/terminals/{A8}/revoke");
        assert_eq!(service.client.send("POST", &blocked, &json!({})).await.status, 200);
    }
    let long = json!({"status": "canceled", "by": "a".repeat(251)});
    assert_refused(&service.client.send("PATCH", &path, &long).await, 422, "invalid_fields", "a long name");
    assert_eq!(acts(&service.client).await, ["order.closed", "terminal.blocked"]);
}

#[tokio::test]
async fn the_trail_is_read_in_pages_and_by_its_own_store_only() {
    let service = Service::start().await;
    for serial in [L3, A8, P2] {
        Terminal::activated(&service.client, serial).await;
    }
    let (mut after, mut seen) = (0, vec![]);
    loop {
        let page = service.client.get(&format!("/posconnect/v1/audit?after={after}&limit=4")).await.body;
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| row["sequence"].as_u64().unwrap()));
        after = page["next_after"].as_u64().unwrap();
        if page["has_more"] == json!(false) {
            break;
        }
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
    let end = service.client.get(&format!("/posconnect/v1/audit?after={}", u64::MAX >> 1)).await.body;
    assert_eq!((&end["data"], &end["has_more"]), (&json!([]), &json!(false)));
    assert!(trail(&service.client.with_key(Some(OTHER_KEY))).await.is_empty());
    for query in ["after=-1", "after=x", "limit=0", "limit=201"] {
        let answer = service.client.get(&format!("/posconnect/v1/audit?{query}")).await;
        assert_refused(&answer, 422, "invalid_fields", query);
    }
}

#[tokio::test]
async fn an_activation_code_is_not_in_the_trail() {
    let service = Service::start().await;
    let path = format!("/posconnect/v1/terminals/{L3}/activation-codes");
    let code = service.client.send("POST", &path, &json!({})).await.body["code"].as_str().unwrap().to_owned();
    let text = service.client.get("/posconnect/v1/audit").await.body.to_string();
    assert!(text.contains("activation_code.made"));
    assert!(!text.contains(&code), "{text}");
}

#[tokio::test]
async fn no_statement_to_the_database_changes_or_removes_a_row() {
    let service = Service::start().await;
    Terminal::activated(&service.client, L3).await;
    let before = trail(&service.client).await;
    let db = service.database();
    for sql in [
        "UPDATE audit SET who = 'ninguém'",
        "UPDATE audit SET sequence = sequence + 10",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE sequence = 2",
        "INSERT OR REPLACE INTO audit (sequence, account, at, what, who) VALUES (1, 'acc_um', 0, 'x', 'ninguém')",
        "INSERT INTO audit (sequence, account, at, what, who) VALUES (9, 'acc_um', 0, 'x', 'ninguém')",
    ] {
        let error = db.execute(sql, []).expect_err(sql);
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    assert_eq!(trail(&service.client).await, before);
}
