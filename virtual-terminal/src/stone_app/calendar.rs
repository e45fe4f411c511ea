//! The acquirer's local date and time.

/// Brasília's offset, which Stone's terminals use; Brazil has had no daylight saving since 2019.
const OFFSET_S: i64 = -3 * 3600;
const DAY_S: i64 = 86_400;

/// `dd/MM/yyyy HH:mm:ss` in Brasília.
#[must_use]
pub(super) fn local(unix_s: i64) -> String {
    let local = unix_s + OFFSET_S;
    let (year, month, day) = civil(local.div_euclid(DAY_S));
    let second = local.rem_euclid(DAY_S);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{day:02}/{month:02}/{year:04} {hour:02}:{minute:02}:{:02}", second % 60)
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant's `civil_from_days`).
const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_acquirer_speaks_brasilia_time() {
        let cases = [
            (1_664_948_177, "05/10/2022 02:36:17"),
            (1_709_175_599, "28/02/2024 23:59:59"),
            (1_709_262_000, "01/03/2024 00:00:00"),
            (0, "31/12/1969 21:00:00"),
        ];
        for (unix_s, text) in cases {
            assert_eq!(local(unix_s), text);
        }
    }
}
