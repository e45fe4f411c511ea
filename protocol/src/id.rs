//! Identifiers. Ids of claims, attempts and reversals are made on the terminal before anything is sent, so that
//! a repeated message is recognised; ids of orders and prints are made by the service.

use serde::{Deserialize, Serialize};

/// Text that is no valid identifier of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId(&'static str);

impl core::fmt::Display for InvalidId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "not a valid {}", self.0)
    }
}

impl core::error::Error for InvalidId {}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $min:literal..=$max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses an id: ASCII letters, digits, `_` and `-`.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let fits = (text.len() >= $min) & (text.len() <= $max);
                let clean = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
                if fits && clean { Ok(Self(text.to_owned())) } else { Err(InvalidId($what)) }
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// An order (ordem de pagamento), `or_…`, made by the service.
    OrderId, "order id", 1..=64
);
text_id!(
    /// A terminal's serial number, as printed on its label ("S/N").
    Serial, "serial number", 3..=32
);
text_id!(
    /// A receipt image to print, `pr_…`, made by the service.
    PrintId, "print id", 1..=64
);

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(u64);

        impl $name {
            /// An id from a random number; keeps 63 bits, never zero.
            #[must_use]
            pub const fn from_random(random: u64) -> Self {
                let id = random & (i64::MAX as u64);
                Self(if id == 0 { 1 } else { id })
            }

            /// Parses the decimal form.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                match text.parse::<u64>() {
                    Ok(id) if digits && id > 0 && i64::try_from(id).is_ok() => Ok(Self(id)),
                    _ => Err(InvalidId($what)),
                }
            }

            /// The id as a number between 1 and 2^63 - 1.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.to_string()
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id!(
    /// One call to the acquirer's app. Numeric, because Stone echoes it as `order_id` (at most 2^63 - 1); text in
    /// JSON, because JSON numbers lose digits above 2^53.
    AttemptId, "attempt id"
);
number_id!(
    /// One request for the exclusive right to charge an order.
    ClaimId, "claim id"
);
number_id!(
    /// One reversal (estorno) of an approved payment.
    ReversalId, "reversal id"
);
number_id!(
    /// One statement of an operator about an attempt in doubt.
    StatementId, "statement id"
);

/// A number that grows with every claim of an order: a message with an older one comes from a terminal that lost its
/// claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_reject_what_could_break_a_path_or_a_query() {
        for text in ["", "a/b", "a b", "a%20", "ção", "x\n"] {
            assert!(OrderId::parse(text).is_err(), "{text:?}");
        }
        assert!(Serial::parse("ab").is_err());
        assert!(Serial::parse("PB0419AL60480").is_ok());
    }

    #[test]
    fn an_attempt_id_fits_the_acquirers_63_bits() {
        assert_eq!(AttemptId::from_random(u64::MAX).get(), i64::MAX as u64);
        assert_eq!(AttemptId::from_random(0).get(), 1);
        for text in ["0", "-1", "+1", "9223372036854775808", "1.0", ""] {
            assert!(AttemptId::parse(text).is_err(), "{text}");
        }
        let id = AttemptId::from_random(u64::MAX);
        assert_eq!(serde_json::to_string(&id).ok().as_deref(), Some("\"9223372036854775807\""));
    }
}
