//! Comfort for `scripts/run`: asks mobilepayment for an activation code and types it into the agent's own screen.
//!
//! Only when the agent itself shows its activation page, only over the public API, and only a few times; then a person
//! takes over. Nothing is activated behind the agent's back.

use std::sync::{Arc, Weak};
use std::time::Duration;

use pos_connect::view::Screen;
use pos_connect::view::screen::{ActionStyle, KeypadKind, Widget};
use serde::Deserialize;

use crate::service::ServiceAddress;
use crate::terminal::Terminal;

/// Name of the agent's page that asks for a code.
const ACTIVATION_PAGE: &str = "activation";
/// Most codes that are asked for on behalf of one terminal while the process lives.
const MAX_CODES: u32 = 5;
/// Most requests for one code: the service may still be starting, or down.
const MAX_REQUESTS: u32 = 60;
/// Pause between two such requests, in milliseconds.
const REQUEST_PAUSE_MS: u64 = 1_000;
/// Longest wait for one answer, in seconds.
const REQUEST_TIMEOUT_S: u64 = 10;
/// Longest answer, in bytes: a code and its expiry are below 1 KB.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// Activates terminals that ask for it.
#[derive(Debug, Clone)]
pub struct Activator {
    client: reqwest::Client,
    service: ServiceAddress,
    secret_key: SecretKey,
}

/// The store's secret key. Never printed.
#[derive(Clone)]
pub struct SecretKey(String);

/// Why an activation code did not come.
#[derive(Debug, thiserror::Error)]
enum CodeError {
    #[error("mobilepayment did not answer: {0}")]
    Unreachable(#[from] reqwest::Error),
    #[error("mobilepayment refused with status {0}")]
    Refused(reqwest::StatusCode),
    #[error("mobilepayment's answer has no code in it")]
    NoCode,
}

#[derive(Deserialize)]
struct CodeAnswer {
    code: String,
}

impl SecretKey {
    /// From the text of a key file; `None` when it is empty or is no key.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let key = text.trim();
        let clean = !key.is_empty() && key.len() <= 256 && key.bytes().all(|b| b.is_ascii_graphic());
        clean.then(|| Self(key.to_owned()))
    }
}

impl core::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl Activator {
    /// Activates with this store's key at this service.
    pub fn new(service: ServiceAddress, secret_key: SecretKey) -> Result<Self, reqwest::Error> {
        // reqwest is built without a provider of its own; one that is installed already serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client =
            reqwest::Client::builder().timeout(Duration::from_secs(REQUEST_TIMEOUT_S)).no_proxy().build()?;
        Ok(Self { client, service, secret_key })
    }

    /// From now on, types a code whenever the terminal asks for one.
    pub fn look_after(&self, terminal: &Arc<Terminal>) {
        let (activator, terminal) = (self.clone(), Arc::downgrade(terminal));
        tokio::spawn(async move { activator.follow(terminal).await });
    }

    async fn follow(&self, terminal: Weak<Terminal>) {
        for _ in 0..MAX_CODES {
            let Some(serial) = asks_for_code(&terminal).await else {
                return;
            };
            let Some(code) = self.code(&serial).await else {
                return;
            };
            if type_in(&terminal, &code).is_none() {
                return;
            }
            if left_page(&terminal).await.is_none() {
                return;
            }
        }
        log::warn!("{MAX_CODES} activation codes were typed; a person has to go on");
    }

    /// A code from mobilepayment, with patience.
    async fn code(&self, serial: &str) -> Option<String> {
        for attempt in 1..=MAX_REQUESTS {
            match self.ask(serial).await {
                Ok(code) => return Some(code),
                Err(CodeError::Unreachable(error)) if attempt < MAX_REQUESTS => {
                    log::debug!("no activation code for {serial} yet: {error}");
                    tokio::time::sleep(Duration::from_millis(REQUEST_PAUSE_MS)).await;
                }
                Err(error) => {
                    log::warn!("no activation code for {serial}: {error}; activate it by hand");
                    return None;
                }
            }
        }
        None
    }

    async fn ask(&self, serial: &str) -> Result<String, CodeError> {
        let url = format!("{}/posconnect/v1/terminals/{serial}/activation-codes", self.service.url());
        let answer = self
            .client
            .post(url)
            .basic_auth(&self.secret_key.0, Some(""))
            .json(&serde_json::json!({}))
            .send()
            .await?;
        if !answer.status().is_success() {
            return Err(CodeError::Refused(answer.status()));
        }
        if answer.content_length().is_none_or(|length| length > MAX_ANSWER_BYTES) {
            return Err(CodeError::NoCode);
        }
        let body = answer.bytes().await?;
        let answer: CodeAnswer = serde_json::from_slice(&body).map_err(|_| CodeError::NoCode)?;
        Some(answer.code).filter(|code| !code.is_empty()).ok_or(CodeError::NoCode)
    }
}

/// Waits until the agent asks for a code; `None`: the terminal is gone.
async fn asks_for_code(terminal: &Weak<Terminal>) -> Option<String> {
    loop {
        let mut changes = {
            let terminal = terminal.upgrade()?;
            // Before the look, so that a change in between is not missed.
            let changes = terminal.changes();
            if terminal.state().screen.is_some_and(|screen| screen.page == ACTIVATION_PAGE) {
                return Some(terminal.serial().as_str().to_owned());
            }
            changes
        };
        changes.changed().await.ok()?;
    }
}

/// Waits until the agent has left the page, or shows a problem on it and offers another try.
async fn left_page(terminal: &Weak<Terminal>) -> Option<()> {
    loop {
        let mut changes = {
            let terminal = terminal.upgrade()?;
            let changes = terminal.changes();
            let screen = terminal.state().screen;
            if screen.is_none_or(|screen| screen.page != ACTIVATION_PAGE) {
                return Some(());
            }
            changes
        };
        changes.changed().await.ok()?;
    }
}

/// Types a code and presses the main button, as an operator does. `None`: the screen has no such field or button.
fn type_in(terminal: &Weak<Terminal>, code: &str) -> Option<()> {
    let terminal = terminal.upgrade()?;
    let screen = terminal.state().screen?;
    let (field, button) = field_and_button(&screen)?;
    let typed = terminal.text(&field, code.to_owned()).and_then(|()| terminal.tap(&button));
    if let Err(error) = typed {
        log::warn!("the activation code could not be typed: {error}");
        return None;
    }
    Some(())
}

fn field_and_button(screen: &Screen) -> Option<(String, String)> {
    let field = screen.widgets.iter().find_map(|widget| match widget {
        Widget::Keypad { id, kind: KeypadKind::Code, .. } => Some(id.clone()),
        Widget::Keypad { .. }
        | Widget::Amount { .. }
        | Widget::Message { .. }
        | Widget::List { .. }
        | Widget::Choice { .. }
        | Widget::Progress { .. } => None,
    })?;
    let button = screen.actions.iter().find(|action| action.style == ActionStyle::Primary)?;
    Some((field, button.id.clone()))
}
