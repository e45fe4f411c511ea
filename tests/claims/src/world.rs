//! What there is in the model, and what the service and the acquirer do of themselves.

use std::collections::BTreeSet;

/// The id of a claim or an attempt: whose, and which.
pub type Id = (u8, u8);

/// What is believed to have come of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// The customer paid.
    Approved,
    /// The customer did not.
    Declined,
    /// It never left.
    Cancelled,
    /// Nobody knows.
    InDoubt,
}

/// What the acquirer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Its app is open.
    Open,
    /// It charged.
    Charged,
    /// It did not, and never will.
    NotCharged,
}

/// A message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// For the right to charge.
    Claim(Id),
    /// It is granted with this fence.
    Granted(Id, u8),
    /// It is given back.
    Release(Id),
    /// An attempt starts under a claim and its fence.
    Start(Id, Id, u8),
    /// The service has heard so.
    Started(Id),
    /// What came of an attempt.
    Outcome(Id, Id, u8, End),
    /// The service has taken it down.
    TakenDown(Id, End),
    /// A manager decided.
    Decided(Id, bool),
}

/// An attempt as its terminal has it on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Try {
    /// Its id.
    pub id: Id,
    /// Under which claim and fence.
    pub claim: Id,
    /// The fence.
    pub fence: u8,
    /// The link has left.
    pub launched: bool,
    /// What came of it.
    pub end: Option<End>,
    /// The service has taken it down.
    pub reported: bool,
    /// What a manager decided.
    pub decided: Option<bool>,
}

impl Try {
    pub(crate) fn believed(&self) -> Option<End> {
        match self.decided {
            Some(true) => Some(End::Approved),
            Some(false) => Some(End::Declined),
            None => self.end,
        }
    }
}

/// A terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Terminal {
    /// How many claims it has made.
    pub claims: u8,
    /// The claim that it waits for; gone with a crash.
    pub asking: Option<Id>,
    /// The attempt whose start it waits for; gone with a crash.
    pub announcing: Option<Id>,
    /// What it holds, on disk.
    pub held: Option<(Id, u8)>,
    /// Its attempts, on disk.
    pub tries: Vec<Try>,
}

/// An order's state at the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// To be paid.
    Open,
    /// The PDV closed it; what is in flight is awaited.
    Closing,
    /// Closed.
    Closed,
    /// Paid.
    Paid,
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The terminals.
    pub terminals: Vec<Terminal>,
    /// What was ever sent.
    pub sent: BTreeSet<Message>,
    /// The service: who may charge.
    pub claim: Option<(Id, u8)>,
    /// The service: counts claims.
    pub fence: u8,
    /// The service: every claim ever granted.
    pub known: BTreeSet<Id>,
    /// The service: what it holds of each attempt.
    pub ledger: Vec<(Id, Option<End>, bool)>,
    /// The service: the order.
    pub status: Status,
    /// The acquirer: what it did, attempt by attempt.
    pub acquirer: Vec<(Id, Truth)>,
}

impl World {
    pub(crate) fn terminal(&mut self, t: u8) -> &mut Terminal {
        &mut self.terminals[usize::from(t)]
    }

    pub(crate) fn attempt(&mut self, id: Id) -> Option<&mut Try> {
        self.terminal(id.0).tries.iter_mut().find(|t| t.id == id)
    }

    /// What the acquirer did; `None`: it was never asked.
    #[must_use]
    pub fn truth(&self, id: Id) -> Option<Truth> {
        self.acquirer.iter().find(|(known, _)| *known == id).map(|(_, truth)| *truth)
    }

    pub(crate) fn launch(&mut self, id: Id) {
        if let Some(attempt) = self.attempt(id) {
            attempt.launched = true;
            self.acquirer.push((id, Truth::Open));
        }
    }

    /// The terminal learns or decides what came of an attempt, and tells the service.
    pub(crate) fn end(&mut self, id: Id, end: End) {
        let Some(attempt) = self.attempt(id) else { return };
        (attempt.end, attempt.reported, attempt.decided) = (Some(end), false, None);
        let message = Message::Outcome(id, attempt.claim, attempt.fence, end);
        self.sent.insert(message);
    }

    pub(crate) fn app(&mut self, id: Id, charges: bool, says: bool) {
        for (known, truth) in &mut self.acquirer {
            if *known == id {
                *truth = if charges { Truth::Charged } else { Truth::NotCharged };
            }
        }
        let waiting = self.attempt(id).is_some_and(|t| matches!(t.end, None | Some(End::InDoubt)));
        if says && waiting {
            self.end(id, if charges { End::Approved } else { End::Declined });
        }
    }

    pub(crate) fn claim(&mut self, id: Id, stays: bool) {
        if let Some((held, fence)) = self.claim {
            if held == id {
                self.sent.insert(Message::Granted(id, fence));
                return;
            }
            if held.0 != id.0 || stays {
                return;
            }
        }
        if self.status != Status::Open || self.known.contains(&id) {
            return;
        }
        self.known.insert(id);
        self.fence += 1;
        self.claim = Some((id, self.fence));
        self.sent.insert(Message::Granted(id, self.fence));
    }

    pub(crate) fn release(&mut self, id: Id) {
        if self.claim.is_some_and(|(held, _)| held == id) && !self.is_unsettled(Some(id.0)) {
            self.claim = None;
            self.conclude();
        }
    }

    pub(crate) fn outcome(&mut self, id: Id, claim: Id, fence: u8, end: End) {
        let holds = self.claim == Some((claim, fence));
        let late = !holds || matches!(self.status, Status::Closed | Status::Paid);
        if !self.ledger.iter().any(|(known, ..)| *known == id) {
            self.ledger.push((id, None, late));
        }
        let paid = self.ledger.iter().any(|(known, end, _)| *known != id && *end == Some(End::Approved));
        for (known, held, _) in &mut self.ledger {
            if *known != id {
                continue;
            }
            *held = match (*held, end) {
                (Some(End::Approved), _) => Some(End::Approved),
                (None | Some(End::InDoubt), End::Approved) if paid => Some(End::InDoubt),
                (None | Some(End::InDoubt), End::Approved) => Some(End::Approved),
                (Some(End::Declined | End::Cancelled), End::Approved) => Some(End::InDoubt),
                (Some(definite @ (End::Declined | End::Cancelled)), _) => Some(definite),
                (None | Some(End::InDoubt), end) => Some(end),
            };
        }
        self.sent.insert(Message::TakenDown(id, end));
        self.conclude();
    }

    pub(crate) fn decide(&mut self, id: Id) {
        let charged = self.truth(id) == Some(Truth::Charged);
        for (known, held, _) in &mut self.ledger {
            if *known == id {
                *held = Some(if charged { End::Approved } else { End::Declined });
            }
        }
        self.sent.insert(Message::Decided(id, charged));
        self.conclude();
    }

    /// Whether an attempt (of one terminal) is open or in doubt at the service.
    pub(crate) fn is_unsettled(&self, of: Option<u8>) -> bool {
        self.ledger
            .iter()
            .any(|(id, end, _)| of.is_none_or(|t| id.0 == t) && matches!(end, None | Some(End::InDoubt)))
    }

    pub(crate) fn conclude(&mut self) {
        let paid = self.ledger.iter().any(|(_, end, _)| *end == Some(End::Approved));
        if paid {
            self.status = Status::Paid;
            self.claim = None;
        } else if self.status == Status::Closing && !self.is_unsettled(None) {
            self.status = Status::Closed;
            self.claim = None;
        }
    }
}
