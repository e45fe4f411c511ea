//! Goal: bad input gets the right status and a body that says what to do, and nothing happens.
//! Method: the real API on a real port, with terminals whose service does not exist.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use virtual_terminal::api;
use virtual_terminal::fleet::Fleet;
use virtual_terminal::service::ServiceAddress;

const L3: &str = "PB0419AL60480";
const A8: &str = "6C568971";

/// A fleet of an L3 and an A8 whose service is not there, behind its API.
struct Bench {
    client: Client,
    address: SocketAddr,
    fleet: Arc<Fleet>,
    dir: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let service = ServiceAddress::parse("http://127.0.0.1:9").unwrap();
        let fleet = Arc::new(Fleet::new(dir.path().to_owned(), service, None));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = api::router(Arc::clone(&fleet));
        tokio::spawn(async move { axum::serve(listener, router).await });
        // reqwest is built without a provider of its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        let bench = Self { client, address, fleet, dir };
        for (serial, model) in [(L3, "L3"), (A8, "A8")] {
            let made = bench.post("/api/terminals", &json!({"serial": serial, "model": model})).await;
            assert_eq!(made.0, StatusCode::CREATED, "{}", made.1);
        }
        bench
    }

    async fn send(&self, method: Method, path: &str, body: impl Into<reqwest::Body>) -> (StatusCode, Value) {
        let url = format!("http://{}{path}", self.address);
        let answer = self.client.request(method, url).body(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.send(Method::POST, path, body.to_string()).await
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(Method::GET, path, "").await
    }

    /// The answer to a bad request, and that it has the envelope.
    async fn refused(&self, path: &str, body: &Value) -> (u16, String) {
        code(self.post(path, body).await)
    }

    async fn at(&self, serial: &str, control: &str, body: Value) -> (StatusCode, Value) {
        self.post(&format!("/api/terminals/{serial}/{control}"), &body).await
    }

    async fn wait(&self, serial: &str, query: &str) -> Value {
        let (status, state) = self.get(&format!("/api/terminals/{serial}/wait?{query}")).await;
        assert_eq!(status, StatusCode::OK, "{state}");
        state
    }
}

fn code((status, body): (StatusCode, Value)) -> (u16, String) {
    let error = &body["error"];
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{status} {body}");
    (status.as_u16(), error["code"].as_str().unwrap_or_default().to_owned())
}

fn said(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn bad_bodies_are_told_what_is_wrong_with_them() {
    let bench = Bench::start().await;
    let path = |control: &str| format!("/api/terminals/{L3}/{control}");
    for (control, body, status, expected) in [
        ("tap", "{", 400, "malformed_json"),
        ("tap", "\u{0}", 400, "malformed_json"),
        ("tap", "", 422, "invalid_request"),
        ("tap", r#"{"id":7}"#, 422, "invalid_request"),
        ("tap", r#"{"id":"a","b":1}"#, 422, "invalid_request"),
        ("key", r#"{"key":"10"}"#, 422, "invalid_request"),
        ("key", r#"{"key":""}"#, 422, "invalid_request"),
        ("network", r#"{"latency_ms":-1}"#, 422, "invalid_request"),
        ("network", r#"{"latency_ms":60001}"#, 422, "invalid_request"),
        ("network", r#"{"answers":"lost"}"#, 422, "invalid_request"),
        ("printer", r#"{"condition":"on fire"}"#, 422, "invalid_request"),
        ("printer", r#"{"paper_left_dots":1.5}"#, 422, "invalid_request"),
        ("power", "{}", 422, "invalid_request"),
        ("power", r#"{"on":"yes"}"#, 422, "invalid_request"),
        ("device", r#"{"battery_percent":101}"#, 422, "invalid_request"),
        ("device", r#"{"battery_percent":-1}"#, 422, "invalid_request"),
        ("acquirer", r#"{"auto":"maybe"}"#, 422, "invalid_request"),
        ("acquirer/approve", r#"{"amount":-5}"#, 422, "invalid_request"),
        ("acquirer/late", r#"{"after_ms":600001}"#, 422, "invalid_request"),
        ("acquirer/explode", "{}", 404, "unknown_answer"),
        ("acquirer/approve", "{}", 409, "acquirer_not_open"),
        ("acquirer/now", r#"{"request":3}"#, 404, "unknown_acquirer_request"),
        ("returned", r#"{"uri":""}"#, 422, "invalid_request"),
    ] {
        let answer = bench.send(Method::POST, &path(control), body).await;
        assert_eq!(code(answer), said(status, expected), "{control} {body}");
    }
    let long = json!({"uri": "x".repeat(70_000)});
    assert_eq!(bench.refused(&path("returned"), &long).await, said(422, "invalid_request"));
    let longer = json!({"uri": "x".repeat(200_000)});
    assert_eq!(bench.refused(&path("returned"), &longer).await, said(413, "unreadable_body"));
    let text = json!({"id": "code", "value": "x".repeat(1_001)});
    assert_eq!(bench.refused(&path("text"), &text).await, said(422, "invalid_request"));
}

#[tokio::test]
async fn unknown_terminals_addresses_and_methods_are_told_apart() {
    let bench = Bench::start().await;
    let unknown = bench.refused("/api/terminals/NOBODY/tap", &json!({"id": "a"})).await;
    assert_eq!(unknown, said(404, "unknown_terminal"));
    assert_eq!(bench.refused("/api/terminals/%00/tap", &json!({})).await, said(404, "unknown_terminal"));
    assert_eq!(bench.refused("/api/nothing", &json!({})).await, said(404, "unknown_address"));
    let path = format!("/api/terminals/{L3}/state");
    assert_eq!(bench.refused(&path, &json!({})).await, said(405, "wrong_method"));
    for query in ["wait_s=121", "wait_s=-1", "wait_s=x", "page=list"] {
        assert_eq!(
            code(bench.get(&format!("{path}?{query}")).await),
            said(422, "invalid_request"),
            "{query}"
        );
    }
    let (status, page) = bench.get("/t/NOBODY").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(page.as_str().unwrap().contains("Não há terminal"));
}

#[tokio::test]
async fn a_terminal_is_added_once_with_a_valid_serial_and_model() {
    let bench = Bench::start().await;
    for (body, status, expected) in [
        (json!({"serial": "../etc", "model": "L3"}), 422, "invalid_request"),
        (json!({"serial": "P2-1", "model": "L4"}), 422, "invalid_request"),
        (json!({"serial": "P2-1"}), 422, "invalid_request"),
        (json!({"serial": L3, "model": "L3"}), 409, "terminal_exists"),
    ] {
        assert_eq!(bench.refused("/api/terminals", &body).await, said(status, expected), "{body}");
    }
    let (_, list) = bench.get("/api/terminals").await;
    assert_eq!(list["terminals"].as_array().unwrap().len(), 2);
    assert!(!bench.dir.path().join("P2-1").exists());
}

#[tokio::test]
async fn what_is_not_on_the_screen_cannot_be_touched() {
    let bench = Bench::start().await;
    bench.wait(L3, "page=activation").await;
    let (status, body) = bench.at(L3, "tap", json!({"id": "charge"})).await;
    assert_eq!(code((status, body)), said(409, "not_on_screen"));
    let answer = bench.at(L3, "text", json!({"id": "search", "value": "1"})).await;
    assert_eq!(code(answer), said(409, "not_on_screen"));
    assert_eq!(code(bench.at(A8, "key", json!({"key": "1"})).await), said(409, "no_keypad"));

    bench.at(L3, "power", json!({"on": false})).await;
    for (control, body) in [
        ("tap", json!({"id": "activate"})),
        ("text", json!({"id": "code", "value": "1"})),
        ("key", json!({"key": "1"})),
    ] {
        assert_eq!(code(bench.at(L3, control, body).await), said(409, "power_off"), "{control}");
    }
}

#[tokio::test]
async fn typing_on_the_keypad_reaches_the_agents_own_screen() {
    let bench = Bench::start().await;
    bench.wait(L3, "page=activation").await;
    for key in ["1", "2", "clear", "3"] {
        let (_, before) = bench.get(&format!("/api/terminals/{L3}/state")).await;
        bench.at(L3, "key", json!({"key": key})).await;
        bench.wait(L3, &format!("not_version={}", before["version"])).await;
    }
    let state = bench.wait(L3, "text=13").await;
    assert_eq!(state["screen"]["page"], "activation");
}

#[tokio::test]
async fn a_wait_that_runs_out_says_how_it_is_instead() {
    let bench = Bench::start().await;
    bench.wait(A8, "page=activation").await;
    let (status, body) = bench.get(&format!("/api/terminals/{A8}/wait?page=list&timeout_s=0")).await;
    assert_eq!(body["state"]["screen"]["page"], "activation");
    assert_eq!(code((status, body)), said(408, "timed_out"));
}

#[tokio::test]
async fn answers_while_the_power_is_off_wait_for_the_next_start_or_are_lost() {
    let bench = Bench::start().await;
    bench.wait(A8, "page=activation").await;
    bench.at(A8, "power", json!({"on": false})).await;
    let (_, state) = bench.get(&format!("/api/terminals/{A8}/state")).await;
    assert_eq!((&state["power"], &state["screen"]), (&json!(false), &Value::Null));

    let (_, done) = bench.at(A8, "acquirer/forge", json!({})).await;
    assert_eq!((&done["delivered"]["queued"], &done["delivered"]["returned"]), (&json!(1), &json!(0)));
    bench.at(A8, "power", json!({"on": true, "lose_returns": true})).await;
    let state = bench.wait(A8, "page=activation").await;
    assert_eq!((&state["pending_returns"], &state["starts"]), (&json!([]), &json!(2)));

    bench.at(A8, "power", json!({"on": false})).await;
    bench.at(A8, "acquirer/forge", json!({})).await;
    bench.at(A8, "power", json!({"on": true})).await;
    let (_, log) = bench.get(&format!("/api/terminals/{A8}/events")).await;
    let kinds: Vec<_> = log["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["kind"].as_str())
        .filter(|kind| kind.starts_with("return"))
        .collect();
    assert_eq!(kinds, ["return_queued", "return_lost", "return_queued", "returned"]);
}

#[tokio::test]
async fn terminals_are_remembered_in_the_data_directory() {
    let bench = Bench::start().await;
    let remembered = bench.fleet.remembered().unwrap();
    let known: Vec<_> = remembered.iter().map(|(serial, model)| (serial.as_str(), model.name())).collect();
    assert_eq!(known, [(A8, "A8"), (L3, "L3")]);
}

#[tokio::test]
async fn foreign_pages_and_foreign_names_are_kept_out() {
    let bench = Bench::start().await;
    let url = format!("http://{}/api/terminals", bench.address);
    for (header, value, status) in [
        ("host", "evil.example", 403),
        ("origin", "http://evil.example", 403),
        ("origin", "null", 403),
        ("origin", &format!("http://{}", bench.address), 200),
    ] {
        let answer = bench.client.get(&url).header(header, value).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{header}: {value}");
    }
}

#[tokio::test]
async fn every_file_of_the_pages_is_inside_the_program() {
    let bench = Bench::start().await;
    let (_, page) = bench.get(&format!("/t/{L3}")).await;
    let page = page.as_str().unwrap().to_owned();
    let (_, index) = bench.get("/").await;
    let mut waiting: Vec<String> = assets_in(&page).chain(assets_in(index.as_str().unwrap())).collect();
    let mut seen = Vec::new();
    while let Some(name) = waiting.pop() {
        if seen.contains(&name) {
            continue;
        }
        let (status, text) = bench.get(&format!("/assets/{name}")).await;
        assert_eq!(status, StatusCode::OK, "{name}");
        let text = text.as_str().unwrap();
        assert!(!text.contains("https://"), "{name} must fetch nothing from elsewhere");
        waiting.extend(
            text.split("from \"./").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())),
        );
        seen.push(name);
    }
    assert_eq!(seen.len(), 10, "{seen:?}");
    assert_eq!(code(bench.get("/assets/../Cargo.toml").await).0, 404);
}

fn assets_in(page: &str) -> impl Iterator<Item = String> {
    page.split("/assets/").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
}

#[tokio::test]
async fn closing_ends_every_long_poll() {
    let bench = Bench::start().await;
    let state = bench.wait(L3, "page=activation").await;
    let path = format!("/api/terminals/{L3}/state?after={}&wait_s=120", state["version"]);
    let (polled, ()) = tokio::join!(bench.get(&path), bench.fleet.close());
    assert_eq!(polled.0, StatusCode::OK);
}
