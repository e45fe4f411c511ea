//! Claims: selecting, leases and their renewal, claims that are lost or serve nothing any more.

use protocol::ClaimId;
use protocol::claim::ClaimRequest;

use super::*;
use crate::flow::claiming::TAKE_MAX;

/// Half of the lease that [`World::grant`] gives.
const HALF_TIME_MS: u64 = 60_000;

fn asked(world: &World) -> Option<ClaimRequest> {
    let Some((_, HubCall::Claim(request))) = world.call(is_claim) else { return None };
    Some(request.clone())
}

fn held(world: &World, n: u64) -> Option<ClaimId> {
    world.agent.durable().claims.get(&order_id(n)).map(|held| held.claim_id)
}

fn other_s(id: u64, fence: u64) -> ClaimView {
    let terminal = Serial::parse("PB0000000000").unwrap();
    ClaimView { id: ClaimId::from_random(id), terminal, kind: ClaimKind::Now, fence: Fence(fence) }
}

fn selected(world: &World) -> usize {
    let Page::Taking { selected, .. } = &world.agent.live().page else { panic!("selecting") };
    selected.len()
}

/// Order 1 is taken out and the list is shown.
fn courier() -> World {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.tap(&Tap::TakeOrders);
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::TakeSelected);
    world.grant();
    world.tap(&Tap::Back);
    assert!(held(&world, 1).is_some());
    world
}

#[test]
fn an_order_selected_to_be_taken_is_deselected_by_a_second_tap() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.tap(&Tap::TakeOrders);
    world.tap(&Tap::Order(order_id(1)));
    assert_eq!(selected(&world), 1);
    world.tap(&Tap::Order(order_id(1)));
    assert_eq!(selected(&world), 0);
}

#[test]
fn an_order_in_somebody_s_hands_cannot_be_selected() {
    let mut world = World::new();
    world.hear(vec![OrderView { claim: Some(other_s(1, 1)), ..listed(1, 900) }]);
    world.tap(&Tap::TakeOrders);
    world.tap(&Tap::Order(order_id(1)));
    assert_eq!(selected(&world), 0);
}

#[test]
fn no_more_orders_are_selected_than_are_taken_at_once() {
    let mut world = World::new();
    let many = u64::try_from(TAKE_MAX).unwrap() + 1;
    world.hear((1..=many).map(|n| listed(n, 900)).collect());
    world.tap(&Tap::TakeOrders);
    for n in 1..=many {
        world.tap(&Tap::Order(order_id(n)));
    }
    assert_eq!(selected(&world), TAKE_MAX);
}

#[test]
fn orders_are_taken_out_from_the_list_and_where_the_store_allows_it() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.tap(&Tap::Menu);
    world.tap(&Tap::TakeOrders);
    assert!(matches!(world.agent.live().page, Page::Menu));
    world.tap(&Tap::Back);
    let mut page = world.page(vec![]);
    page.settings = Some(Settings { delivery: false, ..settings() });
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    world.tap(&Tap::TakeOrders);
    assert!(matches!(world.agent.live().page, Page::List));
}

#[test]
fn an_order_taken_out_whose_payment_is_in_doubt_cannot_be_taken_again() {
    let mut world = courier();
    world.tap(&Tap::Order(order_id(1)));
    world.tap(&Tap::Method(Method::Debit));
    world.pass(180_000);
    let known = world.agent.durable().orders[&order_id(1)].clone();
    world.hear(vec![OrderView { claim: None, revision: known.revision + 1, ..known }]);
    assert!(held(&world, 1).is_some(), "nothing is given back under an attempt in doubt");
    assert!(!world.agent.can_be_taken(&order_id(1)));
}

/// A direct order asked for at this moment, by itself.
fn direct_asked_for() -> World {
    let mut world = World::new();
    world.hear(vec![direct(1, 100, Method::Debit)]);
    assert!(asked(&world).is_some());
    world
}

#[test]
fn a_direct_order_that_was_not_got_for_a_passing_reason_opens_again_after_five_seconds() {
    for passing in [None, Some(RefusalCode::TooMany), Some(RefusalCode::Unavailable)] {
        let mut world = direct_asked_for();
        match passing {
            None => world.unreachable(is_claim),
            Some(code) => world.refuse(is_claim, code),
        }
        assert!(matches!(world.agent.live().page, Page::Notice(_)));
        world.pass(4_999);
        assert_eq!(asked(&world), None, "{passing:?}");
        world.pass(1);
        assert!(asked(&world).is_some(), "{passing:?}");
    }
}

#[test]
fn a_direct_order_that_was_refused_waits_for_the_operator() {
    let mut world = direct_asked_for();
    world.refuse(is_claim, RefusalCode::HeldByOther);
    for _ in 0..3 {
        world.pass(5_000);
        assert_eq!(asked(&world), None);
    }
    world.tap(&Tap::Back);
    world.tap(&Tap::Order(order_id(1)));
    assert!(asked(&world).is_some());
}

#[test]
fn a_claim_that_the_feed_shows_before_its_answer_is_not_given_back() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900), listed(2, 900)]);
    world.tap(&Tap::Order(order_id(1)));
    let wanted = asked(&world).unwrap();
    let ours = |id, fence| ClaimView {
        id,
        terminal: Serial::parse(SERIAL).unwrap(),
        kind: ClaimKind::Now,
        fence: Fence(fence),
    };
    world.hear(vec![OrderView { claim: Some(ours(wanted.claim_id, 2)), revision: 2, ..listed(1, 900) }]);
    assert!(world.agent.durable().releases.is_empty());
    let unknown = ClaimId::from_random(99);
    world.hear(vec![OrderView { claim: Some(ours(unknown, 2)), revision: 2, ..listed(2, 900) }]);
    assert_eq!(world.agent.durable().releases.get(&unknown), Some(&order_id(2)), "nobody here asked for it");
}

#[test]
fn while_an_order_is_looked_at_its_lease_is_renewed_at_every_half_time() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    let claim = held(&world, 1).unwrap();
    for _ in 0..2 {
        world.pass(HALF_TIME_MS - 1);
        assert_eq!(asked(&world), None);
        world.pass(1);
        assert_eq!(asked(&world).map(|request| request.claim_id), Some(claim), "the same claim");
        world.grant();
        assert_eq!(held(&world, 1), Some(claim));
    }
}

#[test]
fn a_renewal_that_got_no_answer_is_tried_again_after_five_seconds() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.pass(HALF_TIME_MS);
    world.unreachable(is_claim);
    world.pass(4_999);
    assert_eq!(asked(&world), None);
    world.pass(1);
    assert!(asked(&world).is_some());
}

#[test]
fn the_late_renewal_of_a_claim_given_back_does_not_replace_the_new_claim() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.pass(HALF_TIME_MS);
    let old = asked(&world).unwrap();
    world.tap(&Tap::GiveBack);
    world.tap(&Tap::Back);
    world.tap(&Tap::Order(order_id(1)));
    let known = world.agent.durable().orders[&order_id(1)].clone();
    let grant = |claim_id, fence: u64| {
        let order = OrderView { revision: fence, claim: None, ..known.clone() };
        let terminal = Serial::parse(SERIAL).unwrap();
        let claim = ClaimView { id: claim_id, terminal, kind: ClaimKind::Now, fence: Fence(fence) };
        let order = OrderView { claim: Some(claim), ..order };
        Ok(Reply::Claimed(Box::new(ClaimGrant { claim_id, fence: Fence(fence), lease_s: Some(120), order })))
    };
    let of = |claim_id: ClaimId| move |request: &HubCall| matches!(request, HubCall::Claim(asked) if asked.claim_id == claim_id);
    let (_, HubCall::Claim(new)) =
        world.call(|request| is_claim(request) && !of(old.claim_id)(request)).cloned().unwrap()
    else {
        unreachable!()
    };
    world.answer(of(new.claim_id), grant(new.claim_id, 20));
    assert_eq!(held(&world, 1), Some(new.claim_id));
    world.answer(of(old.claim_id), grant(old.claim_id, 10));
    assert_eq!(held(&world, 1), Some(new.claim_id));
}

#[test]
fn a_claim_out_of_the_operator_s_hand_is_given_back_and_the_service_told() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    let claim = held(&world, 1).unwrap();
    world.tap(&Tap::Back);
    assert_eq!(held(&world, 1), None);
    assert_eq!(world.agent.durable().releases.get(&claim), Some(&order_id(1)));
    assert!(world.call(is_release).is_some());
}

#[test]
fn a_claim_that_the_service_gave_to_somebody_else_is_over_and_needs_no_word() {
    for claim in [Some(other_s(1, 50)), None] {
        let mut world = courier();
        world.hear(vec![OrderView { claim: claim.clone(), revision: 50, ..listed(1, 900) }]);
        assert_eq!(held(&world, 1), None, "{claim:?}");
        assert!(world.agent.durable().releases.is_empty(), "{claim:?}");
    }
}

/// A service that was restored counts its fences from what it remembers: the courier's own claim is later than that.
#[test]
fn an_order_that_a_restored_service_gave_to_somebody_else_is_not_charged_here_whatever_the_fence() {
    let fence = courier().agent.durable().claims[&order_id(1)].fence.0;
    for fence in fence - 1..=fence + 1 {
        let mut world = courier();
        let mut page = world.page(vec![OrderView { claim: Some(other_s(1, fence)), ..listed(1, 900) }]);
        page.cursor.epoch = 2;
        (page.snapshot, page.restored) = (true, true);
        world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
        assert_eq!(held(&world, 1), None, "{fence}");
        assert!(world.agent.durable().releases.is_empty(), "{fence}");
        world.event(Event::Network { connected: false });
        world.tap(&Tap::Order(order_id(1)));
        world.tap(&Tap::Method(Method::Debit));
        assert_eq!(world.opened_payments(), 0, "{fence}");
    }
}
