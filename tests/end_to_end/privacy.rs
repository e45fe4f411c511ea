//! Nothing that identifies a card beyond brand and last four digits, and no customer's name, is on any disk or in any log.

use pos_connect_tests::pdv::direct;
use pos_connect_tests::shop::{L3, SECRET_KEY, Shop};

#[test]
fn no_card_number_and_no_name_is_written_anywhere() {
    let shop = Shop::with_one(L3, "L3");
    let mut order = direct(L3, "credit", 1_000);
    order.0["customer"]["name"] = "Fulana Inconfundivel".into();
    let order = shop.pdv.create(&order);
    shop.terminal(L3).acquirer_approves();
    let events = shop
        .webhooks
        .expect_payments(&order, &["charge.paid", "order.paid"]);
    let log = shop.service_output();
    assert!(
        !log.contains(SECRET_KEY) && !log.contains("Inconfundivel"),
        "{log}"
    );
    for event in &events {
        let text = event.body.to_string();
        assert!(!text.contains("Inconfundivel"), "{text}");
    }
    for (path, bytes) in shop.files() {
        let text = String::from_utf8_lossy(&bytes);
        for secret in ["Inconfundivel", "****", "cardholder_name=J"] {
            assert!(!text.contains(secret), "{secret} in {}", path.display());
        }
    }
}
