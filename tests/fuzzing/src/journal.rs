//! A journal on storage that was changed under it. The first byte chooses:
//!
//! - 0: the storage holds the rest, whatever it is;
//! - 1: a healthy journal on which the rest was written over: pieces of a place (4 bytes), a length (1) and bytes;
//! - else: the rest is one record a line, which a journal gives back as it got them.

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use pos_connect::flow::Record;
use pos_connect::journal::{Journal, JournalError};
use redb::StorageBackend;

/// Largest storage in bytes; a journal in use is far smaller.
const STORAGE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// One record of each kind.
const RECORDS: &str = include_str!("../../../src/journal/fixtures/records-v1.jsonl");

/// Checks one storage.
pub fn check(data: &[u8]) -> bool {
    let Some((choice, rest)) = data.split_first() else {
        return false;
    };
    match choice {
        0 => opened_or_refused(rest.to_vec(), &[]),
        1 => {
            let mut image = healthy().to_vec();
            write_over(&mut image, rest);
            opened_or_refused(image, &records())
        }
        _ => written_and_read(rest),
    }
}

/// A journal opens with records that were in it, from the first on and all but the last, or says why it does not. It is
/// never made anew over bytes that somebody left.
fn opened_or_refused(image: Vec<u8>, was: &[Record]) -> bool {
    let empty = image.is_empty();
    match Journal::open_with_backend(Memory::new(image)) {
        Ok((_, opened)) => {
            assert!(empty || !was.is_empty(), "an empty journal over data");
            assert_eq!(opened.snapshot, None);
            assert!(was.starts_with(&opened.records), "records that nobody wrote");
            assert!(
                opened.records.len() + 1 >= was.len(),
                "{} of {} records",
                opened.records.len(),
                was.len()
            );
            true
        }
        Err(error) => {
            assert!(!error.sentence().is_empty(), "{error}");
            false
        }
    }
}

fn written_and_read(lines: &[u8]) -> bool {
    let lines = String::from_utf8_lossy(lines);
    let records: Vec<Record> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if records.is_empty() {
        return false;
    }
    let memory = Memory::new(vec![]);
    let (mut journal, _) = Journal::open_with_backend(memory.clone()).expect("a new journal");
    match journal.append(&records) {
        Ok(()) => {}
        Err(JournalError::StorageFull) => return false,
        Err(error) => panic!("{error}"),
    }
    drop(journal);
    let (_, opened) = Journal::open_with_backend(memory).expect("a journal that was written");
    assert_eq!(opened.records, records);
    true
}

fn records() -> Vec<Record> {
    RECORDS.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

/// The bytes of a journal with one record of each kind.
fn healthy() -> &'static [u8] {
    static IMAGE: OnceLock<Vec<u8>> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let memory = Memory::new(vec![]);
        let (mut journal, _) = Journal::open_with_backend(memory.clone()).expect("a new journal");
        for record in records() {
            journal.append(&[record]).expect("a record is appended");
        }
        drop(journal);
        memory.bytes()
    })
}

fn write_over(image: &mut [u8], mut pieces: &[u8]) {
    while let Some((head, rest)) = pieces.split_first_chunk::<5>() {
        let [a, b, c, d, length] = *head;
        let at = u32::from_le_bytes([a, b, c, d]) as usize % image.len();
        let (bytes, next) = rest.split_at(usize::from(length).min(rest.len()));
        let end = (at + bytes.len()).min(image.len());
        image[at..end].copy_from_slice(&bytes[..end - at]);
        pieces = next;
    }
}

/// Storage in memory that does not grow without end.
#[derive(Clone, Debug)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(bytes)))
    }

    fn bytes(&self) -> Vec<u8> {
        self.with(|bytes| bytes.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StorageBackend for Memory {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.with(|bytes| bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.with(|bytes| {
            let at = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
            let part = at.checked_add(out.len()).and_then(|end| bytes.get(at..end));
            out.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        let len = usize::try_from(len).ok().filter(|len| *len <= STORAGE_BYTES_MAX);
        let len = len.ok_or(io::ErrorKind::StorageFull)?;
        self.with(|bytes| bytes.resize(len, 0));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.with(|bytes| {
            let at = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
            let part = at.checked_add(data.len()).and_then(|end| bytes.get_mut(at..end));
            part.ok_or(io::ErrorKind::UnexpectedEof)?.copy_from_slice(data);
            Ok(())
        })
    }
}
