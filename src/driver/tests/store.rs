//! A store's service on loopback, as far as one terminal with one order sees it. Real sockets, fixed answers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use protocol::activation::Activated;
use protocol::attempt::{AttemptAck, AttemptEnded, AttemptStarted};
use protocol::claim::{ClaimGrant, ClaimKind, ClaimRequest, ClaimView};
use protocol::feed::{Cursor, FeedPage, Settings};
use protocol::method::ContractedMethod;
use protocol::order::{OrderKind, OrderStatus, OrderView};
use protocol::receipt::{ReceiptImage, ReceiptKind, ReceiptNotice};
use protocol::{Centavos, Fence, Method, OrderId, PrintId, Serial, UnixMillis};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Far above what loopback needs; a test that gets here has failed.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
pub(super) const SERIAL: &str = "PB0419AL60480";

#[derive(Clone)]
pub(super) struct Store {
    address: SocketAddr,
    /// Path and body of every request, in order.
    heard: Arc<watch::Sender<Vec<(String, String)>>>,
    receipt: Arc<Mutex<bool>>,
}

impl Store {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let store = Self {
            address: listener.local_addr().unwrap(),
            heard: Arc::new(watch::channel(vec![]).0),
            receipt: Arc::default(),
        };
        let serving = store.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(socket));
            }
        });
        store
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From the next feed on, a receipt waits.
    pub(super) fn send_receipt(&self) {
        *self.receipt.lock().unwrap() = true;
    }

    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.borrow().iter().map(|(path, _)| path.clone()).collect()
    }

    /// The body of the first request to this path, as soon as it was heard.
    pub(super) async fn wait_for(&self, path: &str) -> String {
        let mut heard = self.heard.subscribe();
        let found = |all: &Vec<(String, String)>| all.iter().any(|(p, _)| p == path);
        let all = tokio::time::timeout(PATIENCE, heard.wait_for(found)).await;
        let all = all.unwrap_or_else(|_| panic!("{path} was never called")).unwrap();
        all.iter().find(|(p, _)| p == path).unwrap().1.clone()
    }

    async fn serve(self, mut socket: TcpStream) {
        let mut bytes = vec![];
        loop {
            let mut buffer = [0; 4096];
            match socket.read(&mut buffer).await {
                Ok(n) if n > 0 => bytes.extend_from_slice(&buffer[..n]),
                _ => return,
            }
            let text = String::from_utf8(bytes.clone()).unwrap();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() < length.map_or(0, |l| l.parse().unwrap()) {
                continue;
            }
            bytes.clear();
            let path = head.split(' ').nth(1).unwrap().strip_prefix("/terminal/v1/").unwrap();
            self.heard.send_modify(|all| all.push((path.to_owned(), body.to_owned())));
            let Some(answer) = self.answer(path, body) else {
                continue;
            };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", answer.len());
            if socket.write_all(format!("{head}{answer}").as_bytes()).await.is_err() {
                return;
            }
        }
    }

    /// `None`: the request waits for ever.
    fn answer(&self, path: &str, body: &str) -> Option<String> {
        let started = || serde_json::from_str::<AttemptStarted>(body).unwrap().attempt_id;
        let ended = || serde_json::from_str::<AttemptEnded>(body).unwrap();
        Some(match path {
            "activate" => json(&Activated { device_token: "token".into(), settings: settings() }),
            "claims" => json(&grant(&serde_json::from_str(body).unwrap())),
            "claims/release" => "{}".into(),
            "attempts" => {
                json(&AttemptAck { attempt_id: started(), outcome: None, flags: vec![], order: None })
            }
            "attempts/outcome" => json(&AttemptAck {
                attempt_id: ended().attempt.attempt_id,
                outcome: Some(ended().outcome),
                flags: vec![],
                order: None,
            }),
            "prints/pr_1" => json(&ReceiptImage { print_id: print_id(), content: image() }),
            "prints/pr_1/result" => "{}".into(),
            feed if !feed.contains("since=") => json(&self.first_page()),
            _ => return None,
        })
    }

    fn first_page(&self) -> FeedPage {
        let receipt = ReceiptNotice {
            print_id: print_id(),
            order_id: order_id(),
            order_number: "7".into(),
            kind: ReceiptKind::Nfe,
            size_bytes: u32::try_from(image().len()).unwrap(),
            created_at: UnixMillis(1),
        };
        FeedPage {
            cursor: Cursor { epoch: 1, sequence: 1 },
            server_time: UnixMillis(1),
            snapshot: true,
            more: false,
            restored: false,
            orders: vec![order(None)],
            receipts: self.receipt.lock().unwrap().then_some(receipt).into_iter().collect(),
            receipts_gone: vec![],
            reversals_wanted: vec![],
            settings: Some(settings()),
        }
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

pub(super) fn order_id() -> OrderId {
    OrderId::parse("or_7").unwrap()
}

pub(super) fn print_id() -> PrintId {
    PrintId::parse("pr_1").unwrap()
}

pub(super) fn settings() -> Settings {
    Settings {
        store_name: "Loja".into(),
        acquirer_cnpj: "16501555000157".into(),
        methods: vec![ContractedMethod {
            method: Method::Debit,
            merchant_installments_max: 1,
            issuer_installments_max: 1,
        }],
        delivery: true,
        counter: true,
        feed_wait_s: 25,
        answer_timeout_s: 180,
    }
}

fn order(claim: Option<ClaimView>) -> OrderView {
    OrderView {
        id: order_id(),
        number: "7".into(),
        display_name: "Mesa 4".into(),
        kind: OrderKind::Listed,
        status: OrderStatus::Open,
        total: Centavos::new(5_000).unwrap(),
        paid: Centavos::ZERO,
        reserved: Centavos::ZERO,
        fixed: None,
        revision: if claim.is_some() { 2 } else { 1 },
        claim,
        attempts: vec![],
        receipt_expected: false,
        created_at: UnixMillis(1),
        expires_at: None,
    }
}

fn grant(request: &ClaimRequest) -> ClaimGrant {
    let claim = ClaimView {
        id: request.claim_id,
        terminal: Serial::parse(SERIAL).unwrap(),
        kind: ClaimKind::Now,
        fence: Fence(1),
    };
    ClaimGrant { claim_id: request.claim_id, fence: Fence(1), lease_s: Some(600), order: order(Some(claim)) }
}

/// A receipt of 384 dots by 64, striped.
fn image() -> String {
    let mut file = vec![];
    let mut encoder = png::Encoder::new(&mut file, 384, 64);
    encoder.set_color(png::ColorType::Grayscale);
    let dots: Vec<u8> = (0..64_u32).flat_map(|y| [if y % 8 < 4 { 0 } else { 255 }; 384]).collect();
    encoder.write_header().unwrap().write_image_data(&dots).unwrap();
    base64::engine::general_purpose::STANDARD.encode(file)
}
