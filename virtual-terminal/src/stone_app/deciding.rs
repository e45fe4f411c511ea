//! What the apps do when somebody decides.

use super::answer::{AnswerError, Verdict};
use super::memory::{Memory, Transaction};
use super::payment::Changes;
use super::request::{Method, Pay, Request};
use super::{Opened, payment, reversal, uri};
use crate::printer::Printer;

/// Everything that a decision needs and changes.
pub(super) struct Decider<'a> {
    pub(super) serial: &'a str,
    pub(super) memory: &'a mut Memory,
    pub(super) printer: &'a mut Printer,
    pub(super) now_s: i64,
    pub(super) with_order_id: bool,
}

impl Decider<'_> {
    /// Decides about a request: money moves, paper is printed, and the return URI says so.
    pub(super) fn decide(self, opened: &Opened, verdict: &Verdict) -> Result<String, AnswerError> {
        if opened.decided.is_some() {
            return Err(AnswerError::AlreadyDecided);
        }
        match &opened.request {
            Ok(Request::Pay(pay)) => self.pay(pay, verdict),
            Ok(Request::Cancel(cancel)) => match verdict {
                Verdict::Approve { amount, .. } => reversal::approve(self.memory, cancel, *amount),
                Verdict::OtherAmount(amount) => {
                    let amount = amount.unwrap_or(cancel.amount.saturating_sub(1));
                    reversal::approve(self.memory, cancel, Some(amount))
                }
                Verdict::OtherMethod(_) => Err(AnswerError::NotForThisApp),
                Verdict::Decline => Ok(reversal::decline(self.memory, cancel)),
                Verdict::Cancel => Ok(reversal::abort(self.memory, cancel)),
                Verdict::UnknownAtk => Ok(reversal::unknown_atk(cancel)),
            },
            Ok(Request::Print(print)) => {
                let code = match verdict {
                    Verdict::Approve { .. } => self.printer.print(&print.items),
                    Verdict::Decline => "PRINTER_PRINT_ERROR",
                    Verdict::OtherAmount(_)
                    | Verdict::OtherMethod(_)
                    | Verdict::Cancel
                    | Verdict::UnknownAtk => return Err(AnswerError::NotForThisApp),
                };
                Ok(printed(&print.return_scheme, "print", code))
            }
            Ok(Request::Reprint(reprint)) => {
                let code = match verdict {
                    Verdict::Approve { .. } => match self.memory.find(&reprint.atk) {
                        Some(known) => {
                            self.printer.print_slip(&slip(known, self.serial, reprint.merchant_copy))
                        }
                        None => "TRANSACTION_NOT_FOUND",
                    },
                    Verdict::UnknownAtk => "TRANSACTION_NOT_FOUND",
                    Verdict::Decline => "PRINTER_PRINT_ERROR",
                    Verdict::OtherAmount(_) | Verdict::OtherMethod(_) | Verdict::Cancel => {
                        return Err(AnswerError::NotForThisApp);
                    }
                };
                Ok(printed(&reprint.return_scheme, "reprint", code))
            }
            Err(_) => Err(AnswerError::Unserviceable),
        }
    }

    fn pay(self, pay: &Pay, verdict: &Verdict) -> Result<String, AnswerError> {
        /// What an approval of another amount has too much, in centavos.
        const TOO_MUCH: u64 = 100;
        let order_id = pay.order_id.as_deref().filter(|_| self.with_order_id);
        let changes = match verdict {
            Verdict::Decline => return Ok(payment::declined(&pay.return_scheme, order_id)),
            Verdict::Cancel => return Ok(payment::cancelled(&pay.return_scheme, order_id)),
            Verdict::UnknownAtk => return Err(AnswerError::NotForThisApp),
            Verdict::Approve { amount, method, brand } => {
                Changes { amount: *amount, method: *method, brand: brand.clone() }
            }
            Verdict::OtherAmount(amount) => Changes {
                amount: amount.or(pay.amount.map(|amount| amount + TOO_MUCH)),
                ..Changes::default()
            },
            Verdict::OtherMethod(method) => {
                Changes { method: method.or(pay.method.map(Method::another)), ..Changes::default() }
            }
        };
        let transaction = payment::transaction(self.serial, self.memory, pay, changes, self.now_s)?;
        let uri = payment::approved(&pay.return_scheme, &transaction, order_id);
        self.memory.approve(transaction)?;
        Ok(uri)
    }
}

fn printed(scheme: &str, host: &str, code: &str) -> String {
    uri::build(scheme, host, &[("DEEPLINK_RETURN", Some(code))])
}

/// The lines of a card slip.
pub(super) fn slip(transaction: &Transaction, serial: &str, merchant_copy: bool) -> Vec<String> {
    let reais = |centavos: u64| format!("R$ {},{:02}", centavos / 100, centavos % 100);
    let mut lines = vec![
        if merchant_copy { "VIA ESTABELECIMENTO" } else { "VIA CLIENTE" }.to_owned(),
        "REIMPRESSAO".to_owned(),
        format!("{} {}", transaction.method.display(), transaction.brand.as_deref().unwrap_or_default()),
        transaction
            .last_four
            .as_ref()
            .map_or_else(String::new, |last_four| format!("CARTAO **** {last_four}")),
        reais(transaction.amount),
        transaction.authorized_at.clone(),
        format!("AUT {}", transaction.authorization_code.as_deref().unwrap_or("-")),
        format!("ATK {}", transaction.atk),
        format!("TERMINAL {serial}"),
    ];
    if transaction.reversed > 0 {
        lines.push(format!("ESTORNADO {}", reais(transaction.reversed)));
    }
    lines.retain(|line| !line.trim().is_empty());
    lines
}
