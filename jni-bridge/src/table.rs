//! The open agents, by id. An id is given once and never again, so that a dead handle stays dead.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::core::{Core, data_dir};
use crate::fault::Fault;
use crate::wire::Config;

/// Agents open at a time: the app has one, and opens the next before the last is gone at most.
const OPEN_MAX: usize = 16;

/// The open agents of this process.
pub(crate) static TABLE: Table = Table::new();

/// Open agents.
pub(crate) struct Table(Mutex<Rows>);

struct Rows {
    next_id: i64,
    open: BTreeMap<i64, Row>,
}

struct Row {
    data_dir: PathBuf,
    /// `None`: being started or being closed; its directory is taken.
    core: Option<Arc<Core>>,
}

impl Table {
    const fn new() -> Self {
        Self(Mutex::new(Rows { next_id: 1, open: BTreeMap::new() }))
    }

    /// Starts an agent; its id.
    pub(crate) fn open(&self, config: Config) -> Result<i64, Fault> {
        let data_dir = data_dir(&config.data_dir)?;
        let id = self.reserve(data_dir.clone())?;
        // Outside the lock: it touches the disk.
        match Core::start(config, data_dir) {
            Ok(core) => {
                if let Some(row) = self.rows().open.get_mut(&id) {
                    row.core = Some(Arc::new(core));
                }
                Ok(id)
            }
            Err(fault) => {
                self.rows().open.remove(&id);
                Err(fault)
            }
        }
    }

    /// The agent with this id.
    pub(crate) fn get(&self, id: i64) -> Result<Arc<Core>, Fault> {
        self.rows().open.get(&id).and_then(|row| row.core.clone()).ok_or(Fault::Closed(id))
    }

    /// Ends an agent. The second time, or for an id never given, it does nothing.
    pub(crate) fn close(&self, id: i64) {
        let core = self.rows().open.get_mut(&id).and_then(|row| row.core.take());
        if let Some(core) = core {
            core.close();
            self.rows().open.remove(&id);
        }
    }

    /// Data directories in use, for the last words of a process; empty while somebody else looks into the table.
    pub(crate) fn data_dirs(&self) -> Vec<PathBuf> {
        let rows = match self.0.try_lock() {
            Ok(rows) => rows,
            Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Perhaps by the very thread that panics.
            Err(std::sync::TryLockError::WouldBlock) => return vec![],
        };
        rows.open.values().map(|row| row.data_dir.clone()).collect()
    }

    fn reserve(&self, data_dir: PathBuf) -> Result<i64, Fault> {
        let mut rows = self.rows();
        if let Some((id, _)) = rows.open.iter().find(|(_, row)| row.data_dir == data_dir) {
            return Err(Fault::AlreadyOpen(*id));
        }
        if rows.open.len() >= OPEN_MAX {
            return Err(Fault::NotStarted(format!("{OPEN_MAX} agents are open")));
        }
        let id = rows.next_id;
        rows.next_id += 1;
        rows.open.insert(id, Row { data_dir, core: None });
        Ok(id)
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // Nothing that can panic happens under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::wire::Message;

    /// Longer than any machine takes for what is waited for.
    const PATIENCE_MS: u64 = 20_000;

    fn config(dir: &Path, network: &str) -> Config {
        let dir = serde_json::to_string(dir).unwrap();
        let json = format!(
            r#"{{"data_dir":{dir},"service_url":null,"serial":{{"provisioned":null,"system":null}},
                "app_version":"1","return_scheme":"posconnect","previous_end":null,"network":{network}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn closed(id: i64) -> String {
        Fault::Closed(id).to_string()
    }

    fn said<T>(result: Result<T, Fault>) -> String {
        result.err().map_or_else(|| "no fault".to_owned(), |fault| fault.to_string())
    }

    #[test]
    fn a_directory_belongs_to_one_handle_until_it_is_closed_and_an_id_is_never_given_again() {
        let (table, dir) = (Table::new(), tempfile::tempdir().unwrap());
        let first = table.open(config(dir.path(), "null")).unwrap();
        assert_eq!(table.data_dirs(), [dir.path().canonicalize().unwrap()]);
        let same = dir.path().join("..").join(dir.path().file_name().unwrap());
        assert_eq!(said(table.open(config(&same, "null"))), Fault::AlreadyOpen(first).to_string());
        table.close(first);
        table.close(first);
        assert_eq!(said(table.get(first)), closed(first));
        assert_eq!(table.data_dirs(), Vec::<PathBuf>::new());
        let second = table.open(config(dir.path(), "null")).unwrap();
        assert!(second > first);
        table.close(first);
        assert!(table.get(second).is_ok(), "a dead handle closes nothing");
        table.close(second);
    }

    #[test]
    fn a_start_that_fails_gives_its_directory_free_again() {
        let (table, dir) = (Table::new(), tempfile::tempdir().unwrap());
        let bad = Config { return_scheme: "no scheme".into(), ..config(dir.path(), "null") };
        assert!(said(table.open(bad)).starts_with("bad_config: return_scheme"));
        assert_eq!(table.data_dirs(), Vec::<PathBuf>::new());
        let id = table.open(config(dir.path(), "null")).unwrap();
        table.close(id);
    }

    #[test]
    fn agents_above_the_ceiling_are_refused() {
        let (table, dir) = (Table::new(), tempfile::tempdir().unwrap());
        for n in 0..OPEN_MAX {
            table.reserve(dir.path().join(n.to_string())).unwrap();
        }
        assert!(said(table.reserve(dir.path().join("more"))).starts_with("not_started: "));
    }

    #[test]
    fn who_waits_or_tells_while_the_handle_is_closed_hears_of_it_and_nobody_waits_for_ever() {
        let (table, dir) = (Table::new(), tempfile::tempdir().unwrap());
        let id = table.open(config(dir.path(), "null")).unwrap();
        let core = table.get(id).unwrap();
        let reader = Arc::clone(&core);
        let read = std::thread::spawn(move || {
            let mut last = vec![];
            while last != br#"{"type":"ended"}"# {
                match reader.next(PATIENCE_MS) {
                    // The thread below was looking at that moment.
                    Err(Fault::TwoReaders) => std::thread::yield_now(),
                    output => last = output.unwrap().expect("something comes"),
                }
            }
        });
        // As soon as the reader is in `next`, a second one is refused.
        while !matches!(core.next(0), Err(Fault::TwoReaders)) {
            assert!(!read.is_finished(), "the reader reads until the end");
            std::thread::yield_now();
        }
        table.close(id);
        read.join().unwrap();
        assert_eq!(said(core.dispatch(Message::OpenFailed {}, id)), closed(id));
        assert_eq!(core.next(0).unwrap().unwrap(), br#"{"type":"ended"}"#);
        let again = table.open(config(dir.path(), "null")).unwrap();
        table.close(again);
    }

    #[test]
    fn when_a_handle_is_closed_its_agent_has_ended() {
        let (table, dir) = (Table::new(), tempfile::tempdir().unwrap());
        let id = table.open(config(dir.path(), "null")).unwrap();
        let core = table.get(id).unwrap();
        table.close(id);
        // What it said before comes first, and then, without waiting, that it is over.
        let ended = |output: &Vec<u8>| *output == br#"{"type":"ended"}"#;
        assert!(core::iter::from_fn(|| core.next(0).unwrap()).any(|output| ended(&output)));
    }

    #[test]
    fn last_words_wait_for_nobody_who_holds_the_table() {
        let table = Table::new();
        table.reserve(PathBuf::from("/data")).unwrap();
        let rows = table.rows();
        assert_eq!(table.data_dirs(), Vec::<PathBuf>::new());
        drop(rows);
        assert_eq!(table.data_dirs(), [PathBuf::from("/data")]);
    }

    #[test]
    fn a_proxy_that_cannot_be_one_keeps_no_terminal_from_starting() {
        let (table, dir) = (Table::new(), tempfile::tempdir().unwrap());
        let network = r#"{"connected":true,"proxy":{"host":"10.0.0.256","port":8080}}"#;
        let id = table.open(config(dir.path(), network)).unwrap();
        assert!(table.get(id).unwrap().next(PATIENCE_MS).unwrap().is_some(), "a screen");
        table.close(id);
    }
}
