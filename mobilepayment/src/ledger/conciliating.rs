//! The acquirer's file of one day beside what the service holds to be true. What the file has decides a doubt; what it
//! does not have decides nothing, because a day's file may be completed later.
//!
//! A transaction is ours when the acquirer's key (ATK) is, else the initiator's (ITK), else authorization code, amount,
//! serial number and local date together.

use std::collections::{BTreeMap, BTreeSet};

use protocol::attempt::{Evidence, Outcome};
use protocol::statement::Said;
use protocol::{AttemptId, Method};

use super::calendar::LocalDate;
use super::comparison::{Comparison, Line, Ours, Settlement, Theirs, Why};
use super::day_file::{Cancellation, DayFile, Transaction};
use super::order::{Attempt, Order, Reversal};

/// Compares a file with the orders that it may tell of. What it would settle is not yet in the comparison.
#[must_use]
pub fn compare(file: &DayFile, orders: &[Order]) -> (Comparison, Vec<Settlement>) {
    let mut desk = Desk::new(orders);
    for transaction in &file.transactions {
        if transaction.captured {
            desk.capture(transaction);
        }
        if !transaction.cancellations.is_empty() {
            desk.cancellations(transaction);
        }
    }
    desk.absent(file.date);
    (desk.comparison, desk.settlements)
}

type Place<'o> = (&'o Order, &'o Attempt);

struct Desk<'o> {
    attempts: Vec<Place<'o>>,
    by_atk: BTreeMap<&'o str, Vec<Place<'o>>>,
    by_itk: BTreeMap<&'o str, Vec<Place<'o>>>,
    by_code: BTreeMap<&'o str, Vec<Place<'o>>>,
    seen: BTreeSet<AttemptId>,
    comparison: Comparison,
    settlements: Vec<Settlement>,
}

impl<'o> Desk<'o> {
    fn new(orders: &'o [Order]) -> Self {
        let attempts: Vec<Place<'o>> =
            orders.iter().flat_map(|order| order.attempts.iter().map(move |a| (order, a))).collect();
        let mut desk = Self {
            by_atk: BTreeMap::new(),
            by_itk: BTreeMap::new(),
            by_code: BTreeMap::new(),
            seen: BTreeSet::new(),
            comparison: Comparison::default(),
            settlements: Vec::new(),
            attempts,
        };
        for place in &desk.attempts {
            let (stated_code, stated_atk) = stated(place.1);
            let evidence = &place.1.evidence;
            let keys = [
                (&mut desk.by_atk, evidence.atk.as_deref().or(stated_atk)),
                (&mut desk.by_itk, evidence.itk.as_deref()),
                (&mut desk.by_code, evidence.authorization_code.as_deref().or(stated_code)),
            ];
            for (map, key) in keys {
                if let Some(key) = key.filter(|key| !key.is_empty()) {
                    map.entry(key).or_default().push(*place);
                }
            }
        }
        desk
    }

    /// Ours with the strongest key that any of ours has.
    fn candidates(&self, it: &Transaction) -> Vec<Place<'o>> {
        let by = |map: &BTreeMap<&'o str, Vec<Place<'o>>>, key: Option<&str>| {
            key.and_then(|key| map.get(key)).cloned().unwrap_or_default()
        };
        let found = by(&self.by_atk, it.atk.as_deref());
        if !found.is_empty() {
            return found;
        }
        // Another ATK than the file's is another transaction, whatever else agrees.
        let keyless = |place: &Place<'o>| it.atk.is_none() || place.1.evidence.atk.is_none();
        let mut found = by(&self.by_itk, it.itk.as_deref());
        found.retain(keyless);
        if !found.is_empty() {
            return found;
        }
        let mut found = by(&self.by_code, it.authorization_code.as_deref());
        found.retain(keyless);
        found.retain(|(_, attempt)| {
            let serial = it.serial.as_deref() == Some(attempt.terminal.as_str());
            let day = date_of(it).is_some_and(|day| dates(attempt).contains(&day));
            it.amount == Some(attempt.amount) && serial && day
        });
        found
    }

    fn capture(&mut self, it: &Transaction) {
        let found = self.candidates(it);
        let [(order, attempt)] = found.as_slice() else {
            if found.is_empty() {
                self.comparison.surplus.push(Line { file: Some(theirs(it)), ..Line::default() });
            }
            for (order, attempt) in found {
                self.seen.insert(attempt.id);
                let line = line(it, order, attempt, vec![Why::Ambiguous]);
                self.comparison.differs.push(line);
            }
            return;
        };
        let mut why = differences(it, attempt);
        if !self.seen.insert(attempt.id) {
            why.push(Why::Twice);
        }
        match attempt.outcome {
            Some(Outcome::Approved) => {}
            Some(Outcome::Declined | Outcome::Cancelled) => why.push(Why::NotApproved),
            None | Some(Outcome::InDoubt) => {
                why.extend(misplaced(it, attempt));
                if !it.cancellations.is_empty() {
                    why.push(Why::GivenBack);
                }
            }
        }
        let doubtful = attempt.is_unsettled() && why.is_empty();
        let line = line(it, order, attempt, why);
        if doubtful {
            self.settlements.push(Settlement {
                line,
                attempt_id: attempt.id,
                reversal_id: None,
                codes: Evidence {
                    atk: it.atk.clone(),
                    itk: it.itk.clone(),
                    authorization_code: it.authorization_code.clone(),
                    ..Evidence::default()
                },
            });
        } else if line.why.is_empty() {
            self.comparison.matches.push(line);
        } else {
            self.comparison.differs.push(line);
        }
    }

    fn cancellations(&mut self, it: &Transaction) {
        let found = self.candidates(it);
        let [(order, attempt)] = found.as_slice() else {
            let lines = it
                .cancellations
                .iter()
                .map(|one| Line { file: Some(given_back(it, one)), ..Line::default() });
            if found.is_empty() {
                self.comparison.surplus.extend(lines);
            } else {
                let lines = lines.map(|line| Line { why: vec![Why::Ambiguous], ..line });
                self.comparison.differs.extend(lines);
            }
            return;
        };
        let (mut taken, mut left) = (BTreeSet::new(), Vec::new());
        for one in &it.cancellations {
            // What is approved already takes its cancellation first: none may be counted for two reversals.
            let approved = attempt.reversals.iter().find(|reversal| {
                let fits = one.amount == Some(reversal.amount) && may_be(one, reversal);
                reversal.outcome == Outcome::Approved && fits && !taken.contains(&reversal.id)
            });
            match approved {
                Some(reversal) => {
                    taken.insert(reversal.id);
                    let line = reversal_line(it, one, (order, attempt), Some(reversal), vec![]);
                    self.comparison.matches.push(line);
                }
                None => left.push(one),
            }
        }
        for one in &left {
            let doubtful: Vec<&Reversal> = attempt
                .reversals
                .iter()
                .filter(|reversal| {
                    let fits = one.amount == Some(reversal.amount) && may_be(one, reversal);
                    reversal.outcome == Outcome::InDoubt && fits
                })
                .collect();
            let alike = left.iter().filter(|other| other.amount == one.amount).count();
            let free = doubtful.iter().find(|reversal| !taken.contains(&reversal.id));
            match free {
                Some(reversal) if alike >= doubtful.len() && attempt.is_approved() => {
                    taken.insert(reversal.id);
                    let line = reversal_line(it, one, (order, attempt), Some(reversal), vec![]);
                    self.settlements.push(Settlement {
                        line,
                        attempt_id: attempt.id,
                        reversal_id: Some(reversal.id),
                        codes: Evidence::default(),
                    });
                }
                Some(reversal) => {
                    let line = reversal_line(it, one, (order, attempt), Some(reversal), vec![Why::Ambiguous]);
                    self.comparison.differs.push(line);
                }
                None => {
                    let line = reversal_line(it, one, (order, attempt), None, vec![]);
                    self.comparison.surplus.push(line);
                }
            }
        }
    }

    /// What is ours on that day and not in the file.
    fn absent(&mut self, day: LocalDate) {
        for (order, attempt) in &self.attempts {
            if self.seen.contains(&attempt.id) || own_date(attempt) != day {
                continue;
            }
            let line = Line { ours: Some(ours(order, attempt, None)), ..Line::default() };
            match (attempt.outcome, attempt.choice.method) {
                (Some(Outcome::Approved), Method::Pix) => self.comparison.not_covered.push(line),
                (Some(Outcome::Approved), Method::Credit | Method::Debit | Method::Voucher) => {
                    self.comparison.misses.push(line);
                }
                (None | Some(Outcome::InDoubt), _) => self.comparison.undecided.push(line),
                (Some(Outcome::Declined | Outcome::Cancelled), _) => {}
            }
        }
    }
}

/// Where what was charged differs from what was asked for.
fn differences(it: &Transaction, attempt: &Attempt) -> Vec<Why> {
    let mut why = Vec::new();
    if it.amount != Some(attempt.amount) {
        why.push(Why::Amount);
    }
    if !it.account.fits(attempt.choice.method) {
        why.push(Why::Method);
    }
    let asked = attempt.choice.installments.map_or(1, |installments| installments.count);
    if it.installments.is_some_and(|count| count.max(1) != asked) {
        why.push(Why::Installments);
    }
    why
}

/// A doubt is decided only by what happened where and when it was made: a key may have been typed by a person.
fn misplaced(it: &Transaction, attempt: &Attempt) -> Vec<Why> {
    let mut why = Vec::new();
    if it.serial.as_deref().is_some_and(|serial| serial != attempt.terminal.as_str()) {
        why.push(Why::Serial);
    }
    if date_of(it).is_some_and(|day| !dates(attempt).contains(&day)) {
        why.push(Why::Date);
    }
    why
}

/// Whether a cancellation may be this reversal: not before it was asked for, give or take a clock's day.
fn may_be(one: &Cancellation, reversal: &Reversal) -> bool {
    one.date.is_none_or(|day| {
        let [first, last] = LocalDate::in_brazil(reversal.started_at);
        let near = |date: LocalDate| day.days_from(date) <= 1;
        let tried_until = LocalDate::in_brasilia(reversal.recorded_at.max(reversal.ended_at));
        near(first) || near(last) || (first <= day && day <= tried_until) || near(tried_until)
    })
}

fn date_of(it: &Transaction) -> Option<LocalDate> {
    it.captured_at.as_deref().and_then(LocalDate::from_compact)
}

/// The days on which an attempt may have been charged.
fn dates(attempt: &Attempt) -> Vec<LocalDate> {
    match said_date(attempt) {
        Some(day) => vec![day],
        None => LocalDate::in_brazil(attempt.started_at).to_vec(),
    }
}

/// The day to which an attempt is counted.
fn own_date(attempt: &Attempt) -> LocalDate {
    said_date(attempt).unwrap_or_else(|| LocalDate::in_brasilia(attempt.started_at))
}

fn said_date(attempt: &Attempt) -> Option<LocalDate> {
    attempt.evidence.authorized_at_local.as_deref().and_then(LocalDate::from_dashed)
}

/// Authorization code and ATK that the operator read off the slip.
fn stated(attempt: &Attempt) -> (Option<&str>, Option<&str>) {
    match attempt.statement.as_ref().map(|statement| &statement.said) {
        Some(Said::Charged { authorization_code, atk }) => (Some(authorization_code), Some(atk)),
        Some(Said::NotCharged) | None => (None, None),
    }
}

fn theirs(it: &Transaction) -> Theirs {
    Theirs {
        atk: it.atk.clone(),
        itk: it.itk.clone(),
        authorization_code: it.authorization_code.clone(),
        serial: it.serial.clone(),
        captured_at: it.captured_at.clone(),
        amount: it.amount,
        cancellation: None,
    }
}

fn given_back(it: &Transaction, one: &Cancellation) -> Theirs {
    Theirs { amount: one.amount, cancellation: Some(one.key.clone()), ..theirs(it) }
}

fn ours(order: &Order, attempt: &Attempt, reversal: Option<&Reversal>) -> Ours {
    Ours {
        order_id: order.id.clone(),
        order_number: order.number.clone(),
        attempt_id: attempt.id,
        reversal_id: reversal.map(|reversal| reversal.id),
        terminal: attempt.terminal.clone(),
        amount: reversal.map_or(attempt.amount, |reversal| reversal.amount),
        outcome: reversal.map_or(attempt.outcome, |reversal| Some(reversal.outcome)),
    }
}

fn line(it: &Transaction, order: &Order, attempt: &Attempt, why: Vec<Why>) -> Line {
    Line { file: Some(theirs(it)), ours: Some(ours(order, attempt, None)), why }
}

fn reversal_line(
    it: &Transaction,
    one: &Cancellation,
    (order, attempt): Place<'_>,
    reversal: Option<&Reversal>,
    why: Vec<Why>,
) -> Line {
    Line { file: Some(given_back(it, one)), ours: Some(ours(order, attempt, reversal)), why }
}
