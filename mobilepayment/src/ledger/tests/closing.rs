//! Rule 8: a close never loses a payment.

use protocol::UnixMillis;
use protocol::attempt::Outcome;
use protocol::claim::ClaimKind::{Delivery, Now};
use protocol::order::OrderKind;
use protocol::order::OrderStatus::{self, Closed, Closing, Open, Paid};

use super::{Shop, T0, approved, ended, money, new_order};
use crate::ledger::event::EventType;
use crate::ledger::order::CloseReason;
use crate::ledger::refusal::PdvRefusal;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    Free,
    PartlyPaid,
    HeldNow,
    HeldForDelivery,
    Charging,
    InDoubt,
}

fn shop(before: Before) -> Shop {
    let mut shop = Shop::listed(1_000);
    match before {
        Before::Free => {}
        Before::PartlyPaid => {
            shop.pay(1, 400);
        }
        Before::HeldNow => {
            shop.claim("L3-1", 1, Now).unwrap();
        }
        Before::HeldForDelivery => {
            shop.claim("L3-1", 1, Delivery).unwrap();
        }
        Before::Charging | Before::InDoubt => {
            let grant = shop.claim("L3-1", 1, Now).unwrap();
            let started = shop.attempt(1, 1, grant.fence.0, 1_000);
            shop.start("L3-1", &started).unwrap();
            if before == Before::InDoubt {
                shop.report("L3-1", &ended(&started, Outcome::InDoubt));
            }
        }
    }
    shop
}

#[test]
fn what_a_close_does_depends_on_what_may_be_in_flight() {
    let table = [
        (Before::Free, Closed),
        (Before::PartlyPaid, Closed),
        (Before::HeldNow, Closed),
        (Before::HeldForDelivery, Closing),
        (Before::Charging, Closing),
        (Before::InDoubt, Closing),
    ];
    for reason in [CloseReason::Canceled, CloseReason::Failed] {
        for (before, expected) in table {
            let mut shop = shop(before);
            assert_eq!(shop.close(reason), Ok(expected), "{before:?}");
            assert_eq!(shop.order.claim.is_some(), expected == Closing, "{before:?}");
            let told = shop.told.len();
            assert_eq!(shop.close(reason), Ok(expected), "the same close again");
            assert_eq!(shop.told.len(), told);
        }
    }
}

#[test]
fn how_a_closing_order_ends() {
    // what was in flight, what is reported of it, how the order ends
    let table = [
        (Before::Charging, Outcome::Approved, Paid),
        (Before::Charging, Outcome::Declined, Closed),
        (Before::Charging, Outcome::Cancelled, Closed),
        (Before::Charging, Outcome::InDoubt, Closing),
        (Before::InDoubt, Outcome::Approved, Paid),
        (Before::InDoubt, Outcome::Declined, Closed),
        (Before::HeldForDelivery, Outcome::Approved, Paid),
        (Before::HeldForDelivery, Outcome::Declined, Closed),
        (Before::HeldForDelivery, Outcome::InDoubt, Closing),
    ];
    for (before, outcome, expected) in table {
        let mut shop = shop(before);
        shop.close(CloseReason::Canceled).unwrap();
        let started = shop.attempt(1, 1, 1, 1_000);
        shop.report("L3-1", &ended(&started, outcome));
        assert_eq!(shop.order.status, expected, "{before:?} {outcome:?}");
        let booked = usize::from(expected == Paid);
        assert_eq!(shop.count(EventType::ChargePaid), booked, "{before:?} {outcome:?}");
        assert_eq!(shop.count(EventType::OrderClosed), usize::from(expected != Closing));
    }
}

#[test]
fn a_courier_who_gives_a_closing_order_back_ends_it() {
    let mut shop = shop(Before::HeldForDelivery);
    shop.close(CloseReason::Canceled).unwrap();
    shop.release("L3-1", 1).unwrap();
    assert_eq!(shop.order.status, Closed);
    assert!(shop.told.ends_with(&[EventType::OrderCanceled, EventType::OrderClosed]));
}

#[test]
fn a_decision_of_the_store_ends_no_closing_order_whose_courier_may_still_charge() {
    let mut shop = shop(Before::HeldForDelivery);
    let started = shop.attempt(1, 1, 1, 400);
    shop.start("L3-1", &started).unwrap();
    shop.report("L3-1", &ended(&started, Outcome::InDoubt));
    shop.close(CloseReason::Canceled).unwrap();
    shop.resolve(1, false).unwrap();
    assert_eq!(shop.order.status, Closing, "nothing is in doubt, but the courier is out");
    shop.release("L3-1", 1).unwrap();
    assert_eq!(shop.order.status, Closed);
}

#[test]
fn a_closing_order_waits_for_every_doubt_and_is_cancelled_as_what_it_was_asked_for() {
    let mut shop = shop(Before::InDoubt);
    let other = shop.attempt(2, 9, 9, 300);
    shop.report("A8-1", &ended(&other, Outcome::InDoubt));
    shop.close(CloseReason::Failed).unwrap();
    assert_eq!(shop.count(EventType::OrderClosing), 1);
    shop.resolve(2, false).unwrap();
    assert_eq!(shop.order.status, Closing, "one doubt is left");
    shop.resolve(1, false).unwrap();
    assert_eq!(shop.order.status, Closed);
    assert_eq!(shop.order.close.unwrap().reason, CloseReason::Failed);
    let ends = [EventType::OrderCanceled, EventType::OrderClosed].map(|kind| shop.count(kind));
    assert_eq!(ends, [1, 1]);
}

#[test]
fn an_approval_after_the_close_is_booked_and_one_that_fills_the_balance_makes_it_paid() {
    let mut shop = shop(Before::PartlyPaid);
    shop.close(CloseReason::Canceled).unwrap();
    let late = shop.attempt(2, 9, 9, 200);
    assert_eq!(shop.report("L3-1", &approved(&late)).outcome, Some(Outcome::Approved));
    assert_eq!((shop.order.status, shop.order.paid()), (Closed, money(600)));
    let last = shop.attempt(3, 9, 9, 400);
    shop.report("L3-1", &approved(&last));
    assert_eq!((shop.order.status, shop.order.paid()), (Paid, money(1_000)));
    assert_eq!(shop.count(EventType::OrderPaid), 1);
}

#[test]
fn the_pdv_settles_only_what_is_paid_and_cancels_only_what_is_not() {
    let mut open = shop(Before::PartlyPaid);
    let balance = money(600);
    assert_eq!(open.close(CloseReason::Paid), Err(PdvRefusal::BalanceLeft { balance }));
    open.pay(2, 600);
    assert_eq!(open.close(CloseReason::Canceled), Err(PdvRefusal::OrderPaid));
    assert_eq!(open.close(CloseReason::Paid), Ok(Paid));
    let mut closed = shop(Before::Free);
    closed.close(CloseReason::Canceled).unwrap();
    assert_eq!(closed.close(CloseReason::Failed), Err(PdvRefusal::OrderClosed));
}

#[test]
fn an_order_expires_like_a_close() {
    let table: [(Before, OrderStatus); 4] = [
        (Before::Free, Closed),
        (Before::HeldNow, Closed),
        (Before::HeldForDelivery, Closing),
        (Before::Charging, Closing),
    ];
    for (before, expected) in table {
        let mut shop = shop(before);
        shop.order.expires_at = Some(T0.plus_ms(1_000));
        shop.pass(999);
        assert_eq!(shop.order.status, Open, "{before:?}");
        shop.pass(1);
        assert_eq!(shop.order.status, expected, "{before:?}");
        assert_eq!(shop.close(CloseReason::Canceled), Ok(expected), "{before:?}");
    }
}

#[test]
fn the_sweeper_is_woken_for_exactly_what_time_will_change() {
    use crate::ledger::draft::{lapse, next_lapse};
    let mut new = new_order(OrderKind::Listed, 1_000);
    new.expires_at = Some(UnixMillis(T0.0 + 500_000));
    let mut shop = Shop::open(&new);
    assert_eq!(next_lapse(&shop.order), new.expires_at);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    assert_eq!(next_lapse(&shop.order), Some(T0.plus_ms(120_000)));
    let started = shop.attempt(1, 1, grant.fence.0, 400);
    shop.start("L3-1", &started).unwrap();
    assert_eq!(next_lapse(&shop.order), new.expires_at, "a lease does not end under a charge");
    assert_eq!(lapse(&shop.order, T0.plus_ms(499_999)), None);
    shop.pass(500_000);
    assert_eq!((shop.order.status, next_lapse(&shop.order)), (Closing, None));
}

#[test]
fn another_terminal_s_charge_does_not_keep_a_lease_and_an_expiry_ends_only_what_is_open() {
    use crate::ledger::draft::next_lapse;
    let mut shop = Shop::listed(1_000);
    let forged = shop.attempt(9, 9, 9, 100);
    shop.report("A8-1", &ended(&forged, Outcome::InDoubt));
    shop.claim("L3-1", 1, Now).unwrap();
    assert_eq!(next_lapse(&shop.order), Some(T0.plus_ms(120_000)));
    shop.pass(120_000);
    assert!(shop.order.claim.is_none());

    let mut shop = Shop::listed(400);
    shop.order.expires_at = Some(T0.plus_ms(1_000));
    shop.pay(1, 400);
    assert_eq!(next_lapse(&shop.order), None);
    shop.pass(2_000);
    assert_eq!((shop.order.status, shop.order.close), (Paid, None));
}

#[test]
fn a_lease_is_good_for_two_minutes_and_not_for_a_millisecond_more_also_when_the_clock_is_set_back() {
    for (back_ms, held) in [(0, true), (1, false)] {
        let mut shop = Shop::listed(1_000);
        shop.claim("L3-1", 1, Now).unwrap();
        shop.pass(-back_ms);
        assert_eq!(shop.order.claim.is_some(), held, "{back_ms}");
    }
}
