//! Damage in the log of commits (`mobilepayment.db-wal`), which SQLite does not tell: from the first frame on that does
//! not fit its checksum it takes the rest for a commit that a power cut left unfinished, and forgets it.
//!
//! Every commit is synced before the next one writes, so a power cut spoils frames of the last commit only. A bad frame
//! with a commit and one more frame behind it was whole once: it was acknowledged, and is damaged. In the last commit the two
//! cannot be told apart (docs/operations.md says so).

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::Path;

/// Head of the file, in bytes.
const HEAD_BYTES: usize = 32;
/// Head of a frame, in bytes; a page follows.
const FRAME_HEAD_BYTES: usize = 24;
/// Of a frame's head, what its checksum covers.
const FRAME_SUMMED_BYTES: usize = 8;
/// The first four bytes, but for the last bit, which says how checksums read their words.
const MAGIC: u32 = 0x377f_0682;
/// The only format there is.
const VERSION: u32 = 3_007_000;
/// Page sizes of SQLite, in bytes.
const PAGE_BYTES: std::ops::RangeInclusive<u32> = 512..=65_536;

/// What is wrong with a log of commits, in pt-BR; `None` when nothing is, or when there is none.
pub(super) fn damage(file: &Path) -> io::Result<Option<&'static str>> {
    match File::open(file) {
        Ok(file) => examine(&mut BufReader::new(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Sum(u32, u32);

struct Words {
    big_endian: bool,
}

fn examine(log: &mut impl Read) -> io::Result<Option<&'static str>> {
    let mut head = [0; HEAD_BYTES];
    if !filled(log, &mut head)? {
        // The first commit was never written.
        return Ok(None);
    }
    let (magic, page_bytes) = (word(&head, 0), word(&head, 8));
    let words = Words { big_endian: magic & 1 == 1 };
    let sum = words.add(Sum(0, 0), &head[..24]);
    let fits = magic & !1 == MAGIC
        && word(&head, 4) == VERSION
        && page_bytes.is_power_of_two()
        && PAGE_BYTES.contains(&page_bytes)
        && sum == stored(&head, 24);
    if !fits {
        // It is synced before the first frame: a power cut leaves no frame behind a bad one.
        let more = filled(log, &mut [0; FRAME_HEAD_BYTES])?;
        return Ok(more.then_some("o cabeçalho do -wal não confere"));
    }

    let mut frame = vec![0; FRAME_HEAD_BYTES + page_bytes as usize];
    let mut before = sum;
    let (mut bad, mut commit_since) = (false, false);
    while filled(log, &mut frame)? {
        let (head_of_frame, page) = frame.split_at(FRAME_HEAD_BYTES);
        // Of an earlier round of the log both salts differ: a power cut may leave such a frame between newer ones.
        let salts =
            [8..12, 12..16].map(|half| head_of_frame[half.clone()] == head[half.start + 8..half.end + 8]);
        let sum = words.add(words.add(before, &head_of_frame[..FRAME_SUMMED_BYTES]), page);
        before = stored(head_of_frame, 16);
        let fits = salts == [true; 2] && sum == before;
        if fits && commit_since {
            return Ok(Some("um pedaço do -wal não confere"));
        }
        bad |= !fits;
        // Each frame continues the sum of the one before as it stands there, so those behind a bad one can be judged.
        commit_since |= bad && word(head_of_frame, 4) != 0 && salts != [false; 2];
    }
    Ok(None)
}

/// Whether the whole buffer was there.
fn filled(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn stored(bytes: &[u8], at: usize) -> Sum {
    Sum(word(bytes, at), word(bytes, at + 4))
}

impl Words {
    /// SQLite's checksum, continued.
    fn add(&self, sum: Sum, bytes: &[u8]) -> Sum {
        bytes.chunks_exact(8).fold(sum, |Sum(first, second), pair| {
            let read = |at| if self.big_endian { word(pair, at) } else { word(pair, at).swap_bytes() };
            let first = first.wrapping_add(read(0)).wrapping_add(second);
            Sum(first, second.wrapping_add(read(4)).wrapping_add(first))
        })
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    const PAGE: usize = 4096;
    const FRAME: usize = FRAME_HEAD_BYTES + PAGE;

    /// A log of five commits of which each wrote three pages or more, and where the last one begins.
    fn log() -> (Vec<u8>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let db = Connection::open(folder.path().join("db")).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        db.execute_batch("CREATE TABLE t (a BLOB)").unwrap();
        let bytes = || std::fs::read(folder.path().join("db-wal")).unwrap();
        let mut last = 0;
        for _ in 0..4 {
            last = bytes().len();
            db.execute("INSERT INTO t VALUES (randomblob(9000))", []).unwrap();
        }
        (bytes(), last)
    }

    fn found(bytes: &[u8]) -> Option<&'static str> {
        examine(&mut &bytes[..]).unwrap()
    }

    #[test]
    fn any_bit_that_falls_over_before_the_last_commit_is_found() {
        let (whole, last) = log();
        assert_eq!(found(&whole), None);
        // Every byte of every head, and some of each page.
        let of_heads = |at: usize| at < HEAD_BYTES || (at - HEAD_BYTES) % FRAME < FRAME_HEAD_BYTES;
        for at in (0..last).filter(|at| of_heads(*at) || at % 97 == 0) {
            let mut bent = whole.clone();
            bent[at] ^= 1 << (at % 8);
            assert!(found(&bent).is_some(), "byte {at} of {last}");
        }
    }

    #[test]
    fn what_a_power_cut_leaves_of_the_last_commit_is_no_damage() {
        let (whole, last) = log();
        for length in (last..whole.len()).step_by(1_000) {
            assert_eq!(found(&whole[..length]), None, "{length}");
        }
        for lost in (last..whole.len()).step_by(512) {
            let mut torn = whole.clone();
            torn[lost..(lost + 512).min(whole.len())].fill(0);
            assert_eq!(found(&torn), None, "a sector at {lost}");
        }
        for short in 0..=HEAD_BYTES {
            assert_eq!(found(&whole[..short]), None, "{short}");
        }
    }

    #[test]
    fn frames_of_an_earlier_round_are_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let db = Connection::open(folder.path().join("db")).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        db.execute_batch("CREATE TABLE t (a BLOB); INSERT INTO t VALUES (randomblob(90000))").unwrap();
        let bytes = || std::fs::read(folder.path().join("db-wal")).unwrap();
        let first = bytes();
        db.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
        for _ in 0..3 {
            db.execute("INSERT INTO t VALUES (randomblob(9000))", []).unwrap();
            assert_eq!(found(&bytes()), None);
        }
        let second = bytes();
        assert_eq!(second.len(), first.len(), "the new round lies over the old one");
        // A power cut before the sync of the last commit: any one of its frames was not written.
        let is_new = |frame: &usize| second[HEAD_BYTES + frame * FRAME..][8..16] == second[16..24];
        let new = (0..).take_while(is_new).count();
        assert!(new > 6);
        for lost in new - 3..new {
            let (mut torn, at) = (second.clone(), HEAD_BYTES + lost * FRAME);
            torn[at..at + FRAME].copy_from_slice(&first[at..at + FRAME]);
            assert_eq!(found(&torn), None, "frame {lost} of {new}");
        }
    }
}
