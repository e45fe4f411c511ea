//! What must hold for every input, also for one that an attacker's app fires at our scheme.
//!
//! Method: generated return URIs, from pure noise to answers that are almost right. The serialized [`Return`] is what
//! the journal keeps, so that is what is searched for card numbers.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::acquirer::{Claimed, PaymentReturn};

fn stone() -> Stone {
    Stone::new(ReturnScheme::parse("posconnect").unwrap())
}

/// Sixteen digits with a right check digit.
fn card_number() -> impl Strategy<Value = String> {
    proptest::collection::vec(0_u8..10, 15).prop_map(|digits| {
        let sum: u8 = digits
            .iter()
            .enumerate()
            .map(|(i, d)| if i % 2 == 0 { d * 2 - if *d > 4 { 9 } else { 0 } } else { *d })
            .sum();
        let mut text: String = digits.iter().map(|d| char::from(b'0' + d)).collect();
        text.push(char::from(b'0' + (10 - sum % 10) % 10));
        text
    })
}

/// A card number as answers may write it.
fn written_card() -> impl Strategy<Value = (String, String)> {
    (card_number(), 0..6).prop_map(|(card, form)| {
        let (a, b, c, d) = (&card[..4], &card[4..8], &card[8..12], &card[12..]);
        let written = match form {
            0 => card.clone(),
            1 => format!("{}****{d}", &card[..6]),
            2 => format!("{a}+{b}+{c}+{d}"),
            3 => format!("{a}-{b}-{c}-{d}"),
            4 => card.bytes().map(|digit| format!("%{digit:02X}")).collect(),
            _ => format!("{a}%00{b}\u{200b}{c}%E2%80%8B{d}"),
        };
        (card, written)
    })
}

fn param_name() -> impl Strategy<Value = &'static str> {
    select(vec![
        "code",
        "success",
        "message",
        "reason",
        "amount",
        "cardholder_name",
        "brand",
        "authorization_code",
        "installment_count",
        "pan",
        "type",
        "entry_mode",
        "account_id",
        "unheard_of",
        "responsecode",
        "canceledamount",
        "authorization_date_time",
        "DEEPLINK_RETURN",
    ])
}

fn almost_right_query() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        param_name().prop_map(str::to_owned),
        select(vec!["atk", "itk", "order_id", "co%64e", "c%6Fde", "%", "%FF", ""]).prop_map(str::to_owned),
    ];
    let value = prop_oneof![
        select(vec![
            "0", "-2", "-6", "null", "", "100", "true", "false", "0000", "7011", "%", "%zz", "%FF", "+",
            "%00", "#", "?",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
        "[0-9]{0,24}",
    ];
    // Most noise says nothing; half of these begin as an answer that would decide something.
    let begin = select(vec![
        "",
        "",
        "",
        "code=0&amount=100",
        "code=0&amount=100&success=true",
        "code=0&amount=100&success=false",
        "code=-2&success=false",
        "code=-2&success=true",
        "code=-6",
    ]);
    (begin, proptest::collection::vec((name, value), 0..6)).prop_map(|(begin, pairs)| {
        let noise = pairs.iter().map(|(n, v)| format!("{n}={v}"));
        let parts: Vec<String> = core::iter::once(begin.to_owned()).chain(noise).collect();
        parts.join("&")
    })
}

/// Whether `text` has five digits in a row that are also in `card`.
fn keeps_too_much(text: &str, card: &str) -> bool {
    (0..=card.len() - 5).any(|at| text.contains(&card[at..at + 5]))
}

/// A reference reading of the approval rule, written without the code under test.
fn says(query: &str, name: &str, value: &str) -> bool {
    query
        .split(['&', '#'])
        .filter_map(|pair| pair.split_once('='))
        .any(|(n, v)| query::decode(n).text == name && query::decode(v).text == value)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_never_panics_and_is_never_an_approval(noise in any::<String>(), bytes in any::<Vec<u8>>()) {
        for uri in [noise.clone(), String::from_utf8_lossy(&bytes).into_owned()] {
            prop_assert_eq!(stone().parse_return(&uri), Return::Unreadable);
            prop_assert!(stone().redact(&uri).len() <= REDACTED_URI_BYTES);
            for host in ["pay-response", "cancel", "print", "reprint"] {
                let uri = format!("posconnect://{host}?{uri}");
                stone().parse_return(&uri);
                prop_assert!(stone().redact(&uri).len() <= REDACTED_URI_BYTES);
            }
        }
    }

    #[test]
    fn an_approval_always_has_code_zero_and_an_amount_and_no_word_against_it(query in almost_right_query()) {
        let answer = stone().parse_return(&format!("posconnect://pay-response?{query}"));
        if let Return::Payment(PaymentReturn { claim: Claimed::Approved, evidence, .. }) = answer {
            prop_assert!(says(&query, "code", "0"));
            prop_assert_eq!(evidence.code.as_deref(), Some("0"));
            prop_assert!(evidence.amount.is_some_and(|a| says(&query, "amount", &a.get().to_string())
                || query.contains("amount=0")));
            for (name, value) in [("success", "false"), ("code", "-2"), ("code", "-6")] {
                prop_assert!(!says(&query, name, value));
            }
        }
    }

    #[test]
    fn nothing_was_charged_is_said_only_with_a_code_that_says_so(query in almost_right_query()) {
        let answer = stone().parse_return(&format!("posconnect://pay-response?{query}"));
        if let Return::Payment(PaymentReturn { claim, .. }) = answer {
            let code = match claim {
                Claimed::Declined => "-6",
                Claimed::Cancelled => "-2",
                Claimed::Approved | Claimed::Unclear(_) => return Ok(()),
            };
            prop_assert!(says(&query, "code", code));
            prop_assert!(!says(&query, "code", "0") && !says(&query, "success", "true"));
        }
    }

    #[test]
    fn a_kept_answer_has_no_more_than_four_digits_of_a_card(
        (card, written) in written_card(),
        name in param_name(),
        host in select(vec!["pay-response", "cancel"]),
    ) {
        let uri = format!("posconnect://{host}?code=0&x=1&{name}={written}");
        let kept = serde_json::to_string(&stone().parse_return(&uri)).unwrap();
        prop_assert!(!keeps_too_much(&kept, &card), "{uri}: {kept}");
        let kept = stone().redact(&uri);
        prop_assert!(!keeps_too_much(&kept, &card), "{uri}: {kept}");
    }

    #[test]
    fn a_holders_name_is_never_kept(name in "[A-Z]{6,20}", broken in any::<bool>()) {
        let tail = if broken { "%F" } else { "" };
        let uri = format!("posconnect://pay-response?code=0&amount=100&cardholder_name={name}{tail}&brand=visa");
        let kept = serde_json::to_string(&stone().parse_return(&uri)).unwrap();
        prop_assert!(!kept.contains(&name));
        prop_assert!(!stone().redact(&uri).contains(&name));
    }

    #[test]
    fn every_request_carries_its_values_unchanged(atk in any::<String>()) {
        let amount = protocol::Centavos::ZERO;
        let uri = stone().reversal_uri(&ReversalRequest { atk: atk.clone(), amount });
        let (_, query) = uri.split_once('?').unwrap();
        let sent = query.split('&').find_map(|pair| pair.strip_prefix("atk=")).unwrap();
        prop_assert_eq!(query::decode(sent).text, atk);
    }
}
