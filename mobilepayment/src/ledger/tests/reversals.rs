//! Payments given back.

use protocol::attempt::Outcome::{self, Approved, Cancelled, Declined, InDoubt};
use protocol::attempt::OutcomeReason;
use protocol::claim::ClaimKind;
use protocol::order::OrderStatus;

use super::{Shop, approved, money};
use crate::ledger::event::EventType as E;
use crate::ledger::refusal::PdvRefusal as P;

fn paid(amount: u64) -> Shop {
    let mut shop = Shop::listed(1_000);
    shop.pay(1, amount);
    shop.told.clear();
    shop
}

#[test]
fn reversals_are_booked_up_to_the_payment_and_told() {
    // reversals (id, amount, outcome), given back in all, told
    type Row<'a> = (&'a [(u64, u64, Outcome)], u64, &'a [E]);
    let table: &[Row<'_>] = &[
        (&[(1, 400, Approved)], 400, &[E::ChargeRefunded]),
        (&[(1, 100, Approved)], 100, &[E::ChargePartialCanceled]),
        (&[(1, 100, Approved), (2, 300, Approved)], 400, &[E::ChargePartialCanceled, E::ChargeRefunded]),
        (&[(1, 100, Approved), (1, 100, Approved)], 100, &[E::ChargePartialCanceled]),
        (&[(1, 401, Approved)], 400, &[E::ReversalFlagged, E::ChargeRefunded]),
        (&[(1, 400, Approved), (2, 1, Approved)], 400, &[E::ChargeRefunded, E::ReversalFlagged]),
        (&[(1, 100, Approved), (1, 200, Approved)], 100, &[E::ChargePartialCanceled, E::ReversalFlagged]),
        (&[(1, 400, Declined)], 0, &[E::ReversalFailed]),
        (&[(1, 400, Cancelled)], 0, &[E::ReversalFailed]),
        (&[(1, 400, InDoubt)], 0, &[E::ReversalInDoubt]),
        (&[(1, 400, InDoubt), (1, 400, Approved)], 400, &[E::ReversalInDoubt, E::ChargeRefunded]),
        (&[(1, 400, Approved), (1, 400, Declined)], 400, &[E::ChargeRefunded, E::ReversalFlagged]),
        (
            &[(1, 400, Declined), (1, 400, Approved)],
            400,
            &[E::ReversalFailed, E::ReversalFlagged, E::ChargeRefunded],
        ),
    ];
    for (reversals, back, told) in table {
        let mut shop = paid(400);
        for (id, amount, outcome) in *reversals {
            assert!(shop.reverse(*id, 1, *amount, *outcome));
        }
        assert_eq!(shop.order.attempts[0].reversed, money(*back), "{reversals:?}");
        assert_eq!(shop.order.balance(), money(600 + back), "{reversals:?}");
        assert_eq!(shop.told, *told, "{reversals:?}");
    }
}

#[test]
fn what_went_back_of_a_payment_held_in_doubt_is_booked_once_it_is_decided() {
    let held = || {
        let mut shop = Shop::listed(1_000);
        shop.claim("L3-1", 1, ClaimKind::Now).unwrap();
        let started = shop.attempt(1, 1, 1, 600);
        shop.start("L3-1", &started).unwrap();
        let mut message = approved(&started);
        message.evidence.amount = Some(money(601));
        assert_eq!(shop.report("L3-1", &message).outcome, Some(InDoubt));
        shop.reverse(1, 1, 600, Approved);
        shop.told.clear();
        shop
    };
    let mut shop = held();
    shop.resolve(1, true).unwrap();
    assert_eq!((shop.order.paid(), shop.order.balance()), (money(0), money(1_000)), "the money is not there");
    assert_eq!(shop.told, [E::AttemptResolved, E::ChargePaid, E::ChargeRefunded]);
    shop.reverse(1, 1, 600, Approved);
    assert_eq!(shop.order.attempts[0].reversed, money(600), "once");
    let mut shop = held();
    shop.resolve(1, false).unwrap();
    assert_eq!((shop.order.paid(), shop.order.attempts[0].reversed), (money(0), money(0)));
}

#[test]
fn a_reversal_of_an_unknown_payment_fits_nothing() {
    assert!(!paid(400).reverse(1, 77, 100, Approved));
}

#[test]
fn a_paid_order_whose_payment_was_given_back_is_not_charged_again() {
    let mut shop = paid(1_000);
    shop.reverse(1, 1, 1_000, Approved);
    assert_eq!((shop.order.status, shop.order.paid()), (OrderStatus::Paid, money(0)));
}

#[test]
fn the_pdv_asks_for_what_is_left_and_the_wish_ends_with_the_reversal() {
    let mut shop = paid(400);
    assert_eq!(shop.want(9, None), Err(P::ChargeUnknown));
    assert_eq!(shop.want(1, Some(401)), Err(P::ReversalTooLarge { left: money(400) }));
    assert_eq!(shop.want(1, Some(0)), Err(P::ReversalTooLarge { left: money(400) }));
    assert_eq!(shop.want(1, Some(150)), Ok(()));
    assert_eq!(shop.want(1, Some(150)), Ok(()), "the same wish again");
    assert_eq!(shop.want(1, None), Err(P::ReversalWaiting));
    shop.reverse(1, 1, 150, InDoubt);
    assert!(shop.order.attempts[0].reversal_wanted.is_some());
    shop.reverse(1, 1, 150, Approved);
    assert!(shop.order.attempts[0].reversal_wanted.is_none());
    assert_eq!(shop.want(1, None), Ok(()));
    assert_eq!(shop.order.attempts[0].reversal_wanted.map(|w| w.amount), Some(money(250)));
    assert_eq!(shop.count(E::ReversalWanted), 2);
}

#[test]
fn a_reversal_tried_again_without_an_answer_tells_why_and_nothing_else_changes() {
    let mut shop = paid(400);
    shop.reverse(1, 1, 400, InDoubt);
    let told = shop.told.clone();
    shop.pass(1_000);
    let mut message = shop.reversal(1, 1, 400, InDoubt);
    message.reason = Some(OutcomeReason::Refused);
    message.response_code = Some("7202".into());
    message.ended_at = shop.now;
    assert!(shop.say(&message));
    let reversal = shop.order.attempts[0].reversals[0].clone();
    assert_eq!((reversal.outcome, reversal.reason), (InDoubt, Some(OutcomeReason::Refused)));
    assert_eq!((reversal.response_code.as_deref(), reversal.ended_at), (Some("7202"), shop.now));
    assert_eq!(shop.told, told);
    // Once it is clear, a repeated answer changes nothing.
    shop.reverse(1, 1, 400, Approved);
    message.outcome = Approved;
    message.response_code = Some("0001".into());
    shop.say(&message);
    assert_eq!(shop.order.attempts[0].reversals[0].response_code, None);
}
