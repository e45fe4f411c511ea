//! What the answer to a reversal claims. Imports `query` and `evidence`.

use protocol::attempt::OutcomeReason;

use crate::acquirer::stone::evidence;
use crate::acquirer::stone::query::{Params, YesNo};
use crate::acquirer::{Claimed, ReversalReturn};

/// Success of a reversal, official.
const RESPONSE_APPROVED: &str = "0000";
/// The operator gave the reversal up, observed.
const REASON_GIVEN_UP: &str = "7011";
/// There is no payment with this ATK, observed.
const REASON_UNKNOWN_ATK: &str = "7202";

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

/// Reads the answer to a reversal.
pub(super) fn read(params: &Params) -> ReversalReturn {
    let claim = if params.is_damaged(&REVERSAL_PARAMS, &REVERSAL_ESSENTIALS) {
        Claimed::Unclear(OutcomeReason::Unreadable)
    } else {
        claimed(params)
    };
    ReversalReturn {
        atk: evidence::key(params, "atk"),
        claim,
        amount: evidence::centavos(params.read("canceledamount")),
        response_code: evidence::code(params, "responsecode").or_else(|| evidence::code(params, "reason")),
    }
}

fn claimed(params: &Params) -> Claimed {
    let not_done = match params.read("reason").text() {
        Some(REASON_GIVEN_UP) => Some(Claimed::Cancelled),
        Some(REASON_UNKNOWN_ATK) => Some(Claimed::Declined),
        // An approval has "APPROVED" or a number here; other reasons of a failure are in no list.
        Some(_) | None => None,
    };
    let response = params.read("responsecode").text();
    let approved = response == Some(RESPONSE_APPROVED);
    match (params.yes_or_no("success"), not_done) {
        (YesNo::Senseless, _) => Claimed::Unclear(OutcomeReason::Unreadable),
        (YesNo::Yes, None) if approved => Claimed::Approved,
        (YesNo::No | YesNo::Unsaid, Some(claim)) if !approved => claim,
        (YesNo::Yes | YesNo::No | YesNo::Unsaid, Some(_)) => Claimed::Unclear(OutcomeReason::Contradicted),
        (YesNo::No, None) if approved => Claimed::Unclear(OutcomeReason::Contradicted),
        (YesNo::Yes | YesNo::No | YesNo::Unsaid, None) => Claimed::Unclear(OutcomeReason::UnknownCode),
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

    fn reversal_of(query: &str) -> ReversalReturn {
        match query.split_once('#') {
            Some((query, fragment)) => read(&Params::parse(query, Some(fragment))),
            None => read(&Params::parse(query, None)),
        }
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
}
