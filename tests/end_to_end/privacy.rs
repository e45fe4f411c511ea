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
    let events = shop.webhooks.expect_payments(&order, &["charge.paid", "order.paid"]);
    let log = shop.service_output();
    assert!(!log.contains(SECRET_KEY) && !log.contains("Inconfundivel"), "{log}");
    for event in &events {
        let text = event.body.to_string();
        assert!(!text.contains("Inconfundivel"), "{text}");
    }
    let journal = shop.terminal(L3).state()["serial"].as_str().map(|serial| format!("{serial}/journal"));
    for (path, bytes) in shop.files() {
        let text = String::from_utf8_lossy(&bytes);
        // The acquirer's app answered with a name and with a card number whose middle is hidden.
        for secret in ["Inconfundivel", "MARIA CLIENTE", "MARIA%20CLIENTE"] {
            assert!(!text.contains(secret), "{secret} in {}", path.display());
        }
        assert!(
            first_digits_of_a_card(&bytes).is_none(),
            "{:?} in {}",
            first_digits_of_a_card(&bytes),
            path.display()
        );
    }
    assert!(
        shop.files().iter().any(|(path, _)| {
            journal.as_deref().is_some_and(|part| path.to_string_lossy().contains(part))
        })
    );
}

/// Digits right before the stars of a masked card number: its first six say which bank issued it.
fn first_digits_of_a_card(bytes: &[u8]) -> Option<String> {
    let at = bytes.windows(5).position(|window| window[0].is_ascii_digit() && &window[1..] == b"****")?;
    Some(String::from_utf8_lossy(&bytes[at.saturating_sub(5)..at + 9]).into_owned())
}
