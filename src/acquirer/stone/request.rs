//! The URIs that open Stone's apps. Imports `query` for the percent coding.
//!
//! Every parameter that Stone would otherwise ask for on its own screen is sent: what is left out, the operator may
//! choose, and the PDV's choice would not hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use protocol::{InstallmentType, Method};

use super::query::encode_into;
use super::{PRINT_REQUEST_BYTES, ReturnScheme};
use crate::acquirer::{PayRequest, PrintTooLarge, ReprintRequest, ReversalRequest, SlipCopy};

/// Stone's printer app then shows no result screen that somebody has to tap away between two slices: the agent gets
/// the result and shows it.
const NO_FEEDBACK_SCREEN: (&str, &str) = ("SHOW_FEEDBACK_SCREEN", "false");

/// `payment-app://pay`. The request is one that the money rules allow: an amount up to
/// [`protocol::Centavos::CHARGE_MAX`] and a choice that [`protocol::PaymentChoice::is_valid`].
pub(super) fn pay(scheme: &ReturnScheme, request: &PayRequest) -> String {
    let mut uri = RequestUri::new("payment-app://pay");
    uri.add("return_scheme", scheme.as_str());
    uri.add("amount", &request.amount.get().to_string());
    uri.add("editable_amount", "0");
    uri.add("transaction_type", transaction_type(request.choice.method));
    match (request.choice.method, request.choice.installments) {
        (Method::Credit, Some(installments)) if installments.count >= 2 => {
            uri.add("installment_type", installment_type(installments.kind));
            uri.add("installment_count", &installments.count.to_string());
        }
        // À vista is said, not left out: with neither parameter Stone's screen would ask the operator, who could then
        // choose instalments that the PDV did not. The count belongs to instalments of 2 and more only.
        (Method::Credit, _) => uri.add("installment_type", "NONE"),
        // These have no instalments to ask for.
        (Method::Debit | Method::Voucher | Method::Pix, _) => {}
    }
    uri.add("order_id", &request.attempt_id.to_string());
    uri.text
}

/// `cancel-app://cancel`.
pub(super) fn cancel(scheme: &ReturnScheme, request: &ReversalRequest) -> String {
    let mut uri = RequestUri::new("cancel-app://cancel");
    // Stone's code reads the first, Stone's page names the second.
    uri.add("returnscheme", scheme.as_str());
    uri.add("return_scheme", scheme.as_str());
    uri.add("atk", &request.atk);
    uri.add("amount", &request.amount.get().to_string());
    uri.add("editable_amount", "false");
    uri.text
}

/// `printer-app://print`, one image item for each PNG.
pub(super) fn print(scheme: &ReturnScheme, pngs: &[Vec<u8>]) -> Result<String, PrintTooLarge> {
    // Base64 needs no JSON escape, so the array is written as text. `imagePath` is the image itself, despite its name.
    let items: Vec<String> = pngs
        .iter()
        .map(|png| format!(r#"{{"type":"image","imagePath":"{}"}}"#, BASE64.encode(png)))
        .collect();
    let mut uri = RequestUri::new("printer-app://print");
    uri.add(NO_FEEDBACK_SCREEN.0, NO_FEEDBACK_SCREEN.1);
    uri.add("SCHEME_RETURN", scheme.as_str());
    uri.add("PRINTABLE_CONTENT", &format!("[{}]", items.join(",")));
    if uri.text.len() > PRINT_REQUEST_BYTES {
        return Err(PrintTooLarge { bytes: uri.text.len(), limit: PRINT_REQUEST_BYTES });
    }
    Ok(uri.text)
}

/// `reprinter-app://reprint`.
pub(super) fn reprint(scheme: &ReturnScheme, request: &ReprintRequest) -> String {
    let mut uri = RequestUri::new("reprinter-app://reprint");
    uri.add(NO_FEEDBACK_SCREEN.0, NO_FEEDBACK_SCREEN.1);
    uri.add("SCHEME_RETURN", scheme.as_str());
    uri.add("ATK", &request.atk);
    uri.add(
        "TYPE_CUSTOMER",
        match request.copy {
            SlipCopy::Customer => "CLIENT",
            SlipCopy::Merchant => "MERCHANT",
        },
    );
    uri.text
}

/// Stone's demo labels `INSTANT_PAYMENT` "QR Code" and `PIX` "PIX": Pix is the second.
const fn transaction_type(method: Method) -> &'static str {
    match method {
        Method::Credit => "CREDIT",
        Method::Debit => "DEBIT",
        Method::Voucher => "VOUCHER",
        Method::Pix => "PIX",
    }
}

const fn installment_type(kind: InstallmentType) -> &'static str {
    match kind {
        InstallmentType::Merchant => "MERCHANT",
        InstallmentType::Issuer => "ISSUER",
    }
}

struct RequestUri {
    text: String,
    separator: char,
}

impl RequestUri {
    fn new(app: &str) -> Self {
        Self { text: app.to_owned(), separator: '?' }
    }

    fn add(&mut self, name: &str, value: &str) {
        self.text.push(self.separator);
        self.separator = '&';
        self.text.push_str(name);
        self.text.push('=');
        encode_into(&mut self.text, value);
    }
}

#[cfg(test)]
mod tests {
    use protocol::method::Installments;
    use protocol::{AttemptId, Centavos, PaymentChoice};

    use super::*;

    fn scheme() -> ReturnScheme {
        ReturnScheme::parse("posconnect").unwrap()
    }

    fn pay_with(choice: PaymentChoice) -> String {
        pay(
            &scheme(),
            &PayRequest {
                attempt_id: AttemptId::parse("9223372036854775807").unwrap(),
                amount: Centavos::new(123_456).unwrap(),
                choice,
            },
        )
    }

    fn credit_in(count: u8, kind: InstallmentType) -> PaymentChoice {
        PaymentChoice { method: Method::Credit, installments: Some(Installments { count, kind }) }
    }

    #[test]
    fn a_payment_opens_with_amount_and_method_fixed() {
        for (choice, uri) in [
            (
                PaymentChoice::at_once(Method::Debit),
                "payment-app://pay?return_scheme=posconnect&amount=123456&editable_amount=0&transaction_type=DEBIT\
                 &order_id=9223372036854775807",
            ),
            (
                PaymentChoice::at_once(Method::Voucher),
                "payment-app://pay?return_scheme=posconnect&amount=123456&editable_amount=0&transaction_type=VOUCHER\
                 &order_id=9223372036854775807",
            ),
            (
                PaymentChoice::at_once(Method::Pix),
                "payment-app://pay?return_scheme=posconnect&amount=123456&editable_amount=0&transaction_type=PIX\
                 &order_id=9223372036854775807",
            ),
            (
                PaymentChoice::at_once(Method::Credit),
                "payment-app://pay?return_scheme=posconnect&amount=123456&editable_amount=0&transaction_type=CREDIT\
                 &installment_type=NONE&order_id=9223372036854775807",
            ),
            (
                credit_in(2, InstallmentType::Merchant),
                "payment-app://pay?return_scheme=posconnect&amount=123456&editable_amount=0&transaction_type=CREDIT\
                 &installment_type=MERCHANT&installment_count=2&order_id=9223372036854775807",
            ),
            (
                credit_in(18, InstallmentType::Issuer),
                "payment-app://pay?return_scheme=posconnect&amount=123456&editable_amount=0&transaction_type=CREDIT\
                 &installment_type=ISSUER&installment_count=18&order_id=9223372036854775807",
            ),
            (
                credit_in(1, InstallmentType::Merchant),
                "payment-app://pay?return_scheme=posconnect&amount=123456&editable_amount=0&transaction_type=CREDIT\
                 &installment_type=NONE&order_id=9223372036854775807",
            ),
        ] {
            assert_eq!(pay_with(choice), uri);
        }
    }

    #[test]
    fn a_reversal_says_the_return_scheme_in_both_spellings() {
        let request =
            ReversalRequest { atk: "37820073187607".to_owned(), amount: Centavos::new(5_000).unwrap() };
        assert_eq!(
            cancel(&scheme(), &request),
            "cancel-app://cancel?returnscheme=posconnect&return_scheme=posconnect&atk=37820073187607&amount=5000\
             &editable_amount=false"
        );
    }

    #[test]
    fn a_key_cannot_smuggle_a_parameter_into_a_request() {
        let request =
            ReversalRequest { atk: "1&amount=999 é#".to_owned(), amount: Centavos::new(1).unwrap() };
        assert_eq!(
            cancel(&scheme(), &request),
            "cancel-app://cancel?returnscheme=posconnect&return_scheme=posconnect&atk=1%26amount%3D999%20%C3%A9%23\
             &amount=1&editable_amount=false"
        );
    }

    #[test]
    fn a_slip_is_reprinted_for_the_customer_or_for_the_shop() {
        for (copy, uri) in [
            (
                SlipCopy::Customer,
                "reprinter-app://reprint?SHOW_FEEDBACK_SCREEN=false&SCHEME_RETURN=posconnect&ATK=37820073187607\
                 &TYPE_CUSTOMER=CLIENT",
            ),
            (
                SlipCopy::Merchant,
                "reprinter-app://reprint?SHOW_FEEDBACK_SCREEN=false&SCHEME_RETURN=posconnect&ATK=37820073187607\
                 &TYPE_CUSTOMER=MERCHANT",
            ),
        ] {
            let atk = "37820073187607".to_owned();
            assert_eq!(reprint(&scheme(), &ReprintRequest { atk, copy }), uri);
        }
    }

    #[test]
    fn images_are_printed_in_their_order_as_unwrapped_base64() {
        // 0xFB 0xFF 0xFE is "+//+" and one byte more ends in "==": all three characters that a query would misread.
        let pngs = [vec![0xFB, 0xFF, 0xFE, 0x01], b"\x89PNG".to_vec()];
        assert_eq!(
            print(&scheme(), &pngs).unwrap(),
            "printer-app://print?SHOW_FEEDBACK_SCREEN=false&SCHEME_RETURN=posconnect&PRINTABLE_CONTENT=%5B%7B%22type\
             %22%3A%22image%22%2C%22imagePath%22%3A%22%2B%2F%2F%2BAQ%3D%3D%22%7D%2C%7B%22type%22%3A%22image%22%2C\
             %22imagePath%22%3A%22iVBORw%3D%3D%22%7D%5D"
        );
    }

    #[test]
    fn a_print_request_of_exactly_the_limit_is_allowed() {
        // Four characters for three bytes: the scheme's length makes up the rest.
        let longest = (0..4).filter_map(|more| {
            let scheme = ReturnScheme::parse(&format!("pos{}", "x".repeat(more))).unwrap();
            let empty = print(&scheme, &[vec![]]).unwrap().len();
            let image = vec![0; (PRINT_REQUEST_BYTES - empty) / 4 * 3];
            print(&scheme, &[image]).ok().map(|uri| uri.len())
        });
        assert_eq!(longest.max(), Some(150_000));
    }

    #[test]
    fn a_print_request_just_above_the_limit_is_refused_with_its_size() {
        // Zero bytes become "A", which is not escaped: four characters for each three bytes.
        let empty = print(&scheme(), &[Vec::new()]).unwrap().len();
        let fitting = (PRINT_REQUEST_BYTES - empty) / 4 * 3;
        let uri = print(&scheme(), &[vec![0; fitting]]).unwrap();
        assert!(uri.len() <= PRINT_REQUEST_BYTES && uri.len() > PRINT_REQUEST_BYTES - 4);
        assert_eq!(
            print(&scheme(), &[vec![0; fitting + 3]]),
            Err(PrintTooLarge { bytes: uri.len() + 4, limit: PRINT_REQUEST_BYTES })
        );
    }
}
