//! A power cut at any record: the journal brings everything back, and nothing is charged twice.

use super::*;

#[test]
fn a_restart_before_the_launch_charged_nothing_and_says_so() {
    let mut world = World::new();
    world.hear(vec![direct(1, 100, Method::Debit)]);
    world.grant();
    let mut world = world.restarted();
    let id = *world.agent.durable().attempts.keys().next().unwrap();
    assert_eq!(world.outcome(id), Some(Outcome::Cancelled));
    assert!(world.call(is_outcome).is_some());
    assert_eq!(world.opened_payments(), 0);
    world.pass(200_000);
    assert_eq!(world.outcome(id), Some(Outcome::Cancelled));
}

#[test]
fn an_answer_that_starts_the_new_process_is_taken() {
    let mut world = World::new();
    world.hear(vec![direct(1, 100, Method::Debit)]);
    world.grant();
    world.acknowledge_start();
    let id = world.paying();
    let mut world = world.restarted();
    assert_eq!(world.paying(), id);
    world.approve();
    assert_eq!(world.outcome(id), Some(Outcome::Approved));
    world.acknowledge_outcome();
    assert_eq!(world.opened_payments(), 0, "not launched again");
}

#[test]
fn no_answer_after_a_restart_is_in_doubt() {
    let mut world = World::new();
    world.hear(vec![direct(1, 100, Method::Debit)]);
    world.grant();
    world.acknowledge_start();
    let id = world.paying();
    let mut world = world.restarted();
    world.pass(45_000);
    assert_eq!(world.outcome(id), Some(Outcome::InDoubt));
    let ended = world.agent.durable().attempts[&id].ended.clone().unwrap();
    assert_eq!(ended.reason, Some(protocol::attempt::OutcomeReason::Restarted));
    assert!(!world.agent.durable().claims.is_empty(), "the claim outlives the crash");
}

/// Lives through a day with everything in it, and restarts from every prefix of its journal.
#[test]
fn a_restart_from_any_prefix_never_launches_and_never_loses_a_result() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900), listed(2, 500)]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    world.approve();
    world.acknowledge_outcome();
    world.tap(&Tap::Back);
    world.take_order(2);
    world.tap(&Tap::Method(Method::Pix));
    world.acknowledge_start();
    world.pass(180_000);
    world.acknowledge_outcome();
    for cut in 1..=world.records.len() {
        let prefix = world.records[..cut].to_vec();
        let ended_before: Vec<_> = prefix
            .iter()
            .filter_map(|record| {
                let Record::AttemptEnded { ended, .. } = record else {
                    return None;
                };
                Some((ended.attempt.attempt_id, ended.outcome))
            })
            .collect();
        let mut again = World::with(prefix);
        again.event(Event::Booted);
        assert_eq!(again.opened_payments(), 0, "cut at {cut}");
        for (id, outcome) in ended_before {
            assert_eq!(again.outcome(id), Some(outcome), "cut at {cut}");
        }
        again.pass(45_000);
        let open = again.agent.durable().attempts.values().filter(|a| a.ended.is_none()).count();
        assert_eq!(open, 0, "cut at {cut}: every attempt has an end");
    }
}

#[test]
fn a_snapshot_of_the_state_is_as_good_as_its_records() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    let json = serde_json::to_string(world.agent.durable()).unwrap();
    let back: Durable = serde_json::from_str(&json).unwrap();
    assert_eq!(back, *world.agent.durable());
}

#[test]
fn without_a_journal_nothing_is_done() {
    let mut world = World::new();
    world.agent.block("damaged");
    world.event(Event::Booted);
    world.tap(&Tap::Order(order_id(1)));
    world.event(Event::Returned("posconnect://pay-response?code=0&amount=1&order_id=1".into()));
    assert_eq!(world.agent.next_deadline(), None);
    assert_eq!(world.agent.live().errors.len(), 1, "shown, since it cannot be recorded");
}
