//! Keeps card numbers and names out of what is stored. Imports `query` for the percent coding.
//!
//! Two uses: a whole return URI made safe for the journal ([`redact`]), and single texts of an answer made safe for
//! the payment's record ([`clean`], [`hide_cards`], [`last_four`]).

use super::query::{decode, encode_into};
use super::{REDACTED_URI_BYTES, RETURN_URI_BYTES};

/// The digits of a card number (ISO/IEC 7812: up to 19; the shortest in use has 13).
const CARD_DIGITS: core::ops::RangeInclusive<usize> = 13..=19;
/// The symbols of a masked card number: shorter and longer masks than the number itself are in use.
const MASKED_SYMBOLS: core::ops::RangeInclusive<usize> = 8..=24;
/// Digits of a card number that may be kept.
const KEPT_DIGITS: usize = 4;
/// Stands where something was taken out.
const HIDDEN: &str = "****";
/// Ends a URI that was cut.
const CUT: &str = "...";
/// Keys of the transaction: made by Stone, or by us and echoed. Long numbers of which one in ten looks like a card
/// number, and support needs every digit.
const KEYS: [&str; 4] = ["atk", "itk", "order_id", "orderid"];
/// Parts of a parameter's name under which a person may stand. Stone documents the holder only, but nothing of what
/// Pix adds.
const PERSONAL: [&str; 7] = ["name", "holder", "payer", "cpf", "document", "mail", "phone"];

/// A return URI that may be kept for support: at most [`REDACTED_URI_BYTES`], no card number beyond its last four
/// digits, no name. Everything else stays as it came, also in a URI that nobody can read.
pub(super) fn redact(uri: &str) -> String {
    let readable = match prefix(uri, RETURN_URI_BYTES) {
        all if all.len() == uri.len() => all,
        // Cut between two parameters: half a card number would not be recognised as one.
        part => part.rfind('&').map_or("", |end| &part[..end]),
    };
    // Before the cards are looked for: a control character inside a number must not hide it.
    let visible: String = readable.chars().filter(|c| !is_invisible(*c)).collect();
    let (before, query) = visible.split_once('?').unwrap_or((&visible, ""));
    let mut safe = part_without_cards(before);
    let mut separator = '?';
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        safe.push(separator);
        separator = '&';
        match pair.split_once('=') {
            Some((name, value)) => {
                safe.push_str(&part_without_cards(name));
                safe.push('=');
                safe.push_str(&value_without_cards(name, value));
            }
            None => safe.push_str(&part_without_cards(pair)),
        }
    }
    if readable.len() == uri.len() && safe.len() <= REDACTED_URI_BYTES {
        return safe;
    }
    let mut cut = prefix(&safe, REDACTED_URI_BYTES - CUT.len()).to_owned();
    cut.push_str(CUT);
    cut
}

fn value_without_cards(name: &str, value: &str) -> String {
    let name = decode(name).text.trim().to_ascii_lowercase();
    if name == "pan" {
        let digits = last_four(&clean(&decode(value).text));
        return digits.map_or_else(|| HIDDEN.to_owned(), |digits| format!("{HIDDEN}{digits}"));
    }
    if PERSONAL.iter().any(|part| name.contains(part)) {
        return HIDDEN.to_owned();
    }
    if KEYS.contains(&name.as_str()) {
        return value.to_owned();
    }
    part_without_cards(value)
}

/// The part of a URI as it came, unless its decoded text has a card number in it.
fn part_without_cards(raw: &str) -> String {
    let text = clean(&decode(raw).text);
    let hidden = hide_cards(&text);
    if hidden == text {
        return raw.to_owned();
    }
    let mut part = String::new();
    encode_into(&mut part, &hidden);
    part
}

/// The last four digits of a card number, masked or not; `None` when it does not end in four digits.
pub(super) fn last_four(pan: &str) -> Option<String> {
    let end: Vec<char> = pan.trim().chars().rev().take(KEPT_DIGITS).collect();
    let digits = end.len() == KEPT_DIGITS && end.iter().all(char::is_ascii_digit);
    digits.then(|| end.into_iter().rev().collect())
}

/// Text without control and formatting characters and without blanks at its ends.
pub(super) fn clean(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    visible.trim().to_owned()
}

/// Control characters, and those that reorder or hide text on a screen or in a log.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// The first at most `bytes` bytes that end between two characters.
fn prefix(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Text in which every card number is [`HIDDEN`]: 13 to 19 digits that pass the check of the number's last digit
/// (Luhn), in one piece or in groups of four or so, and a masked number that shows more than four digits.
pub(super) fn hide_cards(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_symbol) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        if let Some(len) = card_at_start(rest) {
            out.push_str(HIDDEN);
            rest = &rest[len..];
        } else {
            // Not a card from here: step over this piece, the next one may begin one.
            let piece = rest.find(|c| !is_symbol(c)).unwrap_or(rest.len());
            out.push_str(&rest[..piece]);
            rest = &rest[piece..];
        }
    }
    out.push_str(rest);
    out
}

/// A digit or a mask's sign, as in `627303****2166` or `XXXX XXXX XXXX 2166`. All are ASCII.
const fn is_symbol(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '*' | 'x' | 'X')
}

/// How many bytes at the start of `text` are a card number. `text` begins with a piece of symbols.
fn card_at_start(text: &str) -> Option<usize> {
    let mut symbols: Vec<u8> = Vec::new();
    let mut longest = None;
    let mut end = 0;
    loop {
        let piece_len = text[end..].find(|c| !is_symbol(c)).unwrap_or(text.len() - end);
        symbols.extend_from_slice(&text.as_bytes()[end..end + piece_len]);
        end += piece_len;
        if symbols.len() > *MASKED_SYMBOLS.end() {
            return longest;
        }
        if is_card(&symbols) {
            longest = Some(end);
        }
        // Groups of a printed number have four to six digits (three at the end of a 19-digit one), one blank or hyphen
        // between them; dates and serial numbers have shorter ones and stay.
        let mut following = text[end..].chars();
        let separated = matches!(following.next(), Some(' ' | '-'));
        if piece_len < 4 || !separated || !following.next().is_some_and(is_symbol) {
            return longest;
        }
        end += 1;
    }
}

fn is_card(symbols: &[u8]) -> bool {
    let digits: Vec<u8> = symbols.iter().copied().filter(u8::is_ascii_digit).collect();
    if digits.len() == symbols.len() {
        CARD_DIGITS.contains(&digits.len()) && passes_luhn(&digits)
    } else {
        MASKED_SYMBOLS.contains(&symbols.len()) && digits.len() > KEPT_DIGITS
    }
}

/// The check of a card number's last digit; `digits` are ASCII.
fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0') * if place % 2 == 1 { 2 } else { 1 };
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_answer_keeps_everything_but_card_and_name() {
        assert_eq!(
            redact(
                "posconnect://pay-response?code=0&amount=100&cardholder_name=JOAO%2FSILVA\
                 &itk=PB0419AL60480-1.17.7-2278-0003&atk=37820073187607\
                 &authorization_date_time=05%2F10%2F2022%2002%3A36%3A17&brand=MASTERCARD&authorization_code=187607\
                 &installment_count=0&pan=627303****2166&type=D%C3%A9bito&entry_mode=ICC"
            ),
            "posconnect://pay-response?code=0&amount=100&cardholder_name=****\
             &itk=PB0419AL60480-1.17.7-2278-0003&atk=37820073187607\
             &authorization_date_time=05%2F10%2F2022%2002%3A36%3A17&brand=MASTERCARD&authorization_code=187607\
             &installment_count=0&pan=****2166&type=D%C3%A9bito&entry_mode=ICC"
        );
    }

    #[test]
    fn card_numbers_and_names_are_hidden_wherever_and_however_they_stand() {
        for (uri, safe) in [
            ("s://x?pan=5502095822650000", "s://x?pan=****0000"),
            ("s://x?PAN=%35502095822650000", "s://x?PAN=****0000"),
            ("s://x?pan=5502%00095822650000", "s://x?pan=****0000"),
            ("s://x?pan=secret", "s://x?pan=****"),
            ("s://x?pan=", "s://x?pan=****"),
            ("s://x?p%61n=5502095822650000", "s://x?p%61n=****0000"),
            ("s://x?Cardholder_Name=MARIA", "s://x?Cardholder_Name=****"),
            ("s://x?payer_cpf=12345678909", "s://x?payer_cpf=****"),
            (
                "s://x?message=cart%C3%A3o+5502095822650000+negado",
                "s://x?message=cart%C3%A3o%20****%20negado",
            ),
            ("s://x?message=5502+0958-2265+0000", "s://x?message=****"),
            ("s://x?message=1+5502095822650000", "s://x?message=1%20****"),
            ("s://x?message=1234+5502095822650000", "s://x?message=1234%20****"),
            ("s://x?message=%35%35020958%322650000", "s://x?message=****"),
            ("s://x?card=627303%2A%2A%2A%2A2166", "s://x?card=****"),
            ("s://x?card=6273+03XX+XXXX+2166", "s://x?card=****"),
            // The longest mask in use.
            ("s://x?card=627303XXXXXXXXXXXXXX2166", "s://x?card=****"),
            ("s://x?5502095822650000=1", "s://x?****=1"),
            ("s://5502095822650000?a", "s%3A%2F%2F****?a"),
            ("5502095822650000", "****"),
            ("s://x?m=5502\u{0}0958\u{200b}2265\u{7}0000", "s://x?m=****"),
            ("s://x?a=b\n\u{202e}c", "s://x?a=bc"),
            ("s://x?a#5502095822650000", "s://x?a%23****"),
        ] {
            assert_eq!(redact(uri), safe, "{uri}");
        }
    }

    #[test]
    fn keys_and_numbers_that_are_no_card_stay() {
        for uri in [
            "s://x?atk=5502095822650000&itk=5502095822650000&order_id=5502095822650000&orderid=5502095822650000",
            // The check digit is wrong.
            "s://x?message=5502095822650001",
            // A Pix end-to-end id: a run of 20 digits.
            "s://x?authorization_code=E18236120202211051436s0123456789",
            "s://x?date=2022-10-05+02%3A36%3A17",
            "s://x?card=%2A%2A%2A%2A2166",
            // The digits of a card number, but in groups and behind signs that no card has.
            "s://x?serial=550-209-582-265-0000",
            "s://x?serial=5502:0958:2265:0000",
            "s://x?card=627303XXXXXXXXXXXXXXX2166",
            "nonsense",
            "",
        ] {
            assert_eq!(redact(uri), uri);
        }
    }

    #[test]
    fn a_long_uri_is_cut_without_leaving_half_a_card_number() {
        let long = format!("s://x?message={}", "é".repeat(5_000));
        let safe = redact(&long);
        assert!(safe.len() <= REDACTED_URI_BYTES && safe.len() > REDACTED_URI_BYTES - 8);
        assert!(safe.starts_with("s://x?message=é") && safe.ends_with("é..."));

        // The ceiling falls into the middle of the card number.
        let filler = "pan=0&".repeat(RETURN_URI_BYTES / 6);
        let filler = &filler[..filler.len() - 24];
        let cut = redact(&format!("s://x?{filler}m=5502095822650000&m=5502095822650000"));
        assert!(cut.len() <= REDACTED_URI_BYTES && !cut.contains("55020"));
        assert_eq!(redact(&"5502095822650000".repeat(RETURN_URI_BYTES)), "...");
    }

    #[test]
    fn two_kilobytes_are_kept_whole_and_more_is_cut() {
        let uri = |bytes: usize| format!("s://x?message={}", "a".repeat(bytes - "s://x?message=".len()));
        assert_eq!(redact(&uri(2_048)), uri(2_048));
        assert_eq!(redact(&uri(2_049)), format!("{}...", uri(2_045)));
    }

    #[test]
    fn only_four_digits_at_the_end_are_a_cards_last_four() {
        for (pan, last) in [
            ("627303****2166", Some("2166")),
            ("5502095822650000", Some("0000")),
            (" **** 2166 ", Some("2166")),
            ("2166", Some("2166")),
            ("166", None),
            ("6273032166****", None),
            ("************216X", None),
            ("٢١٦٦", None),
            ("", None),
        ] {
            assert_eq!(last_four(pan).as_deref(), last, "{pan}");
        }
    }
}
