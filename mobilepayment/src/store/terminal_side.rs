//! What terminals ask and report, inside the writer's transaction.

use protocol::attempt::{AttemptAck, AttemptEnded, AttemptStarted, Flag};
use protocol::claim::{ClaimGrant, ClaimRelease, ClaimReleased, ClaimRequest};
use protocol::receipt::{ReceiptResult, ReceiptState};
use protocol::refusal::{Refusal, RefusalCode};
use protocol::reversal::ReversalEnded;
use protocol::statement::AttemptStatement;
use protocol::{AttemptId, OrderId};

use super::devices::sha256;
use super::query::Report;
use super::unit::{Failure, Unit};
use crate::db::row::json;
use crate::db::{orders, prints, reports, statements};
use crate::feed::change::Change;
use crate::ledger::audit::{Act, What, terminal_did_it};
use crate::ledger::charging::ATTEMPTS_MAX;
use crate::ledger::event::{EventBody, EventType};
use crate::ledger::order::Order;
use crate::ledger::reporting::Verdict;
use crate::ledger::view::{order_view, order_view_with};
use crate::ledger::{charging, claiming, evidence, reporting, reversing, stating};
use crate::registers::Terminal;

/// Most distinct reports kept of one attempt: an honest terminal makes two or three.
const REPORTS_MAX: u64 = 100;
/// Most statements kept of one attempt: an honest operator makes one or two.
const STATEMENTS_MAX: u64 = 100;
/// Most messages kept that fit no order: years of an unlucky store.
const ORPHANS_MAX: u64 = 100_000;
/// Longest code of a printing problem, in characters.
const PROBLEM_CHARS_MAX: usize = 64;

type Answer<T> = Result<T, Failure<Refusal>>;

impl Unit<'_> {
    /// Grants or refuses the right to charge.
    pub fn claim(&mut self, terminal: &Terminal, request: &ClaimRequest) -> Answer<ClaimGrant> {
        // It may have left the register since it was let in: then nobody would hear of what it charges.
        if self.registers.terminal_of(&terminal.account_id, &terminal.serial).is_none() {
            return Err(Failure::Refused(RefusalCode::SerialUnknown.into()));
        }
        let before = self.order_for(terminal, &request.order_id)?;
        let known = orders::known_claim(self.db, request.claim_id)?;
        let decision = claiming::claim(&before, known.as_ref(), terminal, request, self.now)
            .map_err(Failure::Refused)?;
        let (order, grant) = self.save(Some(&before), decision)?;
        Ok(ClaimGrant {
            claim_id: request.claim_id,
            fence: grant.fence,
            lease_s: grant.lease_s,
            order: order_view(&order),
        })
    }

    /// Takes an order back.
    pub fn release(&mut self, terminal: &Terminal, release: &ClaimRelease) -> Answer<ClaimReleased> {
        let Some(before) = orders::load(self.db, &terminal.account_id, &release.order_id)? else {
            return Ok(ClaimReleased { order: None });
        };
        let decision =
            claiming::release(&before, &terminal.serial, release, self.now).map_err(Failure::Refused)?;
        let (order, ()) = self.save(Some(&before), decision)?;
        Ok(ClaimReleased {
            order: order.is_for(&terminal.account_id, &terminal.serial).then(|| order_view(&order)),
        })
    }

    /// Accepts or refuses the start of an attempt.
    pub fn start_attempt(&mut self, terminal: &Terminal, started: &AttemptStarted) -> Answer<AttemptAck> {
        let before = self.order_for(terminal, &started.order_id)?;
        let elsewhere =
            orders::order_of_attempt(self.db, started.attempt_id)?.filter(|order| *order != started.order_id);
        let contract = self.contract(terminal);
        let decision = charging::start(&before, elsewhere.as_ref(), terminal, contract, started, self.now)
            .map_err(Failure::Refused)?;
        let (order, ()) = self.save(Some(&before), decision)?;
        Ok(acknowledge(started.attempt_id, &order))
    }

    /// Records what came of an attempt, whatever it is.
    pub fn report_attempt(&mut self, terminal: &Terminal, message: &AttemptEnded) -> Answer<AttemptAck> {
        let message = &evidence::cleaned(message);
        let id = message.attempt.attempt_id;
        let digest = sha256(format!("{} {}", terminal.serial, json(message)).as_bytes());
        let before = orders::load(self.db, &terminal.account_id, &message.attempt.order_id)?;
        let misfit = match &before {
            None => Some(Flag::UnknownOrder),
            Some(order) => self.misfit(order, terminal, id)?,
        };
        if let Some(answered) = reports::find(self.db, id, &digest)? {
            let now_known = before.as_ref().filter(|_| misfit.is_none());
            return Ok(match now_known {
                Some(order) => AttemptAck { order: visible(Some(order), terminal), ..acknowledge(id, order) },
                None => AttemptAck {
                    attempt_id: id,
                    outcome: answered.outcome,
                    flags: answered.flags,
                    order: visible(before.as_ref(), terminal),
                },
            });
        }

        let (verdict, order) = match (before, misfit) {
            (Some(before), None) => {
                let contract = self.contract(terminal);
                let decision = reporting::report(&before, terminal, contract, message, self.now);
                let (order, verdict) = self.save(Some(&before), decision)?;
                (verdict, Some(order))
            }
            (order, misfit) => {
                let verdict = reporting::orphan(message, misfit.into_iter().collect());
                self.keep_orphan(terminal, EventType::AttemptOrphan, "attempt", &json(message), |body| {
                    body.attempt = Some(id);
                })?;
                (verdict, order)
            }
        };
        self.keep_report(terminal, message, &verdict, &digest)?;
        Ok(AttemptAck {
            attempt_id: id,
            outcome: verdict.outcome,
            flags: verdict.flags,
            order: visible(order.as_ref(), terminal),
        })
    }

    /// Records what an operator read off the card slip of an attempt. It never changes the attempt's outcome.
    pub fn state_attempt(&mut self, terminal: &Terminal, message: &AttemptStatement) -> Answer<AttemptAck> {
        if !message.said.is_valid() {
            return Err(Failure::Refused(RefusalCode::BadRequest.into()));
        }
        let message = &evidence::cleaned_statement(message);
        let id = message.attempt_id;
        let digest = sha256(format!("{} {}", terminal.serial, json(message)).as_bytes());
        let before = orders::load(self.db, &terminal.account_id, &message.order_id)?;
        match statements::find(self.db, message.statement_id)? {
            Some(known) if known != digest => return Err(Failure::Refused(RefusalCode::IdReused.into())),
            Some(_) => return Ok(acknowledge_known(id, before.as_ref(), terminal)),
            None => {}
        }
        if statements::count(self.db, id)? >= STATEMENTS_MAX {
            return Ok(acknowledge_known(id, before.as_ref(), terminal));
        }

        statements::insert(self.db, message.statement_id, id, &digest, self.now)?;
        let act = Act {
            evidence: Some(stating::in_words(&message.said)),
            terminal: Some(terminal.serial.clone()),
            attempt: Some(id),
            ..Act::new(What::AttemptStated, terminal_did_it(&terminal.serial))
        };
        let decided = before.as_ref().and_then(|before| {
            let decision = stating::state(before, &terminal.serial, message, self.now)?;
            Some((before, decision))
        });
        if let Some((before, decision)) = decided {
            let (order, ()) = self.save_act(before, decision, act)?;
            return Ok(acknowledge_known(id, Some(&order), terminal));
        }
        self.keep_orphan(terminal, EventType::AttemptOrphan, "statement", &json(message), |body| {
            body.attempt = Some(id);
        })?;
        let after = serde_json::to_value(message).ok();
        self.audit(&terminal.account_id, act, Some(&message.order_id), None, after)?;
        Ok(acknowledge_known(id, before.as_ref(), terminal))
    }

    /// Records what came of a reversal, whatever it is.
    pub fn report_reversal(&mut self, terminal: &Terminal, message: &ReversalEnded) -> Answer<AttemptAck> {
        let before = orders::load(self.db, &terminal.account_id, &message.order_id)?;
        let known_of = orders::attempt_of_reversal(self.db, message.reversal_id)?;
        let fits = known_of.is_none_or(|attempt| attempt == message.attempt_id);
        let decided = before.as_ref().filter(|_| fits).and_then(|before| {
            let decision = reversing::report(before, &terminal.serial, message, self.now)?;
            Some((before, decision))
        });
        if let Some((before, decision)) = decided {
            let (order, ()) = self.save(Some(before), decision)?;
            return Ok(acknowledge(message.attempt_id, &order));
        }
        self.keep_orphan(terminal, EventType::ReversalOrphan, "reversal", &json(message), |body| {
            body.attempt = Some(message.attempt_id);
            body.reversal = Some(message.reversal_id);
        })?;
        Ok(AttemptAck {
            attempt_id: message.attempt_id,
            outcome: None,
            flags: vec![if before.is_none() { Flag::UnknownOrder } else { Flag::IdReused }],
            order: visible(before.as_ref(), terminal),
        })
    }

    /// Records what became of a receipt. The last report counts; once it is printed or skipped, it is withdrawn.
    pub fn report_print(&mut self, terminal: &Terminal, result: &ReceiptResult) -> Answer<()> {
        let unknown = || Failure::Refused(RefusalCode::ReceiptUnknown.into());
        let (mut print, waiting) =
            prints::load(self.db, &terminal.account_id, &result.print_id)?.ok_or_else(unknown)?;
        let order = orders::load(self.db, &terminal.account_id, &print.order_id)?.ok_or_else(unknown)?;
        if !print_is_for(&print, &order, terminal) {
            return Err(unknown());
        }
        let problem: Option<String> =
            result.problem.as_ref().map(|text| text.chars().take(PROBLEM_CHARS_MAX).collect());
        if print.state == Some(result.state) && print.problem == problem {
            return Ok(());
        }
        print.state = Some(result.state);
        print.problem = problem;
        let ends = match result.state {
            ReceiptState::Printed | ReceiptState::Skipped => true,
            ReceiptState::Failed => false,
        };
        if ends && waiting {
            print.sequence = self.next_change();
            self.outbox.changes.push(Change::print(&order, &print, false));
        }
        prints::update(self.db, &print, ends.then_some(self.now))?;
        let kind = match result.state {
            ReceiptState::Printed => EventType::PrintPrinted,
            ReceiptState::Skipped => EventType::PrintSkipped,
            ReceiptState::Failed => EventType::PrintFailed,
        };
        self.print_event(kind, &order, &print)?;
        Ok(())
    }

    /// Why a report cannot be one of this order's attempts: its id belongs to another order or another terminal, or
    /// the order has more attempts than are kept.
    fn misfit(&self, order: &Order, terminal: &Terminal, id: AttemptId) -> Answer<Option<Flag>> {
        Ok(match order.attempt(id) {
            Some(known) if known.terminal == terminal.serial => None,
            Some(_) => Some(Flag::IdReused),
            None if orders::order_of_attempt(self.db, id)?.is_some() => Some(Flag::IdReused),
            None if order.attempts.len() >= ATTEMPTS_MAX => Some(Flag::ExceedsBalance),
            None => None,
        })
    }

    fn keep_report(
        &self,
        terminal: &Terminal,
        message: &AttemptEnded,
        verdict: &Verdict,
        digest: &[u8; 32],
    ) -> Answer<()> {
        let id = message.attempt.attempt_id;
        if reports::count(self.db, id)? >= REPORTS_MAX {
            return Ok(());
        }
        let report = Report {
            attempt_id: id,
            order_id: message.attempt.order_id.clone(),
            terminal: terminal.serial.clone(),
            message: message.clone(),
            flags: verdict.flags.clone(),
            received_at: self.now,
        };
        reports::insert(self.db, &terminal.account_id, &report, verdict.outcome, digest)?;
        Ok(())
    }

    fn keep_orphan(
        &mut self,
        terminal: &Terminal,
        event: EventType,
        kind: &str,
        message: &str,
        about: impl FnOnce(&mut EventBody),
    ) -> Answer<()> {
        if reports::orphan_count(self.db)? >= ORPHANS_MAX {
            return Err(Failure::Refused(RefusalCode::TooMany.into()));
        }
        let digest = sha256(format!("{} {kind} {message}", terminal.serial).as_bytes());
        let is_new = reports::insert_orphan(
            self.db,
            &terminal.account_id,
            &terminal.serial,
            kind,
            message,
            &digest,
            self.now,
        )?;
        if is_new {
            let mut body = EventBody {
                terminal: Some(terminal.serial.clone()),
                orphan: serde_json::from_str(message).ok(),
                ..EventBody::default()
            };
            about(&mut body);
            self.event(event, &terminal.account_id, None, &body)?;
        }
        Ok(())
    }

    fn order_for(&self, terminal: &Terminal, id: &OrderId) -> Answer<Order> {
        orders::load(self.db, &terminal.account_id, id)?
            .ok_or_else(|| Failure::Refused(RefusalCode::OrderUnknown.into()))
    }

    fn contract(&self, terminal: &Terminal) -> &'_ [protocol::method::ContractedMethod] {
        self.registers.company(&terminal.account_id).map_or(&[], |company| company.methods.as_slice())
    }
}

/// Whether a receipt is for this terminal.
pub(super) fn print_is_for(print: &crate::ledger::order::Print, order: &Order, terminal: &Terminal) -> bool {
    match &print.terminal {
        Some(serial) => *serial == terminal.serial,
        None => order.is_for(&terminal.account_id, &terminal.serial),
    }
}

fn acknowledge(id: AttemptId, order: &Order) -> AttemptAck {
    let attempt = order.attempt(id);
    AttemptAck {
        attempt_id: id,
        outcome: attempt.and_then(|attempt| attempt.outcome),
        flags: attempt.map_or_else(Vec::new, |attempt| attempt.flags.clone()),
        order: Some(order_view_with(order, id)),
    }
}

/// What is known of an attempt that may be unknown, or of another terminal's order.
fn acknowledge_known(id: AttemptId, order: Option<&Order>, terminal: &Terminal) -> AttemptAck {
    match order {
        Some(order) if order.attempt(id).is_some() => {
            let seen = order.is_for(&terminal.account_id, &terminal.serial);
            let mut ack = acknowledge(id, order);
            ack.order = ack.order.filter(|_| seen);
            ack
        }
        Some(_) | None => AttemptAck {
            attempt_id: id,
            outcome: None,
            flags: vec![Flag::UnknownOrder],
            order: visible(order, terminal),
        },
    }
}

/// The order, if the terminal may see it.
fn visible(order: Option<&Order>, terminal: &Terminal) -> Option<protocol::order::OrderView> {
    order.filter(|order| order.is_for(&terminal.account_id, &terminal.serial)).map(order_view)
}
