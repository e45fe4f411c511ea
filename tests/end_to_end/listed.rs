//! Listed orders: seen by several terminals, taken by one.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use pos_connect_tests::operator::page;
use pos_connect_tests::pdv::listed;
use pos_connect_tests::shop::{A8, L3, P2, Shop};
use pos_connect_tests::terminal::Terminal;
use serde_json::json;

#[test]
fn a_listed_order_is_seen_by_three_terminals_taken_by_one_and_refused_clearly_on_the_others() {
    let shop = Shop::open();
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    for serial in [L3, A8, P2] {
        shop.terminal(serial).lists(&order);
    }
    shop.terminal(L3).takes(&order);
    for serial in [A8, P2] {
        let terminal = shop.terminal(serial);
        terminal.taps_order(&order);
        terminal.sees("Outro terminal está com este pedido");
        assert_eq!(terminal.payments_opened(), 0);
    }
}

#[test]
fn of_two_terminals_that_tap_in_the_same_instant_one_gets_the_order_and_the_other_a_clear_screen() {
    let shop = Shop::open();
    let (l3, a8) = (shop.terminal(L3), shop.terminal(A8));
    for round in 0..4 {
        let order = shop.pdv.create(&listed(&format!("Mesa {round}"), 1_000));
        let instant = Barrier::new(2);
        thread::scope(|scope| {
            for terminal in [&l3, &a8] {
                let (instant, order) = (&instant, &order);
                scope.spawn(move || {
                    terminal.lists(order);
                    instant.wait();
                    terminal.taps_order(order);
                });
            }
        });
        let pages: Vec<_> = [&l3, &a8].into_iter().map(Terminal::page_after_claim).collect();
        let winner = pages
            .iter()
            .position(|page| page == page::ORDER)
            .unwrap_or_else(|| panic!("round {round}: {pages:?}"));
        assert_eq!(pages[1 - winner], page::HELD_BY_OTHER, "round {round}: {pages:?}");
        let (winner, loser) = if winner == 0 { (&l3, &a8) } else { (&a8, &l3) };
        loser.sees("Outro terminal está com este pedido");
        loser.tap("back");
        winner.charges("debit");
        winner.acquirer_approves();
        shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
        winner.tap("back");
        winner.on(page::LIST);
    }
    assert_eq!(l3.payments_opened() + a8.payments_opened(), 4);
}

#[test]
fn several_listed_orders_are_open_at_once_and_are_found_by_name_and_by_value() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let orders: Vec<_> =
        (1..=40_u64).map(|n| shop.pdv.create(&listed(&format!("Mesa {n}"), n * 1_111))).collect();
    // More than the thirty that Stone Connect lists; the newest is first.
    l3.lists(&orders[39]);
    l3.lists(&orders[0]);
    l3.types("search", "Mesa 17");
    l3.sees("Mesa 17");
    l3.sees_no("Mesa 18");
    l3.types("search", "333,30");
    l3.sees("Mesa 30");
    l3.sees_no("Mesa 17");
    l3.types("search", "");
    l3.takes_and_is_paid(&orders[11], "debit");
    shop.webhooks.expect_payments(&orders[11], &["charge.paid", "order.paid"]);
    assert_eq!(shop.pdv.order(&orders[12])["status"], "pending");
}

#[test]
fn an_order_closed_before_payment_is_gone_from_every_terminal_within_a_second() {
    let shop = Shop::open();
    // The best of three: the machine may be busy with other tests for a moment, the product may not.
    let took = (0..3).map(|round| close_and_measure(&shop, &format!("Mesa {round}"))).min().unwrap();
    assert!(took < Duration::from_secs(1), "{took:?}");
}

fn close_and_measure(shop: &Shop, name: &str) -> Duration {
    let order = shop.pdv.create(&listed(name, 10_000));
    for serial in [L3, A8, P2] {
        shop.terminal(serial).lists(&order);
    }
    let began = Instant::now();
    let _ = shop.pdv.close(&order, "canceled").ok();
    for serial in [L3, A8, P2] {
        shop.terminal(serial).sees_no(name);
    }
    let took = began.elapsed();
    assert_eq!(shop.pdv.order(&order)["status"], "canceled");
    shop.webhooks
        .wait(|events| {
            events
                .iter()
                .any(|event| event.kind == "order.canceled" && event.order_id() == order)
                .then_some(())
        })
        .expect("the PDV hears of it");
    took
}

#[test]
fn an_order_whose_time_is_over_leaves_the_terminals_by_itself() {
    let shop = Shop::with_one(L3, "L3");
    let mut order = listed("Mesa 4", 10_000);
    // The shortest life that an order may have, in seconds.
    order.0["expires_in"] = json!(30);
    let order = shop.pdv.create(&order);
    let l3 = shop.terminal(L3);
    l3.lists(&order);
    l3.wait_for(&[("no_text", "Mesa 4")], 60);
    let _ = shop.webhooks.expect("order.canceled");
    assert_eq!(shop.pdv.order(&order)["posconnect"]["close_reason"], "expired");
}

#[test]
fn an_order_closed_while_it_is_charged_books_and_tells_the_late_approval() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.takes(&order);
    l3.charges("debit");
    let closed = shop.pdv.close(&order, "canceled").ok();
    assert_eq!(closed["posconnect"]["stage"], "closing", "{closed}");
    l3.acquirer_approves();
    shop.webhooks.expect_payments(&order, &["charge.paid"]);
    let after = shop.pdv.order(&order);
    assert_eq!(after["charges"][0]["status"], "paid", "{after}");
    assert_eq!(after["charges"][0]["amount"], 10_000, "{after}");
}

#[test]
fn an_order_closed_while_it_is_charged_ends_when_the_charge_is_declined() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.takes(&order);
    l3.charges("debit");
    let _ = shop.pdv.close(&order, "canceled").ok();
    l3.acquirer("decline", &json!({}));
    shop.webhooks
        .wait(|events| {
            events
                .iter()
                .any(|event| event.kind == "order.canceled" && event.order_id() == order)
                .then_some(())
        })
        .unwrap();
    assert_eq!(shop.pdv.order(&order)["status"], "canceled");
}

#[test]
fn a_method_fixed_at_the_pdv_is_the_only_one_the_terminal_offers() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 30_000).installments(3, "merchant"));
    l3.takes(&order);
    let screen = l3.state()["screen"].to_string();
    assert!(!screen.contains("method:"), "{screen}");
    l3.tap("charge");
    let request = l3.acquirer_shows("pay");
    assert_eq!((&request["method"], &request["installments"]), (&json!("credit"), &json!(3)));
    l3.acquirer_approves();
    let events = shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    assert_eq!(events[0].body["data"]["metadata"]["installment_quantity"], "3");
}

#[test]
fn a_return_with_another_method_than_was_fixed_is_flagged_and_not_booked() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000).method("debit"));
    l3.takes(&order);
    l3.tap("charge");
    l3.acquirer_shows("pay");
    l3.acquirer("other-method", &json!({"method": "credit"}));
    l3.on(page::IN_DOUBT);
    let doubt = shop
        .webhooks
        .wait(|events| {
            events
                .iter()
                .find(|event| event.kind == "posconnect.attempt.in_doubt" && event.order_id() == order)
                .cloned()
        })
        .expect("the PDV hears of the doubt");
    assert!(doubt.body.to_string().contains("method_differs"), "{:#}", doubt.body);
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
    assert!(!shop.webhooks.has_heard("charge.paid"));
}
