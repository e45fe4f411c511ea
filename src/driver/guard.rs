//! Crash-loop guard: counts lives that ended badly one after another, so that the next start waits for a person instead of
//! dying again.
//!
//! Its files say nothing about money, so they are not synced and a broken one counts as none: after a power cut the guard
//! may have forgotten a death, and that is all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Bad ends in a row after which a start waits for a person.
const BAD_ENDS_MAX: u32 = 3;
/// A life that ends without a word before this is counted as a bad end, in milliseconds: whatever kills a process outright
/// while it starts does so at once. Later it is more likely the battery, or the system that needs memory.
const STARTING_MS: u64 = 10_000;
/// A life that lasts this long is healthy, in milliseconds: what went wrong before is forgotten.
const HEALTHY_MS: u64 = 120_000;
/// Longest text of a defect, in bytes.
const DEFECT_BYTES_MAX: usize = 600;
/// Digits in a row above which a number is left out of a defect's text: it could be a card's.
const DIGITS_MAX: usize = 6;

const LIVES: &str = "lives.json";
const DEFECT: &str = "defect.txt";
const LAST_DEFECT: &str = "defect.last.txt";

/// How the life before ended, as far as the shell knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviousEnd {
    /// Nothing is known.
    Unknown,
    /// It did not answer any more, and the shell ended it.
    Unresponsive,
}

/// Whether bad ends are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashGuard {
    /// No: somebody else looks after the process.
    Off,
    /// Yes.
    On {
        /// What the shell knows.
        previous_end: PreviousEnd,
    },
}

/// Writes down a panic, for the next start and for support: called as the last thing in the life of a process. No number
/// that could be a card's is written.
pub fn record_panic(data_dir: &Path, text: &str) {
    let written = File::create(data_dir.join(DEFECT)).and_then(|mut file| {
        file.write_all(harmless(text).as_bytes())?;
        file.sync_all()
    });
    if let Err(error) = written {
        log::warn!("the defect could not be written down: {error}");
    }
}

/// The guard of one data directory.
#[derive(Debug)]
pub(super) struct Guard {
    dir: PathBuf,
    lives: Lives,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Lives {
    /// How many lives in a row ended badly.
    bad_ends: u32,
    phase: Phase,
}

/// How far the present life has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Starting,
    Young,
    #[default]
    Healthy,
}

impl Guard {
    /// A life begins.
    pub(super) fn begin(dir: &Path, previous_end: PreviousEnd) -> Self {
        let before = read(&dir.join(LIVES));
        let panicked = fs::rename(dir.join(DEFECT), dir.join(LAST_DEFECT)).is_ok();
        let badly = panicked || previous_end == PreviousEnd::Unresponsive || before.phase == Phase::Starting;
        let bad_ends = if badly { before.bad_ends.saturating_add(1) } else { before.bad_ends };
        let mut guard = Self { dir: dir.to_owned(), lives: Lives { bad_ends, phase: Phase::Starting } };
        guard.write();
        guard
    }

    /// How often it has died, when that is too often to go on by itself.
    pub(super) fn too_many(&self) -> Option<u32> {
        (self.lives.bad_ends >= BAD_ENDS_MAX).then_some(self.lives.bad_ends)
    }

    /// What the last panic said.
    pub(super) fn last_defect(&self) -> Option<String> {
        let mut text = String::new();
        let file = File::open(self.dir.join(LAST_DEFECT)).ok()?;
        file.take(DEFECT_BYTES_MAX as u64).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// It waits for a person: dying now is not dying at the start.
    pub(super) fn wait(&mut self) {
        self.reach(Phase::Young);
    }

    /// A person wants it to go on.
    pub(super) fn forgive(&mut self) {
        self.lives = Lives { bad_ends: 0, phase: Phase::Starting };
        self.write();
    }

    /// The life lasts since `age_ms`.
    pub(super) fn lived(&mut self, age_ms: u64) {
        if age_ms >= HEALTHY_MS {
            self.reach(Phase::Healthy);
        } else if age_ms >= STARTING_MS && self.lives.phase == Phase::Starting {
            self.reach(Phase::Young);
        }
    }

    /// At which age [`Guard::lived`] has something to do.
    pub(super) const fn due_at_age_ms(&self) -> Option<u64> {
        match self.lives.phase {
            Phase::Starting => Some(STARTING_MS),
            Phase::Young => Some(HEALTHY_MS),
            Phase::Healthy => None,
        }
    }

    /// The life ends as it should.
    pub(super) fn end(&mut self) {
        self.reach(Phase::Young);
    }

    fn reach(&mut self, phase: Phase) {
        if self.lives.phase != phase {
            let bad_ends = if phase == Phase::Healthy { 0 } else { self.lives.bad_ends };
            self.lives = Lives { bad_ends, phase };
            self.write();
        }
    }

    fn write(&mut self) {
        let new = self.dir.join("lives.new");
        let written = serde_json::to_vec(&self.lives)
            .map_err(io::Error::from)
            .and_then(|json| fs::write(&new, json))
            .and_then(|()| fs::rename(&new, self.dir.join(LIVES)));
        if let Err(error) = written {
            log::warn!("the crash guard cannot write: {error}");
        }
    }
}

fn read(path: &Path) -> Lives {
    let bytes = fs::read(path).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Bounded, on one line, without long numbers.
fn harmless(text: &str) -> String {
    let mut clean = String::new();
    let mut digits = String::new();
    for character in text.chars().map(|c| if c.is_control() { ' ' } else { c }).chain([' ']) {
        if clean.len() + digits.len() >= DEFECT_BYTES_MAX {
            break;
        }
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        if digits.len() > DIGITS_MAX {
            clean.push('#');
        } else {
            clean.push_str(&digits);
        }
        digits.clear();
        clean.push(character);
    }
    clean.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(dir: &Path) -> Guard {
        Guard::begin(dir, PreviousEnd::Unknown)
    }

    #[test]
    fn three_deaths_in_a_row_at_the_start_are_too_many_and_a_person_may_try_again() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..BAD_ENDS_MAX {
            assert_eq!(begin(dir.path()).too_many(), None);
        }
        let mut guard = begin(dir.path());
        assert_eq!(guard.too_many(), Some(BAD_ENDS_MAX));
        guard.wait();
        let mut guard = begin(dir.path());
        assert_eq!(guard.too_many(), Some(BAD_ENDS_MAX), "dying while it waits changes nothing");
        guard.forgive();
        assert_eq!(guard.too_many(), None);
        let guard = begin(dir.path());
        assert_eq!(
            guard.lives.bad_ends, 1,
            "dying at once when a person tries again is a death at the start"
        );
        assert_eq!(guard.too_many(), None);
    }

    #[test]
    fn a_panic_and_a_hang_count_at_any_age_and_a_battery_that_is_pulled_does_not() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..5 {
            begin(dir.path()).lived(STARTING_MS);
        }
        let mut guard = begin(dir.path());
        assert_eq!(guard.lives.bad_ends, 0);
        guard.lived(STARTING_MS);
        record_panic(dir.path(), "panicked at src/x.rs:1:2: card 5502095822650000 of 42");
        let mut guard = begin(dir.path());
        guard.lived(STARTING_MS);
        assert_eq!(guard.lives.bad_ends, 1);
        assert_eq!(guard.last_defect().unwrap(), "panicked at src/x.rs:1:2: card # of 42");
        assert_eq!(Guard::begin(dir.path(), PreviousEnd::Unresponsive).lives.bad_ends, 2);
    }

    #[test]
    fn a_healthy_life_forgets_and_a_broken_file_is_none() {
        let dir = tempfile::tempdir().unwrap();
        begin(dir.path());
        let mut guard = begin(dir.path());
        assert_eq!((guard.lives.bad_ends, guard.due_at_age_ms()), (1, Some(STARTING_MS)));
        guard.lived(STARTING_MS);
        assert_eq!(guard.due_at_age_ms(), Some(HEALTHY_MS));
        guard.lived(HEALTHY_MS);
        assert_eq!((guard.due_at_age_ms(), begin(dir.path()).lives.bad_ends), (None, 0));
        fs::write(dir.path().join(LIVES), b"{").unwrap();
        assert_eq!(begin(dir.path()).too_many(), None);
    }

    #[test]
    fn a_life_that_ends_as_it_should_is_no_bad_end() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..=BAD_ENDS_MAX {
            begin(dir.path()).end();
        }
        assert_eq!(begin(dir.path()).lives.bad_ends, 0);
    }

    #[test]
    fn what_a_defect_says_is_bounded() {
        assert!(harmless(&"x".repeat(10_000)).len() <= DEFECT_BYTES_MAX);
        assert!(harmless(&"1".repeat(10_000)).len() <= DEFECT_BYTES_MAX);
        assert_eq!(harmless("a\nb 1234567"), "a b #");
        assert_eq!(harmless("len 123456 of 7"), "len 123456 of 7");
    }
}
