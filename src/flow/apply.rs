//! How each record changes what the agent remembers. The only way to change it, in life as in replay.

use protocol::attempt::Outcome;
use protocol::feed::{Cursor, FeedPage};
use protocol::order::OrderView;
use protocol::reversal::ReversalEnded;
use protocol::{Centavos, PrintId, ReversalId, UnixMillis};

use super::record::{Record, ReversalStart, StartedAttempt};
use super::state::{
    Attempt, Durable, HISTORY_MAX, Held, Identity, RECEIPTS_KEPT_MAX, Receipt, Reversal, STRAYS_KEPT_MAX,
    Stated,
};

impl Durable {
    /// Applies one fact.
    pub fn apply(&mut self, record: &Record) {
        match record {
            Record::Activated { token, settings, serial } => {
                self.identity = Some(Identity {
                    token: token.clone(),
                    settings: settings.clone(),
                    serial: serial.clone(),
                });
                self.blocked = false;
                self.cursor = None;
            }
            Record::Blocked(blocked) => self.blocked = *blocked,
            Record::Feed { page, at } => self.apply_page(page, *at),
            Record::OrderSeen(order) => {
                self.answered(order);
            }
            Record::ClaimGranted { grant, kind, at } => {
                let held = Held { claim_id: grant.claim_id, fence: grant.fence, kind: *kind, at: *at };
                self.claims.insert(grant.order.id.clone(), held);
                self.answered(&grant.order);
            }
            Record::ClaimEnded { order_id, claim_id, tell } => {
                if self.claims.get(order_id).is_some_and(|held| held.claim_id == *claim_id) {
                    self.claims.remove(order_id);
                }
                if *tell {
                    self.releases.insert(*claim_id, order_id.clone());
                }
            }
            Record::ReleaseReported { claim_id } => {
                self.releases.remove(claim_id);
            }
            Record::AttemptStarted(start) => self.start_attempt(start),
            Record::AttemptLaunched { attempt_id, at } => {
                if let Some(attempt) = self.attempts.get_mut(attempt_id) {
                    attempt.launched_at = Some(*at);
                }
            }
            Record::AttemptEnded { ended, answer } => {
                if let Some(attempt) = self.attempts.get_mut(&ended.attempt.attempt_id) {
                    attempt.ended = Some((**ended).clone());
                    attempt.settled = None;
                    attempt.ends += 1;
                    attempt.answer = answer.clone().or_else(|| attempt.answer.take());
                }
            }
            Record::AttemptReported { attempt_id, end, held, flags } => {
                if let Some(attempt) = self.attempts.get_mut(attempt_id) {
                    attempt.reported_end = *end;
                    attempt.told_at = self.pages;
                    attempt.held = *held;
                    attempt.flags.clone_from(flags);
                }
                self.forget_old_attempts();
            }
            Record::AttemptSettledByStore { attempt_id, outcome } => {
                if let Some(attempt) = self.attempts.get_mut(attempt_id) {
                    attempt.settled = Some(*outcome);
                }
                self.forget_old_attempts();
            }
            Record::AttemptStated(statement) => {
                if let Some(attempt) = self.attempts.get_mut(&statement.attempt_id) {
                    attempt.stated = Some(Stated { statement: statement.clone(), told: false, told_at: 0 });
                }
            }
            Record::StatementReported { attempt_id, statement_id } => {
                let stated = self.attempts.get_mut(attempt_id).and_then(|attempt| attempt.stated.as_mut());
                if let Some(stated) = stated.filter(|s| s.statement.statement_id == *statement_id) {
                    stated.told = true;
                    stated.told_at = self.pages;
                }
                self.forget_old_attempts();
            }
            Record::Stray(stray) => {
                self.strays_total += 1;
                self.strays.push_back(stray.clone());
                if self.strays.len() > STRAYS_KEPT_MAX {
                    self.strays.pop_front();
                }
            }
            Record::StraysSeen => self.strays_seen = self.strays_total,
            Record::ReversalStarted(start) => {
                self.counter += 1;
                let reversal = Reversal {
                    start: start.clone(),
                    ended: None,
                    settled: None,
                    retries: 0,
                    retried_at: None,
                    ends: 0,
                    reported_end: 0,
                    told_at: 0,
                    counter: self.counter,
                };
                self.reversals.insert(start.reversal_id, reversal);
            }
            Record::ReversalEnded(ended) => self.end_reversal(ended),
            Record::ReversalRetried { reversal_id, at } => {
                if let Some(reversal) = self.reversals.get_mut(reversal_id) {
                    reversal.retries += 1;
                    reversal.retried_at = Some(*at);
                }
            }
            Record::ReversalSettledByStore { reversal_id, outcome } => {
                self.settle_reversal(*reversal_id, *outcome);
                self.forget_old_reversals();
            }
            Record::ReversalReported { reversal_id, end } => {
                if let Some(reversal) = self.reversals.get_mut(reversal_id) {
                    reversal.reported_end = *end;
                    reversal.told_at = self.pages;
                }
                self.forget_old_reversals();
            }
            Record::ReceiptReady { print_id, prepared } => {
                if let Some(receipt) = self.receipts.get_mut(print_id) {
                    receipt.prepared = Some(*prepared);
                    receipt.bad = None;
                }
            }
            Record::ReceiptBad { print_id, code, sentence } => {
                if let Some(receipt) = self.receipts.get_mut(print_id) {
                    receipt.bad = Some((code.clone(), sentence.clone()));
                }
            }
            Record::ReceiptDone(result) => {
                if let Some(receipt) = self.receipts.get_mut(&result.print_id) {
                    receipt.done = Some(result.clone());
                    receipt.reported = false;
                }
            }
            Record::ReceiptReported { print_id } => {
                if let Some(receipt) = self.receipts.get_mut(print_id) {
                    receipt.reported = true;
                    receipt.told_at = self.pages;
                }
                self.forget_old_receipts();
            }
        }
    }

    fn apply_page(&mut self, page: &FeedPage, at: UnixMillis) {
        let snapshot = page.snapshot || self.reads_again;
        if snapshot && !self.snapshot_arriving {
            self.orders.clear();
            self.reversals_wanted.clear();
            self.receipts.retain(|_, receipt| receipt.done.is_some());
        }
        let restarted = self.cursor.is_some_and(|cursor| cursor.epoch != page.cursor.epoch);
        // What an answer of ours said before the last two whole pages were asked for, their cursors vouch for: of what
        // came later, a service that was restored and knows the cursor may have forgotten it.
        let vouched = self.pages.saturating_sub(1);
        if page.restored {
            self.tell_again_since(0);
        } else if restarted {
            self.tell_again_since(vouched);
        }
        self.snapshot_arriving = page.more && (snapshot || self.snapshot_arriving);
        self.reads_again = restarted && !snapshot && self.seen_at >= vouched;
        let Cursor { epoch, sequence } = page.cursor;
        self.cursor = Some(Cursor { epoch, sequence: if self.reads_again { 0 } else { sequence } });
        self.pages += u64::from(!page.more);
        self.feed_at = Some(at);
        if let (Some(settings), Some(identity)) = (&page.settings, &mut self.identity) {
            identity.settings = settings.clone();
        }
        for order in &page.orders {
            self.see(order);
        }
        for print_id in &page.receipts_gone {
            if self.receipts.get(print_id).is_some_and(|receipt| receipt.done.is_none()) {
                self.receipts.remove(print_id);
            }
        }
        for notice in &page.receipts {
            self.receipts.entry(notice.print_id.clone()).or_insert_with(|| Receipt {
                notice: notice.clone(),
                prepared: None,
                bad: None,
                done: None,
                reported: false,
                told_at: 0,
            });
        }
        for wanted in &page.reversals_wanted {
            self.reversals_wanted.retain(|known| known.attempt_id != wanted.attempt_id);
            self.reversals_wanted.push(wanted.clone());
        }
    }

    /// The service may have forgotten what it took down when the feed had brought `pages` pages, or later.
    fn tell_again_since(&mut self, pages: u64) {
        for attempt in self.attempts.values_mut().filter(|attempt| attempt.told_at >= pages) {
            attempt.reported_end = 0;
        }
        let stated = self.attempts.values_mut().filter_map(|attempt| attempt.stated.as_mut());
        for stated in stated.filter(|stated| stated.told_at >= pages) {
            stated.told = false;
        }
        for reversal in self.reversals.values_mut().filter(|reversal| reversal.told_at >= pages) {
            reversal.reported_end = 0;
        }
        for receipt in self.receipts.values_mut().filter(|receipt| receipt.told_at >= pages) {
            receipt.reported = false;
        }
    }

    /// An order as an answer showed it. One that the feed does not know has ended meanwhile: the answer was overtaken.
    fn answered(&mut self, order: &OrderView) {
        self.seen_at = self.pages;
        if self.orders.contains_key(&order.id) {
            self.see(order);
        }
    }

    fn see(&mut self, order: &OrderView) {
        if self.orders.get(&order.id).is_some_and(|known| known.revision > order.revision) {
            return;
        }
        if order.status.is_ended() {
            self.orders.remove(&order.id);
        } else {
            self.orders.insert(order.id.clone(), order.clone());
        }
    }

    fn start_attempt(&mut self, start: &StartedAttempt) {
        self.counter += 1;
        let attempt = Attempt {
            start: start.clone(),
            launched_at: None,
            ended: None,
            answer: None,
            ends: 0,
            reported_end: 0,
            told_at: 0,
            held: None,
            flags: Vec::new(),
            settled: None,
            stated: None,
            reversed: Centavos::ZERO,
            counter: self.counter,
        };
        self.attempts.insert(start.attempt.attempt_id, attempt);
    }

    fn end_reversal(&mut self, ended: &ReversalEnded) {
        let Some(reversal) = self.reversals.get_mut(&ended.reversal_id) else {
            return;
        };
        let before = reversal.outcome();
        reversal.ended = Some(ended.clone());
        reversal.settled = None;
        reversal.ends += 1;
        self.gave_back(ended.reversal_id, before);
    }

    fn settle_reversal(&mut self, reversal_id: ReversalId, outcome: Outcome) {
        let Some(reversal) = self.reversals.get_mut(&reversal_id) else {
            return;
        };
        let before = reversal.outcome();
        reversal.settled = Some(outcome);
        self.gave_back(reversal_id, before);
    }

    /// Counts what a reversal gave back, once.
    fn gave_back(&mut self, reversal_id: ReversalId, before: Option<Outcome>) {
        let Some(reversal) = self.reversals.get(&reversal_id) else {
            return;
        };
        let approved = Some(Outcome::Approved);
        if reversal.outcome() == approved && before != approved {
            let ReversalStart { attempt_id, amount, .. } = &reversal.start;
            if let Some(attempt) = self.attempts.get_mut(attempt_id) {
                attempt.reversed = attempt.reversed.checked_add(*amount).unwrap_or(attempt.reversed);
            }
            self.reversals_wanted.retain(|wanted| wanted.attempt_id != *attempt_id);
        }
    }

    fn forget_old_attempts(&mut self) {
        let finished = self.attempts.values().filter(|a| a.is_done());
        let mut counters: Vec<u64> = finished.map(|a| a.counter).collect();
        if let Some(limit) = oldest_kept(&mut counters, HISTORY_MAX) {
            self.attempts.retain(|_, a| !a.is_done() || a.counter >= limit);
        }
    }

    fn forget_old_reversals(&mut self) {
        let finished = self.reversals.values().filter(|r| !r.is_unclear() && !r.needs_report());
        let mut counters: Vec<u64> = finished.map(|r| r.counter).collect();
        if let Some(limit) = oldest_kept(&mut counters, HISTORY_MAX) {
            self.reversals.retain(|_, r| r.is_unclear() || r.needs_report() || r.counter >= limit);
        }
    }

    fn forget_old_receipts(&mut self) {
        let finished = |receipt: &Receipt| receipt.done.is_some() && receipt.reported;
        let mut times: Vec<(UnixMillis, PrintId)> = self
            .receipts
            .values()
            .filter(|receipt| finished(receipt))
            .map(|receipt| (receipt.notice.created_at, receipt.notice.print_id.clone()))
            .collect();
        if let Some(limit) = oldest_kept(&mut times, RECEIPTS_KEPT_MAX) {
            self.receipts.retain(|_, receipt| {
                !finished(receipt) || (receipt.notice.created_at, receipt.notice.print_id.clone()) >= limit
            });
        }
    }
}

/// The smallest of the `max` largest keys; `None` when all fit.
fn oldest_kept<K: Ord + Clone>(keys: &mut [K], max: usize) -> Option<K> {
    if keys.len() <= max {
        return None;
    }
    keys.sort_unstable();
    keys.get(keys.len() - max).cloned()
}
