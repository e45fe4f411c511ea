//! The service is killed without a warning and comes back: nothing is lost, everything is told.

use std::thread;

use pos_connect_tests::http::Answer;
use pos_connect_tests::operator::page;
use pos_connect_tests::pdv::{direct, id_of, listed};
use pos_connect_tests::shop::{A8, L3, P2, Shop};

#[test]
fn a_service_killed_in_the_middle_of_everything_loses_nothing_and_tells_everything() {
    let mut shop = Shop::open();
    let (l3, a8, p2) = (shop.terminal(L3), shop.terminal(A8), shop.terminal(P2));
    // One order paid whose webhook could not be delivered, one in the acquirer's app, one with a courier, one listed.
    shop.webhooks.be_out_of_order(true);
    let told_late = shop.pdv.create(&direct(A8, "debit", 1_000));
    a8.acquirer_approves();
    a8.sees("A loja já recebeu este pagamento.");
    let in_flight = shop.pdv.create(&listed("Mesa 1", 2_000));
    l3.takes(&in_flight);
    l3.charges("debit");
    let on_tour = shop.pdv.create(&listed("Rua A 1", 3_000).on(&[P2]));
    p2.lists(&on_tour);
    p2.takes_all_along();
    let untouched = shop.pdv.create(&listed("Mesa 2", 4_000));

    shop.kill_service();
    // Life goes on without it.
    l3.acquirer_approves();
    l3.on(page::APPROVED);
    p2.takes_and_is_paid(&on_tour, "debit");
    p2.on(page::APPROVED);
    shop.webhooks.be_out_of_order(false);
    shop.restart_service();

    for order in [&told_late, &in_flight, &on_tour] {
        shop.webhooks.expect_payments(order, &["charge.paid", "order.paid"]);
        let view = shop.pdv.order(order);
        assert_eq!(
            (view["status"].as_str(), view["charges"].as_array().map(Vec::len)),
            (Some("paid"), Some(1)),
            "{view:#}"
        );
    }
    assert_eq!(shop.pdv.order(&untouched)["status"], "pending");
    a8.goes_back_to_list();
    a8.takes_and_is_paid(&untouched, "pix");
    shop.webhooks.expect_payments(&untouched, &["charge.paid", "order.paid"]);
}

#[test]
fn every_order_that_was_accepted_before_the_kill_is_there_after_it() {
    let mut shop = Shop::without_terminals();
    let pdv = shop.pdv.clone();
    let clients: Vec<_> = (0..8)
        .map(|client| {
            let pdv = pdv.clone();
            thread::spawn(move || {
                let mut accepted = vec![];
                for n in 0..200 {
                    let order = listed(&format!("{client}-{n}"), 1_000).0.to_string();
                    let headers = [("content-type", "application/json")];
                    match pdv.http.try_send("POST", "/core/v5/orders", &headers, order.as_bytes()) {
                        Ok(Answer { status, bytes, .. }) if status < 300 => {
                            accepted.push(id_of(&serde_json::from_slice(&bytes).expect("an order")));
                        }
                        Ok(answer) => panic!("{} {}", answer.status, answer.text()),
                        Err(_) => break,
                    }
                }
                accepted
            })
        })
        .collect();
    // In the middle of it, as soon as some were accepted and told.
    shop.webhooks.wait(|events| (events.len() >= 20).then_some(())).expect("orders are being created");
    shop.kill_service();
    let accepted: Vec<String> =
        clients.into_iter().flat_map(|client| client.join().expect("a client does not panic")).collect();
    shop.restart_service();
    assert!(accepted.len() >= 20, "{}", accepted.len());
    for order in &accepted {
        assert_eq!(shop.pdv.order(order)["id"], order.as_str());
    }
}

#[test]
fn a_request_repeated_with_its_idempotency_key_after_a_kill_is_the_same_order() {
    let mut shop = Shop::without_terminals();
    let body = listed("Mesa 4", 1_000).0.to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", "venda-0001")];
    let first = shop.pdv.http.try_send("POST", "/core/v5/orders", &headers, body.as_bytes()).unwrap().ok();
    shop.kill_service();
    shop.restart_service();
    let again = shop.pdv.http.try_send("POST", "/core/v5/orders", &headers, body.as_bytes()).unwrap().ok();
    assert_eq!(id_of(&again), id_of(&first));
    assert_eq!(shop.pdv.order_count(), 1);
    let other = listed("Mesa 5", 1_000).0.to_string();
    let reused = shop.pdv.http.try_send("POST", "/core/v5/orders", &headers, other.as_bytes()).unwrap();
    assert!(matches!(reused.status, 409 | 422), "{}", reused.text());
    assert_eq!(shop.pdv.order_count(), 1);
}
