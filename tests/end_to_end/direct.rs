//! Direct orders: to one terminal, opened by itself, charged once and whole.

use pos_connect_tests::operator::page;
use pos_connect_tests::pdv::{direct, id_of, listed};
use pos_connect_tests::shop::{A8, ACQUIRER_CNPJ, L3, P2, Shop};
use serde_json::json;

#[test]
fn a_direct_order_opens_by_itself_with_method_and_value_fixed_and_the_sale_closes_by_itself() {
    let shop = Shop::open();
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&direct(L3, "debit", 2_590));
    let request = l3.acquirer_shows("pay");
    assert_eq!((&request["amount"], &request["method"]), (&json!(2_590), &json!("debit")));
    assert!(request["uri"].as_str().unwrap().contains("editable_amount=0"));
    l3.acquirer_approves();
    l3.sees("R$ 25,90");
    let events = shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    let charge = &events[0].body["data"];
    assert_eq!((&charge["amount"], &charge["status"]), (&json!(2_590), &json!("paid")));
    assert_eq!(charge["metadata"]["terminal_serial_number"], L3);
    assert_eq!(charge["posconnect"]["acquirer_cnpj"], ACQUIRER_CNPJ);
    assert_eq!(charge["posconnect"]["t_pag"], "04");
    assert!(charge["metadata"]["authorization_code"].as_str().is_some_and(|code| !code.is_empty()));
    assert!(charge["metadata"]["initiator_transaction_key"].as_str().is_some_and(|itk| itk.starts_with(L3)));
    assert_eq!(shop.pdv.order(&order)["status"], "paid");
    assert_eq!(l3.payments_opened(), 1);
}

#[test]
fn a_direct_order_is_on_its_terminal_only() {
    let shop = Shop::open();
    let order = shop.pdv.create(&direct(A8, "pix", 1_000));
    let seen_by_all = shop.pdv.create(&listed("Mesa 1", 500));
    shop.terminal(A8).acquirer_shows("pay");
    let l3 = shop.terminal(L3);
    l3.lists(&seen_by_all);
    assert!(!l3.state()["screen"].to_string().contains(&order));
}

#[test]
fn a_direct_order_that_is_declined_stays_and_can_be_charged_again() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&direct(L3, "debit", 1_000));
    l3.acquirer_shows("pay");
    l3.acquirer("decline", &json!({}));
    l3.tap("try-again");
    l3.tap("charge");
    l3.acquirer_approves();
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    assert_eq!(l3.payments_opened(), 2);
}

#[test]
fn a_p2_takes_no_direct_order_and_a_direct_order_names_exactly_one_terminal() {
    let shop = Shop::open();
    let before = shop.pdv.order_count();
    let mut two = direct(L3, "debit", 1_000);
    two.0["poi_payment_settings"]["devices_serial_number"] = json!([L3, A8]);
    let mut none = direct(L3, "debit", 1_000);
    none.0["poi_payment_settings"]["devices_serial_number"] = json!([]);
    for order in [direct(P2, "debit", 1_000), two, none] {
        let answer = shop.pdv.http.post("/core/v5/orders", &order.0);
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.json()["message"].is_string(), "{}", answer.text());
    }
    assert_eq!(shop.pdv.order_count(), before);
    // The same P2 takes listed orders.
    let order = id_of(&shop.pdv.http.post("/core/v5/orders", &listed("Mesa 2", 1_000).on(&[P2]).0).ok());
    shop.terminal(P2).lists(&order);
}

#[test]
fn while_one_direct_order_is_paid_the_next_one_waits_its_turn() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let first = shop.pdv.create(&direct(L3, "debit", 1_000));
    assert_eq!(l3.acquirer_shows("pay")["amount"], 1_000);
    let second = shop.pdv.create(&direct(L3, "debit", 2_000));
    l3.acquirer_approves();
    shop.webhooks.expect_payments(&first, &["charge.paid", "order.paid"]);
    l3.wait(&[("acquirer", "pay"), ("acquirer_number", "2")]);
    l3.acquirer_approves();
    shop.webhooks.expect_payments(&second, &["charge.paid", "order.paid"]);
    l3.on(page::APPROVED);
}
