//! The changes that terminals may still have to be told, each subject once, at its latest place.

use std::collections::{BTreeMap, HashMap, VecDeque};

use protocol::Serial;

use super::change::{Audience, Change, Item, Subject};
use crate::registers::AccountId;

/// How many ended orders and withdrawn receipts are remembered, so that a terminal that was away learns their end
/// without a full snapshot: a busy store's day.
pub const ENDED_KEPT: usize = 4_096;

type Entries = BTreeMap<u64, Item>;

/// All logs: one per company for what goes to all of its terminals, one per terminal for what goes to it alone.
#[derive(Debug, Default)]
pub(super) struct Logs {
    companies: HashMap<AccountId, Entries>,
    terminals: HashMap<Serial, Entries>,
    places: HashMap<Subject, (u64, Audience)>,
    ended: VecDeque<(u64, Subject)>,
    open_orders: usize,
    /// Every change after this one is still here.
    floor: u64,
}

impl Logs {
    pub(super) const fn open_orders(&self) -> usize {
        self.open_orders
    }

    pub(super) const fn floor(&self) -> u64 {
        self.floor
    }

    pub(super) fn raise_floor(&mut self, floor: u64) {
        self.floor = self.floor.max(floor);
    }

    pub(super) fn put(&mut self, change: Change) {
        let Change { subject, audience, sequence, item } = change;
        self.remove(&subject);
        match &item {
            Item::ReversalGone => return,
            Item::Order { open: true, .. } => self.open_orders += 1,
            Item::Order { open: false, .. } | Item::ReceiptGone(_) => {
                self.ended.push_back((sequence, subject.clone()));
            }
            Item::Receipt(_) | Item::Reversal(_) => {}
        }
        match &audience {
            Audience::Company(account) => {
                self.companies.entry(account.clone()).or_default().insert(sequence, item);
            }
            Audience::Terminals(serials) => {
                for serial in serials {
                    self.terminals.entry(serial.clone()).or_default().insert(sequence, item.clone());
                }
            }
        }
        self.places.insert(subject, (sequence, audience));
        self.forget_old();
    }

    /// What a terminal has not been told since `since`, in order.
    pub(super) fn after(
        &self,
        account: &AccountId,
        serial: &Serial,
        since: u64,
    ) -> impl Iterator<Item = (u64, &Item)> {
        let range = (std::ops::Bound::Excluded(since), std::ops::Bound::Unbounded);
        let company = self.companies.get(account).into_iter().flat_map(move |log| log.range(range));
        let own = self.terminals.get(serial).into_iter().flat_map(move |log| log.range(range));
        let (mut company, mut own) = (company.peekable(), own.peekable());
        std::iter::from_fn(move || {
            let company_first = match (company.peek(), own.peek()) {
                (Some((c, _)), Some((o, _))) => c < o,
                (first, _) => first.is_some(),
            };
            let next = if company_first { company.next() } else { own.next() };
            next.map(|(sequence, item)| (*sequence, item))
        })
    }

    fn remove(&mut self, subject: &Subject) {
        let Some((sequence, audience)) = self.places.remove(subject) else {
            return;
        };
        let mut was_open = false;
        let mut take = |log: Option<&mut Entries>| {
            if let Some(Item::Order { open: true, .. }) = log.and_then(|log| log.remove(&sequence)) {
                was_open = true;
            }
        };
        match &audience {
            Audience::Company(account) => take(self.companies.get_mut(account)),
            Audience::Terminals(serials) => {
                for serial in serials {
                    take(self.terminals.get_mut(serial));
                }
            }
        }
        if was_open {
            self.open_orders -= 1;
        }
    }

    fn forget_old(&mut self) {
        while self.ended.len() > ENDED_KEPT {
            let Some((sequence, subject)) = self.ended.pop_front() else {
                return;
            };
            self.raise_floor(sequence);
            if self.places.get(&subject).is_some_and(|(at, _)| *at == sequence) {
                self.remove(&subject);
            }
        }
    }
}
