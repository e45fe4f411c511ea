//! An order as mobilepayment tells it: only the fields that this PDV reads. Fields that are not known are ignored, and the
//! whole text is kept beside it.

use protocol::Centavos;
use serde::Deserialize;

/// An order (ordem de pagamento).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Order {
    /// `or_…`
    pub id: String,
    /// Total.
    pub amount: Centavos,
    /// Approved payments.
    #[serde(default)]
    pub charges: Vec<Charge>,
    /// What Stone Connect does not have.
    pub posconnect: Detail,
}

impl Order {
    /// Nothing more can be charged, and nobody waits for an answer any more.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        let doubtful = |attempt: &Attempt| attempt.outcome.as_deref() == Some("in_doubt");
        match self.posconnect.stage {
            OrderStage::Paid => true,
            OrderStage::Closed => !self.posconnect.attempts.iter().any(doubtful),
            OrderStage::Open | OrderStage::Closing => false,
        }
    }
}

/// What Stone Connect does not have of an order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Detail {
    /// Where it is.
    pub stage: OrderStage,
    /// Paid and not given back.
    pub paid_amount: Centavos,
    /// Open on a terminal, or in doubt.
    pub reserved_amount: Centavos,
    /// Which terminal has it.
    pub claim: Option<Claim>,
    /// Attempts that are not approved charges.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
}

/// Where an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStage {
    /// Can be charged.
    Open,
    /// Will be closed once what is in flight has ended.
    Closing,
    /// Paid whole.
    Paid,
    /// Closed.
    Closed,
}

/// A terminal's exclusive right to charge.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Claim {
    /// The terminal.
    pub terminal_serial_number: String,
    /// `now` or `delivery`.
    pub kind: String,
}

/// One call to the acquirer's app.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Attempt {
    /// The attempt.
    pub attempt_id: String,
    /// `approved`, `declined`, `cancelled`, `in_doubt`; none while it is open on the terminal.
    pub outcome: Option<String>,
    /// How much.
    pub amount: Centavos,
    /// How.
    pub method: String,
    /// Where.
    pub terminal_serial_number: String,
    /// Brand as the acquirer writes it.
    pub brand: Option<String>,
    /// `cAut`.
    pub authorization_code: Option<String>,
    /// NSU.
    pub nsu: Option<String>,
    /// Instalments; 1 is at once.
    #[serde(default = "one")]
    pub installments: u8,
}

const fn one() -> u8 {
    1
}

/// An approved payment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Charge {
    /// `ch_…`
    pub id: String,
    /// How much.
    pub amount: Centavos,
    /// How much of it was given back.
    #[serde(default)]
    pub canceled_amount: Centavos,
    /// A reversal waits for the operator on the terminal.
    #[serde(default)]
    pub pending_cancellation: bool,
    /// The attempt behind it.
    pub posconnect: Attempt,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_with_unknown_fields_and_refused_without_its_money() {
        let text = r#"{"id": "or_1", "amount": 900, "novo": [], "posconnect": {"stage": "open", "paid_amount": 0,
            "reserved_amount": 900, "claim": {"terminal_serial_number": "A8X", "kind": "now", "lease_until": null}}}"#;
        let order: Order = serde_json::from_str(text).unwrap();
        assert_eq!(order.posconnect.claim.unwrap().terminal_serial_number, "A8X");
        assert!(serde_json::from_str::<Order>(&text.replace("900,", "-1,")).is_err());
        assert!(serde_json::from_str::<Order>(&text.replace("\"open\"", "\"aberto\"")).is_err());
    }
}
