//! The agent's machine: events in, records and effects out. No clock, no random source, no file, no socket: they come in
//! as arguments, so a test, a simulation and a terminal run the very same code.
//!
//! May import `protocol`, [`crate::acquirer`]. Must not import `view`, `journal`, `hub` or `driver`.
//!
//! What goes in, in which order: [`Agent::restore`] and [`Agent::replay`] with what the journal holds, then
//! [`Event::Booted`], then whatever happens. What comes out: a [`Step`] each time; its records are synced before its
//! effects leave. [`Agent::next_deadline`] says when to come back with [`Event::Deadline`].
//!
//! One file per step of an order's way; this file only branches:
//! - `idle`: activation, the way back, diagnostics
//! - `browsing`: the menu, the lists, and searching them
//! - `listening`: the feed
//! - `claiming`: the right to charge, for one order now or for a tour
//! - `paying`: amount, method, the deep link
//! - `resolving`: what came back, and what to believe of it
//! - `reporting`: the outbox
//! - `stating`: what the operator reads off the slip of a payment in doubt
//! - `reversing`: giving back
//! - `retrying`: reversals in doubt, every hour
//! - `printing`: receipts and slips
//! - `search`: what a person types to find something
//!
//! `state` is what outlives the process, `apply` how each record changes it, `live` what a restart begins without.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use protocol::attempt::Outcome;
use protocol::refusal::RefusalCode;
use protocol::{Serial, UnixMillis};

use crate::acquirer::Acquirer;

mod apply;
pub(crate) mod browsing;
pub(crate) mod claiming;
pub mod effect;
pub mod event;
mod idle;
mod listening;
pub mod live;
pub(crate) mod paying;
mod printing;
pub mod record;
mod reporting;
mod resolving;
mod retrying;
mod reversing;
pub(crate) mod search;
pub mod state;
mod stating;
pub mod tap;
#[cfg(test)]
mod tests;

pub use effect::{Alert, CallId, DeviceToken, Effect, HubCall, Purpose};
pub use event::{
    CallFailure, DeviceStatus, Event, Input, Moment, PreparedReceipt, ReceiptFailure, Reply, Unreachable,
};
pub use record::Record;
pub use state::Durable;
pub use tap::Tap;

use live::{Contact, Failed, Live, LoggedError, Loop, Operation, Page};

/// What the agent is told about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentConfig {
    /// Where this terminal's serial number may come from.
    pub serials: Serials,
    /// Version of the app, for people.
    pub version: String,
    /// Address of mobilepayment, for people; empty: the technician has not set a usable one.
    pub service: String,
}

/// What the shell knows of this terminal's serial number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Serials {
    /// From the label, by the technician.
    pub provisioned: Option<Serial>,
    /// What the operating system says. Not always the number on the label.
    pub system: Option<Serial>,
}

impl Serials {
    /// A terminal whose technician has set the number.
    #[must_use]
    pub const fn provisioned(serial: Serial) -> Self {
        Self { provisioned: Some(serial), system: None }
    }
}

/// What one event leads to. Records first: they are synced before any effect leaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Facts to append to the journal, in this order.
    pub records: Vec<Record>,
    /// What to do then, in this order.
    pub effects: Vec<Effect>,
}

/// The terminal agent.
#[cfg_attr(test, derive(Clone))]
pub struct Agent {
    config: AgentConfig,
    durable: Durable,
    live: Live,
    acquirer: Arc<dyn Acquirer>,
    now: Moment,
    step: Step,
}

impl Agent {
    /// An agent with an empty memory. `seed` feeds its ids and its jitter: it must be random at every start.
    #[must_use]
    pub fn new(config: AgentConfig, acquirer: Arc<dyn Acquirer>, seed: u64) -> Self {
        Self {
            config,
            durable: Durable::default(),
            live: Live::new(seed),
            acquirer,
            now: Moment { wall: UnixMillis(0), mono_ms: 0 },
            step: Step::default(),
        }
    }

    /// Takes back what was compacted. Before any [`Agent::replay`].
    pub fn restore(&mut self, durable: Durable) {
        self.durable = durable;
    }

    /// Takes back one record of the journal.
    pub fn replay(&mut self, record: &Record) {
        self.durable.apply(record);
    }

    /// State that follows from the records alone, to compact the journal.
    #[must_use]
    pub const fn durable(&self) -> &Durable {
        &self.durable
    }

    /// State of this run: the page shown and what is under way.
    #[must_use]
    pub const fn live(&self) -> &Live {
        &self.live
    }

    /// What the agent was told about itself.
    #[must_use]
    pub const fn config(&self) -> &AgentConfig {
        &self.config
    }

    /// This terminal's serial number: the one it was activated with, else the one it would be activated with.
    #[must_use]
    pub fn serial(&self) -> Option<Serial> {
        let activated = self.durable.identity.as_ref().and_then(|identity| identity.serial.clone());
        activated.or_else(|| self.serial_to_activate())
    }

    /// The serial number for the next activation. What the technician read from the label counts most; what the acquirer's
    /// app once said of this very device is worth more than what the system says.
    #[must_use]
    pub fn serial_to_activate(&self) -> Option<Serial> {
        let serials = &self.config.serials;
        serials.provisioned.clone().or_else(|| self.learned_serial()).or_else(|| serials.system.clone())
    }

    /// From the newest approved payment that tells.
    fn learned_serial(&self) -> Option<Serial> {
        let approved = self.durable.attempts.values().filter(|a| a.outcome() == Some(Outcome::Approved));
        let told = approved.filter_map(|attempt| {
            let serial = self.acquirer.serial_in(&attempt.ended.as_ref()?.evidence)?;
            Some((attempt.counter, serial))
        });
        told.max_by_key(|(counter, _)| *counter).map(|(_, serial)| serial)
    }

    /// The acquirer's adapter.
    #[must_use]
    pub fn acquirer(&self) -> &dyn Acquirer {
        &*self.acquirer
    }

    /// From now on only shows that the journal cannot be used and why; takes no payment and asks for nothing.
    pub fn block(&mut self, problem: &str) {
        self.live.journal_problem = Some(problem.to_owned());
        self.live.page = Page::List;
    }

    /// Takes one event.
    pub fn handle(&mut self, event: Event, now: Moment) -> Step {
        self.now = now;
        if self.live.journal_problem.is_some() {
            self.handle_blocked(&event);
            return Step::default();
        }
        match event {
            Event::Booted => self.boot(),
            Event::Deadline => {}
            Event::Input(input) => self.input(input),
            Event::Returned(uri) => self.returned(&uri),
            Event::OpenFailed => self.open_failed(),
            Event::Answered { call, result } => self.answered(call, result),
            Event::Network { connected } => self.network_changed(connected),
            Event::Receipt { print_id, result } => self.receipt_prepared(&print_id, result),
            Event::Device(status) => self.live.device = status,
        }
        self.settle();
        core::mem::take(&mut self.step)
    }

    /// When [`Event::Deadline`] is due, on the monotonic clock; may be in the past.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        if self.live.journal_problem.is_some() {
            return None;
        }
        let feed =
            self.feed_wanted().then_some(self.live.feed.at_ms).filter(|_| self.live.feed.call.is_none());
        let outbox = self.outbox_due_at();
        let answer = self.live.in_flight.as_ref().map(|flight| flight.until_ms);
        let all = [
            feed,
            outbox,
            answer,
            self.live.renew_at_ms,
            self.fetch_due_at(),
            self.idle_due_at(),
            self.direct_due_at(),
            self.offer_due_at(),
            self.redraw_due_at(),
            self.retry_due_at(),
            self.ask_due_at(),
        ];
        all.into_iter().flatten().min()
    }

    /// Brings everything that follows from the present state: what is due, what ended, what can go on.
    fn settle(&mut self) {
        self.expire_operation();
        self.leave_idle_page();
        self.tidy_claims();
        self.disown_claims();
        self.leave_page_of_gone_order();
        self.leave_answered_statement();
        self.renew_lease();
        self.offer_receipt();
        self.open_direct_order();
        self.retry_reversal();
        self.ask_every_hour();
        self.drop_overslept_feed();
        self.pump_feed();
        self.pump_outbox();
        self.pump_receipts();
        self.keep_awake();
    }

    /// Without a journal nothing can be recorded, so nothing is done; an answer of the acquirer's app is at least shown.
    fn handle_blocked(&mut self, event: &Event) {
        match event {
            Event::Returned(_) => self.log_error(Failed::Stray),
            Event::Input(Input::Tap(id)) if *id == Tap::Diagnostics.id() => {
                self.live.page = Page::Diagnostics
            }
            Event::Input(Input::Tap(id)) if *id == Tap::Back.id() => self.live.page = Page::List,
            Event::Device(status) => self.live.device = status.clone(),
            Event::Booted
            | Event::Deadline
            | Event::Input(_)
            | Event::OpenFailed
            | Event::Answered { .. }
            | Event::Network { .. }
            | Event::Receipt { .. } => {}
        }
    }

    fn answered(&mut self, call: CallId, result: Result<Reply, CallFailure>) {
        self.note_contact(&result);
        let waits = self.live.page.waits_for();
        if self.live.feed.call == Some(call) {
            self.feed_answered(result);
        } else if self.live.outbox.call == Some(call) {
            self.outbox_answered(result);
        } else if self.live.renewing.as_ref().is_some_and(|(renewal, _)| *renewal == call) {
            self.lease_renewed(result);
        } else if waits != Some(call) {
            self.unawaited_answer(result);
        } else if let Page::Activation { .. } = self.live.page {
            self.activation_answered(result);
        } else if let Page::Claiming { .. } = self.live.page {
            self.claim_answered(result);
        } else if let Page::TakingNow(_) = self.live.page {
            self.take_answered(result);
        } else {
            self.start_answered(result);
        }
    }

    /// An answer that no page waits for any more: what it says of an order is still news.
    fn unawaited_answer(&mut self, result: Result<Reply, CallFailure>) {
        match result {
            Ok(Reply::Attempt(ack)) => {
                if let Some(order) = ack.order {
                    self.see_order(order);
                }
            }
            Err(failure) => self.log_error(Failed::Call("attempts", failure)),
            Ok(
                Reply::Activated(_) | Reply::Feed(_) | Reply::Claimed(_) | Reply::Released(_) | Reply::Noted,
            ) => {}
        }
    }

    fn note_contact(&mut self, result: &Result<Reply, CallFailure>) {
        match result {
            Ok(_) | Err(CallFailure::Refused(_)) => {
                let since = self.live.contact.map_or(self.now.wall, |contact| contact.since);
                let last = self.now.wall;
                self.live.contact = Some(Contact { since, last_ms: self.now.mono_ms, last });
                self.live.failure = None;
                self.live.connected = true;
            }
            Err(CallFailure::Unreachable(why)) => self.live.failure = Some(*why),
        }
        let refused = match result {
            Err(CallFailure::Refused(refusal)) => Some(refusal.code),
            Ok(_) | Err(CallFailure::Unreachable(_)) => None,
        };
        match refused {
            Some(RefusalCode::NotActivated | RefusalCode::Revoked)
                if self.durable.identity.is_some() && !self.durable.blocked =>
            {
                self.record(Record::Blocked(true));
            }
            Some(_) => {}
            None if result.is_ok() && self.durable.blocked => self.record(Record::Blocked(false)),
            None => {}
        }
    }

    /// An order as an answer to one of our own calls showed it.
    fn see_order(&mut self, order: protocol::order::OrderView) {
        self.hear_decisions(&order);
        self.record(Record::OrderSeen(Box::new(order)));
    }

    fn record(&mut self, record: Record) {
        self.durable.apply(&record);
        self.step.records.push(record);
    }

    fn effect(&mut self, effect: Effect) {
        self.step.effects.push(effect);
    }

    fn call(&mut self, request: HubCall, timeout_ms: u64) -> CallId {
        let call = CallId(self.live.next_call);
        self.live.next_call += 1;
        self.effect(Effect::Call { call, request, timeout_ms });
        call
    }

    fn show(&mut self, page: Page) {
        self.live.page = page;
        self.live.page_since_ms = self.now.mono_ms;
        self.live.touched_ms = self.now.mono_ms;
    }

    fn alert(&mut self, alert: Alert) {
        self.effect(Effect::Alert(alert));
    }

    fn log_error(&mut self, what: Failed) {
        if self.live.errors.len() >= live::ERRORS_KEPT_MAX {
            self.live.errors.pop_front();
        }
        self.live.errors.push_back(LoggedError { at: self.now.wall, what });
    }

    /// The next number of the random sequence (SplitMix64).
    fn random(&mut self) -> u64 {
        self.live.random = self.live.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.live.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One second, doubled with every failure up to 32 seconds, and up to half of that on top by chance, so that the
    /// terminals of a shop do not come back all in the same instant.
    fn back_off_ms(&mut self, failures: u32) -> u64 {
        let base = 1_000_u64 << failures.saturating_sub(1).min(5);
        base + self.random() % (base / 2)
    }

    fn keep_awake(&mut self) {
        let paying = matches!(
            self.live.in_flight.as_ref().map(|flight| &flight.what),
            Some(Operation::Pay(_) | Operation::Reverse(_))
        );
        let wanted = paying || matches!(self.live.page, Page::Announcing { .. } | Page::TakingNow(_));
        if wanted != self.live.awake {
            self.live.awake = wanted;
            self.effect(Effect::KeepAwake(wanted));
        }
    }
}

impl Live {
    fn new(seed: u64) -> Self {
        Self {
            page: Page::List,
            page_since_ms: 0,
            touched_ms: 0,
            list: live::ListView { query: String::new(), oldest_first: false, rows_max: browsing::ROWS_STEP },
            in_flight: None,
            feed: Loop::default(),
            outbox: Loop::default(),
            sending: None,
            sent_end: 0,
            ask_again: BTreeSet::new(),
            ask_again_reversals: BTreeSet::new(),
            asked_ms: 0,
            refused_until_ms: BTreeMap::new(),
            fetching: None,
            fetch_at_ms: 0,
            renew_at_ms: None,
            renewing: None,
            left: BTreeSet::new(),
            direct_at_ms: 0,
            split: None,
            disowned: BTreeSet::new(),
            shown_number: String::new(),
            contact: None,
            connected: true,
            failure: None,
            device: DeviceStatus::default(),
            errors: VecDeque::new(),
            random: seed,
            next_call: 1,
            journal_problem: None,
            awake: false,
        }
    }
}
