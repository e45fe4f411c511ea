//! What terminals and the audit trail see of an order, and what keeps a known id from a second charge.

use protocol::attempt::{Evidence, Outcome};
use protocol::claim::ClaimKind::Now;
use protocol::order::{AttemptView, OrderView};
use protocol::refusal::RefusalCode;
use protocol::{AttemptId, OrderId, ReversalId, UnixMillis};

use super::{Shop, T0, contract, debit, ended, money, serial, terminal};
use crate::ledger::audit::{What, standing, terminal_did_it};
use crate::ledger::charging;
use crate::ledger::evidence::cleaned;
use crate::ledger::order::{Attempt, Order, Resolution};
use crate::ledger::view::{order_view, order_view_with};

/// An order with so many declined attempts, 1 the oldest.
fn tried(count: u64) -> Order {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let started = shop.attempt(1, 1, grant.fence.0, 400);
    shop.start("L3-1", &started).unwrap();
    shop.report("L3-1", &ended(&started, Outcome::Declined));
    let first = shop.order.attempts[0].clone();
    shop.order.attempts =
        (1..=count).map(|n| Attempt { id: AttemptId::from_random(n), ..first.clone() }).collect();
    shop.order
}

fn ids(view: &OrderView) -> Vec<AttemptId> {
    view.attempts.iter().map(|attempt| attempt.id).collect()
}

#[test]
fn an_answer_about_an_attempt_shows_it_also_when_the_order_has_more_than_a_view_holds() {
    let max = u64::try_from(OrderView::ATTEMPTS_MAX).unwrap();
    let order = tried(max + 2);
    let newest: Vec<_> = (3..=max + 2).map(AttemptId::from_random).collect();
    assert_eq!(ids(&order_view(&order)), newest);
    for n in [3, max + 2, max + 3] {
        assert_eq!(order_view_with(&order, AttemptId::from_random(n)), order_view(&order), "{n}");
    }
    let old = AttemptId::from_random(2);
    let mut expected = newest;
    expected[0] = old;
    assert_eq!(ids(&order_view_with(&order, old)), expected, "in the place of the oldest shown");
}

#[test]
fn terminals_see_who_holds_the_order_and_what_the_store_decided_of_each_attempt() {
    let mut shop = Shop::listed(1_000);
    shop.pay(1, 400);
    shop.reverse(7, 1, 100, Outcome::InDoubt);
    let grant = shop.claim("L3-1", 2, Now).unwrap();
    let view = order_view(&shop.order);
    let claim = view.claim.unwrap();
    assert_eq!((claim.terminal, claim.fence, claim.kind), (serial("L3-1"), grant.fence, Now));
    let [attempt] = view.attempts.as_slice() else { panic!("one attempt") };
    let expected = AttemptView {
        id: AttemptId::from_random(1),
        terminal: serial("L3-1"),
        amount: money(400),
        choice: debit(),
        outcome: Some(Outcome::Approved),
        resolved_by_store: false,
        reversed: money(0),
        settled_reversals: vec![],
    };
    assert_eq!(*attempt, expected, "a doubt that nobody decided is not shown as decided");
    let resolution = Resolution {
        approved: true,
        evidence: String::new(),
        reason: String::new(),
        by: String::new(),
        at: T0,
    };
    let kept = &mut shop.order.attempts[0];
    kept.resolution = Some(resolution.clone());
    kept.reversals[0].resolution = Some(resolution);
    let view = order_view(&shop.order);
    assert!(view.attempts[0].resolved_by_store);
    let settled: Vec<_> = view.attempts[0].settled_reversals.iter().map(|one| one.reversal_id).collect();
    assert_eq!(settled, [ReversalId::from_random(7)]);
}

#[test]
fn an_attempt_s_id_that_is_known_elsewhere_or_of_another_charge_starts_nothing() {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let started = shop.attempt(1, 1, grant.fence.0, 400);
    let elsewhere = OrderId::parse("or_other").unwrap();
    let start = |shop: &Shop, elsewhere: Option<&OrderId>, started| {
        let decision = charging::start(
            &shop.order,
            elsewhere,
            &terminal("L3-1"),
            &contract(),
            started,
            UnixMillis(T0.0),
        );
        decision.map(|_| ()).map_err(|refusal| refusal.code)
    };
    assert_eq!(start(&shop, Some(&elsewhere), &started), Err(RefusalCode::IdReused));
    shop.start("L3-1", &started).unwrap();
    assert_eq!(start(&shop, None, &started), Ok(()), "the same once more");
    let other = shop.attempt(1, 1, grant.fence.0, 300);
    assert_eq!(start(&shop, None, &other), Err(RefusalCode::IdReused));
}

#[test]
fn the_audit_trail_reads_its_codes_and_keeps_how_the_order_and_the_attempt_stood() {
    for what in What::ALL {
        assert_eq!(What::parse(what.as_str()), Some(*what));
    }
    assert_eq!(What::parse("attempt"), None);
    assert_eq!(terminal_did_it(&serial("L3-1")), "terminal L3-1");
    let mut shop = Shop::listed(1_000);
    shop.pay(1, 400);
    let kept = standing(&shop.order, Some(AttemptId::from_random(1)));
    assert_eq!(kept["paid"], 400);
    assert_eq!(kept["reserved"], 0);
    assert_eq!(kept["status"], "open");
    assert_eq!(kept["attempt"]["amount"], 400);
    assert!(standing(&shop.order, None)["attempt"].is_null());
}

#[test]
fn a_report_is_stored_as_it_came_but_for_a_card_number() {
    let shop = Shop::listed(1_000);
    let mut message = ended(&shop.attempt(1, 1, 1, 400), Outcome::Approved);
    let clean = message.clone();
    assert_eq!(cleaned(&message), clean);
    message.evidence.brand = Some("4111111111111111".into());
    let brand = Some("1111".to_owned());
    assert_eq!(cleaned(&message).evidence, Evidence { brand, ..clean.evidence });
}
