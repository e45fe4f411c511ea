//! Goal: a reversal that got no answer is seen and decided by a manager, and its terminal learns of it.

use protocol::Method;
use protocol::attempt::Outcome;
use protocol::reversal::SettledReversal;
use serde_json::json;

use crate::audit::trail;
use crate::bad_input::assert_refused;
use crate::service::{L3, OTHER_KEY, Service, listed};
use crate::terminal::Terminal;

#[tokio::test]
async fn a_reversal_in_doubt_is_listed_decided_and_its_terminal_told() {
    let service = Service::start().await;
    let mut terminal = Terminal::activated(&service.client, L3).await;
    for (went_back, outcome, told) in [
        (true, Outcome::Approved, "charge.refunded"),
        (false, Outcome::Declined, "posconnect.reversal.failed"),
    ] {
        let order = service.client.create(&listed(1_000)).await["id"].as_str().unwrap().to_owned();
        let charge = terminal.pay(&order, 500, Method::Debit).await;
        let (reversal, ack) = terminal.reverse_with(&order, &charge, 500, Outcome::InDoubt).await;
        assert_eq!(ack.order.unwrap().attempts[0].settled_reversals, []);

        let list = service.client.get("/posconnect/v1/reversals?outcome=in_doubt").await.body;
        assert_eq!(list["paging"]["total"], 1);
        let entry = &list["data"][0];
        assert_eq!(
            (&entry["order"]["id"], &entry["attempt"]["outcome"]),
            (&json!(order), &json!("approved"))
        );
        assert_eq!(entry["reversal"]["reversal_id"], json!(reversal.reversal_id.to_string()));
        assert_eq!(
            (&entry["reversal"]["outcome"], &entry["reversal"]["resolution"]),
            (&json!("in_doubt"), &json!(null))
        );
        let others = service.client.with_key(Some(OTHER_KEY)).get("/posconnect/v1/reversals").await.body;
        assert_eq!(others["data"], json!([]));

        let path = format!("/posconnect/v1/reversals/{}/resolution", reversal.reversal_id);
        let decision =
            json!({"went_back": went_back, "evidence": "extrato", "reason": "conferido", "by": "Ana"});
        let hidden = service.client.with_key(Some(OTHER_KEY)).send("POST", &path, &decision).await;
        assert_refused(&hidden, 404, "not_found", "another company's");
        for _ in 0..2 {
            let decided = service.client.send("POST", &path, &decision).await;
            assert_eq!(decided.status, 200, "{decided:?}");
        }
        let mut other = decision.clone();
        other["went_back"] = json!(!went_back);
        let refused = service.client.send("POST", &path, &other).await;
        assert_refused(&refused, 409, "reversal_not_in_doubt", "another decision");
        assert_eq!(service.client.get("/posconnect/v1/reversals").await.body["data"], json!([]));

        let settled = [SettledReversal { reversal_id: reversal.reversal_id, outcome }];
        let ack = terminal.report_reversal(&reversal).await;
        assert_eq!(ack.order.unwrap().attempts[0].settled_reversals, settled, "reported again");
        let feed = terminal.feed().await;
        let view = feed.orders.into_iter().find(|view| view.id.as_str() == order).unwrap();
        assert_eq!(view.attempts[0].settled_reversals, settled, "in the feed");
        let attempt = service.client.get(&format!("/posconnect/v1/attempts/{}", &charge[3..])).await.body;
        let resolution = &attempt["attempt"]["reversals"][0]["resolution"];
        assert_eq!((&resolution["went_back"], &resolution["by"]), (&json!(went_back), &json!("Ana")));
        let events = service.client.get("/posconnect/v1/events?limit=1000").await.body;
        let kinds: Vec<_> = events["data"].as_array().unwrap().iter().map(|e| e["type"].clone()).collect();
        assert_eq!(kinds[kinds.len() - 2..], [json!("posconnect.reversal.resolved"), json!(told)]);

        let row = trail(&service.client).await.pop().unwrap();
        assert_eq!(
            (&row["what"], &row["who"], &row["why"]),
            (&json!("reversal.resolved"), &json!("Ana"), &json!("conferido"))
        );
        assert_eq!(row["reversal_id"], json!(reversal.reversal_id.to_string()));
        assert_eq!(row["before"]["attempt"]["reversals"][0]["outcome"], "in_doubt");
        assert_eq!(row["after"]["attempt"]["reversals"][0]["outcome"], json!(outcome));
    }
}

#[tokio::test]
async fn a_decision_says_everything_or_is_refused() {
    let service = Service::start().await;
    let whole = json!({"went_back": true, "evidence": "extrato", "reason": "conferido", "by": "Ana"});
    for field in ["went_back", "evidence", "reason", "by"] {
        let mut body = whole.clone();
        body[field] = json!(null);
        let answer = service.client.send("POST", "/posconnect/v1/reversals/1/resolution", &body).await;
        assert_refused(&answer, 422, "invalid_fields", field);
    }
    for id in ["1", "x"] {
        let path = format!("/posconnect/v1/reversals/{id}/resolution");
        assert_refused(&service.client.send("POST", &path, &whole).await, 404, "not_found", id);
    }
    let answer = service.client.get("/posconnect/v1/reversals?outcome=approved").await;
    assert_refused(&answer, 422, "invalid_fields", "another outcome");
}
