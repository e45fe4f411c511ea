//! A manager decides about a reversal in doubt: whether the money went back.

use protocol::attempt::Outcome;
use protocol::{AttemptId, UnixMillis};

use super::command::ResolveReversal;
use super::draft::{Decision, Draft};
use super::event::EventType;
use super::order::{Order, Resolution};
use super::refusal::PdvRefusal;
use super::resolving::check_texts;
use super::reversing::{book, place_of, told_as};

/// Decides about a manager's decision on a reversal of this payment. The same decision again is the same answer.
pub fn resolve(
    order: &Order,
    attempt_id: AttemptId,
    resolve: &ResolveReversal,
    now: UnixMillis,
) -> Result<Decision<()>, PdvRefusal> {
    check_texts(&resolve.evidence, &resolve.reason, &resolve.by)?;
    let mut draft = Draft::begin(order, now);
    let place = place_of(&draft.order, attempt_id).ok_or(PdvRefusal::ReversalUnknown)?;
    let attempt = draft.attempt_mut(place);
    let at = attempt
        .reversals
        .iter()
        .position(|reversal| reversal.id == resolve.reversal_id)
        .ok_or(PdvRefusal::ReversalUnknown)?;
    let decided = if resolve.went_back { Outcome::Approved } else { Outcome::Declined };
    let reversal = attempt.reversals.get_mut(at).ok_or(PdvRefusal::ReversalUnknown)?;
    match reversal.outcome {
        Outcome::InDoubt => {}
        outcome if outcome == decided && reversal.resolution.is_some() => return Ok(draft.decide(())),
        Outcome::Approved | Outcome::Declined | Outcome::Cancelled => {
            return Err(PdvRefusal::ReversalNotInDoubt);
        }
    }
    reversal.outcome = decided;
    reversal.resolution = Some(Resolution {
        approved: resolve.went_back,
        evidence: resolve.evidence.clone(),
        reason: resolve.reason.clone(),
        by: resolve.by.clone(),
        at: now,
    });
    let (terminal, asked) = (reversal.terminal.clone(), reversal.amount);
    let booked = book(attempt, at);
    attempt.reversal_wanted = None;
    let whole = attempt.reversed == attempt.amount;
    let over = resolve.went_back && booked < asked;
    let kinds = [
        Some(EventType::ReversalResolved),
        over.then_some(EventType::ReversalFlagged),
        told_as(decided, booked, whole),
    ];
    for kind in kinds.into_iter().flatten() {
        draft.tell_reversal(kind, attempt_id, resolve.reversal_id, &terminal);
    }
    Ok(draft.decide(()))
}
