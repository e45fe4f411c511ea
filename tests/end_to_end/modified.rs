//! A terminal that was tampered with, or that simply has a bug: the service checks everything again with its own
//! figures. What it is told is never thrown away and never believed against the rules.

use pos_connect_tests::modified_terminal::ModifiedTerminal;
use pos_connect_tests::pdv::{direct, listed};
use pos_connect_tests::shop::{A8, L3, MODIFIED, Shop};
use protocol::attempt::{Flag, Outcome};
use protocol::claim::ClaimKind;
use protocol::refusal::RefusalCode;
use protocol::{Centavos, Method, PaymentChoice};
use serde_json::json;

fn debit() -> PaymentChoice {
    PaymentChoice::at_once(Method::Debit)
}

fn modified(shop: &Shop) -> ModifiedTerminal {
    ModifiedTerminal::activate(shop.service_address(), &shop.activation_code(MODIFIED), MODIFIED)
}

#[test]
fn an_amount_above_the_balance_is_refused_at_the_start_and_flagged_when_it_is_reported_all_the_same() {
    let shop = Shop::without_terminals();
    let terminal = modified(&shop);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    let grant = terminal.claim(&order, ClaimKind::Now).unwrap();
    let attempt = ModifiedTerminal::attempt(&grant, 10_001, debit());
    assert_eq!(terminal.start(&attempt).unwrap_err().code, RefusalCode::AmountAboveBalance);
    let ack = terminal.report(&ModifiedTerminal::approved(&attempt)).unwrap();
    assert_eq!(ack.outcome, Some(Outcome::InDoubt));
    assert!(ack.flags.contains(&Flag::ExceedsBalance), "{:?}", ack.flags);
    let flagged = shop.webhooks.expect("posconnect.attempt.flagged");
    assert!(flagged.body.to_string().contains("exceeds_balance"), "{:#}", flagged.body);
    assert!(!shop.webhooks.has_heard("charge.paid"));
    assert_eq!(shop.pdv.order(&order)["status"], "pending");
}

#[test]
fn another_method_than_the_pdv_fixed_is_refused_at_the_start_and_flagged_when_reported() {
    let shop = Shop::without_terminals();
    let terminal = modified(&shop);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000).method("pix"));
    let grant = terminal.claim(&order, ClaimKind::Now).unwrap();
    let attempt = ModifiedTerminal::attempt(&grant, 10_000, debit());
    assert_eq!(terminal.start(&attempt).unwrap_err().code, RefusalCode::MethodFixed);
    let ack = terminal.report(&ModifiedTerminal::approved(&attempt)).unwrap();
    assert_eq!((ack.outcome, ack.flags.contains(&Flag::MethodNotAllowed)), (Some(Outcome::InDoubt), true));
}

#[test]
fn a_direct_order_is_never_charged_in_parts() {
    let shop = Shop::without_terminals();
    let terminal = modified(&shop);
    let order = shop.pdv.create(&direct(MODIFIED, "debit", 10_000));
    let grant = terminal.claim(&order, ClaimKind::Now).unwrap();
    let attempt = ModifiedTerminal::attempt(&grant, 5_000, debit());
    assert_eq!(terminal.start(&attempt).unwrap_err().code, RefusalCode::NotWholeTotal);
    let ack = terminal.report(&ModifiedTerminal::approved(&attempt)).unwrap();
    assert_eq!((ack.outcome, ack.flags.contains(&Flag::NotWholeTotal)), (Some(Outcome::InDoubt), true));
}

#[test]
fn an_approval_without_a_claim_is_money_and_is_booked_with_a_flag() {
    let shop = Shop::without_terminals();
    let terminal = modified(&shop);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    let attempt = ModifiedTerminal::attempt_without_claim(&order, 10_000, debit());
    assert_eq!(terminal.start(&attempt).unwrap_err().code, RefusalCode::ClaimLost);
    let ack = terminal.report(&ModifiedTerminal::approved(&attempt)).unwrap();
    assert_eq!((ack.outcome, ack.flags), (Some(Outcome::Approved), vec![Flag::StaleClaim]));
    shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
}

#[test]
fn an_order_that_another_terminal_holds_is_not_to_be_had_and_one_of_others_is_not_even_seen() {
    let shop = Shop::with_one(L3, "L3");
    let mut terminal = modified(&shop);
    let held = shop.pdv.create(&listed("Mesa 4", 10_000));
    shop.terminal(L3).takes(&held);
    let refusal = terminal.claim(&held, ClaimKind::Now).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::HeldByOther);
    assert!(refusal.holder.is_some_and(|holder| holder == L3));
    let not_ours = shop.pdv.create(&listed("Mesa 5", 10_000).on(&[L3]));
    let refusal = terminal.claim(&not_ours, ClaimKind::Now).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotForThisTerminal);
    let page = terminal.feed(0);
    assert!(page.orders.iter().all(|order| order.id.as_str() != not_ours), "{page:#?}");
}

#[test]
fn the_same_message_twice_is_one_payment_and_another_under_its_id_is_told_apart() {
    let shop = Shop::without_terminals();
    let terminal = modified(&shop);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    let grant = terminal.claim(&order, ClaimKind::Now).unwrap();
    let attempt = ModifiedTerminal::attempt(&grant, 4_000, debit());
    let first = terminal.start(&attempt).unwrap();
    assert_eq!(terminal.start(&attempt).unwrap().attempt_id, first.attempt_id);
    let mut other = attempt.clone();
    other.amount = Centavos::new(4_001).unwrap();
    assert_eq!(terminal.start(&other).unwrap_err().code, RefusalCode::IdReused);
    let ended = ModifiedTerminal::approved(&attempt);
    let paid = terminal.report(&ended).unwrap().order.unwrap().paid;
    assert_eq!(terminal.report(&ended).unwrap().order.unwrap().paid, paid);
    assert_eq!(paid.get(), 4_000);
    // A definite outcome never changes: the contradiction is kept and told.
    let mut declined = ended.clone();
    declined.outcome = Outcome::Declined;
    let ack = terminal.report(&declined).unwrap();
    assert!(ack.flags.contains(&Flag::Contradiction), "{ack:?}");
    assert_eq!(ack.order.unwrap().paid.get(), 4_000);
    shop.webhooks.expect_payments(&order, &["charge.paid"]);
}

#[test]
fn a_result_of_an_unknown_order_is_taken_down_and_told_and_never_booked() {
    let shop = Shop::without_terminals();
    let terminal = modified(&shop);
    let attempt = ModifiedTerminal::attempt_without_claim("or_never", 10_000, debit());
    let ack = terminal.report(&ModifiedTerminal::approved(&attempt)).unwrap();
    assert!(ack.flags.contains(&Flag::UnknownOrder) && ack.order.is_none(), "{ack:?}");
    let _ = shop.webhooks.expect("posconnect.attempt.orphan");
}

#[test]
fn two_terminals_that_report_more_than_the_order_between_them_do_not_overpay_it() {
    let shop = Shop::with_one(A8, "A8");
    let terminal = modified(&shop);
    let order = shop.pdv.create(&listed("Mesa 4", 10_000));
    let honest = shop.terminal(A8);
    honest.takes(&order);
    honest.charges("debit");
    // In the middle of the honest charge the other one claims to have been paid.
    let attempt = ModifiedTerminal::attempt_without_claim(&order, 10_000, debit());
    let ack = terminal.report(&ModifiedTerminal::approved(&attempt)).unwrap();
    honest.acquirer_approves();
    let paid = shop.webhooks.expect("order.paid");
    assert_eq!(paid.order_id(), order);
    // Whose approval came second is held, whoever was honest, until the store has looked.
    let held = shop.webhooks.expect("posconnect.attempt.in_doubt");
    assert!(held.body["data"]["attempt"]["flags"].to_string().contains("exceeds_balance"), "{:#}", held.body);
    honest.sees("O valor passa do saldo do pedido.");
    let view = shop.pdv.order(&order);
    let booked: u64 = view["charges"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|charge| charge["status"] == "paid")
        .map(|charge| charge["amount"].as_u64().unwrap())
        .sum();
    assert_eq!(booked, 10_000, "{view:#}\n{ack:?}");
}

#[test]
fn a_token_of_nobody_a_used_code_and_a_live_serial_are_refused() {
    let shop = Shop::with_one(L3, "L3");
    let code = shop.activation_code(MODIFIED);
    let terminal = ModifiedTerminal::activate(shop.service_address(), &code, MODIFIED);
    let stranger = pos_connect_tests::http::Http::new(
        shop.service_address(),
        vec![("authorization", "Bearer nobody".into())],
    );
    assert_eq!(stranger.get("/terminal/v1/feed?wait_s=0").status, 401);
    let again = stranger.post("/terminal/v1/activate", &json!({"code": code, "serial": MODIFIED}));
    assert_eq!((again.status, &again.json()["code"]), (403, &json!("activation_code")), "{}", again.text());
    let unknown =
        stranger.post("/terminal/v1/activate", &json!({"code": "AAAAA-AAAAA", "serial": "NOBODY-1"}));
    assert!(matches!(unknown.status, 403 | 429), "{}", unknown.text());
    assert_eq!(terminal.http.get("/terminal/v1/feed?wait_s=0").status, 200);
    let live = json!({"code": shop.activation_code(L3), "serial": L3});
    let live = stranger.post("/terminal/v1/activate", &live);
    assert_eq!((live.status, &live.json()["code"]), (409, &json!("serial_live")), "{}", live.text());
    shop.terminal(L3).on("list");
}
