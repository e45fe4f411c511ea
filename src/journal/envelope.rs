//! How a record or a snapshot is written: CRC-32 (little endian) of the rest, then JSON `{"v", "seq", …}`.
//!
//! redb has checksums of its own pages. This one covers the way from our types to redb and back, so that an entry that
//! got into the wrong place, or was cut, is found as well.

use serde::{Deserialize, Serialize};

use super::JournalError;
use crate::flow::{Durable, Record};

/// Version of the types inside. See the policy in [`super`].
pub(super) const VERSION: u32 = 1;

const CRC_BYTES: usize = size_of::<u32>();

#[derive(Serialize)]
struct SealedRecord<'a> {
    v: u32,
    seq: u64,
    record: &'a Record,
}

#[derive(Deserialize)]
struct OpenRecord {
    seq: u64,
    record: Record,
}

#[derive(Serialize)]
struct SealedSnapshot<'a> {
    v: u32,
    seq: u64,
    durable: &'a Durable,
}

#[derive(Deserialize)]
struct OpenSnapshot {
    seq: u64,
    durable: Durable,
}

/// What every version has.
#[derive(Deserialize)]
struct Head {
    v: u32,
}

pub(super) fn seal_record(seq: u64, record: &Record) -> Result<Vec<u8>, JournalError> {
    seal(&SealedRecord { v: VERSION, seq, record })
}

pub(super) fn seal_snapshot(seq: u64, durable: &Durable) -> Result<Vec<u8>, JournalError> {
    seal(&SealedSnapshot { v: VERSION, seq, durable })
}

pub(super) fn open_record(seq: u64, entry: &[u8]) -> Result<Record, JournalError> {
    let what = || format!("record {seq}");
    let json = checked(entry, what)?;
    let open: OpenRecord = serde_json::from_slice(json).map_err(|e| unreadable(what(), &e))?;
    if open.seq != seq {
        return Err(JournalError::damaged(format!("record {seq} says it is {}", open.seq)));
    }
    Ok(open.record)
}

/// The snapshot, and the last record that is in it.
pub(super) fn open_snapshot(entry: &[u8]) -> Result<(u64, Durable), JournalError> {
    let what = || "snapshot".to_owned();
    let json = checked(entry, what)?;
    let open: OpenSnapshot = serde_json::from_slice(json).map_err(|e| unreadable(what(), &e))?;
    Ok((open.seq, open.durable))
}

fn seal(value: &impl Serialize) -> Result<Vec<u8>, JournalError> {
    let mut entry = vec![0; CRC_BYTES];
    serde_json::to_writer(&mut entry, value).map_err(JournalError::Encode)?;
    let crc = crc32fast::hash(&entry[CRC_BYTES..]);
    entry[..CRC_BYTES].copy_from_slice(&crc.to_le_bytes());
    Ok(entry)
}

/// The JSON of an entry whose checksum and version are right.
fn checked(entry: &[u8], what: impl Fn() -> String) -> Result<&[u8], JournalError> {
    let whole = entry.split_first_chunk::<CRC_BYTES>();
    let Some((crc, json)) = whole.filter(|(crc, json)| u32::from_le_bytes(**crc) == crc32fast::hash(json))
    else {
        return Err(JournalError::damaged(format!("{}: checksum", what())));
    };
    debug_assert_eq!(crc.len(), CRC_BYTES);
    let head: Head = serde_json::from_slice(json).map_err(|e| unreadable(what(), &e))?;
    if head.v > VERSION {
        return Err(JournalError::NewerVersion { found: head.v.into() });
    }
    if head.v < VERSION {
        return Err(JournalError::damaged(format!("{}: version {}", what(), head.v)));
    }
    Ok(json)
}

/// Only where it failed: serde's own text may quote what a token or an answer contains.
fn unreadable(what: String, error: &serde_json::Error) -> JournalError {
    let (line, column) = (error.line(), error.column());
    JournalError::damaged(format!("{what}: unreadable at {line}:{column}"))
}
