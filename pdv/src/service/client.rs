//! The client: basic auth with the company's secret key, bounded waits, and a "no" told from a silence.

use std::sync::Arc;
use std::time::Duration;

use protocol::{Centavos, Method};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::order::Order;
use crate::words::wire;

/// How long mobilepayment may take to answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(15);
/// How long a connection may take.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Wait for the next event, in seconds: below what proxies allow.
const EVENTS_WAIT_S: u64 = 25;
/// Largest answer that is read: a page of events, some 2 KB each.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Events asked for at once.
const EVENTS_AT_ONCE: u32 = 100;

/// What came instead of an answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The service said no; asking the same again does not help.
    #[error("refused: {code}")]
    Refused {
        /// Stable code.
        code: String,
        /// pt-BR: what to do.
        sentence: String,
    },
    /// No answer, a broken one, or one that says "later": nobody knows whether the service did it.
    #[error("no answer: {0}")]
    Unclear(String),
}

/// An order to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// Under which key it is sent, the same for every try.
    pub key: String,
    /// What people call it.
    pub code: String,
    /// What the terminal shows.
    pub display_name: String,
    /// How much.
    pub amount: Centavos,
    /// To one terminal directly; `None`: listed, to all.
    pub serial: Option<String>,
    /// The method that binds the terminal.
    pub method: Option<Method>,
    /// Instalments; 1 is at once.
    pub installments: u8,
}

/// Events after a point.
#[derive(Clone, Debug, Deserialize)]
pub struct Events {
    /// Oldest first.
    pub data: Vec<Event>,
    /// Where to go on.
    pub next_since: String,
    /// There is more.
    pub has_more: bool,
}

/// Something happened.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// What.
    #[serde(rename = "type")]
    pub kind: String,
    /// What about.
    pub data: Value,
}

impl Event {
    /// The order that it is about; none for what fits no order.
    #[must_use]
    pub fn order_id(&self) -> Option<&str> {
        let order = self.data.get("order").unwrap_or(&self.data);
        order.get("id").and_then(Value::as_str).filter(|id| id.starts_with("or_"))
    }
}

/// mobilepayment, for one company.
#[derive(Clone)]
pub struct Service {
    client: Client,
    address: Arc<str>,
    secret_key: Arc<str>,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Service({})", self.address)
    }
}

/// The HTTP client that all companies share.
pub fn http_client() -> Result<Client, reqwest::Error> {
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).connect_timeout(CONNECT_TIME_MAX).no_proxy().build()
}

impl Service {
    /// The service at an address (no slash at its end), with a company's key.
    #[must_use]
    pub fn new(client: Client, address: &str, secret_key: &str) -> Self {
        Self { client, address: address.into(), secret_key: secret_key.into() }
    }

    /// Creates an order, or finds it again under its key. The text is the order as it was told.
    pub async fn create(&self, new: &NewOrder) -> Result<(Order, String), ClientError> {
        let setup = new.method.map(|method| match method {
            Method::Credit => json!({ "type": wire(method), "installments": new.installments }),
            Method::Debit | Method::Voucher | Method::Pix => json!({ "type": wire(method) }),
        });
        let mut poi = json!({ "visible": true, "display_name": new.display_name, "mode": "listed" });
        if let Some(serial) = &new.serial {
            poi["devices_serial_number"] = json!([serial]);
            poi["mode"] = json!("direct");
        }
        if let Some(setup) = setup {
            poi["payment_setup"] = setup;
        }
        let body = json!({
            "code": new.code,
            // Required by the original's shape. No name is known here, and none would be kept.
            "customer": { "name": "Consumidor" },
            "items": [{ "amount": new.amount, "description": "Venda", "quantity": 1 }],
            "closed": false,
            "poi_payment_settings": poi,
        });
        let request = self.client.post(self.url("/core/v5/orders")).header("idempotency-key", &new.key);
        read_order(self.send(request.json(&body), ANSWER_TIME_MAX).await?)
    }

    /// One order as it is now.
    pub async fn order(&self, id: &str) -> Result<(Order, String), ClientError> {
        let request = self.client.get(self.url(&format!("/core/v5/orders/{id}")));
        read_order(self.send(request, ANSWER_TIME_MAX).await?)
    }

    /// Closes an order as cancelled: at once, or when what is in flight has ended.
    pub async fn cancel(&self, id: &str) -> Result<(Order, String), ClientError> {
        let request = self.client.patch(self.url(&format!("/core/v5/orders/{id}/closed")));
        read_order(self.send(request.json(&json!({ "status": "canceled" })), ANSWER_TIME_MAX).await?)
    }

    /// Waits for what happens after a point.
    pub async fn events(&self, since: &str) -> Result<Events, ClientError> {
        let path =
            format!("/posconnect/v1/events?since={since}&limit={EVENTS_AT_ONCE}&wait_s={EVENTS_WAIT_S}");
        let time = ANSWER_TIME_MAX + Duration::from_secs(EVENTS_WAIT_S);
        parse(&self.send(self.client.get(self.url(&path)), time).await?)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    async fn send(&self, request: RequestBuilder, time: Duration) -> Result<String, ClientError> {
        let unclear = |error: reqwest::Error| ClientError::Unclear(error.without_url().to_string());
        let request = request.basic_auth(&*self.secret_key, Some("")).timeout(time);
        let mut response = request.send().await.map_err(unclear)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unclear)? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(ClientError::Unclear("the answer is too long".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        let text =
            String::from_utf8(body).map_err(|_| ClientError::Unclear("the answer is no text".to_owned()))?;
        judge(&response, text)
    }
}

/// A "no" is one of mobilepayment's own, with its code. Everything else that is no success may be anybody's: a proxy, a
/// service that is starting.
fn judge(response: &Response, text: String) -> Result<String, ClientError> {
    #[derive(Deserialize)]
    struct Refusal {
        code: String,
        message: String,
    }
    let status = response.status();
    if status.is_success() {
        return Ok(text);
    }
    let later = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    match serde_json::from_str::<Refusal>(&text) {
        Ok(refusal) if status.is_client_error() && !later => {
            Err(ClientError::Refused { code: refusal.code, sentence: refusal.message })
        }
        Ok(_) | Err(_) => Err(ClientError::Unclear(format!("HTTP status {}", status.as_u16()))),
    }
}

fn read_order(text: String) -> Result<(Order, String), ClientError> {
    Ok((parse(&text)?, text))
}

fn parse<T: for<'a> Deserialize<'a>>(text: &str) -> Result<T, ClientError> {
    serde_json::from_str(text).map_err(|error| ClientError::Unclear(format!("not understood: {error}")))
}
