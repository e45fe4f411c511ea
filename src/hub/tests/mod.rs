//! The client against real sockets that answer exactly these bytes.

mod proxy;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;

use protocol::activation::ActivateRequest;
use protocol::claim::{ClaimKind, ClaimRequest};
use protocol::feed::Cursor;
use protocol::receipt::{ReceiptResult, ReceiptState};
use protocol::refusal::RefusalCode;
use protocol::{ClaimId, OrderId, Serial, UnixMillis};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;

/// Far above what loopback needs; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// For calls that must time out.
const SHORT: Duration = Duration::from_millis(80);

/// A server that answers every request with the same bytes and tells what it was asked.
struct Server {
    address: SocketAddr,
    requests: mpsc::UnboundedReceiver<String>,
}

impl Server {
    async fn start(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, requests) = mpsc::unbounded_channel();
        let answer = answer.into();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, answer.clone(), tell.clone()));
            }
        });
        Self { address, requests }
    }

    fn hub(&self) -> Hub {
        Hub::new(&format!("http://{}", self.address)).unwrap()
    }

    fn request(&mut self) -> String {
        self.requests.try_recv().unwrap()
    }
}

async fn serve(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    answer: Vec<u8>,
    tell: mpsc::UnboundedSender<String>,
) {
    let mut request = vec![];
    loop {
        let mut buffer = [0; 4096];
        match socket.read(&mut buffer).await {
            Ok(n) if n > 0 => request.extend_from_slice(&buffer[..n]),
            _ => return,
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() < length.map_or(0, |l| l.parse().unwrap()) {
            continue;
        }
        request.clear();
        let _ = tell.send(text);
        if socket.write_all(&answer).await.is_err() {
            return;
        }
    }
}

fn http(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn feed() -> HubCall {
    HubCall::Feed { since: None, wait_s: 0 }
}

fn noted() -> HubCall {
    HubCall::ReceiptResult(ReceiptResult {
        print_id: PrintId::parse("pr_1").unwrap(),
        state: ReceiptState::Printed,
        problem: None,
        at: UnixMillis(5),
    })
}

fn claim(id: u64) -> HubCall {
    HubCall::Claim(ClaimRequest {
        claim_id: ClaimId::from_random(id),
        order_id: OrderId::parse("or_1").unwrap(),
        kind: ClaimKind::Now,
    })
}

const EMPTY_PAGE: &str = r#"{"cursor":"1.7","server_time":9}"#;

async fn outcome(answer: impl Into<Vec<u8>>, call: HubCall) -> Result<Reply, CallFailure> {
    Server::start(answer).await.hub().call(&call, PATIENCE).await
}

fn unreachable<T>(why: Unreachable) -> Result<T, CallFailure> {
    Err(CallFailure::Unreachable(why))
}

#[tokio::test]
async fn each_message_goes_to_its_own_path_with_the_token() {
    let mut server = Server::start(http("200 OK", EMPTY_PAGE)).await;
    let hub = server.hub();
    hub.authenticate(&DeviceToken::new("s3cret".into()));
    let call = HubCall::Feed { since: Some(Cursor { epoch: 3, sequence: 44 }), wait_s: 25 };
    let Ok(Reply::Feed(page)) = hub.call(&call, PATIENCE).await else { panic!("no page") };
    assert_eq!(page.cursor, Cursor { epoch: 1, sequence: 7 });
    let request = server.request();
    assert!(request.starts_with("GET /terminal/v1/feed?since=3.44&wait_s=25 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: Bearer s3cret\r\n"), "{request}");
    assert!(!format!("{hub:?}").contains("s3cret"));

    let mut server = Server::start(http("204 No Content", "")).await;
    let hub = server.hub();
    assert_eq!(hub.call(&noted(), PATIENCE).await, Ok(Reply::Noted));
    let request = server.request();
    assert!(request.starts_with("POST /terminal/v1/prints/pr_1/result "), "{request}");
    assert!(request.contains("content-type: application/json"), "{request}");
    assert!(request.ends_with(r#"{"print_id":"pr_1","state":"printed","at":5}"#), "{request}");
    assert!(!request.contains("authorization"), "{request}");
}

#[tokio::test]
async fn an_activation_never_carries_an_old_token() {
    let body = r#"{"code":"activation_code","message":"Código inválido."}"#;
    let mut server = Server::start(http("403 Forbidden", body)).await;
    let hub = server.hub();
    hub.authenticate(&DeviceToken::new("s3cret".into()));
    let request = ActivateRequest { code: "A1".into(), serial: Serial::parse("PB0419AL60480").unwrap() };
    let answer = hub.call(&HubCall::Activate(request), PATIENCE).await;
    assert!(matches!(answer, Err(CallFailure::Refused(r)) if r.code == RefusalCode::ActivationCode));
    assert!(!server.request().contains("authorization"));
}

#[tokio::test]
async fn a_refusal_is_told_with_its_code_and_holder() {
    let body = r#"{"code":"held_by_other","message":"Outro terminal.","holder":"A8-1"}"#;
    let Err(CallFailure::Refused(refusal)) = outcome(http("409 Conflict", body), claim(1)).await else {
        panic!("not refused")
    };
    assert_eq!(refusal.code, RefusalCode::HeldByOther);
    assert_eq!(refusal.holder.as_deref(), Some("A8-1"));
}

#[tokio::test]
async fn what_is_not_mobilepayment_is_never_taken_for_an_answer() {
    let refusal = r#"{"code":"order_paid","message":"x"}"#;
    let other_claim = concat!(
        r#"{"claim_id":"2","fence":1,"order":{"id":"or_1","number":"1","display_name":"","kind":"listed","#,
        r#""status":"open","total":1,"paid":0,"reserved":0,"created_at":1,"revision":1}}"#
    );
    let page = "<html>Bem-vindo ao Wi-Fi</html>";
    let cases = [
        ("a portal's page instead of the feed", http("200 OK", page), feed()),
        ("a portal's page instead of nothing", http("200 OK", page), noted()),
        ("a portal's text instead of nothing", http("200 OK", "\"OK\""), noted()),
        ("a proxy's error page", http("502 Bad Gateway", page), feed()),
        ("an error without a body", http("503 Service Unavailable", ""), feed()),
        ("a redirect", "HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n".into(), feed()),
        ("a redirect with a refusal in it", http("302 Found", refusal), feed()),
        ("a refusal of an unknown kind", http("409 Conflict", r#"{"code":"x","message":""}"#), feed()),
        ("another message's answer", http("200 OK", EMPTY_PAGE), claim(1)),
        ("another claim's grant", http("200 OK", other_claim), claim(1)),
        ("no HTTP at all", "220 smtp.example ESMTP\r\n".into(), feed()),
    ];
    for (what, answer, call) in cases {
        assert_eq!(outcome(answer, call).await, unreachable(Unreachable::NotOurs), "{what}");
    }
    assert!(matches!(outcome(http("200 OK", other_claim), claim(2)).await, Ok(Reply::Claimed(_))));
}

#[tokio::test]
async fn a_body_above_the_ceiling_is_cut_off_while_it_comes() {
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &vec![b' '; BODY_BYTES_MAX + 1]].concat();
    // No length and no end: only the ceiling can end it before the time is over.
    assert_eq!(outcome(endless, feed()).await, unreachable(Unreachable::NotOurs));
    let full = " ".repeat(BODY_BYTES_MAX - EMPTY_PAGE.len()) + EMPTY_PAGE;
    assert!(matches!(outcome(http("200 OK", &full), feed()).await, Ok(Reply::Feed(_))));
}

#[tokio::test]
async fn silence_before_or_within_the_body_is_a_timeout() {
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"cursor\""] {
        let server = Server::start(answer).await;
        assert_eq!(server.hub().call(&feed(), SHORT).await, unreachable(Unreachable::Timeout), "{answer}");
    }
}

#[tokio::test]
async fn nobody_there_or_a_connection_lost_half_way_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let hub = Hub::new(&format!("http://{address}")).unwrap();
    assert_eq!(hub.call(&feed(), PATIENCE).await, unreachable(Unreachable::NoConnection));

    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"cursor\""] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hub = Hub::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let _ = socket.read(&mut [0; 1024]).await;
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        assert_eq!(hub.call(&feed(), PATIENCE).await, unreachable(Unreachable::NoConnection), "{answer}");
    }
}

#[tokio::test]
async fn a_receipt_is_the_one_asked_for() {
    let body = r#"{"print_id":"pr_1","content":"aGk="}"#;
    let mut server = Server::start(http("200 OK", body)).await;
    let fetch = async |id: &str| server.hub().fetch_receipt(&PrintId::parse(id).unwrap(), PATIENCE).await;
    assert_eq!(fetch("pr_1").await.unwrap(), "aGk=");
    assert_eq!(fetch("pr_2").await, unreachable(Unreachable::NotOurs));
    assert!(server.request().starts_with("GET /terminal/v1/prints/pr_1 "));
}

#[tokio::test]
async fn the_long_poll_has_a_connection_and_the_rest_share_another() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hub = Arc::new(Hub::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap());
    let waiting = tokio::spawn({
        let hub = Arc::clone(&hub);
        async move { hub.call(&feed(), PATIENCE).await }
    });
    let (mut feed_socket, _) = listener.accept().await.unwrap();
    let calls = tokio::spawn(async move {
        for _ in 0..3 {
            assert_eq!(hub.call(&noted(), PATIENCE).await, Ok(Reply::Noted));
        }
    });
    let (socket, _) = listener.accept().await.unwrap();
    let (tell, mut requests) = mpsc::unbounded_channel();
    tokio::spawn(serve(socket, http("200 OK", "{}").into_bytes(), tell));
    for _ in 0..3 {
        assert!(requests.recv().await.is_some());
    }
    calls.await.unwrap();
    feed_socket.write_all(http("200 OK", EMPTY_PAGE).as_bytes()).await.unwrap();
    assert!(matches!(waiting.await.unwrap(), Ok(Reply::Feed(_))));
}
