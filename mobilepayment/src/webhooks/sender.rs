//! One POST to a receiver: signed, bounded in time and in what is read back, never redirected.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};

use super::signature;
use crate::ledger::event::Event;
use crate::registers::WebhookSettings;

/// How long a receiver may take to answer, in seconds; longer, and one slow receiver would hold up its store's events.
const ANSWER_TIMEOUT_S: u64 = 10;
/// How long a connection may take, in seconds.
const CONNECT_TIMEOUT_S: u64 = 5;
/// How much of an answer is read so that its connection can be used again, in bytes; it is not looked at.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Why a try failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// HTTP status of the answer, if there was one.
    pub(super) status: Option<u16>,
    /// For people, pt-BR.
    pub(super) error: String,
}

/// The HTTP client of all endpoints.
pub(super) struct Sender {
    client: reqwest::Client,
}

impl Sender {
    pub(super) fn new() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(ANSWER_TIMEOUT_S))
            .connect_timeout(Duration::from_secs(CONNECT_TIMEOUT_S))
            // The address in the configuration is where the event goes, whatever the environment says.
            .no_proxy()
            .build()?;
        Ok(Self { client })
    }

    /// `Ok` when the receiver said 2xx.
    pub(super) async fn send(
        &self,
        to: &WebhookSettings,
        event: &Event,
        body: Vec<u8>,
        now_s: i64,
    ) -> Result<(), Failure> {
        let request = self
            .client
            .post(&to.url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, concat!("pos-connect/", env!("CARGO_PKG_VERSION")))
            .header(signature::HEADER, signature::sign(to.secret.expose(), &body))
            .header("x-posconnect-event-id", &event.id)
            .header("x-posconnect-timestamp", now_s)
            .body(body);
        let mut answer =
            request.send().await.map_err(|error| Failure { status: None, error: explain(&error) })?;
        let status = answer.status();
        let mut read_bytes = 0;
        while read_bytes < ANSWER_BYTES_MAX {
            match answer.chunk().await {
                Ok(Some(chunk)) => read_bytes += chunk.len(),
                Ok(None) | Err(_) => break,
            }
        }
        if status.is_success() {
            return Ok(());
        }
        let error = if status.is_redirection() {
            "o endereço respondeu com um redirecionamento, que não é seguido: corrija webhook_url".to_owned()
        } else {
            format!("o endereço respondeu {}", status.as_u16())
        };
        Err(Failure { status: Some(status.as_u16()), error })
    }
}

fn explain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        format!("o endereço não respondeu em {ANSWER_TIMEOUT_S} segundos")
    } else if error.is_connect() {
        "não foi possível conectar ao endereço".to_owned()
    } else {
        "a conexão com o endereço caiu antes da resposta".to_owned()
    }
}
