//! When to try again. Pure: time and randomness come in as arguments.

use protocol::UnixMillis;

/// First pause, in milliseconds.
const FIRST_MS: u64 = 1_000;
/// Longest pause, in milliseconds: 15 minutes, so that a receiver that comes back is told soon.
const LONGEST_MS: u64 = 15 * 60 * 1_000;
/// How long an event is tried before it is given up and shown as failed, in milliseconds: 3 days, a long weekend.
pub const GIVE_UP_AFTER_MS: u64 = 3 * 24 * 60 * 60 * 1_000;

/// Pause after the `tries`-th failed try, in milliseconds: it doubles, and a random part of up to half of it is taken off,
/// so that a thousand events that failed together do not come back together.
#[must_use]
pub const fn pause_ms(tries: u32, random: u64) -> u64 {
    let doublings = if tries > 20 { 20 } else { tries.saturating_sub(1) };
    let full = FIRST_MS << doublings;
    let pause = if full > LONGEST_MS { LONGEST_MS } else { full };
    pause - random % (pause / 2 + 1)
}

/// How long a delivery still has to wait, in milliseconds; 0: it is due. What would wait longer than the longest pause was
/// put off by a clock that has been set back since, and is due too.
#[must_use]
pub const fn wait_ms(next_try_at: UnixMillis, now: UnixMillis) -> u64 {
    let wait_ms = next_try_at.since_ms(now);
    if wait_ms > LONGEST_MS { 0 } else { wait_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_holds_nothing_up() {
        let at = UnixMillis(10_000_000);
        for (now, ms) in
            [(10_000_000, 0), (10_000_001, 0), (9_999_999, 1), (9_100_000, 900_000), (9_099_999, 0), (0, 0)]
        {
            assert_eq!(wait_ms(at, UnixMillis(now)), ms, "{now}");
        }
    }

    #[test]
    fn the_pause_doubles_from_a_second_to_a_quarter_of_an_hour() {
        let pauses: Vec<u64> = [1, 2, 3, 10, 11, 12, 1_000, u32::MAX].map(|n| pause_ms(n, 0)).to_vec();
        assert_eq!(pauses, [1_000, 2_000, 4_000, 512_000, 900_000, 900_000, 900_000, 900_000]);
    }

    #[test]
    fn jitter_takes_off_at_most_half() {
        for tries in [1, 5, 50] {
            let full = pause_ms(tries, 0);
            for random in [1, 499, 500, 501, u64::MAX, u64::MAX / 3] {
                let pause = pause_ms(tries, random);
                assert!(pause >= full / 2 && pause <= full, "{tries} {random}: {pause}");
            }
        }
    }
}
