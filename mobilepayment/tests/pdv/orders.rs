//! Goal: orders and charges look to the PDV as the original's do, from creation to reversal.

use protocol::Method;
use protocol::claim::ClaimKind;
use serde_json::json;

use crate::bad_input::assert_refused;
use crate::service::{A8, L3, P2, Service, direct, listed, send};
use crate::terminal::Terminal;

#[tokio::test]
async fn an_order_comes_back_as_it_was_sent_but_for_the_customer() {
    let service = Service::start().await;
    let mut body = direct(1_050);
    body["poi_payment_settings"]["payment_setup"] =
        json!({"type": "Credit", "installments": 3, "installment_type": "Merchant"});
    body["poi_payment_settings"]["print_order_receipt"] = json!(true);
    body["expires_in"] = json!(600);
    body["campo_desconhecido"] = json!({"passa": true});
    let order = service.client.create(&body).await;

    assert!(order["id"].as_str().unwrap().starts_with("or_"));
    assert_eq!(order["code"], "PED-1");
    assert_eq!((&order["amount"], &order["currency"]), (&json!(1_050), &json!("BRL")));
    assert_eq!((&order["status"], &order["closed"]), (&json!("pending"), &json!(false)));
    assert_eq!(order["items"], body["items"]);
    assert_eq!(order["metadata"], body["metadata"]);
    assert_eq!(order["charges"], json!([]));
    assert_eq!(order["customer"], json!({"name": ""}));
    assert!(order["created_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        order["poi_payment_settings"],
        json!({
            "visible": true, "display_name": "Mesa 4", "print_order_receipt": true, "mode": "direct",
            "devices_serial_number": [L3],
            "payment_setup": {"type": "credit", "installments": 3, "installment_type": "merchant"},
        })
    );
    assert!(order["posconnect"]["expires_at"].is_string());
    let path = format!("/core/v5/orders/{}", order["id"].as_str().unwrap());
    assert_eq!(service.client.get(&path).await.body, order);
    assert_eq!(service.client.get(&format!("{path}/")).await.body, order);

    assert!(!order.to_string().contains("Maria"), "a customer's name came back");
    assert!(!service.everything_stored().contains("Maria"), "a customer's name is stored");
}

#[tokio::test]
async fn the_mode_follows_from_the_shape_unless_it_is_said() {
    let service = Service::start().await;
    let debit = json!({"type": "debit"});
    let table = [
        (json!({}), "listed"),
        (json!({"devices_serial_number": [L3]}), "listed"),
        (json!({"devices_serial_number": [L3], "payment_setup": {"type": ""}}), "listed"),
        (json!({"devices_serial_number": [L3, L3], "payment_setup": debit}), "direct"),
        (json!({"devices_serial_number": [L3, A8], "payment_setup": debit}), "listed"),
        (json!({"payment_setup": debit}), "listed"),
        (json!({"devices_serial_number": [P2], "payment_setup": debit, "mode": "listed"}), "listed"),
        (json!({"devices_serial_number": [A8], "payment_setup": debit, "mode": "DIRECT"}), "direct"),
    ];
    for (settings, mode) in table {
        let mut body = listed(100);
        body["poi_payment_settings"] = settings;
        let order = service.client.create(&body).await;
        assert_eq!(order["poi_payment_settings"]["mode"], mode, "{body}");
    }
}

#[tokio::test]
async fn instalments_of_one_are_paid_at_once() {
    let service = Service::start().await;
    for kind in ["credit", "debit", "pix"] {
        let mut body = listed(100);
        body["poi_payment_settings"]["payment_setup"] = json!({"type": kind, "installments": 1});
        let order = service.client.create(&body).await;
        let setup = &order["poi_payment_settings"]["payment_setup"];
        assert_eq!(*setup, json!({"type": kind, "installments": 1, "installment_type": null}));
    }
}

#[tokio::test]
async fn the_same_key_and_body_is_the_same_order_and_another_body_is_refused() {
    let service = Service::start().await;
    let post = |body: serde_json::Value| {
        let request = service.client.request("POST", "/core/v5/orders").header("idempotency-key", "venda-42");
        send(request.json(&body))
    };
    let first = post(listed(1_000)).await;
    let again = post(listed(1_000)).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!(first.body["id"], again.body["id"]);
    assert_refused(&post(listed(2_000)).await, 409, "idempotency_key_reused", "other body");
    assert_eq!(service.client.get("/core/v5/orders").await.body["paging"]["total"], 1);
}

#[tokio::test]
async fn two_partials_make_two_charges_and_a_paid_order() {
    let service = Service::start().await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let order = service.client.create(&listed(10_000)).await["id"].as_str().unwrap().to_owned();
    let credit = terminal.pay(&order, 5_000, Method::Credit).await;
    let path = format!("/core/v5/orders/{order}");
    let half = service.client.get(&path).await.body;
    assert_eq!((&half["status"], &half["posconnect"]["balance"]), (&json!("pending"), &json!(5_000)));
    let debit = terminal.pay(&order, 5_000, Method::Debit).await;
    let paid = service.client.get(&path).await.body;
    assert_eq!((&paid["status"], &paid["closed"]), (&json!("paid"), &json!(false)));
    let charges = paid["charges"].as_array().unwrap();
    assert_eq!(charges.len(), 2);
    assert_eq!((&charges[0]["id"], &charges[1]["id"]), (&json!(credit), &json!(debit)));

    let charge = service.client.get(&format!("/core/v5/charges/{credit}")).await.body;
    assert_eq!(charge, charges[0]);
    assert_eq!(charge["status"], "paid");
    assert_eq!(charge["payment_method"], "cash");
    assert_eq!((&charge["amount"], &charge["paid_amount"]), (&json!(5_000), &json!(5_000)));
    assert_eq!(charge["code"], charge["posconnect"]["atk"]);
    assert_eq!(charge["order"]["id"], json!(order));
    let transaction = &charge["last_transaction"];
    assert_eq!((&transaction["status"], &transaction["success"]), (&json!("paid"), &json!(true)));
    assert_eq!(
        charge["metadata"],
        json!({
            "scheme_name": "MasterCard", "account_holder_name": null, "account_funding_source": "Credit",
            "authorization_code": "187607", "initiator_transaction_key": "L3-0001-1.17.7-2278-0003",
            "installment_quantity": null, "installment_type": null,
            "transaction_timestamp": "2026-11-23T10:36:30Z", "terminal_serial_number": A8,
        })
    );
    let fiscal = &charge["posconnect"];
    assert_eq!((&fiscal["t_pag"], &fiscal["t_band"]), (&json!("03"), &json!("02")));
    assert_eq!(
        (&fiscal["acquirer_cnpj"], &fiscal["card_last_four"]),
        (&json!("16501555000157"), &json!("2116"))
    );
    assert_eq!((&fiscal["outcome"], &fiscal["method"]), (&json!("approved"), &json!("credit")));

    let closed = service.client.send("PATCH", &format!("{path}/closed"), &json!({})).await.body;
    assert_eq!((&closed["status"], &closed["closed"]), (&json!("paid"), &json!(true)));
    let refused =
        service.client.send("PATCH", &format!("{path}/closed"), &json!({"status": "canceled"})).await;
    assert_refused(&refused, 409, "order_paid", "cancel a paid order");
}

#[tokio::test]
async fn an_unpaid_order_is_cancelled_at_once_and_one_in_flight_waits() {
    let service = Service::start().await;
    let cancel = json!({"status": "canceled"});
    let idle = service.client.create(&listed(1_000)).await["id"].as_str().unwrap().to_owned();
    let path = format!("/core/v5/orders/{idle}/closed");
    let refused = service.client.send("PATCH", &path, &json!({"status": "paid"})).await;
    assert_refused(&refused, 409, "balance_left", "close as paid what is not");
    let closed = service.client.send("PATCH", &path, &cancel).await.body;
    assert_eq!((&closed["status"], &closed["closed"]), (&json!("canceled"), &json!(true)));
    assert_eq!(closed["posconnect"]["close_reason"], "canceled");
    assert_eq!(service.client.send("PATCH", &path, &cancel).await.status, 200, "the same close again");

    let mut terminal = Terminal::activated(&service.client, A8).await;
    let charging = service.client.create(&listed(1_000)).await["id"].as_str().unwrap().to_owned();
    let choice = protocol::PaymentChoice::at_once(Method::Debit);
    let started = terminal.start(&charging, 1_000, choice).await;
    let closing =
        service.client.send("PATCH", &format!("/core/v5/orders/{charging}/closed"), &cancel).await.body;
    assert_eq!((&closing["status"], &closing["closed"]), (&json!("pending"), &json!(false)));
    assert_eq!(closing["posconnect"]["stage"], "closing");
    terminal.end(started, protocol::attempt::Outcome::Approved).await;
    let late = service.client.get(&format!("/core/v5/orders/{charging}")).await.body;
    assert_eq!(late["charges"].as_array().unwrap().len(), 1, "a late approval is booked: {late}");
}

#[tokio::test]
async fn a_reversal_is_asked_for_and_told_when_the_terminal_has_done_it() {
    let service = Service::start().await;
    let mut terminal = Terminal::activated(&service.client, A8).await;
    let order = service.client.create(&listed(1_000)).await["id"].as_str().unwrap().to_owned();
    let id = terminal.pay(&order, 1_000, Method::Debit).await;
    let path = format!("/core/v5/charges/{id}");

    let asked = service.client.send("DELETE", &path, &json!({"amount": 300})).await.body;
    assert_eq!(asked["pending_cancellation"], true);
    assert_eq!((&asked["status"], &asked["canceled_amount"]), (&json!("paid"), &json!(0)));
    let other = send(service.client.request("DELETE", &path)).await;
    assert_refused(&other, 409, "reversal_waiting", "whole while a part waits");

    terminal.reverse(&order, &id, 300).await;
    let partly = service.client.get(&path).await.body;
    assert_eq!((&partly["status"], &partly["canceled_amount"]), (&json!("paid"), &json!(300)));
    assert_eq!(partly["pending_cancellation"], false);
    assert_eq!(partly["last_transaction"]["status"], "canceled");

    let whole = send(service.client.request("DELETE", &path)).await;
    assert_eq!(whole.body["posconnect"]["reversal_wanted_amount"], 700);
    terminal.reverse(&order, &id, 700).await;
    let gone = service.client.get(&path).await.body;
    assert_eq!((&gone["status"], &gone["canceled_amount"]), (&json!("canceled"), &json!(1_000)));
    let again = send(service.client.request("DELETE", &path)).await;
    assert_refused(&again, 422, "reversal_too_large", "nothing left");
}

#[tokio::test]
async fn a_lost_couriers_claim_is_ended_by_the_store() {
    let service = Service::start().await;
    let mut courier = Terminal::activated(&service.client, P2).await;
    let order = service.client.create(&listed(1_000)).await["id"].as_str().unwrap().to_owned();
    let path = format!("/posconnect/v1/orders/{order}/claim/release");
    let reason = json!({"reason": "motoboy perdeu o terminal"});
    let refused = service.client.send("POST", &path, &reason).await;
    assert_refused(&refused, 409, "not_claimed", "nobody has it");
    courier.claim(&order, ClaimKind::Delivery).await;
    let claimed = service.client.get(&format!("/core/v5/orders/{order}")).await.body;
    assert_eq!(claimed["posconnect"]["claim"]["terminal_serial_number"], P2);
    assert_eq!(claimed["posconnect"]["claim"]["kind"], "delivery");
    let released = service.client.send("POST", &path, &reason).await.body;
    assert_eq!(released["posconnect"]["claim"], json!(null));
    let events = service.client.get("/posconnect/v1/events").await.body;
    let told = events["data"].as_array().unwrap().last().unwrap();
    assert_eq!(told["type"], "posconnect.claim.released");
    assert_eq!(told["data"]["reason"], reason["reason"]);
    let mut other = Terminal::activated(&service.client, A8).await;
    other.pay(&order, 1_000, Method::Pix).await;
}
