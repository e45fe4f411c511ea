//! The exclusive, fenced right to charge: granted, renewed, given back, withdrawn.

use protocol::claim::{ClaimKind, ClaimRelease, ClaimRequest};
use protocol::order::{OrderKind, OrderStatus};
use protocol::refusal::{Refusal, RefusalCode};
use protocol::{ClaimId, Fence, OrderId, Serial, UnixMillis};

use super::draft::{Decision, Draft};
use super::event::EventType;
use super::order::{Claim, Order};
use super::refusal::PdvRefusal;
use crate::registers::Terminal;

/// How long a `now` claim lasts without renewal, in seconds: an operator who chooses a method and counts parts takes
/// less; a terminal that was dropped blocks the order no longer than this.
pub const LEASE_S: u32 = 120;

/// What was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The fence to send with every attempt.
    pub fence: Fence,
    /// How long it lasts without renewal.
    pub lease_s: Option<u32>,
}

/// A claim id that was seen before, whatever became of the claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownClaim {
    /// The order that it was for.
    pub order_id: OrderId,
    /// The terminal that made it.
    pub terminal: Serial,
}

/// Decides about a request for an order. `known`: the same claim id, when it was seen before.
pub fn claim(
    order: &Order,
    known: Option<&KnownClaim>,
    terminal: &Terminal,
    request: &ClaimRequest,
    now: UnixMillis,
) -> Result<Decision<Grant>, Refusal> {
    let mut draft = Draft::begin(order, now);
    if !draft.order.is_for(&terminal.account_id, &terminal.serial) {
        return Err(RefusalCode::NotForThisTerminal.into());
    }
    if !use_allowed(draft.order.kind, request.kind, terminal) {
        return Err(RefusalCode::UseNotAllowed.into());
    }
    if let Some(grant) = renew(&mut draft, &terminal.serial, request) {
        return Ok(draft.decide(grant));
    }
    refuse_ended(draft.order.status)?;
    refuse_held_by_other(&draft.order, &terminal.serial)?;
    match known {
        Some(known) if known.order_id == request.order_id && known.terminal == terminal.serial => {
            let reused = draft.order.claim.as_ref().is_some_and(|claim| claim.id == request.claim_id);
            return Err(if reused { RefusalCode::IdReused } else { RefusalCode::ClaimLost }.into());
        }
        Some(_) => return Err(RefusalCode::IdReused.into()),
        None => {}
    }
    // Overtaken on its way by a later request of the same terminal. A courier charges out of reach under the claim that
    // it knows of: another one must not take its place, to end with the release that follows it.
    if draft.order.claim.as_ref().is_some_and(|held| held.kind == ClaimKind::Delivery) {
        return Err(RefusalCode::ClaimLost.into());
    }

    let fence = Fence(draft.order.fence.0 + 1);
    let lease_s = lease_of(request.kind);
    draft.order.fence = fence;
    draft.order.claim = Some(Claim {
        id: request.claim_id,
        terminal: terminal.serial.clone(),
        kind: request.kind,
        fence,
        granted_at: now,
        lease_until: lease_s.map(|s| now.plus_ms(i64::from(s) * 1_000)),
    });
    draft.tell(EventType::ClaimGranted, Some(&terminal.serial));
    Ok(draft.decide(Grant { fence, lease_s }))
}

/// Decides about giving an order back. What is not held is no error.
pub fn release(
    order: &Order,
    terminal: &Serial,
    release: &ClaimRelease,
    now: UnixMillis,
) -> Result<Decision<()>, Refusal> {
    let mut draft = Draft::begin(order, now);
    if holds(&draft.order, terminal, release.claim_id) {
        let charging = draft
            .order
            .attempts
            .iter()
            .any(|attempt| attempt.terminal == *terminal && attempt.is_unsettled());
        if charging {
            return Err(RefusalCode::AttemptOpen.into());
        }
        draft.end_claim();
        draft.conclude(false);
    }
    Ok(draft.decide(()))
}

/// Decides about taking an order from a terminal that is lost or broken, by the store's manager.
pub fn withdraw(order: &Order, reason: &str, now: UnixMillis) -> Result<Decision<()>, PdvRefusal> {
    let mut draft = Draft::begin(order, now);
    let Some(claim) = &draft.order.claim else {
        return Err(PdvRefusal::NotClaimed);
    };
    let charging = draft
        .order
        .attempts
        .iter()
        .any(|attempt| attempt.terminal == claim.terminal && attempt.is_unsettled());
    if charging {
        return Err(PdvRefusal::AttemptOpen);
    }
    draft.end_claim();
    draft.because(reason);
    draft.conclude(false);
    Ok(draft.decide(()))
}

/// Whether this terminal holds the order under this claim.
pub(super) fn holds(order: &Order, terminal: &Serial, claim_id: ClaimId) -> bool {
    order.claim.as_ref().is_some_and(|claim| claim.id == claim_id && claim.terminal == *terminal)
}

pub(super) fn refuse_ended(status: OrderStatus) -> Result<(), Refusal> {
    match status {
        OrderStatus::Open => Ok(()),
        OrderStatus::Paid => Err(RefusalCode::OrderPaid.into()),
        OrderStatus::Closed => Err(RefusalCode::OrderClosed.into()),
        OrderStatus::Closing => Err(RefusalCode::OrderClosing.into()),
    }
}

pub(super) fn refuse_held_by_other(order: &Order, terminal: &Serial) -> Result<(), Refusal> {
    match &order.claim {
        Some(claim) if claim.terminal != *terminal => {
            let mut refusal = Refusal::from(RefusalCode::HeldByOther);
            refusal.holder = Some(claim.terminal.to_string());
            Err(refusal)
        }
        Some(_) | None => Ok(()),
    }
}

/// The same request again: the same grant, with a fresh lease while the order is open.
fn renew(draft: &mut Draft, terminal: &Serial, request: &ClaimRequest) -> Option<Grant> {
    let now = draft.now;
    let open = draft.order.status == OrderStatus::Open;
    let claim = draft.order.claim.as_mut()?;
    if claim.id != request.claim_id || claim.terminal != *terminal || claim.kind != request.kind {
        return None;
    }
    let lease_s = lease_of(claim.kind);
    if open {
        claim.lease_until = lease_s.map(|s| now.plus_ms(i64::from(s) * 1_000));
    }
    Some(Grant { fence: claim.fence, lease_s })
}

const fn lease_of(kind: ClaimKind) -> Option<u32> {
    match kind {
        ClaimKind::Now => Some(LEASE_S),
        ClaimKind::Delivery => None,
    }
}

/// A direct order is charged at the counter; a listed one anywhere; only listed ones are taken out for delivery.
const fn use_allowed(order: OrderKind, claim: ClaimKind, terminal: &Terminal) -> bool {
    match (order, claim) {
        (OrderKind::Direct, ClaimKind::Now) => terminal.counter,
        (OrderKind::Direct, ClaimKind::Delivery) => false,
        (OrderKind::Listed, ClaimKind::Now) => terminal.counter || terminal.delivery,
        (OrderKind::Listed, ClaimKind::Delivery) => terminal.delivery,
    }
}
