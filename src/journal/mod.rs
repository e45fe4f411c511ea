//! The terminal's durable memory: an append-only log of [`Record`]s in one redb file.
//!
//! May import `flow` (for what is kept) and `protocol`. It decides nothing: it keeps records, gives them back in the
//! same order, and says loudly when it cannot. Where to start: [`Journal::open`].
//!
//! # What holds
//! - [`Journal::append`] is one transaction. When it returns, every record that needs it is on disk.
//! - After a power cut at any write or sync, the next open gives a prefix of what was appended, and that prefix has every
//!   append that was acknowledged as synced (`crash_tests` cuts at every one).
//! - A damaged journal is never repaired by guessing, never deleted and never recreated empty: the terminal stops taking
//!   payments and the files stay for support. A marker file beside the journal tells "new terminal" from "lost journal".
//!
//! # Versions
//! Every record and every snapshot is an envelope `{"v", "seq", …}` under a CRC-32 (see [`envelope`]). The present types
//! of `flow` are version [`envelope::VERSION`]. A change that old bytes do not survive raises it: the old types are then
//! copied, frozen, into `journal/v1.rs` with a conversion to the present ones and a test on stored bytes, and stay for
//! good. A field that is added with a default, or a new kind of record, needs no new version. A version above ours is
//! [`JournalError::NewerVersion`]: an older app was installed over a newer one's data.
//!
//! Receipts are kept apart, on the [`shelf`]: a disk that fills up with images must not take the journal down.

use std::path::{Path, PathBuf};

use redb::{Database, Durability, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};

use crate::flow::{Durable, Record};

#[cfg(test)]
pub(crate) mod crash_tests;
mod envelope;
mod error;
pub mod export;
#[cfg(test)]
mod fire_tests;
mod folder;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod process_tests;
pub mod shelf;
#[cfg(test)]
mod tests;

pub use error::JournalError;
use folder::Folder;
pub use shelf::{Shelf, ShelfError};

/// Memory that redb may use for pages, in bytes: a terminal has about 1 GB for everything, and the journal is read once.
const PAGE_CACHE_BYTES: usize = 1024 * 1024;

/// Appends in a row that need no sync before one is synced all the same: bounds what a power cut makes us ask again,
/// and the pages that redb keeps for unsynced commits.
const UNSYNCED_APPENDS_MAX: u32 = 64;

/// Size in bytes above which the file is shrunk when it is opened: ten times what a busy terminal needs.
const SHRINK_ABOVE_BYTES: u64 = 16 * 1024 * 1024;

/// Largest record or snapshot in bytes: far above a full feed page or 2,000 orders; a larger one is a defect.
const ENTRY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Layout of the tables. Raised only when the tables themselves change; records have their own version.
const FORMAT: u64 = 1;

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const META_FORMAT: &str = "format";
/// The last record appended. Guards against a log that lost its end.
const META_LAST_SEQ: &str = "last_seq";

const RECORDS: TableDefinition<u64, &[u8]> = TableDefinition::new("records");
const SNAPSHOT: TableDefinition<&str, &[u8]> = TableDefinition::new("snapshot");
const SNAPSHOT_CURRENT: &str = "current";

/// The open journal. Dropping it releases the data directory.
#[derive(Debug)]
pub struct Journal {
    db: Database,
    last_seq: u64,
    snapshot_seq: u64,
    bytes_since_snapshot: u64,
    unsynced_appends: u32,
    /// A write failed: nobody knows how much of it is on disk until the journal is opened again.
    failed: bool,
    file: Option<PathBuf>,
    /// Released last: whoever gets the directory next must find the file closed.
    _folder: Option<Folder>,
}

/// What the journal remembers: first restore the snapshot, then replay the records.
#[derive(Debug, Default)]
pub struct Opened {
    /// State up to the last compaction.
    pub snapshot: Option<Durable>,
    /// Everything since, in order.
    pub records: Vec<Record>,
}

impl Journal {
    /// Opens the journal in a directory of its own; makes both when the directory was never used.
    pub fn open(dir: &Path) -> Result<(Self, Opened), JournalError> {
        let folder = Folder::lock(dir)?;
        if folder.is_unused()? {
            let fresh = folder.fresh_file()?;
            initialize(&builder().create(&fresh)?)?;
            folder.adopt(&fresh)?;
        }
        let file = folder.journal_file()?;
        let mut db = builder().open(&file)?;
        if file.metadata()?.len() > SHRINK_ABOVE_BYTES {
            db.compact().map_err(redb::Error::from)?;
        }
        folder.mark_used()?;
        let (mut journal, opened) = Self::load(db)?;
        journal.file = Some(file);
        journal._folder = Some(folder);
        Ok((journal, opened))
    }

    /// Opens a journal on other storage than a directory, for simulations and crash tests. Storage without any journal
    /// becomes a new one; who shares it is the caller's concern.
    pub fn open_with_backend(backend: impl StorageBackend) -> Result<(Self, Opened), JournalError> {
        let db = builder().create_with_backend(backend)?;
        let never_initialized = db.begin_read()?.list_tables()?.next().is_none();
        if never_initialized {
            initialize(&db)?;
        }
        Self::load(db)
    }

    /// Appends records in one transaction, synced when any of them needs it.
    ///
    /// After an error nothing more can be appended: the journal must be opened again.
    pub fn append(&mut self, records: &[Record]) -> Result<(), JournalError> {
        if records.is_empty() {
            return Ok(());
        }
        let sync =
            records.iter().any(Record::needs_sync) || self.unsynced_appends + 1 >= UNSYNCED_APPENDS_MAX;
        let mut entries = Vec::with_capacity(records.len());
        for (seq, record) in (self.last_seq + 1..).zip(records) {
            entries.push((seq, bounded(envelope::seal_record(seq, record)?)?));
        }
        let last_seq = self.last_seq + entries.len() as u64;
        self.write(sync, |txn| {
            let mut table = txn.open_table(RECORDS)?;
            for (seq, bytes) in &entries {
                table.insert(seq, bytes.as_slice())?;
            }
            txn.open_table(META)?.insert(META_LAST_SEQ, last_seq)?;
            Ok(())
        })?;
        self.last_seq = last_seq;
        self.bytes_since_snapshot += entries.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
        self.unsynced_appends = if sync { 0 } else { self.unsynced_appends + 1 };
        Ok(())
    }

    /// Replaces every record up to now by the state that follows from them, in one synced transaction.
    pub fn compact(&mut self, durable: &Durable) -> Result<(), JournalError> {
        let through = self.last_seq;
        let bytes = bounded(envelope::seal_snapshot(through, durable)?)?;
        self.write(true, |txn| {
            txn.open_table(SNAPSHOT)?.insert(SNAPSHOT_CURRENT, bytes.as_slice())?;
            txn.open_table(RECORDS)?.retain(|seq, _| seq > through)?;
            Ok(())
        })?;
        self.snapshot_seq = through;
        self.bytes_since_snapshot = 0;
        self.unsynced_appends = 0;
        Ok(())
    }

    /// How many records the next open would have to replay.
    #[must_use]
    pub const fn records_since_snapshot(&self) -> u64 {
        self.last_seq - self.snapshot_seq
    }

    /// How many bytes they take.
    #[must_use]
    pub const fn bytes_since_snapshot(&self) -> u64 {
        self.bytes_since_snapshot
    }

    /// Size of the journal's file; `None` when it is not in a file.
    #[must_use]
    pub fn size_bytes(&self) -> Option<u64> {
        let metadata = self.file.as_ref()?.metadata().ok()?;
        Some(metadata.len())
    }

    fn write(
        &mut self,
        sync: bool,
        change: impl FnOnce(&redb::WriteTransaction) -> Result<(), redb::Error>,
    ) -> Result<(), JournalError> {
        if self.failed {
            return Err(JournalError::Failed);
        }
        let result = commit(&self.db, sync, change);
        self.failed = result.is_err();
        result
    }

    fn load(db: Database) -> Result<(Self, Opened), JournalError> {
        let txn = db.begin_read()?;
        let meta = txn.open_table(META)?;
        let number = |key: &'static str| -> Result<u64, JournalError> {
            let value = meta.get(key)?;
            value.map(|v| v.value()).ok_or_else(|| JournalError::damaged(format!("no {key}")))
        };
        let format = number(META_FORMAT)?;
        if format > FORMAT {
            return Err(JournalError::NewerVersion { found: format });
        }
        let last_seq = number(META_LAST_SEQ)?;

        let mut snapshot_seq = 0;
        let mut opened = Opened::default();
        if let Some(bytes) = txn.open_table(SNAPSHOT)?.get(SNAPSHOT_CURRENT)? {
            let (through, durable) = envelope::open_snapshot(bytes.value())?;
            snapshot_seq = through;
            opened.snapshot = Some(durable);
        }
        let mut seq = snapshot_seq;
        let mut bytes_since_snapshot = 0;
        for entry in txn.open_table(RECORDS)?.iter()? {
            let (key, bytes) = entry?;
            seq += 1;
            if key.value() != seq {
                let found = key.value();
                return Err(JournalError::damaged(format!("record {seq} is missing, {found} follows")));
            }
            opened.records.push(envelope::open_record(seq, bytes.value())?);
            bytes_since_snapshot += bytes.value().len() as u64;
        }
        if seq != last_seq {
            return Err(JournalError::damaged(format!("it ends at record {seq} instead of {last_seq}")));
        }
        drop((meta, txn));
        let journal = Self {
            db,
            last_seq,
            snapshot_seq,
            bytes_since_snapshot,
            unsynced_appends: 0,
            failed: false,
            file: None,
            _folder: None,
        };
        Ok((journal, opened))
    }
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    // The whole file is small, and a bit that fell over must be found before money depends on it.
    builder.set_cache_size(PAGE_CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

fn initialize(db: &Database) -> Result<(), JournalError> {
    commit(db, true, |txn| {
        let mut meta = txn.open_table(META)?;
        meta.insert(META_FORMAT, FORMAT)?;
        meta.insert(META_LAST_SEQ, 0)?;
        drop(txn.open_table(RECORDS)?);
        drop(txn.open_table(SNAPSHOT)?);
        Ok(())
    })
}

fn commit(
    db: &Database,
    sync: bool,
    change: impl FnOnce(&redb::WriteTransaction) -> Result<(), redb::Error>,
) -> Result<(), JournalError> {
    let mut txn = db.begin_write()?;
    let durability = if sync { Durability::Immediate } else { Durability::None };
    txn.set_durability(durability).map_err(redb::Error::from)?;
    // With one phase, a commit whose pages were damaged later looks like one that was cut: after a kill redb would go back
    // to the commit before it, and an acknowledged record would be gone without a word. Costs a second sync.
    txn.set_two_phase_commit(sync);
    change(&txn)?;
    txn.commit()?;
    Ok(())
}

fn bounded(entry: Vec<u8>) -> Result<Vec<u8>, JournalError> {
    if entry.len() > ENTRY_BYTES_MAX {
        return Err(JournalError::EntryTooLarge { bytes: entry.len() });
    }
    Ok(entry)
}
