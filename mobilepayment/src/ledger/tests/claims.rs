//! Rule 2: at most one terminal can charge an order, and a claim outlives its terminal's crash while it matters.

use protocol::attempt::Outcome;
use protocol::claim::ClaimKind::{Delivery, Now};
use protocol::refusal::RefusalCode as R;

use super::{Shop, ended, new_order};
use crate::ledger::refusal::PdvRefusal;
use protocol::order::OrderKind;

#[test]
fn of_two_terminals_one_holds_the_order_until_it_gives_it_back() {
    let mut shop = Shop::listed(1_000);
    shop.claim("L3-1", 1, Now).unwrap();
    assert_eq!(shop.claim("A8-1", 2, Now), Err(R::HeldByOther));
    shop.release("A8-1", 1).unwrap();
    assert_eq!(shop.claim("A8-1", 2, Now), Err(R::HeldByOther), "releasing another's claim frees nothing");
    shop.release("L3-1", 1).unwrap();
    assert!(shop.claim("A8-1", 2, Now).is_ok_and(|grant| grant.fence.0 == 2));
}

#[test]
fn a_lease_ends_unless_money_may_be_on_its_way() {
    // what was reported of an attempt under the claim (None: no attempt; Some(None): started only), free afterwards
    let table = [
        (None, true),
        (Some(None), false),
        (Some(Some(Outcome::InDoubt)), false),
        (Some(Some(Outcome::Declined)), true),
        (Some(Some(Outcome::Cancelled)), true),
        (Some(Some(Outcome::Approved)), true),
    ];
    for (attempt, free) in table {
        let mut shop = Shop::listed(1_000);
        let grant = shop.claim("L3-1", 1, Now).unwrap();
        if let Some(outcome) = attempt {
            let started = shop.attempt(1, 1, grant.fence.0, 400);
            shop.start("L3-1", &started).unwrap();
            if let Some(outcome) = outcome {
                shop.report("L3-1", &ended(&started, outcome));
            }
        }
        shop.pass(24 * 3_600_000);
        assert_eq!(shop.order.claim.is_none(), free, "{attempt:?}");
        let expected = if free { Ok(()) } else { Err(R::HeldByOther) };
        assert_eq!(shop.claim("A8-1", 2, Now).map(|_| ()), expected, "{attempt:?}");
    }
}

#[test]
fn a_delivery_claim_has_no_lease_and_only_its_terminal_or_the_manager_ends_it() {
    let mut shop = Shop::listed(1_000);
    shop.claim("P2-1", 1, Delivery).unwrap();
    shop.pass(30 * 24 * 3_600_000);
    assert_eq!(shop.claim("A8-1", 2, Now), Err(R::HeldByOther));
    shop.withdraw().unwrap();
    assert!(shop.claim("A8-1", 2, Now).is_ok());
}

#[test]
fn a_manager_cannot_take_an_order_from_a_terminal_that_may_be_charging() {
    let mut shop = Shop::listed(1_000);
    assert_eq!(shop.withdraw(), Err(PdvRefusal::NotClaimed));
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let started = shop.attempt(1, 1, grant.fence.0, 400);
    shop.start("L3-1", &started).unwrap();
    assert_eq!(shop.withdraw(), Err(PdvRefusal::AttemptOpen));
    shop.report("L3-1", &ended(&started, Outcome::InDoubt));
    assert_eq!(shop.withdraw(), Err(PdvRefusal::AttemptOpen));
    assert_eq!(shop.release("L3-1", 1), Err(R::AttemptOpen));
    shop.report("L3-1", &ended(&started, Outcome::Declined));
    assert_eq!(shop.withdraw(), Ok(()));
}

#[test]
fn an_attempt_with_the_fence_of_an_earlier_claim_does_not_start() {
    let mut shop = Shop::listed(1_000);
    shop.claim("L3-1", 1, Now).unwrap();
    shop.release("L3-1", 1).unwrap();
    let grant = shop.claim("L3-1", 2, Now).unwrap();
    let stale = shop.attempt(1, 2, grant.fence.0 - 1, 400);
    assert_eq!(shop.start("L3-1", &stale), Err(R::ClaimLost));
    let started = shop.attempt(1, 2, grant.fence.0, 400);
    assert_eq!(shop.start("L3-1", &started), Ok(()));
}

#[test]
fn a_request_that_a_later_one_has_overtaken_does_not_take_the_couriers_claim_away() {
    let mut shop = Shop::listed(1_000);
    shop.claim("P2-1", 2, Delivery).unwrap();
    for kind in [Delivery, Now] {
        assert_eq!(shop.claim("P2-1", 1, kind), Err(R::ClaimLost), "{kind:?}");
    }
    shop.release("P2-1", 1).unwrap();
    assert_eq!(shop.claim("A8-1", 3, Now), Err(R::HeldByOther), "the courier still has it");
    shop.release("P2-1", 2).unwrap();
    assert!(shop.claim("P2-1", 4, Delivery).is_ok());
}

#[test]
fn a_claim_id_is_good_for_one_claim() {
    let mut shop = Shop::listed(1_000);
    shop.claim("L3-1", 1, Now).unwrap();
    assert_eq!(shop.claim("L3-1", 1, Delivery), Err(R::IdReused), "same id, another kind");
    shop.release("L3-1", 1).unwrap();
    assert_eq!(shop.claim("L3-1", 1, Now), Err(R::ClaimLost), "a late repetition");
    assert_eq!(shop.claim("A8-1", 1, Now), Err(R::IdReused), "another terminal's id");
}

#[test]
fn which_terminal_may_claim_which_order_for_what() {
    use OrderKind::{Direct, Listed};
    let table = [
        (Direct, "L3-1", Now, Ok(())),
        (Direct, "L3-1", Delivery, Err(R::UseNotAllowed)),
        (Direct, "A8-1", Now, Err(R::NotForThisTerminal)),
        (Listed, "L3-1", Now, Ok(())),
        (Listed, "L3-1", Delivery, Ok(())),
        (Listed, "P2-1", Now, Ok(())),
        (Listed, "P2-1", Delivery, Ok(())),
    ];
    for (kind, name, claim, expected) in table {
        let mut shop = Shop::open(&new_order(kind, 1_000));
        assert_eq!(shop.claim(name, 1, claim).map(|_| ()), expected, "{kind:?} {name} {claim:?}");
    }
}
