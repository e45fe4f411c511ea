//! An order is created by the PDV.

use protocol::method::ContractedMethod;
use protocol::order::{OrderKind, OrderStatus};
use protocol::{Centavos, Fence, OrderId, UnixMillis};

use super::command::NewOrder;
use super::draft::{Decision, Draft};
use super::event::EventType;
use super::order::Order;
use super::refusal::PdvRefusal;
use crate::registers::Registers;

/// Most terminals that one order names: every one costs an entry in that terminal's feed.
pub const TERMINALS_MAX: usize = 500;
/// Longest code of an order, in bytes: Pagar.me's own limit.
pub const CODE_BYTES_MAX: usize = 52;
/// Longest display name, in bytes: what a terminal's list can show several times over.
pub const DISPLAY_NAME_BYTES_MAX: usize = 255;
/// Most bytes of what only the PDV reads: the body limit of its API.
pub const PDV_BYTES_MAX: usize = 64 * 1024;
/// Characters of the id that make an order's number when the PDV gave no code.
const NUMBER_FROM_ID: usize = 6;

/// Decides about a new order. `id` is made by the caller.
pub fn create(
    new: &NewOrder,
    id: OrderId,
    registers: &Registers,
    now: UnixMillis,
) -> Result<Decision<()>, PdvRefusal> {
    let contract = registers.company(&new.account).map_or(&[][..], |company| company.methods.as_slice());
    for serial in &new.terminals {
        if registers.terminal_of(&new.account, serial).is_none() {
            return Err(PdvRefusal::TerminalUnknown(serial.clone()));
        }
    }
    if new.total.is_zero() || new.total > Centavos::CHARGE_MAX {
        return Err(PdvRefusal::TotalInvalid);
    }
    let mut terminals = new.terminals.clone();
    terminals.sort();
    terminals.dedup();
    if terminals.len() > TERMINALS_MAX {
        return Err(PdvRefusal::TooManyTerminals { max: TERMINALS_MAX });
    }
    if new.kind == OrderKind::Direct {
        let [serial] = terminals.as_slice() else {
            return Err(PdvRefusal::DirectNeedsOneTerminal);
        };
        if new.fixed.is_none() {
            return Err(PdvRefusal::DirectNeedsMethod);
        }
        let counter = registers.terminal_of(&new.account, serial).is_some_and(|t| t.counter);
        if !counter {
            return Err(PdvRefusal::NotACounterTerminal(serial.clone()));
        }
    }
    check_choice(new, contract)?;
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(PdvRefusal::ExpiryInPast);
    }
    check_lengths(new)?;

    let number = new.code.clone().unwrap_or_else(|| end_of(&id));
    let mut draft = Draft::begin(
        &Order {
            id,
            account: new.account.clone(),
            code: new.code.clone(),
            number,
            display_name: new.display_name.clone(),
            kind: new.kind,
            status: OrderStatus::Open,
            close: None,
            paid_at: None,
            total: new.total,
            fixed: new.fixed,
            terminals,
            receipt_expected: new.receipt_expected,
            created_at: now,
            updated_at: now,
            expires_at: new.expires_at,
            revision: 0,
            fence: Fence(0),
            claim: None,
            attempts: Vec::new(),
            pdv: new.pdv.clone(),
        },
        now,
    );
    draft.tell(EventType::OrderCreated, None);
    Ok(draft.decide(()))
}

/// A method fixed at the PDV binds the terminal, so it must exist and be in the contract from the start.
fn check_choice(new: &NewOrder, contract: &[ContractedMethod]) -> Result<(), PdvRefusal> {
    match &new.fixed {
        Some(choice) if !choice.is_valid() => Err(PdvRefusal::ChoiceInvalid),
        Some(choice) if !contract.iter().any(|line| line.allows(choice)) => {
            Err(PdvRefusal::MethodNotContracted)
        }
        Some(_) | None => Ok(()),
    }
}

fn check_lengths(new: &NewOrder) -> Result<(), PdvRefusal> {
    let texts = [
        ("code", new.code.as_deref().unwrap_or_default(), CODE_BYTES_MAX),
        ("display_name", &new.display_name, DISPLAY_NAME_BYTES_MAX),
        ("metadata and items", &new.pdv, PDV_BYTES_MAX),
    ];
    for (field, text, max) in texts {
        if text.len() > max {
            return Err(PdvRefusal::TooLong { field, max });
        }
    }
    Ok(())
}

fn end_of(id: &OrderId) -> String {
    let text = id.as_str();
    text[text.len().saturating_sub(NUMBER_FROM_ID)..].to_ascii_uppercase()
}
