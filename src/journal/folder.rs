//! The journal's directory: who holds it, and whether a journal must be in it.
//!
//! A new journal is made under another name, synced, renamed, and only then the marker is written. So at every moment
//! the directory is either unused (no marker, no journal: both may be made) or used (a journal must be there, whole).

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::JournalError;

const LOCK: &str = "journal.lock";
const JOURNAL: &str = "journal.redb";
const FRESH: &str = "journal.fresh";
const MARKER: &str = "journal.created";

/// The locked directory. The lock belongs to the open file, so it ends with the process, whatever happens to it.
#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
    _lock: File,
}

impl Folder {
    pub(super) fn lock(dir: &Path) -> Result<Self, JournalError> {
        fs::create_dir_all(dir)?;
        let lock = OpenOptions::new().create(true).append(true).open(dir.join(LOCK))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { dir: dir.to_owned(), _lock: lock }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(JournalError::InUse),
            Err(errno) => Err(io::Error::from(errno).into()),
        }
    }

    /// Whether no journal was ever made here.
    pub(super) fn is_unused(&self) -> Result<bool, JournalError> {
        Ok(!self.dir.join(MARKER).try_exists()? && !self.dir.join(JOURNAL).try_exists()?)
    }

    /// Where a new journal is made; what a start that was cut short left there is nothing yet and goes.
    pub(super) fn fresh_file(&self) -> Result<PathBuf, JournalError> {
        let fresh = self.dir.join(FRESH);
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(fresh),
        }
    }

    /// The new journal is whole: it becomes the journal.
    pub(super) fn adopt(&self, fresh: &Path) -> Result<(), JournalError> {
        File::open(fresh)?.sync_all()?;
        fs::rename(fresh, self.dir.join(JOURNAL))?;
        self.sync()
    }

    /// The journal, which must be there.
    pub(super) fn journal_file(&self) -> Result<PathBuf, JournalError> {
        let file = self.dir.join(JOURNAL);
        match file.metadata() {
            Ok(metadata) if metadata.len() > 0 => Ok(file),
            Ok(_) => Err(JournalError::damaged("the journal is an empty file".to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(JournalError::damaged("the journal is missing".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// From now on a missing journal is a lost one.
    pub(super) fn mark_used(&self) -> Result<(), JournalError> {
        let marker = self.dir.join(MARKER);
        if marker.try_exists()? {
            return Ok(());
        }
        OpenOptions::new().create(true).append(true).open(marker)?.sync_all()?;
        self.sync()
    }

    fn sync(&self) -> Result<(), JournalError> {
        File::open(&self.dir)?.sync_all()?;
        Ok(())
    }
}
