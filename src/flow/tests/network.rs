//! When the feed asks and how patiently, what its pages change, and when a direct order opens by itself.

use protocol::reversal::ReversalWanted;

use super::receipts::notice;
use super::*;

fn asked_wait_s(world: &World) -> u32 {
    let Some((_, HubCall::Feed { wait_s, .. })) = world.call(is_feed) else { panic!("the feed is asked") };
    *wait_s
}

fn network(world: &mut World, connected: bool) {
    world.event(Event::Network { connected });
}

fn bring(world: &mut World, page: FeedPage) {
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
}

/// The payment of order 1 as the service shows it after a manager's decision.
fn decided(id: AttemptId, outcome: Outcome) -> OrderView {
    let attempt = AttemptView {
        id,
        terminal: Serial::parse(SERIAL).unwrap(),
        amount: money(900),
        choice: PaymentChoice::at_once(Method::Debit),
        outcome: Some(outcome),
        resolved_by_store: true,
        reversed: Centavos::ZERO,
        settled_reversals: vec![],
    };
    OrderView { revision: 90, attempts: vec![attempt], ..listed(1, 900) }
}

#[test]
fn a_terminal_without_a_store_asks_for_no_feed() {
    let mut world = World::with(vec![]);
    world.event(Event::Booted);
    world.pass(60_000);
    assert!(world.call(is_feed).is_none());
    assert_eq!(world.agent.next_deadline(), None, "nothing to wake up for");
}

#[test]
fn the_service_answers_at_once_while_the_terminal_knows_too_little_to_wait() {
    let mut world = World::new();
    assert_eq!(asked_wait_s(&world), 0, "nothing is known");
    let first = FeedPage { more: true, ..world.page(vec![listed(1, 100)]) };
    bring(&mut world, first);
    assert_eq!(asked_wait_s(&world), 0, "the snapshot is not whole");
    let second = FeedPage { snapshot: true, ..world.page(vec![]) };
    bring(&mut world, second);
    assert_eq!(asked_wait_s(&world), 25);
    let mut restarted = world.page(vec![]);
    restarted.cursor.epoch = 2;
    world.take_order(1);
    bring(&mut world, restarted);
    assert!(world.agent.durable().reads_again);
    assert_eq!(asked_wait_s(&world), 0, "the feed is read from its beginning");
    let mut again = world.page(vec![listed(1, 100)]);
    again.cursor.epoch = 2;
    bring(&mut world, again);
    assert_eq!(asked_wait_s(&world), 25);
    world.unreachable(is_feed);
    world.pass(1_500);
    assert_eq!(asked_wait_s(&world), 0, "the screen must say soon that the service is back");
    world.hear(vec![]);
    assert_eq!(asked_wait_s(&world), 25);
}

#[test]
fn news_is_kept_also_when_the_cursor_has_not_moved() {
    let wanted = ReversalWanted {
        attempt_id: AttemptId::from_random(1),
        order_id: order_id(1),
        amount: money(1),
        wanted_at: UnixMillis(1),
    };
    type Change = Box<dyn Fn(&mut FeedPage)>;
    let table: [(&str, Change); 6] = [
        ("snapshot", Box::new(|page| page.snapshot = true)),
        ("order", Box::new(|page| page.orders = vec![listed(1, 100)])),
        ("receipt", Box::new(|page| page.receipts = vec![notice()])),
        ("receipt gone", Box::new(|page| page.receipts_gone = vec![notice().print_id])),
        ("reversal", Box::new(move |page| page.reversals_wanted = vec![wanted.clone()])),
        ("settings", Box::new(|page| page.settings = Some(settings()))),
    ];
    for (what, change) in table {
        let mut world = World::new();
        world.hear(vec![]);
        let records = world.records.len();
        let mut page = world.page(vec![]);
        page.cursor = Cursor { epoch: 1, sequence: 1 };
        change(&mut page);
        bring(&mut world, page);
        assert_eq!(world.records.len(), records + 1, "{what}");
    }
}

#[test]
fn what_waits_to_be_told_is_told_as_soon_as_the_feed_shows_that_the_service_is_back() {
    let (mut world, _) = charging();
    world.approve();
    world.unreachable(is_outcome);
    assert!(world.call(is_outcome).is_none());
    world.hear(vec![]);
    assert!(world.call(is_outcome).is_some());
}

#[test]
fn when_the_network_returns_everything_comes_back_at_its_own_moment_of_the_next_half_second() {
    let mut world = World::new();
    let mut spreads = vec![];
    for _ in 0..20 {
        network(&mut world, false);
        network(&mut world, true);
        let live = world.agent.live();
        for at_ms in [live.feed.at_ms, live.outbox.at_ms, live.fetch_at_ms] {
            assert!(at_ms >= world.now.mono_ms, "not before the network is there");
            spreads.push(at_ms - world.now.mono_ms);
        }
        world.pass(500);
        assert!(world.call(is_feed).is_some());
    }
    assert!(spreads.iter().all(|ms| *ms < 500), "{spreads:?}");
    assert!(spreads.iter().max() > spreads.iter().min(), "{spreads:?}");
}

#[test]
fn a_report_keeps_its_moment_after_the_network_s_return_whatever_the_feed_brings() {
    let (mut world, _) = charging();
    network(&mut world, false);
    world.pass(1_500);
    network(&mut world, true);
    assert!(world.agent.live().outbox.at_ms > world.now.mono_ms);
    world.approve();
    world.hear(vec![]);
    assert!(world.call(is_outcome).is_none());
    world.pass(500);
    assert!(world.call(is_outcome).is_some());
}

#[test]
fn a_network_that_goes_away_ends_the_long_poll_and_the_next_one_waits_about_a_second() {
    let mut world = World::new();
    let (call, _) = *world.call(is_feed).unwrap();
    network(&mut world, false);
    assert!(world.effects.contains(&Effect::Drop(call)));
    let wait_ms = world.agent.live().feed.at_ms - world.now.mono_ms;
    assert!((1_000..1_500).contains(&wait_ms), "{wait_ms}");
    assert!(world.agent.live().failure.is_some() && world.agent.live().contact.is_none());
}

#[test]
fn word_of_a_network_that_is_as_it_was_changes_nothing() {
    let mut world = World::new();
    world.hear(vec![]);
    let (call, _) = *world.call(is_feed).unwrap();
    network(&mut world, true);
    assert!(world.call(is_feed).is_some_and(|(open, _)| *open == call), "the long-poll goes on");
    world.unreachable(is_feed);
    let at_ms = world.agent.live().feed.at_ms;
    network(&mut world, true);
    assert_eq!(world.agent.live().feed.at_ms, at_ms, "still there: the back-off stays");
    network(&mut world, false);
    network(&mut world, false);
    assert_eq!(world.agent.live().feed.at_ms, at_ms, "still away: the back-off stays");
}

#[test]
fn a_manager_s_decision_moves_only_a_doubt_that_the_service_was_told_of() {
    let (mut world, id) = charging();
    world.approve();
    world.acknowledge_outcome();
    world.hear(vec![decided(id, Outcome::Declined)]);
    assert_eq!(world.outcome(id), Some(Outcome::Approved), "paid is paid");

    let (mut world, id) = charging();
    world.pass(180_000);
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt));
    world.hear(vec![decided(id, Outcome::Declined)]);
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt), "decided before it was told of the doubt");
    world.acknowledge_outcome();
    world.hear(vec![decided(id, Outcome::Declined)]);
    assert_eq!(world.outcome(id), Some(Outcome::Declined));
}

#[test]
fn after_a_snapshot_only_reversals_in_doubt_whose_order_is_gone_are_told_once_more() {
    for (in_doubt, listed_still, told_again) in
        [(true, false, true), (true, true, false), (false, false, false), (false, true, false)]
    {
        let (mut world, _) = reversal::paid();
        world.tap(&Tap::Reverse);
        world.tap(&Tap::ReverseConfirmed);
        if in_doubt {
            world.pass(180_000);
        } else {
            world.event(Event::Returned(format!("{}&canceledamount=900", reversal::APPROVED)));
        }
        world.answer(reversal::is_reversal, Ok(Reply::Noted));
        assert!(world.agent.outbox().is_empty());
        let orders = if listed_still { vec![OrderView { revision: 90, ..listed(1, 900) }] } else { vec![] };
        let page = FeedPage { snapshot: true, ..world.page(orders) };
        bring(&mut world, page);
        assert_eq!(
            world.call(reversal::is_reversal).is_some(),
            told_again,
            "in doubt: {in_doubt}, listed: {listed_still}"
        );
    }
}

#[test]
fn a_blocked_terminal_opens_no_direct_order_until_it_is_welcome_again() {
    let mut world = World::new();
    world.hear(vec![listed(1, 100)]);
    world.take_order(1);
    world.hear(vec![direct(2, 500, Method::Debit)]);
    world.refuse(is_feed, RefusalCode::Revoked);
    world.tap(&Tap::Back);
    assert!(matches!(world.agent.live().page, Page::List));
    assert!(world.call(is_claim).is_none());
    world.pass(60_000);
    world.hear(vec![]);
    assert!(world.call(is_claim).is_some());
}

#[test]
fn the_agent_wakes_by_itself_for_a_direct_order_that_waits_behind_a_result() {
    let (mut world, _) = charging();
    world.hear(vec![direct(2, 500, Method::Debit)]);
    world.approve();
    world.acknowledge_outcome();
    let due_ms = world.agent.next_deadline().unwrap();
    assert_eq!(due_ms, world.now.mono_ms + 3_000);
    world.pass(due_ms - world.now.mono_ms);
    assert!(world.call(is_claim).is_some());
}

#[test]
fn orders_that_do_not_open_by_themselves_wake_nobody() {
    let closing = OrderView { status: OrderStatus::Closing, ..direct(2, 500, Method::Debit) };
    for waiting in [listed(2, 500), closing] {
        let (mut world, _) = charging();
        world.hear(vec![waiting]);
        world.approve();
        world.acknowledge_outcome();
        assert_eq!(world.agent.next_deadline(), Some(world.now.mono_ms + 30_000), "the idle result");
    }
}

#[test]
fn a_result_that_a_direct_order_cannot_replace_does_not_keep_the_agent_awake() {
    let (mut world, id) = charging();
    world.hear(vec![direct(2, 500, Method::Debit)]);
    world.event(Event::Returned(format!("posconnect://pay-response?code=-6&success=false&order_id={id}")));
    world.acknowledge_outcome();
    world.pass(3_000);
    assert!(world.call(is_claim).is_none(), "a refusal stays until somebody acts");
    assert!(world.agent.next_deadline().unwrap() > world.now.mono_ms);
}
