//! Receipts: offered, printed part by part, skipped, failed, printed again. Never a payment's matter.

use protocol::PrintId;
use protocol::receipt::{ReceiptKind, ReceiptNotice, ReceiptState};

use super::*;
use crate::flow::live::PrintProblem;
use crate::flow::{PreparedReceipt, ReceiptFailure};

fn print_id() -> PrintId {
    PrintId::parse("pr_1").unwrap()
}

/// A receipt of order 1.
pub(super) fn notice() -> ReceiptNotice {
    ReceiptNotice {
        print_id: print_id(),
        order_id: order_id(1),
        order_number: "1".into(),
        kind: ReceiptKind::Nfe,
        size_bytes: 1_000,
        created_at: UnixMillis(1_000_000),
    }
}

/// Order 1 was paid here, and its receipt of three parts is ready.
fn with_receipt() -> World {
    let mut world = World::new();
    world.hear(vec![OrderView { receipt_expected: true, ..direct(1, 100, Method::Debit) }]);
    world.grant();
    world.acknowledge_start();
    world.approve();
    world.acknowledge_outcome();
    let mut page = world.page(vec![]);
    page.receipts = vec![notice()];
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    assert!(world.effects.contains(&Effect::FetchReceipt(print_id())));
    let prepared = PreparedReceipt { parts: 3, height_dots: 3_000 };
    world.event(Event::Receipt { print_id: print_id(), result: Ok(prepared) });
    world.pass(3_000);
    assert!(matches!(world.agent.live().page, Page::Receipt { .. }), "offered after the result was read");
    world
}

fn state(world: &World) -> Option<ReceiptState> {
    world.agent.durable().receipts[&print_id()].done.as_ref().map(|done| done.state)
}

#[test]
fn a_receipt_is_printed_part_by_part_and_told() {
    let mut world = with_receipt();
    world.tap(&Tap::Print);
    for part in 0..3 {
        assert!(world.effects.contains(&Effect::Print { print_id: print_id(), part }));
        world.event(Event::Returned("posconnect://print?DEEPLINK_RETURN=SUCCESS".into()));
    }
    assert_eq!(state(&world), Some(ReceiptState::Printed));
    world.answer(|request| matches!(request, HubCall::ReceiptResult(_)), Ok(Reply::Noted));
    assert!(world.agent.outbox().is_empty());
}

#[test]
fn without_paper_the_payment_stays_and_the_print_goes_on_from_the_part_that_failed() {
    let mut world = with_receipt();
    let payments = world.agent.durable().attempts.clone();
    world.tap(&Tap::Print);
    world.event(Event::Returned("posconnect://print?DEEPLINK_RETURN=SUCCESS".into()));
    world.event(Event::Returned("posconnect://print?DEEPLINK_RETURN=PRINTER_OUT_OF_PAPER".into()));
    assert!(matches!(
        world.agent.live().page,
        Page::Receipt { part: 1, problem: Some(PrintProblem::Answer(_)), .. }
    ));
    assert_eq!(world.agent.durable().attempts, payments);
    world.tap(&Tap::Print);
    for _ in 1..3 {
        world.event(Event::Returned("posconnect://print?DEEPLINK_RETURN=SUCCESS".into()));
    }
    assert_eq!(state(&world), Some(ReceiptState::Printed));
}

#[test]
fn a_printer_that_never_answers_is_not_waited_for_without_end() {
    let mut world = with_receipt();
    world.tap(&Tap::Print);
    world.pass(60_000);
    assert!(matches!(world.agent.live().page, Page::Receipt { problem: Some(PrintProblem::NoAnswer), .. }));
}

#[test]
fn a_receipt_can_be_skipped_and_printed_later() {
    let mut world = with_receipt();
    world.tap(&Tap::SkipPrint);
    assert_eq!(state(&world), Some(ReceiptState::Skipped));
    world.answer(|request| matches!(request, HubCall::ReceiptResult(_)), Ok(Reply::Noted));
    world.tap(&Tap::Menu);
    world.tap(&Tap::Receipts);
    world.tap(&Tap::Receipt(print_id()));
    world.tap(&Tap::Print);
    for _ in 0..3 {
        world.event(Event::Returned("posconnect://print?DEEPLINK_RETURN=SUCCESS".into()));
    }
    assert_eq!(state(&world), Some(ReceiptState::Printed));
}

#[test]
fn a_bad_image_is_told_once_and_changes_no_payment() {
    let mut world = World::new();
    world.hear(vec![]);
    let mut page = world.page(vec![]);
    page.receipts = vec![notice()];
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    let failure = ReceiptFailure::Image { code: "not_an_image".into(), sentence: "Não é imagem.".into() };
    world.event(Event::Receipt { print_id: print_id(), result: Err(failure) });
    assert_eq!(state(&world), Some(ReceiptState::Failed));
    let fetches = world.effects.iter().filter(|effect| matches!(effect, Effect::FetchReceipt(_))).count();
    world.pass(100_000);
    assert_eq!(world.effects.iter().filter(|e| matches!(e, Effect::FetchReceipt(_))).count(), fetches);
}

#[test]
fn a_receipt_that_the_service_has_forgotten_is_not_reported_for_ever() {
    let mut world = with_receipt();
    world.tap(&Tap::SkipPrint);
    world.refuse(|request| matches!(request, HubCall::ReceiptResult(_)), RefusalCode::ReceiptUnknown);
    assert!(world.agent.outbox().is_empty());
    assert_eq!(state(&world), Some(ReceiptState::Skipped), "it can still be printed here");
}

#[test]
fn a_print_answer_while_nothing_prints_is_kept_as_stray() {
    let mut world = World::new();
    world.event(Event::Returned("posconnect://print?DEEPLINK_RETURN=SUCCESS".into()));
    assert_eq!(world.agent.durable().strays_total, 1);
}
