//! The menu, the lists, and what is typed to search them.

use protocol::method::InstallmentType;

use super::*;

fn write(world: &mut World, field: &str, value: &str) {
    world.event(Event::Input(Input::Text { id: field.into(), value: value.into() }));
}

fn listed_first(world: &World) -> String {
    world.agent.listed(&world.agent.live().list.query, 50).0[0].number.clone()
}

#[test]
fn the_list_is_searched_by_number_name_and_value() {
    let mut world = World::new();
    let mut orders: Vec<_> = (1..=300).map(|n| listed(n, 10_000 + n)).collect();
    orders[6].display_name = "Mesa Sete".into();
    world.hear(orders);
    let table = [("mesa s", 1), ("300", 1), ("100,07", 1), ("R$ 102,99", 1), ("", 300), ("zzz", 0)];
    for (query, expected) in table {
        write(&mut world, "search", query);
        assert_eq!(world.agent.listed(&world.agent.live().list.query, 50).1, expected, "{query:?}");
    }
    write(&mut world, "search", "");
    assert_eq!(listed_first(&world), "300");
    world.tap(&Tap::Menu);
    world.tap(&Tap::Turn);
    assert!(matches!(world.agent.live().page, Page::List));
    assert_eq!(listed_first(&world), "1");
}

#[test]
fn what_is_typed_on_one_page_stays_there() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900), listed(2, 900)]);
    write(&mut world, "search", "2");
    world.tap(&Tap::TakeOrders);
    write(&mut world, "search", "77");
    let Page::Taking { query, .. } = &world.agent.live().page else { panic!("taking") };
    assert_eq!(query, "");
    write(&mut world, "search-to-take", "1");
    world.tap(&Tap::Back);
    assert_eq!(world.agent.live().list.query, "2");
    write(&mut world, "search", "");
    world.tap(&Tap::Menu);
    world.tap(&Tap::Payments);
    write(&mut world, "search-payments", "55");
    world.tap(&Tap::Back);
    world.tap(&Tap::Menu);
    world.tap(&Tap::Receipts);
    write(&mut world, "search-payments", "66");
    let Page::Receipts { query } = &world.agent.live().page else { panic!("receipts") };
    assert_eq!((query.as_str(), world.agent.live().list.query.as_str()), ("", ""));
    world.tap(&Tap::Back);
    world.tap(&Tap::Menu);
    world.tap(&Tap::Payments);
    assert!(matches!(&world.agent.live().page, Page::Payments { query, .. } if query.is_empty()));
}

#[test]
fn a_search_ends_with_the_order_that_it_found() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900), listed(2, 900)]);
    write(&mut world, "search", "1");
    world.take_order(1);
    world.tap(&Tap::Back);
    assert_eq!(listed_first(&world), "2", "the next order is not hidden by the last search");
    world.tap(&Tap::TakeOrders);
    write(&mut world, "search-to-take", "2");
    world.tap(&Tap::Order(order_id(2)));
    let Page::Taking { query, selected } = &world.agent.live().page else { panic!("taking") };
    assert_eq!((query.as_str(), selected.len()), ("", 1));
}

#[test]
fn more_options_come_round_and_the_amount_stays() {
    let mut world = World::new();
    let mut settings = settings();
    settings.methods[0].merchant_installments_max = 12;
    settings.methods[0].issuer_installments_max = 12;
    let mut page = world.page(vec![listed(1, 90_000)]);
    page.settings = Some(settings);
    world.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    world.take_order(1);
    world.tap(&Tap::OtherAmount);
    world.type_amount(45_000);
    world.tap(&Tap::Method(Method::Credit));
    let shown = |world: &World| {
        let Page::Installments { amount, first, .. } = &world.agent.live().page else {
            panic!("instalments")
        };
        (amount.get(), *first)
    };
    assert_eq!(world.agent.installment_options().len(), 23);
    for first in [0, 9, 18, 0, 9] {
        assert_eq!(shown(&world), (45_000, first));
        world.tap(&Tap::MoreOptions);
    }
    world.tap(&Tap::Back);
    assert!(
        matches!(world.agent.live().page, Page::Order { amount: Some(amount), .. } if amount == money(45_000))
    );
    world.tap(&Tap::Method(Method::Credit));
    world.tap(&Tap::Installments(InstallmentType::Issuer, 12));
    let (_, HubCall::Start(start)) = world.call(is_start).unwrap() else { panic!("not started") };
    assert_eq!(start.amount, money(45_000));
}

#[test]
fn a_terminal_that_is_not_activated_comes_back_to_the_activation_when_its_strays_were_seen() {
    let mut world = World::with(vec![]);
    world.agent.config.service = String::new();
    world.event(Event::Booted);
    world.event(Event::Returned("posconnect://pay-response?code=0".into()));
    world.tap(&Tap::Diagnostics);
    assert!(matches!(world.agent.live().page, Page::Diagnostics));
    world.tap(&Tap::SawStrays);
    assert!(matches!(world.agent.live().page, Page::Activation { .. }));
}

#[test]
fn a_tap_that_the_page_does_not_offer_is_ignored() {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    for tap in [Tap::Payments, Tap::Receipts, Tap::Diagnostics, Tap::Turn, Tap::SawStrays] {
        world.tap(&tap);
        assert!(matches!(world.agent.live().page, Page::List) && !world.agent.live().list.oldest_first);
    }
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    let id = world.paying();
    for tap in [Tap::SawStrays, Tap::Reactivate, Tap::Menu, Tap::SyncNow, Tap::Home, Tap::Copies] {
        world.tap(&tap);
        assert_eq!(world.paying(), id, "{tap:?}");
    }
}
