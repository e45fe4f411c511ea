//! Storage that lies: writes torn at any byte, any part of the unsynced writes lost, bits that fell over, errors at every
//! operation.
//!
//! What may come of it: everything that was acknowledged, or a journal that is blocked and says why. Never a shorter
//! journal that looks whole, never an empty one, never a panic. Writes that do not overlap have no order on the disk, and
//! of those that do any may be the last to arrive: so a random part of them, each torn at random, is every reordering.

use super::crash_tests::{CutBackend, OPERATIONS_MIN, Told, apply, expected, live, made};
use super::tests::record;
use super::*;

/// Samples of each cut's unsynced writes.
const SAMPLES: u64 = 24;
/// Flipped bits outside the header.
const FLIPS: u64 = 600;
/// redb's header with both commit slots: every bit of it is tried.
const HEADER_BYTES: usize = 320;

/// The one bit that nothing guards, byte and bit: it says which of redb's two commit slots is the present one. Flipped, it
/// looks just like a power cut before the newest commit was acknowledged; to refuse that would block sound terminals.
const SLOT_CHOICE: (usize, usize) = (9, 0);

/// SplitMix64: the same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (n as u64)).unwrap()
    }
}

/// Opens what must already be a journal, as [`Journal::open`] does with a file.
fn reopen(image: Vec<u8>) -> Result<(Journal, Opened), JournalError> {
    Journal::load(builder().create_with_backend(CutBackend::new(image, usize::MAX))?)
}

/// What is on the disk of a terminal with so many records: switched off in order, or killed.
fn used(records: u64, killed: bool) -> Vec<u8> {
    let backend = CutBackend::new(made(), usize::MAX);
    let (mut journal, _) = Journal::open_with_backend(backend.clone()).unwrap();
    for n in 1..=records {
        journal.append(&[record(n)]).unwrap();
    }
    let running = backend.live_image();
    drop(journal);
    if killed { running } else { backend.live_image() }
}

#[test]
fn whatever_part_of_the_unsynced_writes_is_lost_or_torn_what_was_acknowledged_is_there() {
    let whole = CutBackend::new(made(), usize::MAX);
    live(whole.clone(), &mut Told::default()).unwrap();
    let operations = whole.operations();
    assert!(operations > OPERATIONS_MIN, "the script is worth cutting: {operations}");
    for cut_after in 0..operations {
        let backend = CutBackend::new(made(), cut_after);
        let mut told = Told::default();
        drop(live(backend.clone(), &mut told));
        let (synced, unsynced) = backend.on_disk();
        for seed in 0..SAMPLES {
            let mut dice = Dice(seed * 1_000 + cut_after as u64);
            let mut image = synced.clone();
            for write in &unsynced {
                match dice.below(3) {
                    0 => {}
                    1 => apply(&mut image, write, usize::MAX),
                    _ => apply(&mut image, write, dice.below(write.len() + 1)),
                }
            }
            let place = format!("cut after {cut_after} of {operations}, seed {seed}, {told:?}");
            let (journal, opened) = reopen(image).unwrap_or_else(|error| panic!("{place}: {error:?}"));
            let (first, last) = (journal.snapshot_seq + 1, journal.last_seq);
            assert!((told.acknowledged_synced..=told.asked).contains(&last), "{place}: ends at {last}");
            assert_eq!(opened.records, (first..=last).map(expected).collect::<Vec<_>>(), "{place}");
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_in_a_journal_that_was_closed_is_found_or_harmless() {
    let bad = silently_shorter(&used(30, false));
    assert!(bad.is_empty(), "{bad:?}");
}

#[test]
fn a_flipped_bit_anywhere_in_a_journal_whose_process_was_killed_is_found_or_harmless() {
    assert_eq!(silently_shorter(&used(30, true)), [(SLOT_CHOICE.0, SLOT_CHOICE.1, 29)]);
}

/// Flips bits, one at a time, and tells those after which fewer than all 30 records looked whole.
fn silently_shorter(good: &[u8]) -> Vec<(usize, usize, usize)> {
    let all: Vec<Record> = (1..=30).map(record).collect();
    let mut dice = Dice(1);
    let header = (0..HEADER_BYTES * 8).map(|bit| (bit / 8, bit % 8));
    let written: Vec<usize> = (HEADER_BYTES..good.len()).filter(|at| good[*at] != 0).collect();
    let rest: Vec<_> = (0..FLIPS).map(|_| (written[dice.below(written.len())], dice.below(8))).collect();
    let (mut found, mut shorter) = (0, vec![]);
    for (at, bit) in header.chain(rest) {
        let mut bad = good.to_vec();
        bad[at] ^= 1 << bit;
        match reopen(bad) {
            Ok((_, opened)) if opened.records == all => {}
            Ok((_, opened)) => shorter.push((at, bit, opened.records.len())),
            Err(error) => {
                assert!(!error.sentence().is_empty());
                found += 1;
            }
        }
    }
    assert!(found > FLIPS / 10, "{found} found");
    shorter
}

#[test]
fn a_journal_cut_at_any_length_is_blocked_and_never_shorter() {
    let good = used(30, false);
    let all: Vec<Record> = (1..=30).map(record).collect();
    for cut in 1..64 {
        if let Ok((_, opened)) = reopen(good[..good.len() * cut / 64].to_vec()) {
            assert_eq!(opened.records, all, "cut at {cut}/64");
        }
    }
}
