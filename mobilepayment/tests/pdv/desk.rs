//! Goal: what a manager does at the PDV: terminals, doubts, receipts.

use protocol::statement::{AttemptStatement, Said};
use protocol::{AttemptId, Method, OrderId, StatementId, UnixMillis};
use serde_json::{Value, json};

use crate::bad_input::assert_refused;
use crate::service::{A8, L3, P2, Service, listed, print_body};
use crate::terminal::Terminal;

#[tokio::test]
async fn terminals_are_listed_activated_blocked_and_let_in_again() {
    let service = Service::start().await;
    let find = async |serial: &str| -> Value {
        let list = service.client.get("/posconnect/v1/terminals").await.body;
        list["data"].as_array().unwrap().iter().find(|t| t["serial_number"] == serial).unwrap().clone()
    };
    let p2 = find(P2).await;
    assert_eq!((&p2["model"], &p2["delivery"], &p2["counter"]), (&json!("P2"), &json!(true), &json!(false)));
    assert_eq!((&p2["activated"], &p2["last_seen_at"]), (&json!(false), &json!(null)));

    let mut terminal = Terminal::activated(&service.client, L3).await;
    assert_eq!(find(L3).await["activated"], true);
    let order = service.client.create(&listed(100)).await["id"].as_str().unwrap().to_owned();
    terminal.pay(&order, 100, Method::Debit).await;
    assert!(find(L3).await["last_seen_at"].is_string());

    let revoked = service.client.send("POST", "/posconnect/v1/terminals/L3-0001/revoke", &json!({})).await;
    assert_eq!((revoked.status.as_u16(), &revoked.body["revoked"]), (200, &json!(true)));
    let back = service.client.send("POST", "/posconnect/v1/terminals/L3-0001/unrevoke", &json!({})).await;
    assert_eq!((&back.body["revoked"], &back.body["activated"]), (&json!(false), &json!(false)));
    Terminal::activated(&service.client, L3).await;
    assert_eq!(find(L3).await["activated"], true);
}

/// What the operator reads off the card slip.
fn slip(order: &str, attempt: &str) -> AttemptStatement {
    AttemptStatement {
        statement_id: StatementId::from_random(1),
        attempt_id: AttemptId::parse(attempt).unwrap(),
        order_id: OrderId::parse(order).unwrap(),
        said: Said::Charged { authorization_code: "187607".into(), atk: "37820073187607".into() },
        stated_at: UnixMillis(1_795_430_300_000),
    }
}

#[tokio::test]
async fn a_doubt_is_seen_explained_and_decided() {
    let service = Service::start().await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let order = service.client.create(&listed(500)).await["id"].as_str().unwrap().to_owned();
    let id = terminal.doubt(&order, 500).await;

    let list = service.client.get("/posconnect/v1/attempts?outcome=in_doubt").await.body;
    assert_eq!(list["paging"]["total"], 1);
    assert_eq!(list["data"][0]["attempt"]["attempt_id"], json!(id));
    assert_eq!(list["data"][0]["order"]["id"], json!(order));
    let detail = service.client.get(&format!("/posconnect/v1/attempts/{id}")).await.body;
    assert_eq!(detail["attempt"]["reason"], "no_answer");
    assert_eq!(detail["reports"][0]["outcome"], "in_doubt");
    assert_eq!(detail["attempt"]["statement"], json!(null));
    terminal.state(&slip(&order, &id)).await;
    let list = service.client.get("/posconnect/v1/attempts").await.body;
    let detail = service.client.get(&format!("/posconnect/v1/attempts/{id}")).await.body;
    for attempt in [&list["data"][0]["attempt"], &detail["attempt"]] {
        let statement = &attempt["statement"];
        assert_eq!((&statement["charged"], &statement["nsu"]), (&json!(true), &json!("37820073187607")));
        assert_eq!(
            (&statement["authorization_code"], &attempt["outcome"]),
            (&json!("187607"), &json!("in_doubt"))
        );
    }
    assert_eq!(service.client.get(&format!("/core/v5/charges/ch_{id}")).await.status, 404, "no charge yet");

    let path = format!("/posconnect/v1/attempts/{id}/resolution");
    let decision =
        json!({"charged": true, "evidence": "NSU 37820073187607", "reason": "no extrato", "by": "Ana"});
    let decided = service.client.send("POST", &path, &decision).await;
    assert_eq!(decided.status, 200, "{decided:?}");
    assert_eq!(decided.body["status"], "paid");
    let resolution = &decided.body["charges"][0]["posconnect"]["resolution"];
    assert_eq!((&resolution["charged"], &resolution["by"]), (&json!(true), &json!("Ana")));
    assert_eq!(service.client.send("POST", &path, &decision).await.status, 200, "the same decision again");
    let other = json!({"charged": false, "evidence": "x", "reason": "y", "by": "Ana"});
    assert_refused(
        &service.client.send("POST", &path, &other).await,
        409,
        "not_in_doubt",
        "another decision",
    );
    let left = service.client.get("/posconnect/v1/attempts").await.body;
    assert_eq!(left["data"], json!([]));
    assert_eq!(service.client.get("/posconnect/v1/orphans").await.body["data"], json!([]));
}

#[tokio::test]
async fn a_receipt_goes_to_the_terminal_and_its_state_comes_back() {
    let service = Service::start().await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let order = service.client.create(&listed(100)).await["id"].as_str().unwrap().to_owned();
    terminal.pay(&order, 100, Method::Debit).await;
    let path = format!("/posconnect/v1/orders/{order}/prints");
    let sent = service.client.send("POST", &path, &print_body()).await;
    assert_eq!((sent.status.as_u16(), &sent.body), (200, &json!({})), "as the original answers");
    let id = sent.headers["x-posconnect-print-id"].to_str().unwrap().to_owned();
    let state = service.client.get(&format!("/posconnect/v1/prints/{id}")).await.body;
    assert_eq!((&state["status"], &state["type"]), (&json!("pending"), &json!("NFE")));
    assert_eq!(state["terminal_serial_number"], A8);
    terminal.printed(&id).await;
    let state = service.client.get(&format!("/posconnect/v1/prints/{id}")).await.body;
    assert_eq!(state["status"], "printed");

    let mut refused = None;
    for _ in 0..20 {
        let answer = service.client.send("POST", &path, &print_body()).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    assert_refused(&refused.expect("a ceiling"), 409, "print_in_progress", "many prints at once");
}

#[tokio::test]
async fn an_image_may_carry_a_prefix_and_line_breaks() {
    let service = Service::start().await;
    let order = service.client.create(&listed(100)).await["id"].as_str().unwrap().to_owned();
    let mut body = print_body();
    let content = body["content"].as_str().unwrap();
    let (head, tail) = content.split_at(40);
    body["content"] = json!(format!("data:image/png;base64,{head}\r\n{tail}\n"));
    body["type"] = json!("cupom");
    body["size_v"] = json!(3_000);
    let answer = service.client.send("POST", &format!("/posconnect/v1/orders/{order}/prints"), &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
