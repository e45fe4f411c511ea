//! The access key: 44 digits that name a document in the whole country.

use std::fmt;

/// An access key (chave de acesso).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey(String);

/// What an access key is made of.
#[derive(Clone, Copy, Debug)]
pub struct KeyParts<'a> {
    /// The state's code at IBGE, 35 for São Paulo.
    pub state: u8,
    /// Year of the issue.
    pub year: i32,
    /// Month of the issue.
    pub month: u8,
    /// The issuer, 14 digits.
    pub cnpj: &'a str,
    /// Series, 0 to 999.
    pub series: u16,
    /// Number, 1 to 999,999,999.
    pub number: u32,
    /// Drawn by chance, so that a key cannot be guessed from the number: 0 to 99,999,999.
    pub random: u32,
}

impl AccessKey {
    /// Puts a key together; `None` when a part has not the digits that its place has.
    #[must_use]
    pub fn new(parts: KeyParts<'_>) -> Option<Self> {
        /// NFC-e.
        const MODEL: &str = "65";
        /// Normal issue, not contingency.
        const ISSUE: &str = "1";
        let digits = format!(
            "{:02}{:02}{:02}{}{MODEL}{:03}{:09}{ISSUE}{:08}",
            parts.state,
            parts.year.rem_euclid(100),
            parts.month,
            parts.cnpj,
            parts.series,
            parts.number,
            parts.random
        );
        let whole = digits.len() == 43 && digits.bytes().all(|byte| byte.is_ascii_digit());
        whole.then(|| Self(format!("{digits}{}", check_digit(&digits))))
    }

    /// The 44 digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The eight digits that were drawn by chance (`cNF`).
    #[must_use]
    pub fn random(&self) -> &str {
        &self.0[35..43]
    }

    /// The last digit (`cDV`).
    #[must_use]
    pub fn check(&self) -> &str {
        &self.0[43..]
    }

    /// In groups of four, as people read it.
    #[must_use]
    pub fn groups(&self) -> String {
        let groups: Vec<&str> = (0..11).map(|group| &self.0[group * 4..group * 4 + 4]).collect();
        groups.join(" ")
    }
}

impl fmt::Display for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Modulo 11 with weights 2 to 9 from the right.
fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip((2..=9).cycle())
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    match 11 - sum % 11 {
        digit @ 0..=9 => digit,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: KeyParts<'_> = KeyParts {
        state: 35,
        year: 2026,
        month: 11,
        cnpj: "11222333000181",
        series: 1,
        number: 42,
        random: 12_345_678,
    };

    #[test]
    fn a_key_has_44_digits_in_their_places_and_ends_with_their_check() {
        let key = AccessKey::new(PARTS).unwrap();
        assert_eq!(key.digits().len(), 44);
        assert!(key.digits().starts_with("352611112223330001816500100000004211234567"));
        assert_eq!((key.random(), key.check().len()), ("12345678", 1));
        assert_eq!(key.groups().split(' ').count(), 11);
        assert_eq!(key.groups().replace(' ', ""), key.digits());
    }

    #[test]
    fn the_check_digit_is_that_of_a_published_key() {
        // From the sample of the national manual of orientation: 5206 0433 0099 1100 2506 5501 2000 0007 8002 6730 161, check 5.
        assert_eq!(check_digit("5206043300991100250655012000000780026730161"), 5);
        // A sum that is a multiple of 11, or one more, has the digit 0.
        assert_eq!(check_digit(&"0".repeat(43)), 0);
    }

    #[test]
    fn parts_that_do_not_fit_make_no_key() {
        for parts in [
            KeyParts { cnpj: "1122233300018", ..PARTS },
            KeyParts { cnpj: "1122233300018X", ..PARTS },
            KeyParts { series: 1_000, ..PARTS },
            KeyParts { number: 1_000_000_000, ..PARTS },
            KeyParts { random: 100_000_000, ..PARTS },
            KeyParts { state: 100, ..PARTS },
        ] {
            assert_eq!(AccessKey::new(parts), None, "{parts:?}");
        }
    }
}
