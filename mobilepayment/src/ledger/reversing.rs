//! A payment is given back, whole or in part, on the terminal that took it.

use protocol::attempt::Outcome;
use protocol::reversal::ReversalEnded;
use protocol::{AttemptId, Centavos, Serial, UnixMillis};

use super::draft::{Decision, Draft};
use super::event::EventType;
use super::order::{Attempt, Order, Reversal, WantedReversal};
use super::refusal::PdvRefusal;

/// Most reversals of one payment: far above what people do.
pub const REVERSALS_MAX: usize = 100;

/// Decides about a reversal that the PDV asks for. `None`: all that is left. The same amount again is the same
/// request.
pub fn want(
    order: &Order,
    attempt_id: AttemptId,
    amount: Option<Centavos>,
    now: UnixMillis,
) -> Result<Decision<()>, PdvRefusal> {
    let mut draft = Draft::begin(order, now);
    let place = place_of(&draft.order, attempt_id).ok_or(PdvRefusal::ChargeUnknown)?;
    let attempt = draft.attempt_mut(place);
    if !attempt.is_approved() {
        return Err(PdvRefusal::NotPaid);
    }
    let left = attempt.net();
    let amount = amount.unwrap_or(left);
    if let Some(wanted) = attempt.reversal_wanted {
        return if wanted.amount == amount { Ok(draft.decide(())) } else { Err(PdvRefusal::ReversalWaiting) };
    }
    if amount.is_zero() || amount > left {
        return Err(PdvRefusal::ReversalTooLarge { left });
    }
    attempt.reversal_wanted = Some(WantedReversal { amount, wanted_at: now, sequence: 0 });
    let terminal = attempt.terminal.clone();
    draft.tell_attempt(EventType::ReversalWanted, attempt_id, &terminal);
    Ok(draft.decide(()))
}

/// Decides about a terminal's report of a reversal; `None` when it fits no payment of this order, or the payment has
/// more reversals than are kept.
#[must_use]
pub fn report(
    order: &Order,
    terminal: &Serial,
    message: &ReversalEnded,
    now: UnixMillis,
) -> Option<Decision<()>> {
    let mut draft = Draft::begin(order, now);
    let place = place_of(&draft.order, message.attempt_id)?;
    let attempt = draft.attempt_mut(place);
    let known = attempt.reversals.iter().position(|r| r.id == message.reversal_id);
    let before = known.and_then(|at| attempt.reversals.get(at)).cloned();
    if before.is_none() && attempt.reversals.len() >= REVERSALS_MAX {
        return None;
    }
    let same = before.as_ref().is_none_or(|b| b.amount == message.amount && b.terminal == *terminal);
    let after = next_outcome(before.as_ref().map(|b| b.outcome), message.outcome);
    let is_news = same && before.as_ref().is_none_or(|b| b.outcome != after);
    let contradicts = before.as_ref().is_some_and(|b| {
        !same
            || (b.outcome != Outcome::InDoubt
                && message.outcome != Outcome::InDoubt
                && b.outcome != message.outcome)
    });
    if !is_news {
        if let Some(still) = known.and_then(|at| attempt.reversals.get_mut(at))
            && same
            && after == Outcome::InDoubt
        {
            // Tried again without an answer that decides it: why, is all that may have changed.
            still.reason = message.reason;
            still.response_code.clone_from(&message.response_code);
            still.ended_at = message.ended_at;
        }
        if contradicts {
            draft.tell_reversal(
                EventType::ReversalFlagged,
                message.attempt_id,
                message.reversal_id,
                terminal,
            );
        }
        return Some(draft.decide(()));
    }

    let reversal = Reversal {
        id: message.reversal_id,
        terminal: terminal.clone(),
        amount: message.amount,
        outcome: after,
        reason: message.reason,
        response_code: message.response_code.clone(),
        booked: Centavos::ZERO,
        started_at: message.started_at,
        ended_at: message.ended_at,
        recorded_at: now,
        resolution: before.and_then(|before| before.resolution),
    };
    let at = known.unwrap_or(attempt.reversals.len());
    match attempt.reversals.get_mut(at) {
        Some(place) => *place = reversal,
        None => attempt.reversals.push(reversal),
    }
    let booked = book(attempt, at);
    if after != Outcome::InDoubt {
        attempt.reversal_wanted = None;
    }
    let whole = attempt.reversed == attempt.amount;
    let kinds = [
        (contradicts || (after == Outcome::Approved && booked < message.amount))
            .then_some(EventType::ReversalFlagged),
        told_as(after, booked, whole),
    ];
    for kind in kinds.into_iter().flatten() {
        draft.tell_reversal(kind, message.attempt_id, message.reversal_id, terminal);
    }
    Some(draft.decide(()))
}

/// Books a reversal that has just become approved, up to what is left of the payment; how much. Anything else books
/// nothing.
pub(super) fn book(attempt: &mut Attempt, at: usize) -> Centavos {
    let left = attempt.net();
    let Some(reversal) = attempt.reversals.get_mut(at).filter(|r| r.outcome == Outcome::Approved) else {
        return Centavos::ZERO;
    };
    let booked = reversal.amount.min(left);
    reversal.booked = booked;
    attempt.reversed =
        attempt.reversed.checked_add(booked).expect("`booked` is at most what was left of the payment");
    booked
}

/// Books what went back of a payment before the service held it to be one, and tells it.
pub(super) fn book_earlier(draft: &mut Draft, place: usize) {
    let attempt = draft.attempt_mut(place);
    if !attempt.is_approved() {
        return;
    }
    let (id, mut told) = (attempt.id, Vec::new());
    for at in 0..attempt.reversals.len() {
        let waiting = attempt.reversals.get(at).filter(|r| r.booked.is_zero());
        let Some((reversal, terminal)) = waiting.map(|r| (r.id, r.terminal.clone())) else {
            continue;
        };
        let booked = book(attempt, at);
        let whole = attempt.reversed == attempt.amount;
        if !booked.is_zero() {
            told.extend(told_as(Outcome::Approved, booked, whole).map(|kind| (kind, reversal, terminal)));
        }
    }
    for (kind, reversal, terminal) in told {
        draft.tell_reversal(kind, id, reversal, &terminal);
    }
}

pub(super) fn place_of(order: &Order, id: AttemptId) -> Option<usize> {
    order.attempts.iter().position(|attempt| attempt.id == id)
}

/// An approval always counts, even after a refusal: the money went back. Nothing takes an approval away.
const fn next_outcome(before: Option<Outcome>, reported: Outcome) -> Outcome {
    match (before, reported) {
        (Some(Outcome::Approved), _) | (_, Outcome::Approved) => Outcome::Approved,
        (Some(definite @ (Outcome::Declined | Outcome::Cancelled)), _) => definite,
        (None | Some(Outcome::InDoubt), _) => reported,
    }
}

pub(super) fn told_as(outcome: Outcome, booked: Centavos, whole: bool) -> Option<EventType> {
    match outcome {
        Outcome::Approved if booked.is_zero() => None,
        Outcome::Approved if whole => Some(EventType::ChargeRefunded),
        Outcome::Approved => Some(EventType::ChargePartialCanceled),
        Outcome::InDoubt => Some(EventType::ReversalInDoubt),
        Outcome::Declined | Outcome::Cancelled => Some(EventType::ReversalFailed),
    }
}
