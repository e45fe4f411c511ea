//! What happened at a terminal, for tests and for the curious: a bounded list in memory.

use std::collections::VecDeque;

use serde::Serialize;

/// Most entries that are kept; the oldest go first.
const MAX_ENTRIES: usize = 1_000;
/// Longest text of an entry, in characters: a pay request or an answer fits, a print does not have to.
const MAX_TEXT_CHARS: usize = 1_000;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Power went on or off; the text says which.
    Power,
    /// The screen shows another page; the text is its name.
    Page,
    /// The agent opened a deep link; the text is the URI.
    Open,
    /// A deep link could not be opened; the text is the URI.
    OpenFailed,
    /// A deep link was too large and vanished, as on Android before 7.0.
    OpenLost,
    /// A return URI reached the agent; the text is the URI.
    Returned,
    /// A return URI waits for power; the text is the URI.
    ReturnQueued,
    /// A return URI was lost; the text is the URI.
    ReturnLost,
    /// The agent wants the operator to look; the text says why.
    Alert,
    /// The network changed; the text says how.
    Network,
    /// Something failed in the simulation itself.
    Problem,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Counts from 1 without gaps.
    pub n: u64,
    /// Milliseconds since 1970.
    pub at: u64,
    /// What kind.
    pub kind: Kind,
    /// What exactly; cut when long.
    pub text: String,
}

/// What happened, newest last.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    last: u64,
}

impl Log {
    /// Number of the newest entry.
    #[must_use]
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Entries after `n`, oldest first.
    pub(super) fn after(&self, n: u64) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.n > n)
    }

    pub(super) fn add(&mut self, kind: Kind, text: &str, at: u64) {
        if self.entries.len() == MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.last += 1;
        self.entries.push_back(Entry {
            n: self.last,
            at,
            kind,
            text: text.chars().take(MAX_TEXT_CHARS).collect(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_the_newest_and_counts_on() {
        let mut log = Log::default();
        for n in 0..1_500 {
            log.add(Kind::Page, &n.to_string(), 0);
        }
        assert_eq!(log.last(), 1_500);
        assert_eq!(log.after(0).count(), MAX_ENTRIES);
        assert_eq!(log.after(1_498).map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["1498", "1499"]);
    }
}
