//! Every "no" of the ledger to the PDV. Terminals get [`protocol::refusal::Refusal`].

use protocol::{Centavos, Serial};

/// Why a command of the PDV was refused. The order of the variants is the precedence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdvRefusal {
    /// No such order in this account.
    #[error("no such order")]
    OrderUnknown,
    /// No such charge in this account.
    #[error("no such charge")]
    ChargeUnknown,
    /// No such reversal in this account.
    #[error("no such reversal")]
    ReversalUnknown,
    /// No such terminal in this account.
    #[error("terminal {0} is not registered in this account")]
    TerminalUnknown(Serial),
    /// No such receipt in this account.
    #[error("no such receipt")]
    PrintUnknown,
    /// The idempotency key was used with another body.
    #[error("the idempotency key was used before with another request")]
    IdempotencyKeyReused,
    /// The licence that registered the company has no active module; what people are told of it.
    #[error("the licence's module is not active")]
    ModuleInactive(Option<String>),
    /// The total is zero or above what one charge can carry.
    #[error("the order's total must be between 1 and 999999999 centavos")]
    TotalInvalid,
    /// Names more terminals than an order may.
    #[error("an order names at most {max} terminals")]
    TooManyTerminals {
        /// The most.
        max: usize,
    },
    /// A direct order names exactly one terminal and fixes the method.
    #[error("a direct order names exactly one terminal")]
    DirectNeedsOneTerminal,
    /// A direct order needs a method.
    #[error("a direct order needs payment_setup")]
    DirectNeedsMethod,
    /// The terminal may not take direct orders.
    #[error("terminal {0} is for delivery only and takes no direct order")]
    NotACounterTerminal(Serial),
    /// Instalments without credit, or too many.
    #[error("the method and instalments do not exist together")]
    ChoiceInvalid,
    /// The method is not in the store's contract.
    #[error("the method or its instalments are not in the store's contract")]
    MethodNotContracted,
    /// The order would be over before it begins.
    #[error("the expiry lies in the past")]
    ExpiryInPast,
    /// A text or a body is longer than may be stored.
    #[error("{field} is longer than {max} bytes")]
    TooLong {
        /// Which.
        field: &'static str,
        /// The most bytes.
        max: usize,
    },
    /// More open orders than one store may have.
    #[error("the store has {max} open orders; close some first")]
    TooManyOpenOrders {
        /// The most.
        max: usize,
    },
    /// Fully paid: cannot be cancelled.
    #[error("the order is paid; reverse its payments instead")]
    OrderPaid,
    /// Closed in another way before.
    #[error("the order was closed before, in another way")]
    OrderClosed,
    /// A close as paid while something is unpaid.
    #[error("the order has an unpaid balance of {balance_centavos} centavos and cannot be closed as paid", balance_centavos = .balance.get())]
    BalanceLeft {
        /// What is unpaid.
        balance: Centavos,
    },
    /// An attempt is open or in doubt.
    #[error("a charge of this order has no answer yet")]
    AttemptOpen,
    /// No terminal holds the order.
    #[error("no terminal holds this order")]
    NotClaimed,
    /// The attempt is not in doubt.
    #[error("the charge is not in doubt")]
    NotInDoubt,
    /// The reversal is not in doubt.
    #[error("the reversal is not in doubt")]
    ReversalNotInDoubt,
    /// The approved payments would exceed the order's total.
    #[error("the approved payments would exceed the order's total; the balance is {balance_centavos} centavos", balance_centavos = .balance.get())]
    ExceedsTotal {
        /// What is unpaid.
        balance: Centavos,
    },
    /// A direct order is paid once and whole.
    #[error("a direct order is charged once, for its whole total; decide against this charge and reverse it")]
    NotWholeTotal,
    /// The charge was not approved.
    #[error("the charge is not paid")]
    NotPaid,
    /// More than can still be given back.
    #[error("at most {left_centavos} centavos of this charge can be given back", left_centavos = .left.get())]
    ReversalTooLarge {
        /// What is left.
        left: Centavos,
    },
    /// Another reversal of this charge is wanted.
    #[error("another reversal of this charge is waiting for its terminal")]
    ReversalWaiting,
    /// Too many receipts wait.
    #[error("{max} receipts of this order wait to be printed; wait for one to end")]
    TooManyPrints {
        /// The most.
        max: usize,
    },
}
