//! An event as the webhook delivers it and as the feed repeats it: Pagar.me's envelope around an order or a charge.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::attempt::AttemptBody;
use super::charge::ChargeBody;
use super::order::OrderBody;
use super::print::PrintBody;
use crate::ledger::event::{Event, EventType};
use crate::pdv::instant::to_iso;
use crate::registers::Company;

/// An event. The same `id` may come more than once and is then the same event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventEnvelope {
    /// `hook_…`: for dropping duplicates.
    pub id: String,
    /// Whose it is.
    pub account: AccountBody,
    /// What happened, `charge.paid` for one.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When.
    pub created_at: String,
    /// An order (`order.*`), a charge (`charge.*`), or what a `posconnect.*` event is about.
    #[schema(value_type = Object)]
    pub data: Value,
    /// Place among the service's events; only grows.
    pub sequence: u64,
}

/// A company.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountBody {
    /// `acc_…`
    pub id: String,
    /// The store's name.
    pub name: String,
}

/// The envelope of an event.
#[must_use]
pub fn envelope(company: &Company, event: &Event) -> EventEnvelope {
    EventEnvelope {
        id: event.id.clone(),
        account: AccountBody { id: company.account_id.to_string(), name: company.store_name.clone() },
        kind: event.kind.as_str(),
        created_at: to_iso(event.created_at),
        data: data(event),
        sequence: event.sequence,
    }
}

fn data(event: &Event) -> Value {
    use EventType as E;
    let body = &event.body;
    let Some(order) = &body.order else {
        return json!({ "message": body.orphan, "terminal_serial_number": body.terminal });
    };
    let attempt = body.attempt.and_then(|id| order.attempt(id));
    match event.kind {
        E::OrderCreated | E::OrderPaid | E::OrderCanceled | E::OrderClosed => value(&OrderBody::new(order)),
        E::ChargePaid => match attempt {
            Some(attempt) => value(&ChargeBody::new(order, attempt)),
            None => value(&OrderBody::new(order)),
        },
        E::ChargeRefunded | E::ChargePartialCanceled => match (attempt, body.reversal) {
            (Some(attempt), Some(reversal)) => value(&ChargeBody::after_reversal(order, attempt, reversal)),
            (Some(attempt), None) => value(&ChargeBody::new(order, attempt)),
            (None, _) => value(&OrderBody::new(order)),
        },
        E::OrderClosing
        | E::AttemptStarted
        | E::AttemptInDoubt
        | E::AttemptDeclined
        | E::AttemptCancelled
        | E::AttemptFlagged
        | E::AttemptOrphan
        | E::AttemptStated
        | E::AttemptResolved
        | E::ClaimGranted
        | E::ClaimReleased
        | E::ReversalWanted
        | E::ReversalInDoubt
        | E::ReversalResolved
        | E::ReversalFailed
        | E::ReversalFlagged
        | E::ReversalOrphan
        | E::PrintPrinted
        | E::PrintFailed
        | E::PrintSkipped => json!({
            "order": OrderBody::new(order),
            "attempt": attempt.map(AttemptBody::new),
            "reversal_id": body.reversal,
            "print": body.print.as_ref().map(PrintBody::new),
            "print_id": body.print_id,
            "terminal_serial_number": body.terminal,
            "reason": body.reason,
        }),
    }
}

fn value(body: &impl Serialize) -> Value {
    serde_json::to_value(body).expect("our bodies have only text keys")
}
