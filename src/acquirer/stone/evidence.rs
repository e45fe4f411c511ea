//! What an answer says about a payment, reduced to what may be kept. Imports `query` and `redact`.
//!
//! Nothing here decides anything: a field that is missing, damaged or senseless is `None`.

use protocol::attempt::Evidence;
use protocol::{Centavos, Method, Serial};

use super::query::{Field, Params};
use super::redact::{clean, hide_cards, last_four};

/// Longest result code kept, in characters; those seen have four.
const CODE_CHARS: usize = 16;
/// Longest brand kept, in characters; the longest known has 15.
const BRAND_CHARS: usize = 40;
/// Longest entry mode kept, in characters ("ICC", "CTLS").
const ENTRY_MODE_CHARS: usize = 24;
/// Longest transaction key (ATK, ITK) kept, in characters; those seen have 14 and 30.
const KEY_CHARS: usize = 64;
/// Longest authorization code kept, in characters: what the fiscal document's `cAut` takes.
const AUTHORIZATION_CHARS: usize = 128;

/// Reads everything that may be kept. The holder's name, the card's first digits, the account and the wallet are not
/// even looked at.
pub(super) fn read(params: &Params) -> Evidence {
    Evidence {
        code: text(params, "code", CODE_CHARS),
        amount: centavos(params.read("amount")),
        method: method(params.read("type")),
        installments: params.read("installment_count").text().and_then(whole_number),
        brand: text(params, "brand", BRAND_CHARS),
        last4: params.read("pan").text().and_then(|pan| last_four(&clean(pan))),
        authorization_code: text_or_nothing(params, "authorization_code", AUTHORIZATION_CHARS),
        atk: key(params, "atk"),
        itk: key(params, "itk"),
        entry_mode: text(params, "entry_mode", ENTRY_MODE_CHARS),
        authorized_at_local: params.read("authorization_date_time").text().and_then(local_date_time),
    }
}

/// The serial number of the terminal that took a payment: its ITK begins with it (`6C568971-3.21.0-ROPA0Z-0017`).
pub(super) fn serial(evidence: &Evidence) -> Option<Serial> {
    let (serial, _) = evidence.itk.as_ref()?.split_once('-')?;
    Serial::parse(serial).ok()
}

/// A key of a transaction. One that is too long is dropped: half a key names another transaction. Not searched for
/// card numbers, because one key in ten would look like one.
pub(super) fn key(params: &Params, name: &str) -> Option<String> {
    let key = clean(params.read(name).text()?);
    (!key.is_empty() && key.chars().count() <= KEY_CHARS).then_some(key)
}

/// A reversal's result code.
pub(super) fn code(params: &Params, name: &str) -> Option<String> {
    text(params, name, CODE_CHARS)
}

/// An amount: digits only, no sign, no decimal point, and within what Stone can charge; a longer number could be a card's.
pub(super) fn centavos(field: Field<'_>) -> Option<Centavos> {
    let amount = field.text().and_then(whole_number).and_then(Centavos::new)?;
    (amount <= Centavos::CHARGE_MAX).then_some(amount)
}

/// Text for people, cut at `max` characters.
fn text(params: &Params, name: &str, max: usize) -> Option<String> {
    let text = hide_cards(&clean(params.read(name).text()?));
    let text: String = text.chars().take(max).collect();
    (!text.is_empty()).then_some(text)
}

/// Text that means something only as a whole: dropped when it is longer than `max` characters.
fn text_or_nothing(params: &Params, name: &str, max: usize) -> Option<String> {
    let text = hide_cards(&clean(params.read(name).text()?));
    (!text.is_empty() && text.chars().count() <= max).then_some(text)
}

fn whole_number<N: core::str::FromStr>(text: &str) -> Option<N> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// The method from display text. Only ASCII letters count, so accents may be right, missing, decomposed or garbled
/// ("Crédito", "CREDITO", "CrÃ©dito", "Cr?dito"), even percent-encoded in Latin-1. Words around it do not matter; two
/// methods in one text are none.
fn method(field: Field<'_>) -> Option<Method> {
    let text = match field {
        Field::Text(text) | Field::Broken(text) => text,
        Field::Absent | Field::Conflicting => return None,
    };
    let mut found = text.split([' ', '/', '_', '-']).filter_map(|word| {
        let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
        match letters.to_ascii_lowercase().as_str() {
            "credito" | "crdito" | "credit" => Some(Method::Credit),
            "debito" | "dbito" | "debit" => Some(Method::Debit),
            "voucher" => Some(Method::Voucher),
            "pix" => Some(Method::Pix),
            _ => None,
        }
    });
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// `dd/MM/yyyy HH:mm:ss` as `yyyy-MM-ddTHH:mm:ss`, if there is such a moment.
fn local_date_time(text: &str) -> Option<String> {
    let (date, time) = text.trim().split_once(' ')?;
    let [day, month, year] = numbers(date, '/', [2, 2, 4])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    };
    let exists = year > 0 && (1..=days).contains(&day) && hour < 24 && minute < 60 && second < 60;
    exists.then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"))
}

/// Three numbers with exactly so many digits each.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[u32; 3]> {
    let mut parts = text.split(separator);
    let mut read = [0; 3];
    for (number, digits) in read.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits)?;
        *number = whole_number(part)?;
    }
    parts.next().is_none().then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(query: &str) -> Evidence {
        read(&Params::parse(query, None))
    }

    #[test]
    fn a_real_answer_gives_all_that_conciliation_needs_and_nothing_of_the_customer() {
        let read = evidence(
            "code=0&amount=100&cardholder_name=JOAO%2FSILVA&itk=PB0419AL60480-1.17.7-2278-0003&atk=37820073187607\
             &authorization_date_time=05%2F10%2F2022%2002%3A36%3A17&brand=MASTERCARD&authorization_code=187607\
             &installment_count=0&pan=627303****2166&type=D%C3%A9bito&entry_mode=ICC&account_id=1",
        );
        let expected = Evidence {
            code: Some("0".to_owned()),
            amount: Centavos::new(100),
            method: Some(Method::Debit),
            installments: Some(0),
            brand: Some("MASTERCARD".to_owned()),
            last4: Some("2166".to_owned()),
            authorization_code: Some("187607".to_owned()),
            atk: Some("37820073187607".to_owned()),
            itk: Some("PB0419AL60480-1.17.7-2278-0003".to_owned()),
            entry_mode: Some("ICC".to_owned()),
            authorized_at_local: Some("2022-10-05T02:36:17".to_owned()),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn the_terminals_serial_number_is_read_from_the_itk_and_from_nothing_else() {
        let table = [
            (Some("6C568971-3.21.0-ROPA0Z-0017"), Some("6C568971")),
            (Some("PB0419AL60480-1.17.7-2278-0003"), Some("PB0419AL60480")),
            (Some("PB0419AL60480"), None),
            (Some("-1.17.7"), None),
            (Some("a b-1"), None),
            (None, None),
        ];
        for (itk, expected) in table {
            let evidence = Evidence { itk: itk.map(str::to_owned), ..Evidence::default() };
            assert_eq!(serial(&evidence).as_ref().map(Serial::as_str), expected, "{itk:?}");
        }
    }

    #[test]
    fn nulls_and_damage_leave_a_field_out_and_nothing_else() {
        let read = evidence(
            "code=0&amount=100&itk=null&atk=&authorization_date_time=null&brand=%ZZ&authorization_code=%FF&pan=null\
             &installment_count=dois&type=null&entry_mode=a&entry_mode=b",
        );
        let expected =
            Evidence { code: Some("0".to_owned()), amount: Centavos::new(100), ..Evidence::default() };
        assert_eq!(read, expected);
    }

    #[test]
    fn the_method_is_understood_in_any_spelling_and_never_guessed() {
        for (raw, expected) in [
            ("Cr%C3%A9dito", Some(Method::Credit)),
            ("CR%C3%89DITO", Some(Method::Credit)),
            ("credito", Some(Method::Credit)),
            ("Cre%CC%81dito", Some(Method::Credit)),
            ("Cr%C3%83%C2%A9dito", Some(Method::Credit)),
            ("Cr%E9dito", Some(Method::Credit)),
            ("Cr%EF%BF%BDdito", Some(Method::Credit)),
            ("Cr%3Fdito", Some(Method::Credit)),
            ("CREDIT", Some(Method::Credit)),
            ("Cr%C3%A9dito+Parcelado", Some(Method::Credit)),
            ("Cr%C3%A9dito%20%C3%A0%20vista", Some(Method::Credit)),
            ("D%C3%A9bito", Some(Method::Debit)),
            ("debit", Some(Method::Debit)),
            ("VOUCHER", Some(Method::Voucher)),
            ("Pix", Some(Method::Pix)),
            ("D%C3%A9bito%2FCr%C3%A9dito", None),
            ("QR+Code", None),
            ("Dinheiro", None),
            ("%3F%3F", None),
        ] {
            assert_eq!(evidence(&format!("type={raw}")).method, expected, "{raw}");
        }
    }

    #[test]
    fn a_date_is_kept_only_when_it_exists() {
        for (raw, expected) in [
            ("29/02/2024+23:59:59", Some("2024-02-29T23:59:59")),
            ("29/02/2000 00:00:00", Some("2000-02-29T00:00:00")),
            ("29/02/2023 10:00:00", None),
            ("29/02/1900 10:00:00", None),
            ("31/04/2024 10:00:00", None),
            ("00/01/2024 10:00:00", None),
            ("01/13/2024 10:00:00", None),
            ("01/01/0000 10:00:00", None),
            ("01/01/2024 24:00:00", None),
            ("01/01/2024 10:60:00", None),
            ("01/01/2024 10:00:60", None),
            ("1/1/2024 10:00:00", None),
            ("01/01/24 10:00:00", None),
            ("01/01/2024", None),
            ("01/01/2024 10:00:00:00", None),
            ("%2B1/01/2024 10:00:00", None),
            ("2024-01-01T10:00:00", None),
        ] {
            let read = evidence(&format!("authorization_date_time={raw}"));
            assert_eq!(read.authorized_at_local.as_deref(), expected, "{raw}");
        }
    }

    #[test]
    fn every_month_has_its_last_day_and_no_day_after_it() {
        let last_days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, last) in (1..).zip(last_days) {
            let read = |day: u32| local_date_time(&format!("{day:02}/{month:02}/2023 10:00:00"));
            assert_eq!(read(last), Some(format!("2023-{month:02}-{last:02}T10:00:00")));
            assert_eq!(read(last + 1), None, "{month}");
        }
    }

    #[test]
    fn an_amount_is_a_plain_integer_or_nothing() {
        for (raw, expected) in [
            ("1", Some(1)),
            ("0", Some(0)),
            ("000100", Some(100)),
            ("999999999", Some(999_999_999)),
            ("1000000000", None),
            ("99999999999999999999999", None),
            ("-1", None),
            ("%2B1", None),
            ("+1", None),
            ("1.00", None),
            ("1%2C00", None),
            ("R%24+1", None),
            ("%D9%A1", None),
        ] {
            let read = evidence(&format!("amount={raw}"));
            assert_eq!(read.amount.map(Centavos::get), expected, "{raw}");
        }
    }

    #[test]
    fn kept_text_is_bounded_visible_and_free_of_card_numbers() {
        let long = "9".repeat(200);
        let read = evidence(&format!(
            "code={long}&brand=VI%00SA%E2%80%AE%0A&atk={long}&itk={long}&authorization_code={long}&entry_mode={long}"
        ));
        assert_eq!(read.code.map(|t| t.len()), Some(CODE_CHARS));
        assert_eq!(read.entry_mode.map(|t| t.len()), Some(ENTRY_MODE_CHARS));
        assert_eq!(read.brand.as_deref(), Some("VISA"));
        assert_eq!((read.atk, read.itk, read.authorization_code), (None, None, None));

        let read = evidence("brand=5502095822650000&authorization_code=5502%00095822650000&code=%01");
        assert_eq!(read.brand.as_deref(), Some("****"));
        assert_eq!(read.authorization_code.as_deref(), Some("****"));
        assert_eq!(read.code, None);
    }
}
