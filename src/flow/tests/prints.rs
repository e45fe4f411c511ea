//! When receipts are fetched, offered and forgotten, and how long a result waits for one.

use protocol::PrintId;
use protocol::receipt::ReceiptNotice;

use super::receipts::notice;
use super::*;
use crate::flow::state::RECEIPTS_KEPT_MAX;
use crate::flow::{PreparedReceipt, ReceiptFailure};

fn print_id(n: u64) -> PrintId {
    PrintId::parse(&format!("pr_{n}")).unwrap()
}

/// A receipt of an order.
fn receipt(n: u64, order: u64) -> ReceiptNotice {
    ReceiptNotice { print_id: print_id(n), order_id: order_id(order), ..notice() }
}

fn announce(world: &mut World, receipts: Vec<ReceiptNotice>) {
    let page = FeedPage { receipts, ..world.page(vec![]) };
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
}

fn fetches(world: &World, n: u64) -> usize {
    world.effects.iter().filter(|effect| **effect == Effect::FetchReceipt(print_id(n))).count()
}

fn forgotten(world: &World, n: u64) -> bool {
    world.effects.contains(&Effect::ForgetReceipt(print_id(n)))
}

fn prepared(world: &mut World, n: u64) {
    let result = Ok(PreparedReceipt { parts: 1, height_dots: 800 });
    world.event(Event::Receipt { print_id: print_id(n), result });
}

fn failed(world: &mut World, failure: ReceiptFailure) {
    world.event(Event::Receipt { print_id: print_id(1), result: Err(failure) });
}

/// A terminal that fetches receipt 1 of order 1.
fn fetching() -> World {
    let mut world = World::new();
    world.hear(vec![]);
    announce(&mut world, vec![receipt(1, 1)]);
    assert_eq!(fetches(&world, 1), 1);
    world
}

/// Order 1 was paid here, no receipt is expected, and the result is read.
fn result() -> World {
    let (mut world, _) = charging();
    world.approve();
    world.acknowledge_outcome();
    assert!(matches!(world.agent.live().page, Page::Result { .. }));
    world
}

#[test]
fn receipts_are_fetched_one_after_another_and_each_only_once() {
    let mut world = fetching();
    announce(&mut world, vec![receipt(2, 1)]);
    world.pass(10_000);
    assert_eq!((fetches(&world, 1), fetches(&world, 2)), (1, 0), "one at a time");
    prepared(&mut world, 1);
    assert_eq!(fetches(&world, 2), 1);
    prepared(&mut world, 2);
    world.pass(60_000);
    assert_eq!((fetches(&world, 1), fetches(&world, 2)), (1, 1));
}

#[test]
fn a_receipt_taken_back_while_it_is_fetched_is_forgotten_and_the_next_one_fetched() {
    let mut world = fetching();
    let gone =
        FeedPage { receipts_gone: vec![print_id(1)], receipts: vec![receipt(2, 1)], ..world.page(vec![]) };
    world.answer(is_feed, Ok(Reply::Feed(Box::new(gone))));
    prepared(&mut world, 1);
    assert!(forgotten(&world, 1) && fetches(&world, 2) == 1);
    assert!(!world.agent.durable().receipts.contains_key(&print_id(1)));
}

#[test]
fn an_image_that_comes_twice_does_not_stand_for_the_one_being_fetched() {
    let mut world = fetching();
    prepared(&mut world, 1);
    announce(&mut world, vec![receipt(2, 1), receipt(3, 1)]);
    prepared(&mut world, 1);
    assert_eq!((fetches(&world, 2), fetches(&world, 3)), (1, 0));
}

#[test]
fn a_fetch_that_a_passing_hindrance_stopped_is_tried_again_after_five_seconds() {
    let busy = CallFailure::Refused(Refusal::from(RefusalCode::Unavailable));
    assert!(RefusalCode::Unavailable.is_passing());
    for failure in [busy, CallFailure::Unreachable(Unreachable::NoConnection)] {
        let mut world = fetching();
        failed(&mut world, ReceiptFailure::Fetch(failure));
        assert_eq!(world.agent.durable().receipts[&print_id(1)].bad, None);
        world.pass(4_999);
        assert_eq!(fetches(&world, 1), 1);
        world.pass(1);
        assert_eq!(fetches(&world, 1), 2);
    }
}

#[test]
fn a_receipt_that_the_service_does_not_give_out_is_shown_as_bad_and_not_asked_for_again() {
    let mut world = fetching();
    let refusal = Refusal::from(RefusalCode::ReceiptUnknown);
    failed(&mut world, ReceiptFailure::Fetch(CallFailure::Refused(refusal.clone())));
    let bad = world.agent.durable().receipts[&print_id(1)].bad.clone();
    assert_eq!(bad, Some(("unavailable".to_owned(), refusal.message)));
    world.pass(100_000);
    assert_eq!(fetches(&world, 1), 1);
}

#[test]
fn a_full_storage_is_given_a_minute() {
    let mut world = fetching();
    failed(&mut world, ReceiptFailure::Storage);
    world.pass(59_999);
    assert_eq!(fetches(&world, 1), 1);
    world.pass(1);
    assert_eq!(fetches(&world, 1), 2);
}

#[test]
fn a_result_stays_longer_when_the_receipt_of_its_order_may_still_come() {
    let stays_ms = |world: &World| {
        let Page::Result { .. } = world.agent.live().page else { panic!("the result is shown") };
        world.agent.idle_due_at().unwrap() - world.now.mono_ms
    };
    assert_eq!(stays_ms(&result()), 30_000);
    let mut world = result();
    announce(&mut world, vec![receipt(1, 2)]);
    assert_eq!(stays_ms(&world), 30_000, "the receipt of another order");
    let mut world = result();
    announce(&mut world, vec![receipt(1, 1)]);
    assert_eq!(stays_ms(&world), 90_000, "it is being fetched");

    let mut world = World::new();
    world.hear(vec![OrderView { receipt_expected: true, ..listed(1, 900) }]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    world.approve();
    world.acknowledge_outcome();
    assert_eq!(stays_ms(&world), 90_000, "the PDV said that one will come");
}

#[test]
fn only_the_ready_receipt_of_the_order_just_paid_is_offered_and_only_after_three_seconds() {
    let mut world = result();
    announce(&mut world, vec![receipt(1, 2)]);
    prepared(&mut world, 1);
    announce(&mut world, vec![receipt(2, 1)]);
    world.pass(5_000);
    assert!(matches!(world.agent.live().page, Page::Result { .. }), "another order's, and one not ready");
    prepared(&mut world, 2);
    assert!(
        matches!(&world.agent.live().page, Page::Receipt { print_id: shown, .. } if *shown == print_id(2))
    );

    let mut world = result();
    announce(&mut world, vec![receipt(1, 1)]);
    prepared(&mut world, 1);
    world.pass(2_999);
    assert!(matches!(world.agent.live().page, Page::Result { .. }), "a good result is read first");
    assert_eq!(world.agent.next_deadline(), Some(world.now.mono_ms + 1));
    world.pass(1);
    assert!(matches!(world.agent.live().page, Page::Receipt { .. }));
}

#[test]
fn a_receipt_is_not_offered_behind_a_payment_that_failed() {
    let (mut world, id) = charging();
    world.event(Event::Returned(format!("posconnect://pay-response?code=-6&success=false&order_id={id}")));
    world.acknowledge_outcome();
    announce(&mut world, vec![receipt(1, 1)]);
    prepared(&mut world, 1);
    world.pass(5_000);
    assert!(matches!(world.agent.live().page, Page::Result { .. }));
}

#[test]
fn a_receipt_opens_only_from_the_lists_of_receipts_and_only_while_it_is_known() {
    let mut world = fetching();
    prepared(&mut world, 1);
    world.tap(&Tap::Receipt(print_id(1)));
    assert!(matches!(world.agent.live().page, Page::List));
    world.tap(&Tap::Menu);
    world.tap(&Tap::Receipts);
    world.tap(&Tap::Receipt(print_id(9)));
    assert!(matches!(world.agent.live().page, Page::Receipts { .. }));
    world.tap(&Tap::Receipt(print_id(1)));
    assert!(matches!(world.agent.live().page, Page::Receipt { .. }));
}

#[test]
fn images_are_kept_for_another_print_until_newer_ones_take_their_place() {
    let mut world = World::new();
    world.hear(vec![]);
    let kept = u64::try_from(RECEIPTS_KEPT_MAX).unwrap();
    for n in 1..=kept + 1 {
        let created_at = UnixMillis(i64::try_from(n).unwrap());
        announce(&mut world, vec![ReceiptNotice { created_at, ..receipt(n, 1) }]);
        prepared(&mut world, n);
        assert!(!forgotten(&world, 1), "there is room");
        world.agent.live.page = Page::Receipt { print_id: print_id(n), part: 0, problem: None };
        world.tap(&Tap::SkipPrint);
        world.answer(|request| matches!(request, HubCall::ReceiptResult(_)), Ok(Reply::Noted));
    }
    let gone: Vec<u64> = (1..=kept + 1).filter(|n| forgotten(&world, *n)).collect();
    assert_eq!(gone, [1], "the oldest");
}
