//! The machine itself: when it wakes, what it does without a journal, what outlives it.

use super::*;
use crate::flow::live::Item;
use crate::flow::record::{Stray, StrayReason};
use crate::flow::state::STRAYS_KEPT_MAX;

/// Whether the screen was last told to stay on.
fn awake(world: &World) -> Option<bool> {
    world.effects.iter().rev().find_map(|effect| match effect {
        Effect::KeepAwake(on) => Some(*on),
        Effect::Call { .. }
        | Effect::Drop(_)
        | Effect::Authenticate(_)
        | Effect::Open { .. }
        | Effect::FetchReceipt(_)
        | Effect::Print { .. }
        | Effect::ForgetReceipt(_)
        | Effect::Alert(_) => None,
    })
}

#[test]
fn the_screen_stays_on_while_money_moves_and_only_then() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    assert_eq!(awake(&world), None);
    world.tap(&Tap::Method(Method::Debit));
    assert_eq!(awake(&world), Some(true), "the store is being told");
    world.acknowledge_start();
    assert_eq!(awake(&world), Some(true));
    let id = world.paying();
    world.approve();
    assert_eq!(awake(&world), Some(false));
    world.acknowledge_outcome();
    world.tap(&Tap::Payment(id));
    world.tap(&Tap::Copies);
    world.tap(&Tap::Reprint(crate::acquirer::SlipCopy::Customer));
    assert_eq!(awake(&world), Some(false), "paper is no money");
    world.event(Event::Returned("posconnect://reprint?DEEPLINK_RETURN=SUCCESS".into()));
    world.tap(&Tap::Home);
    world.tap(&Tap::Menu);
    world.tap(&Tap::Payments);
    world.tap(&Tap::Payment(id));
    world.tap(&Tap::Reverse);
    world.tap(&Tap::ReverseConfirmed);
    assert_eq!(awake(&world), Some(true));
}

#[test]
fn a_silent_store_is_asked_again_later_and_later_but_at_least_every_48_seconds() {
    let mut world = World::new();
    for longest_s in [1.5, 3.0, 6.0, 12.0, 24.0, 48.0, 48.0, 48.0] {
        world.unreachable(is_feed);
        let wait_ms = world.agent.next_deadline().unwrap() - world.now.mono_ms;
        let feed_at = world.agent.live().feed.at_ms - world.now.mono_ms;
        let longest_ms = longest_s * 1_000.0;
        assert!(wait_ms <= feed_at && feed_at as f64 >= longest_ms / 1.5, "{feed_at} of {longest_ms}");
        assert!((feed_at as f64) < longest_ms, "{feed_at} of {longest_ms}");
        world.pass(feed_at - 1);
        assert!(world.call(is_feed).is_none());
        world.pass(1);
    }
}

#[test]
fn without_a_journal_only_the_diagnostics_open_and_nothing_is_due() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.agent.block("cheio");
    assert_eq!(world.agent.next_deadline(), None);
    for tap in [Tap::Menu, Tap::Order(order_id(1)), Tap::SyncNow] {
        world.tap(&tap);
        assert!(matches!(world.agent.live().page, Page::List), "{tap:?}");
    }
    world.tap(&Tap::Diagnostics);
    for tap in [Tap::Menu, Tap::Order(order_id(1)), Tap::Home] {
        world.tap(&tap);
        assert!(matches!(world.agent.live().page, Page::Diagnostics), "{tap:?}");
    }
    world.tap(&Tap::Back);
    assert!(matches!(world.agent.live().page, Page::List));
}

#[test]
fn an_answer_that_nobody_waits_for_any_more_is_still_news_of_its_order() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    let told = world.calls.clone();
    world.tap(&Tap::Back);
    world.calls = told;
    world.acknowledge_start();
    assert_eq!(world.agent.durable().orders[&order_id(1)].attempts.len(), 1);
}

#[test]
fn a_revoked_terminal_is_blocked_once_and_one_without_a_store_is_not() {
    let blocked = |world: &World| world.records.iter().filter(|r| matches!(r, Record::Blocked(true))).count();
    let mut world = World::new();
    world.refuse(is_feed, RefusalCode::Revoked);
    world.pass(600_000);
    world.refuse(is_feed, RefusalCode::Revoked);
    assert_eq!(blocked(&world), 1);
    let mut world = World::with(vec![]);
    world.event(Event::Booted);
    world.event(Event::Input(Input::Text { id: "code".into(), value: "ABCD1234".into() }));
    world.tap(&Tap::Activate);
    world.refuse(|request| matches!(request, HubCall::Activate(_)), RefusalCode::NotActivated);
    assert_eq!(blocked(&world), 0);
}

#[test]
fn what_was_compacted_comes_back() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    let mut agent = World::with(vec![]).agent;
    agent.restore(world.agent.durable().clone());
    assert_eq!(agent.durable(), world.agent.durable());
}

#[test]
fn the_newest_stray_returns_are_kept_and_all_are_counted() {
    let mut world = World::new();
    for n in 0..=STRAYS_KEPT_MAX {
        let stray =
            Stray { answer: n.to_string(), attempt_id: None, why: StrayReason::Unknown, at: UnixMillis(1) };
        let kept = (n + 1).min(STRAYS_KEPT_MAX);
        world.agent.replay(&Record::Stray(stray));
        assert_eq!(world.agent.durable().strays.len(), kept);
    }
    assert_eq!(world.agent.durable().strays.front().map(|stray| stray.answer.as_str()), Some("1"));
    assert_eq!(world.agent.durable().strays_total, u64::try_from(STRAYS_KEPT_MAX).unwrap() + 1);
}

#[test]
fn a_report_that_the_service_refuses_is_kept_for_later_and_lets_others_pass() {
    let (mut world, id) = charging();
    world.approve();
    for code in [RefusalCode::BadRequest, RefusalCode::ReceiptUnknown] {
        world.refuse(is_outcome, code);
        assert_eq!(world.agent.outbox().first(), Some(&Item::Outcome(id)), "{code:?}");
        assert!(world.call(is_outcome).is_none(), "not at once");
        let due = world.agent.next_deadline().unwrap() - world.now.mono_ms;
        assert!(due <= 300_000, "{due}");
        world.pass(299_999);
        assert!(world.call(is_outcome).is_none());
        world.pass(1);
        assert!(world.call(is_outcome).is_some());
    }
    world.unreachable(is_outcome);
    world.unreachable(is_feed);
    let outbox_at = world.agent.live().outbox.at_ms;
    assert!(outbox_at > world.now.mono_ms && world.agent.next_deadline().unwrap() <= outbox_at);
    world.tap(&Tap::SyncNow);
    world.acknowledge_outcome();
    assert!(world.agent.outbox().is_empty());
}
