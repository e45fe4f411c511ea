//! Reversals in doubt, every hour: tried once more where that cannot give back twice, and asked about everywhere.

use protocol::attempt::Outcome;
use protocol::reversal::SettledReversal;
use protocol::{Centavos, ReversalId};

use super::live::{InFlight, Operation, Page};
use super::state::Reversal;
use super::{Agent, Effect, Purpose, Record};
use crate::acquirer::ReversalRequest;

/// How long a reversal in doubt rests before it is tried or told again, in milliseconds.
const REST_MS: u64 = 60 * 60 * 1_000;
/// The store's decisions are heard as of at most this many milliseconds ago when a reversal is tried again.
const HEARD_MS: u64 = 60_000;
/// Nobody has touched the list for this many milliseconds when a reversal is tried again: the acquirer's app would come up
/// under somebody's finger.
const UNTOUCHED_MS: u64 = 30_000;
/// Most tries after the first one: a day of them. After that it waits for the store.
const RETRIES_MAX: u32 = 24;

impl Agent {
    /// Whether trying this reversal again is safe: the acquirer cannot give the whole of one transaction back twice. A part
    /// could go back twice, so it waits for the store.
    #[must_use]
    pub fn can_retry(&self, reversal: &Reversal) -> bool {
        let start = &reversal.start;
        let whole = self.durable.attempts.get(&start.attempt_id).is_some_and(|attempt| {
            attempt.start.attempt.amount == start.amount
                && attempt.reversed == Centavos::ZERO
                && attempt.outcome() == Some(Outcome::Approved)
        });
        let alone = !self.durable.reversals.values().any(|other| {
            other.start.attempt_id == start.attempt_id
                && other.start.reversal_id != start.reversal_id
                && other.is_unclear()
        });
        reversal.is_in_doubt() && reversal.retries < RETRIES_MAX && whole && alone
    }

    /// How long it still rests, in milliseconds. A try that lies in the future was made before the clock was set back.
    fn rests_ms(&self, reversal: &Reversal) -> u64 {
        let ended = reversal.ended.as_ref().map(|ended| ended.ended_at);
        let tried = reversal.retried_at.max(ended);
        match tried {
            Some(tried) if tried <= self.now.wall => REST_MS.saturating_sub(self.now.wall.since_ms(tried)),
            Some(_) | None => 0,
        }
    }

    /// The next reversal to try again, and after how many milliseconds.
    fn next_retry(&self) -> Option<(u64, ReversalId)> {
        let can = self.durable.reversals.values().filter(|reversal| self.can_retry(reversal));
        can.map(|reversal| (self.rests_ms(reversal), reversal.start.reversal_id)).min()
    }

    /// Only from the list, where nobody works on anything, and while the store can be heard.
    fn may_retry(&self, reversal_id: ReversalId) -> bool {
        let free = self.live.in_flight.is_none() && matches!(self.live.page, Page::List);
        let heard = self.live.failure.is_none() && !self.durable.blocked && self.durable.identity.is_some();
        free && heard && !self.live.ask_again_reversals.contains(&reversal_id)
    }

    pub(super) fn retry_due_at(&self) -> Option<u64> {
        let (wait_ms, _) = self.next_retry().filter(|(_, id)| self.may_retry(*id))?;
        Some((self.now.mono_ms + wait_ms).max(self.live.touched_ms + UNTOUCHED_MS))
    }

    /// The same key and amount once more: if the first try went through, the acquirer refuses this one. The store is heard
    /// first: it may have decided meanwhile.
    pub(super) fn retry_reversal(&mut self) {
        let Some((0, reversal_id)) = self.next_retry().filter(|(_, id)| self.may_retry(*id)) else {
            return;
        };
        if self.now.mono_ms < self.live.touched_ms + UNTOUCHED_MS {
            return;
        }
        if self.now.mono_ms >= self.live.asked_ms + HEARD_MS {
            self.ask_about_doubts();
        }
        if !self.may_retry(reversal_id) {
            return;
        }
        let Some(reversal) = self.durable.reversals.get(&reversal_id) else {
            return;
        };
        let request = ReversalRequest { atk: reversal.start.atk.clone(), amount: reversal.start.amount };
        self.record(Record::ReversalRetried { reversal_id, at: self.now.wall });
        self.launch_reversal(reversal_id, &request);
    }

    /// Opens the acquirer's app. What leads here is recorded before.
    pub(super) fn launch_reversal(&mut self, reversal_id: ReversalId, request: &ReversalRequest) {
        let uri = self.acquirer.reversal_uri(request);
        self.effect(Effect::Open { uri, purpose: Purpose::Reverse });
        let until_ms = self.now.mono_ms + super::reversing::ANSWER_MS;
        let what = Operation::Reverse(reversal_id);
        self.live.in_flight = Some(InFlight { what, until_ms, before_restart: false });
        self.show(Page::Reversing { reversal_id });
    }

    /// The store's decision about a reversal in doubt. One from before our last report did not know of that report.
    pub(super) fn settle_reversal_by_store(&mut self, settled: SettledReversal) {
        let SettledReversal { reversal_id, outcome } = settled;
        let flies =
            self.live.in_flight.as_ref().map(|flight| &flight.what) == Some(&Operation::Reverse(reversal_id));
        let doubtful = self.durable.reversals.get(&reversal_id);
        let doubtful = doubtful.is_some_and(|reversal| reversal.is_in_doubt() && !reversal.needs_report());
        if doubtful && !flies && matches!(outcome, Outcome::Approved | Outcome::Declined) {
            self.record(Record::ReversalSettledByStore { reversal_id, outcome });
        }
    }

    /// What was decided of an order that has ended comes with no feed: telling the doubt again brings the decision.
    pub(super) fn ask_due_at(&self) -> Option<u64> {
        let doubts = self.durable.attempts.values().any(|a| a.ended.is_some() && a.is_unclear())
            || self.durable.reversals.values().any(Reversal::is_in_doubt);
        doubts.then_some(self.live.asked_ms + REST_MS)
    }

    pub(super) fn ask_every_hour(&mut self) {
        if self.ask_due_at().is_some_and(|at| at <= self.now.mono_ms) {
            self.ask_about_doubts();
        }
    }
}
