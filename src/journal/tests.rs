//! What the journal promises on a real directory. Power cuts are in `crash_tests`.

use std::fs;

use protocol::UnixMillis;
use tempfile::TempDir;

use super::*;
use crate::flow::record::{Stray, StrayReason};

/// A record that must be synced and that says which one it is.
pub(super) fn record(n: u64) -> Record {
    Record::Stray(Stray {
        answer: format!("stone://answer/{n}"),
        attempt_id: None,
        why: StrayReason::Unknown,
        at: UnixMillis(n.cast_signed()),
    })
}

fn dir() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Opens, appends `count` records, closes.
fn used(dir: &TempDir, count: u64) {
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    let records: Vec<_> = (1..=count).map(record).collect();
    journal.append(&records).unwrap();
}

fn numbers(range: impl Iterator<Item = u64>) -> Vec<Record> {
    range.map(record).collect()
}

type Change = fn(&redb::WriteTransaction);

/// Changes the tables behind the journal's back.
fn tamper(dir: &TempDir, change: impl FnOnce(&redb::WriteTransaction)) {
    let db = Database::open(dir.path().join("journal.redb")).unwrap();
    let txn = db.begin_write().unwrap();
    change(&txn);
    txn.commit().unwrap();
}

fn damage(dir: &TempDir) -> String {
    match Journal::open(dir.path()) {
        Err(JournalError::Damaged { what }) => what,
        other => panic!("taken for good: {other:?}"),
    }
}

#[test]
fn records_come_back_in_order_after_a_restart() {
    let dir = dir();
    used(&dir, 3);
    let (mut journal, opened) = Journal::open(dir.path()).unwrap();
    assert_eq!(opened.records, numbers(1..=3));
    assert!(opened.snapshot.is_none());
    journal.append(&[record(4), Record::StraysSeen]).unwrap();
    drop(journal);
    let (_, opened) = Journal::open(dir.path()).unwrap();
    assert_eq!(opened.records[3..], [record(4), Record::StraysSeen]);
}

#[test]
fn after_compaction_only_the_snapshot_and_later_records_are_replayed() {
    let dir = dir();
    used(&dir, 5);
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    assert_eq!(journal.records_since_snapshot(), 5);
    assert!(journal.bytes_since_snapshot() > 0);
    journal.compact(&Durable::default()).unwrap();
    assert_eq!((journal.records_since_snapshot(), journal.bytes_since_snapshot()), (0, 0));
    journal.append(&[record(6)]).unwrap();
    drop(journal);
    let (journal, opened) = Journal::open(dir.path()).unwrap();
    assert_eq!(opened.snapshot, Some(Durable::default()));
    assert_eq!(opened.records, numbers(6..=6));
    assert_eq!(journal.records_since_snapshot(), 1);
}

#[test]
fn a_directory_has_one_journal_at_a_time_and_is_free_when_it_is_dropped() {
    let dir = dir();
    let (journal, _) = Journal::open(dir.path()).unwrap();
    assert!(matches!(Journal::open(dir.path()), Err(JournalError::InUse)));
    drop(journal);
    assert!(Journal::open(dir.path()).is_ok());
}

#[test]
fn a_lost_or_emptied_journal_is_damage_and_stays_as_it_is() {
    let dir = dir();
    used(&dir, 2);
    let file = dir.path().join("journal.redb");
    fs::write(&file, b"").unwrap();
    assert!(damage(&dir).contains("empty"));
    assert_eq!(fs::read(&file).unwrap(), b"", "kept for support");
    fs::remove_file(&file).unwrap();
    assert!(damage(&dir).contains("missing"));
    assert!(!file.exists(), "never recreated over a used directory");
}

#[test]
fn a_first_start_that_was_cut_short_is_no_damage() {
    let dir = dir();
    fs::write(dir.path().join("journal.fresh"), b"half a journal").unwrap();
    used(&dir, 1);
    // Cut between the rename and the marker.
    fs::remove_file(dir.path().join("journal.created")).unwrap();
    let (_, opened) = Journal::open(dir.path()).unwrap();
    assert_eq!(opened.records, numbers(1..=1));
    assert!(dir.path().join("journal.created").exists());
}

#[test]
fn a_cut_file_and_a_file_of_something_else_are_damage() {
    let dir = dir();
    used(&dir, 20);
    let file = dir.path().join("journal.redb");
    let good = fs::read(&file).unwrap();
    for len in [1, 100, 4096, good.len() / 2] {
        fs::write(&file, &good[..len]).unwrap();
        damage(&dir);
    }
    fs::write(&file, b"<html>".repeat(1000)).unwrap();
    damage(&dir);
    fs::write(&file, &good).unwrap();
    assert_eq!(Journal::open(dir.path()).unwrap().1.records, numbers(1..=20));
}

#[test]
fn a_flipped_bit_in_any_page_is_found_or_harmless() {
    let dir = dir();
    used(&dir, 20);
    let file = dir.path().join("journal.redb");
    let good = fs::read(&file).unwrap();
    let mut found = 0;
    for page in good.chunks(4096).enumerate().filter(|(_, page)| page.iter().any(|b| *b != 0)) {
        let in_page = page.1.iter().position(|b| *b != 0).unwrap();
        let mut bad = good.clone();
        bad[page.0 * 4096 + in_page] ^= 1;
        fs::write(&file, &bad).unwrap();
        match Journal::open(dir.path()) {
            Ok((_, opened)) => assert_eq!(opened.records, numbers(1..=20), "page {}", page.0),
            Err(JournalError::Damaged { .. }) => found += 1,
            Err(other) => panic!("page {}: {other:?}", page.0),
        }
    }
    assert!(found > 0);
}

#[test]
fn an_entry_that_changed_moved_or_vanished_is_damage() {
    let changes: [(&str, Change); 5] = [
        ("record 2: checksum", |txn| {
            let mut table = txn.open_table(RECORDS).unwrap();
            let mut bytes = table.get(2).unwrap().unwrap().value().to_vec();
            *bytes.last_mut().unwrap() ^= 1;
            table.insert(2, bytes.as_slice()).unwrap();
        }),
        ("record 2: checksum", |txn| {
            txn.open_table(RECORDS).unwrap().insert(2, [].as_slice()).unwrap();
        }),
        ("record 2 says it is 3", |txn| {
            let mut table = txn.open_table(RECORDS).unwrap();
            let bytes = table.get(3).unwrap().unwrap().value().to_vec();
            table.insert(2, bytes.as_slice()).unwrap();
        }),
        ("record 2 is missing", |txn| {
            txn.open_table(RECORDS).unwrap().remove(2).unwrap();
        }),
        ("ends at record 2 instead of 3", |txn| {
            txn.open_table(RECORDS).unwrap().remove(3).unwrap();
        }),
    ];
    for (expected, change) in changes {
        let dir = dir();
        used(&dir, 3);
        tamper(&dir, change);
        let what = damage(&dir);
        assert!(what.contains(expected), "{what}");
    }
}

#[test]
fn a_journal_of_a_newer_version_is_told_apart_from_a_damaged_one() {
    let newer: [Change; 2] = [
        |txn| {
            txn.open_table(META).unwrap().insert(META_FORMAT, FORMAT + 1).unwrap();
        },
        |txn| {
            let json = br#"{"v":2,"seq":3,"record":{"of":"tomorrow"}}"#;
            let entry = [crc32fast::hash(json).to_le_bytes().as_slice(), json].concat();
            txn.open_table(RECORDS).unwrap().insert(3, entry.as_slice()).unwrap();
        },
    ];
    for change in newer {
        let dir = dir();
        used(&dir, 3);
        tamper(&dir, change);
        assert!(matches!(Journal::open(dir.path()), Err(JournalError::NewerVersion { found: 2 })));
    }
}

#[test]
fn an_entry_looks_like_this() {
    let entry = envelope::seal_record(7, &Record::StraysSeen).unwrap();
    assert_eq!(&entry[4..], br#"{"v":1,"seq":7,"record":"strays_seen"}"#);
    assert_eq!(entry[..4], 0x36f5_6534_u32.to_le_bytes());
}

#[test]
fn what_the_operator_reads_says_what_to_do() {
    let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
    assert!(JournalError::from(redb::Error::Io(full)).sentence().contains("Libere espaço"));
    let read_only = std::io::Error::from(std::io::ErrorKind::ReadOnlyFilesystem);
    assert!(matches!(JournalError::from(read_only), JournalError::ReadOnly));
    assert!(JournalError::damaged(String::new()).sentence().contains("não apague nada"));
}

#[test]
fn a_journal_that_is_used_for_long_stays_small() {
    let dir = dir();
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    let mut largest = 0;
    for round in 0..40 {
        for n in 0..10 {
            journal.append(&numbers(round..round + n)).unwrap();
        }
        journal.compact(&Durable::default()).unwrap();
        largest = largest.max(journal.size_bytes().unwrap());
    }
    assert!(largest < 4 * 1024 * 1024, "{largest}");
}
