//! A manager decides what nobody else can know: whether an attempt in doubt took the money.

use protocol::UnixMillis;
use protocol::attempt::{Evidence, Outcome};
use protocol::order::OrderKind;

use super::command::Resolve;
use super::draft::{Decision, Draft};
use super::event::EventType;
use super::order::{Order, Resolution};
use super::refusal::PdvRefusal;
use super::reversing::book_earlier;
use super::stating::{adopt, adopt_codes};

/// How long an attempt without any report stays its terminal's alone, in ms: twice the longest that an acquirer's
/// app takes for a Pix. After that the terminal may be broken, and a manager may decide.
const OPEN_ATTEMPT_MS: i64 = 15 * 60 * 1_000;
/// Longest text of a decision, in bytes.
pub const TEXT_BYTES_MAX: usize = 500;

/// Decides about a manager's decision.
pub fn resolve(order: &Order, resolve: &Resolve, now: UnixMillis) -> Result<Decision<()>, PdvRefusal> {
    resolve_with(order, resolve, &Evidence::default(), now)
}

/// The same, with the acquirer's own keys of the transaction: they become the attempt's evidence where it has none.
pub fn resolve_with(
    order: &Order,
    resolve: &Resolve,
    keys: &Evidence,
    now: UnixMillis,
) -> Result<Decision<()>, PdvRefusal> {
    check_texts(&resolve.evidence, &resolve.reason, &resolve.by)?;
    let mut draft = Draft::begin(order, now);
    let place = draft
        .order
        .attempts
        .iter()
        .position(|attempt| attempt.id == resolve.attempt_id)
        .ok_or(PdvRefusal::ChargeUnknown)?;
    let decided = if resolve.approved { Outcome::Approved } else { Outcome::Declined };
    let attempt = draft.attempt_mut(place).clone();
    match attempt.outcome {
        Some(Outcome::InDoubt) => {}
        None if attempt.recorded_at.plus_ms(OPEN_ATTEMPT_MS) <= now => {}
        None => return Err(PdvRefusal::AttemptOpen),
        Some(outcome) if outcome == decided && attempt.resolution.is_some() => return Ok(draft.decide(())),
        Some(Outcome::Approved | Outcome::Declined | Outcome::Cancelled) => {
            return Err(PdvRefusal::NotInDoubt);
        }
    }
    if resolve.approved {
        let balance = draft.order.balance();
        if attempt.amount > balance {
            return Err(PdvRefusal::ExceedsTotal { balance });
        }
        if draft.order.kind == OrderKind::Direct && attempt.amount != draft.order.total {
            return Err(PdvRefusal::NotWholeTotal);
        }
    }

    let changed = draft.attempt_mut(place);
    changed.outcome = Some(decided);
    changed.decided_at = Some(now);
    changed.resolution = Some(Resolution {
        approved: resolve.approved,
        evidence: resolve.evidence.clone(),
        reason: resolve.reason.clone(),
        by: resolve.by.clone(),
        at: now,
    });
    if resolve.approved {
        adopt(changed, keys);
        adopt_codes(changed);
    }
    draft.tell_attempt(EventType::AttemptResolved, attempt.id, &attempt.terminal);
    let kind = if resolve.approved { EventType::ChargePaid } else { EventType::AttemptDeclined };
    draft.tell_attempt(kind, attempt.id, &attempt.terminal);
    book_earlier(&mut draft, place);
    draft.conclude(false);
    Ok(draft.decide(()))
}

/// Refuses a decision whose texts are longer than may be stored.
pub(super) fn check_texts(evidence: &str, reason: &str, by: &str) -> Result<(), PdvRefusal> {
    for (field, text) in [("evidence", evidence), ("reason", reason), ("by", by)] {
        if text.len() > TEXT_BYTES_MAX {
            return Err(PdvRefusal::TooLong { field, max: TEXT_BYTES_MAX });
        }
    }
    Ok(())
}
