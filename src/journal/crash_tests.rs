//! Cuts the power at every write and every sync, reopens, and checks what is left.
//!
//! The storage below keeps what was synced apart from what was only written. At the cut, of the writes since the last
//! sync an arbitrary part reaches the disk: none, all, every other one, or the first half of each.

use std::io;
use std::sync::{Arc, Mutex};

use redb::StorageBackend;

use super::tests::record;
use super::*;

#[derive(Clone, Debug)]
pub(super) enum Write {
    Bytes(usize, Vec<u8>),
    Len(usize),
}

#[derive(Debug)]
struct Disk {
    /// What reads see.
    live: Vec<u8>,
    synced: Vec<u8>,
    since_sync: Vec<Write>,
    /// Writes and syncs until the power goes.
    left: usize,
    done: usize,
    cut: bool,
    /// What the system refuses, and in which words.
    refused: Option<(Door, io::ErrorKind)>,
}

/// What a system may refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Bytes, and another length.
    Write,
    /// That they are safe.
    Sync,
}

/// Storage whose power can be cut.
#[derive(Clone, Debug)]
pub(crate) struct CutBackend(Arc<Mutex<Disk>>);

#[derive(Clone, Copy, Debug)]
enum Lost {
    All,
    Nothing,
    EverySecond,
    SecondHalves,
}

impl CutBackend {
    pub(super) fn new(image: Vec<u8>, left: usize) -> Self {
        let disk = Disk {
            live: image.clone(),
            synced: image,
            since_sync: vec![],
            left,
            done: 0,
            cut: false,
            refused: None,
        };
        Self(Arc::new(Mutex::new(disk)))
    }

    pub(crate) fn empty() -> Self {
        Self::new(vec![], usize::MAX)
    }

    /// From now on nothing can be written.
    pub(crate) fn cut(&self) {
        self.0.lock().unwrap().left = 0;
    }

    /// From now on the system refuses this.
    pub(crate) fn refuse(&self, door: Door, kind: io::ErrorKind) {
        self.0.lock().unwrap().refused = Some((door, kind));
    }

    /// Writes and syncs up to now.
    pub(super) fn operations(&self) -> usize {
        self.0.lock().unwrap().done
    }

    /// What reads see.
    pub(super) fn live_image(&self) -> Vec<u8> {
        self.0.lock().unwrap().live.clone()
    }

    /// What is safe, and what was written since.
    pub(super) fn on_disk(&self) -> (Vec<u8>, Vec<Write>) {
        let disk = self.0.lock().unwrap();
        (disk.synced.clone(), disk.since_sync.clone())
    }

    /// What is on the disk when power comes back.
    fn after(&self, lost: Lost) -> Vec<u8> {
        let disk = self.0.lock().unwrap();
        let mut image = disk.synced.clone();
        for (n, write) in disk.since_sync.iter().enumerate() {
            match lost {
                Lost::All => {}
                Lost::EverySecond if n % 2 == 1 => {}
                Lost::Nothing | Lost::EverySecond => apply(&mut image, write, usize::MAX),
                Lost::SecondHalves => {
                    let half = match write {
                        Write::Bytes(_, bytes) => bytes.len() / 2,
                        Write::Len(_) => usize::MAX,
                    };
                    apply(&mut image, write, half);
                }
            }
        }
        image
    }

    fn operate(&self, door: Door, act: impl FnOnce(&mut Disk)) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        if let Some((_, kind)) = disk.refused.filter(|(refused, _)| *refused == door) {
            return Err(kind.into());
        }
        if disk.left == 0 {
            disk.cut = true;
            return Err(io::Error::other("power is off"));
        }
        disk.left -= 1;
        disk.done += 1;
        act(&mut disk);
        Ok(())
    }
}

impl Write {
    /// How many bytes it carries.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Bytes(_, bytes) => bytes.len(),
            Self::Len(_) => 0,
        }
    }
}

pub(super) fn apply(image: &mut Vec<u8>, write: &Write, at_most: usize) {
    match write {
        Write::Len(len) => image.resize(*len, 0),
        Write::Bytes(at, bytes) => {
            let bytes = &bytes[..bytes.len().min(at_most)];
            if image.len() < at + bytes.len() {
                image.resize(at + bytes.len(), 0);
            }
            image[*at..at + bytes.len()].copy_from_slice(bytes);
        }
    }
}

impl Disk {
    fn write(&mut self, write: Write) {
        apply(&mut self.live, &write, usize::MAX);
        self.since_sync.push(write);
    }
}

fn index(n: u64) -> usize {
    usize::try_from(n).unwrap()
}

impl StorageBackend for CutBackend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let disk = self.0.lock().unwrap();
        let range = index(offset)..index(offset) + out.len();
        out.copy_from_slice(disk.live.get(range).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.operate(Door::Write, |disk| disk.write(Write::Len(index(len))))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.operate(Door::Sync, |disk| {
            disk.synced = disk.live.clone();
            disk.since_sync.clear();
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.operate(Door::Write, |disk| disk.write(Write::Bytes(index(offset), data.to_vec())))
    }
}

/// What the script asked for and what it was told.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) asked: u64,
    pub(super) acknowledged_synced: u64,
}

/// Fewer writes and syncs than this are not worth cutting.
pub(super) const OPERATIONS_MIN: usize = 50;

/// A short life of a terminal; ends early when the power goes.
pub(super) fn live(backend: CutBackend, told: &mut Told) -> Result<(), JournalError> {
    let (mut journal, opened) = Journal::open_with_backend(backend)?;
    assert!(opened.records.is_empty() && opened.snapshot.is_none());
    for step in 0..12_u64 {
        let first = told.asked + 1;
        let count = 1 + step % 3;
        told.asked += count;
        let synced: Vec<Record> = (first..first + count).map(record).collect();
        if step % 4 == 3 {
            // Needs no sync: as if it were the same record, told again by the service.
            journal.append(&vec![Record::StraysSeen; index(count)])?;
        } else {
            journal.append(&synced)?;
            told.acknowledged_synced = told.asked;
        }
        if step == 6 {
            journal.compact(&Durable::default())?;
            told.acknowledged_synced = told.asked;
        }
    }
    Ok(())
}

/// A new journal. redb makes an empty database first; on a real directory that happens under another name.
pub(super) fn made() -> Vec<u8> {
    let new = CutBackend::empty();
    drop(Journal::open_with_backend(new.clone()).unwrap());
    new.after(Lost::All)
}

/// What the script would have appended as number `seq`.
pub(super) fn expected(seq: u64) -> Record {
    let mut asked = 0;
    for step in 0..12_u64 {
        let count = 1 + step % 3;
        if seq <= asked + count {
            return if step % 4 == 3 { Record::StraysSeen } else { record(seq) };
        }
        asked += count;
    }
    panic!("no record {seq}");
}

#[test]
fn a_power_cut_at_any_write_or_sync_loses_nothing_that_was_acknowledged() {
    let new = made();
    let whole = CutBackend::new(new.clone(), usize::MAX);
    live(whole.clone(), &mut Told::default()).unwrap();
    let operations = whole.0.lock().unwrap().done;
    assert!(operations > OPERATIONS_MIN, "the script is worth cutting: {operations}");

    for cut_after in 0..operations {
        let backend = CutBackend::new(new.clone(), cut_after);
        let mut told = Told::default();
        let ended = live(backend.clone(), &mut told);
        assert!(backend.0.lock().unwrap().cut, "cut after {cut_after} of {operations}");
        for lost in [Lost::All, Lost::Nothing, Lost::EverySecond, Lost::SecondHalves] {
            let place = format!("cut after {cut_after} of {operations}, lost {lost:?}, {told:?}, {ended:?}");
            let disk = CutBackend::new(backend.after(lost), usize::MAX);
            let (mut journal, opened) = match Journal::open_with_backend(disk) {
                Ok(open) => open,
                Err(error) => panic!("{place}: {error:?}"),
            };
            let (first, last) = (journal.snapshot_seq + 1, journal.last_seq);
            assert!(last >= told.acknowledged_synced, "{place}: ends at {last}");
            assert!(last <= told.asked, "{place}: ends at {last}");
            assert_eq!(opened.records, (first..=last).map(expected).collect::<Vec<_>>(), "{place}");
            assert_eq!(opened.snapshot.is_some(), first > 1, "{place}");
            journal.append(&[record(0)]).expect("the journal goes on after a power cut");
        }
    }
}

#[test]
fn after_a_failed_write_nothing_is_appended_until_the_journal_is_opened_again() {
    let backend = CutBackend::empty();
    let (mut journal, _) = Journal::open_with_backend(backend.clone()).unwrap();
    backend.cut();
    assert!(matches!(journal.append(&[record(1)]), Err(JournalError::Storage(_))));
    backend.0.lock().unwrap().left = usize::MAX;
    assert!(matches!(journal.append(&[record(1)]), Err(JournalError::Failed)));
    assert!(matches!(journal.compact(&Durable::default()), Err(JournalError::Failed)));
}

#[test]
fn records_that_need_no_sync_are_synced_once_in_a_while() {
    let backend = CutBackend::empty();
    let (mut journal, _) = Journal::open_with_backend(backend.clone()).unwrap();
    for _ in 0..UNSYNCED_APPENDS_MAX {
        journal.append(&[Record::StraysSeen]).unwrap();
    }
    journal.append(&[Record::StraysSeen]).unwrap();
    let (_, opened) =
        Journal::open_with_backend(CutBackend::new(backend.after(Lost::All), usize::MAX)).unwrap();
    assert_eq!(opened.records.len(), UNSYNCED_APPENDS_MAX as usize);
}
