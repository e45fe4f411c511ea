//! The feed: pages, snapshots, silence, refusal.

use protocol::reversal::ReversalWanted;

use super::*;
use crate::flow::live::Item;

#[test]
fn the_feed_goes_on_from_its_cursor_and_backs_off_when_nobody_answers() {
    let mut world = World::new();
    assert!(matches!(world.call(is_feed), Some((_, HubCall::Feed { since: None, .. }))));
    world.hear(vec![]);
    let wanted = Cursor { epoch: 1, sequence: 1 };
    assert!(
        matches!(world.call(is_feed), Some((_, HubCall::Feed { since: Some(since), wait_s: 25 })) if *since == wanted)
    );
    let mut waits = vec![];
    for _ in 0..8 {
        world.unreachable(is_feed);
        assert!(world.call(is_feed).is_none());
        let at = world.agent.live().feed.at_ms;
        waits.push(at - world.now.mono_ms);
        world.pass(at - world.now.mono_ms);
        assert!(world.call(is_feed).is_some());
    }
    assert!(waits[0] < 2_000 && waits.iter().all(|ms| *ms <= 48_000) && waits[7] >= 32_000, "{waits:?}");
}

#[test]
fn an_older_view_never_replaces_a_newer_one() {
    let mut world = World::new();
    world.hear(vec![OrderView { revision: 5, ..listed(1, 900) }]);
    world.hear(vec![OrderView { revision: 4, total: money(1), ..listed(1, 900) }]);
    assert_eq!(world.agent.durable().orders[&order_id(1)].total, money(900));
}

#[test]
fn a_snapshot_forgets_what_it_does_not_list_also_over_several_pages() {
    let mut world = World::new();
    world.hear(vec![listed(1, 100), listed(2, 100), listed(3, 100)]);
    let mut first = world.page(vec![listed(2, 100)]);
    (first.snapshot, first.more) = (true, true);
    world.answer(is_feed, Ok(Reply::Feed(Box::new(first))));
    let mut second = world.page(vec![listed(4, 100)]);
    second.snapshot = true;
    world.answer(is_feed, Ok(Reply::Feed(Box::new(second))));
    let known: Vec<_> = world.agent.durable().orders.keys().cloned().collect();
    assert_eq!(known, [order_id(2), order_id(4)]);
}

#[test]
fn a_service_that_was_restored_from_a_backup_is_told_again_also_after_a_power_cut() {
    let mut world = World::new();
    world.hear(vec![listed(1, 100)]);
    world.tap(&Tap::Order(order_id(1)));
    world.grant();
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    world.approve();
    world.acknowledge_outcome();
    assert!(world.agent.outbox().iter().all(|item| !matches!(item, Item::Outcome(_))));
    let mut page = world.page(vec![listed(1, 100)]);
    (page.snapshot, page.restored) = (true, true);
    page.cursor = Cursor { epoch: 9, sequence: 1 };
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    assert!(world.call(is_outcome).is_some(), "the payment is told once more");
    let world = world.restarted();
    assert!(world.agent.outbox().iter().any(|item| matches!(item, Item::Outcome(_))));
    assert_eq!(world.agent.durable().order(&order_id(1)).unwrap().chargeable(), Centavos::ZERO);
}

#[test]
fn what_no_cursor_vouches_for_is_told_and_asked_again_when_the_service_restarts() {
    // A backup may be younger than the last page and older than what was acknowledged since.
    for (pages_since, told_again) in [(0, true), (1, true), (2, false)] {
        let mut world = World::new();
        world.hear(vec![listed(1, 100), listed(2, 100)]);
        world.tap(&Tap::Order(order_id(1)));
        world.grant();
        world.tap(&Tap::Method(Method::Debit));
        world.acknowledge_start();
        world.approve();
        world.acknowledge_outcome();
        world.tap(&Tap::Back);
        world.tap(&Tap::Order(order_id(2)));
        world.grant();
        for _ in 0..pages_since {
            world.hear(vec![]);
        }
        let mut page = world.page(vec![]);
        page.cursor.epoch = 2;
        world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
        assert_eq!(world.call(is_outcome).is_some(), told_again, "after {pages_since} pages");
        let (_, HubCall::Feed { since, .. }) = world.call(is_feed).unwrap() else { unreachable!() };
        assert_eq!(since.unwrap().sequence == 0, told_again, "from the beginning");
        // An older revision than what the restored service has forgotten.
        let mut order = listed(2, 100);
        order.revision = 0;
        let page = FeedPage { cursor: Cursor { epoch: 2, sequence: 9 }, ..world.page(vec![order]) };
        world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
        assert_eq!(world.agent.durable().orders[&order_id(2)].revision == 0, told_again);
    }
}

#[test]
fn reversals_and_receipts_that_no_cursor_vouches_for_are_told_again_too() {
    for (pages_since, told_again, receipt_too) in [(1, true, true), (2, false, true), (3, false, false)] {
        let (mut world, _) = reversal::paid();
        world.tap(&Tap::Reverse);
        world.tap(&Tap::ReverseConfirmed);
        world.event(Event::Returned(format!("{}&canceledamount=900", reversal::APPROVED)));
        world.answer(reversal::is_reversal, Ok(Reply::Noted));
        let mut page = world.page(vec![]);
        page.receipts = vec![receipts::notice()];
        world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
        let print_id = receipts::notice().print_id;
        world.agent.live.page = Page::Receipt { print_id: print_id.clone(), part: 0, problem: None };
        world.tap(&Tap::SkipPrint);
        world.answer(|request| matches!(request, HubCall::ReceiptResult(_)), Ok(Reply::Noted));
        assert!(world.agent.outbox().is_empty());
        for _ in 1..pages_since {
            world.hear(vec![]);
        }
        let mut page = world.page(vec![]);
        page.cursor.epoch = 2;
        world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
        let outbox = world.agent.outbox();
        assert_eq!(outbox.iter().any(|item| matches!(item, Item::Reversal(_))), told_again);
        assert_eq!(outbox.contains(&Item::Receipt(print_id)), receipt_too, "a page later than the reversal");
    }
}

#[test]
fn of_several_wanted_reversals_only_the_one_that_is_wanted_anew_changes() {
    let mut world = World::new();
    let wanted = |n, amount| ReversalWanted {
        attempt_id: AttemptId::from_random(n),
        order_id: order_id(n),
        amount: money(amount),
        wanted_at: UnixMillis(1),
    };
    for reversals_wanted in [vec![wanted(1, 100), wanted(2, 200)], vec![wanted(1, 50)]] {
        let page = FeedPage { reversals_wanted, ..world.page(vec![]) };
        world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    }
    let back = [1, 2].map(|n| world.agent.wanted_back(AttemptId::from_random(n)));
    assert_eq!(back, [Some(money(50)), Some(money(200))]);
}

#[test]
fn an_answer_that_the_order_s_end_overtook_does_not_bring_it_back() {
    let mut world = World::new();
    world.hear(vec![listed(1, 100)]);
    world.tap(&Tap::Order(order_id(1)));
    let mut ended = listed(1, 100);
    (ended.status, ended.revision) = (OrderStatus::Closed, 9);
    let (claim, grant) = (world.call(is_claim).cloned(), world.agent.durable().orders[&order_id(1)].clone());
    world.hear(vec![ended]);
    let Some((call, HubCall::Claim(request))) = claim else { panic!("no claim was asked for") };
    let grant = ClaimGrant { claim_id: request.claim_id, fence: Fence(2), lease_s: Some(120), order: grant };
    world.event(Event::Answered { call, result: Ok(Reply::Claimed(Box::new(grant))) });
    assert!(world.agent.durable().orders.is_empty() && world.agent.durable().claims.is_empty());
}

#[test]
fn an_empty_page_is_no_record() {
    let mut world = World::new();
    world.hear(vec![]);
    let records = world.records.len();
    let mut page = world.page(vec![]);
    page.cursor = Cursor { epoch: 1, sequence: 1 };
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    assert_eq!(world.records.len(), records);
}

#[test]
fn a_revoked_terminal_stops_keeps_its_results_and_comes_back_when_it_is_welcome_again() {
    let mut world = World::new();
    world.hear(vec![direct(1, 100, Method::Debit)]);
    world.grant();
    world.acknowledge_start();
    world.approve();
    world.refuse(is_feed, RefusalCode::Revoked);
    assert!(world.agent.durable().blocked);
    world.refuse(is_outcome, RefusalCode::Revoked);
    assert_eq!(world.agent.outbox().len(), 1, "the result is kept");
    world.pass(300_000);
    world.acknowledge_outcome();
    assert!(world.agent.outbox().is_empty());
    assert!(!world.agent.durable().blocked);
}

#[test]
fn activation_needs_a_code_and_says_why_it_failed() {
    let mut world = World::with(vec![]);
    world.event(Event::Booted);
    assert!(matches!(world.agent.live().page, Page::Activation { .. }));
    world.event(Event::Input(Input::Text { id: "code".into(), value: "abcd-1234".into() }));
    world.tap(&Tap::Activate);
    let is_activate =
        |request: &HubCall| matches!(request, HubCall::Activate(asked) if asked.code == "ABCD1234");
    world.refuse(is_activate, RefusalCode::ActivationCode);
    assert!(matches!(world.agent.live().page, Page::Activation { call: None, problem: Some(_), .. }));
    world.tap(&Tap::Activate);
    let activated = protocol::activation::Activated { device_token: "secret".into(), settings: settings() };
    world.answer(is_activate, Ok(Reply::Activated(Box::new(activated))));
    assert!(matches!(world.agent.live().page, Page::List));
    assert!(world.call(is_feed).is_some());
}

#[test]
fn sync_now_asks_at_once() {
    let mut world = World::new();
    world.unreachable(is_feed);
    world.tap(&Tap::Menu);
    world.tap(&Tap::Diagnostics);
    world.tap(&Tap::SyncNow);
    assert!(world.call(is_feed).is_some());
}

#[test]
fn a_long_poll_that_the_device_slept_through_is_dropped_and_asked_anew_when_it_wakes() {
    let mut world = World::new();
    world.hear(vec![]);
    let before = world.call(is_feed).unwrap().0;
    world.pass(30_000);
    assert_eq!(world.call(is_feed).unwrap().0, before, "it may still be answered");
    // Hours in a pocket; the first thing that happens is the screen's switching on.
    world.now.mono_ms += 4 * 60 * 60 * 1_000;
    world.event(Event::Network { connected: true });
    assert!(world.effects.contains(&Effect::Drop(before)));
    assert!(world.call(is_feed).is_some_and(|(call, _)| *call != before));
}
