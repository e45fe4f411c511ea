//! When reports and repeated reversals are due, what an order shows before the service knows, and what is kept how.

use super::retrying::{HOUR, doubtful, opened, take_down};
use super::reversal::{is_reversal, paid};
use super::*;

#[test]
fn a_report_under_way_wakes_nobody_and_one_that_failed_is_due_again_soon() {
    let (mut world, _) = charging();
    world.approve();
    assert!(world.call(is_outcome).is_some());
    assert!(world.agent.next_deadline().unwrap() > world.now.mono_ms, "it waits for the answer");
    world.unreachable(is_outcome);
    let due = world.agent.next_deadline().unwrap();
    assert!(due > world.now.mono_ms && due <= world.now.mono_ms + 1_500, "{due}");
}

#[test]
fn a_report_that_was_refused_is_kept_and_due_again_after_five_minutes() {
    let (mut world, id) = charging();
    world.approve();
    world.refuse(is_outcome, RefusalCode::OrderUnknown);
    let refused_ms = world.now.mono_ms;
    world.tap(&Tap::Back);
    assert_eq!(world.agent.next_deadline(), Some(refused_ms + 300_000));
    world.pass(299_999);
    assert!(world.call(is_outcome).is_none());
    world.pass(1);
    assert!(world.call(is_outcome).is_some());
    assert!(world.agent.durable().attempts[&id].needs_report());
}

#[test]
fn an_order_shows_what_was_paid_here_before_the_service_knows() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.tap(&Tap::OtherAmount);
    world.type_amount(400);
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    let figures = |world: &World| {
        let order = world.agent.durable().order(&order_id(1)).unwrap();
        (order.paid, order.reserved, order.attempts.len())
    };
    assert_eq!(figures(&world), (Centavos::ZERO, money(400), 1));
    world.approve();
    assert_eq!(figures(&world), (money(400), Centavos::ZERO, 1), "its place is not reserved any more");
}

#[test]
fn the_list_rests_when_nothing_is_in_doubt() {
    let (mut world, _) = paid();
    world.tap(&Tap::Home);
    assert_eq!(world.agent.next_deadline(), None, "a clear payment is not asked about");
}

/// The store was heard, and asked about its doubts, half a minute before the hour is over.
fn nearly_due() -> World {
    let (mut world, _) = doubtful(None);
    world.pass(HOUR - 30_000);
    // The question of the hour may be under way already.
    while world.call(is_reversal).is_some() {
        take_down(&mut world);
    }
    let mut page = world.page(vec![]);
    page.snapshot = true;
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    take_down(&mut world);
    assert_eq!(opened(&world), 1);
    world
}

#[test]
fn a_reversal_in_doubt_is_due_when_it_has_rested_and_nobody_touches_the_list() {
    let mut world = nearly_due();
    let rested_ms = world.now.mono_ms + 30_000;
    assert_eq!(world.agent.next_deadline(), Some(rested_ms));
    world.pass(10_000);
    world.tap(&Tap::Menu);
    world.tap(&Tap::Back);
    assert_eq!(world.agent.next_deadline(), Some(rested_ms + 10_000));
    world.pass(29_999);
    assert_eq!(opened(&world), 1);
    world.pass(1);
    assert_eq!(opened(&world), 2);
}

#[test]
fn a_reversal_in_doubt_is_not_tried_by_a_refused_terminal_or_while_the_service_is_silent() {
    let failures = [
        (None, 2),
        (Some(CallFailure::Unreachable(Unreachable::Timeout)), 1),
        (Some(CallFailure::Refused(Refusal::from(RefusalCode::Revoked))), 1),
    ];
    for (failure, expected) in failures {
        let mut world = nearly_due();
        if let Some(failure) = failure.clone() {
            world.answer(is_feed, Err(failure));
        }
        world.pass(30_000);
        assert_eq!(opened(&world), expected, "{failure:?}");
    }
}

#[test]
fn the_doubt_of_another_payment_keeps_no_reversal_from_being_tried() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900), listed(2, 900)]);
    let mut ids = vec![];
    for n in [1, 2] {
        world.take_order(n);
        world.tap(&Tap::Method(Method::Debit));
        world.acknowledge_start();
        let id = world.paying();
        let answer = world.approval(id).replace("37820073187607", &format!("3782007318760{n}"));
        world.event(Event::Returned(answer));
        world.acknowledge_outcome();
        world.tap(&Tap::Home);
        ids.push(id);
    }
    for id in ids {
        world.tap(&Tap::Menu);
        world.tap(&Tap::Payments);
        world.tap(&Tap::Payment(id));
        world.tap(&Tap::Reverse);
        world.tap(&Tap::ReverseConfirmed);
        world.pass(120_000);
        world.tap(&Tap::Home);
    }
    let both: Vec<_> = world.agent.durable().reversals.values().cloned().collect();
    assert_eq!(both.len(), 2);
    assert!(both.iter().all(|reversal| reversal.is_in_doubt() && world.agent.can_retry(reversal)));
}

#[test]
fn what_the_service_can_tell_again_need_not_be_on_disk_before_anything_leaves() {
    let (world, _) = paid();
    let mut told_again = 0;
    for record in &world.records {
        let again = matches!(record, Record::Feed { .. } | Record::OrderSeen(_) | Record::StraysSeen);
        assert_eq!(record.needs_sync(), !again, "{record:?}");
        told_again += usize::from(again);
    }
    assert!(0 < told_again && told_again < world.records.len());
}

#[test]
fn the_device_token_is_revealed_to_the_service_and_never_printed() {
    let token = DeviceToken::new("secret-of-the-device".into());
    assert_eq!(token.reveal(), "secret-of-the-device");
    assert_eq!(format!("{token:?}"), "DeviceToken(…)");
}
