//! What happened, for a person to read, and how often, so that a blind simulation is noticed.

use std::collections::BTreeMap;

/// Where the virtual clock begins, in milliseconds since 1970.
pub const BEGIN_MS: u64 = 1_764_000_000_000;

/// How often each kind of thing happened.
pub type Reached = BTreeMap<String, u64>;

/// The story of a run.
#[derive(Clone, Debug, Default)]
pub struct Story {
    lines: Vec<String>,
    reached: Reached,
}

impl Story {
    /// Tells something.
    pub fn tell(&mut self, now_ms: u64, line: &str) {
        let ms = now_ms - BEGIN_MS;
        let (h, m, s) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
        self.lines.push(format!("{h}:{m:02}:{s:02}.{:03}  {line}", ms % 1_000));
    }

    /// Counts something.
    pub fn count(&mut self, what: &str) {
        match self.reached.get_mut(what) {
            Some(count) => *count += 1,
            None => {
                self.reached.insert(what.to_owned(), 1);
            }
        }
    }

    /// The whole story.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// What was reached.
    #[must_use]
    pub const fn reached(&self) -> &Reached {
        &self.reached
    }
}

/// Adds the counts of one run to those of others.
pub fn add(to: &mut Reached, run: &Reached) {
    for (what, count) in run {
        *to.entry(what.clone()).or_default() += count;
    }
}
