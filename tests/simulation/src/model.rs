//! What must hold, said once more and simply. It knows what the acquirer really charged, what the ledger's rows say and
//! what left the terminals; it calls nothing of the code under test, and imports nothing of it.

use std::collections::{BTreeMap, BTreeSet};

/// A sentence that says which promise was broken and how.
pub type Broken = String;

/// An order's row in the service's database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The order.
    pub id: String,
    /// The PDV's own reference.
    pub code: String,
    /// `open`, `closing`, `paid` or `closed`.
    pub status: String,
    /// To be paid in all.
    pub total: u64,
    /// What the row says is paid.
    pub paid: u64,
    /// Charged once, for the whole.
    pub direct: bool,
    /// What the PDV fixed, as [`Launch::method`].
    pub fixed: Option<String>,
    /// Counts the claims.
    pub fence: u64,
    /// Who may charge.
    pub claimed_by: Option<String>,
    /// Everything that the ledger knows of.
    pub attempts: Vec<AttemptRow>,
}

/// An attempt's row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptRow {
    /// The attempt.
    pub id: u64,
    /// Who made it.
    pub terminal: String,
    /// What was asked for.
    pub amount: u64,
    /// Given back.
    pub reversed: u64,
    /// `approved`, `declined`, `cancelled`, `in_doubt`; empty while open.
    pub outcome: String,
    /// A manager decided.
    pub resolved: bool,
    /// A reversal of it is in doubt.
    pub reversal_in_doubt: bool,
}

/// A deep link that left for the acquirer's app, as that app reads it.
#[derive(Clone, Debug)]
pub struct Launch {
    /// From where.
    pub terminal: String,
    /// The attempt that it names.
    pub attempt: u64,
    /// The attempt's order, as the terminal remembers it.
    pub order: String,
    /// Centavos.
    pub amount: u64,
    /// "credit", "credit 3 merchant", …
    pub method: String,
}

#[derive(Clone, Debug)]
struct Truth {
    launch: Launch,
    /// The app is still open: it may yet charge.
    open: bool,
    charged: Option<(u64, String)>,
    given_back: u64,
    /// Somebody forged an approval that nobody can tell from a real one.
    forged: bool,
    /// The acquirer charged something else than it was asked for.
    otherwise: bool,
    /// The acquirer gave back something else than it was asked for.
    gave_back_otherwise: bool,
    /// A manager gave it back in the acquirer's portal, outside of everything.
    outside: bool,
}

impl Truth {
    /// What the customer is out of pocket, or may be in a moment.
    fn exposure(&self) -> u64 {
        match &self.charged {
            Some(_) if self.outside => 0,
            Some((amount, _)) => (*amount).min(self.launch.amount).saturating_sub(self.given_back),
            None if self.open => self.launch.amount,
            None => 0,
        }
    }
}

/// The reference model of a run.
#[derive(Clone, Debug, Default)]
pub struct Model {
    rows: BTreeMap<String, Row>,
    attempts: BTreeMap<u64, Truth>,
    /// Orders that a restored backup has thrown back: what the service forgot, it cannot guard.
    thrown_back: BTreeSet<String>,
    /// Orders that a manager took from a terminal which may be charging out of reach.
    withdrawn: BTreeSet<String>,
    /// Attempts that were in doubt at the service.
    doubted: BTreeSet<u64>,
    /// Events that the PDV has, in the order in which they came first.
    received: BTreeMap<String, u64>,
    last_of_lane: BTreeMap<String, u64>,
}

impl Model {
    /// A deep link leaves.
    pub fn launched(&mut self, launch: &Launch) -> Result<(), Broken> {
        if self.attempts.contains_key(&launch.attempt) {
            return Err(format!("attempt {} was launched twice", launch.attempt));
        }
        let guarded = !self.thrown_back.contains(&launch.order);
        if let Some(row) = self.rows.get(&launch.order).filter(|_| guarded) {
            if row.fixed.as_ref().is_some_and(|fixed| *fixed != launch.method) {
                return Err(format!("{launch:?}: the PDV chose {:?}", row.fixed));
            }
            if row.direct && launch.amount != row.total {
                return Err(format!("{launch:?}: a direct order is charged whole, {}", row.total));
            }
            if !self.withdrawn.contains(&launch.order) {
                self.one_charge_at_a_time(launch, row.total)?;
            }
        }
        let truth = Truth {
            launch: launch.clone(),
            open: true,
            charged: None,
            given_back: 0,
            forged: false,
            otherwise: false,
            gave_back_otherwise: false,
            outside: false,
        };
        self.attempts.insert(launch.attempt, truth);
        Ok(())
    }

    fn one_charge_at_a_time(&self, launch: &Launch, total: u64) -> Result<(), Broken> {
        let others = || self.attempts.values().filter(|other| other.launch.order == launch.order);
        if let Some(other) = others().find(|other| other.open && other.launch.terminal != launch.terminal) {
            return Err(format!("{launch:?} while {:?} is open", other.launch));
        }
        let before: u64 = others().map(Truth::exposure).sum();
        if before + launch.amount > total {
            return Err(format!("{launch:?}: {before} of {total} is or may be charged already"));
        }
        Ok(())
    }

    /// The acquirer's app is closed: what it has not charged by now it never will.
    pub fn app_closed(&mut self, attempt: u64) {
        if let Some(truth) = self.attempts.get_mut(&attempt) {
            truth.open = false;
        }
    }

    /// The acquirer charged.
    pub fn charged(&mut self, attempt: u64, amount: u64, method: &str) -> Result<(), Broken> {
        let truth = self.attempts.get_mut(&attempt).ok_or(format!("nobody launched attempt {attempt}"))?;
        if truth.charged.is_some() {
            return Err(format!("attempt {attempt} was charged twice"));
        }
        truth.otherwise = amount != truth.launch.amount || method != truth.launch.method;
        truth.charged = Some((amount, method.to_owned()));
        Ok(())
    }

    /// The acquirer gave back something else than it was asked for.
    pub fn gave_back_otherwise(&mut self, attempt: u64) {
        if let Some(truth) = self.attempts.get_mut(&attempt) {
            truth.gave_back_otherwise = true;
        }
    }

    /// What the acquirer has given back of an attempt.
    #[must_use]
    pub fn given_back_of(&self, attempt: u64) -> u64 {
        self.attempts.get(&attempt).map_or(0, |truth| truth.given_back)
    }

    /// Whether the acquirer charged for an attempt.
    #[must_use]
    pub fn is_charged(&self, attempt: u64) -> bool {
        self.attempts.get(&attempt).is_some_and(|truth| truth.charged.is_some())
    }

    /// The acquirer has given back so much in all.
    pub fn given_back(&mut self, attempt: u64, in_all: u64) -> Result<(), Broken> {
        let truth = self.attempts.get_mut(&attempt).ok_or(format!("nobody launched attempt {attempt}"))?;
        let charged = truth.charged.as_ref().map_or(0, |(amount, _)| *amount);
        if in_all > charged {
            return Err(format!("{in_all} of {charged} was given back of attempt {attempt}"));
        }
        truth.given_back = in_all;
        Ok(())
    }

    /// Somebody forged an approval of this attempt.
    pub fn forged(&mut self, attempt: u64) {
        if let Some(truth) = self.attempts.get_mut(&attempt) {
            truth.forged = true;
        }
    }

    /// A manager takes an order from a terminal.
    pub fn withdrawn(&mut self, order: &str) {
        self.withdrawn.insert(order.to_owned());
    }

    /// What a manager sees in the acquirer's portal; `None`: the app is still open.
    #[must_use]
    pub fn portal(&self, attempt: u64) -> Option<Portal> {
        let Some(truth) = self.attempts.get(&attempt) else { return Some(Portal::Nothing) };
        match &truth.charged {
            _ if truth.open => None,
            None => Some(Portal::Nothing),
            Some(_) if truth.outside => Some(Portal::Nothing),
            Some(_) if truth.otherwise => Some(Portal::Otherwise),
            Some(_) => Some(Portal::AsAsked),
        }
    }

    /// A manager gave a charge back in the acquirer's portal.
    pub fn refunded_outside(&mut self, attempt: u64) {
        if let Some(truth) = self.attempts.get_mut(&attempt) {
            truth.outside = true;
        }
    }

    /// The service was restored: rows that are not what they were are not guarded any more.
    pub fn restored(&mut self, rows: &[Row]) {
        let now: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
        for (id, row) in &self.rows {
            if now.get(id.as_str()) != Some(&row) {
                self.thrown_back.insert(id.clone());
            }
        }
        self.rows.retain(|id, _| now.contains_key(id.as_str()));
        // What it has forgotten it has told nobody of.
        self.doubted.clear();
    }

    /// Whether a restored backup has thrown an order back.
    #[must_use]
    pub fn is_thrown_back(&self, order: &str) -> bool {
        self.thrown_back.contains(order)
    }

    /// A row of the ledger as it is after a commit.
    pub fn row(&mut self, row: &Row) -> Result<(), Broken> {
        let broken = |what: &str| Err(format!("{what}: {row:?}"));
        let approved = row.attempts.iter().filter(|attempt| attempt.outcome == "approved");
        let paid: u64 = approved.map(|attempt| attempt.amount.saturating_sub(attempt.reversed)).sum();
        if paid != row.paid {
            return broken("the row's paid is not the sum of its payments");
        }
        if paid > row.total {
            return broken("more is paid than the total");
        }
        for attempt in &row.attempts {
            self.outcome_is_true(row, attempt)?;
            if attempt.outcome == "in_doubt" {
                self.doubted.insert(attempt.id);
            }
        }
        if self.thrown_back.contains(&row.id) {
            self.rows.insert(row.id.clone(), row.clone());
            return Ok(());
        }
        if let Some(before) = self.rows.get(&row.id) {
            follows(before, row)?;
        }
        self.rows.insert(row.id.clone(), row.clone());
        Ok(())
    }

    fn outcome_is_true(&self, row: &Row, attempt: &AttemptRow) -> Result<(), Broken> {
        if attempt.resolved {
            // The manager looks into the portal, and a file names what it settles: neither takes for paid what is not.
            let truth = self.attempts.get(&attempt.id);
            let as_asked = truth.is_some_and(|truth| truth.charged.is_some() && !truth.otherwise);
            let wrong = attempt.outcome == "approved" && !as_asked;
            return if wrong { Err(format!("decided paid: {attempt:?}, in {row:?}")) } else { Ok(()) };
        }
        self.believed(attempt.id, &attempt.outcome).map_err(|broken| format!("{broken}, in {row:?}"))
    }

    /// Somebody takes an attempt for approved, declined or cancelled.
    pub fn believed(&self, attempt: u64, outcome: &str) -> Result<(), Broken> {
        let truth = self.attempts.get(&attempt);
        let charged = truth.is_some_and(|truth| truth.charged.is_some());
        let as_asked = charged && truth.is_some_and(|truth| !truth.otherwise);
        let forged = truth.is_some_and(|truth| truth.forged);
        match outcome {
            "approved" if !as_asked && !forged => Err(format!("guessed paid: attempt {attempt}")),
            "declined" | "cancelled" if charged => Err(format!("guessed unpaid: attempt {attempt}")),
            _ => Ok(()),
        }
    }

    /// An event reached the PDV. `lane`: its order, or itself.
    pub fn received(&mut self, id: &str, sequence: u64, lane: &str) -> Result<(), Broken> {
        if self.received.contains_key(id) {
            return Ok(());
        }
        self.received.insert(id.to_owned(), sequence);
        let epoch_lane = format!("{} {lane}", id.rsplit_once('_').map_or("", |(epoch, _)| epoch));
        let last = self.last_of_lane.entry(epoch_lane).or_default();
        if sequence <= *last {
            return Err(format!("event {id} of {lane} came after a later one"));
        }
        *last = sequence;
        Ok(())
    }

    /// Whether the PDV has an event.
    #[must_use]
    pub fn has_received(&self, id: &str) -> bool {
        self.received.contains_key(id)
    }

    /// Attempts that were in doubt at the service at any time.
    #[must_use]
    pub const fn doubted(&self) -> &BTreeSet<u64> {
        &self.doubted
    }

    /// Attempts that a terminal launched.
    pub fn launched_by<'m>(&'m self, terminal: &'m str) -> impl Iterator<Item = u64> + 'm {
        let own = self.attempts.iter().filter(move |(_, truth)| truth.launch.terminal == terminal);
        own.map(|(id, _)| *id)
    }

    /// When everything has come to rest: nothing that was charged is missing. `orphans`: what the service keeps apart.
    pub fn nothing_is_lost(&self, orphans: &str) -> Result<(), Broken> {
        for (id, truth) in &self.attempts {
            let Some((amount, _)) = &truth.charged else { continue };
            let known = self.rows.values().flat_map(|row| &row.attempts).any(|attempt| attempt.id == *id);
            if !known && !orphans.contains(&id.to_string()) {
                return Err(format!("the service never heard of {amount} charged: {:?}", truth.launch));
            }
        }
        for row in self.rows.values() {
            if !matches!(row.status.as_str(), "paid" | "closed") {
                return Err(format!("an order came to no end: {row:?}"));
            }
            let unsettled = |attempt: &&AttemptRow| {
                matches!(attempt.outcome.as_str(), "" | "in_doubt") || attempt.reversal_in_doubt
            };
            if let Some(attempt) = row.attempts.iter().find(unsettled) {
                return Err(format!("a doubt came to no end: {attempt:?} of {row:?}"));
            }
            if !self.thrown_back.contains(&row.id) {
                self.books_agree(row)?;
            }
        }
        Ok(())
    }

    fn books_agree(&self, row: &Row) -> Result<(), Broken> {
        let own = || self.attempts.values().filter(|truth| truth.launch.order == row.id);
        if own().any(|truth| truth.forged || truth.otherwise || truth.gave_back_otherwise) {
            return Ok(());
        }
        let acquirer: u64 = own().map(Truth::exposure).sum();
        if acquirer == row.paid {
            Ok(())
        } else {
            Err(format!("the acquirer holds {acquirer}, the ledger {}: {row:?}", row.paid))
        }
    }
}

/// What the acquirer's portal shows of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Portal {
    /// Nothing was charged.
    Nothing,
    /// Charged as asked for.
    AsAsked,
    /// Charged, but something else.
    Otherwise,
}

/// What may become of a row.
fn follows(before: &Row, row: &Row) -> Result<(), Broken> {
    let broken = |what: &str| Err(format!("{what}: {before:?} became {row:?}"));
    let unsettled = |row: &Row| row.attempts.iter().any(|a| matches!(a.outcome.as_str(), "" | "in_doubt"));
    if row.fence < before.fence {
        return broken("a fence went back");
    }
    if row.claimed_by.is_some() && row.claimed_by != before.claimed_by {
        if row.fence <= before.fence {
            return broken("a claim was granted without a new fence");
        }
        if unsettled(before) {
            return broken("a claim was granted over an attempt without an end");
        }
    }
    if matches!(before.status.as_str(), "paid" | "closed")
        && matches!(row.status.as_str(), "open" | "closing")
    {
        return broken("an ended order opened again");
    }
    if row.status == "paid" && before.status != "paid" && row.paid != row.total {
        return broken("paid, but not all of it");
    }
    if row.status == "closed" && before.status != "closed" && unsettled(row) {
        return broken("closed over an attempt without an end");
    }
    for known in &before.attempts {
        let Some(now) = row.attempts.iter().find(|attempt| attempt.id == known.id) else {
            return broken("an attempt disappeared");
        };
        if known.outcome == "approved" && now.outcome != "approved" && !now.resolved {
            return broken("a payment disappeared");
        }
        if now.reversed < known.reversed {
            return broken("a reversal disappeared");
        }
    }
    Ok(())
}
