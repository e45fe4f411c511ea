//! Bad input: the right status, a body that says what is wrong, nothing written.

use protocol::refusal::{Refusal, RefusalCode};
use reqwest::{Method, StatusCode};

use crate::support::{L3, Service, listed};

async fn send(
    service: &Service,
    method: Method,
    path: &str,
    token: &str,
    body: &str,
) -> (StatusCode, Refusal) {
    let answer = service
        .http
        .request(method, format!("{}/terminal/v1/{path}", service.address))
        .bearer_auth(token)
        .body(body.to_owned())
        .send()
        .await
        .unwrap();
    (answer.status(), answer.json().await.unwrap())
}

const POSTS: [&str; 6] =
    ["activate", "claims", "claims/release", "attempts", "attempts/outcome", "reversals"];

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_with_the_place_and_writes_nothing() {
    let service = Service::start().await;
    let token = service.terminal(L3).await.token;
    let order = service.create(listed(1_000)).await;
    let events = service.told().await;
    let amounts = ["-1", "1.5", "9007199254740992", "\"10\"", "null", "1e3"].map(|amount| {
        format!(
            r#"{{"attempt_id":"1","order_id":"{}","claim_id":"1","fence":1,"amount":{amount},"choice":{{"method":"debit"}},"started_at":1}}"#,
            order.id
        )
    });
    for path in POSTS {
        for body in ["", "{", "[]", "null", "{}", "\u{0}", "{\"a\":1}"] {
            let (status, refusal) = send(&service, Method::POST, path, &token, body).await;
            assert_eq!(
                (status, refusal.code),
                (StatusCode::BAD_REQUEST, RefusalCode::BadRequest),
                "{path} {body}"
            );
            assert!(refusal.message.contains("line"), "{}", refusal.message);
        }
        let large = format!("{{\"code\":\"{}\"}}", "x".repeat(70_000));
        let (status, _) = send(&service, Method::POST, path, &token, &large).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    for body in amounts {
        let (status, _) = send(&service, Method::POST, "attempts", &token, &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(service.told().await, events);
    assert!(service.order(&order.id).await.attempts.is_empty());
}

#[tokio::test]
async fn without_a_good_token_nothing_is_answered() {
    let service = Service::start().await;
    let paths = ["feed?wait_s=0", "prints/pr_1"]
        .map(|path| (Method::GET, path))
        .into_iter()
        .chain(POSTS[1..].iter().map(|path| (Method::POST, *path)))
        .chain([(Method::POST, "prints/pr_1/result")]);
    for (method, path) in paths {
        for token in ["", "dt_00", "çã", "sk_acc_loja"] {
            let (status, refusal) = send(&service, method.clone(), path, token, "{}").await;
            assert_eq!(
                (status, refusal.code),
                (StatusCode::UNAUTHORIZED, RefusalCode::NotActivated),
                "{path} {token}"
            );
        }
    }
}

#[tokio::test]
async fn strange_routes_methods_and_queries_are_refused_in_the_same_words() {
    let service = Service::start().await;
    let token = service.terminal(L3).await.token;
    let table = [
        (Method::GET, "nothing", StatusCode::NOT_FOUND),
        (Method::DELETE, "claims", StatusCode::METHOD_NOT_ALLOWED),
        (Method::GET, "feed?since=yesterday", StatusCode::BAD_REQUEST),
        (Method::GET, "feed?since=1.2&wait_s=-1", StatusCode::BAD_REQUEST),
        (Method::GET, "feed?wait_s=99999999999", StatusCode::BAD_REQUEST),
        (Method::GET, "prints/a%2Fb", StatusCode::NOT_FOUND),
        (Method::GET, "prints/pr_unknown", StatusCode::NOT_FOUND),
    ];
    for (method, path, expected) in table {
        let (status, refusal) = send(&service, method, path, &token, "").await;
        assert_eq!(status, expected, "{path}");
        assert!(!refusal.message.is_empty());
    }
}
