//! What an operator reads off the acquirer's card slip about an attempt in doubt.
//!
//! A statement decides nothing: the person who holds the terminal may gain by it. It is kept, shown to the store beside
//! the doubt, and counts once a manager or the acquirer's conciliation file confirms it.

use serde::{Deserialize, Serialize};

use crate::{AttemptId, OrderId, StatementId, UnixMillis};

/// `POST /terminal/v1/attempts/statement`: always recorded and acknowledged with an [`crate::attempt::AttemptAck`]; the
/// last statement of an attempt counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptStatement {
    /// Made by the terminal; the same id is the same statement.
    pub statement_id: StatementId,
    /// The attempt in doubt.
    pub attempt_id: AttemptId,
    /// Its order.
    pub order_id: OrderId,
    /// What the slip says.
    pub said: Said,
    /// The terminal's clock.
    pub stated_at: UnixMillis,
}

/// What the slip says, or that there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The customer was charged.
    Charged {
        /// Authorization code on the slip: 1 to [`Said::CODE_CHARS_MAX`] letters and digits.
        authorization_code: String,
        /// ATK, the NSU on the slip: 1 to [`Said::CODE_CHARS_MAX`] letters and digits.
        atk: String,
    },
    /// "Não aprovado": the last slip of the acquirer's app is not this payment's, or says that it was refused.
    NotCharged,
}

impl Said {
    /// Longest code that a statement carries, in characters: Stone's ATK has 14.
    pub const CODE_CHARS_MAX: usize = 32;

    /// Whether a text may be a code of a slip.
    #[must_use]
    pub fn is_code(text: &str) -> bool {
        let fits = !text.is_empty() & (text.len() <= Self::CODE_CHARS_MAX);
        fits && text.bytes().all(|b| b.is_ascii_alphanumeric())
    }

    /// Whether text is a whole card number: digits only, with its check digit right (ISO/IEC 7812). An ATK has 14 digits,
    /// and so had the last cards of that length.
    #[must_use]
    pub fn is_card_number(text: &str) -> bool {
        const ATK_DIGITS: usize = 14;
        let digits = text.len() > ATK_DIGITS && text.bytes().all(|b| b.is_ascii_digit());
        let sum: u32 = text
            .bytes()
            .rev()
            .zip(0u32..)
            .map(|(byte, place)| {
                let doubled = u32::from(byte & 15) << (place % 2);
                doubled / 10 + doubled % 10
            })
            .sum();
        digits && sum.is_multiple_of(10)
    }

    /// Whether the codes are codes.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Charged { authorization_code, atk } => {
                Self::is_code(authorization_code) && Self::is_code(atk)
            }
            Self::NotCharged => true,
        }
    }
}
