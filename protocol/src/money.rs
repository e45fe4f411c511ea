//! Money: an integer number of centavos. It becomes "R$ 1.234,56" only on a screen.

use serde::{Deserialize, Serialize};

/// An amount of money in centavos.
///
/// Up to 2^53 - 1, so that every JSON reader keeps it exact. One charge is limited further by [`Centavos::CHARGE_MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Centavos(u64);

impl Centavos {
    /// No money.
    pub const ZERO: Self = Self(0);
    /// The largest amount one charge or one order may have: what the acquirer's pay request can carry
    /// (Stone: "amount 0…999999999").
    pub const CHARGE_MAX: Self = Self(999_999_999);
    const MAX: u64 = (1 << 53) - 1;

    /// An amount from centavos; `None` above 2^53 - 1.
    #[must_use]
    pub const fn new(centavos: u64) -> Option<Self> {
        if centavos <= Self::MAX { Some(Self(centavos)) } else { None }
    }

    /// The amount in centavos.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether this is R$ 0,00.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` when it leaves the range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::new)
    }

    /// The difference, or `None` when it would be negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The difference, or zero when it would be negative.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// This amount in `parts` parts that differ by at most one centavo and add up to it; the larger ones come first.
    #[must_use]
    pub fn split(self, parts: u32) -> Vec<Self> {
        let n = u64::from(parts.max(1));
        let (share, rest) = (self.0 / n, self.0 % n);
        (0..n).map(|i| Self(share + u64::from(i < rest))).collect()
    }
}

impl TryFrom<u64> for Centavos {
    type Error = AmountTooLarge;
    fn try_from(centavos: u64) -> Result<Self, AmountTooLarge> {
        Self::new(centavos).ok_or(AmountTooLarge)
    }
}

impl From<Centavos> for u64 {
    fn from(amount: Centavos) -> Self {
        amount.0
    }
}

impl core::iter::Sum for Centavos {
    /// Panics above 2^53 - 1 centavos: no set of payments of one order gets there.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |a, b| a.checked_add(b).expect("a sum of payments stays below 2^53 centavos"))
    }
}

/// An amount above 2^53 - 1 centavos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountTooLarge;

impl core::fmt::Display for AmountTooLarge {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("amount above 9007199254740991 centavos")
    }
}

impl core::error::Error for AmountTooLarge {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_adds_up_to_the_whole_and_differs_by_one_centavo() {
        let parts = Centavos(10_000).split(3);
        assert_eq!(parts, [Centavos(3_334), Centavos(3_333), Centavos(3_333)]);
        assert_eq!(Centavos(1).split(4).iter().map(|c| c.0).sum::<u64>(), 1);
        assert_eq!(Centavos(5).split(0), [Centavos(5)]);
    }

    #[test]
    fn negative_fractional_and_huge_amounts_are_not_money() {
        for text in ["-1", "1.5", "9007199254740992", "\"10\"", "null"] {
            assert!(serde_json::from_str::<Centavos>(text).is_err(), "{text}");
        }
        assert_eq!(
            serde_json::from_str::<Centavos>("9007199254740991").map(Centavos::get).ok(),
            Some((1 << 53) - 1)
        );
    }
}
