//! Card brands: the acquirer's text to the fiscal document's `tBand` code (NF-e layout 4.00).

/// The code for "Outros".
pub const OTHER: &str = "99";

/// Spellings seen in Stone's and Pagar.me's documents, lower case, letters and digits only.
const T_BAND: &[(&str, &str)] = &[
    ("visa", "01"),
    ("mastercard", "02"),
    ("maestro", "02"),
    ("amex", "03"),
    ("americanexpress", "03"),
    ("sorocred", "04"),
    ("diners", "05"),
    ("dinersclub", "05"),
    ("elo", "06"),
    ("hipercard", "07"),
    ("aura", "08"),
    ("cabal", "09"),
    ("alelo", "10"),
    ("banescard", "11"),
    ("banescar", "11"),
    ("calcard", "12"),
    ("credz", "13"),
    ("discover", "14"),
    ("goodcard", "15"),
    ("greencard", "16"),
    ("hiper", "17"),
    ("jcb", "18"),
    ("mais", "19"),
    ("maxvan", "20"),
    ("policard", "21"),
    ("redecompras", "22"),
    ("sodexo", "23"),
    ("valecard", "24"),
    ("verocheque", "25"),
    ("verocard", "25"),
    ("vr", "26"),
    ("ticket", "27"),
];

/// The `tBand` code of a brand; `None` when the text is in no table (the fiscal code is then [`OTHER`], and the PDV
/// should be told that the brand is not mapped).
#[must_use]
pub fn t_band(brand: &str) -> Option<&'static str> {
    let key: String =
        brand.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    T_BAND.iter().find(|(name, _)| *name == key).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_of_a_brand_does_not_matter_and_an_unknown_one_is_not_guessed() {
        assert_eq!(t_band("MASTERCARD"), Some("02"));
        assert_eq!(t_band("American Express"), Some("03"));
        assert_eq!(t_band("BanesCard"), Some("11"));
        assert_eq!(t_band("Banco Novo"), None);
        assert_eq!(t_band(""), None);
    }
}
