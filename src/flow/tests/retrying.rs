//! Reversals that got no answer: tried again every hour where that is safe, and settled by the store.

use protocol::reversal::SettledReversal;

use super::reversal::{APPROVED, is_reversal, outcome, paid};
use super::*;
use crate::flow::state::Reversal;

pub(super) const HOUR: u64 = 3_600_000;
const REFUSED: &str = "posconnect://cancel?success=false&reason=7202&atk=37820073187607";
const CANCELLED: &str = "posconnect://cancel?success=false&reason=7011&atk=37820073187607";

/// The whole R$ 9,00, or a part, asked back without an answer; the service knows, and the list is shown.
pub(super) fn doubtful(part: Option<u64>) -> (World, AttemptId) {
    let (mut world, id) = paid();
    world.tap(&Tap::Reverse);
    if let Some(part) = part {
        world.tap(&Tap::ReversePart);
        world.type_amount(part);
    }
    world.tap(&Tap::ReverseConfirmed);
    world.pass(120_000);
    take_down(&mut world);
    world.tap(&Tap::Home);
    (world, id)
}

fn reversal(world: &World) -> Reversal {
    world.agent.durable().reversals.values().next().unwrap().clone()
}

/// The payment as the service shows it.
fn approved_with(id: AttemptId, settled_reversals: Vec<SettledReversal>) -> AttemptView {
    AttemptView {
        id,
        terminal: Serial::parse(SERIAL).unwrap(),
        amount: money(900),
        choice: PaymentChoice::at_once(Method::Debit),
        outcome: Some(Outcome::Approved),
        resolved_by_store: false,
        reversed: Centavos::ZERO,
        settled_reversals,
    }
}

/// The service takes down the reversal, perhaps with a decision.
fn take_down_with(world: &mut World, settled: Vec<SettledReversal>) {
    let (_, HubCall::Reversal(ended)) = world.call(is_reversal).cloned().unwrap() else { unreachable!() };
    let mut order = listed(1, 900);
    (order.status, order.revision) = (OrderStatus::Paid, 50);
    order.attempts.push(approved_with(ended.attempt_id, settled));
    let outcome = Some(Outcome::Approved);
    let ack = AttemptAck { attempt_id: ended.attempt_id, outcome, flags: vec![], order: Some(order) };
    world.answer(is_reversal, Ok(Reply::Attempt(Box::new(ack))));
}

pub(super) fn take_down(world: &mut World) {
    take_down_with(world, vec![]);
}

pub(super) fn opened(world: &World) -> usize {
    world.opened.iter().filter(|(_, purpose)| *purpose == Purpose::Reverse).count()
}

/// An hour later the store was asked first, and has decided nothing.
fn next_try(world: &mut World) {
    world.pass(HOUR);
    take_down(world);
}

#[test]
fn a_whole_reversal_is_tried_again_every_hour_under_the_same_key_until_it_is_clear() {
    let (mut world, id) = doubtful(None);
    world.pass(HOUR / 2);
    assert!(world.call(is_reversal).is_none());
    world.pass(HOUR / 2 - 1);
    assert_eq!(opened(&world), 1);
    world.pass(1);
    assert_eq!(opened(&world), 1, "the store is asked first");
    take_down(&mut world);
    assert_eq!(opened(&world), 2);
    let uris: Vec<_> = world.opened.iter().filter(|(_, p)| *p == Purpose::Reverse).collect();
    assert_eq!(uris[0], uris[1]);
    world.event(Event::Returned(format!("{APPROVED}&canceledamount=900")));
    assert_eq!(outcome(&world), Some(Outcome::Approved));
    assert_eq!(world.agent.durable().attempts[&id].reversed, money(900));
    world.event(Event::Returned(format!("{APPROVED}&canceledamount=900")));
    assert_eq!(world.agent.durable().attempts[&id].reversed, money(900), "once");
    take_down(&mut world);
    world.tap(&Tap::Home);
    world.pass(HOUR * 2);
    assert_eq!(opened(&world), 2);
}

#[test]
fn a_refusal_of_a_later_try_says_nothing_about_the_first_one() {
    for answer in [REFUSED, CANCELLED] {
        let (mut world, id) = doubtful(None);
        next_try(&mut world);
        world.event(Event::Returned(answer.to_owned()));
        assert_eq!(outcome(&world), Some(Outcome::InDoubt), "{answer}");
        assert!(reversal(&world).ended.unwrap().reason.is_some());
        assert_eq!(world.agent.reversible(id), Centavos::ZERO);
    }
    let (mut world, _) = doubtful(None);
    next_try(&mut world);
    world.event(Event::OpenFailed);
    assert_eq!(outcome(&world), Some(Outcome::InDoubt));
}

#[test]
fn a_late_refusal_after_another_try_decides_nothing_and_a_late_approval_does() {
    let (mut world, id) = doubtful(None);
    next_try(&mut world);
    world.pass(120_000);
    world.event(Event::Returned(REFUSED.to_owned()));
    assert_eq!(outcome(&world), Some(Outcome::InDoubt));
    world.event(Event::Returned(format!("{APPROVED}&canceledamount=900")));
    assert_eq!(world.agent.durable().attempts[&id].reversed, money(900));
}

#[test]
fn what_was_never_opened_gave_nothing_back() {
    let (mut world, id) = paid();
    world.tap(&Tap::Reverse);
    world.tap(&Tap::ReverseConfirmed);
    world.event(Event::OpenFailed);
    assert_eq!(outcome(&world), Some(Outcome::Cancelled));
    assert_eq!(world.agent.reversible(id), money(900));
}

#[test]
fn a_part_is_never_tried_again_by_itself() {
    let (mut world, _) = doubtful(Some(400));
    for _ in 0..3 {
        next_try(&mut world);
    }
    assert_eq!(opened(&world), 1);
}

#[test]
fn after_a_day_of_tries_it_waits_for_the_store() {
    let (mut world, _) = doubtful(None);
    for _ in 0..30 {
        next_try(&mut world);
        if world.agent.live().in_flight.is_some() {
            world.event(Event::Returned(REFUSED.to_owned()));
            take_down(&mut world);
        }
        world.tap(&Tap::Home);
    }
    assert_eq!(opened(&world), 25);
}

#[test]
fn a_try_waits_until_the_list_is_shown_and_the_store_can_be_heard() {
    let (mut world, _) = doubtful(None);
    world.pass(HOUR - 60_000);
    world.tap(&Tap::Menu);
    world.tap(&Tap::Diagnostics);
    world.pass(60_000);
    assert_eq!(opened(&world), 1, "somebody reads something");
    take_down(&mut world);
    world.unreachable(is_feed);
    world.tap(&Tap::Home);
    assert_eq!(opened(&world), 1, "nobody knows what the store decided");
    world.pass(5_000);
    world.hear(vec![]);
    assert_eq!(opened(&world), 1, "somebody has just touched the list");
    let due = world.agent.next_deadline().unwrap();
    assert!(due <= world.now.mono_ms + 25_000, "it wakes by itself");
    world.pass(25_000);
    assert_eq!(opened(&world), 1, "what it said a minute ago is old");
    take_down(&mut world);
    assert_eq!(opened(&world), 2);
}

#[test]
fn tries_are_counted_over_a_restart_and_rest_an_hour_from_the_last() {
    let (mut world, _) = doubtful(None);
    next_try(&mut world);
    let mut world = world.restarted();
    assert_eq!((reversal(&world).retries, outcome(&world)), (1, Some(Outcome::InDoubt)));
    world.pass(HOUR / 2);
    assert_eq!(opened(&world), 0);
    // Its clock was set back meanwhile: better early than never.
    world.now.wall = UnixMillis(5);
    world.pass(60_000);
    take_down(&mut world);
    assert_eq!(opened(&world), 1);
}

#[test]
fn the_store_s_decision_is_taken_once_and_ends_the_tries() {
    for (decided, back) in [(Outcome::Approved, 900), (Outcome::Declined, 0)] {
        let (mut world, id) = doubtful(None);
        let settled = SettledReversal { reversal_id: reversal(&world).start.reversal_id, outcome: decided };
        world.pass(HOUR);
        take_down_with(&mut world, vec![settled]);
        assert_eq!(reversal(&world).outcome(), Some(decided));
        assert_eq!(world.agent.durable().attempts[&id].reversed, money(back));
        assert_eq!(world.agent.reversible(id), money(900 - back));
        world.pass(HOUR * 3);
        assert_eq!(opened(&world), 1, "{decided:?}");
        let mut world = world.restarted();
        world.pass(HOUR);
        assert_eq!(world.agent.durable().attempts[&id].reversed, money(back));
        // A return that comes after all.
        world.event(Event::Returned(format!("{APPROVED}&canceledamount=900")));
        assert_eq!(world.agent.durable().attempts[&id].reversed, money(900), "money that went back, once");
        let contradicts = decided == Outcome::Declined;
        assert_eq!(world.call(is_reversal).is_some(), contradicts, "and it is told");
        if contradicts {
            take_down_with(&mut world, vec![settled]);
        }
        assert_eq!(reversal(&world).outcome(), Some(Outcome::Approved), "whatever the store still believes");
    }
}

#[test]
fn a_decision_does_not_end_a_try_under_way() {
    let (mut world, id) = doubtful(None);
    next_try(&mut world);
    let settled =
        SettledReversal { reversal_id: reversal(&world).start.reversal_id, outcome: Outcome::Declined };
    let mut order = listed(1, 900);
    order.attempts.push(approved_with(id, vec![settled]));
    world.hear(vec![order]);
    assert_eq!(reversal(&world).settled, None);
    world.event(Event::Returned(format!("{APPROVED}&canceledamount=900")));
    assert_eq!(world.agent.durable().attempts[&id].reversed, money(900));
}
