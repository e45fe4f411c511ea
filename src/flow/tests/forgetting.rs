//! What is finished is kept for reversal and reprint, the newest of it; what is unfinished is never forgotten.

use protocol::receipt::{ReceiptNotice, ReceiptResult, ReceiptState};
use protocol::reversal::ReversalEnded;
use protocol::statement::{AttemptStatement, Said};
use protocol::{PrintId, ReversalId, StatementId};

use super::*;
use crate::flow::record::{ReversalStart, StartedAttempt};
use crate::flow::state::{HISTORY_MAX, RECEIPTS_KEPT_MAX};

/// How many are finished in a test: more than are kept.
const MANY: u64 = HISTORY_MAX as u64 + 2;

fn payment(n: u64) -> AttemptId {
    AttemptId::from_random(n)
}

fn reversal(n: u64) -> ReversalId {
    ReversalId::from_random(n)
}

/// A payment as terminals begin it: the patterns of all payments of a test.
fn begun() -> StartedAttempt {
    let (world, _) = charging();
    let begun = world.records.iter().find_map(|record| {
        let Record::AttemptStarted(start) = record else { return None };
        Some((**start).clone())
    });
    begun.unwrap()
}

fn begin(durable: &mut Durable, pattern: &StartedAttempt, n: u64) {
    let mut start = pattern.clone();
    start.attempt.attempt_id = payment(n);
    durable.apply(&Record::AttemptStarted(Box::new(start)));
}

fn end(durable: &mut Durable, n: u64, outcome: Outcome) {
    let attempt = durable.attempts[&payment(n)].start.attempt.clone();
    let ended_at = attempt.started_at;
    let ended = protocol::attempt::AttemptEnded {
        attempt,
        outcome,
        reason: None,
        evidence: Evidence::default(),
        ended_at,
    };
    durable.apply(&Record::AttemptEnded { ended: Box::new(ended), answer: None });
}

fn report(durable: &mut Durable, n: u64) {
    let attempt = &durable.attempts[&payment(n)];
    let (end, held) = (attempt.ends, attempt.outcome());
    durable.apply(&Record::AttemptReported { attempt_id: payment(n), end, held, flags: vec![] });
}

fn finish(durable: &mut Durable, pattern: &StartedAttempt, n: u64) {
    begin(durable, pattern, n);
    end(durable, n, Outcome::Approved);
    report(durable, n);
}

fn state_of(durable: &mut Durable, n: u64) {
    let attempt = durable.attempts[&payment(n)].start.attempt.clone();
    durable.apply(&Record::AttemptStated(AttemptStatement {
        statement_id: StatementId::from_random(n),
        attempt_id: payment(n),
        order_id: attempt.order_id,
        said: Said::NotCharged,
        stated_at: attempt.started_at,
    }));
}

#[test]
fn of_the_finished_payments_the_newest_are_kept() {
    let mut durable = Durable::default();
    let pattern = begun();
    for n in 1..=MANY {
        finish(&mut durable, &pattern, n);
    }
    assert_eq!(durable.attempts.len(), HISTORY_MAX);
    for (n, kept) in [(1, false), (2, false), (3, true), (MANY, true)] {
        assert_eq!(durable.attempts.contains_key(&payment(n)), kept, "{n}");
    }
}

#[test]
fn a_payment_that_is_open_in_doubt_or_not_told_is_never_forgotten_and_takes_no_place() {
    let mut durable = Durable::default();
    let pattern = begun();
    finish(&mut durable, &pattern, 1);
    for n in [1_001, 1_002, 1_003, 1_004] {
        begin(&mut durable, &pattern, n);
    }
    // 1001 stays open.
    end(&mut durable, 1_002, Outcome::InDoubt);
    report(&mut durable, 1_002);
    end(&mut durable, 1_003, Outcome::Approved);
    // What was said of 1004 is still to be told when an answer has ended its doubt.
    end(&mut durable, 1_004, Outcome::InDoubt);
    state_of(&mut durable, 1_004);
    end(&mut durable, 1_004, Outcome::Declined);
    report(&mut durable, 1_004);
    let last = HISTORY_MAX as u64;
    for n in 2..=last {
        finish(&mut durable, &pattern, n);
    }
    assert_eq!(durable.attempts.len(), HISTORY_MAX + 4, "all the finished ones fit");
    for n in last + 1..=last + 5 {
        finish(&mut durable, &pattern, n);
    }
    assert_eq!(durable.attempts.len(), HISTORY_MAX + 4);
    assert!(!durable.attempts.contains_key(&payment(1)));
    for n in [1_001, 1_002, 1_003, 1_004] {
        assert!(durable.attempts.contains_key(&payment(n)), "{n}");
    }
    durable.apply(&Record::StatementReported {
        attempt_id: payment(1_004),
        statement_id: StatementId::from_random(1_004),
    });
    assert!(!durable.attempts.contains_key(&payment(1_004)), "now it is old and finished");
}

#[test]
fn a_memory_that_kept_more_is_brought_down_to_what_is_kept_now() {
    let mut durable = Durable::default();
    let pattern = begun();
    let more = MANY + 5;
    for n in 1..more {
        begin(&mut durable, &pattern, n);
        end(&mut durable, n, Outcome::Approved);
        // As a version with a longer history left it: told, and not forgotten.
        durable.attempts.get_mut(&payment(n)).unwrap().reported_end = 1;
    }
    finish(&mut durable, &pattern, more);
    assert_eq!(durable.attempts.len(), HISTORY_MAX);
    assert!(durable.attempts.contains_key(&payment(more)));
}

fn give_back(durable: &mut Durable, n: u64) {
    durable.apply(&Record::ReversalStarted(ReversalStart {
        reversal_id: reversal(n),
        attempt_id: payment(1),
        order_id: order_id(1),
        atk: "1".into(),
        amount: money(1),
        started_at: UnixMillis(1),
    }));
}

fn end_reversal(durable: &mut Durable, n: u64, outcome: Outcome) {
    durable.apply(&Record::ReversalEnded(ReversalEnded {
        reversal_id: reversal(n),
        attempt_id: payment(1),
        order_id: order_id(1),
        amount: money(1),
        outcome,
        reason: None,
        response_code: None,
        started_at: UnixMillis(1),
        ended_at: UnixMillis(2),
    }));
}

fn report_reversal(durable: &mut Durable, n: u64) {
    durable.apply(&Record::ReversalReported { reversal_id: reversal(n), end: 1 });
}

fn finish_reversal(durable: &mut Durable, n: u64) {
    give_back(durable, n);
    end_reversal(durable, n, Outcome::Declined);
    report_reversal(durable, n);
}

#[test]
fn of_the_finished_reversals_the_newest_are_kept() {
    let mut durable = Durable::default();
    for n in 1..=MANY {
        finish_reversal(&mut durable, n);
    }
    assert_eq!(durable.reversals.len(), HISTORY_MAX);
    for (n, kept) in [(1, false), (2, false), (3, true), (MANY, true)] {
        assert_eq!(durable.reversals.contains_key(&reversal(n)), kept, "{n}");
    }
}

#[test]
fn a_reversal_that_is_open_in_doubt_or_not_told_is_never_forgotten_and_takes_no_place() {
    let mut durable = Durable::default();
    finish_reversal(&mut durable, 1);
    for n in [1_001, 1_002, 1_003] {
        give_back(&mut durable, n);
    }
    // 1001 stays open.
    end_reversal(&mut durable, 1_002, Outcome::InDoubt);
    report_reversal(&mut durable, 1_002);
    end_reversal(&mut durable, 1_003, Outcome::Approved);
    let last = HISTORY_MAX as u64;
    for n in 2..=last {
        finish_reversal(&mut durable, n);
    }
    assert_eq!(durable.reversals.len(), HISTORY_MAX + 3, "all the finished ones fit");
    for n in last + 1..=last + 5 {
        finish_reversal(&mut durable, n);
    }
    assert_eq!(durable.reversals.len(), HISTORY_MAX + 3);
    assert!(!durable.reversals.contains_key(&reversal(1)));
    for n in [1_001, 1_002, 1_003] {
        assert!(durable.reversals.contains_key(&reversal(n)), "{n}");
    }
}

fn print_id(n: usize) -> PrintId {
    PrintId::parse(&format!("pr_{n}")).unwrap()
}

/// The service announces receipts; a later one is newer.
fn announce(durable: &mut Durable, numbers: impl Iterator<Item = usize>) {
    let mut page = World::new().page(vec![]);
    page.snapshot = false;
    page.receipts = numbers
        .map(|n| ReceiptNotice {
            print_id: print_id(n),
            created_at: UnixMillis(i64::try_from(n).unwrap()),
            ..receipts::notice()
        })
        .collect();
    durable.apply(&Record::Feed { page: Box::new(page), at: UnixMillis(1) });
}

fn printed(durable: &mut Durable, n: usize) {
    let result = ReceiptResult {
        print_id: print_id(n),
        state: ReceiptState::Printed,
        problem: None,
        at: UnixMillis(1),
    };
    durable.apply(&Record::ReceiptDone(result));
}

fn report_receipt(durable: &mut Durable, n: usize) {
    durable.apply(&Record::ReceiptReported { print_id: print_id(n) });
}

#[test]
fn of_the_receipts_that_are_done_the_newest_are_kept_and_the_others_all() {
    let mut durable = Durable::default();
    announce(&mut durable, 1..=RECEIPTS_KEPT_MAX + 5);
    // 2 waits to be printed, that 3 was printed is not told.
    printed(&mut durable, 3);
    for n in (1..=RECEIPTS_KEPT_MAX + 2).filter(|n| ![2, 3].contains(n)) {
        printed(&mut durable, n);
        report_receipt(&mut durable, n);
    }
    assert_eq!(durable.receipts.len(), RECEIPTS_KEPT_MAX + 5, "as many are done as are kept");
    for n in RECEIPTS_KEPT_MAX + 3..=RECEIPTS_KEPT_MAX + 5 {
        printed(&mut durable, n);
        report_receipt(&mut durable, n);
    }
    let kept: Vec<usize> =
        (1..=RECEIPTS_KEPT_MAX + 5).filter(|n| durable.receipts.contains_key(&print_id(*n))).collect();
    let expected: Vec<usize> = [2, 3].into_iter().chain(6..=RECEIPTS_KEPT_MAX + 5).collect();
    assert_eq!(kept, expected);
}

#[test]
fn an_order_heard_again_at_the_same_revision_is_as_it_was_heard_last() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.hear(vec![OrderView { display_name: "Mesa 7".into(), ..listed(1, 900) }]);
    assert_eq!(world.agent.durable().orders[&order_id(1)].display_name, "Mesa 7");
    world.hear(vec![OrderView { revision: 0, ..listed(1, 900) }]);
    assert_eq!(world.agent.durable().orders[&order_id(1)].revision, 1, "an older one is no news");
}
