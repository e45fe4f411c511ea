//! An attempt is about to leave for the acquirer's app.

use protocol::attempt::{AttemptStarted, Evidence};
use protocol::method::ContractedMethod;
use protocol::refusal::{Refusal, RefusalCode};
use protocol::{Centavos, OrderId, UnixMillis, rules};

use super::claiming::{holds, refuse_ended, refuse_held_by_other};
use super::draft::{Decision, Draft};
use super::event::EventType;
use super::order::{Attempt, Order};
use super::view::order_view;
use crate::registers::Terminal;

/// Most attempts of one order: far above what people do, so that a terminal gone wild cannot fill the database.
pub const ATTEMPTS_MAX: usize = 500;

/// Decides whether an attempt may start. `elsewhere`: the attempt's id is known from another order.
pub fn start(
    order: &Order,
    elsewhere: Option<&OrderId>,
    terminal: &Terminal,
    contract: &[ContractedMethod],
    started: &AttemptStarted,
    now: UnixMillis,
) -> Result<Decision<()>, Refusal> {
    let mut draft = Draft::begin(order, now);
    let known = draft.order.attempt(started.attempt_id);
    if known.is_some_and(|known| known.is_same(&terminal.serial, started)) {
        return Ok(draft.decide(()));
    }
    let id_reused = known.is_some() || elsewhere.is_some();

    if !draft.order.is_for(&terminal.account_id, &terminal.serial) {
        return Err(RefusalCode::NotForThisTerminal.into());
    }
    refuse_ended(draft.order.status)?;
    refuse_held_by_other(&draft.order, &terminal.serial)?;
    let claim_is_good =
        holds(&draft.order, &terminal.serial, started.claim_id) && draft.order.fence == started.fence;
    if !claim_is_good {
        return Err(RefusalCode::ClaimLost.into());
    }
    if id_reused {
        return Err(RefusalCode::IdReused.into());
    }
    if draft.order.attempts.len() >= ATTEMPTS_MAX {
        return Err(RefusalCode::TooMany.into());
    }
    rules::may_start(&order_view(&draft.order), contract, started.amount, &started.choice)?;

    draft.order.attempts.push(new_attempt(terminal, started, now));
    draft.tell_attempt(EventType::AttemptStarted, started.attempt_id, &terminal.serial);
    Ok(draft.decide(()))
}

pub(super) fn new_attempt(terminal: &Terminal, started: &AttemptStarted, now: UnixMillis) -> Attempt {
    Attempt {
        id: started.attempt_id,
        terminal: terminal.serial.clone(),
        acquirer_cnpj: terminal.acquirer_cnpj.clone(),
        claim_id: started.claim_id,
        fence: started.fence,
        amount: started.amount,
        choice: started.choice,
        started_at: started.started_at,
        recorded_at: now,
        outcome: None,
        reported: None,
        reason: None,
        evidence: Evidence::default(),
        ended_at: None,
        decided_at: None,
        flags: Vec::new(),
        statement: None,
        resolution: None,
        reversed: Centavos::ZERO,
        reversal_wanted: None,
        reversals: Vec::new(),
    }
}
