//! What the PDV's side commands, inside the writer's transaction.

use protocol::{AttemptId, Centavos, OrderId, PrintId, Serial};
use serde_json::json;

use super::unit::{Failure, Unit};
use crate::db::devices::{Code, Device};
use crate::db::{devices, orders, prints};
use crate::feed::change::Change;
use crate::ledger::audit::{Act, What};
use crate::ledger::command::{
    ActivationCode, CloseOrder, Created, NewOrder, NewPrint, Resolve, ResolveReversal,
};
use crate::ledger::order::{Attempt, Order, Print};
use crate::ledger::refusal::PdvRefusal;
use crate::ledger::{claiming, closing, creating, resolving, reversing, settling};
use crate::registers::AccountId;

use super::activation;

/// Most orders of one service that are not ended: what its memory and a terminal's list are measured for.
pub const OPEN_ORDERS_MAX: usize = 20_000;
/// Most receipts of one order that wait to be printed.
pub const PRINTS_WAITING_MAX: usize = 10;
/// Most receipts that one order ever has.
pub const PRINTS_MAX: usize = 50;
/// Longest image of a receipt, in bytes of base64: ten times a receipt of 384 x 3,000 dots.
pub const PRINT_BYTES_MAX: usize = 1024 * 1024;
/// Longest idempotency key, in bytes.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 255;

type PdvDone<T> = Result<T, Failure<PdvRefusal>>;

impl Unit<'_> {
    /// Creates an order, or finds the one that the same request created before.
    pub fn create_order(&mut self, new: &NewOrder) -> PdvDone<Created> {
        if let Some(idempotency) = &new.idempotency {
            if idempotency.key.is_empty() || idempotency.key.len() > IDEMPOTENCY_KEY_BYTES_MAX {
                return refuse(PdvRefusal::TooLong {
                    field: "idempotency key",
                    max: IDEMPOTENCY_KEY_BYTES_MAX,
                });
            }
            if let Some((id, hash)) = orders::find_idempotent(self.db, &new.account, &idempotency.key)? {
                if hash != idempotency.request_hash {
                    return refuse(PdvRefusal::IdempotencyKeyReused);
                }
                let order = self.order(&new.account, &id)?;
                return Ok(Created { order, repeated: true });
            }
        }
        // After the look at what was created before: that goes on.
        if let Some(licence) = self.registers.owner(&new.account).filter(|licence| !licence.active) {
            return refuse(PdvRefusal::ModuleInactive(licence.message.clone()));
        }
        if self.open_orders >= OPEN_ORDERS_MAX {
            return refuse(PdvRefusal::TooManyOpenOrders { max: OPEN_ORDERS_MAX });
        }
        let id = OrderId::parse(&self.environment.id("or_")).expect("our own ids are valid");
        let decision = creating::create(new, id, &self.registers, self.now).map_err(Failure::Refused)?;
        let (order, ()) = self.save(None, decision)?;
        if let Some(idempotency) = &new.idempotency {
            orders::keep_idempotent(
                self.db,
                &new.account,
                &idempotency.key,
                &idempotency.request_hash,
                &order.id,
                self.now,
            )?;
        }
        self.open_orders += 1;
        Ok(Created { order, repeated: false })
    }

    /// Closes an order: at once, or as soon as what is in flight has ended.
    pub fn close_order(&mut self, close: &CloseOrder) -> PdvDone<Order> {
        let before = self.order(&close.account, &close.order_id)?;
        let decision = closing::close(&before, close.reason, self.now).map_err(Failure::Refused)?;
        let act = Act::of(What::OrderClosed, &self.author);
        Ok(self.save_act(&before, decision, act)?.0)
    }

    /// Decides about an attempt in doubt.
    pub fn resolve(&mut self, resolve: &Resolve) -> PdvDone<Order> {
        let before = self.order_of_charge(&resolve.account, resolve.attempt_id)?;
        let decision = resolving::resolve(&before, resolve, self.now).map_err(Failure::Refused)?;
        let act = Act {
            why: Some(resolve.reason.clone()),
            evidence: Some(resolve.evidence.clone()),
            attempt: Some(resolve.attempt_id),
            ..Act::new(What::AttemptResolved, resolve.by.clone())
        };
        Ok(self.save_act(&before, decision, act)?.0)
    }

    /// Decides about a reversal in doubt.
    pub fn resolve_reversal(&mut self, resolve: &ResolveReversal) -> PdvDone<Order> {
        let unknown = || Failure::Refused(PdvRefusal::ReversalUnknown);
        let attempt = orders::attempt_of_reversal(self.db, resolve.reversal_id)?.ok_or_else(unknown)?;
        let order = orders::order_of_attempt(self.db, attempt)?.ok_or_else(unknown)?;
        let before = orders::load(self.db, &resolve.account, &order)?.ok_or_else(unknown)?;
        let decision = settling::resolve(&before, attempt, resolve, self.now).map_err(Failure::Refused)?;
        let act = Act {
            why: Some(resolve.reason.clone()),
            evidence: Some(resolve.evidence.clone()),
            attempt: Some(attempt),
            reversal: Some(resolve.reversal_id),
            ..Act::new(What::ReversalResolved, resolve.by.clone())
        };
        Ok(self.save_act(&before, decision, act)?.0)
    }

    /// Ends the claim of a terminal that is lost or broken.
    pub fn withdraw_claim(&mut self, account: &AccountId, id: &OrderId, reason: &str) -> PdvDone<Order> {
        let before = self.order(account, id)?;
        let decision = claiming::withdraw(&before, reason, self.now).map_err(Failure::Refused)?;
        let act = Act {
            why: Some(reason.to_owned()),
            terminal: before.claim.as_ref().map(|claim| claim.terminal.clone()),
            ..Act::of(What::ClaimWithdrawn, &self.author)
        };
        Ok(self.save_act(&before, decision, act)?.0)
    }

    /// Asks for a reversal that an operator does on the payment's terminal.
    pub fn want_reversal(
        &mut self,
        account: &AccountId,
        id: AttemptId,
        amount: Option<Centavos>,
    ) -> PdvDone<Order> {
        let before = self.order_of_charge(account, id)?;
        let decision = reversing::want(&before, id, amount, self.now).map_err(Failure::Refused)?;
        let act = Act { attempt: Some(id), ..Act::of(What::ReversalWanted, &self.author) };
        Ok(self.save_act(&before, decision, act)?.0)
    }

    /// Sends a receipt image to the terminal that took the order's last payment.
    pub fn add_print(&mut self, new: &NewPrint) -> PdvDone<Print> {
        let order = self.order(&new.account, &new.order_id)?;
        if new.content.len() > PRINT_BYTES_MAX {
            return refuse(PdvRefusal::TooLong { field: "content", max: PRINT_BYTES_MAX });
        }
        let (waiting, all) = prints::counts(self.db, &order.id)?;
        for (count, max) in [(waiting, PRINTS_WAITING_MAX), (all, PRINTS_MAX)] {
            if usize::try_from(count).is_ok_and(|count| count >= max) {
                return refuse(PdvRefusal::TooManyPrints { max });
            }
        }
        let terminal = order
            .attempts
            .iter()
            .rev()
            .find(|attempt| Attempt::is_approved(attempt))
            .map(|attempt| attempt.terminal.clone());
        let print = Print {
            id: PrintId::parse(&self.environment.id("pr_")).expect("our own ids are valid"),
            order_id: order.id.clone(),
            kind: new.kind,
            terminal,
            size_bytes: u32::try_from(new.content.len()).expect("checked against PRINT_BYTES_MAX"),
            state: None,
            problem: None,
            created_at: self.now,
            sequence: self.next_change(),
        };
        prints::insert(self.db, &order.account, &print, &new.content)?;
        self.outbox.changes.push(Change::print(&order, &print, true));
        Ok(print)
    }

    /// Makes a one-use activation code.
    pub fn create_activation_code(
        &mut self,
        account: &AccountId,
        serial: &Serial,
        replaces: bool,
    ) -> PdvDone<ActivationCode> {
        self.terminal(account, serial)?;
        let code = activation::new_code(self.environment);
        let expires_at = self.now.plus_ms(activation::CODE_MS);
        devices::insert_code(
            self.db,
            &activation::code_hash(&code),
            &Code { serial: serial.clone(), account: account.clone(), replaces, expires_at },
        )?;
        let act = Act { terminal: Some(serial.clone()), ..Act::of(What::ActivationCodeMade, &self.author) };
        let after = json!({ "replaces": replaces, "expires_at": expires_at });
        self.audit(account, act, None, None, Some(after))?;
        Ok(ActivationCode { code, expires_at })
    }

    /// Blocks a terminal or lets it be activated again.
    pub fn set_revoked(&mut self, account: &AccountId, serial: &Serial, revoked: bool) -> PdvDone<()> {
        self.terminal(account, serial)?;
        let known = devices::find(self.db, serial)?;
        let was_revoked = known.as_ref().is_some_and(|known| known.revoked);
        let was_active = known.as_ref().is_some_and(|known| known.token_hash.is_some());
        let device = Device {
            serial: serial.clone(),
            account: account.clone(),
            // A blocked terminal keeps its token, to be told why; unblocked, it needs a new one.
            token_hash: known.as_ref().and_then(|known| known.token_hash).filter(|_| revoked),
            activated_at: known.and_then(|known| known.activated_at).filter(|_| revoked),
            revoked,
        };
        devices::save(self.db, &device)?;
        if was_revoked != revoked {
            let what = if revoked { What::TerminalBlocked } else { What::TerminalUnblocked };
            let act = Act { terminal: Some(serial.clone()), ..Act::of(what, &self.author) };
            let standing =
                |revoked: bool, active: bool| Some(json!({ "revoked": revoked, "active": active }));
            let (before, after) =
                (standing(was_revoked, was_active), standing(revoked, device.token_hash.is_some()));
            self.audit(account, act, None, before, after)?;
        }
        self.outbox.devices.push(device);
        Ok(())
    }

    fn order(&self, account: &AccountId, id: &OrderId) -> PdvDone<Order> {
        orders::load(self.db, account, id)?.ok_or(Failure::Refused(PdvRefusal::OrderUnknown))
    }

    fn order_of_charge(&self, account: &AccountId, id: AttemptId) -> PdvDone<Order> {
        let order = match orders::order_of_attempt(self.db, id)? {
            Some(order) => orders::load(self.db, account, &order)?,
            None => None,
        };
        order.ok_or(Failure::Refused(PdvRefusal::ChargeUnknown))
    }

    fn terminal(&self, account: &AccountId, serial: &Serial) -> PdvDone<()> {
        match self.registers.terminal_of(account, serial) {
            Some(_) => Ok(()),
            None => refuse(PdvRefusal::TerminalUnknown(serial.clone())),
        }
    }
}

fn refuse<T>(refusal: PdvRefusal) -> Result<T, Failure<PdvRefusal>> {
    Err(Failure::Refused(refusal))
}
