//! What the agent knows only while it runs: the page shown, calls under way, deadlines. A restart begins without it and
//! loses nothing but the operator's place.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use protocol::refusal::{Refusal, RefusalCode};
use protocol::statement::Said;
use protocol::{AttemptId, Centavos, ClaimId, OrderId, PrintId, ReversalId, Serial, StatementId, UnixMillis};

use super::effect::CallId;
use super::event::{CallFailure, DeviceStatus, Unreachable};
use crate::acquirer::{PrintAnswer, SlipCopy};

/// Errors kept for the diagnostics screen.
pub const ERRORS_KEPT_MAX: usize = 20;

/// What the agent knows only while it runs.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Live {
    /// The page shown.
    pub page: Page,
    /// Since when, on the monotonic clock.
    pub page_since_ms: u64,
    /// When the operator last did something.
    pub touched_ms: u64,
    /// Search and order of the list.
    pub list: ListView,
    /// The one operation that the acquirer's app is busy with.
    pub in_flight: Option<InFlight>,
    /// The feed's loop.
    pub feed: Loop,
    /// The outbox's loop.
    pub outbox: Loop,
    /// What the outbox is sending.
    pub sending: Option<Item>,
    /// Which end of the attempt or reversal it is sending.
    pub sent_end: u32,
    /// Attempts in doubt to tell once more, to hear what became of them.
    pub ask_again: BTreeSet<AttemptId>,
    /// Reversals in doubt, likewise.
    pub ask_again_reversals: BTreeSet<ReversalId>,
    /// When that was last asked of all of them.
    pub asked_ms: u64,
    /// Reports that the service refused: not before this time.
    pub refused_until_ms: BTreeMap<Item, u64>,
    /// Receipt that is being fetched.
    pub fetching: Option<PrintId>,
    /// When to fetch receipts again after a failure.
    pub fetch_at_ms: u64,
    /// Lease of the `now` claim of the page shown: renew at this time.
    pub renew_at_ms: Option<u64>,
    /// The renewal under way.
    pub renewing: Option<(CallId, OrderId)>,
    /// Claims in our name that the service was told of, or will be: each is given back once.
    pub disowned: BTreeSet<ClaimId>,
    /// What people call the order of the page shown, for when it goes away.
    pub shown_number: String,
    /// Direct orders that the operator left: not opened again by themselves.
    pub left: BTreeSet<OrderId>,
    /// Direct orders open by themselves again from this time.
    pub direct_at_ms: u64,
    /// The rest of a payment that is being divided: order and parts to come.
    pub split: Option<(OrderId, u32)>,
    /// When mobilepayment last answered, and since when it answers without a gap.
    pub contact: Option<Contact>,
    /// What the device says of its network.
    pub connected: bool,
    /// Why mobilepayment last did not answer.
    pub failure: Option<Unreachable>,
    /// The device's condition.
    pub device: DeviceStatus,
    /// The newest errors, for diagnostics.
    pub errors: VecDeque<LoggedError>,
    /// State of the random sequence.
    pub random: u64,
    /// The next call's number.
    pub next_call: u64,
    /// Why the journal cannot be used: no payment is taken.
    pub journal_problem: Option<String>,
    /// The screen is being kept on.
    pub awake: bool,
}

/// mobilepayment answers.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    /// First answer after the last gap.
    pub since: UnixMillis,
    /// Last answer.
    pub last_ms: u64,
    /// Last answer, wall clock.
    pub last: UnixMillis,
}

/// A loop of calls with back-off.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub struct Loop {
    /// The call under way.
    pub call: Option<CallId>,
    /// When it should have ended by itself.
    pub until_ms: u64,
    /// Not before this time.
    pub at_ms: u64,
    /// Failures in a row.
    pub failures: u32,
}

/// Something that must be told to the service, in the order in which it is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// An attempt's outcome.
    Outcome(AttemptId),
    /// What the operator said of an attempt in doubt.
    Statement(AttemptId, StatementId),
    /// A reversal's outcome.
    Reversal(ReversalId),
    /// A claim that ended here.
    Release(ClaimId),
    /// A receipt's result.
    Receipt(PrintId),
}

/// An error for the diagnostics screen.
#[derive(Clone, Debug)]
pub struct LoggedError {
    /// When.
    pub at: UnixMillis,
    /// What failed.
    pub what: Failed,
}

/// What failed.
#[derive(Clone, Debug)]
pub enum Failed {
    /// A call.
    Call(&'static str, CallFailure),
    /// A receipt's image.
    Image(String),
    /// A print.
    Print(PrintAnswer),
    /// A stray return came.
    Stray,
}

/// The one operation that the acquirer's app is busy with.
#[derive(Clone, Debug)]
pub struct InFlight {
    /// Which.
    pub what: Operation,
    /// Stop waiting at this time.
    pub until_ms: u64,
    /// It was launched by an earlier run of this process.
    pub before_restart: bool,
}

/// An operation of the acquirer's app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A payment.
    Pay(AttemptId),
    /// A reversal.
    Reverse(ReversalId),
    /// One part of a receipt.
    Print(PrintId, u32),
    /// The acquirer's slip.
    Reprint(AttemptId),
}

/// Search and order of the list.
#[derive(Clone, Debug)]
pub struct ListView {
    /// What was typed; until an order is opened.
    pub query: String,
    /// Oldest first.
    pub oldest_first: bool,
    /// Most rows shown.
    pub rows_max: usize,
}

/// The page shown.
#[derive(Clone, Debug)]
pub enum Page {
    /// Entry of the activation code.
    Activation {
        /// What was typed.
        code: String,
        /// The call under way, and the serial number it goes out with.
        call: Option<(CallId, Serial)>,
        /// Why the last try failed.
        problem: Option<CallFailure>,
    },
    /// The orders.
    List,
    /// Everything that the list has no room for.
    Menu,
    /// "Levar pedidos": selecting.
    Taking {
        /// Selected orders.
        selected: BTreeSet<OrderId>,
        /// What was typed into the search.
        query: String,
    },
    /// "Levar pedidos": claiming one after another.
    TakingNow(Take),
    /// Claiming one order.
    Claiming {
        /// Which.
        order_id: OrderId,
        /// The request.
        claim_id: ClaimId,
        /// The call under way.
        call: CallId,
        /// A direct order that opened by itself.
        by_itself: bool,
    },
    /// One order: what to charge and how.
    Order {
        /// Which.
        order_id: OrderId,
        /// Chosen amount; `None`: all that may be charged.
        amount: Option<Centavos>,
    },
    /// Entry of another amount.
    Amount {
        /// The order.
        order_id: OrderId,
        /// Centavos typed so far.
        typed: u64,
        /// It was above what may be charged.
        refused: Option<RefusalCode>,
    },
    /// In how many parts.
    Split {
        /// The order.
        order_id: OrderId,
    },
    /// Instalments of a credit payment.
    Installments {
        /// The order.
        order_id: OrderId,
        /// What to charge.
        amount: Centavos,
        /// The first option shown.
        first: usize,
    },
    /// Telling the service before the deep link leaves.
    Announcing {
        /// The attempt.
        attempt_id: AttemptId,
        /// The call under way.
        call: CallId,
    },
    /// The acquirer's app is open.
    Paying {
        /// The attempt.
        attempt_id: AttemptId,
    },
    /// What came of it.
    Result {
        /// The attempt.
        attempt_id: AttemptId,
    },
    /// What does the card slip of a payment in doubt say?
    Statement {
        /// Of which payment.
        attempt_id: AttemptId,
    },
    /// Its authorization code.
    StatementCode {
        /// Of which payment.
        attempt_id: AttemptId,
        /// What was typed.
        typed: String,
        /// It is no code.
        invalid: bool,
    },
    /// Its ATK.
    StatementAtk {
        /// Of which payment.
        attempt_id: AttemptId,
        /// The authorization code.
        code: String,
        /// What was typed.
        typed: String,
        /// It is no code.
        invalid: bool,
    },
    /// Really?
    StatementConfirm {
        /// Of which payment.
        attempt_id: AttemptId,
        /// What will be told.
        said: Said,
    },
    /// Payments taken on this terminal.
    Payments {
        /// Most rows shown.
        rows_max: usize,
        /// What was typed into the search.
        query: String,
    },
    /// One of them.
    Payment {
        /// Which.
        attempt_id: AttemptId,
    },
    /// What can be printed of it.
    Copies {
        /// Of which payment.
        attempt_id: AttemptId,
    },
    /// How much to give back.
    ReversalAmount {
        /// Of which payment.
        attempt_id: AttemptId,
        /// Centavos typed so far.
        typed: u64,
        /// It was above what can be given back.
        refused: bool,
    },
    /// Really?
    ReversalConfirm {
        /// Of which payment.
        attempt_id: AttemptId,
        /// How much.
        amount: Centavos,
    },
    /// The acquirer's app is open for a reversal.
    Reversing {
        /// The reversal.
        reversal_id: ReversalId,
    },
    /// What came of it.
    ReversalResult {
        /// The reversal.
        reversal_id: ReversalId,
    },
    /// The acquirer's slip is being printed.
    Reprinting {
        /// Of which payment.
        attempt_id: AttemptId,
        /// Whose copy.
        copy: SlipCopy,
    },
    /// Receipts on this terminal.
    Receipts {
        /// What was typed into the search.
        query: String,
    },
    /// One of them: print it?
    Receipt {
        /// Which.
        print_id: PrintId,
        /// The part to go on from after a failure.
        part: u32,
        /// Why the last try failed.
        problem: Option<PrintProblem>,
    },
    /// It prints.
    Printing {
        /// Which.
        print_id: PrintId,
        /// Part under way, from 0.
        part: u32,
    },
    /// Stray returns.
    Strays,
    /// Diagnostics.
    Diagnostics,
    /// Something to read.
    Notice(Notice),
}

/// Why a print failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintProblem {
    /// The printer said so.
    Answer(PrintAnswer),
    /// No answer came.
    NoAnswer,
    /// The printing app could not be opened.
    NotOpened,
}

/// "Levar pedidos" under way.
#[derive(Clone, Debug)]
pub struct Take {
    /// To come.
    pub queue: VecDeque<OrderId>,
    /// The one being claimed.
    pub now: Option<(OrderId, ClaimId, CallId)>,
    /// How many are ours.
    pub taken: u32,
    /// Which are not, and why.
    pub refused: Vec<(String, CallFailure)>,
    /// How many in all.
    pub of: u32,
}

/// Something to read; the words are `view`'s.
#[derive(Clone, Debug)]
pub enum Notice {
    /// The service refused.
    Refused(Refusal),
    /// Our own rules refuse.
    CannotStart(RefusalCode),
    /// The service did not answer; nothing was charged.
    Unreachable(Unreachable),
    /// An order went away while it was shown.
    OrderGone(String),
    /// An order was given back.
    GivenBack(String),
    /// "Levar pedidos" is done.
    Taken(Take),
    /// The acquirer's app could not be opened; nothing was charged.
    AppMissing,
    /// Something else is in the acquirer's app.
    Busy,
    /// Too many attempts are in doubt.
    TooManyInDoubt,
    /// The acquirer's slip was printed, or not.
    Reprinted(Result<(), PrintProblem>),
    /// A receipt was printed to the end.
    ReceiptPrinted,
}

impl Page {
    /// The order that the operator is working on.
    #[must_use]
    pub const fn order_id(&self) -> Option<&OrderId> {
        if let Self::Claiming { order_id, .. }
        | Self::Order { order_id, .. }
        | Self::Amount { order_id, .. }
        | Self::Split { order_id }
        | Self::Installments { order_id, .. } = self
        {
            Some(order_id)
        } else {
            None
        }
    }

    /// The payment that the operator is saying something of.
    #[must_use]
    pub const fn stated_of(&self) -> Option<AttemptId> {
        if let Self::Statement { attempt_id }
        | Self::StatementCode { attempt_id, .. }
        | Self::StatementAtk { attempt_id, .. }
        | Self::StatementConfirm { attempt_id, .. } = self
        {
            Some(*attempt_id)
        } else {
            None
        }
    }

    /// Whether this page waits for the answer to this very claim.
    #[must_use]
    pub fn asks_for(&self, claim: ClaimId) -> bool {
        if let Self::Claiming { claim_id, .. } = self {
            *claim_id == claim
        } else if let Self::TakingNow(take) = self {
            take.now.as_ref().is_some_and(|(_, claim_id, _)| *claim_id == claim)
        } else {
            false
        }
    }

    /// The call whose answer moves this page on.
    #[must_use]
    pub fn waits_for(&self) -> Option<CallId> {
        if let Self::Activation { call, .. } = self {
            call.as_ref().map(|(call, _)| *call)
        } else if let Self::Claiming { call, .. } | Self::Announcing { call, .. } = self {
            Some(*call)
        } else if let Self::TakingNow(take) = self {
            take.now.as_ref().map(|(_, _, call)| *call)
        } else {
            None
        }
    }
}
