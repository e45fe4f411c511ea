//! Money and times as people read and write them in Brazil.

use protocol::{Centavos, Method, UnixMillis};
use time::{OffsetDateTime, UtcOffset};

/// Brasília's time, all year round since 2019.
const OFFSET_HOURS: i8 = -3;
/// Reais with thousands' points: an amount of a sale has at most so many digits before the comma.
const REAIS_DIGITS_MAX: usize = 9;

/// `R$ 1.234,56`, with a space that does not break.
#[must_use]
pub fn reais(amount: Centavos) -> String {
    format!("R$\u{a0}{}", figure(amount))
}

/// `1.234,56`.
#[must_use]
pub fn figure(amount: Centavos) -> String {
    let (whole, cents) = (amount.get() / 100, amount.get() % 100);
    let digits = whole.to_string();
    let mut text = String::with_capacity(digits.len() + 8);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push('.');
        }
        text.push(digit);
    }
    format!("{text},{cents:02}")
}

/// Reads what a person types: `10`, `10,5`, `1.234,56`, `R$ 10,00`. A point followed by exactly three digits groups
/// thousands; `10.50` is ten and a half, as a number pad without a comma writes it.
#[must_use]
pub fn read_reais(text: &str) -> Option<Centavos> {
    let text = text.trim().trim_start_matches("R$").trim();
    let (whole, cents) = match text.rsplit_once(',') {
        Some((whole, cents)) => (whole, cents),
        None => match text.rsplit_once('.') {
            Some((whole, cents)) if cents.len() <= 2 && !whole.contains('.') => (whole, cents),
            Some(_) | None => (text, ""),
        },
    };
    let groups: Vec<&str> = whole.split('.').collect();
    let grouped = groups.len() == 1 || groups[1..].iter().all(|group| group.len() == 3);
    let digits = groups.concat();
    let clean = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !grouped || digits.is_empty() || digits.len() > REAIS_DIGITS_MAX || cents.len() > 2 {
        return None;
    }
    if !clean(&digits) || !clean(cents) {
        return None;
    }
    let whole: u64 = digits.parse().ok()?;
    let cents: u64 = format!("{cents:0<2}").parse().ok()?;
    Centavos::new(whole * 100 + cents)
}

/// `26/11/2026 18:04`.
#[must_use]
pub fn date_and_time(at: UnixMillis) -> String {
    let Some(local) = local(at) else { return String::new() };
    format!(
        "{:02}/{:02}/{:04} {:02}:{:02}",
        local.day(),
        u8::from(local.month()),
        local.year(),
        local.hour(),
        local.minute()
    )
}

/// `2026-11-26T18:04:05-03:00`.
#[must_use]
pub fn iso_local(at: UnixMillis) -> String {
    let Some(local) = local(at) else { return String::new() };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{OFFSET_HOURS:+03}:00",
        local.year(),
        u8::from(local.month()),
        local.day(),
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// `18:04`.
#[must_use]
pub fn hour(at: UnixMillis) -> String {
    local(at).map_or_else(String::new, |local| format!("{:02}:{:02}", local.hour(), local.minute()))
}

fn local(at: UnixMillis) -> Option<OffsetDateTime> {
    let utc = OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1_000)).ok()?;
    Some(utc.to_offset(UtcOffset::from_hms(OFFSET_HOURS, 0, 0).ok()?))
}

/// What a method is called.
#[must_use]
pub const fn method(method: Method) -> &'static str {
    match method {
        Method::Credit => "Crédito",
        Method::Debit => "Débito",
        Method::Voucher => "Voucher",
        Method::Pix => "Pix",
    }
}

/// A method as the wire writes it.
#[must_use]
pub const fn wire(method: Method) -> &'static str {
    match method {
        Method::Credit => "credit",
        Method::Debit => "debit",
        Method::Voucher => "voucher",
        Method::Pix => "pix",
    }
}

/// A method from the wire's word.
#[must_use]
pub fn read_method(text: &str) -> Option<Method> {
    Method::ALL.into_iter().find(|method| wire(*method) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_as_people_write_it_and_never_guessed() {
        let table = [
            ("10", Some(1_000)),
            ("10,5", Some(1_050)),
            ("10,50", Some(1_050)),
            ("10.50", Some(1_050)),
            ("0,01", Some(1)),
            ("1.234,56", Some(123_456)),
            ("1.234", Some(123_400)),
            ("R$ 25,90", Some(2_590)),
            (" 7 ", Some(700)),
            ("12.34.567", None),
            ("1.23,45", None),
            ("10,555", None),
            (",50", None),
            ("-1", None),
            ("1e3", None),
            ("dez", None),
            ("１０", None),
            ("9999999999", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(read_reais(text).map(Centavos::get), expected, "{text:?}");
        }
    }

    #[test]
    fn money_and_times_read_as_in_brazil() {
        for (centavos, text) in
            [(0, "0,00"), (5, "0,05"), (123_456, "1.234,56"), (100_000_000, "1.000.000,00")]
        {
            let amount = Centavos::new(centavos).unwrap();
            assert_eq!(figure(amount), text);
            assert_eq!(read_reais(text), Some(amount));
        }
        assert_eq!(date_and_time(UnixMillis(1_795_430_177_000)), "23/11/2026 07:36");
        assert_eq!(hour(UnixMillis(1_795_430_177_000)), "07:36");
        assert_eq!(iso_local(UnixMillis(1_795_430_177_000)), "2026-11-23T07:36:17-03:00");
    }
}
