//! Payments given back.

use protocol::attempt::Outcome::{self, Approved, Cancelled, Declined, InDoubt};
use protocol::order::OrderStatus;

use super::{Shop, money};
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
