//! Edges of the rules, one by one: what a changed comparison would let through.

use protocol::attempt::{AttemptEnded, Flag, Outcome};
use protocol::claim::ClaimKind::{Delivery, Now};
use protocol::method::{InstallmentType, Installments};
use protocol::order::OrderKind;
use protocol::{Centavos, Method, OrderId, PaymentChoice};

use super::{Shop, T0, account, approved, contract, ended, new_order, registers, serial, terminal};
use crate::ledger::claiming;
use crate::ledger::creating::{CODE_BYTES_MAX, DISPLAY_NAME_BYTES_MAX, TERMINALS_MAX, create};
use crate::ledger::draft::next_lapse;
use crate::ledger::event::EventType;
use crate::ledger::order::CloseReason;
use crate::ledger::refusal::PdvRefusal as P;
use crate::registers::{Company, KeyHash, Registers};

#[test]
fn asking_again_for_a_claim_is_the_same_grant_with_a_fresh_lease() {
    let mut shop = Shop::listed(1_000);
    let first = shop.claim("L3-1", 1, Now).unwrap();
    assert_eq!(first.lease_s, Some(120));
    shop.pass(100_000);
    assert_eq!(shop.claim("L3-1", 1, Now), Ok(first));
    shop.pass(119_999);
    assert!(shop.order.claim.is_some(), "the lease runs anew");
    shop.pass(1);
    assert!(shop.order.claim.is_none());
    let tour = shop.claim("P2-1", 2, Delivery).unwrap();
    assert_eq!(tour.lease_s, None);
    assert_eq!(shop.claim("P2-1", 2, Delivery), Ok(tour));
}

#[test]
fn a_clock_that_was_set_back_keeps_no_order_from_the_other_terminals() {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    shop.now = shop.now.plus_ms(-3_600_000);
    assert!(shop.claim("A8-1", 2, Now).is_ok(), "not for an hour and two minutes");
    let started = shop.attempt(1, 1, grant.fence.0, 400);
    assert!(shop.start("L3-1", &started).is_err(), "who had it does not charge any more");
}

#[test]
fn the_lease_of_an_order_that_is_being_closed_is_not_renewed() {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let started = shop.attempt(1, 1, grant.fence.0, 400);
    shop.start("L3-1", &started).unwrap();
    shop.close(CloseReason::Canceled).unwrap();
    let before = shop.order.claim.as_ref().unwrap().lease_until;
    shop.pass(10_000);
    assert_eq!(shop.claim("L3-1", 1, Now), Ok(grant));
    assert_eq!(shop.order.claim.as_ref().unwrap().lease_until, before);
}

#[test]
fn an_attempt_that_has_ended_keeps_nobody_from_giving_the_order_back_nor_its_lease_from_running_out() {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let started = shop.attempt(1, 1, grant.fence.0, 400);
    shop.start("L3-1", &started).unwrap();
    assert_eq!(next_lapse(&shop.order), None, "an open attempt keeps the claim");
    shop.report("L3-1", &ended(&started, Outcome::Declined));
    assert_eq!(next_lapse(&shop.order), shop.order.claim.as_ref().unwrap().lease_until);
    shop.release("L3-1", 1).unwrap();
    assert!(shop.order.claim.is_none());
}

#[test]
fn why_an_order_was_taken_from_a_terminal_is_told() {
    let mut shop = Shop::listed(1_000);
    shop.claim("L3-1", 1, Now).unwrap();
    let decision = claiming::withdraw(&shop.order, "o terminal sumiu", shop.now).unwrap();
    let told = decision.events.iter().find(|event| event.kind == EventType::ClaimReleased).unwrap();
    assert_eq!(told.reason.as_deref(), Some("o terminal sumiu"));
}

#[test]
fn the_longest_texts_and_the_largest_total_are_still_allowed() {
    let id = || OrderId::parse("or_1").unwrap();
    let mut new = new_order(OrderKind::Listed, 1);
    new.total = Centavos::CHARGE_MAX;
    new.code = Some("x".repeat(CODE_BYTES_MAX));
    new.display_name = "x".repeat(DISPLAY_NAME_BYTES_MAX);
    new.pdv = "x".repeat(64 * 1024);
    assert!(create(&new, id(), &registers(), T0).is_ok());
    new.pdv.push('x');
    assert_eq!(
        create(&new, id(), &registers(), T0).unwrap_err(),
        P::TooLong { field: "metadata and items", max: 65_536 }
    );
}

#[test]
fn an_order_may_be_for_as_many_terminals_as_the_ceiling_says_and_for_no_more() {
    let company = Company {
        account_id: account(),
        store_name: "Loja".into(),
        secret_key: KeyHash::of("sk"),
        webhooks: vec![],
        methods: contract(),
        feed_wait_s: 25,
        answer_timeout_s: 180,
    };
    let names: Vec<String> = (0..=TERMINALS_MAX).map(|n| format!("A8-{n}")).collect();
    let registered = names.iter().map(|name| terminal(name)).collect();
    let registers = Registers::new(vec![company], registered).unwrap();
    let mut new = new_order(OrderKind::Listed, 1);
    new.terminals = names.iter().skip(1).map(|name| serial(name)).collect();
    assert!(create(&new, OrderId::parse("or_1").unwrap(), &registers, T0).is_ok());
    new.terminals.push(serial("A8-0"));
    let refused = create(&new, OrderId::parse("or_1").unwrap(), &registers, T0).unwrap_err();
    assert_eq!(refused, P::TooManyTerminals { max: TERMINALS_MAX });
}

#[test]
fn every_event_type_is_read_as_it_is_written() {
    for kind in EventType::ALL {
        assert_eq!(EventType::parse(kind.as_str()), Some(*kind));
    }
    assert_eq!(EventType::parse("charge"), None);
}

#[test]
fn the_brand_becomes_the_fiscal_documents_code() {
    for (brand, code) in [(Some("VISA"), Some("01")), (Some("NADA DISSO"), Some("99")), (None, None)] {
        let mut shop = Shop::listed(1_000);
        let grant = shop.claim("L3-1", 1, Now).unwrap();
        let started = shop.attempt(1, 1, grant.fence.0, 400);
        let mut message = approved(&started);
        message.evidence.brand = brand.map(str::to_owned);
        shop.report("L3-1", &message);
        assert_eq!(shop.order.attempts[0].t_band(), code, "{brand:?}");
    }
}

/// An attempt that has started, as its terminal reports it.
fn started(shop: &mut Shop, choice: PaymentChoice) -> AttemptEnded {
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let mut started = shop.attempt(1, 1, grant.fence.0, 400);
    started.choice = choice;
    shop.start("L3-1", &started).unwrap();
    approved(&started)
}

#[test]
fn the_first_evidence_of_a_doubt_stays_until_there_is_news() {
    let mut shop = Shop::listed(1_000);
    let mut message = started(&mut shop, super::debit());
    message.outcome = Outcome::InDoubt;
    message.evidence = protocol::attempt::Evidence::default();
    shop.report("L3-1", &message);
    for (said, kept) in [("7", "7"), ("8", "7")] {
        message.evidence.code = Some(said.to_owned());
        shop.report("L3-1", &message);
        assert_eq!(shop.order.attempts[0].evidence.code.as_deref(), Some(kept));
    }
}

#[test]
fn one_key_of_the_acquirer_is_evidence_enough() {
    for (atk, code, flagged) in
        [(true, true, false), (true, false, false), (false, true, false), (false, false, true)]
    {
        let mut shop = Shop::listed(1_000);
        let mut message = started(&mut shop, super::debit());
        message.evidence.atk = message.evidence.atk.filter(|_| atk);
        message.evidence.authorization_code = message.evidence.authorization_code.filter(|_| code);
        let verdict = shop.report("L3-1", &message);
        assert_eq!(verdict.flags.contains(&Flag::NoEvidence), flagged, "{atk} {code}");
    }
}

#[test]
fn the_instalments_that_were_charged_are_compared_with_those_that_were_asked_for() {
    let three = Installments { count: 3, kind: InstallmentType::Merchant };
    let choice = PaymentChoice { method: Method::Credit, installments: Some(three) };
    for (charged, flagged) in [(3, false), (2, true), (1, true), (0, true)] {
        let mut shop = Shop::listed(1_000);
        let mut message = started(&mut shop, choice);
        message.evidence.installments = Some(charged);
        let verdict = shop.report("L3-1", &message);
        assert_eq!(verdict.flags.contains(&Flag::InstallmentsNotAllowed), flagged, "{charged}");
    }
}

#[test]
fn only_an_approval_that_comes_after_the_close_says_so() {
    let mut shop = Shop::listed(1_000);
    let grant = shop.claim("L3-1", 1, Now).unwrap();
    let late = shop.attempt(1, 1, grant.fence.0, 400);
    shop.close(CloseReason::Canceled).unwrap();
    assert!(shop.report("L3-1", &approved(&late)).flags.contains(&Flag::AfterClose));
    let mut shop = Shop::listed(400);
    shop.pay(1, 400);
    let known = shop.order.attempts[0].clone();
    let again = approved(&shop.attempt(1, 1, known.fence.0, 400));
    assert_eq!(shop.report("L3-1", &again).flags, [], "booked before it ended the order");
}

#[test]
fn the_same_id_for_another_charge_makes_doubtful_what_was_known_and_decides_nothing() {
    let mut shop = Shop::listed(1_000);
    let message = started(&mut shop, super::debit());
    let mut other = message.clone();
    other.attempt.amount = super::money(500);
    other.outcome = Outcome::Declined;
    shop.report("L3-1", &other);
    assert_eq!(
        shop.order.attempts[0].outcome, None,
        "what another charge did decides nothing about this one"
    );
    shop.report("L3-1", &ended(&message.attempt, Outcome::Declined));
    assert_eq!(shop.order.attempts[0].outcome, Some(Outcome::Declined));
    other.outcome = Outcome::InDoubt;
    let verdict = shop.report("L3-1", &other);
    assert_eq!(verdict.outcome, Some(Outcome::InDoubt));
    assert!(verdict.flags.contains(&Flag::IdReused));
}
