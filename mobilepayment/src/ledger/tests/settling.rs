//! A manager decides about reversals in doubt.

use protocol::attempt::Outcome::{self, Approved, Declined, InDoubt};
use protocol::order::OrderView;
use protocol::reversal::SettledReversal;
use protocol::{AttemptId, ReversalId};

use super::{Shop, account, money};
use crate::ledger::command::ResolveReversal;
use crate::ledger::event::EventType as E;
use crate::ledger::refusal::PdvRefusal as P;
use crate::ledger::settling;
use crate::ledger::view::{order_view, order_view_with};

fn settle(shop: &mut Shop, id: u64, went_back: bool) -> Result<(), P> {
    let resolve = ResolveReversal {
        account: account(),
        reversal_id: ReversalId::from_random(id),
        went_back,
        evidence: "extrato".into(),
        reason: "conferido".into(),
        by: "gerente".into(),
    };
    let decision = settling::resolve(&shop.order, AttemptId::from_random(1), &resolve, shop.now)?;
    shop.take(decision);
    Ok(())
}

/// A payment of 400 with a reversal in doubt.
fn doubtful(amount: u64) -> Shop {
    let mut shop = Shop::listed(1_000);
    shop.pay(1, 400);
    shop.want(1, Some(amount)).unwrap();
    shop.reverse(1, 1, amount, InDoubt);
    shop.told.clear();
    shop
}

#[test]
fn a_decision_books_what_went_back_and_what_is_reported_later_never_books_twice() {
    // asked back, decided, reported later, given back in all, told
    type Row<'a> = (u64, bool, &'a [Outcome], u64, &'a [E]);
    let table: &[Row<'_>] = &[
        (400, true, &[], 400, &[E::ReversalResolved, E::ChargeRefunded]),
        (100, true, &[], 100, &[E::ReversalResolved, E::ChargePartialCanceled]),
        (400, false, &[], 0, &[E::ReversalResolved, E::ReversalFailed]),
        (400, true, &[Approved, Approved], 400, &[E::ReversalResolved, E::ChargeRefunded]),
        (400, true, &[InDoubt], 400, &[E::ReversalResolved, E::ChargeRefunded]),
        (400, true, &[Declined], 400, &[E::ReversalResolved, E::ChargeRefunded, E::ReversalFlagged]),
        (400, false, &[InDoubt], 0, &[E::ReversalResolved, E::ReversalFailed]),
        (400, false, &[Declined], 0, &[E::ReversalResolved, E::ReversalFailed]),
        (
            400,
            false,
            &[Approved, Approved],
            400,
            &[E::ReversalResolved, E::ReversalFailed, E::ReversalFlagged, E::ChargeRefunded],
        ),
    ];
    for (amount, went_back, later, back, told) in table {
        let mut shop = doubtful(*amount);
        settle(&mut shop, 1, *went_back).unwrap();
        for outcome in *later {
            assert!(shop.reverse(1, 1, *amount, *outcome));
        }
        let attempt = &shop.order.attempts[0];
        assert_eq!(attempt.reversed, money(*back), "{amount} {went_back} {later:?}");
        assert_eq!(shop.order.balance(), money(600 + back), "{amount} {went_back} {later:?}");
        assert_eq!(attempt.reversal_wanted, None);
        assert_eq!(shop.told, *told, "{amount} {went_back} {later:?}");
    }
}

#[test]
fn terminals_see_what_the_store_decided_and_nothing_before() {
    let seen = |shop: &Shop| order_view(&shop.order).attempts[0].settled_reversals.clone();
    let settled = |outcome| vec![SettledReversal { reversal_id: ReversalId::from_random(1), outcome }];
    for (went_back, expected) in [(true, Approved), (false, Declined)] {
        let mut shop = doubtful(400);
        assert_eq!(seen(&shop), []);
        settle(&mut shop, 1, went_back).unwrap();
        assert_eq!(seen(&shop), settled(expected));
        shop.reverse(1, 1, 400, InDoubt);
        assert_eq!(seen(&shop), settled(expected), "also once it is reported again");
        shop.reverse(1, 1, 400, Approved);
        assert_eq!(seen(&shop), settled(Approved), "what is true counts, not what was decided");
    }
}

#[test]
fn an_answer_about_a_payment_shows_it_however_many_the_order_has() {
    let mut shop = Shop::listed(100_000);
    for id in 1..=50 {
        shop.pay(id, 1);
    }
    let shown = |view: &OrderView, id: u64| view.attempts.iter().any(|a| a.id == AttemptId::from_random(id));
    assert!(!shown(&order_view(&shop.order), 1));
    let view = order_view_with(&shop.order, AttemptId::from_random(1));
    assert!(shown(&view, 1) && shown(&view, 50));
    assert_eq!(view.attempts.len(), OrderView::ATTEMPTS_MAX);
}

#[test]
fn only_a_doubt_is_decided_and_the_same_decision_again_is_the_same() {
    let mut shop = doubtful(400);
    assert_eq!(settle(&mut shop, 9, true), Err(P::ReversalUnknown));
    settle(&mut shop, 1, false).unwrap();
    let told = shop.told.clone();
    assert_eq!(settle(&mut shop, 1, false), Ok(()));
    assert_eq!(shop.told, told);
    assert_eq!(settle(&mut shop, 1, true), Err(P::ReversalNotInDoubt));
    let mut reported = Shop::listed(1_000);
    reported.pay(1, 400);
    reported.reverse(1, 1, 400, Approved);
    assert_eq!(settle(&mut reported, 1, true), Err(P::ReversalNotInDoubt));
    assert_eq!(settle(&mut reported, 1, false), Err(P::ReversalNotInDoubt));
}

#[test]
fn more_than_was_paid_is_never_booked() {
    let mut shop = doubtful(400);
    shop.reverse(2, 1, 300, Approved);
    shop.told.clear();
    settle(&mut shop, 1, true).unwrap();
    assert_eq!(shop.order.attempts[0].reversed, money(400));
    assert_eq!(shop.told, [E::ReversalResolved, E::ReversalFlagged, E::ChargeRefunded]);
}

#[test]
fn texts_without_end_are_refused() {
    let mut shop = doubtful(400);
    let resolve = ResolveReversal {
        account: account(),
        reversal_id: ReversalId::from_random(1),
        went_back: true,
        evidence: "x".repeat(501),
        reason: String::new(),
        by: String::new(),
    };
    let refusal = settling::resolve(&shop.order, AttemptId::from_random(1), &resolve, shop.now);
    assert_eq!(refusal.unwrap_err(), P::TooLong { field: "evidence", max: 500 });
    shop.told.clear();
}
