//! Client of mobilepayment's terminal-facing protocol: one method per message, and why no answer came.
//!
//! May import `protocol` and the call types of `flow`. It retries nothing and remembers nothing but the device token:
//! `flow` decides what to send again. Where to start: [`Hub::call`].
//!
//! What comes back is believed only as far as it can be: a body that is too long, that is not the message asked for, or
//! that answers another message than the one sent is [`Unreachable::NotOurs`], as a captive portal's page is.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use protocol::PrintId;
use protocol::receipt::ReceiptImage;
use protocol::refusal::Refusal;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, redirect};
use rustls::{ClientConfig, RootCertStore};

use crate::flow::{CallFailure, DeviceToken, HubCall, Reply, Unreachable};

mod address;
mod failure;
mod message;
mod proxy;
#[cfg(test)]
mod tests;

pub use address::{Address, AddressError};
pub use proxy::{Proxy, ProxyError};

/// Longest body taken, in bytes: above a full feed page and above the base64 text of the largest receipt image.
pub const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Connections kept open while idle: one is busy with the long-poll, one waits for the next message.
const IDLE_CONNECTIONS_MAX: usize = 2;
/// An idle connection is closed before the proxies on the way forget it.
const IDLE_CONNECTION_MAX: Duration = Duration::from_secs(50);
/// Longest wait for a connection; a call may allow less in all.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The service's address cannot be used.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// TLS cannot be set up: a defect of ours.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be set up: a defect of ours.
    #[error("the HTTP client cannot be set up")]
    Client(#[from] reqwest::Error),
}

/// The way to mobilepayment. Needs a tokio runtime around every call.
#[derive(Debug)]
pub struct Hub {
    address: Address,
    tls: ClientConfig,
    client: RwLock<Client>,
    /// `Authorization` header, marked sensitive.
    token: RwLock<Option<HeaderValue>>,
}

impl Hub {
    /// A client that trusts the public certificate authorities.
    pub fn new(service_url: &str) -> Result<Self, HubError> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with_roots(service_url, roots)
    }

    /// A client that trusts these authorities only.
    pub fn with_roots(service_url: &str, roots: RootCertStore) -> Result<Self, HubError> {
        let address = Address::parse(service_url)?;
        let tls = ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = RwLock::new(client(&address, &tls, None)?);
        Ok(Self { address, tls, client, token: RwLock::new(None) })
    }

    /// From now on calls go through this proxy (or through none). Those under way go on as they are. This very machine
    /// is never reached through a proxy.
    pub fn go_through(&self, proxy: Option<&Proxy>) {
        match client(&self.address, &self.tls, proxy) {
            Ok(client) => *self.client.write().unwrap_or_else(PoisonError::into_inner) = client,
            // Calls keep failing the way they did, which the screen shows.
            Err(error) => log::error!("the proxy cannot be used: {error}"),
        }
    }

    /// Uses this device token from now on.
    pub fn authenticate(&self, token: &DeviceToken) {
        let header = HeaderValue::from_str(&format!("Bearer {}", token.reveal())).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        if header.is_err() {
            // The service answers `not_activated`, and the operator reads what to do.
            log::warn!("the device token cannot be sent: it has characters that no header may have");
        }
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = header.ok();
    }

    /// Sends one message and reads its answer, both within `timeout`.
    pub async fn call(&self, request: &HubCall, timeout: Duration) -> Result<Reply, CallFailure> {
        let (builder, expected) = message::request(&self.client(), &self.address, request);
        let builder = match request {
            HubCall::Activate(_) => builder,
            HubCall::Feed { .. }
            | HubCall::Claim(_)
            | HubCall::Release(_)
            | HubCall::Start(_)
            | HubCall::Outcome(_)
            | HubCall::Statement(_)
            | HubCall::Reversal(_)
            | HubCall::ReceiptResult(_) => self.authorized(builder),
        };
        within(timeout, async move { expected.read(&answer(builder).await?) }).await
    }

    /// Fetches a receipt's image: base64 text as the PDV sent it.
    pub async fn fetch_receipt(&self, print_id: &PrintId, timeout: Duration) -> Result<String, CallFailure> {
        let builder = self.client().get(self.address.path(&["prints", print_id.as_str()]));
        let builder = self.authorized(builder);
        let image: ReceiptImage =
            within(timeout, async move { message::parse(&answer(builder).await?) }).await?;
        if image.print_id == *print_id { Ok(image.content) } else { Err(not_ours()) }
    }

    fn client(&self) -> Client {
        self.client.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn authorized(&self, builder: RequestBuilder) -> RequestBuilder {
        match &*self.token.read().unwrap_or_else(PoisonError::into_inner) {
            Some(token) => builder.header(AUTHORIZATION, token.clone()),
            None => builder,
        }
    }
}

/// The environment's proxy variables are not looked at: on a terminal the system says which proxy there is.
fn client(address: &Address, tls: &ClientConfig, proxy: Option<&Proxy>) -> Result<Client, reqwest::Error> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .https_only(!address.is_loopback())
        .http1_only()
        .redirect(redirect::Policy::none())
        .referer(false)
        .user_agent(concat!("pos-connect/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_MAX)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .pool_idle_timeout(IDLE_CONNECTION_MAX)
        .no_proxy();
    if let Some(proxy) = proxy.filter(|_| !address.is_loopback()) {
        builder = builder.proxy(reqwest::Proxy::all(proxy.url().clone())?);
    }
    builder.build()
}

async fn within<T>(
    timeout: Duration,
    call: impl Future<Output = Result<T, CallFailure>>,
) -> Result<T, CallFailure> {
    let answered = tokio::time::timeout(timeout, call).await;
    answered.unwrap_or(Err(CallFailure::Unreachable(Unreachable::Timeout)))
}

/// The body of a good answer.
async fn answer(builder: RequestBuilder) -> Result<Vec<u8>, CallFailure> {
    let response = builder.send().await.map_err(|e| failure::classify(&e))?;
    let status = response.status();
    let body = bounded_body(response).await?;
    if status.is_success() {
        return Ok(body);
    }
    // A redirect is never ours: it is a portal that wants to be seen, or a wrong address.
    let refusal = serde_json::from_slice::<Refusal>(&body).ok().filter(|_| !status.is_redirection());
    Err(refusal.map_or_else(not_ours, CallFailure::Refused))
}

async fn bounded_body(mut response: Response) -> Result<Vec<u8>, CallFailure> {
    let mut body = vec![];
    while let Some(chunk) = response.chunk().await.map_err(|e| failure::classify(&e))? {
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(not_ours());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

const fn not_ours() -> CallFailure {
    CallFailure::Unreachable(Unreachable::NotOurs)
}
