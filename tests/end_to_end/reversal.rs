//! Giving a payment back on the terminal that took it.

use pos_connect_tests::pdv::listed;
use pos_connect_tests::shop::{L3, Shop};
use pos_connect_tests::terminal::Terminal;
use serde_json::json;

/// A store whose one terminal has just taken R$ 100,00 on credit, and shows that payment.
fn showing_a_payment() -> (Shop, Terminal, String) {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.takes_and_is_paid(&order, "credit");
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    l3.goes_back_to_list();
    l3.opens_last_payment();
    (shop, l3, order)
}

#[test]
fn a_reversal_on_the_terminal_is_told_as_charge_refunded() {
    let (shop, l3, order) = showing_a_payment();
    l3.tap("reverse");
    l3.tap("reverse-confirmed");
    assert_eq!(l3.acquirer_shows("cancel")["amount"], 10_000);
    l3.acquirer("approve", &json!({}));
    let events = shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid", "charge.refunded"]);
    assert_eq!(events[2].body["data"]["canceled_amount"], 10_000, "{:#}", events[2].body);
}

#[test]
fn a_part_can_be_given_back_and_is_told_as_partial() {
    let (shop, l3, order) = showing_a_payment();
    l3.tap("reverse");
    l3.tap("reverse-part");
    for digit in ["3", "0", "0", "0"] {
        l3.tap(&format!("digit:{digit}"));
    }
    l3.tap("confirm");
    l3.tap("reverse-confirmed");
    assert_eq!(l3.acquirer_shows("cancel")["amount"], 3_000);
    l3.acquirer("approve", &json!({}));
    let events =
        shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid", "charge.partial_canceled"]);
    assert_eq!(events[2].body["data"]["canceled_amount"], 3_000, "{:#}", events[2].body);
}

#[test]
fn a_reversal_that_the_operator_gives_up_leaves_the_payment_as_it_is() {
    let (shop, l3, order) = showing_a_payment();
    l3.tap("reverse");
    l3.tap("reverse-confirmed");
    l3.acquirer_shows("cancel");
    l3.acquirer("cancel", &json!({}));
    l3.sees("O pagamento continua valendo");
    let _ = shop.webhooks.expect("posconnect.reversal.failed");
    let charge = shop.pdv.order(&order)["charges"][0].clone();
    assert_eq!((&charge["status"], &charge["canceled_amount"]), (&json!("paid"), &json!(0)), "{charge}");
}

#[test]
fn a_reversal_that_fails_with_a_code_in_no_list_is_in_doubt_and_cannot_be_tried_twice() {
    let (shop, l3, order) = showing_a_payment();
    l3.tap("reverse");
    l3.tap("reverse-confirmed");
    l3.acquirer_shows("cancel");
    l3.acquirer("decline", &json!({}));
    l3.sees("Estorno em dúvida");
    let _ = shop.webhooks.expect("posconnect.reversal.in_doubt");
    l3.tap("back");
    l3.tap_first("payment:");
    let state = l3.on("payment");
    assert!(!state["screen"].to_string().contains("\"reverse\""), "{}", l3.describe());
    assert_eq!(shop.pdv.order(&order)["charges"][0]["status"], "paid");
}

#[test]
fn a_reversal_that_the_pdv_asks_for_reaches_the_terminal_that_took_the_payment() {
    let (shop, l3, order) = showing_a_payment();
    let charge = shop.pdv.order(&order)["charges"][0]["id"].as_str().unwrap().to_owned();
    let asked = shop.pdv.http.send("DELETE", &format!("/core/v5/charges/{charge}"), &json!({})).ok();
    assert_eq!(asked["pending_cancellation"], true, "{asked}");
    l3.tap("back");
    l3.goes_back_to_list();
    l3.sees("1 estorno pedido pela loja");
    l3.opens_last_payment();
    l3.tap("reverse");
    l3.tap("reverse-confirmed");
    l3.acquirer_shows("cancel");
    l3.acquirer("approve", &json!({}));
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid", "charge.refunded"]);
}
