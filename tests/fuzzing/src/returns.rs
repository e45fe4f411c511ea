//! Return URIs. An approval is claimed only by a URI that says so whole: read here a second time, in other words.

use pos_connect::acquirer::stone::{REDACTED_URI_BYTES, ReturnScheme, Stone};
use pos_connect::acquirer::{Acquirer, Claimed, Return};

/// The scheme that the seeds answer to.
pub(crate) const SCHEME: &str = "posconnect";

/// Checks one return URI.
pub fn check(data: &[u8]) -> bool {
    let uri = String::from_utf8_lossy(data);
    let stone = stone();
    let read = stone.parse_return(&uri);
    assert_eq!(read, stone.parse_return(&uri), "the same URI is read in the same way");
    let written = serde_json::to_string(&read).expect("a return is written");
    let again: Return = serde_json::from_str(&written).expect("what was written is read");
    assert_eq!(read, again, "a return survives being written down");
    match &read {
        Return::Payment(payment) if payment.claim == Claimed::Approved => {
            assert!(payment.evidence.amount.is_some(), "an approval has an amount");
            said_once(&uri, "pay-response", "code", &["0"]);
            let amount = payment.evidence.amount.map_or(0, protocol::Centavos::get);
            let digits = values(&uri, "amount").pop().expect("an approval names its amount");
            assert_eq!(digits.parse::<u64>(), Ok(amount), "the amount is the one that is written");
            assert!(
                !values(&uri, "success").iter().any(|value| value == "false"),
                "nothing speaks against it"
            );
            if let Some(id) = payment.attempt_id {
                let named = values(&uri, "order_id").pop().expect("the attempt is named");
                // A number: "04" is 4, to the acquirer as to us.
                assert_eq!(named.parse::<u64>(), Ok(id.get()));
            }
            let _ = stone.serial_in(&payment.evidence);
        }
        Return::Reversal(reversal) if reversal.claim == Claimed::Approved => {
            said_once(&uri, "cancel", "responsecode", &["0000"]);
        }
        Return::Payment(_)
        | Return::Reversal(_)
        | Return::Print(_)
        | Return::Reprint(_)
        | Return::Unreadable => {}
    }
    let kept = stone.redact(&uri);
    assert!(kept.len() <= REDACTED_URI_BYTES, "what is kept is bounded");
    assert_eq!(kept, stone.redact(&uri));
    read != Return::Unreadable
}

pub(crate) fn stone() -> Stone {
    Stone::new(ReturnScheme::parse(SCHEME).expect("a scheme"))
}

/// The URI is of this host and gives this parameter one of these values, and no other.
fn said_once(uri: &str, host: &str, name: &str, expected: &[&str]) {
    let address = uri.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').to_ascii_lowercase();
    assert_eq!(address, format!("{SCHEME}://{host}"), "the answer is of the right host");
    let said = values(uri, name);
    assert!(!said.is_empty(), "{name} is said");
    assert!(said.iter().all(|value| expected.contains(&value.as_str())), "{name} is {said:?}");
}

/// Every value of a parameter, decoded. A name with a space in it is another name, as it is to Android.
fn values(uri: &str, name: &str) -> Vec<String> {
    let (_, query) = uri.split_once('?').unwrap_or_default();
    let pairs = query.split(['&', '#']).filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value).trim().to_owned()).collect()
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (vec![], 0);
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match (bytes[at], hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}
