//! What may go wrong in a run. Every seed switches each kind of fault on or off, so that rare meetings of few faults are
//! not drowned by all the others.

use crate::dice::Dice;

/// What the acquirer's app does when a person works it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Approves.
    Approve,
    /// Declines.
    Decline,
    /// The customer gives up.
    Cancel,
    /// Charges another amount.
    OtherAmount,
    /// Charges another method.
    OtherMethod,
    /// Approves and says so twice.
    ApproveTwice,
    /// Approves, and says so much later.
    ApproveLate,
    /// Declines, and says so much later.
    DeclineLate,
    /// Approves and never says so.
    ApproveSilently,
    /// Closes without a word.
    Nothing,
    /// Approves, in words that cannot be read.
    ApproveUnreadably,
    /// Approves without naming the request.
    ApproveNamelessly,
    /// Declines without naming the request.
    DeclineNamelessly,
    /// Another app forges an approval of this request.
    Forged,
}

/// The faults of a run; chances are per mille.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many terminals.
    pub terminals: usize,
    /// How many orders the PDV makes.
    pub orders: u64,
    /// How long things go wrong, in milliseconds.
    pub chaos_ms: u64,
    /// A message is lost.
    pub lose: u64,
    /// A message comes twice.
    pub twice: u64,
    /// A message takes many seconds, and later ones overtake it.
    pub slow: u64,
    /// A proxy cuts a long-poll.
    pub cut_polls: u64,
    /// Times that a terminal has no network for a while.
    pub partitions: u64,
    /// Times that a terminal's power goes.
    pub power_cuts: u64,
    /// Times that a terminal's process is killed.
    pub kills: u64,
    /// Times that a terminal's wall clock jumps.
    pub clock_jumps: u64,
    /// Times that the service dies.
    pub crashes: u64,
    /// Times that the service's clock jumps.
    pub service_clock_jumps: u64,
    /// Times that a printer runs out of paper, or gets it again.
    pub printer_faults: u64,
    /// A backup of the service is restored.
    pub restore: bool,
    /// Another app sends returns of its own.
    pub strays: u64,
    /// An operator walks away.
    pub walks_away: u64,
    /// The PDV ends orders, asks money back and sends receipts.
    pub busy_pdv: bool,
    /// A manager decides about doubts while things still go wrong.
    pub busy_manager: bool,
    /// What the acquirer's app does, by weight.
    pub acts: Vec<(u64, Act)>,
}

impl Plan {
    /// The faults of a seed.
    pub fn of(dice: &mut Dice) -> Self {
        let on = |dice: &mut Dice, most: u64| if dice.chance(500) { dice.between(1, most) } else { 0 };
        let mut acts = vec![(12, Act::Approve), (2, Act::Decline), (1, Act::Cancel)];
        for odd in [
            Act::OtherAmount,
            Act::OtherMethod,
            Act::ApproveTwice,
            Act::ApproveLate,
            Act::DeclineLate,
            Act::ApproveSilently,
            Act::Nothing,
            Act::ApproveUnreadably,
            Act::ApproveNamelessly,
            Act::DeclineNamelessly,
            Act::Forged,
        ] {
            if dice.chance(300) {
                acts.push((dice.between(1, 6), odd));
            }
        }
        Self {
            terminals: usize::try_from(dice.between(1, 3)).expect("a few"),
            orders: dice.between(1, 7),
            chaos_ms: dice.between(3, 14) * 60_000,
            lose: on(dice, 250),
            twice: on(dice, 250),
            slow: on(dice, 200),
            cut_polls: on(dice, 500),
            partitions: on(dice, 3),
            power_cuts: on(dice, 5),
            kills: on(dice, 4),
            clock_jumps: on(dice, 3),
            crashes: on(dice, 4),
            service_clock_jumps: on(dice, 3),
            printer_faults: on(dice, 4),
            restore: dice.chance(120),
            strays: on(dice, 3),
            walks_away: on(dice, 80),
            busy_pdv: dice.chance(600),
            busy_manager: dice.chance(500),
            acts,
        }
    }
}
