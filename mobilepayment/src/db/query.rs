//! What can be asked of the store without changing it.

use protocol::attempt::{AttemptEnded, Flag};
use protocol::order::OrderStatus;
use protocol::{AttemptId, OrderId, ReversalId, Serial, UnixMillis};

use crate::ledger::order::{Attempt, CloseReason, Order};
use crate::registers::AccountId;

/// Which orders to list, newest first. `None`: no limit by that.
#[derive(Clone, Debug, Default)]
pub struct OrderFilter {
    /// In one of these states; empty: any.
    pub statuses: Vec<OrderStatus>,
    /// If closed, closed as one of these; empty: as any. Says nothing about orders in another state.
    pub close_reasons: Vec<CloseReason>,
    /// With exactly this code.
    pub code: Option<String>,
    /// Named to this terminal, or to all.
    pub terminal: Option<Serial>,
    /// Whose number, code or display name contains this text.
    pub text: Option<String>,
    /// Created at or after.
    pub created_since: Option<UnixMillis>,
    /// Created before or at.
    pub created_until: Option<UnixMillis>,
    /// Only those with an attempt in doubt.
    pub in_doubt: bool,
}

/// One page of orders.
#[derive(Clone, Debug)]
pub struct OrderPage {
    /// The orders, newest first.
    pub orders: Vec<Order>,
    /// How many there are in all.
    pub total: u64,
}

/// Which charges to list, newest first. `None`: no limit by that.
#[derive(Clone, Debug, Default)]
pub struct ChargeFilter {
    /// Of this order.
    pub order: Option<OrderId>,
    /// With exactly this ATK.
    pub code: Option<String>,
    /// First heard of at or after.
    pub created_since: Option<UnixMillis>,
    /// First heard of before or at.
    pub created_until: Option<UnixMillis>,
}

/// One page of charges.
#[derive(Clone, Debug)]
pub struct ChargePage {
    /// The charges with their orders, newest first.
    pub charges: Vec<(Order, Attempt)>,
    /// How many there are in all.
    pub total: u64,
}

/// A reversal with where it belongs.
#[derive(Clone, Debug)]
pub struct ReversalOfOrder {
    /// The order.
    pub order: Order,
    /// The payment.
    pub attempt_id: AttemptId,
    /// The reversal.
    pub reversal_id: ReversalId,
}

/// One page of reversals.
#[derive(Clone, Debug)]
pub struct ReversalPage {
    /// The reversals, those of the newest order first.
    pub reversals: Vec<ReversalOfOrder>,
    /// How many there are in all.
    pub total: u64,
}

/// What a terminal reported of an attempt, every distinct report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The attempt.
    pub attempt_id: AttemptId,
    /// The order that the report names.
    pub order_id: OrderId,
    /// The terminal.
    pub terminal: Serial,
    /// As it came.
    pub message: AttemptEnded,
    /// What was wrong with it.
    pub flags: Vec<Flag>,
    /// The service's clock when it came.
    pub received_at: UnixMillis,
}

/// A message that fits no order, kept as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Its number.
    pub id: u64,
    /// Whose terminal sent it.
    pub account: AccountId,
    /// The terminal.
    pub terminal: Serial,
    /// `attempt`, `reversal` or `statement`.
    pub kind: String,
    /// The message, JSON.
    pub message: String,
    /// The service's clock when it came.
    pub received_at: UnixMillis,
}

/// What the service knows of a registered terminal besides the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalState {
    /// Which.
    pub serial: Serial,
    /// When it was activated; `None`: not active.
    pub activated_at: Option<UnixMillis>,
    /// When it last spoke to the service since the service started.
    pub last_seen_at: Option<UnixMillis>,
    /// Blocked by the store.
    pub revoked: bool,
}

/// Whether a delivery of an event is still tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// Waits for its turn or for its next try.
    Pending,
    /// Given up; a person may have it tried again.
    Failed,
}

/// A delivery of an event to a webhook endpoint, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The event.
    pub event_id: String,
    /// Its place among the events.
    pub event_sequence: u64,
    /// Its type.
    pub event_type: String,
    /// Its order; the event's own id when it has none. Events of one lane are delivered one after the other.
    pub lane: String,
    /// Whether it is still tried.
    pub status: DeliveryStatus,
    /// Failed tries since it was queued or sent again by hand.
    pub tries: u32,
    /// When it was queued.
    pub queued_at: UnixMillis,
    /// When the present row of tries began.
    pub tried_since: Option<UnixMillis>,
    /// Not before this time.
    pub next_try_at: UnixMillis,
    /// HTTP status of the last answer.
    pub last_status: Option<u16>,
    /// What went wrong last, for people.
    pub last_error: Option<String>,
}
