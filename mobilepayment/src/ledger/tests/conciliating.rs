//! Which payment a line of the acquirer's file is, and what follows from it.

use protocol::attempt::{Evidence, Outcome};
use protocol::claim::ClaimKind::Now;
use protocol::statement::Said;
use protocol::{AttemptId, StatementId, UnixMillis};

use super::{Shop, T0, ended, money, serial};
use crate::ledger::calendar::LocalDate;
use crate::ledger::comparison::{Comparison, Counts, Ours, Settlement, Theirs};
use crate::ledger::conciliating::compare;
use crate::ledger::day_file::{AccountKind, DayFile, Transaction};
use crate::ledger::order::{Attempt, Order, Statement};

pub(super) const ATK: &str = "31000001234567";
pub(super) const ITK: &str = "L3-1-4.0.0-0001";
const CODE: &str = "123456";

pub(super) fn day(text: &str) -> LocalDate {
    LocalDate::from_dashed(text).unwrap()
}

/// An order with one attempt of 600 by debit on 2023-11-14 at L3-1, of which no key is known.
pub(super) fn order(outcome: Outcome) -> Order {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let started = shop.attempt(1, 1, grant.fence.0, 600);
    shop.start("L3-1", &started).unwrap();
    shop.report("L3-1", &ended(&started, outcome));
    shop.order.attempts[0].evidence = Evidence::default();
    shop.order
}

/// The same, changed.
pub(super) fn with(outcome: Outcome, change: impl Fn(&mut Attempt)) -> Order {
    let mut order = order(outcome);
    change(&mut order.attempts[0]);
    order
}

/// What the file says of it.
pub(super) fn transaction() -> Transaction {
    Transaction {
        atk: Some(ATK.into()),
        itk: Some(ITK.into()),
        authorization_code: Some(CODE.into()),
        serial: Some("L3-1".into()),
        captured_at: Some("20231114190000".into()),
        account: AccountKind::Debit,
        installments: Some(1),
        amount: Some(money(600)),
        captured: true,
        cancellations: vec![],
    }
}

pub(super) fn compared(transactions: Vec<Transaction>, orders: &[Order]) -> (Comparison, Vec<Settlement>) {
    let file = DayFile { id: "f".into(), store: None, date: day("2023-11-14"), transactions };
    compare(&file, orders)
}

/// How many lines of each kind come of it, what would be settled among them.
pub(super) fn counts(transactions: Vec<Transaction>, orders: &[Order]) -> Counts {
    let (comparison, settlements) = compared(transactions, orders);
    Counts { settled: settlements.len(), ..comparison.counts() }
}

pub(super) const MATCH: Counts =
    Counts { matches: 1, settled: 0, differs: 0, misses: 0, surplus: 0, not_covered: 0, undecided: 0 };
const STRANGERS: Counts = Counts { matches: 0, misses: 1, surplus: 1, ..MATCH };

#[test]
fn the_acquirer_s_key_finds_a_payment_whatever_else_is_written_of_it() {
    let ours = with(Outcome::Approved, |attempt| attempt.evidence.atk = Some(ATK.into()));
    let strange = Transaction {
        itk: None,
        authorization_code: None,
        serial: Some("A8-1".into()),
        captured_at: Some("20231101000000".into()),
        ..transaction()
    };
    assert_eq!(counts(vec![strange], std::slice::from_ref(&ours)), MATCH);
    let other = Transaction { atk: Some("31000009999999".into()), ..transaction() };
    assert_eq!(counts(vec![other], &[ours]), STRANGERS);
}

#[test]
fn the_initiator_s_key_finds_a_payment_unless_the_acquirer_s_keys_differ() {
    let keyed = |atk: Option<&str>| {
        with(Outcome::Approved, |attempt| {
            attempt.evidence.itk = Some(ITK.into());
            attempt.evidence.atk = atk.map(str::to_owned);
        })
    };
    let by_itk = Transaction { authorization_code: None, serial: Some("A8-1".into()), ..transaction() };
    let without_atk = Transaction { atk: None, ..by_itk.clone() };
    for (it, atk, expected) in [
        (by_itk.clone(), None, MATCH),
        (without_atk.clone(), None, MATCH),
        (without_atk, Some("31000009999999"), MATCH),
        (by_itk, Some("31000009999999"), STRANGERS),
    ] {
        assert_eq!(counts(vec![it.clone()], &[keyed(atk)]), expected, "{it:?} and {atk:?}");
    }
}

#[test]
fn the_authorization_code_finds_a_payment_only_with_amount_terminal_and_day() {
    let ours = with(Outcome::Approved, |attempt| attempt.evidence.authorization_code = Some(CODE.into()));
    let keyed = with(Outcome::Approved, |attempt| {
        attempt.evidence.authorization_code = Some(CODE.into());
        attempt.evidence.atk = Some("31000009999999".into());
    });
    assert_eq!(counts(vec![transaction()], &[keyed]), STRANGERS, "another transaction");
    type Change = fn(&mut Transaction);
    let table: [(&str, Change, Counts); 8] = [
        ("all agrees", |_| {}, MATCH),
        ("another code", |it| it.authorization_code = Some("654321".into()), STRANGERS),
        ("no code", |it| it.authorization_code = None, STRANGERS),
        ("another amount", |it| it.amount = Some(money(601)), STRANGERS),
        ("another terminal", |it| it.serial = Some("A8-1".into()), STRANGERS),
        ("no terminal", |it| it.serial = None, STRANGERS),
        ("another day", |it| it.captured_at = Some("20231115000000".into()), STRANGERS),
        ("no day", |it| it.captured_at = None, STRANGERS),
    ];
    for (what, change, expected) in table {
        let mut it = transaction();
        change(&mut it);
        assert_eq!(counts(vec![it], std::slice::from_ref(&ours)), expected, "{what}");
    }
}

#[test]
fn the_day_of_a_payment_is_the_one_the_acquirer_s_app_said_else_any_that_it_had_in_brazil() {
    // 2023-11-15T03:30Z is 22:30 of the day before in Acre and 01:30 in Noronha.
    let midnight = UnixMillis(day("2023-11-15").midnight().0 + 3 * 3_600_000 + 1_800_000);
    for (said, captured, found) in [
        (None, "20231114223000", true),
        (None, "20231115003000", true),
        (None, "20231116003000", false),
        (Some("2023-11-14T22:30:00"), "20231114223000", true),
        (Some("2023-11-14T22:30:00"), "20231115003000", false),
    ] {
        let ours = with(Outcome::Approved, |attempt| {
            attempt.started_at = midnight;
            attempt.evidence.authorization_code = Some(CODE.into());
            attempt.evidence.authorized_at_local = said.map(str::to_owned);
        });
        let it = Transaction { captured_at: Some(captured.into()), ..transaction() };
        assert_eq!(counts(vec![it], &[ours]).matches, usize::from(found), "{said:?} {captured}");
    }
}

#[test]
fn what_has_no_key_is_found_by_nothing() {
    let ours = with(Outcome::Approved, |attempt| attempt.evidence.itk = Some(String::new()));
    let it = Transaction {
        atk: Some(String::new()),
        itk: Some(String::new()),
        authorization_code: Some(String::new()),
        ..transaction()
    };
    assert_eq!(counts(vec![it], &[ours]), STRANGERS);
}

#[test]
fn what_the_operator_read_off_the_slip_finds_a_payment_until_the_acquirer_s_app_says_its_keys() {
    let stated = |said: Said| {
        with(Outcome::InDoubt, |attempt| {
            let id = StatementId::from_random(1);
            let said = said.clone();
            attempt.statement = Some(Statement { id, said, stated_at: T0, received_at: T0 });
        })
    };
    let charged = |code: &str, atk: &str| Said::Charged { authorization_code: code.into(), atk: atk.into() };
    let settled = |it: Transaction, order: Order| counts(vec![it], &[order]).settled;
    let without_code = Transaction { authorization_code: None, ..transaction() };
    let without_atk = Transaction { atk: None, ..transaction() };
    assert_eq!(settled(without_code.clone(), stated(charged("", ATK))), 1);
    assert_eq!(settled(without_atk, stated(charged(CODE, ""))), 1);
    assert_eq!(settled(transaction(), stated(Said::NotCharged)), 0);
    let mut answered = stated(charged(CODE, ATK));
    answered.attempts[0].evidence.atk = Some("31000009999999".into());
    assert_eq!(settled(without_code, answered), 0, "what the app said counts more");
}

#[test]
fn a_doubt_is_decided_by_the_file_which_also_gives_its_keys() {
    for outcome in [Some(Outcome::InDoubt), None] {
        let order = with(Outcome::InDoubt, |attempt| {
            attempt.outcome = outcome;
            attempt.evidence.itk = Some(ITK.into());
        });
        let (comparison, settlements) = compared(vec![transaction()], std::slice::from_ref(&order));
        assert_eq!(comparison, Comparison::default());
        let [settlement] = settlements.as_slice() else { panic!("{settlements:?}") };
        assert_eq!((settlement.attempt_id, settlement.reversal_id), (AttemptId::from_random(1), None));
        let codes = Evidence {
            atk: Some(ATK.into()),
            itk: Some(ITK.into()),
            authorization_code: Some(CODE.into()),
            ..Evidence::default()
        };
        assert_eq!(settlement.codes, codes);
        let file = Theirs {
            atk: Some(ATK.into()),
            itk: Some(ITK.into()),
            authorization_code: Some(CODE.into()),
            serial: Some("L3-1".into()),
            captured_at: Some("20231114190000".into()),
            amount: Some(money(600)),
            cancellation: None,
        };
        let ours = Ours {
            order_id: order.id.clone(),
            order_number: order.number.clone(),
            attempt_id: AttemptId::from_random(1),
            reversal_id: None,
            terminal: serial("L3-1"),
            amount: money(600),
            outcome,
        };
        assert_eq!(
            (settlement.line.file.as_ref(), settlement.line.ours.as_ref()),
            (Some(&file), Some(&ours))
        );
        assert!(settlement.line.why.is_empty());
    }
}
