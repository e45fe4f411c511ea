//! Which serial number the terminal is activated with, and known by.

use protocol::Serial;
use protocol::activation::Activated;

use super::*;
use crate::flow::Serials;

const LABEL: &str = "LABEL-1";
const SYSTEM: &str = "SYSTEM1";

fn serial(text: &str) -> Option<Serial> {
    Some(Serial::parse(text).unwrap())
}

/// A terminal that knows these numbers; the payments of its earlier life say [`SERIAL`].
fn world(serials: Serials, records: Vec<Record>) -> World {
    let mut world = World::with(records);
    world.agent.config.serials = serials;
    world.event(Event::Booted);
    world
}

fn activated_with(world: &mut World) -> Option<Serial> {
    world.event(Event::Input(Input::Text { id: "code".into(), value: "A1".into() }));
    world.tap(&Tap::Activate);
    let (_, request) = world.call(|call| matches!(call, HubCall::Activate(_))).cloned()?;
    let HubCall::Activate(request) = request else { return None };
    let answer = Activated { device_token: "t".into(), settings: settings() };
    world.answer(|call| matches!(call, HubCall::Activate(_)), Ok(Reply::Activated(Box::new(answer))));
    Some(request.serial)
}

fn pay(world: &mut World) {
    world.hear(vec![listed(1, 5_000)]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    world.approve();
    world.acknowledge_outcome();
}

/// Records of a terminal that took a payment and was taken out of its store.
fn history() -> Vec<Record> {
    let mut world = World::new();
    pay(&mut world);
    world.records.into_iter().filter(|record| !matches!(record, Record::Activated { .. })).collect()
}

#[test]
fn the_label_counts_most_then_what_a_payment_told_then_what_the_system_says() {
    let both = Serials { provisioned: serial(LABEL), system: serial(SYSTEM) };
    let system = Serials { provisioned: None, system: serial(SYSTEM) };
    let table = [
        (both.clone(), vec![], serial(LABEL)),
        (both, history(), serial(LABEL)),
        (system.clone(), history(), serial(SERIAL)),
        (system, vec![], serial(SYSTEM)),
        (Serials::default(), history(), serial(SERIAL)),
        (Serials::default(), vec![], None),
    ];
    for (serials, records, expected) in table {
        let mut world = world(serials.clone(), records);
        assert_eq!(activated_with(&mut world), expected, "{serials:?}");
        assert_eq!(world.agent.serial(), expected);
    }
}

#[test]
fn the_store_knows_the_terminal_by_the_number_of_its_activation_whatever_is_learned_later() {
    let mut world = world(Serials { provisioned: None, system: serial(SYSTEM) }, vec![]);
    assert_eq!(activated_with(&mut world), serial(SYSTEM));
    pay(&mut world);
    assert_eq!(world.agent.serial(), serial(SYSTEM));
    assert_eq!(world.agent.serial_to_activate(), serial(SERIAL), "the payment told another");
    let restarted = world.restarted();
    assert_eq!(restarted.agent.serial(), serial(SYSTEM));
}
