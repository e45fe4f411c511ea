//! Goal: orders, charges and events can be found again, page by page and from any point.

use std::time::Duration;

use protocol::Method;
use serde_json::{Value, json};

use crate::bad_input::assert_refused;
use crate::service::{A8, L3, P2, Service, listed};
use crate::terminal::Terminal;

fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap();
    data.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn orders_are_paged_newest_first_and_the_links_lead_on() {
    let service = Service::start().await;
    let mut created = Vec::new();
    for n in 0..5 {
        let mut body = listed(100);
        body["code"] = json!(format!("P-{n}"));
        created.push(service.client.create(&body).await["id"].as_str().unwrap().to_owned());
    }
    let (mut seen, mut path) = (Vec::new(), "/core/v5/orders?size=2&status=pending".to_owned());
    loop {
        let page = service.client.get(&path).await.body;
        assert_eq!(page["paging"]["total"], 5);
        seen.extend(ids(&page));
        match page["paging"]["next"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
    }
    let (mut sorted, mut all) = (seen.clone(), created.clone());
    sorted.sort();
    all.sort();
    assert_eq!(sorted, all, "every order once");
    let last = service.client.get("/core/v5/orders?size=2&page=3").await.body;
    assert_eq!(ids(&last).len(), 1);
    assert!(last["paging"]["previous"].as_str().unwrap().ends_with("page=2"));
    let beyond = service.client.get("/core/v5/orders?page=9").await.body;
    assert_eq!(beyond["data"], json!([]));
}

#[tokio::test]
async fn orders_are_found_by_what_the_pdv_knows() {
    let service = Service::start().await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let create = async |code: &str, devices: Value| {
        let mut body = listed(100);
        body["code"] = json!(code);
        body["poi_payment_settings"]["devices_serial_number"] = devices;
        body["poi_payment_settings"]["display_name"] = json!(format!("Mesa {code}"));
        service.client.create(&body).await["id"].as_str().unwrap().to_owned()
    };
    let open = create("A1", json!([L3])).await;
    let paid = create("B2", json!([])).await;
    let canceled = create("C3", json!([])).await;
    let failed = create("D%", json!([P2])).await;
    let doubtful = create("E5", json!([A8])).await;
    terminal.pay(&paid, 100, Method::Debit).await;
    terminal.doubt(&doubtful, 100).await;
    for (id, status) in [(&canceled, "canceled"), (&failed, "failed")] {
        let path = format!("/core/v5/orders/{id}/closed");
        assert_eq!(service.client.send("PATCH", &path, &json!({"status": status})).await.status, 200);
    }
    let table: [(&str, Vec<&String>); 14] = [
        ("status=pending", vec![&open, &doubtful]),
        ("status=paid", vec![&paid]),
        ("status=canceled", vec![&canceled]),
        ("status=failed", vec![&failed]),
        ("code=B2", vec![&paid]),
        ("code=b2", vec![]),
        ("search=mesa%20a1", vec![&open]),
        ("search=D%25", vec![&failed]),
        ("search=%25", vec![&failed]),
        ("in_doubt=true", vec![&doubtful]),
        ("terminal=L3-0001&status=pending", vec![&open]),
        ("created_since=2999-01-01", vec![]),
        ("created_until=2000-01-01T00:00:00Z", vec![]),
        ("status=paid&created_since=2020-01-01&created_until=2999-01-01&code=B2", vec![&paid]),
    ];
    for (query, expected) in table {
        let mut found = ids(&service.client.get(&format!("/core/v5/orders?{query}")).await.body);
        found.sort();
        let mut expected: Vec<String> = expected.into_iter().cloned().collect();
        expected.sort();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn charges_are_found_by_order_and_nsu() {
    let service = Service::start().await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let one = service.client.create(&listed(300)).await["id"].as_str().unwrap().to_owned();
    let two = service.client.create(&listed(300)).await["id"].as_str().unwrap().to_owned();
    let a = terminal.pay(&one, 100, Method::Debit).await;
    let b = terminal.pay(&one, 200, Method::Pix).await;
    let c = terminal.pay(&two, 100, Method::Debit).await;
    terminal.doubt(&two, 100).await;
    let all = service.client.get("/core/v5/charges").await.body;
    assert_eq!(all["paging"]["total"], 3, "an attempt in doubt is no charge: {all}");
    let mut of_one = ids(&service.client.get(&format!("/core/v5/charges?order_id={one}")).await.body);
    of_one.sort();
    let mut expected = vec![a, b];
    expected.sort();
    assert_eq!(of_one, expected);
    let nsu = c.strip_prefix("ch_").unwrap();
    assert_eq!(ids(&service.client.get(&format!("/core/v5/charges?code={nsu}")).await.body), [c]);
    assert_eq!(ids(&service.client.get("/core/v5/charges?size=1&page=3").await.body).len(), 1);
    let none = service.client.get("/core/v5/charges?created_since=2999-01-01").await.body;
    assert_eq!(none["data"], json!([]));
}

#[tokio::test]
async fn events_are_read_again_from_any_point() {
    let service = Service::start().await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let order = service.client.create(&listed(200)).await["id"].as_str().unwrap().to_owned();
    terminal.pay(&order, 100, Method::Debit).await;
    terminal.pay(&order, 100, Method::Debit).await;
    let all = service.client.get("/posconnect/v1/events").await.body;
    let kinds: Vec<&str> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["type"].as_str().unwrap())
        .filter(|kind| !kind.starts_with("posconnect."))
        .collect();
    assert_eq!(kinds, ["order.created", "charge.paid", "charge.paid", "order.paid"]);
    assert_eq!(all["has_more"], false);
    let whole = ids(&all);
    for (place, id) in whole.iter().enumerate() {
        let rest = service.client.get(&format!("/posconnect/v1/events?since={id}")).await.body;
        assert_eq!(ids(&rest), whole[place + 1..]);
    }
    let (mut since, mut seen) = ("0".to_owned(), Vec::new());
    loop {
        let page = service.client.get(&format!("/posconnect/v1/events?since={since}&limit=2")).await.body;
        seen.extend(ids(&page));
        since = page["next_since"].as_str().unwrap().to_owned();
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(seen, whole);
}

#[tokio::test]
async fn a_waiting_reader_does_not_hold_up_a_stopping_service() {
    let service = Service::start().await;
    let client = service.client.clone();
    let waiting = tokio::spawn(async move { client.get("/posconnect/v1/events?wait_s=55").await });
    // Its request is in before the stop, or is refused: either way nobody waits.
    service.client.get("/posconnect/v1/events").await;
    let restarted = tokio::time::timeout(Duration::from_secs(8), service.restart()).await;
    assert!(restarted.is_ok(), "the stop waited for the reader");
    assert_eq!(waiting.await.unwrap().body["data"], json!([]));
}

#[tokio::test]
async fn a_waiting_reader_is_answered_by_the_next_event() {
    let service = Service::start().await;
    let client = service.client.clone();
    let waiting = tokio::spawn(async move { client.get("/posconnect/v1/events?wait_s=55").await.body });
    let order = service.client.create(&listed(100)).await;
    let page = tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap();
    assert_eq!(page["data"][0]["type"], "order.created");
    assert_eq!(page["data"][0]["data"]["id"], order["id"]);
    let after = page["next_since"].as_str().unwrap();
    let empty = service.client.get(&format!("/posconnect/v1/events?wait_s=0&since={after}")).await.body;
    assert_eq!((&empty["data"], &empty["next_since"]), (&json!([]), &json!(after)));
    let unknown = service.client.get("/posconnect/v1/events?since=hook_0000000000000000_1").await;
    assert_refused(&unknown, 409, "since_unknown", "an event of another life of the database");
}
