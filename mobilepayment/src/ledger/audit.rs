//! What the audit trail keeps: who did what, why, on what evidence, and how things stood before and after.

use protocol::order::OrderStatus;
use protocol::{AttemptId, Centavos, OrderId, ReversalId, Serial, UnixMillis};
use serde::Serialize;
use serde_json::Value;

use super::order::{Attempt, Claim, Close, Order};
use crate::registers::AccountId;

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What kind of act it was.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum What {
            $($(#[$doc])* $name,)*
        }

        impl What {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

acts! {
    /// An operator read the card slip of an attempt; nothing is decided by it.
    AttemptStated = "attempt.stated",
    /// A manager decided about an attempt in doubt.
    AttemptResolved = "attempt.resolved",
    /// The acquirer's file decided an attempt in doubt.
    AttemptSettled = "attempt.settled",
    /// The acquirer's file decided a reversal in doubt.
    ReversalSettled = "reversal.settled",
    /// The acquirer's file of a day was imported.
    ConciliationImported = "conciliation.imported",
    /// The PDV asked for a reversal.
    ReversalWanted = "reversal.wanted",
    /// A manager decided about a reversal in doubt.
    ReversalResolved = "reversal.resolved",
    /// A manager took an order from a terminal.
    ClaimWithdrawn = "claim.withdrawn",
    /// The PDV closed an order, or asked for it.
    OrderClosed = "order.closed",
    /// A terminal was blocked.
    TerminalBlocked = "terminal.blocked",
    /// A blocked terminal may be activated again.
    TerminalUnblocked = "terminal.unblocked",
    /// An activation code was made.
    ActivationCodeMade = "activation_code.made",
    /// A terminal used its activation code.
    TerminalActivated = "terminal.activated",
    /// The administrator made a licence.
    LicenceMade = "licence.made",
    /// A licence's key was used first.
    LicenceActivated = "licence.activated",
    /// The administrator turned a licence's module on or off.
    ModuleChanged = "licence.module_changed",
    /// A PDV registered a company.
    CompanyRegistered = "company.registered",
    /// A PDV changed a company.
    CompanyChanged = "company.changed",
    /// A PDV registered a terminal.
    TerminalRegistered = "terminal.registered",
    /// A PDV changed a terminal.
    TerminalChanged = "terminal.changed",
    /// A PDV took a terminal out of the register.
    TerminalRemoved = "terminal.removed",
}

impl What {
    /// The kind with this code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|what| what.as_str() == text)
    }
}

/// Who asks for something and why, as far as it was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// A person.
    pub by: Option<String>,
    /// In that person's words.
    pub reason: Option<String>,
}

impl Author {
    /// Who did it, for the trail: the PDV itself when it named nobody.
    #[must_use]
    pub fn who(&self) -> String {
        self.by.clone().unwrap_or_else(|| "PDV".to_owned())
    }
}

/// A terminal as the one who did something.
#[must_use]
pub fn terminal_did_it(serial: &Serial) -> String {
    format!("terminal {serial}")
}

/// An act, before it has its number and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What kind.
    pub what: What,
    /// Who did it.
    pub who: String,
    /// Why.
    pub why: Option<String>,
    /// What it rests on.
    pub evidence: Option<String>,
    /// The terminal that it is about.
    pub terminal: Option<Serial>,
    /// The attempt that it is about.
    pub attempt: Option<AttemptId>,
    /// The reversal that it is about.
    pub reversal: Option<ReversalId>,
}

impl Act {
    /// An act of somebody.
    #[must_use]
    pub const fn new(what: What, who: String) -> Self {
        Self { what, who, why: None, evidence: None, terminal: None, attempt: None, reversal: None }
    }

    /// An act of who asked for it.
    #[must_use]
    pub fn of(what: What, author: &Author) -> Self {
        Self { why: author.reason.clone(), ..Self::new(what, author.who()) }
    }
}

/// A row of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number; the service's rows have no gaps.
    pub sequence: u64,
    /// Whose.
    pub account: AccountId,
    /// When, by the service's clock.
    pub at: UnixMillis,
    /// The act.
    pub act: Act,
    /// The order that it is about.
    pub order: Option<OrderId>,
    /// How things stood before.
    pub before: Option<Value>,
    /// How things stood after.
    pub after: Option<Value>,
}

/// How an order, and one attempt of it, stand: what an act may change.
#[derive(Serialize)]
struct Standing<'a> {
    status: OrderStatus,
    close: Option<Close>,
    paid: Centavos,
    reserved: Centavos,
    claim: Option<&'a Claim>,
    attempt: Option<&'a Attempt>,
}

/// How an order stands, as it goes into the trail.
#[must_use]
pub fn standing(order: &Order, attempt: Option<AttemptId>) -> Value {
    let standing = Standing {
        status: order.status,
        close: order.close,
        paid: order.paid(),
        reserved: order.reserved(),
        claim: order.claim.as_ref(),
        attempt: attempt.and_then(|id| order.attempt(id)),
    };
    serde_json::to_value(standing).expect("the ledger's types have only text keys")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_names_who_asked_for_it_and_why_or_the_pdv() {
        let author = Author { by: Some("Ana".into()), reason: Some("conferido".into()) };
        let act = Act::of(What::AttemptResolved, &author);
        assert_eq!((act.who.as_str(), act.why.as_deref()), ("Ana", Some("conferido")));
        let act = Act::of(What::AttemptResolved, &Author::default());
        assert_eq!((act.who.as_str(), act.why), ("PDV", None));
    }
}
