//! What the gate runs of the simulation; `scripts/simulate` runs more.

use std::env;

use pos_connect_simulation::story::Reached;
use pos_connect_simulation::{Workshop, run, seeds};

/// Seeds that the gate runs.
const SEEDS: u64 = 2_000;
/// Seeds whose run is made twice.
const TWICE: u64 = 20;
/// Failures after which no more seeds are tried.
const FAILURES_MAX: usize = 3;
/// Seeds that once found something.
const REGRESSIONS: &str = include_str!("../regressions.txt");

/// What 1,000 seeds reach at the very least: about half of what they do, far above what a simulation does that has gone
/// blind.
const FLOOR: &[(&str, u64)] = &[
    ("launched: payment", 2_000),
    ("launched: reversal", 200),
    ("launched: reversal again", 4),
    ("told: statement", 300),
    ("screen: statement_confirm", 300),
    ("file: settled", 40),
    ("launched: print", 300),
    ("charged", 1_500),
    ("acquirer: ApproveSilently", 50),
    ("acquirer: ApproveLate", 50),
    ("acquirer: DeclineLate", 50),
    ("acquirer: Nothing", 50),
    ("acquirer: OtherAmount", 50),
    ("acquirer: OtherMethod", 50),
    ("acquirer: Forged", 50),
    ("event: posconnect.attempt.in_doubt", 600),
    ("event: posconnect.reversal.in_doubt", 80),
    ("event: posconnect.order.closing", 150),
    ("event: posconnect.attempt.orphan", 20),
    ("late return", 80),
    ("return into a new process", 20),
    ("stray return", 400),
    ("refused: HeldByOther", 1_000),
    ("refused: ClaimLost", 20),
    ("refused: OrderClosed", 40),
    ("refused: AmountAboveBalance", 10),
    ("manager: charged", 150),
    ("manager: not charged", 150),
    ("PDV: the same order sent again", 200),
    ("PDV: got an event again", 500),
    ("network: request lost", 1_500),
    ("network: answer lost", 1_500),
    ("network: long-poll cut", 1_000),
    ("service: died after a commit", 150),
    ("service: died before a commit", 150),
    ("service: restored", 40),
    ("terminal: power cut", 400),
    ("terminal: process killed", 400),
    ("terminal: clock jumped", 400),
    ("terminal: without network", 400),
    ("restart after: claim_granted", 30),
    ("restart after: attempt_started", 5),
    ("restart after: attempt_launched", 50),
    ("restart after: attempt_ended", 30),
    ("restart after: attempt_reported", 5),
    ("restart after: claim_ended", 80),
    ("restart after: reversal_started", 3),
    ("restart after: receipt_ready", 10),
];

#[test]
fn every_seed_keeps_every_promise_and_together_they_reach_everything() {
    let count =
        env::var("POS_CONNECT_SEEDS").ok().map_or(SEEDS, |text| text.parse().expect("a number of seeds"));
    let (reached, failures) = seeds(1, count, FAILURES_MAX);
    if let Some(failure) = failures.first() {
        let all: Vec<u64> = failures.iter().map(|failure| failure.seed).collect();
        panic!(
            "{failure}\n\nfailed seeds: {all:?}; scripts/simulate --seed {} tells the story again",
            failure.seed
        );
    }
    let blind = blind(&reached, count);
    assert!(blind.is_empty(), "{count} seeds reached too little: {blind:?}");
}

fn blind(reached: &Reached, seeds: u64) -> Vec<String> {
    let too_few =
        |(what, floor): &&(&str, u64)| reached.get(*what).copied().unwrap_or(0) < floor * seeds / 1_000;
    let named =
        |(what, floor): &(&str, u64)| format!("{what}: {:?}, at least {floor} in 1,000", reached.get(*what));
    FLOOR.iter().filter(too_few).map(named).collect()
}

#[test]
fn seeds_that_once_found_something_find_nothing_more() {
    let workshop = Workshop::new();
    for line in REGRESSIONS.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let seed = line
            .split_whitespace()
            .next()
            .and_then(|seed| seed.parse().ok())
            .expect("a line begins with its seed");
        if let Err(failure) = run(&workshop, seed) {
            panic!("{failure}");
        }
    }
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let workshop = Workshop::new();
    for seed in 1..=TWICE {
        let stories =
            [(); 2].map(|()| run(&workshop, seed).map_or_else(|failure| failure.story, |kept| kept.story));
        let [one, other] = &stories;
        let differs = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        assert_eq!(differs, None, "seed {seed}");
        assert_eq!(one.len(), other.len(), "seed {seed}");
    }
}
