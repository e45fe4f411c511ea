//! Where the acquirer's file and a payment of ours differ, and what only one of the two has.

use protocol::attempt::Outcome;
use protocol::method::{InstallmentType, Installments};
use protocol::{AttemptId, Method, PaymentChoice, UnixMillis};

use super::conciliating::{ATK, ITK, MATCH, compared, counts, day, transaction, with};
use super::money;
use crate::ledger::comparison::{Counts, Why};
use crate::ledger::day_file::{AccountKind, Cancellation, Transaction};
use crate::ledger::order::{Attempt, Order};

/// What differs in the only line that differs.
fn why(it: Transaction, order: Order) -> Vec<Why> {
    let (comparison, settlements) = compared(vec![it], &[order]);
    assert!(settlements.is_empty(), "{settlements:?}");
    let [line] = comparison.differs.as_slice() else { panic!("{comparison:?}") };
    line.why.clone()
}

#[test]
fn what_differs_is_said_and_decides_nothing() {
    type Change = fn(&mut Transaction);
    let table: [(Change, &[Why], &[Why]); 9] = [
        (|it| it.amount = Some(money(599)), &[Why::Amount], &[Why::Amount]),
        (|it| it.amount = None, &[Why::Amount], &[Why::Amount]),
        (|it| it.account = AccountKind::Credit, &[Why::Method], &[Why::Method]),
        (|it| it.installments = Some(2), &[Why::Installments], &[Why::Installments]),
        (|it| it.serial = Some("A8-1".into()), &[], &[Why::Serial]),
        (|it| it.captured_at = Some("20231116000000".into()), &[], &[Why::Date]),
        (|it| it.installments = Some(0), &[], &[]),
        (|it| it.installments = None, &[], &[]),
        (|it| (it.serial, it.captured_at) = (None, None), &[], &[]),
    ];
    let keyed = |outcome| with(outcome, |attempt| attempt.evidence.atk = Some(ATK.into()));
    for (number, (change, of_payment, of_doubt)) in table.into_iter().enumerate() {
        let mut it = transaction();
        change(&mut it);
        for (outcome, expected) in [(Outcome::Approved, of_payment), (Outcome::InDoubt, of_doubt)] {
            if expected.is_empty() {
                let counts = counts(vec![it.clone()], &[keyed(outcome)]);
                assert_eq!(counts.matches + counts.settled, 1, "{number}");
            } else {
                assert_eq!(why(it.clone(), keyed(outcome)), expected, "{number}");
            }
        }
    }
    for outcome in [Outcome::Declined, Outcome::Cancelled] {
        assert_eq!(why(transaction(), keyed(outcome)), [Why::NotApproved]);
    }
}

#[test]
fn what_only_one_side_has_stands_alone_on_its_line() {
    let ours = with(Outcome::Approved, |_| {});
    let (comparison, _) = compared(vec![transaction()], &[ours]);
    let [surplus] = comparison.surplus.as_slice() else { panic!("{comparison:?}") };
    assert_eq!(surplus.file.as_ref().unwrap().atk.as_deref(), Some(ATK));
    assert_eq!((&surplus.ours, surplus.why.as_slice()), (&None, [].as_slice()));
    let [miss] = comparison.misses.as_slice() else { panic!("{comparison:?}") };
    assert_eq!(miss.ours.as_ref().unwrap().attempt_id, AttemptId::from_random(1));
    assert_eq!((&miss.file, miss.why.as_slice()), (&None, [].as_slice()));
}

#[test]
fn instalments_are_those_that_were_asked_for() {
    let in_three = |kind| {
        with(Outcome::Approved, |attempt| {
            attempt.evidence.atk = Some(ATK.into());
            let installments = Some(Installments { count: 3, kind });
            attempt.choice = PaymentChoice { method: Method::Credit, installments };
        })
    };
    let it = Transaction { account: AccountKind::Credit, ..transaction() };
    for kind in [InstallmentType::Merchant, InstallmentType::Issuer] {
        let agreed = Transaction { installments: Some(3), ..it.clone() };
        assert_eq!(counts(vec![agreed], &[in_three(kind)]), MATCH);
        assert_eq!(why(it.clone(), in_three(kind)), [Why::Installments]);
    }
}

#[test]
fn a_doubt_whose_money_went_back_the_same_day_is_not_decided() {
    let keyed = |outcome| with(outcome, |attempt| attempt.evidence.atk = Some(ATK.into()));
    let one = Cancellation { key: "op".into(), date: None, amount: Some(money(600)) };
    let it = Transaction { cancellations: vec![one], ..transaction() };
    assert_eq!(why(it.clone(), keyed(Outcome::InDoubt)), [Why::GivenBack]);
    let paid = Counts { surplus: 1, ..MATCH };
    assert_eq!(counts(vec![it], &[keyed(Outcome::Approved)]), paid, "a reversal that is not ours");
}

#[test]
fn a_second_line_for_one_payment_and_a_line_for_two_payments_decide_nothing() {
    let keyed = |outcome| with(outcome, |attempt| attempt.evidence.itk = Some(ITK.into()));
    let (comparison, settlements) = compared(vec![transaction(), transaction()], &[keyed(Outcome::InDoubt)]);
    assert_eq!((settlements.len(), comparison.differs.len()), (1, 1));
    assert_eq!(comparison.differs[0].why, [Why::Twice]);

    let mut both = keyed(Outcome::InDoubt);
    both.attempts.push(Attempt { id: AttemptId::from_random(2), ..both.attempts[0].clone() });
    let (comparison, settlements) = compared(vec![transaction()], &[both]);
    assert!(settlements.is_empty() && comparison.undecided.is_empty());
    assert!(comparison.differs.iter().all(|line| line.why == [Why::Ambiguous]));
    let ids: Vec<_> = comparison.differs.iter().map(|line| line.ours.as_ref().unwrap().attempt_id).collect();
    assert_eq!(ids, [1, 2].map(AttemptId::from_random));
}

#[test]
fn what_the_file_does_not_have_is_missed_by_its_day_method_and_outcome() {
    let none = Counts { matches: 0, ..MATCH };
    let by = |method: Method, outcome: Outcome| {
        let order = with(outcome, |attempt| attempt.choice = PaymentChoice::at_once(method));
        counts(vec![], &[order])
    };
    for method in [Method::Credit, Method::Debit, Method::Voucher] {
        assert_eq!(by(method, Outcome::Approved), Counts { misses: 1, ..none });
    }
    assert_eq!(by(Method::Pix, Outcome::Approved), Counts { not_covered: 1, ..none });
    for method in [Method::Credit, Method::Pix] {
        assert_eq!(by(method, Outcome::InDoubt), Counts { undecided: 1, ..none });
        assert_eq!(by(method, Outcome::Declined), none);
        assert_eq!(by(method, Outcome::Cancelled), none);
    }
    let started = |attempt: &mut Attempt| attempt.outcome = None;
    assert_eq!(counts(vec![], &[with(Outcome::InDoubt, started)]), Counts { undecided: 1, ..none });
    // 2023-11-15T02:59Z is still the 14th in Brasília; a minute later it is not, unless the app said so.
    let at = |minutes: i64, said: Option<&str>| {
        let order = with(Outcome::Approved, |attempt| {
            attempt.started_at = UnixMillis(day("2023-11-15").midnight().0 + minutes * 60_000);
            attempt.evidence.authorized_at_local = said.map(str::to_owned);
        });
        counts(vec![], &[order]).misses
    };
    assert_eq!((at(179, None), at(180, None)), (1, 0));
    assert_eq!((at(180, Some("2023-11-14T23:59:59")), at(179, Some("2023-11-15T00:00:01"))), (1, 0));
}
