//! Returns of the acquirer's app that came while no agent could take them (none ran, or its journal cannot be used): kept
//! until one can.
//!
//! One line each, as the acquirer's adapter makes it safe to keep: no card number, no name. What such a line says can
//! still be read as an answer.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const FILE: &str = "returns.waiting";
/// Most bytes of waiting returns: thousands of them. What comes above is not kept, and the screen says so.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The waiting returns of one data directory.
#[derive(Debug)]
pub(super) struct WaitingReturns(PathBuf);

impl WaitingReturns {
    pub(super) fn in_dir(dir: &Path) -> Self {
        Self(dir.join(FILE))
    }

    /// Keeps one, synced before this returns.
    pub(super) fn keep(&self, safe_uri: &str) -> io::Result<()> {
        // A line of its own, even after one that a power cut left unfinished.
        let line = format!("\n{}\n", serde_json::to_string(safe_uri)?);
        let mut file = OpenOptions::new().create(true).append(true).open(&self.0)?;
        if file.metadata()?.len() + line.len() as u64 > BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        file.write_all(line.as_bytes())?;
        file.sync_all()?;
        if let Some(dir) = self.0.parent() {
            File::open(dir)?.sync_all()?;
        }
        Ok(())
    }

    /// All that wait, oldest first. A line that a power cut left unfinished was never promised to anybody.
    pub(super) fn all(&self) -> io::Result<Vec<String>> {
        let mut kept = vec![];
        match File::open(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            file => file?.take(BYTES_MAX).read_to_end(&mut kept)?,
        };
        // As bytes: an unfinished line may end within a character, and those after it count.
        let lines = kept.split(|byte| *byte == b'\n');
        Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// They are in the journal now.
    pub(super) fn forget(&self) {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                // They are given to the agent once more at the next start, which knows them.
                log::warn!("returns that were taken stay for now: {error}");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_wait_in_order_until_they_are_taken_and_a_cut_line_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let waiting = WaitingReturns::in_dir(dir.path());
        assert_eq!(waiting.all().unwrap(), Vec::<String>::new());
        waiting.keep("posconnect://pay-response?code=0").unwrap();
        waiting.keep("a \"quoted\"\nline").unwrap();
        OpenOptions::new().append(true).open(dir.path().join(FILE)).unwrap().write_all(b"\"cut").unwrap();
        waiting.keep("after").unwrap();
        // Cut within a character.
        OpenOptions::new()
            .append(true)
            .open(dir.path().join(FILE))
            .unwrap()
            .write_all(b"\"cut \xc3")
            .unwrap();
        waiting.keep("last").unwrap();
        let expected = ["posconnect://pay-response?code=0", "a \"quoted\"\nline", "after", "last"];
        assert_eq!(WaitingReturns::in_dir(dir.path()).all().unwrap(), expected);
        waiting.forget();
        waiting.forget();
        assert_eq!(waiting.all().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_kept_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let waiting = WaitingReturns::in_dir(dir.path());
        assert!(waiting.keep(&"x".repeat(usize::try_from(BYTES_MAX).unwrap())).is_err());
        assert!(WaitingReturns::in_dir(&dir.path().join("missing")).keep("x").is_err());
    }

    #[test]
    fn returns_that_cannot_be_read_are_not_none() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(FILE)).unwrap();
        assert!(WaitingReturns::in_dir(dir.path()).all().is_err());
    }
}
