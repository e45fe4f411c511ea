//! What a return URI claims. Imports `query` and `evidence`.
//!
//! The rule behind every branch: "approved" and "nothing was charged" are said only when Stone says so in words that
//! are in a list, without a word against it. All else is unclear, which the operator resolves; a wrong "declined"
//! would charge a customer twice.

use protocol::AttemptId;
use protocol::attempt::{Evidence, OutcomeReason};

use super::query::{Field, Params};
use super::{RETURN_URI_BYTES, ReturnScheme, evidence};
use crate::acquirer::{Claimed, PaymentReturn, PrintAnswer, Return, ReversalReturn};

/// Success, official.
const CODE_APPROVED: &str = "0";
/// Given up by the operator or the customer, observed.
const CODE_GIVEN_UP: &str = "-2";
/// Refused by acquirer or issuer, observed.
const CODE_REFUSED: &str = "-6";

/// Success of a reversal, official.
const RESPONSE_APPROVED: &str = "0000";
/// The operator gave the reversal up, observed.
const REASON_GIVEN_UP: &str = "7011";
/// There is no payment with this ATK, observed.
const REASON_UNKNOWN_ATK: &str = "7202";

/// Every documented parameter of a payment's answer. Two values for one of them: somebody tampered with the answer.
const PAYMENT_PARAMS: [&str; 19] = [
    "code",
    "success",
    "message",
    "reason",
    "amount",
    "cardholder_name",
    "itk",
    "atk",
    "authorization_date_time",
    "brand",
    "order_id",
    "authorization_code",
    "installment_count",
    "pan",
    "type",
    "entry_mode",
    "account_id",
    "customer_wallet_provider_id",
    "transaction_qualifier",
];
/// Those whose damage leaves open what happened.
const PAYMENT_ESSENTIALS: [&str; 4] = ["code", "success", "amount", "order_id"];

/// Every documented parameter of a reversal's answer.
const REVERSAL_PARAMS: [&str; 9] = [
    "success",
    "atk",
    "canceledamount",
    "paymenttype",
    "transactionamount",
    "orderid",
    "authorizationcode",
    "reason",
    "responsecode",
];
/// Those whose damage leaves open what happened.
const REVERSAL_ESSENTIALS: [&str; 5] = ["success", "atk", "canceledamount", "reason", "responsecode"];

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
        "pay-response" => Return::Payment(payment(&params)),
        "cancel" => Return::Reversal(reversal(&params)),
        "print" => Return::Print(print(&params)),
        "reprint" => Return::Reprint(print(&params)),
        _ => Return::Unreadable,
    }
}

fn payment(params: &Params) -> PaymentReturn {
    let evidence = evidence::read(params);
    let order_id = params.read("order_id");
    let attempt_id = order_id.text().and_then(|id| AttemptId::parse(id).ok());
    // A reference that is none of ours: whatever this answers, it is not what we asked.
    let foreign = attempt_id.is_none() && order_id != Field::Absent;
    let claim = if foreign || is_damaged(params, &PAYMENT_PARAMS, &PAYMENT_ESSENTIALS) {
        unclear(OutcomeReason::Unreadable)
    } else {
        payment_claim(params, &evidence)
    };
    PaymentReturn {
        attempt_id,
        claim,
        evidence,
    }
}

fn payment_claim(params: &Params, evidence: &Evidence) -> Claimed {
    let success = Success::read(params);
    match params.read("code").text() {
        Some(CODE_APPROVED) => match success {
            Success::Yes | Success::Unsaid if evidence.amount.is_some() => Claimed::Approved,
            Success::Yes | Success::Unsaid | Success::Senseless => unclear(OutcomeReason::Unreadable),
            Success::No => unclear(OutcomeReason::Contradicted),
        },
        Some(CODE_GIVEN_UP) => not_charged(Claimed::Cancelled, success, evidence),
        Some(CODE_REFUSED) => not_charged(Claimed::Declined, success, evidence),
        Some(_) | None => unclear(OutcomeReason::UnknownCode),
    }
}

/// `claim`, unless the answer also speaks of a charge: an issuer gives an authorization code only to what it approved.
fn not_charged(claim: Claimed, success: Success, evidence: &Evidence) -> Claimed {
    match success {
        Success::No | Success::Unsaid if evidence.authorization_code.is_none() => claim,
        Success::Senseless => unclear(OutcomeReason::Unreadable),
        Success::Yes | Success::No | Success::Unsaid => unclear(OutcomeReason::Contradicted),
    }
}

fn reversal(params: &Params) -> ReversalReturn {
    let claim = if is_damaged(params, &REVERSAL_PARAMS, &REVERSAL_ESSENTIALS) {
        unclear(OutcomeReason::Unreadable)
    } else {
        reversal_claim(params)
    };
    ReversalReturn {
        atk: evidence::key(params, "atk"),
        claim,
        amount: evidence::centavos(params.read("canceledamount")),
        response_code: evidence::code(params, "responsecode").or_else(|| evidence::code(params, "reason")),
    }
}

fn reversal_claim(params: &Params) -> Claimed {
    let not_done = match params.read("reason").text() {
        Some(REASON_GIVEN_UP) => Some(Claimed::Cancelled),
        Some(REASON_UNKNOWN_ATK) => Some(Claimed::Declined),
        // An approval has "APPROVED" or a number here; other reasons of a failure are in no list.
        Some(_) | None => None,
    };
    let response = params.read("responsecode").text();
    let approved = response == Some(RESPONSE_APPROVED);
    match (Success::read(params), not_done) {
        (Success::Senseless, _) => unclear(OutcomeReason::Unreadable),
        (Success::Yes, None) if approved => Claimed::Approved,
        (Success::No | Success::Unsaid, Some(claim)) if !approved => claim,
        (Success::Yes | Success::No | Success::Unsaid, Some(_)) => unclear(OutcomeReason::Contradicted),
        (Success::No, None) if approved => unclear(OutcomeReason::Contradicted),
        (Success::Yes | Success::No | Success::Unsaid, None) => unclear(OutcomeReason::UnknownCode),
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

/// Whether too much of the answer is unreadable to believe the rest.
fn is_damaged(params: &Params, documented: &[&str], essential: &[&str]) -> bool {
    let broken = |name: &&str| matches!(params.read(name), Field::Broken(_));
    let conflicting = |name: &&str| params.read(name) == Field::Conflicting;
    !params.is_whole() || documented.iter().any(conflicting) || essential.iter().any(broken)
}

const fn unclear(reason: OutcomeReason) -> Claimed {
    Claimed::Unclear(reason)
}

/// The parameter `success`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Success {
    Yes,
    No,
    Unsaid,
    Senseless,
}

impl Success {
    fn read(params: &Params) -> Self {
        match params.read("success") {
            Field::Text(text) if text.eq_ignore_ascii_case("true") => Self::Yes,
            Field::Text(text) if text.eq_ignore_ascii_case("false") => Self::No,
            Field::Absent => Self::Unsaid,
            Field::Text(_) | Field::Broken(_) | Field::Conflicting => Self::Senseless,
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Centavos, Method};

    use super::*;

    const APPROVED: Claimed = Claimed::Approved;
    const DECLINED: Claimed = Claimed::Declined;
    const CANCELLED: Claimed = Claimed::Cancelled;
    const UNKNOWN_CODE: Claimed = Claimed::Unclear(OutcomeReason::UnknownCode);
    const UNREADABLE: Claimed = Claimed::Unclear(OutcomeReason::Unreadable);
    const CONTRADICTED: Claimed = Claimed::Unclear(OutcomeReason::Contradicted);

    fn read(uri: &str) -> Return {
        parse(&ReturnScheme::parse("posconnect").unwrap(), uri)
    }

    fn payment_of(query: &str) -> PaymentReturn {
        match read(&format!("posconnect://pay-response?{query}")) {
            Return::Payment(payment) => payment,
            other => panic!("{query}: {other:?}"),
        }
    }

    fn reversal_of(query: &str) -> ReversalReturn {
        match read(&format!("posconnect://cancel?{query}")) {
            Return::Reversal(reversal) => reversal,
            other => panic!("{query}: {other:?}"),
        }
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
    fn every_answer_to_a_payment_claims_what_it_can_prove() {
        for (query, expected) in [
            ("code=0&amount=100&order_id=7", APPROVED),
            ("code=0&amount=100", APPROVED),
            ("code=0&amount=100&success=true", APPROVED),
            ("code=0&amount=100&success=null&order_id=null", APPROVED),
            ("code=0&amount=100&code=0&amount=100", APPROVED),
            ("code=0&amount=100&brand=%ZZ&type=%FF", APPROVED),
            ("code=0&amount=100&new_param=1&new_param=2", APPROVED),
            ("success=false&message=Cancelado&code=-2", CANCELLED),
            ("code=-2&order_id=7", CANCELLED),
            (
                "code=-6&success=FALSE&message=Negada&atk=37820073187607",
                DECLINED,
            ),
            ("code=-6", DECLINED),
            // No code, or one that is in no list.
            ("", UNKNOWN_CODE),
            ("amount=100&atk=37820073187607", UNKNOWN_CODE),
            ("code=null&amount=100", UNKNOWN_CODE),
            ("code=&success=false", UNKNOWN_CODE),
            ("success=false&message=Erro", UNKNOWN_CODE),
            ("success=true&amount=100", UNKNOWN_CODE),
            ("code=-1&success=false", UNKNOWN_CODE),
            ("code=-3", UNKNOWN_CODE),
            ("code=6", UNKNOWN_CODE),
            ("code=00&amount=100", UNKNOWN_CODE),
            ("code=+0&amount=100", UNKNOWN_CODE),
            ("code=0%00&amount=100", UNKNOWN_CODE),
            ("code=0.0&amount=100", UNKNOWN_CODE),
            ("Code=0&amount=100", UNKNOWN_CODE),
            // An approval needs an amount.
            ("code=0", UNREADABLE),
            ("code=0&amount=null", UNREADABLE),
            ("code=0&amount=", UNREADABLE),
            ("code=0&amount=1.00", UNREADABLE),
            ("code=0&amount=-100", UNREADABLE),
            ("code=0&amount=99999999999999999999", UNREADABLE),
            // Damage in what decides.
            ("code=0&amount=1%0", UNREADABLE),
            ("code=%ZZ&amount=100", UNREADABLE),
            ("code=0&amount=100&success=%FF", UNREADABLE),
            ("code=0&amount=100&success=maybe", UNREADABLE),
            ("code=-6&success=maybe", UNREADABLE),
            ("code=0&amount=100&order_id=%", UNREADABLE),
            ("code=-2&amount=%ZZ", UNREADABLE),
            ("code=0&amount=100&message=a#b&success=false", UNREADABLE),
            ("code=0&amount=100&succ%FFess=false", UNREADABLE),
            // Two values for one parameter.
            ("code=0&amount=100&code=-2", UNREADABLE),
            ("code=0&amount=100&amount=1", UNREADABLE),
            ("code=0&amount=100&amount=null", UNREADABLE),
            ("code=0&amount=100&order_id=1&order_id=2", UNREADABLE),
            ("code=0&amount=100&atk=1&atk=2", UNREADABLE),
            ("code=-2&code=-6", UNREADABLE),
            // A reference that we cannot have sent.
            ("code=0&amount=100&order_id=ABC", UNREADABLE),
            ("code=-2&order_id=9223372036854775808", UNREADABLE),
            // Yes and no at once.
            ("code=0&amount=100&success=false", CONTRADICTED),
            ("code=0&success=false", CONTRADICTED),
            ("code=-2&success=true", CONTRADICTED),
            ("code=-6&success=true&amount=100", CONTRADICTED),
            ("code=-6&success=false&authorization_code=187607", CONTRADICTED),
        ] {
            assert_eq!(payment_of(query).claim, expected, "{query}");
        }
    }

    #[test]
    fn an_answer_names_its_attempt_or_none() {
        for (order_id, named) in [
            ("7", Some(7)),
            ("9223372036854775807", Some(i64::MAX as u64)),
            ("9223372036854775808", None),
            ("0", None),
            ("-7", None),
            ("7a", None),
            ("null", None),
            ("", None),
            ("%FF", None),
        ] {
            let payment = payment_of(&format!("code=0&amount=100&order_id={order_id}"));
            assert_eq!(payment.attempt_id.map(AttemptId::get), named, "{order_id}");
        }
    }

    #[test]
    fn the_code_is_kept_also_when_it_is_in_no_list() {
        assert_eq!(payment_of("code=-99").evidence.code.as_deref(), Some("-99"));
        assert_eq!(payment_of("code=-6").evidence.code.as_deref(), Some("-6"));
        assert_eq!(payment_of("success=false").evidence.code, None);
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
    fn every_answer_to_a_reversal_claims_what_it_can_prove() {
        for (query, expected) in [
            ("success=true&responsecode=0000", APPROVED),
            ("success=TRUE&responsecode=0000&reason=1", APPROVED),
            ("success=false&reason=7011", CANCELLED),
            ("success=false&reason=7011&responsecode=9999", CANCELLED),
            ("reason=7011", CANCELLED),
            ("success=false&reason=7202", DECLINED),
            ("", UNKNOWN_CODE),
            ("responsecode=0000", UNKNOWN_CODE),
            ("success=true", UNKNOWN_CODE),
            ("success=true&responsecode=0", UNKNOWN_CODE),
            ("success=true&responsecode=0051", UNKNOWN_CODE),
            ("success=false", UNKNOWN_CODE),
            ("success=false&reason=7999&responsecode=0051", UNKNOWN_CODE),
            ("success=false&responsecode=0000", CONTRADICTED),
            ("success=false&responsecode=0000&reason=7011", CONTRADICTED),
            ("success=true&responsecode=0000&reason=7202", CONTRADICTED),
            ("success=true&reason=7011", CONTRADICTED),
            ("success=yes&responsecode=0000", UNREADABLE),
            ("success=%FF&responsecode=0000", UNREADABLE),
            ("success=true&success=false&responsecode=0000", UNREADABLE),
            ("success=true&responsecode=0000&canceledamount=%1", UNREADABLE),
            ("success=true&responsecode=0000&atk=1&atk=2", UNREADABLE),
            ("success=true&responsecode=0000#&success=false", UNREADABLE),
        ] {
            assert_eq!(reversal_of(query).claim, expected, "{query}");
        }
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
            (
                "DEEPLINK_RETURN=SUCCESS&DEEPLINK_RETURN=PRINTER_BUSY",
                PrintAnswer::Failed,
            ),
            ("DEEPLINK_RETURN=%FF", PrintAnswer::Failed),
            ("", PrintAnswer::Failed),
        ] {
            assert_eq!(
                read(&format!("posconnect://print?{query}")),
                Return::Print(expected)
            );
            assert_eq!(
                read(&format!("posconnect://reprint?{query}")),
                Return::Reprint(expected)
            );
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
        let huge = format!(
            "posconnect://pay-response?code=0&amount=100&message={}",
            "a".repeat(RETURN_URI_BYTES)
        );
        assert_eq!(read(&huge), Return::Unreadable);
    }

    #[test]
    fn a_slash_after_the_host_and_the_case_of_scheme_and_host_do_not_matter() {
        assert!(matches!(
            read("posconnect://pay-response/?code=0&amount=1"),
            Return::Payment(_)
        ));
        assert!(matches!(
            read("POSCONNECT://Pay-Response?code=0&amount=1"),
            Return::Payment(_)
        ));
    }
}
