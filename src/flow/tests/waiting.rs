//! How long a page waits for somebody, what leads back from it, and when the screen is drawn again.

use super::receipts::notice;
use super::*;
use crate::flow::live::Notice;

/// When ages on the screen are drawn again.
const REDRAW_MS: u64 = 15_000;

/// Nobody touches anything for this long: the page stays until the last millisecond.
#[track_caller]
fn leaves_after(world: &mut World, ms: u64, stays: impl Fn(&Page) -> bool) {
    world.pass(ms - 1);
    assert!(stays(&world.agent.live().page), "{:?}", world.agent.live().page);
    world.pass(1);
    assert!(matches!(world.agent.live().page, Page::List), "{:?}", world.agent.live().page);
}

fn looking_at_order() -> World {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world
}

/// A terminal that belongs to no store yet.
fn new_terminal() -> World {
    let mut world = World::with(vec![]);
    world.event(Event::Booted);
    world
}

fn is_result(page: &Page) -> bool {
    matches!(page, Page::Result { .. })
}

/// R$ 9,00 were paid whole, with a receipt to come or not.
fn paid_whole(receipt_expected: bool) -> World {
    let mut world = World::new();
    world.hear(vec![OrderView { receipt_expected, ..listed(1, 900) }]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    world.approve();
    world.acknowledge_outcome();
    world
}

#[test]
fn an_order_that_nobody_touches_is_left_after_three_minutes_and_given_back() {
    let mut world = looking_at_order();
    leaves_after(&mut world, 180_000, |page| matches!(page, Page::Order { .. }));
    assert!(world.agent.durable().claims.is_empty());
}

#[test]
fn a_good_result_is_left_after_half_a_minute() {
    leaves_after(&mut paid_whole(false), 30_000, is_result);
}

#[test]
fn a_good_result_whose_receipt_may_come_waits_a_minute_longer() {
    leaves_after(&mut paid_whole(true), 90_000, is_result);
    // Nobody expected this one, but it is here.
    let mut world = paid_whole(false);
    let mut page = world.page(vec![]);
    page.receipts = vec![notice()];
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    leaves_after(&mut world, 90_000, is_result);
}

#[test]
fn something_to_read_is_left_after_two_minutes_and_the_menu_after_five() {
    let mut world = looking_at_order();
    world.tap(&Tap::GiveBack);
    leaves_after(&mut world, 120_000, |page| matches!(page, Page::Notice(Notice::GivenBack(_))));
    world.tap(&Tap::Menu);
    leaves_after(&mut world, 300_000, |page| matches!(page, Page::Menu));
}

#[test]
fn a_touch_lets_a_page_wait_anew() {
    let mut world = looking_at_order();
    world.pass(179_999);
    world.tap(&Tap::OtherAmount);
    world.tap(&Tap::Digit(5));
    leaves_after(&mut world, 180_000, |page| matches!(page, Page::Amount { typed: 5, .. }));
}

#[test]
fn a_payment_in_doubt_waits_for_somebody_without_end() {
    let (mut world, _) = charging();
    world.pass(180_000);
    world.pass(10_000_000);
    assert!(is_result(&world.agent.live().page));
}

#[test]
fn an_order_on_the_page_that_is_closed_or_lost_is_named_as_gone() {
    let terminal = Serial::parse("PB0000000000").unwrap();
    let claim =
        ClaimView { id: protocol::ClaimId::from_random(1), terminal, kind: ClaimKind::Now, fence: Fence(50) };
    let closing = OrderView { status: OrderStatus::Closing, ..listed(1, 900) };
    let lost = OrderView { claim: Some(claim), ..listed(1, 900) };
    for order in [closing, lost] {
        let mut world = looking_at_order();
        world.hear(vec![OrderView { revision: 50, ..order }]);
        let Page::Notice(Notice::OrderGone(number)) = &world.agent.live().page else {
            panic!("{:?}", world.agent.live().page)
        };
        assert_eq!(number, "1");
    }
}

#[test]
fn a_page_with_ages_on_it_is_drawn_again_every_quarter_of_a_minute() {
    let (mut world, _) = charging();
    assert_eq!(world.agent.next_deadline(), Some(REDRAW_MS));
    world.pass(REDRAW_MS);
    assert_eq!(world.agent.next_deadline(), Some(2 * REDRAW_MS));
}

#[test]
fn the_list_is_drawn_again_only_while_the_service_is_silent() {
    let mut world = World::new();
    world.hear(vec![]);
    assert_eq!(world.agent.next_deadline(), None, "nothing moves");
    world.unreachable(is_feed);
    world.pass(2_000);
    assert!(world.call(is_feed).is_some());
    assert_eq!(world.agent.next_deadline(), Some(REDRAW_MS));
}

#[test]
fn a_terminal_without_a_store_has_no_list_to_go_back_to() {
    let mut world = new_terminal();
    for tap in [Tap::Back, Tap::Home] {
        world.tap(&tap);
        assert!(matches!(world.agent.live().page, Page::Activation { .. }), "{tap:?}");
    }
}

#[test]
fn diagnostics_open_from_the_activation_only_when_the_technician_has_something_to_set() {
    let mut world = new_terminal();
    world.tap(&Tap::Diagnostics);
    assert!(matches!(world.agent.live().page, Page::Activation { .. }));
    world.agent.config.service = String::new();
    world.tap(&Tap::Diagnostics);
    assert!(matches!(world.agent.live().page, Page::Diagnostics));
}

#[test]
fn a_refused_terminal_can_be_activated_again_from_diagnostics_and_back_leads_to_the_list() {
    let mut world = World::new();
    world.hear(vec![]);
    world.tap(&Tap::Menu);
    world.tap(&Tap::Diagnostics);
    world.tap(&Tap::Reactivate);
    assert!(matches!(world.agent.live().page, Page::Diagnostics), "it is welcome as it is");
    world.refuse(is_feed, RefusalCode::Revoked);
    world.tap(&Tap::Back);
    world.tap(&Tap::Reactivate);
    assert!(matches!(world.agent.live().page, Page::List), "only from diagnostics");
    world.tap(&Tap::Menu);
    world.tap(&Tap::Diagnostics);
    world.tap(&Tap::Reactivate);
    assert!(matches!(world.agent.live().page, Page::Activation { .. }));
    world.tap(&Tap::Back);
    assert!(matches!(world.agent.live().page, Page::List));
}

#[test]
fn two_noughts_are_typed_with_one_key() {
    let mut world = looking_at_order();
    world.tap(&Tap::OtherAmount);
    world.tap(&Tap::Digit(5));
    world.tap(&Tap::DoubleZero);
    assert!(matches!(world.agent.live().page, Page::Amount { typed: 500, .. }));
}

#[test]
fn a_payment_is_opened_from_the_payments_or_its_result_and_only_a_known_one() {
    let mut world = paid_whole(false);
    let id = *world.agent.durable().attempts.keys().next().unwrap();
    world.tap(&Tap::Back);
    world.tap(&Tap::Payment(id));
    assert!(matches!(world.agent.live().page, Page::List));
    world.tap(&Tap::Menu);
    world.tap(&Tap::Payments);
    world.tap(&Tap::Payment(AttemptId::from_random(id.get() + 1)));
    assert!(matches!(world.agent.live().page, Page::Payments { .. }));
    world.tap(&Tap::Payment(id));
    assert!(matches!(world.agent.live().page, Page::Payment { attempt_id } if attempt_id == id));
}
