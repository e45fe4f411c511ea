//! Goal: a database that an earlier version wrote opens, and everything in it goes on.
//!
//! Method: a database made by that version itself, as text, put into the folder before the service starts.

use serde_json::{Value, json};

use crate::audit::trail;
use crate::service::Service;

const SCHEMA_1: &str = include_str!("../fixtures/schema-1.sql");

#[tokio::test]
async fn a_database_of_the_first_schema_opens_with_its_doubts_and_they_can_be_decided() {
    let service = Service::on_old_database(SCHEMA_1).await;
    let orders = service.client.get("/core/v5/orders").await.body;
    assert_eq!(orders["paging"]["total"], 1);
    let order = &orders["data"][0];
    let paid: u64 = order["charges"].as_array().unwrap().iter().map(|c| c["amount"].as_u64().unwrap()).sum();
    assert_eq!(paid, 500 + 300 + 200);

    let reversals = service.client.get("/posconnect/v1/reversals").await.body;
    assert_eq!(
        reversals["paging"]["total"], 1,
        "found although its row had no outcome before: {reversals:#}"
    );
    let reversal = reversals["data"][0]["reversal"].clone();
    assert_eq!((&reversal["outcome"], &reversal["resolution"]), (&json!("in_doubt"), &Value::Null));
    let path = format!("/posconnect/v1/reversals/{}/resolution", reversal["reversal_id"].as_str().unwrap());
    let decision = json!({"went_back": true, "evidence": "extrato", "reason": "conferido", "by": "Ana"});
    assert_eq!(service.client.send("POST", &path, &decision).await.status, 200);

    let attempts = service.client.get("/posconnect/v1/attempts").await.body;
    assert_eq!(attempts["paging"]["total"], 1);
    let attempt = &attempts["data"][0]["attempt"];
    assert_eq!((&attempt["amount"], &attempt["statement"]), (&json!(400), &Value::Null));
    let path = format!("/posconnect/v1/attempts/{}/resolution", attempt["attempt_id"].as_str().unwrap());
    let decision = json!({"charged": false, "evidence": "extrato", "reason": "conferido", "by": "Ana"});
    assert_eq!(service.client.send("POST", &path, &decision).await.status, 200);

    let what: Vec<_> = trail(&service.client).await.iter().map(|row| row["what"].clone()).collect();
    assert_eq!(
        what,
        [json!("reversal.resolved"), json!("attempt.resolved")],
        "nothing is made up for the time before"
    );
    let events = service.client.get("/posconnect/v1/events?limit=1000").await.body;
    assert!(events["data"].as_array().unwrap().len() > 10, "old events are read too");

    let stored = service.everything_stored();
    let service = service.restart().await;
    let again = service.everything_stored();
    let without_epochs = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("epochs")).map(ToOwned::to_owned).collect()
    };
    assert_eq!(without_epochs(&again), without_epochs(&stored), "the second start migrates nothing");
}
