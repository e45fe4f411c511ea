//! What is charged and how: parts, instalments, another try, and giving up before anything left.

use protocol::attempt::OutcomeReason;

use super::*;

/// A terminal whose store contracted credit with so many instalments, and whose order 1 is open on the screen.
fn with_credit(merchant: u8, issuer: u8, total: u64) -> World {
    let mut settings = settings();
    for line in settings.methods.iter_mut().filter(|line| line.method == Method::Credit) {
        (line.merchant_installments_max, line.issuer_installments_max) = (merchant, issuer);
    }
    let token = DeviceToken::new("t".into());
    let mut world = World::with(vec![Record::Activated { token, settings, serial: None }]);
    world.event(Event::Booted);
    world.hear(vec![listed(1, total), listed(2, total)]);
    world.take_order(1);
    world
}

fn decline(world: &mut World) {
    let id = world.paying();
    world.event(Event::Returned(format!("posconnect://pay-response?code=-6&success=false&order_id={id}")));
    world.acknowledge_outcome();
}

/// Charges what the page of the order offers.
fn charge(world: &mut World) {
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
}

fn chosen(world: &World) -> Option<u64> {
    let Page::Order { amount, .. } = &world.agent.live().page else {
        panic!("the order is shown: {:?}", world.agent.live().page)
    };
    amount.map(Centavos::get)
}

#[test]
fn an_order_is_divided_in_two_to_ten_parts_of_at_least_a_centavo() {
    for (total, parts, first) in [
        (100, 2, Some(50)),
        (100, 10, Some(10)),
        (10, 10, Some(1)),
        (100, 11, None),
        (100, 1, None),
        (9, 10, None),
    ] {
        let mut world = with_credit(1, 1, total);
        world.tap(&Tap::Split);
        world.tap(&Tap::SplitInto(parts));
        match first {
            Some(_) => assert_eq!(chosen(&world), first, "{total} in {parts}"),
            None => assert!(matches!(world.agent.live().page, Page::Split { .. }), "{total} in {parts}"),
        }
    }
}

#[test]
fn instalments_are_asked_for_only_where_the_contract_has_them() {
    for (merchant, issuer, asked) in [(1, 1, false), (6, 1, true), (1, 6, true), (2, 1, true), (1, 2, true)] {
        let mut world = with_credit(merchant, issuer, 900);
        world.tap(&Tap::Method(Method::Credit));
        assert_eq!(
            matches!(world.agent.live().page, Page::Installments { .. }),
            asked,
            "merchant {merchant}, issuer {issuer}"
        );
        assert_eq!(world.call(is_start).is_some(), !asked);
    }
}

#[test]
fn nothing_but_credit_is_divided_whatever_the_contract_says() {
    let mut settings = settings();
    for line in &mut settings.methods {
        line.merchant_installments_max = 6;
    }
    let token = DeviceToken::new("t".into());
    let mut world = World::with(vec![Record::Activated { token, settings, serial: None }]);
    world.event(Event::Booted);
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    assert!(world.call(is_start).is_some());
}

#[test]
fn after_the_last_options_the_first_ones_come_again_and_no_page_is_empty() {
    for (merchant, firsts) in [(9, [0, 0]), (10, [9, 0]), (8, [0, 0])] {
        let mut world = with_credit(merchant, 1, 9_000);
        world.tap(&Tap::Method(Method::Credit));
        for expected in firsts {
            world.tap(&Tap::MoreOptions);
            let Page::Installments { first, .. } = world.agent.live().page else {
                panic!("the options stay")
            };
            assert_eq!(first, expected, "up to {merchant}");
        }
    }
}

#[test]
fn the_same_amount_is_offered_after_a_refusal_unless_less_is_left() {
    let mut world = with_credit(1, 1, 900);
    world.tap(&Tap::OtherAmount);
    world.type_amount(300);
    charge(&mut world);
    decline(&mut world);
    let mut less = world.agent.durable().orders[&order_id(1)].clone();
    world.tap(&Tap::TryAgain);
    assert_eq!(chosen(&world), Some(300));
    charge(&mut world);
    decline(&mut world);
    less.paid = money(700);
    less.revision = 90;
    world.hear(vec![less]);
    world.tap(&Tap::TryAgain);
    assert_eq!(chosen(&world), None, "what is left, not more");
}

#[test]
fn a_division_counts_its_own_parts_and_the_last_one_is_what_is_left() {
    let mut world = with_credit(1, 1, 900);
    world.tap(&Tap::Split);
    world.tap(&Tap::SplitInto(3));
    for left in [Some(300), None] {
        charge(&mut world);
        world.approve();
        world.acknowledge_outcome();
        world.tap(&Tap::ChargeRest);
        assert_eq!(chosen(&world), left);
    }
    charge(&mut world);
    assert!(world.opened.last().unwrap().0.contains("amount=300"));
    world.approve();
    assert_eq!(world.agent.live().split, None, "it is over");
}

#[test]
fn the_division_of_one_order_says_nothing_about_another() {
    // Divided, refused, and left for another order.
    let mut world = with_credit(1, 1, 900);
    world.tap(&Tap::Split);
    world.tap(&Tap::SplitInto(3));
    charge(&mut world);
    decline(&mut world);
    world.tap(&Tap::Home);
    world.answer(is_release, Ok(released()));
    world.take_order(2);
    assert_eq!(world.agent.live().split, Some((order_id(1), 3)));
    charge(&mut world);
    decline(&mut world);
    world.tap(&Tap::ChargeRest);
    assert_eq!(chosen(&world), None, "the whole of it");
    charge(&mut world);
    world.approve();
    assert_eq!(world.agent.live().split, None, "nobody divides any more");
}

#[test]
fn giving_up_while_the_service_is_told_charges_nothing_also_when_its_word_comes_late() {
    let mut world = with_credit(1, 1, 900);
    world.tap(&Tap::Method(Method::Debit));
    let (call, HubCall::Start(start)) = world.call(is_start).cloned().unwrap() else { unreachable!() };
    world.tap(&Tap::Back);
    assert!(world.effects.contains(&Effect::Drop(call)));
    assert!(matches!(world.agent.live().page, Page::Result { attempt_id } if attempt_id == start.attempt_id));
    assert_eq!(world.outcome(start.attempt_id), Some(Outcome::Cancelled));
    let ended = world.agent.durable().attempts[&start.attempt_id].ended.clone().unwrap();
    assert_eq!(ended.reason, Some(OutcomeReason::GivenUp));
    let ack = AttemptAck { attempt_id: start.attempt_id, outcome: None, flags: vec![], order: None };
    world.event(Event::Answered { call, result: Ok(Reply::Attempt(Box::new(ack))) });
    assert_eq!(world.opened_payments(), 0);
}
