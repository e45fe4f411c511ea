//! Which reversal a cancellation of the acquirer's file is, and what follows from it.

use protocol::attempt::Outcome;
use protocol::{AttemptId, ReversalId, UnixMillis};

use super::conciliating::{compared, day, order, transaction};
use super::{T0, money, serial};
use crate::ledger::comparison::{Comparison, Settlement, Why};
use crate::ledger::day_file::{Cancellation, Transaction};
use crate::ledger::order::{Attempt, Order, Reversal};

const DAY_MS: i64 = 86_400_000;

fn reversal(id: u64, amount: u64, outcome: Outcome) -> Reversal {
    Reversal {
        id: ReversalId::from_random(id),
        terminal: serial("L3-1"),
        amount: money(amount),
        outcome,
        reason: None,
        response_code: None,
        booked: money(0),
        started_at: T0,
        ended_at: T0,
        recorded_at: T0,
        resolution: None,
    }
}

/// A payment with these reversals.
fn paid(reversals: Vec<Reversal>) -> Order {
    let mut order = order(Outcome::Approved);
    order.attempts[0].evidence.atk = transaction().atk;
    order.attempts[0].reversals = reversals;
    order
}

fn cancellation(key: &str, amount: u64, date: Option<&str>) -> Cancellation {
    Cancellation { key: key.into(), date: date.map(day), amount: Some(money(amount)) }
}

/// The file only tells that something of that payment was given back.
fn told(cancellations: Vec<Cancellation>, order: &Order) -> (Comparison, Vec<Settlement>) {
    let it = Transaction { captured: false, cancellations, ..transaction() };
    let (mut comparison, settlements) = compared(vec![it], std::slice::from_ref(order));
    comparison.misses.clear();
    comparison.undecided.clear();
    (comparison, settlements)
}

/// Matches, settled, differs, surplus.
fn counts(cancellations: Vec<Cancellation>, order: &Order) -> [usize; 4] {
    let (comparison, settlements) = told(cancellations, order);
    [comparison.matches.len(), settlements.len(), comparison.differs.len(), comparison.surplus.len()]
}

#[test]
fn a_cancellation_matches_its_reversal_or_settles_the_doubt_about_it() {
    let one = || cancellation("op", 200, Some("2023-11-14"));
    let (comparison, _) = told(vec![one()], &paid(vec![reversal(7, 200, Outcome::Approved)]));
    let [line] = comparison.matches.as_slice() else { panic!("{comparison:?}") };
    let (file, ours) = (line.file.as_ref().unwrap(), line.ours.as_ref().unwrap());
    assert_eq!((file.amount, file.cancellation.as_deref()), (Some(money(200)), Some("op")));
    assert_eq!(file.atk, transaction().atk);
    assert_eq!((ours.amount, ours.outcome), (money(200), Some(Outcome::Approved)));
    assert_eq!(ours.reversal_id, Some(ReversalId::from_random(7)));

    let (comparison, settlements) = told(vec![one()], &paid(vec![reversal(7, 200, Outcome::InDoubt)]));
    assert_eq!(comparison, Comparison::default());
    let [settlement] = settlements.as_slice() else { panic!("{settlements:?}") };
    assert_eq!(settlement.attempt_id, AttemptId::from_random(1));
    assert_eq!(settlement.reversal_id, Some(ReversalId::from_random(7)));
    assert_eq!(settlement.codes, protocol::attempt::Evidence::default());
}

#[test]
fn a_cancellation_that_fits_no_reversal_of_ours_is_surplus() {
    for (amount, outcome) in [
        (200, Outcome::Declined),
        (200, Outcome::Cancelled),
        (201, Outcome::Approved),
        (201, Outcome::InDoubt),
    ] {
        let order = paid(vec![reversal(7, amount, outcome)]);
        assert_eq!(counts(vec![cancellation("op", 200, None)], &order), [0, 0, 0, 1], "{amount} {outcome:?}");
    }
    let nameless = Cancellation { amount: None, ..cancellation("op", 1, None) };
    assert_eq!(counts(vec![nameless], &paid(vec![reversal(7, 200, Outcome::Approved)])), [0, 0, 0, 1]);
    let it = Transaction {
        captured: false,
        cancellations: vec![cancellation("a", 1, None), cancellation("b", 2, None)],
        ..transaction()
    };
    let (comparison, _) = compared(vec![it], &[]);
    let keys: Vec<_> =
        comparison.surplus.iter().map(|line| line.file.as_ref().unwrap().cancellation.as_deref()).collect();
    assert_eq!(keys, [Some("a"), Some("b")], "nothing of ours, each on its own line");
}

#[test]
fn a_cancellation_is_a_reversal_s_from_the_day_before_it_was_asked_for_to_the_day_after_its_last_try() {
    // Asked for on the 14th; last heard of on the 14th, or on the 19th.
    for (tried_ms, days) in [
        (0, [("11-12", 0), ("11-13", 1), ("11-14", 1), ("11-15", 1), ("11-16", 0), ("11-20", 0)]),
        (5 * DAY_MS, [("11-12", 0), ("11-13", 1), ("11-16", 1), ("11-19", 1), ("11-20", 1), ("11-21", 0)]),
    ] {
        for (date, matches) in days {
            let date = format!("2023-{date}");
            let later = UnixMillis(T0.0 + tried_ms);
            let approved = reversal(7, 200, Outcome::Approved);
            let recorded = Reversal { recorded_at: later, ..approved.clone() };
            let ended = Reversal { ended_at: later, ..approved };
            for one in [recorded, ended] {
                let found = counts(vec![cancellation("op", 200, Some(&date))], &paid(vec![one]))[0];
                assert_eq!(found, matches, "{date} and {tried_ms}");
            }
            let doubtful = Reversal { recorded_at: later, ..reversal(7, 200, Outcome::InDoubt) };
            let settled = counts(vec![cancellation("op", 200, Some(&date))], &paid(vec![doubtful]))[1];
            assert_eq!(settled, matches, "{date} and {tried_ms}");
        }
    }
    assert_eq!(
        counts(vec![cancellation("op", 200, None)], &paid(vec![reversal(7, 200, Outcome::Approved)]))[0],
        1
    );
}

#[test]
fn near_midnight_both_days_that_a_reversal_may_have_been_asked_for_count() {
    // 2023-11-15T02:30Z: the 14th in Acre and Brasília, the 15th in Noronha.
    let at = UnixMillis(day("2023-11-15").midnight().0 + 9_000_000);
    for (tried, days) in [
        (at, [("11-12", 0), ("11-13", 1), ("11-16", 1), ("11-17", 0)]),
        (UnixMillis(at.0 + 5 * DAY_MS), [("11-12", 0), ("11-13", 1), ("11-16", 1), ("11-21", 0)]),
    ] {
        for (date, matches) in days {
            let one = Reversal {
                started_at: at,
                recorded_at: tried,
                ended_at: tried,
                ..reversal(7, 200, Outcome::Approved)
            };
            let date = format!("2023-{date}");
            let found = counts(vec![cancellation("op", 200, Some(&date))], &paid(vec![one]))[0];
            assert_eq!(found, matches, "{date}");
        }
    }
}

#[test]
fn no_cancellation_counts_for_two_reversals_and_the_clear_one_takes_it_first() {
    let both = || paid(vec![reversal(7, 200, Outcome::InDoubt), reversal(8, 200, Outcome::Approved)]);
    assert_eq!(counts(vec![cancellation("a", 200, None)], &both()), [1, 0, 0, 0]);
    let two = || vec![cancellation("a", 200, None), cancellation("b", 200, None)];
    assert_eq!(counts(two(), &both()), [1, 1, 0, 0]);
    let clear = paid(vec![reversal(7, 200, Outcome::Approved), reversal(8, 200, Outcome::Approved)]);
    let (comparison, _) = told(two(), &clear);
    let ids: Vec<_> = comparison.matches.iter().map(|line| line.ours.as_ref().unwrap().reversal_id).collect();
    assert_eq!(ids, [7, 8].map(|id| Some(ReversalId::from_random(id))));
    assert_eq!(counts(two(), &paid(vec![reversal(7, 200, Outcome::Approved)])), [1, 0, 0, 1]);
}

#[test]
fn of_doubts_that_look_alike_none_is_settled_before_each_has_its_cancellation() {
    let alike = || paid(vec![reversal(7, 200, Outcome::InDoubt), reversal(8, 200, Outcome::InDoubt)]);
    let (comparison, settlements) = told(vec![cancellation("a", 200, None)], &alike());
    assert!(settlements.is_empty());
    assert_eq!(comparison.differs.len(), 1);
    assert_eq!(comparison.differs[0].why, [Why::Ambiguous]);
    let two = vec![cancellation("a", 200, None), cancellation("b", 200, None)];
    let (_, settlements) = told(two.clone(), &alike());
    let ids: Vec<_> = settlements.iter().map(|settlement| settlement.reversal_id).collect();
    assert_eq!(ids, [7, 8].map(|id| Some(ReversalId::from_random(id))));
    let mut three = two;
    three.push(cancellation("c", 200, None));
    assert_eq!(counts(three, &alike()), [0, 2, 0, 1]);
    let different = paid(vec![reversal(7, 200, Outcome::InDoubt), reversal(8, 300, Outcome::InDoubt)]);
    assert_eq!(counts(vec![cancellation("a", 300, None)], &different), [0, 1, 0, 0]);
    let unlike = vec![cancellation("a", 200, None), cancellation("b", 300, None)];
    assert_eq!(counts(unlike, &alike()), [0, 0, 1, 1], "another amount stands for none of them");
}

#[test]
fn a_reversal_of_what_is_not_known_to_be_paid_is_not_settled() {
    for outcome in [None, Some(Outcome::InDoubt), Some(Outcome::Declined)] {
        let mut order = paid(vec![reversal(7, 200, Outcome::InDoubt)]);
        order.attempts[0].outcome = outcome;
        let (comparison, settlements) = told(vec![cancellation("a", 200, None)], &order);
        assert!(settlements.is_empty(), "{outcome:?}");
        assert_eq!(comparison.differs[0].why, [Why::Ambiguous]);
    }
}

#[test]
fn cancellations_of_a_transaction_that_two_payments_may_be_are_shown_and_settle_nothing() {
    let mut order = paid(vec![reversal(7, 200, Outcome::InDoubt)]);
    order.attempts.push(Attempt { id: AttemptId::from_random(2), ..order.attempts[0].clone() });
    let two = vec![cancellation("a", 200, None), cancellation("b", 200, None)];
    let (comparison, settlements) = told(two, &order);
    assert!(settlements.is_empty() && comparison.surplus.is_empty());
    assert_eq!(comparison.differs.len(), 2);
    assert!(comparison.differs.iter().all(|line| line.why == [Why::Ambiguous] && line.ours.is_none()));
}
