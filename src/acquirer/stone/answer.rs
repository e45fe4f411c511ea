//! What a return URI claims. Imports `query`.
//!
//! The rule behind every branch: "approved" and "nothing was charged" are said only when Stone says so in words that
//! are in a list, without a word against it. All else is unclear, which the operator resolves; a wrong "declined"
//! would charge a customer twice.

mod payment;
mod reversal;

use super::query::Params;
use super::{RETURN_URI_BYTES, ReturnScheme};
use crate::acquirer::{PrintAnswer, Return};

/// Reads a return URI.
pub(super) fn parse(scheme: &ReturnScheme, uri: &str) -> Return {
    if uri.len() > RETURN_URI_BYTES {
        return Return::Unreadable;
    }
    let (uri, fragment) = match uri.split_once('#') {
        Some((uri, fragment)) => (uri, Some(fragment)),
        None => (uri, None),
    };
    let (address, query) = uri.split_once('?').unwrap_or((uri, ""));
    let Some((answer_scheme, host)) = address.split_once("://") else {
        return Return::Unreadable;
    };
    if !answer_scheme.eq_ignore_ascii_case(scheme.as_str()) {
        return Return::Unreadable;
    }
    let params = Params::parse(query, fragment);
    let host = host.strip_suffix('/').unwrap_or(host);
    match host.to_ascii_lowercase().as_str() {
        "pay-response" => Return::Payment(payment::read(&params)),
        "cancel" => Return::Reversal(reversal::read(&params)),
        "print" => Return::Print(print(&params)),
        "reprint" => Return::Reprint(print(&params)),
        _ => Return::Unreadable,
    }
}

/// A print can be repeated without harm, so what cannot be read has simply failed.
fn print(params: &Params) -> PrintAnswer {
    match params.read("DEEPLINK_RETURN").text() {
        Some("SUCCESS") => PrintAnswer::Printed,
        Some("PRINTER_OUT_OF_PAPER") => PrintAnswer::NoPaper,
        Some("PRINTER_LOW_ENERGY") => PrintAnswer::LowBattery,
        Some("PRINTER_BUSY") => PrintAnswer::Busy,
        Some("PRINTER_OVERHEATING") => PrintAnswer::Overheated,
        Some("PRINTER_PAPER_JAM") => PrintAnswer::PaperJam,
        Some("PRINTER_UNSUPPORTED_FORMAT" | "PRINTER_INVALID_DATA") => PrintAnswer::BadData,
        // PRINTER_INIT_ERROR, PRINTER_PRINT_ERROR, and what Stone's service may add.
        Some(_) | None => PrintAnswer::Failed,
    }
}

#[cfg(test)]
mod tests {
    use protocol::attempt::Evidence;
    use protocol::{AttemptId, Centavos, Method};

    use super::*;
    use crate::acquirer::{Claimed, PaymentReturn, ReversalReturn};

    fn read(uri: &str) -> Return {
        parse(&ReturnScheme::parse("posconnect").unwrap(), uri)
    }

    #[test]
    fn a_whole_answer_is_read_from_its_literal_uri() {
        let uri = "posconnect://pay-response?code=0&amount=5000&cardholder_name=MARIA%20SOUZA\
                   &itk=6C568971-3.21.0-ROPA0Z-0017&atk=37820073187607\
                   &authorization_date_time=05%2F10%2F2022+02%3A36%3A17&brand=VISA&order_id=9223372036854775807\
                   &authorization_code=187607&installment_count=3&pan=406655******1234&type=Cr%C3%A9dito\
                   &entry_mode=CTLS&account_id=null&customer_wallet_provider_id=null&transaction_qualifier=null";
        let evidence = Evidence {
            code: Some("0".to_owned()),
            amount: Centavos::new(5_000),
            method: Some(Method::Credit),
            installments: Some(3),
            brand: Some("VISA".to_owned()),
            last4: Some("1234".to_owned()),
            authorization_code: Some("187607".to_owned()),
            atk: Some("37820073187607".to_owned()),
            itk: Some("6C568971-3.21.0-ROPA0Z-0017".to_owned()),
            entry_mode: Some("CTLS".to_owned()),
            authorized_at_local: Some("2022-10-05T02:36:17".to_owned()),
        };
        let expected = PaymentReturn {
            attempt_id: AttemptId::parse("9223372036854775807").ok(),
            claim: Claimed::Approved,
            evidence,
        };
        assert_eq!(read(uri), Return::Payment(expected));
    }

    #[test]
    fn a_whole_reversal_is_read_from_its_literal_uri() {
        assert_eq!(
            read(
                "posconnect://cancel?success=true&atk=37820073187607&canceledamount=5000&paymenttype=1\
                 &transactionamount=10000&orderid=7&authorizationcode=187607&reason=APPROVED&responsecode=0000"
            ),
            Return::Reversal(ReversalReturn {
                atk: Some("37820073187607".to_owned()),
                claim: Claimed::Approved,
                amount: Centavos::new(5_000),
                response_code: Some("0000".to_owned()),
            })
        );
        assert_eq!(
            read("posconnect://cancel?success=false&atk=null&reason=7011&responsecode=null"),
            Return::Reversal(ReversalReturn {
                atk: None,
                claim: Claimed::Cancelled,
                amount: None,
                response_code: Some("7011".to_owned()),
            })
        );
    }

    #[test]
    fn every_print_code_has_its_answer_on_both_hosts() {
        for (query, expected) in [
            ("DEEPLINK_RETURN=SUCCESS", PrintAnswer::Printed),
            ("DEEPLINK_RETURN=PRINTER_OUT_OF_PAPER", PrintAnswer::NoPaper),
            ("DEEPLINK_RETURN=PRINTER_LOW_ENERGY", PrintAnswer::LowBattery),
            ("DEEPLINK_RETURN=PRINTER_BUSY", PrintAnswer::Busy),
            ("DEEPLINK_RETURN=PRINTER_OVERHEATING", PrintAnswer::Overheated),
            ("DEEPLINK_RETURN=PRINTER_PAPER_JAM", PrintAnswer::PaperJam),
            ("DEEPLINK_RETURN=PRINTER_UNSUPPORTED_FORMAT", PrintAnswer::BadData),
            ("DEEPLINK_RETURN=PRINTER_INVALID_DATA", PrintAnswer::BadData),
            ("DEEPLINK_RETURN=PRINTER_INIT_ERROR", PrintAnswer::Failed),
            ("DEEPLINK_RETURN=PRINTER_PRINT_ERROR", PrintAnswer::Failed),
            ("DEEPLINK_RETURN=SERVICE_ERROR", PrintAnswer::Failed),
            ("DEEPLINK_RETURN=null", PrintAnswer::Failed),
            ("DEEPLINK_RETURN=SUCCESS&DEEPLINK_RETURN=PRINTER_BUSY", PrintAnswer::Failed),
            ("DEEPLINK_RETURN=%FF", PrintAnswer::Failed),
            ("", PrintAnswer::Failed),
        ] {
            assert_eq!(read(&format!("posconnect://print?{query}")), Return::Print(expected));
            assert_eq!(read(&format!("posconnect://reprint?{query}")), Return::Reprint(expected));
        }
    }

    #[test]
    fn what_is_no_answer_of_stones_is_unreadable() {
        for uri in [
            "",
            "posconnect",
            "posconnect:",
            "posconnect://",
            "posconnect:pay-response?code=0&amount=100",
            "posconnect:/pay-response?code=0&amount=100",
            "other://pay-response?code=0&amount=100",
            "posconnectx://pay-response?code=0&amount=100",
            "posconnect://pay?code=0&amount=100",
            "posconnect://pay-response.evil?code=0&amount=100",
            "posconnect://user@pay-response?code=0&amount=100",
            "posconnect://pay-response:80?code=0&amount=100",
            "posconnect://pay-response/x?code=0&amount=100",
            "posconnect://?code=0&amount=100",
            "posconnect?://pay-response&code=0&amount=100",
            "\u{0}\u{fffd}%%%://?#&=",
        ] {
            assert_eq!(read(uri), Return::Unreadable, "{uri:?}");
        }
        let huge =
            format!("posconnect://pay-response?code=0&amount=100&message={}", "a".repeat(RETURN_URI_BYTES));
        assert_eq!(read(&huge), Return::Unreadable);
    }

    #[test]
    fn the_longest_answer_that_is_read_has_64_kb_and_not_a_byte_more() {
        let start = "posconnect://pay-response?code=0&amount=100&message=";
        let longest = format!("{start}{}", "a".repeat(64 * 1024 - start.len()));
        assert!(matches!(read(&longest), Return::Payment(_)));
        assert_eq!(read(&format!("{longest}a")), Return::Unreadable);
    }

    #[test]
    fn a_slash_after_the_host_and_the_case_of_scheme_and_host_do_not_matter() {
        assert!(matches!(read("posconnect://pay-response/?code=0&amount=1"), Return::Payment(_)));
        assert!(matches!(read("POSCONNECT://Pay-Response?code=0&amount=1"), Return::Payment(_)));
    }
}
