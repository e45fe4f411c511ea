//! CNPJ with its check digits, numeric or alphanumeric (the format of 2026: the first twelve places may be letters).

/// Length without punctuation.
const LENGTH: usize = 14;

/// The 14 characters of a CNPJ without punctuation, letters in upper case; `None` when it is not one.
pub(crate) fn normalize(text: &str) -> Option<String> {
    let clean: String = text
        .chars()
        .filter(|c| !matches!(c, '.' | '/' | '-' | ' '))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let bytes = clean.as_bytes();
    let right_length = bytes.len() == LENGTH;
    let right_letters = bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    if !right_length || !right_letters || bytes.iter().all(|b| *b == bytes[0]) {
        return None;
    }
    let (base, check) = bytes.split_at(LENGTH - 2);
    let first = check_digit(base);
    let second = check_digit(&[base, &[first]].concat());
    (check == [first, second]).then_some(clean)
}

/// Modulo 11 with weights 2 to 9 from the right; a letter counts as its ASCII code less 48, as a digit does.
fn check_digit(places: &[u8]) -> u8 {
    let sum: u32 = places
        .iter()
        .rev()
        .zip([2, 3, 4, 5, 6, 7, 8, 9].into_iter().cycle())
        .map(|(place, weight)| u32::from(place - b'0') * weight)
        .sum();
    match sum % 11 {
        0 | 1 => b'0',
        2 => b'9',
        3 => b'8',
        4 => b'7',
        5 => b'6',
        6 => b'5',
        7 => b'4',
        8 => b'3',
        9 => b'2',
        _ => b'1',
    }
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn a_cnpj_is_taken_with_or_without_punctuation_and_only_with_right_check_digits() {
        let table = [
            ("16.501.555/0001-57", Some("16501555000157")),
            ("16501555000157", Some("16501555000157")),
            ("16501555000158", None),
            ("16501555000175", None),
            ("00000000000000", None),
            ("1650155500015", None),
            ("165015550001570", None),
            ("12.ABC.345/01DE-35", Some("12ABC34501DE35")),
            ("12abc34501de35", Some("12ABC34501DE35")),
            ("12ABC34501DE36", None),
            ("12ABC34501DEA5", None),
            ("１6501555000157", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(normalize(text).as_deref(), expected, "{text}");
        }
    }
}
