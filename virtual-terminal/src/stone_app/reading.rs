//! Reads the request URIs, independently of the agent that wrote them.
//!
//! Stone's public deep links demo and documentation name the parameters; the spelling differs from app to app.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::request::{App, Cancel, InstallmentKind, Method, Pay, Print, Reprint, Request};
use super::uri::{Parts, RequestProblem};
use crate::printer::PrintItem;

/// Largest amount of a pay request, in centavos (Stone: 0…999999999).
const MAX_AMOUNT: u64 = 999_999_999;
/// Most instalments that any Stone document names.
const MAX_INSTALLMENTS: u32 = 18;
/// Most items of one print request; the request's own size is bounded before.
const MAX_ITEMS: usize = 256;

impl Request {
    /// Reads a request URI as the intent carries it.
    pub fn read(uri: &str) -> Result<Self, RequestProblem> {
        let parts = Parts::read(uri)?;
        match App::of(uri) {
            Some(App::Payment) => read_pay(&parts).map(Self::Pay),
            Some(App::Cancel) => read_cancel(&parts).map(Self::Cancel),
            Some(App::Printer) => read_print(&parts).map(Self::Print),
            Some(App::Reprinter) => read_reprint(&parts).map(Self::Reprint),
            None => Err(RequestProblem::UnknownApp(format!("{}://{}", parts.scheme, parts.host))),
        }
    }
}

fn read_pay(parts: &Parts) -> Result<Pay, RequestProblem> {
    let method = match parts.get("transaction_type") {
        None => None,
        Some("CREDIT") => Some(Method::Credit),
        Some("DEBIT") => Some(Method::Debit),
        Some("VOUCHER") => Some(Method::Voucher),
        Some("PIX" | "INSTANT_PAYMENT") => Some(Method::Pix),
        Some(other) => return Err(RequestProblem::invalid("transaction_type", other)),
    };
    let installment_kind = match parts.get("installment_type") {
        None => None,
        Some("MERCHANT") => Some(InstallmentKind::Merchant),
        Some("ISSUER") => Some(InstallmentKind::Issuer),
        Some("NONE") => Some(InstallmentKind::None),
        Some(other) => return Err(RequestProblem::invalid("installment_type", other)),
    };
    let installments = match parts.get("installment_count") {
        None => 1,
        Some(text) => text
            .parse()
            .ok()
            .filter(|count| (1..=MAX_INSTALLMENTS).contains(count))
            .ok_or_else(|| RequestProblem::invalid("installment_count", text))?,
    };
    if installments > 1 && method.is_some_and(|method| method != Method::Credit) {
        return Err(RequestProblem::invalid("installment_count", &installments.to_string()));
    }
    let order_id = match parts.get("order_id") {
        None => None,
        Some(text) if text.parse::<i64>().is_ok_and(|id| id >= 0) => Some(text.to_owned()),
        Some(text) => return Err(RequestProblem::invalid("order_id", text)),
    };
    Ok(Pay {
        return_scheme: scheme(parts, "return_scheme")?,
        amount: parts.get("amount").map(|text| centavos("amount", text)).transpose()?,
        editable_amount: match parts.get("editable_amount") {
            Some("0") => false,
            None | Some("1") => true,
            Some(other) => return Err(RequestProblem::invalid("editable_amount", other)),
        },
        method,
        installment_kind,
        installments,
        order_id,
    })
}

fn read_cancel(parts: &Parts) -> Result<Cancel, RequestProblem> {
    let atk = parts.need("atk")?;
    if atk.is_empty() || atk.len() > 64 {
        return Err(RequestProblem::invalid("atk", atk));
    }
    Ok(Cancel {
        return_scheme: scheme(parts, "returnscheme")?,
        atk: atk.to_owned(),
        amount: centavos("amount", parts.need("amount")?)?,
        editable_amount: match parts.get("editable_amount") {
            Some("false") => false,
            None | Some("true") => true,
            Some(other) => return Err(RequestProblem::invalid("editable_amount", other)),
        },
    })
}

fn read_print(parts: &Parts) -> Result<Print, RequestProblem> {
    /// One item as the printer app's JSON has it.
    #[derive(Deserialize)]
    struct Item {
        #[serde(rename = "type")]
        kind: String,
        content: Option<String>,
        #[serde(rename = "imagePath")]
        image_path: Option<String>,
    }

    let bad = |value: &str| RequestProblem::invalid("PRINTABLE_CONTENT", value);
    feedback_screen(parts)?;
    let content = parts.need("PRINTABLE_CONTENT")?;
    let items: Vec<Item> = serde_json::from_str(content).map_err(|_| bad(content))?;
    if items.is_empty() || items.len() > MAX_ITEMS {
        return Err(bad(&format!("{} itens", items.len())));
    }
    let items = items
        .into_iter()
        .map(|item| match (item.kind.as_str(), item.content, item.image_path) {
            ("image", None, Some(image)) => {
                STANDARD.decode(&image).map(PrintItem::Image).map_err(|_| bad(&image))
            }
            ("text" | "line", Some(text), None) if !text.is_empty() => Ok(PrintItem::Text(text)),
            (kind, _, _) => Err(bad(kind)),
        })
        .collect::<Result<_, _>>()?;
    Ok(Print { return_scheme: scheme(parts, "SCHEME_RETURN")?, items })
}

fn read_reprint(parts: &Parts) -> Result<Reprint, RequestProblem> {
    feedback_screen(parts)?;
    Ok(Reprint {
        return_scheme: scheme(parts, "SCHEME_RETURN")?,
        atk: parts.need("ATK")?.to_owned(),
        merchant_copy: match parts.need("TYPE_CUSTOMER")? {
            "CLIENT" => false,
            "MERCHANT" => true,
            other => return Err(RequestProblem::invalid("TYPE_CUSTOMER", other)),
        },
    })
}

fn feedback_screen(parts: &Parts) -> Result<(), RequestProblem> {
    match parts.get("SHOW_FEEDBACK_SCREEN") {
        None | Some("true" | "false") => Ok(()),
        Some(other) => Err(RequestProblem::invalid("SHOW_FEEDBACK_SCREEN", other)),
    }
}

/// A URI scheme as RFC 3986 has it, without `://`.
fn scheme(parts: &Parts, name: &'static str) -> Result<String, RequestProblem> {
    let text = parts.need(name)?;
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let clean = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b));
    if starts && clean && text.len() <= 64 {
        Ok(text.to_owned())
    } else {
        Err(RequestProblem::invalid(name, text))
    }
}

fn centavos(name: &'static str, text: &str) -> Result<u64, RequestProblem> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(amount) if digits && amount <= MAX_AMOUNT => Ok(amount),
        _ => Err(RequestProblem::invalid(name, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAY: &str = "payment-app://pay?return_scheme=posconnect&amount=5000&editable_amount=0\
        &transaction_type=CREDIT&installment_type=MERCHANT&installment_count=3&order_id=9223372036854775807";

    #[test]
    fn a_pay_request_with_everything_fixed_is_read() {
        let expected = Pay {
            return_scheme: "posconnect".to_owned(),
            amount: Some(5000),
            editable_amount: false,
            method: Some(Method::Credit),
            installment_kind: Some(InstallmentKind::Merchant),
            installments: 3,
            order_id: Some("9223372036854775807".to_owned()),
        };
        assert_eq!(Request::read(PAY), Ok(Request::Pay(expected)));
    }

    #[test]
    fn what_a_pay_request_leaves_out_is_asked_on_the_screen() {
        let Ok(Request::Pay(pay)) = Request::read("payment-app://pay?return_scheme=posconnect") else {
            panic!("must be read");
        };
        assert_eq!((pay.amount, pay.method, pay.editable_amount), (None, None, true));
    }

    #[test]
    fn each_app_insists_on_its_own_spelling() {
        let cases = [
            (PAY.replace("return_scheme", "returnscheme"), "return_scheme"),
            (
                "cancel-app://cancel?return_scheme=p&atk=1&amount=1&editable_amount=false".to_owned(),
                "returnscheme",
            ),
            (
                "printer-app://print?return_scheme=p&PRINTABLE_CONTENT=%5B%7B%22type%22%3A%22line%22%2C%22content%22%3A%22x%22%7D%5D".to_owned(),
                "SCHEME_RETURN",
            ),
            ("reprinter-app://reprint?scheme_return=p&ATK=1&TYPE_CUSTOMER=CLIENT".to_owned(), "SCHEME_RETURN"),
        ];
        for (uri, missing) in cases {
            assert_eq!(Request::read(&uri), Err(RequestProblem::Missing(missing)), "{uri}");
        }
    }

    #[test]
    fn values_that_the_acquirer_does_not_know_are_problems() {
        let cases = [
            ("amount=5000", "amount=-1", "amount"),
            ("amount=5000", "amount=1000000000", "amount"),
            ("amount=5000", "amount=50,00", "amount"),
            ("editable_amount=0", "editable_amount=false", "editable_amount"),
            ("transaction_type=CREDIT", "transaction_type=Credit", "transaction_type"),
            ("transaction_type=CREDIT", "transaction_type=DEBIT", "installment_count"),
            ("installment_count=3", "installment_count=0", "installment_count"),
            ("installment_count=3", "installment_count=19", "installment_count"),
            ("order_id=9223372036854775807", "order_id=9223372036854775808", "order_id"),
            ("order_id=9223372036854775807", "order_id=or_1", "order_id"),
            ("return_scheme=posconnect", "return_scheme=pos://", "return_scheme"),
        ];
        for (from, to, param) in cases {
            match Request::read(&PAY.replace(from, to)) {
                Err(RequestProblem::Invalid { name, .. }) => assert_eq!(name, param, "{to}"),
                other => panic!("{to}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_cancel_and_a_reprint_are_read() {
        let cancel = "cancel-app://cancel?returnscheme=p&return_scheme=p&atk=37820073187607&amount=100\
            &editable_amount=false";
        assert_eq!(
            Request::read(cancel),
            Ok(Request::Cancel(Cancel {
                return_scheme: "p".to_owned(),
                atk: "37820073187607".to_owned(),
                amount: 100,
                editable_amount: false,
            }))
        );
        let reprint =
            "reprinter-app://reprint?SHOW_FEEDBACK_SCREEN=false&SCHEME_RETURN=p&ATK=7&TYPE_CUSTOMER=MERCHANT";
        assert_eq!(
            Request::read(reprint),
            Ok(Request::Reprint(Reprint {
                return_scheme: "p".to_owned(),
                atk: "7".to_owned(),
                merchant_copy: true,
            }))
        );
    }

    #[test]
    fn a_print_takes_images_in_plain_base64_only() {
        let uri = |image: &str| {
            let json = format!(r#"[{{"type":"image","imagePath":"{image}"}}]"#);
            let encoded: String = url::form_urlencoded::byte_serialize(json.as_bytes()).collect();
            format!(
                "printer-app://print?SHOW_FEEDBACK_SCREEN=false&SCHEME_RETURN=p&PRINTABLE_CONTENT={encoded}"
            )
        };
        let Ok(Request::Print(print)) = Request::read(&uri("iVBORw==")) else {
            panic!("must be read");
        };
        assert_eq!(print.items, [PrintItem::Image(vec![0x89, b'P', b'N', b'G'])]);
        for bad in ["data:image/png;base64,iVBORw==", "iVBO Rw==", "#"] {
            assert!(Request::read(&uri(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_intent_that_no_app_answers_is_a_problem() {
        assert_eq!(App::of("payment-app://refund?x=1"), None);
        assert_eq!(
            Request::read("payment-app://refund?x=1"),
            Err(RequestProblem::UnknownApp("payment-app://refund".to_owned()))
        );
        assert_eq!(Request::read("isto não é"), Err(RequestProblem::NotAUri));
    }
}
