//! Goal: an order that makes no sense is refused field by field, before anything is written.

use serde_json::{Value, json};

use crate::bad_input::assert_refused;
use crate::service::{L3, P2, Service, direct, listed};

/// The order with one value changed; `path` as in the error, `null` to take it away.
fn with(mut order: Value, path: &str, value: Value) -> Value {
    let mut place = &mut order;
    for step in path.split('.').skip(1) {
        place = match step.split_once('[') {
            None => &mut place[step],
            Some((name, index)) => &mut place[name][index.trim_end_matches(']').parse::<usize>().unwrap()],
        };
    }
    *place = value;
    order
}

#[tokio::test]
async fn every_absurd_field_is_named() {
    let service = Service::start().await;
    let before = service.everything_stored();
    let x = |n: usize| json!("x".repeat(n));
    let setup = "order.poi_payment_settings.payment_setup";
    let many: Vec<Value> =
        (0..501).map(|_| json!({"amount": 1, "description": "x", "quantity": 1})).collect();
    // field, value, field named in the error ("" when it is the same)
    let table: Vec<(&str, Value, &str)> = vec![
        ("order.code", x(53), ""),
        ("order.code", json!(1042), ""),
        ("order.code", json!("a\nb"), ""),
        ("order.customer", Value::Null, ""),
        ("order.customer", json!("Maria"), ""),
        ("order.customer.name", Value::Null, ""),
        ("order.customer.name", json!(""), ""),
        ("order.customer.name", x(65), ""),
        ("order.customer.email", x(65), ""),
        ("order.items", Value::Null, ""),
        ("order.items", json!([]), ""),
        ("order.items", json!({}), ""),
        ("order.items", json!(many), ""),
        ("order.items[0]", json!(7), ""),
        ("order.items[0].amount", Value::Null, ""),
        ("order.items[0].amount", json!(-1), ""),
        ("order.items[0].amount", json!(-9_223_372_036_854_775_808_i64), ""),
        ("order.items[0].amount", json!(10.5), ""),
        ("order.items[0].amount", json!(1000.0), ""),
        ("order.items[0].amount", json!("1000"), ""),
        ("order.items[0].amount", json!(true), ""),
        ("order.items[0].amount", json!(1_000_000_000), ""),
        ("order.items[0].amount", json!(u64::MAX), ""),
        ("order.items[0].amount", json!(1e300), ""),
        ("order.items[0].amount", json!(0), "order.items"),
        ("order.items[0].quantity", Value::Null, ""),
        ("order.items[0].quantity", json!(0), ""),
        ("order.items[0].quantity", json!(-3), ""),
        ("order.items[0].quantity", json!(1.5), ""),
        ("order.items[0].quantity", json!(1_000_001), ""),
        ("order.items[0].quantity", json!(1_000_000), "order.items"),
        ("order.items[0].description", Value::Null, ""),
        ("order.items[0].description", json!(" "), ""),
        ("order.items[0].description", x(257), ""),
        ("order.items[0].code", json!(["a"]), ""),
        ("order.closed", json!(true), ""),
        ("order.closed", json!("false"), ""),
        ("order.metadata", json!([]), ""),
        ("order.metadata", json!({"a": "x".repeat(4_096)}), ""),
        ("order.poi_payment_settings", Value::Null, ""),
        ("order.poi_payment_settings", json!([]), ""),
        ("order.poi_payment_settings.visible", json!(false), ""),
        ("order.poi_payment_settings.display_name", x(65), ""),
        ("order.poi_payment_settings.print_order_receipt", json!(1), ""),
        ("order.poi_payment_settings.mode", json!("parcial"), ""),
        ("order.poi_payment_settings.devices_serial_number", json!(L3), ""),
        (
            "order.poi_payment_settings.devices_serial_number",
            json!([7]),
            "order.poi_payment_settings.devices_serial_number[0]",
        ),
        (setup, json!("debit"), ""),
        ("order.poi_payment_settings.payment_setup.type", json!("boleto"), ""),
        ("order.poi_payment_settings.payment_setup.type", json!(3), ""),
        (setup, json!({"type": "credit"}), "order.poi_payment_settings.payment_setup.installments"),
        (
            setup,
            json!({"type": "credit", "installments": 0}),
            "order.poi_payment_settings.payment_setup.installments",
        ),
        (
            setup,
            json!({"type": "credit", "installments": 19}),
            "order.poi_payment_settings.payment_setup.installments",
        ),
        (
            setup,
            json!({"type": "debit", "installments": 2}),
            "order.poi_payment_settings.payment_setup.installments",
        ),
        (
            setup,
            json!({"type": "credit", "installments": 2, "installment_type": "loja"}),
            "order.poi_payment_settings.payment_setup.installment_type",
        ),
        (setup, json!({"type": "", "installments": 2}), "order.poi_payment_settings.payment_setup.type"),
        (
            setup,
            json!({"type": "debit", "split": [{"recipient_id": "re_1"}]}),
            "order.poi_payment_settings.payment_setup.split",
        ),
        ("order.expires_at", json!("amanhã"), ""),
        ("order.expires_at", json!("2999-01-01T00:00:00Z"), ""),
        ("order.expires_in", json!(0), ""),
        ("order.expires_in", json!(-60), ""),
        ("order.expires_in", json!(2_592_001), ""),
        ("order.poi_payment_settings.expires_in", json!("60"), ""),
    ];
    for (field, value, named) in table {
        let body = with(direct(1_000), field, value);
        let answer = service.client.send("POST", "/core/v5/orders", &body).await;
        assert_refused(&answer, 422, "invalid_fields", &format!("{field}: {body}"));
        let named = if named.is_empty() { field } else { named };
        let errors = &answer.body["errors"];
        assert!(errors[named].is_array(), "{field}: {answer:?}");
        assert_eq!(errors.as_object().unwrap().len(), 1, "{field} is one mistake: {errors}");
    }
    assert_eq!(service.everything_stored(), before);
}

#[tokio::test]
async fn everything_wrong_is_told_at_once() {
    let service = Service::start().await;
    let answer = service.client.send("POST", "/core/v5/orders", &json!({})).await;
    assert_refused(&answer, 422, "invalid_fields", "empty");
    let fields: Vec<&String> = answer.body["errors"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["order.customer", "order.items", "order.poi_payment_settings"]);
}

#[tokio::test]
async fn an_order_that_breaks_a_rule_of_the_store_is_refused_with_a_code_of_its_own() {
    let service = Service::start().await;
    let before = service.everything_stored();
    let poi = |settings: Value| with(listed(1_000), "order.poi_payment_settings", settings);
    let twice = with(
        with(listed(1_000), "order.expires_in", json!(60)),
        "order.poi_payment_settings.expires_at",
        json!("2999-01-01"),
    );
    let debit = json!({"type": "debit"});
    let table = [
        (poi(json!({"devices_serial_number": ["NENHUM"]})), "terminal_unknown", "NENHUM"),
        (poi(json!({"devices_serial_number": [L3, "L3-9999"]})), "terminal_unknown", "L3-9999"),
        (poi(json!({"devices_serial_number": ["a b"]})), "terminal_unknown", "a b"),
        (poi(json!({"devices_serial_number": [P2], "payment_setup": debit})), "not_a_counter_terminal", P2),
        (
            poi(json!({"devices_serial_number": [L3], "mode": "direct"})),
            "direct_needs_method",
            "payment_setup",
        ),
        (
            poi(json!({"payment_setup": debit, "mode": "direct"})),
            "direct_needs_one_terminal",
            "exatamente um",
        ),
        (
            poi(json!({"devices_serial_number": [L3, P2], "payment_setup": debit, "mode": "direct"})),
            "direct_needs_one_terminal",
            "exatamente um",
        ),
        (poi(json!({"payment_setup": {"type": "voucher"}})), "method_not_contracted", "contrato"),
        (
            poi(json!({"payment_setup": {"type": "credit", "installments": 7}})),
            "method_not_contracted",
            "contrato",
        ),
        (
            poi(
                json!({"payment_setup": {"type": "credit", "installments": 2, "installment_type": "issuer"}}),
            ),
            "method_not_contracted",
            "contrato",
        ),
        (with(listed(1_000), "order.expires_at", json!("2020-01-01T00:00:00Z")), "expiry_in_past", "futuro"),
        (twice, "invalid_fields", ""),
    ];
    for (body, code, said) in table {
        let answer = service.client.send("POST", "/core/v5/orders", &body).await;
        assert_refused(&answer, 422, code, &body.to_string());
        assert!(answer.body["message"].as_str().unwrap().contains(said), "{answer:?}");
        assert_eq!(answer.body["errors"].as_object().unwrap().len(), 1, "{answer:?}");
    }
    assert_eq!(service.everything_stored(), before);
}
