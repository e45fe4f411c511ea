//! Dates: days since 1970-01-01, and the local date of an instant in a country of several time zones.

use std::fmt;

use protocol::UnixMillis;

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;
const MS_PER_HOUR: i64 = 60 * 60 * 1_000;
/// Brazil's time zones, in hours to UTC: from Acre to Fernando de Noronha. No daylight saving since 2019.
const ZONES_H: [i64; 2] = [-5, -2];
/// The time zone of Brasília, in hours to UTC.
const BRASILIA_H: i64 = -3;

/// A day of the calendar, without a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalDate(i64);

impl LocalDate {
    /// Reads `yyyyMMdd`, or the front of `yyyyMMddHHmmss`.
    #[must_use]
    pub fn from_compact(text: &str) -> Option<Self> {
        if !text.is_ascii() || !matches!(text.len(), 8 | 14) {
            return None;
        }
        Self::from_parts(&text[..4], &text[4..6], &text[6..8])
    }

    /// Reads `yyyy-MM-dd`, or the front of `yyyy-MM-ddTHH:mm:ss`.
    #[must_use]
    pub fn from_dashed(text: &str) -> Option<Self> {
        let date = text.get(..10).filter(|date| date.is_ascii())?;
        let mut parts = date.split('-');
        Self::from_parts(parts.next()?, parts.next()?, parts.next()?)
    }

    fn from_parts(year: &str, month: &str, day: &str) -> Option<Self> {
        let digits = |text: &str| {
            let clean = text.bytes().all(|b| b.is_ascii_digit());
            clean.then(|| text.parse::<i64>().ok()).flatten()
        };
        let parts = (digits(year)?, digits(month)?, digits(day)?);
        let days = days_of(parts.0, parts.1, parts.2);
        (parts.0 >= 1970 && date_of(days) == parts).then_some(Self(days))
    }

    /// The dates that an instant may have in Brazil: the first and the last.
    #[must_use]
    pub fn in_brazil(at: UnixMillis) -> [Self; 2] {
        ZONES_H.map(|hours| Self::at(at, hours))
    }

    /// The date of an instant in Brasília.
    #[must_use]
    pub fn in_brasilia(at: UnixMillis) -> Self {
        Self::at(at, BRASILIA_H)
    }

    const fn at(at: UnixMillis, zone_h: i64) -> Self {
        Self(at.0.saturating_add(zone_h * MS_PER_HOUR).div_euclid(MS_PER_DAY))
    }

    /// Midnight of this date in UTC.
    #[must_use]
    pub const fn midnight(self) -> UnixMillis {
        UnixMillis(self.0 * MS_PER_DAY)
    }

    /// Days between two dates.
    #[must_use]
    pub const fn days_from(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
#[must_use]
pub const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March put the leap day last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of so many days since 1970-01-01.
#[must_use]
pub const fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_both_spellings_and_what_is_none_is_refused() {
        let day = LocalDate::from_compact("20261125").unwrap();
        assert_eq!(day.to_string(), "2026-11-25");
        assert_eq!(LocalDate::from_compact("20261125235959"), Some(day));
        assert_eq!(LocalDate::from_dashed("2026-11-25"), Some(day));
        assert_eq!(LocalDate::from_dashed("2026-11-25T23:59:59"), Some(day));
        for text in ["", "2026112", "20261325", "20260230", "2026-11-2", "+0261125", "2026112５", "19691231"]
        {
            assert_eq!(LocalDate::from_compact(text), None, "{text}");
            assert_eq!(LocalDate::from_dashed(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_eight_centuries_follows_the_one_before_it() {
        let (mut year, mut month, mut day) = (1600, 1, 1);
        for days in -135_140..157_054 {
            assert_eq!(date_of(days), (year, month, day));
            assert_eq!(days_of(year, month, day), days);
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let last = match month {
                2 if leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > last {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!((year, month, day), (2400, 1, 1));
        assert_eq!(date_of(0), (1970, 1, 1));
    }

    #[test]
    fn a_date_is_only_what_has_the_digits_of_one_and_is_not_before_1970() {
        for text in ["1970-01-01", "2024-02-29", "9999-12-31"] {
            assert_eq!(LocalDate::from_dashed(text).unwrap().to_string(), text);
            let compact = text.replace('-', "");
            assert_eq!(LocalDate::from_compact(&compact), LocalDate::from_dashed(text));
        }
        for compact in [
            "19691231",
            "20230229",
            "20231301",
            "20230001",
            "20230100",
            "2023O101",
            "202301011",
            "20230101T10000",
        ] {
            let read = LocalDate::from_compact(compact);
            assert_eq!(read.is_some(), compact == "20230101T10000", "{compact}: the time is not read");
        }
        for dashed in
            ["1969-12-31", "2023-02-29", "2023-+1-01", "2023/01/01", "2023-01-0é", "é023-01-01", "2023-1-010"]
        {
            let read = LocalDate::from_dashed(dashed);
            assert_eq!(read.is_some(), dashed == "2023-1-010", "{dashed}");
        }
    }

    #[test]
    fn a_date_s_midnight_is_its_first_instant_in_utc() {
        let day = |text| LocalDate::from_dashed(text).unwrap();
        assert_eq!(day("1970-01-02").midnight(), UnixMillis(86_400_000));
        assert_eq!(day("2026-11-26").midnight(), UnixMillis(1_795_651_200_000));
        for (ms, brazil, brasilia) in [
            (0, ["2026-11-25", "2026-11-25"], "2026-11-25"),
            (2 * MS_PER_HOUR, ["2026-11-25", "2026-11-26"], "2026-11-25"),
            (3 * MS_PER_HOUR - 1, ["2026-11-25", "2026-11-26"], "2026-11-25"),
            (3 * MS_PER_HOUR, ["2026-11-25", "2026-11-26"], "2026-11-26"),
            (5 * MS_PER_HOUR - 1, ["2026-11-25", "2026-11-26"], "2026-11-26"),
            (5 * MS_PER_HOUR, ["2026-11-26", "2026-11-26"], "2026-11-26"),
            (26 * MS_PER_HOUR - 1, ["2026-11-26", "2026-11-26"], "2026-11-26"),
            (26 * MS_PER_HOUR, ["2026-11-26", "2026-11-27"], "2026-11-26"),
        ] {
            let at = UnixMillis(day("2026-11-26").midnight().0 + ms);
            assert_eq!(LocalDate::in_brazil(at), brazil.map(day), "{ms}");
            assert_eq!(LocalDate::in_brasilia(at), day(brasilia), "{ms}");
        }
        assert_eq!(MS_PER_HOUR, 3_600_000);
    }

    #[test]
    fn an_instant_near_midnight_may_have_two_dates_in_brazil() {
        let day = |text| LocalDate::from_dashed(text).unwrap();
        // 2026-11-26T03:30Z is 22:30 of the day before in Acre and 01:30 in Noronha.
        let at = UnixMillis(day("2026-11-26").midnight().0 + 3 * MS_PER_HOUR + MS_PER_HOUR / 2);
        assert_eq!(LocalDate::in_brazil(at), [day("2026-11-25"), day("2026-11-26")]);
        assert_eq!(LocalDate::in_brasilia(at), day("2026-11-26"));
        assert_eq!(day("2026-11-26").days_from(day("2026-11-24")), 2);
    }
}
