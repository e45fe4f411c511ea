//! The cancel app's decisions and return URIs (`cancel`).

use super::answer::AnswerError;
use super::memory::{Memory, Transaction};
use super::request::{Cancel, Method};
use super::uri;

/// Host of the cancel app's answers.
pub(super) const HOST: &str = "cancel";
/// Reason of a reversal that the operator gave up (Stone's documentation).
const REASON_ABORTED: &str = "7011";
/// Reason of a reversal of an unknown payment (Stone's documentation).
const REASON_UNKNOWN_ATK: &str = "7202";
/// Our stand-in for a refusal: no public document lists the codes.
const REASON_DECLINED: &str = "1000";
/// Our stand-in for an amount above what is left of the payment.
const REASON_TOO_MUCH: &str = "1001";

/// Gives money back, if the payment is known and has that much left. `amount`: another than asked for.
pub(super) fn approve(
    memory: &mut Memory,
    cancel: &Cancel,
    amount: Option<u64>,
) -> Result<String, AnswerError> {
    let amount = amount.unwrap_or(cancel.amount);
    let Some(known) = memory.find(&cancel.atk) else {
        return Ok(failed(cancel, None, REASON_UNKNOWN_ATK));
    };
    if amount == 0 || amount > known.amount.saturating_sub(known.reversed) {
        return Ok(failed(cancel, Some(known), REASON_TOO_MUCH));
    }
    let known = known.clone();
    memory.reverse(&cancel.atk, amount)?;
    Ok(answer(&cancel.return_scheme, &cancel.atk, Some(&known), Ok(amount)))
}

/// Refuses.
pub(super) fn decline(memory: &Memory, cancel: &Cancel) -> String {
    failed(cancel, memory.find(&cancel.atk), REASON_DECLINED)
}

/// The operator gave up.
pub(super) fn abort(memory: &Memory, cancel: &Cancel) -> String {
    failed(cancel, memory.find(&cancel.atk), REASON_ABORTED)
}

/// As if the payment were unknown.
pub(super) fn unknown_atk(cancel: &Cancel) -> String {
    failed(cancel, None, REASON_UNKNOWN_ATK)
}

/// An approval that the acquirer never gave.
pub(super) fn forged(scheme: &str, atk: &str, amount: u64) -> String {
    answer(scheme, atk, None, Ok(amount))
}

fn failed(cancel: &Cancel, known: Option<&Transaction>, reason: &str) -> String {
    answer(&cancel.return_scheme, &cancel.atk, known, Err(reason))
}

fn answer(scheme: &str, atk: &str, known: Option<&Transaction>, result: Result<u64, &str>) -> String {
    let (success, returned, reason, code) = match result {
        Ok(amount) => ("true", amount, "APPROVED", "0000"),
        Err(reason) => ("false", 0, reason, reason),
    };
    let returned = returned.to_string();
    let amount = known.map(|known| known.amount.to_string());
    let payment_type = known.map(|known| payment_type(known.method).to_string());
    uri::build(
        scheme,
        HOST,
        &[
            ("success", Some(success)),
            ("atk", Some(atk)),
            ("canceledamount", Some(&returned)),
            ("paymenttype", payment_type.as_deref()),
            ("transactionamount", amount.as_deref()),
            ("orderid", known.and_then(|known| known.order_id.as_deref())),
            ("authorizationcode", known.and_then(|known| known.authorization_code.as_deref())),
            ("reason", Some(reason)),
            ("responsecode", Some(code)),
        ],
    )
}

/// The number of a method in the cancel app's answer; the numbers are our assumption.
const fn payment_type(method: Method) -> u8 {
    match method {
        Method::Credit => 1,
        Method::Debit => 2,
        Method::Voucher => 3,
        Method::Pix => 4,
    }
}
