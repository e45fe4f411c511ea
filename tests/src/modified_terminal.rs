//! A terminal that was tampered with: a plain client of the terminal-facing protocol that says whatever a test wants,
//! with a device token of its own.

use std::sync::atomic::{AtomicU64, Ordering};

use protocol::activation::Activated;
use protocol::attempt::{AttemptAck, AttemptEnded, AttemptStarted, Evidence, Outcome};
use protocol::claim::{ClaimGrant, ClaimKind};
use protocol::feed::{Cursor, FeedPage};
use protocol::refusal::Refusal;
use protocol::{AttemptId, Centavos, ClaimId, OrderId, PaymentChoice, UnixMillis};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::http::{Answer, Http};

/// A terminal without scruples.
pub struct ModifiedTerminal {
    /// Its connection, with its token: for bodies that no type allows.
    pub http: Http,
    /// What the service told it when it was activated.
    pub activated: Activated,
    cursor: Option<Cursor>,
}

/// A number that no other call of this process gets.
#[must_use]
pub fn fresh_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000_007);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl ModifiedTerminal {
    /// Activates a registered serial.
    ///
    /// # Panics
    /// When the service refuses.
    #[must_use]
    #[track_caller]
    pub fn activate(service: &str, code: &str, serial: &str) -> Self {
        let stranger = Http::new(service, vec![]);
        let body = stranger.post("/terminal/v1/activate", &json!({"code": code, "serial": serial})).ok();
        let activated: Activated =
            serde_json::from_value(body).expect("an activation as the protocol defines it");
        let bearer = format!("Bearer {}", activated.device_token);
        Self { http: Http::new(service, vec![("authorization", bearer)]), activated, cursor: None }
    }

    /// What changed since the last call; waits up to `wait_s` seconds for something.
    #[track_caller]
    pub fn feed(&mut self, wait_s: u32) -> FeedPage {
        let since = self.cursor.map_or_else(String::new, |cursor| format!("since={cursor}&"));
        let page = self.http.get(&format!("/terminal/v1/feed?{since}wait_s={wait_s}")).ok();
        let page: FeedPage = serde_json::from_value(page).expect("a feed page as the protocol defines it");
        self.cursor = Some(page.cursor);
        page
    }

    /// Asks for an order.
    ///
    /// # Errors
    /// The service's refusal.
    pub fn claim(&self, order_id: &str, kind: ClaimKind) -> Result<ClaimGrant, Refusal> {
        let claim_id = ClaimId::from_random(fresh_number());
        self.call("/terminal/v1/claims", &json!({"claim_id": claim_id, "order_id": order_id, "kind": kind}))
    }

    /// An attempt under a grant, with an id of its own.
    #[must_use]
    pub fn attempt(grant: &ClaimGrant, amount: u64, choice: PaymentChoice) -> AttemptStarted {
        AttemptStarted {
            attempt_id: AttemptId::from_random(fresh_number()),
            order_id: grant.order.id.clone(),
            claim_id: grant.claim_id,
            fence: grant.fence,
            amount: centavos(amount),
            choice,
            started_at: UnixMillis(1_780_000_000_000),
        }
    }

    /// An attempt on any order under a claim that does not exist.
    #[must_use]
    pub fn attempt_without_claim(order_id: &str, amount: u64, choice: PaymentChoice) -> AttemptStarted {
        AttemptStarted {
            attempt_id: AttemptId::from_random(fresh_number()),
            order_id: OrderId::parse(order_id).expect("an order id"),
            claim_id: ClaimId::from_random(fresh_number()),
            fence: protocol::Fence(1),
            amount: centavos(amount),
            choice,
            started_at: UnixMillis(1_780_000_000_000),
        }
    }

    /// The outcome of an attempt, approved and with the evidence that an honest acquirer's app would give.
    #[must_use]
    pub fn approved(attempt: &AttemptStarted) -> AttemptEnded {
        let number = fresh_number();
        AttemptEnded {
            attempt: attempt.clone(),
            outcome: Outcome::Approved,
            reason: None,
            evidence: Evidence {
                code: Some("0".into()),
                amount: Some(attempt.amount),
                method: Some(attempt.choice.method),
                installments: attempt.choice.installments.map(|i| i.count),
                brand: Some("MASTERCARD".into()),
                last4: Some("4242".into()),
                authorization_code: Some(format!("{:06}", number % 1_000_000)),
                atk: Some(format!("{:014}", number)),
                itk: Some(format!("MOD-1.0-{number}")),
                entry_mode: Some("ICC".into()),
                authorized_at_local: Some("2026-05-10T12:00:00".into()),
            },
            ended_at: UnixMillis(1_780_000_005_000),
        }
    }

    /// Says that an attempt starts.
    ///
    /// # Errors
    /// The service's refusal.
    pub fn start(&self, attempt: &AttemptStarted) -> Result<AttemptAck, Refusal> {
        self.call("/terminal/v1/attempts", attempt)
    }

    /// Says what came of an attempt.
    ///
    /// # Errors
    /// The service's refusal.
    pub fn report(&self, ended: &AttemptEnded) -> Result<AttemptAck, Refusal> {
        self.call("/terminal/v1/attempts/outcome", ended)
    }

    fn call<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Refusal> {
        let body = serde_json::to_value(body).expect("the protocol's types are JSON");
        understood(&self.http.post(path, &body))
    }
}

/// An answer of the terminal-facing protocol: what was asked for, or a refusal whose status fits its code.
///
/// # Errors
/// The refusal.
///
/// # Panics
/// When it is neither.
pub fn understood<T: DeserializeOwned>(answer: &Answer) -> Result<T, Refusal> {
    let body: Value = answer.json();
    if (200..300).contains(&answer.status) {
        return Ok(serde_json::from_value(body).expect("an answer as the protocol defines it"));
    }
    let refusal: Refusal = serde_json::from_value(body)
        .unwrap_or_else(|error| panic!("{} is no refusal ({error}): {}", answer.status, answer.text()));
    assert_eq!(answer.status, refusal.code.http_status(), "{refusal:?}");
    Err(refusal)
}

fn centavos(amount: u64) -> Centavos {
    Centavos::new(amount).expect("an amount below 2^53")
}
