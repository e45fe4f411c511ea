//! Orders paid in parts and with several methods.

use pos_connect_tests::operator::page;
use pos_connect_tests::pdv::listed;
use pos_connect_tests::shop::{A8, L3, Shop};
use serde_json::json;

#[test]
fn fifty_on_credit_and_fifty_on_debit_tell_two_payments_and_then_the_paid_order() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.takes(&order);
    l3.enters(5_000);
    assert_eq!(l3.charges("credit")["amount"], 5_000);
    l3.acquirer_approves();
    shop.webhooks.expect_payments(&order, &["charge.paid"]);
    // The balance is on the screen, and the rest is one tap away.
    l3.sees("R$ 50,00");
    l3.tap("charge-rest");
    assert_eq!(l3.charges("debit")["amount"], 5_000);
    l3.acquirer_approves();
    let events = shop.webhooks.expect_payments(&order, &["charge.paid", "charge.paid", "order.paid"]);
    let paid = |index: usize, name: &str| events[index].body["data"]["posconnect"][name].clone();
    assert_eq!([paid(0, "method"), paid(1, "method")], ["credit", "debit"]);
    assert_eq!([paid(0, "t_pag"), paid(1, "t_pag")], ["03", "04"]);
    let paid = shop.pdv.order(&order);
    assert_eq!((&paid["status"], paid["charges"].as_array().unwrap().len()), (&json!("paid"), 2));
}

#[test]
fn an_amount_above_the_balance_is_refused_on_the_terminal() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.takes(&order);
    l3.enters(10_001);
    l3.sees("Valor maior que o saldo do pedido");
    l3.on(page::AMOUNT);
    assert_eq!(l3.payments_opened(), 0);
}

#[test]
fn a_division_in_three_leaves_no_centavo_over() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.takes(&order);
    l3.tap("split");
    l3.tap("split:3");
    let mut amounts = vec![];
    for part in 0..3 {
        if part > 0 {
            l3.tap("charge-rest");
        }
        amounts.push(l3.charges("debit")["amount"].as_u64().unwrap());
        l3.acquirer_approves();
        l3.on(page::APPROVED);
    }
    assert_eq!(amounts, [3_334, 3_333, 3_333]);
    shop.webhooks.expect_payments(&order, &["charge.paid", "charge.paid", "charge.paid", "order.paid"]);
}

#[test]
fn the_rest_of_an_order_can_be_taken_on_another_terminal() {
    let shop = Shop::open();
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    let (l3, a8) = (shop.terminal(L3), shop.terminal(A8));
    l3.takes(&order);
    l3.enters(4_000);
    l3.charges("pix");
    l3.acquirer_approves();
    shop.webhooks.expect_payments(&order, &["charge.paid"]);
    l3.on(page::APPROVED);
    l3.goes_back_to_list();
    a8.sees_no("Com outro terminal");
    a8.takes(&order);
    assert_eq!(a8.charges("debit")["amount"], 6_000);
    a8.acquirer_approves();
    shop.webhooks.expect_payments(&order, &["charge.paid", "charge.paid", "order.paid"]);
}
