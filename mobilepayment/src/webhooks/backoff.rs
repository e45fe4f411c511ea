//! When to try again. Pure: time and randomness come in as arguments.

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

#[cfg(test)]
mod tests {
    use super::*;

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
