//! What the answer to a payment claims. Imports `query` and `evidence`.

use protocol::AttemptId;
use protocol::attempt::{Evidence, OutcomeReason};

use crate::acquirer::stone::evidence;
use crate::acquirer::stone::query::{Field, Params, YesNo};
use crate::acquirer::{Claimed, PaymentReturn};

/// Success, official.
const CODE_APPROVED: &str = "0";
/// Given up by the operator or the customer, observed.
const CODE_GIVEN_UP: &str = "-2";
/// Refused by acquirer or issuer, observed.
const CODE_REFUSED: &str = "-6";

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

/// Reads the answer to a payment.
pub(super) fn read(params: &Params) -> PaymentReturn {
    let evidence = evidence::read(params);
    let order_id = params.read("order_id");
    let attempt_id = order_id.text().and_then(|id| AttemptId::parse(id).ok());
    // A reference that is none of ours: whatever this answers, it is not what we asked.
    let foreign = attempt_id.is_none() && order_id != Field::Absent;
    let claim = if foreign || params.is_damaged(&PAYMENT_PARAMS, &PAYMENT_ESSENTIALS) {
        Claimed::Unclear(OutcomeReason::Unreadable)
    } else {
        claimed(params, &evidence)
    };
    PaymentReturn { attempt_id, claim, evidence }
}

fn claimed(params: &Params, evidence: &Evidence) -> Claimed {
    let success = params.yes_or_no("success");
    match params.read("code").text() {
        Some(CODE_APPROVED) => match success {
            YesNo::Yes | YesNo::Unsaid if evidence.amount.is_some() => Claimed::Approved,
            YesNo::Yes | YesNo::Unsaid | YesNo::Senseless => Claimed::Unclear(OutcomeReason::Unreadable),
            YesNo::No => Claimed::Unclear(OutcomeReason::Contradicted),
        },
        Some(CODE_GIVEN_UP) => not_charged(Claimed::Cancelled, success, params),
        Some(CODE_REFUSED) => not_charged(Claimed::Declined, success, params),
        Some(_) | None => Claimed::Unclear(OutcomeReason::UnknownCode),
    }
}

/// `claim`, unless the answer also speaks of a charge: an issuer gives an authorization code only to what it approved.
fn not_charged(claim: Claimed, success: YesNo, params: &Params) -> Claimed {
    let no_authorization = params.read("authorization_code") == Field::Absent;
    match success {
        YesNo::No | YesNo::Unsaid if no_authorization => claim,
        YesNo::Senseless => Claimed::Unclear(OutcomeReason::Unreadable),
        YesNo::Yes | YesNo::No | YesNo::Unsaid => Claimed::Unclear(OutcomeReason::Contradicted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPROVED: Claimed = Claimed::Approved;
    const DECLINED: Claimed = Claimed::Declined;
    const CANCELLED: Claimed = Claimed::Cancelled;
    const UNKNOWN_CODE: Claimed = Claimed::Unclear(OutcomeReason::UnknownCode);
    const UNREADABLE: Claimed = Claimed::Unclear(OutcomeReason::Unreadable);
    const CONTRADICTED: Claimed = Claimed::Unclear(OutcomeReason::Contradicted);

    fn payment_of(query: &str) -> PaymentReturn {
        match query.split_once('#') {
            Some((query, fragment)) => read(&Params::parse(query, Some(fragment))),
            None => read(&Params::parse(query, None)),
        }
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
            ("code=-6&success=FALSE&message=Negada&atk=37820073187607", DECLINED),
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
}
