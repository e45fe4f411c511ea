//! Instants as the PDV writes and reads them: ISO 8601, UTC, as Pagar.me does ("2026-11-23T10:36:17Z").

use protocol::UnixMillis;

use crate::ledger::calendar::{date_of, days_of};

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;

/// `yyyy-MM-ddTHH:mm:ssZ`.
#[must_use]
pub fn to_iso(at: UnixMillis) -> String {
    let (days, ms) = (at.0.div_euclid(MS_PER_DAY), at.0.rem_euclid(MS_PER_DAY));
    let (year, month, day) = date_of(days);
    let seconds = ms / 1_000;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads `yyyy-MM-dd` (midnight UTC) or `yyyy-MM-ddTHH:mm[:ss[.fff]]` with `Z`, an offset, or nothing (UTC).
#[must_use]
pub fn from_iso(text: &str) -> Option<UnixMillis> {
    if !text.is_ascii() {
        return None;
    }
    let (date, rest) = text.split_at_checked(10)?;
    let parts: Vec<&str> = date.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    let days = days_of(year, month, day);
    if !(1970..=9999).contains(&year) || date_of(days) != (year, month, day) {
        return None;
    }
    let midnight = days * MS_PER_DAY;
    if rest.is_empty() {
        return Some(UnixMillis(midnight));
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let zone_at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone_at);
    Some(UnixMillis(midnight + time_ms(time)? - offset_ms(zone)?))
}

fn time_ms(time: &str) -> Option<i64> {
    let (clock, fraction) = time.split_once('.').map_or((time, ""), |(c, f)| (c, f));
    let parts: Vec<&str> = clock.split(':').collect();
    let (hour, minute, second) = match parts.as_slice() {
        [h, m] if !time.contains('.') => (digits(h, 2)?, digits(m, 2)?, 0),
        [h, m, s] => (digits(h, 2)?, digits(m, 2)?, digits(s, 2)?),
        _ => return None,
    };
    if hour > 23
        || minute > 59
        || second > 59
        || (time.contains('.') && fraction.is_empty())
        || fraction.len() > 9
    {
        return None;
    }
    let ms = if fraction.is_empty() { 0 } else { digits(&format!("{fraction:0<9}"), 9)? / 1_000_000 };
    Some(((hour * 60 + minute) * 60 + second) * 1_000 + ms)
}

fn offset_ms(zone: &str) -> Option<i64> {
    let sign = match zone.bytes().next() {
        None => return Some(0),
        Some(b'Z' | b'z') => return (zone.len() == 1).then_some(0),
        Some(b'-') => -1,
        Some(_) => 1,
    };
    let clock: String = zone[1..].chars().filter(|c| *c != ':').collect();
    let (hour, minute) = (digits(clock.get(..2)?, 2)?, digits(clock.get(2..)?, 2)?);
    (hour <= 18 && minute <= 59).then_some(sign * (hour * 60 + minute) * 60_000)
}

fn digits(text: &str, length: usize) -> Option<i64> {
    let clean = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if clean { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_and_read_back_to_the_second() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_827_696_000, "2000-02-29T12:34:56Z"),
            (1_795_430_177_000, "2026-11-23T10:36:17Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59Z"),
        ] {
            assert_eq!(to_iso(UnixMillis(ms)), text);
            assert_eq!(from_iso(text), Some(UnixMillis(ms)), "{text}");
        }
        for day in (0..60_000).map(|d| d * MS_PER_DAY) {
            assert_eq!(from_iso(&to_iso(UnixMillis(day))), Some(UnixMillis(day)));
        }
    }

    #[test]
    fn dates_fractions_and_offsets_are_read() {
        let noon = UnixMillis(1_795_435_200_000);
        for text in [
            "2026-11-23T12:00:00Z",
            "2026-11-23T12:00Z",
            "2026-11-23T12:00:00",
            "2026-11-23 12:00:00.000Z",
            "2026-11-23T09:00:00-03:00",
            "2026-11-23T09:00-0300",
            "2026-11-23T14:00:00.0+02:00",
        ] {
            assert_eq!(from_iso(text), Some(noon), "{text}");
        }
        assert_eq!(from_iso("2026-11-23T12:00:00.1234567Z"), Some(UnixMillis(noon.0 + 123)));
        assert_eq!(from_iso("2026-11-23"), Some(UnixMillis(noon.0 - MS_PER_DAY / 2)));
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "2026",
            "23/11/2026",
            "2026-13-01",
            "2026-02-29",
            "2026-11-23T",
            "2026-11-23T25:00",
            "2026-11-23T12",
            "2026-11-23T12:60",
            "2026-11-23T12:00:60Z",
            "2026-11-23T12:00:00.Z",
            "2026-11-23T12:00ZZ",
            "2026-11-23T12:00+3",
            "2026-11-23T12:00+99:00",
            "1969-12-31",
            "２026-11-23",
            "2026-11-2３",
            "+026-11-23",
            "2026-11-23T12:00:00-",
        ] {
            assert_eq!(from_iso(text), None, "{text}");
        }
    }
}
