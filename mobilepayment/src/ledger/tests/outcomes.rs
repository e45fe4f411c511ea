//! Rules 1, 4, 5, 6, 7: what a report of an attempt does to the books.

use protocol::attempt::Flag::{self, *};
use protocol::attempt::{AttemptEnded, AttemptStarted, Outcome};
use protocol::claim::ClaimKind::{Delivery, Now};
use protocol::method::{InstallmentType, Installments};
use protocol::order::OrderStatus;
use protocol::refusal::RefusalCode as R;
use protocol::{ClaimId, Fence, Method, PaymentChoice};

use super::{Shop, approved, ended, money, sorted};
use crate::ledger::event::EventType;

#[test]
fn an_approval_that_breaks_a_rule_is_flagged_and_held_unless_it_is_merely_late() {
    type Change = fn(&mut AttemptEnded);
    let in_12 = PaymentChoice {
        method: Method::Credit,
        installments: Some(Installments { count: 12, kind: InstallmentType::Merchant }),
    };
    assert!(in_12.is_valid());
    // what is wrong, the message, flags, held in doubt
    let table: &[(&str, Change, &[Flag], bool)] = &[
        ("nothing", |_| {}, &[], false),
        (
            "evidence agrees",
            |m| {
                m.evidence.amount = Some(money(400));
                m.evidence.method = Some(Method::Debit);
                m.evidence.installments = Some(0);
            },
            &[],
            false,
        ),
        ("above the balance", |m| m.attempt.amount = money(1_001), &[ExceedsBalance], true),
        ("another amount answered", |m| m.evidence.amount = Some(money(399)), &[AmountDiffers], true),
        ("another method answered", |m| m.evidence.method = Some(Method::Credit), &[MethodDiffers], true),
        ("instalments answered", |m| m.evidence.installments = Some(2), &[InstallmentsNotAllowed], true),
        (
            "method outside the contract",
            |m| m.attempt.choice = PaymentChoice::at_once(Method::Pix),
            &[MethodNotAllowed],
            true,
        ),
        (
            "instalments outside the contract",
            |m| {
                m.attempt.choice = PaymentChoice {
                    method: Method::Credit,
                    installments: Some(Installments { count: 12, kind: InstallmentType::Merchant }),
                };
            },
            &[InstallmentsNotAllowed],
            true,
        ),
        (
            "no proof",
            |m| {
                m.evidence.atk = None;
                m.evidence.authorization_code = None;
            },
            &[NoEvidence],
            true,
        ),
        ("no claim", |m| m.attempt.claim_id = ClaimId::from_random(99), &[StaleClaim], false),
        ("an old fence", |m| m.attempt.fence = Fence(0), &[StaleClaim], false),
    ];
    for (what, change, flags, held) in table {
        let mut shop = Shop::listed(1_000);
        let grant = shop.claim("L3-1", 1, Delivery).unwrap();
        let mut message = approved(&shop.attempt(1, 1, grant.fence.0, 400));
        change(&mut message);
        let verdict = shop.report("L3-1", &message);
        assert_eq!(sorted(verdict.flags), sorted(flags.to_vec()), "{what}");
        let expected = if *held { Outcome::InDoubt } else { Outcome::Approved };
        assert_eq!(verdict.outcome, Some(expected), "{what}");
        let paid = if *held { 0 } else { 400 };
        assert_eq!(shop.order.paid(), money(paid), "{what}");
        assert_eq!(shop.count(EventType::ChargePaid), usize::from(!held), "{what}");
        assert_eq!(shop.count(EventType::AttemptFlagged), usize::from(!flags.is_empty()), "{what}");
    }
}

#[test]
fn an_approval_on_a_terminal_that_the_order_is_not_for_is_held() {
    let mut shop = Shop::direct(1_000);
    let message = approved(&shop.attempt(1, 1, 1, 1_000));
    let verdict = shop.report("A8-1", &message);
    assert_eq!(verdict.flags, [WrongTerminal, StaleClaim]);
    assert_eq!(verdict.outcome, Some(Outcome::InDoubt));
}

#[test]
fn a_direct_order_is_charged_once_whole_and_as_fixed() {
    let credit = PaymentChoice::at_once(Method::Credit);
    // amount, choice, refusal of the start, flags of a report that comes all the same
    type Row<'a> = (u64, PaymentChoice, Result<(), R>, &'a [Flag]);
    let table: &[Row<'_>] = &[
        (1_000, super::debit(), Ok(()), &[]),
        (999, super::debit(), Err(R::NotWholeTotal), &[NotWholeTotal]),
        (1_001, super::debit(), Err(R::AmountAboveBalance), &[ExceedsBalance, NotWholeTotal]),
        (1_000, credit, Err(R::MethodFixed), &[MethodNotAllowed]),
    ];
    for (amount, choice, refusal, flags) in table {
        let mut shop = Shop::direct(1_000);
        let grant = shop.claim("L3-1", 1, Now).unwrap();
        let mut started = shop.attempt(1, 1, grant.fence.0, *amount);
        started.choice = *choice;
        assert_eq!(shop.start("L3-1", &started), *refusal, "{amount} {choice:?}");
        let verdict = shop.report("L3-1", &approved(&started));
        assert_eq!(verdict.flags, *flags, "{amount} {choice:?}");
        assert_eq!(shop.order.status == OrderStatus::Paid, flags.is_empty());
    }
}

/// What the second of two reports of one attempt does.
#[test]
fn a_definite_outcome_never_changes_and_a_contradiction_is_shown() {
    use Outcome::{Approved, Cancelled, Declined, InDoubt};
    // first, second, held to be true, contradiction, charge.paid told
    let table = [
        (InDoubt, Approved, Approved, false, 1),
        (InDoubt, Declined, Declined, false, 0),
        (InDoubt, Cancelled, Cancelled, false, 0),
        (Approved, Approved, Approved, false, 1),
        (Approved, InDoubt, Approved, false, 1),
        (Approved, Declined, Approved, true, 1),
        (Approved, Cancelled, Approved, true, 1),
        (Declined, Declined, Declined, false, 0),
        (Declined, InDoubt, Declined, false, 0),
        (Declined, Cancelled, Declined, true, 0),
        (Declined, Approved, InDoubt, true, 0),
        (Cancelled, Declined, Cancelled, true, 0),
        (Cancelled, Approved, InDoubt, true, 0),
    ];
    for (first, second, expected, contradiction, paid) in table {
        let mut shop = Shop::listed(1_000);
        let grant = shop.claim("L3-1", 1, Now).unwrap();
        let started = shop.attempt(1, 1, grant.fence.0, 400);
        shop.start("L3-1", &started).unwrap();
        shop.report("L3-1", &ended(&started, first));
        let verdict = shop.report("L3-1", &ended(&started, second));
        let what = format!("{first:?} then {second:?}");
        assert_eq!(verdict.outcome, Some(expected), "{what}");
        assert_eq!(verdict.flags.contains(&Contradiction), contradiction, "{what}");
        assert_eq!(shop.count(EventType::ChargePaid), paid, "{what}");
    }
}

#[test]
fn an_approval_held_for_a_manager_is_not_settled_by_whatever_the_terminal_says_next() {
    for next in [Outcome::Approved, Outcome::Declined, Outcome::Cancelled, Outcome::InDoubt] {
        let mut shop = Shop::listed(1_000);
        let grant = shop.claim("L3-1", 1, Now).unwrap();
        let started = shop.attempt(1, 1, grant.fence.0, 400);
        shop.start("L3-1", &started).unwrap();
        let mut message = approved(&started);
        message.evidence.amount = Some(money(401));
        assert_eq!(shop.report("L3-1", &message).outcome, Some(Outcome::InDoubt));
        assert_eq!(shop.report("L3-1", &ended(&started, next)).outcome, Some(Outcome::InDoubt), "{next:?}");
        assert_eq!(shop.order.paid(), money(0));
        shop.resolve(1, true).unwrap();
        assert_eq!(shop.order.paid(), money(400));
    }
}

#[test]
fn the_same_id_for_another_charge_is_flagged_and_never_booked() {
    type Change = fn(&mut AttemptStarted);
    // A claim that is not in force is told before an id that was used.
    let others: [(&str, Change, R); 3] = [
        ("amount", |s| s.amount = money(500), R::IdReused),
        ("method", |s| s.choice = PaymentChoice::at_once(Method::Credit), R::IdReused),
        ("claim", |s| s.claim_id = ClaimId::from_random(77), R::ClaimLost),
    ];
    for (what, change, refusal) in others {
        let mut shop = Shop::listed(1_000);
        let grant = shop.claim("L3-1", 1, Now).unwrap();
        let started = shop.attempt(1, 1, grant.fence.0, 400);
        shop.start("L3-1", &started).unwrap();
        let mut other = started.clone();
        change(&mut other);
        assert_eq!(shop.start("L3-1", &other), Err(refusal), "{what}");
        let verdict = shop.report("L3-1", &approved(&other));
        assert_eq!((verdict.outcome, verdict.flags), (Some(Outcome::InDoubt), vec![IdReused]), "{what}");
        assert_eq!(shop.order.attempts.len(), 1);
        assert_eq!(shop.order.paid(), money(0));
    }
}

#[test]
fn what_is_open_or_in_doubt_cannot_be_charged_a_second_time() {
    for outcome in [None, Some(Outcome::InDoubt)] {
        let mut shop = Shop::listed(1_000);
        let grant = shop.claim("L3-1", 1, Now).unwrap();
        let first = shop.attempt(1, 1, grant.fence.0, 600);
        shop.start("L3-1", &first).unwrap();
        if let Some(outcome) = outcome {
            shop.report("L3-1", &ended(&first, outcome));
        }
        let above = shop.attempt(2, 1, grant.fence.0, 401);
        assert_eq!(shop.start("L3-1", &above), Err(R::AmountAboveBalance));
        let rest = shop.attempt(3, 1, grant.fence.0, 400);
        assert_eq!(shop.start("L3-1", &rest), Ok(()));
    }
}

#[test]
fn approvals_of_more_than_the_total_are_booked_only_up_to_it() {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Delivery).unwrap();
    let outcomes: Vec<_> = (1..=3)
        .map(|id| {
            let message = approved(&shop.attempt(id, 1, grant.fence.0, 400));
            shop.report("L3-1", &message).outcome.unwrap()
        })
        .collect();
    assert_eq!(outcomes, [Outcome::Approved, Outcome::Approved, Outcome::InDoubt]);
    assert_eq!((shop.order.paid(), shop.order.status), (money(800), OrderStatus::Open));
}

#[test]
fn what_the_app_said_with_the_outcome_stays_and_fills_only_what_was_empty() {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let started = shop.attempt(1, 1, grant.fence.0, 400);
    shop.start("L3-1", &started).unwrap();
    let mut doubt = ended(&started, Outcome::InDoubt);
    shop.report("L3-1", &doubt);
    doubt.evidence.code = Some("77".into());
    shop.report("L3-1", &doubt);
    assert_eq!(shop.order.attempts[0].evidence, doubt.evidence, "nothing was known before");
    doubt.evidence.code = Some("78".into());
    shop.report("L3-1", &doubt);
    assert_eq!(shop.order.attempts[0].evidence.code.as_deref(), Some("77"), "what came with the doubt");
    let mut sure = approved(&started);
    shop.report("L3-1", &sure);
    sure.evidence.atk = Some("99".into());
    shop.report("L3-1", &sure);
    assert_eq!(shop.order.attempts[0].evidence, approved(&started).evidence);
}
