//! Silence, cuts and forgeries: in doubt or recovered, never lost, never charged twice.

use pos_connect_tests::operator::page;
use pos_connect_tests::pdv::listed;
use pos_connect_tests::shop::{A8, L3, Shop};
use pos_connect_tests::terminal::Terminal;
use serde_json::{Value, json};

/// Longest wait for what the agent itself waits for: 20 s before the operator may give up, 45 s for a return after a
/// restart.
const PATIENCE_S: u64 = 100;

/// A store with one terminal in the middle of a payment of R$ 100,00 on debit.
fn in_the_middle_of_a_payment() -> (Shop, Terminal, String) {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.takes(&order);
    l3.charges("debit");
    (shop, l3, order)
}

#[test]
fn silence_is_in_doubt_blocks_a_second_charge_and_a_late_answer_resolves_it() {
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.acquirer("silent", &json!({"answer": "approve"}));
    // Only the operator can say early that no answer will come; by itself the terminal waits much longer.
    l3.wait_for(&[("tap", "stop-waiting")], PATIENCE_S);
    l3.tap("stop-waiting");
    l3.on(page::IN_DOUBT);
    let _ = shop.webhooks.expect("posconnect.attempt.in_doubt");
    // Nothing is left to charge while the whole amount is in doubt.
    assert!(!l3.state()["screen"].to_string().contains("try-again"));
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
    let held = l3.state()["acquirer"]["held"][0]["number"].clone();
    l3.acquirer("now", &json!({"request": held}));
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    assert_eq!(l3.payments_opened(), 1);
}

#[test]
fn a_terminal_killed_between_launch_and_return_takes_the_answer_into_its_next_life() {
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.power_off();
    // The customer pays while the agent is dead; the answer waits for it.
    l3.acquirer("approve", &json!({}));
    l3.power_on();
    l3.on(page::APPROVED);
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    assert_eq!(l3.payments_opened(), 1);
}

#[test]
fn a_terminal_killed_between_launch_and_return_that_never_comes_is_in_doubt_not_declined() {
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.power_off();
    l3.acquirer("silent", &json!({}));
    l3.power_on();
    l3.wait_for(&[("page", page::IN_DOUBT)], PATIENCE_S);
    let _ = shop.webhooks.expect("posconnect.attempt.in_doubt");
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
    assert_eq!(l3.payments_opened(), 1);
}

#[test]
fn a_terminal_killed_between_return_and_report_reports_once_when_it_is_back() {
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.network(false);
    l3.acquirer_approves();
    l3.on(page::APPROVED);
    l3.power_off();
    assert!(!shop.webhooks.has_heard("charge.paid"));
    l3.network(true);
    l3.power_on();
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    assert_eq!(shop.pdv.order(&order)["charges"].as_array().unwrap().len(), 1);
    assert_eq!(l3.payments_opened(), 1);
}

#[test]
fn an_answer_that_comes_twice_is_one_payment() {
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.acquirer("twice", &json!({"answer": "approve"}));
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    l3.is_told_of_a_stray_answer();
    assert_eq!(shop.pdv.order(&order)["charges"].as_array().unwrap().len(), 1);
}

#[test]
fn another_amount_in_the_answer_is_in_doubt_and_flagged() {
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.acquirer("other-amount", &json!({"amount": 9_999}));
    l3.on(page::IN_DOUBT);
    let doubt = shop.webhooks.expect("posconnect.attempt.in_doubt");
    assert!(doubt.body.to_string().contains("amount_differs"), "{:#}", doubt.body);
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
}

#[test]
fn a_forged_answer_that_names_no_open_attempt_is_shown_and_pays_nothing() {
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.acquirer("forge", &json!({"forgery": "unknown_order"}));
    // The genuine answer still counts.
    l3.on(page::PAYING);
    l3.acquirer("decline", &json!({}));
    l3.on(page::DECLINED);
    l3.is_told_of_a_stray_answer();
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
    assert!(!shop.webhooks.has_heard("charge.paid"));
}

#[test]
fn an_approval_that_does_not_name_its_attempt_is_in_doubt_until_the_store_decides() {
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.acquirer("approve", &json!({"without_order_id": true}));
    l3.on(page::IN_DOUBT);
    let doubt = shop.webhooks.expect("posconnect.attempt.in_doubt");
    let attempt =
        doubt.body["data"]["attempt"]["attempt_id"].as_str().unwrap_or_else(|| panic!("{:#}", doubt.body));
    let decision = json!({"charged": true, "evidence": "extrato da Stone, NSU 123", "reason": "conferido", "by": "Gerente"});
    let _ = shop.pdv.http.post(&format!("/posconnect/v1/attempts/{attempt}/resolution"), &decision).ok();
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    // The terminal learns the decision.
    l3.sees_no("dúvida");
    assert_eq!(l3.payments_opened(), 1);
}

/// The store's one attempt, as its PDV reads it.
fn attempt(shop: &Shop) -> Value {
    let attempts = shop.pdv.http.get("/posconnect/v1/attempts").ok();
    attempts["data"][0]["attempt"].clone()
}

#[test]
fn what_the_operator_reads_off_the_slip_counts_once_a_manager_confirms_it_and_the_payment_can_be_given_back()
{
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.acquirer("silent", &json!({"answer": "approve"}));
    l3.wait_for(&[("tap", "stop-waiting")], PATIENCE_S);
    l3.tap("stop-waiting");
    l3.on(page::IN_DOUBT);
    l3.control("/acquirer/reprint-last", &json!({}));
    let sale = l3.sales()["transactions"][0].clone();
    let (code, atk) = (sale["authorization_code"].as_str().unwrap(), sale["atk"].as_str().unwrap());

    l3.tap("state");
    l3.tap("said-charged");
    l3.types("authorization-code", code);
    l3.tap("confirm");
    l3.types("atk", atk);
    l3.tap("confirm");
    l3.tap("confirm");
    l3.sees("o gerente confirma");
    let told = shop.webhooks.expect("posconnect.attempt.stated");
    assert_eq!(told.body["data"]["attempt"]["statement"]["nsu"], atk, "{:#}", told.body);
    assert_eq!(shop.pdv.order(&order)["status"], "pending", "a statement decides nothing");
    assert_eq!(attempt(&shop)["outcome"], "in_doubt");

    let id = attempt(&shop)["attempt_id"].as_str().unwrap().to_owned();
    let decision =
        json!({"charged": true, "evidence": "comprovante", "reason": "conferido", "by": "Gerente"});
    let _ = shop.pdv.http.post(&format!("/posconnect/v1/attempts/{id}/resolution"), &decision).ok();
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    l3.sees("Pagamento aprovado");
    l3.goes_back_to_list();
    l3.opens_last_payment();
    l3.tap("reverse");
    l3.tap("reverse-confirmed");
    assert_eq!(l3.acquirer_shows("cancel")["atk"], atk);
    l3.acquirer("approve", &json!({}));
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid", "charge.refunded"]);
    assert_eq!(l3.payments_opened(), 1);
}

#[test]
fn not_approved_is_told_over_a_power_cut_and_frees_nothing_until_a_manager_confirms_it() {
    let (shop, l3, order) = in_the_middle_of_a_payment();
    l3.acquirer("silent", &json!({}));
    l3.wait_for(&[("tap", "stop-waiting")], PATIENCE_S);
    l3.tap("stop-waiting");
    l3.on(page::IN_DOUBT);
    let _ = shop.webhooks.expect("posconnect.attempt.in_doubt");
    l3.network(false);
    l3.tap("state");
    l3.tap("said-not-charged");
    l3.tap("confirm");
    l3.sees("Será enviado à loja");
    l3.power_off();
    l3.network(true);
    l3.power_on();
    let told = shop.webhooks.expect("posconnect.attempt.stated");
    assert_eq!(told.body["data"]["attempt"]["statement"]["charged"], false, "{:#}", told.body);
    assert_eq!(attempt(&shop)["outcome"], "in_doubt");

    let id = attempt(&shop)["attempt_id"].as_str().unwrap().to_owned();
    let decision = json!({"charged": false, "evidence": "portal", "reason": "conferido", "by": "Gerente"});
    let _ = shop.pdv.http.post(&format!("/posconnect/v1/attempts/{id}/resolution"), &decision).ok();
    l3.sees_no("dúvida");
    l3.takes_and_is_paid(&order, "debit");
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    assert_eq!(l3.payments_opened(), 2);
}

#[test]
fn an_unreadable_answer_is_in_doubt() {
    for damage in ["no_result", "percent", "empty", "text_amount"] {
        let (shop, l3, order) = in_the_middle_of_a_payment();
        l3.acquirer("malformed", &json!({"answer": "approve", "damage": damage}));
        shop.webhooks
            .wait(|events| {
                events
                    .iter()
                    .find(|event| event.kind == "charge.paid" || event.kind == "posconnect.attempt.in_doubt")
                    .cloned()
            })
            .map_or_else(
                || assert_eq!(l3.state()["screen"]["page"], page::PAYING, "{damage}"),
                |event| {
                    assert_eq!(event.kind, "posconnect.attempt.in_doubt", "{damage}");
                },
            );
        assert_eq!(shop.pdv.order(&order)["status"], "pending", "{damage}");
    }
}

#[test]
fn an_order_in_doubt_is_not_to_be_had_by_another_terminal() {
    let shop = Shop::open();
    let (l3, a8) = (shop.terminal(L3), shop.terminal(A8));
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.takes(&order);
    l3.charges("debit");
    l3.acquirer("approve", &json!({"without_order_id": true}));
    l3.on(page::IN_DOUBT);
    a8.taps_order(&order);
    let page = a8.page_after_claim();
    assert!(matches!(page.as_str(), "held_by_other" | "attempt_open"), "{page}");
    assert_eq!(a8.payments_opened(), 0);
}

#[test]
fn without_the_acquirers_app_nothing_is_charged_and_nothing_is_in_doubt() {
    let shop = Shop::with_one(L3, "L3");
    let l3 = shop.terminal(L3);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    l3.control("/acquirer", &json!({"app": "payment", "installed": false}));
    l3.takes(&order);
    l3.chooses("debit");
    l3.on(page::APP_MISSING);
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
    l3.control("/acquirer", &json!({"app": "payment", "installed": true}));
    l3.tap("back");
    l3.takes_and_is_paid(&order, "debit");
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
}
