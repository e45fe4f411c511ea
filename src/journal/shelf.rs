//! Prepared receipts, ready to print: one file each, beside the journal but not in it.
//!
//! A receipt can be fetched again, a payment cannot be recorded again. So receipts never share a file with the journal,
//! and none is stored when the disk is nearly full.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use protocol::PrintId;

/// Most receipts kept; the oldest goes. A courier's tour has fewer, and reprints are of the last ones.
pub const RECEIPTS_MAX: usize = 30;
/// Most bytes of all receipts together; the oldest goes. A usual one has less than 200 KB.
pub const SHELF_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Most bytes of one receipt: what the printer would take minutes for.
pub const RECEIPT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Free bytes that a receipt must leave to the journal.
const FREE_BYTES_MIN: u64 = 16 * 1024 * 1024;

const DIR: &str = "receipts";
const EXTENSION: &str = "slices";
const UNFINISHED: &str = "tmp";
const MAGIC: &[u8; 4] = b"PCR1";

/// Why a receipt cannot be kept or found. None of them touches a payment.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// It is not here (any more), or has no such part.
    #[error("no such receipt")]
    Unknown,
    /// Larger than a receipt may be.
    #[error("a receipt of {bytes} bytes is above the ceiling")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Its file is not what was written.
    #[error("receipt file damaged")]
    Damaged,
    /// It would leave too little room for the journal.
    #[error("storage is nearly full")]
    StorageLow,
    /// The terminal was switched off.
    #[error("closed")]
    Closed,
    /// Anything else that the storage said.
    #[error("storage failed")]
    Storage(#[from] io::Error),
}

/// Prepared receipts. May be used from several threads.
#[derive(Debug)]
pub struct Shelf {
    dir: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Oldest first.
    kept: Vec<Kept>,
    closed: bool,
}

#[derive(Debug)]
struct Kept {
    /// Grows with every receipt: the order of arrival, whatever the clock says.
    number: u64,
    print_id: PrintId,
    bytes: u64,
}

impl Shelf {
    /// Opens the shelf in the data directory. Only for who holds the journal of the same directory.
    pub fn open(data_dir: &Path) -> Result<Self, ShelfError> {
        let dir = data_dir.join(DIR);
        fs::create_dir_all(&dir)?;
        let mut kept = vec![];
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            match parse_name(&entry.file_name().to_string_lossy()) {
                Some((number, print_id)) => {
                    kept.push(Kept { number, print_id, bytes: entry.metadata()?.len() });
                }
                // Ours alone: a write that was cut short.
                None if entry.path().extension().is_some_and(|e| e == UNFINISHED) => {
                    fs::remove_file(entry.path())?;
                }
                None => {}
            }
        }
        kept.sort_by_key(|k| k.number);
        let shelf = Self { dir, state: Mutex::new(State { kept, closed: false }) };
        shelf.make_room(&mut shelf.state(), 0)?;
        Ok(shelf)
    }

    /// Keeps a receipt: for each print request, the PNGs that go into it. Replaces an earlier one of the same id.
    pub fn put(&self, print_id: &PrintId, parts: &[Vec<Vec<u8>>]) -> Result<(), ShelfError> {
        let file = encode(parts)?;
        let mut state = self.state();
        if state.closed {
            return Err(ShelfError::Closed);
        }
        let room = rustix::fs::statvfs(&self.dir).map_err(io::Error::from)?;
        if room.f_bavail.saturating_mul(room.f_frsize) < FREE_BYTES_MIN + file.len() as u64 {
            return Err(ShelfError::StorageLow);
        }
        self.remove(&mut state, print_id)?;
        self.make_room(&mut state, file.len() as u64)?;
        let number = state.kept.last().map_or(1, |last| last.number + 1);
        let path = self.dir.join(name(number, print_id));
        let unfinished = path.with_extension(UNFINISHED);
        let mut out = File::create(&unfinished)?;
        out.write_all(&file)?;
        out.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(&self.dir)?.sync_all()?;
        state.kept.push(Kept { number, print_id: print_id.clone(), bytes: file.len() as u64 });
        Ok(())
    }

    /// The PNGs of one print request, counted from 0.
    pub fn part(&self, print_id: &PrintId, part: u32) -> Result<Vec<Vec<u8>>, ShelfError> {
        let part = usize::try_from(part).map_err(|_| ShelfError::Unknown)?;
        self.read(print_id)?.into_iter().nth(part).ok_or(ShelfError::Unknown)
    }

    /// How many print requests a receipt takes.
    pub fn parts(&self, print_id: &PrintId) -> Result<usize, ShelfError> {
        Ok(self.read(print_id)?.len())
    }

    /// Takes a receipt away; one that is not there is no error.
    pub fn forget(&self, print_id: &PrintId) -> Result<(), ShelfError> {
        self.remove(&mut self.state(), print_id)
    }

    /// From now on nothing is written, not even by a task that is still at work.
    pub fn close(&self) {
        self.state().closed = true;
    }

    fn read(&self, print_id: &PrintId) -> Result<Vec<Vec<Vec<u8>>>, ShelfError> {
        let state = self.state();
        let kept = state.kept.iter().find(|k| k.print_id == *print_id).ok_or(ShelfError::Unknown)?;
        let file = fs::read(self.dir.join(name(kept.number, print_id)))?;
        decode(&file).ok_or(ShelfError::Damaged)
    }

    fn remove(&self, state: &mut State, print_id: &PrintId) -> Result<(), ShelfError> {
        while let Some(at) = state.kept.iter().position(|k| k.print_id == *print_id) {
            self.delete(state, at)?;
        }
        Ok(())
    }

    /// Takes the oldest away until one more of `bytes` fits.
    fn make_room(&self, state: &mut State, bytes: u64) -> Result<(), ShelfError> {
        let full = |kept: &[Kept]| {
            let total: u64 = kept.iter().map(|k| k.bytes).sum();
            kept.len() > RECEIPTS_MAX - usize::from(bytes > 0) || total + bytes > SHELF_BYTES_MAX
        };
        while full(&state.kept) && !state.kept.is_empty() {
            self.delete(state, 0)?;
        }
        Ok(())
    }

    fn delete(&self, state: &mut State, at: usize) -> Result<(), ShelfError> {
        let kept = &state.kept[at];
        match fs::remove_file(self.dir.join(name(kept.number, &kept.print_id))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => {
                state.kept.remove(at);
                Ok(())
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // The state is changed only after the disk agreed, so a panic in between leaves it right.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(number: u64, print_id: &PrintId) -> String {
    format!("{number:020}-{print_id}.{EXTENSION}")
}

fn parse_name(name: &str) -> Option<(u64, PrintId)> {
    let (number, print_id) = name.strip_suffix(EXTENSION)?.strip_suffix('.')?.split_once('-')?;
    Some((number.parse().ok()?, PrintId::parse(print_id).ok()?))
}

/// `PCR1`, CRC-32 of the rest, then counted parts of counted slices of counted bytes; numbers are 32 bits, little endian.
fn encode(parts: &[Vec<Vec<u8>>]) -> Result<Vec<u8>, ShelfError> {
    let bytes: usize = parts.iter().flatten().map(Vec::len).sum();
    let too_large = ShelfError::TooLarge { bytes };
    if bytes > RECEIPT_BYTES_MAX {
        return Err(too_large);
    }
    let mut body = vec![];
    let count = |n: usize, body: &mut Vec<u8>| match u32::try_from(n) {
        Ok(n) => {
            body.extend(n.to_le_bytes());
            Ok(())
        }
        Err(_) => Err(ShelfError::TooLarge { bytes }),
    };
    count(parts.len(), &mut body)?;
    for part in parts {
        count(part.len(), &mut body)?;
        for slice in part {
            count(slice.len(), &mut body)?;
            body.extend(slice);
        }
    }
    Ok([MAGIC.as_slice(), &crc32fast::hash(&body).to_le_bytes(), &body].concat())
}

fn decode(file: &[u8]) -> Option<Vec<Vec<Vec<u8>>>> {
    let (crc, mut body) = file.strip_prefix(MAGIC)?.split_first_chunk()?;
    if u32::from_le_bytes(*crc) != crc32fast::hash(body) {
        return None;
    }
    let body = &mut body;
    let mut parts = vec![];
    for _ in 0..take_count(body)? {
        let mut part = vec![];
        for _ in 0..take_count(body)? {
            let len = take_count(body)?;
            part.push(body.split_off(..len)?.to_vec());
        }
        parts.push(part);
    }
    Some(parts)
}

fn take_count(body: &mut &[u8]) -> Option<usize> {
    let (count, rest) = body.split_first_chunk()?;
    *body = rest;
    usize::try_from(u32::from_le_bytes(*count)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> PrintId {
        PrintId::parse(text).unwrap()
    }

    fn receipt(fill: u8) -> Vec<Vec<Vec<u8>>> {
        vec![vec![vec![fill; 3], vec![fill; 5]], vec![vec![fill; 7]]]
    }

    #[test]
    fn a_receipt_survives_a_restart_part_by_part() {
        let dir = tempfile::tempdir().unwrap();
        Shelf::open(dir.path()).unwrap().put(&id("pr_1"), &receipt(9)).unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        assert_eq!(shelf.parts(&id("pr_1")).unwrap(), 2);
        assert_eq!(shelf.part(&id("pr_1"), 0).unwrap(), receipt(9)[0]);
        assert_eq!(shelf.part(&id("pr_1"), 1).unwrap(), receipt(9)[1]);
        assert!(matches!(shelf.part(&id("pr_1"), 2), Err(ShelfError::Unknown)));
        assert!(matches!(shelf.part(&id("pr_2"), 0), Err(ShelfError::Unknown)));
    }

    #[test]
    fn the_oldest_receipt_goes_when_there_are_too_many_and_a_new_version_replaces_the_old() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        for n in 0..=RECEIPTS_MAX {
            shelf.put(&id(&format!("pr_{n}")), &receipt(1)).unwrap();
        }
        assert!(matches!(shelf.part(&id("pr_0"), 0), Err(ShelfError::Unknown)));
        assert!(shelf.part(&id("pr_1"), 0).is_ok());
        shelf.put(&id("pr_1"), &receipt(2)).unwrap();
        assert_eq!(shelf.part(&id("pr_1"), 0).unwrap(), receipt(2)[0]);
        assert!(shelf.part(&id("pr_2"), 0).is_ok(), "replacing one must not push another out");
        shelf.forget(&id("pr_1")).unwrap();
        shelf.forget(&id("pr_1")).unwrap();
        assert!(matches!(Shelf::open(dir.path()).unwrap().parts(&id("pr_1")), Err(ShelfError::Unknown)));
    }

    #[test]
    fn a_receipt_file_that_was_changed_or_cut_is_not_printed() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        shelf.put(&id("pr_1"), &receipt(7)).unwrap();
        let path = dir.path().join(DIR).join(name(1, &id("pr_1")));
        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x20;
            fs::write(&path, bad).unwrap();
            assert!(matches!(shelf.part(&id("pr_1"), 0), Err(ShelfError::Damaged)), "byte {at}");
            fs::write(&path, &good[..at]).unwrap();
            assert!(matches!(shelf.part(&id("pr_1"), 0), Err(ShelfError::Damaged)), "cut at {at}");
        }
    }

    #[test]
    fn a_receipt_above_the_ceiling_and_a_late_one_after_power_off_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        let huge = vec![vec![vec![0; RECEIPT_BYTES_MAX + 1]]];
        assert!(matches!(shelf.put(&id("pr_1"), &huge), Err(ShelfError::TooLarge { .. })));
        shelf.close();
        assert!(matches!(shelf.put(&id("pr_1"), &receipt(1)), Err(ShelfError::Closed)));
    }
}
