//! Agent and journal together: no effect comes out before the records of its step are on disk.
//!
//! No clock, no thread, no network: the loop calls it, and so does a simulation (with a journal on storage of its own).

use crate::flow::{Agent, Effect, Event, Moment};
use crate::journal::{Journal, JournalError, Opened};
use crate::view::{self, Screen};

/// Records after which the journal is compacted: replaying so many takes well below a second on the slowest terminal.
const RECORDS_MAX: u64 = 500;
/// Bytes of records after which the journal is compacted: a feed of hundreds of orders comes in large pages.
const RECORD_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Records after which a start compacts: fewer are not worth a snapshot's write.
const RECORDS_MAX_AT_START: u64 = 50;

/// The agent with its memory.
pub struct Engine {
    agent: Agent,
    /// `None`: it cannot be used, and the agent is blocked.
    journal: Option<Journal>,
}

impl Engine {
    /// Gives a new agent its memory back. Without a usable journal the agent is blocked and says why.
    #[must_use]
    pub fn new(mut agent: Agent, opened: Result<(Journal, Opened), JournalError>) -> Self {
        match opened {
            Ok((journal, Opened { snapshot, records })) => {
                if let Some(durable) = snapshot {
                    agent.restore(durable);
                }
                for record in &records {
                    agent.replay(record);
                }
                let mut engine = Self { agent, journal: Some(journal) };
                engine.compact_above(RECORDS_MAX_AT_START);
                engine
            }
            Err(error) => {
                let mut engine = Self { agent, journal: None };
                engine.block(&error);
                engine
            }
        }
    }

    /// Takes one event. The effects may leave at once: their records are synced.
    ///
    /// When they cannot be, no effect of this step leaves and the agent is blocked until the next start.
    pub fn handle(&mut self, event: Event, now: Moment) -> Vec<Effect> {
        let step = self.agent.handle(event, now);
        let Some(journal) = &mut self.journal else {
            // What promises nothing may pass; a blocked agent asks for nothing else.
            return step.effects.into_iter().filter(is_harmless).collect();
        };
        match journal.append(&step.records) {
            Ok(()) => step.effects,
            Err(error) => {
                self.block(&error);
                vec![]
            }
        }
    }

    /// Keeps the journal short. To be called when the effects of a step have left, for it takes a while.
    pub fn tidy(&mut self) {
        self.compact_above(RECORDS_MAX);
    }

    /// What the operator sees.
    #[must_use]
    pub fn screen(&self, now: Moment) -> Screen {
        view::screen(&self.agent, now)
    }

    /// When [`Event::Deadline`] is due, on the monotonic clock; may be in the past.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        self.agent.next_deadline()
    }

    /// Whether the journal cannot be used.
    #[must_use]
    pub const fn is_blocked(&self) -> bool {
        self.journal.is_none()
    }

    /// Size of the journal's file.
    #[must_use]
    pub fn journal_bytes(&self) -> Option<u64> {
        self.journal.as_ref().and_then(Journal::size_bytes)
    }

    /// The agent inside.
    #[must_use]
    pub const fn agent(&self) -> &Agent {
        &self.agent
    }

    fn compact_above(&mut self, records: u64) {
        let Some(journal) = &mut self.journal else { return };
        let due =
            journal.records_since_snapshot() > records || journal.bytes_since_snapshot() > RECORD_BYTES_MAX;
        if due && let Err(error) = journal.compact(self.agent.durable()) {
            self.block(&error);
        }
    }

    fn block(&mut self, error: &JournalError) {
        log::error!("payments stop: {error}");
        // Closed at once, so that support can copy the files as they are.
        self.journal = None;
        self.agent.block(error.sentence());
    }
}

const fn is_harmless(effect: &Effect) -> bool {
    match effect {
        Effect::Alert(_) | Effect::KeepAwake(_) | Effect::Drop(_) => true,
        Effect::Call { .. }
        | Effect::Authenticate(_)
        | Effect::Open { .. }
        | Effect::FetchReceipt(_)
        | Effect::Print { .. }
        | Effect::ForgetReceipt(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::sync::Arc;

    use protocol::{Serial, UnixMillis};

    use super::*;
    use crate::acquirer::stone::{ReturnScheme, Stone};
    use crate::flow::{AgentConfig, Serials};
    use crate::journal::crash_tests::{CutBackend, Door};

    const NOW: Moment = Moment { wall: UnixMillis(1_000), mono_ms: 1 };

    fn agent() -> Agent {
        let config = AgentConfig {
            serials: Serials::provisioned(Serial::parse("PB0419AL60480").unwrap()),
            version: "1".into(),
            service: "https://loja.example".into(),
        };
        Agent::new(config, Arc::new(Stone::new(ReturnScheme::parse("posconnect").unwrap())), 1)
    }

    fn forged(n: u64) -> Event {
        Event::Returned(format!("posconnect://pay-response?code=0&order_id={n}&amount=100"))
    }

    #[test]
    fn when_a_record_cannot_be_written_no_effect_leaves_and_the_agent_is_blocked() {
        let disk = CutBackend::empty();
        let mut engine = Engine::new(agent(), Journal::open_with_backend(disk.clone()));
        engine.handle(Event::Booted, NOW);
        assert!(!engine.handle(forged(1), NOW).is_empty(), "a stray return alerts the operator");
        assert!(!engine.is_blocked());
        disk.cut();
        assert!(engine.handle(forged(2), NOW).is_empty(), "what is not written down is not done");
        assert!(engine.is_blocked());
        assert_eq!(engine.screen(NOW).page, "journal");
        assert_eq!(engine.next_deadline(), None);
    }

    #[test]
    fn a_write_or_a_sync_that_fails_blocks_the_agent_with_what_to_do_and_lets_no_effect_leave() {
        let full = "Libere espaço, reinicie o terminal";
        let read_only = "não deixa o aplicativo gravar";
        let failed = "Feche o aplicativo e abra de novo";
        for door in [Door::Write, Door::Sync] {
            for (kind, what_to_do) in [
                (ErrorKind::StorageFull, full),
                (ErrorKind::ReadOnlyFilesystem, read_only),
                (ErrorKind::Other, failed),
            ] {
                let disk = CutBackend::empty();
                let mut engine = Engine::new(agent(), Journal::open_with_backend(disk.clone()));
                engine.handle(Event::Booted, NOW);
                assert!(!engine.handle(forged(1), NOW).is_empty());
                disk.refuse(door, kind);
                assert_eq!(engine.handle(forged(2), NOW), [], "{door:?} {kind:?}");
                assert!(engine.is_blocked(), "{door:?} {kind:?}");
                let screen = engine.screen(NOW);
                assert_eq!(screen.page, "journal");
                let text = serde_json::to_string(&screen).unwrap();
                assert!(text.contains(what_to_do), "{door:?} {kind:?}: {text}");
                // Nor does any later one that promises something.
                assert!(engine.handle(forged(3), NOW).iter().all(is_harmless));
            }
        }
    }

    #[test]
    fn a_restart_from_the_records_or_from_a_snapshot_gives_the_same_state() {
        let disk = CutBackend::empty();
        let mut engine = Engine::new(agent(), Journal::open_with_backend(disk.clone()));
        engine.handle(Event::Booted, NOW);
        for n in 1..=RECORDS_MAX_AT_START {
            engine.handle(forged(n), NOW);
        }
        let lived = engine.agent().durable().clone();
        drop(engine);

        let (journal, opened) = Journal::open_with_backend(disk.clone()).unwrap();
        assert_eq!(opened.records.len() as u64, RECORDS_MAX_AT_START);
        let mut engine = Engine::new(agent(), Ok((journal, opened)));
        assert_eq!(*engine.agent().durable(), lived, "from the records");
        engine.handle(forged(999), NOW);
        let lived = engine.agent().durable().clone();
        drop(engine);

        // One more than is worth keeping: this start compacts, the next one has the snapshot alone.
        drop(Engine::new(agent(), Journal::open_with_backend(disk.clone())));
        let (journal, opened) = Journal::open_with_backend(disk).unwrap();
        assert!(opened.records.is_empty());
        assert_eq!(
            *Engine::new(agent(), Ok((journal, opened))).agent().durable(),
            lived,
            "from the snapshot"
        );
    }

    #[test]
    fn a_journal_in_use_is_compacted_when_it_is_long() {
        let disk = CutBackend::empty();
        let mut engine = Engine::new(agent(), Journal::open_with_backend(disk.clone()));
        for n in 0..=RECORDS_MAX {
            engine.tidy();
            engine.handle(forged(n), NOW);
        }
        engine.tidy();
        drop(engine);
        let (_, opened) = Journal::open_with_backend(disk).unwrap();
        assert!(opened.records.is_empty() && opened.snapshot.is_some());
    }
}
