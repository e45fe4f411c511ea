//! What happened, as the PDV is told: append-only, in order, each with an id to drop duplicates.

use protocol::{AttemptId, PrintId, ReversalId, Serial, UnixMillis};
use serde::{Deserialize, Serialize};

use super::order::{Order, Print};
use crate::registers::AccountId;

macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What kind of thing happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum EventType {
            $($(#[$doc])* $name,)*
        }

        impl EventType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

event_types! {
    /// An order was created.
    OrderCreated = "order.created",
    /// The balance of an order is zero.
    OrderPaid = "order.paid",
    /// An order ended as cancelled, failed or expired.
    OrderCanceled = "order.canceled",
    /// An order was closed by the PDV, as whatever.
    OrderClosed = "order.closed",
    /// A payment was approved; once for every partial.
    ChargePaid = "charge.paid",
    /// A payment was given back whole.
    ChargeRefunded = "charge.refunded",
    /// A payment was given back in part.
    ChargePartialCanceled = "charge.partial_canceled",
    /// A close waits for a charge in flight or for a courier.
    OrderClosing = "posconnect.order.closing",
    /// An attempt left for the acquirer's app.
    AttemptStarted = "posconnect.attempt.started",
    /// Nobody knows what came of an attempt.
    AttemptInDoubt = "posconnect.attempt.in_doubt",
    /// An attempt was refused by the acquirer.
    AttemptDeclined = "posconnect.attempt.declined",
    /// An attempt was given up.
    AttemptCancelled = "posconnect.attempt.cancelled",
    /// A report of an attempt breaks a rule.
    AttemptFlagged = "posconnect.attempt.flagged",
    /// A result of an order that the service does not know.
    AttemptOrphan = "posconnect.attempt.orphan",
    /// An operator read the card slip of an attempt.
    AttemptStated = "posconnect.attempt.stated",
    /// A manager decided about an attempt in doubt.
    AttemptResolved = "posconnect.attempt.resolved",
    /// A terminal got the right to charge.
    ClaimGranted = "posconnect.claim.granted",
    /// A terminal gave the right back, or lost it.
    ClaimReleased = "posconnect.claim.released",
    /// The PDV asked for a reversal that an operator must do.
    ReversalWanted = "posconnect.reversal.wanted",
    /// Nobody knows whether a reversal went through.
    ReversalInDoubt = "posconnect.reversal.in_doubt",
    /// The store decided about a reversal in doubt.
    ReversalResolved = "posconnect.reversal.resolved",
    /// A reversal did not go through.
    ReversalFailed = "posconnect.reversal.failed",
    /// A reversal gave back more than had been paid.
    ReversalFlagged = "posconnect.reversal.flagged",
    /// A reversal of a payment that the service does not know.
    ReversalOrphan = "posconnect.reversal.orphan",
    /// A receipt was printed.
    PrintPrinted = "posconnect.print.printed",
    /// A receipt could not be printed.
    PrintFailed = "posconnect.print.failed",
    /// A receipt was not wanted by the operator.
    PrintSkipped = "posconnect.print.skipped",
}

impl EventType {
    /// The type with this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.as_str() == text)
    }
}

/// What an event is about, besides its order. Stored as JSON; fields are only ever added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventBody {
    /// The order after the event; `None` only for orphans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// The attempt that it is about, to be found in `order` unless it is an orphan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptId>,
    /// The reversal that it is about, to be found in the attempt unless it is an orphan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reversal: Option<ReversalId>,
    /// The terminal that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminal: Option<Serial>,
    /// Why, in a person's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The receipt that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub print: Option<Print>,
    /// The receipt's id, when only that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub print_id: Option<PrintId>,
    /// An outcome or reversal that fits no order, as it was reported (JSON of `protocol`'s message).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orphan: Option<serde_json::Value>,
}

/// An event that the ledger decided on; the store gives it its number, id and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventType,
    /// The attempt.
    pub attempt: Option<AttemptId>,
    /// The reversal.
    pub reversal: Option<ReversalId>,
    /// The terminal.
    pub terminal: Option<Serial>,
    /// Why, in a person's words.
    pub reason: Option<String>,
}

/// An event as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the service's sequence of events; grows by at least one.
    pub sequence: u64,
    /// `hook_…`: for dropping duplicates.
    pub id: String,
    /// Whose it is.
    pub account: AccountId,
    /// What happened.
    pub kind: EventType,
    /// When.
    pub created_at: UnixMillis,
    /// What it is about; `order.pdv` is filled from the order.
    pub body: EventBody,
}
