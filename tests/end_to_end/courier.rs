//! A courier: takes orders along and charges them where there is no network.

use pos_connect_tests::operator::page;
use pos_connect_tests::pdv::listed;
use pos_connect_tests::shop::{L3, P2, Shop};

#[test]
fn a_courier_takes_orders_charges_offline_and_reports_once_when_the_network_is_back() {
    let shop = Shop::open();
    let p2 = shop.terminal(P2);
    let (first, second) =
        (shop.pdv.create(&listed("Rua A 1", 10_000)), shop.pdv.create(&listed("Rua B 2", 2_500)));
    for order in [&first, &second] {
        p2.lists(order);
    }
    p2.takes_all_along();
    p2.network(false);
    for order in [&first, &second] {
        p2.takes(order);
        p2.charges("debit");
        p2.acquirer_approves();
        p2.on(page::APPROVED);
        p2.tap("back");
    }
    assert!(!shop.webhooks.has_heard("charge.paid"));
    // Meanwhile nobody at the shop can charge them.
    let l3 = shop.terminal(L3);
    l3.taps_order(&first);
    l3.sees("Outro terminal está com este pedido");
    p2.network(true);
    for order in [&first, &second] {
        shop.webhooks.expect_payments(order, &["charge.paid", "order.paid"]);
        assert_eq!(shop.pdv.order(order)["charges"].as_array().unwrap().len(), 1);
    }
    assert_eq!(p2.payments_opened(), 2);
}

#[test]
fn a_courier_whose_terminal_dies_offline_reports_from_its_journal() {
    let shop = Shop::with_one(P2, "P2");
    let p2 = shop.terminal(P2);
    let order = shop.pdv.create(&listed("Rua A 1", 10_000));
    p2.lists(&order);
    p2.takes_all_along();
    p2.network(false);
    p2.takes_and_is_paid(&order, "pix");
    p2.on(page::APPROVED);
    p2.power_off();
    p2.power_on();
    p2.network(true);
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    assert_eq!(p2.payments_opened(), 1);
}

#[test]
fn without_network_the_last_list_stays_with_its_age_and_nothing_is_charged_without_a_claim() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.lists(&order);
    l3.network(false);
    l3.taps_order(&order);
    l3.on(page::UNREACHABLE);
    l3.tap("back");
    l3.lists(&order);
    assert_eq!(l3.payments_opened(), 0);
    l3.network(true);
    l3.takes_and_is_paid(&order, "debit");
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
}
