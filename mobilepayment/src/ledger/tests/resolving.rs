//! A manager decides what nobody else can know; not even a manager breaks the total.

use protocol::AttemptId;
use protocol::attempt::{Flag, Outcome};
use protocol::claim::ClaimKind::Now;
use protocol::order::OrderStatus;

use super::{Shop, T0, account, approved, ended, money};
use crate::ledger::command::Resolve;
use crate::ledger::event::EventType;
use crate::ledger::order::CloseReason;
use crate::ledger::refusal::PdvRefusal as P;
use crate::ledger::resolving::{TEXT_BYTES_MAX, resolve};

/// One attempt of 600 of 1,000, started, and in doubt if so asked.
fn shop(in_doubt: bool) -> Shop {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let started = shop.attempt(1, 1, grant.fence.0, 600);
    shop.start("L3-1", &started).unwrap();
    if in_doubt {
        shop.report("L3-1", &ended(&started, Outcome::InDoubt));
    }
    shop
}

#[test]
fn a_decision_books_or_frees_and_is_told() {
    for (approve, paid, charged) in [(true, 600, 1), (false, 0, 0)] {
        let mut shop = shop(true);
        shop.resolve(1, approve).unwrap();
        assert_eq!((shop.order.paid(), shop.order.reserved()), (money(paid), money(0)));
        assert_eq!(shop.count(EventType::ChargePaid), charged);
        assert_eq!(shop.count(EventType::AttemptResolved), 1);
        assert_eq!(shop.resolve(1, approve), Ok(()), "the same decision again");
        assert_eq!(shop.count(EventType::AttemptResolved), 1);
        assert_eq!(shop.resolve(1, !approve), Err(P::NotInDoubt));
    }
}

#[test]
fn what_is_not_in_doubt_is_not_decided_unless_its_terminal_has_long_been_silent() {
    let mut shop = shop(false);
    assert_eq!(shop.resolve(1, false), Err(P::AttemptOpen));
    assert_eq!(shop.resolve(9, false), Err(P::ChargeUnknown));
    shop.pass(15 * 60_000 - 1);
    assert_eq!(shop.resolve(1, false), Err(P::AttemptOpen));
    shop.pass(1);
    assert_eq!(shop.resolve(1, false), Ok(()));
}

#[test]
fn a_decision_never_exceeds_the_total() {
    let mut shop = shop(true);
    let forged = approved(&shop.attempt(2, 1, 1, 500));
    assert_eq!(shop.report("L3-1", &forged).outcome, Some(Outcome::Approved));
    let balance = money(500);
    assert_eq!(shop.resolve(1, true), Err(P::ExceedsTotal { balance }));
    assert_eq!(shop.resolve(1, false), Ok(()));
}

#[test]
fn a_decision_may_fill_the_balance_to_the_centavo() {
    let mut shop = shop(true);
    let rest = approved(&shop.attempt(2, 1, 1, 400));
    assert_eq!(shop.report("L3-1", &rest).outcome, Some(Outcome::Approved));
    assert_eq!(shop.resolve(1, true), Ok(()));
    assert_eq!(shop.order.status, OrderStatus::Paid);
}

#[test]
fn the_longest_texts_of_a_decision_are_still_taken() {
    let order = shop(true).order;
    for (bytes, taken) in [(TEXT_BYTES_MAX, true), (TEXT_BYTES_MAX + 1, false)] {
        let text = "x".repeat(bytes);
        let decision = Resolve {
            account: account(),
            attempt_id: AttemptId::from_random(1),
            approved: false,
            evidence: text.clone(),
            reason: text.clone(),
            by: text,
        };
        assert_eq!(resolve(&order, &decision, T0).is_ok(), taken, "{bytes}");
    }
}

#[test]
fn a_direct_order_is_not_decided_in_part() {
    let mut shop = Shop::direct(1_000);
    let part = ended(&shop.attempt(1, 1, 1, 400), Outcome::InDoubt);
    shop.report("L3-1", &part);
    assert_eq!(shop.resolve(1, true), Err(P::NotWholeTotal));
}

#[test]
fn a_report_that_contradicts_the_decision_is_shown_and_a_late_approval_is_doubtful_again() {
    let mut shop = shop(true);
    shop.resolve(1, false).unwrap();
    let late = approved(&shop.attempt(1, 1, 1, 600));
    let verdict = shop.report("L3-1", &late);
    assert_eq!((verdict.outcome, verdict.flags), (Some(Outcome::InDoubt), vec![Flag::Contradiction]));
    assert_eq!(shop.resolve(1, true), Ok(()));
    assert_eq!(shop.order.paid(), money(600));
}

#[test]
fn the_last_decision_ends_a_closing_order() {
    for (approve, expected) in [(true, OrderStatus::Closed), (false, OrderStatus::Closed)] {
        let mut shop = shop(true);
        assert_eq!(shop.close(CloseReason::Canceled), Ok(OrderStatus::Closing));
        shop.resolve(1, approve).unwrap();
        assert_eq!(shop.order.status, expected);
    }
}
