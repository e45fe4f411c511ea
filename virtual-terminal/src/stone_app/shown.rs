//! What the page shows of a request.

use serde::Serialize;

use super::request::{InstallmentKind, Method, Pay, Request};
use super::{Opened, RequestProblem};

/// Longest part of a request URI that is shown, in characters; a print's is up to a megabyte.
const SHOWN_URI_CHARS: usize = 600;

/// A request as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownRequest {
    /// Counts from 1.
    pub number: u64,
    /// `pay`, `cancel`, `print`, `reprint` or `unreadable`.
    pub kind: &'static str,
    /// Centavos, when the request fixes them.
    pub amount: Option<u64>,
    /// The method, when the request fixes it.
    pub method: Option<Method>,
    /// 1: à vista.
    pub installments: Option<u32>,
    /// What the app calls itself.
    pub heading: String,
    /// "R$ 50,00".
    pub amount_text: String,
    /// "Crédito em 3x sem juros".
    pub method_text: String,
    /// What else there is to say.
    pub note: String,
    /// Echoed by the answer.
    pub order_id: Option<String>,
    /// Key of the payment, for reversals and reprints.
    pub atk: Option<String>,
    /// The decision was made and is kept back.
    pub decided: bool,
    /// The request as it came, cut when long.
    pub uri: String,
}

impl From<&Opened> for ShownRequest {
    fn from(opened: &Opened) -> Self {
        let mut shown = match &opened.request {
            Ok(Request::Pay(pay)) => Self::pay(pay),
            Ok(Request::Cancel(cancel)) => Self {
                kind: "cancel",
                heading: "Estorno".to_owned(),
                amount: Some(cancel.amount),
                amount_text: reais(cancel.amount),
                note: format!("Transação {}", cancel.atk),
                atk: Some(cancel.atk.clone()),
                ..Self::empty()
            },
            Ok(Request::Print(print)) => Self {
                kind: "print",
                heading: "Impressão".to_owned(),
                note: match print.items.len() {
                    1 => "1 imagem".to_owned(),
                    count => format!("{count} imagens"),
                },
                ..Self::empty()
            },
            Ok(Request::Reprint(reprint)) => Self {
                kind: "reprint",
                heading: "Reimpressão".to_owned(),
                note: format!("Transação {}", reprint.atk),
                atk: Some(reprint.atk.clone()),
                ..Self::empty()
            },
            Err(problem) => Self::unreadable(problem),
        };
        shown.number = opened.number;
        shown.decided = opened.decided.is_some();
        shown.uri = opened.uri.chars().take(SHOWN_URI_CHARS).collect();
        if shown.uri.len() < opened.uri.len() {
            shown.uri.push('…');
        }
        shown
    }
}

impl ShownRequest {
    fn pay(pay: &Pay) -> Self {
        Self {
            kind: "pay",
            heading: "Pagamento".to_owned(),
            amount: pay.amount,
            amount_text: pay.amount.map_or_else(|| "Valor a digitar".to_owned(), reais),
            method: pay.method,
            method_text: method_text(pay),
            installments: Some(pay.installments),
            note: if pay.editable_amount {
                "O operador pode mudar o valor".to_owned()
            } else {
                String::new()
            },
            order_id: pay.order_id.clone(),
            ..Self::empty()
        }
    }

    fn unreadable(problem: &RequestProblem) -> Self {
        Self {
            kind: "unreadable",
            heading: "Pedido recusado".to_owned(),
            note: problem.to_string(),
            ..Self::empty()
        }
    }

    const fn empty() -> Self {
        Self {
            number: 0,
            kind: "",
            amount: None,
            method: None,
            installments: None,
            heading: String::new(),
            amount_text: String::new(),
            method_text: String::new(),
            note: String::new(),
            order_id: None,
            atk: None,
            decided: false,
            uri: String::new(),
        }
    }
}

fn method_text(pay: &Pay) -> String {
    let Some(method) = pay.method else {
        return "Forma a escolher".to_owned();
    };
    if method != Method::Credit {
        return method.display().to_owned();
    }
    match (pay.installments, pay.installment_kind) {
        (0 | 1, _) => "Crédito à vista".to_owned(),
        (count, Some(InstallmentKind::Issuer)) => format!("Crédito em {count}x com juros"),
        (count, Some(InstallmentKind::Merchant | InstallmentKind::None) | None) => {
            format!("Crédito em {count}x sem juros")
        }
    }
}

/// "R$ 1.234,56"
fn reais(centavos: u64) -> String {
    let whole = (centavos / 100).to_string();
    let mut text = String::from("R$ ");
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    format!("{text},{:02}", centavos % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_in_brazil() {
        assert_eq!(reais(0), "R$ 0,00");
        assert_eq!(reais(5), "R$ 0,05");
        assert_eq!(reais(123_456), "R$ 1.234,56");
        assert_eq!(reais(999_999_999), "R$ 9.999.999,99");
    }
}
