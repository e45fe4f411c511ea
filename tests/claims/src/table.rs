//! What the service answers about one order, one request after another: the specification for linearizability.

use std::collections::BTreeMap;

use stateright::semantics::SequentialSpec;

/// A terminal.
pub type Terminal = u8;
/// An id that a terminal made.
pub type Id = u64;

/// What a terminal asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// For the right to charge.
    Claim(Terminal, Id),
    /// To give it back.
    Release(Terminal, Id),
    /// To start an attempt for the whole order, under a claim and its fence.
    Start(Terminal, Id, Id, u64),
    /// To take down that an attempt was declined.
    Declined(Terminal, Id),
}

/// What it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The right, with this fence.
    Granted(u64),
    /// Done.
    Done,
    /// No, with this code.
    No(String),
}

/// One order as far as claims are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Table {
    claim: Option<(Terminal, Id)>,
    fence: u64,
    /// Every claim ever granted, with its terminal.
    known: BTreeMap<Id, Terminal>,
    /// Attempts, and whether each has ended.
    attempts: BTreeMap<Id, (Terminal, bool)>,
}

impl Table {
    fn open_of(&self, terminal: Terminal) -> bool {
        self.attempts.values().any(|(owner, ended)| *owner == terminal && !ended)
    }

    fn claim(&mut self, terminal: Terminal, id: Id) -> Answer {
        let no = |code: &str| Answer::No(code.to_owned());
        match self.claim {
            Some((holder, held)) if holder == terminal && held == id => return Answer::Granted(self.fence),
            Some((holder, _)) if holder != terminal => return no("held_by_other"),
            Some(_) | None => {}
        }
        match self.known.get(&id) {
            Some(owner) if *owner == terminal => return no("claim_lost"),
            Some(_) => return no("id_reused"),
            None => {}
        }
        self.known.insert(id, terminal);
        self.fence += 1;
        self.claim = Some((terminal, id));
        Answer::Granted(self.fence)
    }

    fn release(&mut self, terminal: Terminal, id: Id) -> Answer {
        if self.claim == Some((terminal, id)) {
            if self.open_of(terminal) {
                return Answer::No("attempt_open".to_owned());
            }
            self.claim = None;
        }
        Answer::Done
    }

    fn start(&mut self, terminal: Terminal, attempt: Id, claim: Id, fence: u64) -> Answer {
        let no = |code: &str| Answer::No(code.to_owned());
        if self.attempts.get(&attempt).is_some_and(|(owner, _)| *owner == terminal) {
            return Answer::Done;
        }
        if self.claim.is_some_and(|(holder, _)| holder != terminal) {
            return no("held_by_other");
        }
        if self.claim != Some((terminal, claim)) || fence != self.fence {
            return no("claim_lost");
        }
        if self.attempts.values().any(|(_, ended)| !ended) {
            return no("amount_above_balance");
        }
        self.attempts.insert(attempt, (terminal, false));
        Answer::Done
    }
}

impl SequentialSpec for Table {
    type Op = Ask;
    type Ret = Answer;

    fn invoke(&mut self, ask: &Ask) -> Answer {
        match ask {
            Ask::Claim(terminal, id) => self.claim(*terminal, *id),
            Ask::Release(terminal, id) => self.release(*terminal, *id),
            Ask::Start(terminal, attempt, claim, fence) => self.start(*terminal, *attempt, *claim, *fence),
            Ask::Declined(terminal, attempt) => {
                self.attempts.insert(*attempt, (*terminal, true));
                Answer::Done
            }
        }
    }
}
