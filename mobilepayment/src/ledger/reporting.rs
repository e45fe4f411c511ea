//! What came of an attempt. A result is always recorded; one that breaks a rule is flagged and kept in doubt.

use protocol::UnixMillis;
use protocol::attempt::{AttemptEnded, Evidence, Flag, Outcome};
use protocol::method::{ContractedMethod, PaymentChoice};
use protocol::order::OrderKind;
use protocol::rules;

use super::charging::new_attempt;
use super::claiming::holds;
use super::draft::{Decision, Draft};
use super::event::EventType;
use super::order::{Attempt, Order};
use super::reversing::book_earlier;
use super::stating::is_only_stated;
use crate::registers::Terminal;

/// What the service holds to be true after a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The attempt's outcome.
    pub outcome: Option<Outcome>,
    /// What is wrong with the attempt.
    pub flags: Vec<Flag>,
}

/// Decides about a report of an attempt of this order. The caller has made sure that the attempt's id belongs to no
/// other order and to no other terminal (see [`orphan`]), and has cleaned the evidence.
#[must_use]
pub fn report(
    order: &Order,
    terminal: &Terminal,
    contract: &[ContractedMethod],
    message: &AttemptEnded,
    now: UnixMillis,
) -> Decision<Verdict> {
    let mut draft = Draft::begin(order, now);
    let started = &message.attempt;
    let known = draft.order.attempts.iter().position(|attempt| attempt.id == started.attempt_id);
    let mut flags = flags(&draft.order, known, terminal, contract, message);
    let place = known.unwrap_or_else(|| {
        draft.order.attempts.push(new_attempt(terminal, started, now));
        draft.order.attempts.len() - 1
    });

    let before = draft.attempt_mut(place).clone();
    if contradicts(&before, message.outcome) {
        flags.push(Flag::Contradiction);
    }
    let after = next_outcome(&before, message.outcome, &flags);
    let is_news = after != before.outcome;
    let attempt = draft.attempt_mut(place);
    if is_news {
        attempt.outcome = after;
        attempt.decided_at = Some(now);
        attempt.reason = message.reason;
        attempt.ended_at = Some(message.ended_at);
    }
    let outdoes_statement = message.outcome == Outcome::Approved && is_only_stated(attempt);
    if is_news || attempt.evidence == Evidence::default() || outdoes_statement {
        attempt.evidence = message.evidence.clone();
    }
    if attempt.reported.is_none() && message.outcome != Outcome::InDoubt {
        attempt.reported = Some(message.outcome);
    }
    let new_flags = add_flags(attempt, &flags);
    let verdict = Verdict { outcome: attempt.outcome, flags: attempt.flags.clone() };

    if new_flags {
        draft.tell_attempt(EventType::AttemptFlagged, started.attempt_id, &terminal.serial);
    }
    if let (true, Some(outcome)) = (is_news, after) {
        draft.tell_attempt(event_of(outcome), started.attempt_id, &terminal.serial);
        book_earlier(&mut draft, place);
    }
    let courier_reported = holds(&draft.order, &terminal.serial, started.claim_id);
    draft.conclude(courier_reported);
    draft.decide(verdict)
}

/// The verdict on a report that fits no order: kept as it came, never booked.
#[must_use]
pub fn orphan(message: &AttemptEnded, flags: Vec<Flag>) -> Verdict {
    let outcome = match message.outcome {
        Outcome::Approved | Outcome::InDoubt => Outcome::InDoubt,
        Outcome::Declined => Outcome::Declined,
        Outcome::Cancelled => Outcome::Cancelled,
    };
    Verdict { outcome: Some(outcome), flags }
}

/// The rules that a report breaks, apart from contradicting an earlier one. Where nothing was charged, only an id
/// used for two things is wrong.
fn flags(
    order: &Order,
    known: Option<usize>,
    terminal: &Terminal,
    contract: &[ContractedMethod],
    message: &AttemptEnded,
) -> Vec<Flag> {
    let started = &message.attempt;
    let known = known.and_then(|place| order.attempts.get(place));
    let mut flags = Vec::new();
    let id_reused = known.is_some_and(|known| !known.is_same(&terminal.serial, started));
    let may_have_charged = matches!(message.outcome, Outcome::Approved | Outcome::InDoubt);
    if may_have_charged {
        if !order.is_for(&terminal.account_id, &terminal.serial) {
            flags.push(Flag::WrongTerminal);
        }
        // A start that the service accepted keeps its claim until it ends, so only an unannounced one can be stale.
        let claim_is_good = holds(order, &terminal.serial, started.claim_id) && order.fence == started.fence;
        if known.is_none() && !claim_is_good {
            flags.push(Flag::StaleClaim);
        }
        let already_booked = known.is_some_and(Attempt::is_approved);
        if !already_booked && started.amount > order.balance() {
            flags.push(Flag::ExceedsBalance);
        }
        if order.kind == OrderKind::Direct && started.amount != order.total {
            flags.push(Flag::NotWholeTotal);
        }
        flags.extend(rules::method_flag(order.fixed.as_ref(), contract, &started.choice));
        flags.extend(evidence_flags(message));
        if !already_booked && order.status.is_ended() {
            flags.push(Flag::AfterClose);
        }
    }
    if id_reused {
        flags.push(Flag::IdReused);
    }
    flags
}

/// Where the acquirer's answer differs from what was asked for.
fn evidence_flags(message: &AttemptEnded) -> Vec<Flag> {
    let (started, evidence) = (&message.attempt, &message.evidence);
    let mut flags = Vec::new();
    if evidence.amount.is_some_and(|amount| amount != started.amount) {
        flags.push(Flag::AmountDiffers);
    }
    if evidence.method.is_some_and(|method| method != started.choice.method) {
        flags.push(Flag::MethodDiffers);
    }
    if evidence.installments.is_some_and(|count| count.max(1) != installments_asked(&started.choice)) {
        flags.push(Flag::InstallmentsNotAllowed);
    }
    let unproven = evidence.atk.is_none() && evidence.authorization_code.is_none();
    if message.outcome == Outcome::Approved && unproven {
        flags.push(Flag::NoEvidence);
    }
    flags
}

fn installments_asked(choice: &PaymentChoice) -> u8 {
    choice.installments.map_or(1, |i| i.count)
}

/// Whether a definite outcome is known (from the terminal or from a manager) and this one differs.
fn contradicts(before: &Attempt, reported: Outcome) -> bool {
    if reported == Outcome::InDoubt {
        return false;
    }
    let charged = reported == Outcome::Approved;
    let decided_otherwise =
        before.resolution.as_ref().is_some_and(|resolution| resolution.approved != charged);
    let reported_otherwise = before.reported.is_some_and(|earlier| earlier != reported);
    decided_otherwise || reported_otherwise
}

/// What the service holds to be true after a report.
fn next_outcome(before: &Attempt, reported: Outcome, flags: &[Flag]) -> Option<Outcome> {
    let held = flags.iter().any(|flag| flag.holds_approval());
    let awaits_manager = before.outcome == Some(Outcome::InDoubt) && before.reported.is_some();
    match (before.outcome, reported) {
        // Money that was booked stays booked: a contradiction is shown, not undone.
        (Some(Outcome::Approved), _) => Some(Outcome::Approved),
        _ if awaits_manager => Some(Outcome::InDoubt),
        (_, Outcome::Approved) if held => Some(Outcome::InDoubt),
        (Some(Outcome::Declined | Outcome::Cancelled), Outcome::Approved) => Some(Outcome::InDoubt),
        (None | Some(Outcome::InDoubt), Outcome::Approved) => Some(Outcome::Approved),
        // The same id for another charge that may have happened: whatever was known of the first is doubtful.
        (None | Some(_), Outcome::InDoubt) if flags.contains(&Flag::IdReused) => Some(Outcome::InDoubt),
        (Some(definite @ (Outcome::Declined | Outcome::Cancelled)), _) => Some(definite),
        // What the report says of another charge decides nothing about this one.
        (open @ (None | Some(Outcome::InDoubt)), _) if flags.contains(&Flag::IdReused) => open,
        (None | Some(Outcome::InDoubt), Outcome::Declined | Outcome::Cancelled | Outcome::InDoubt) => {
            Some(reported)
        }
    }
}

const fn event_of(outcome: Outcome) -> EventType {
    match outcome {
        Outcome::Approved => EventType::ChargePaid,
        Outcome::Declined => EventType::AttemptDeclined,
        Outcome::Cancelled => EventType::AttemptCancelled,
        Outcome::InDoubt => EventType::AttemptInDoubt,
    }
}

/// Adds what is new; whether anything was.
fn add_flags(attempt: &mut Attempt, flags: &[Flag]) -> bool {
    let count = attempt.flags.len();
    for flag in flags {
        if !attempt.flags.contains(flag) {
            attempt.flags.push(*flag);
        }
    }
    attempt.flags.len() > count
}
