//! The journal against a real operating system: a disk that is full, a file that cannot be written, another process.
//!
//! What needs a process of its own runs this test program again with one test, under a shell that sets its limits.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};

use super::crash_tests::{CutBackend, Door};
use super::tests::record;
use super::*;

/// Set for a test that runs in a child: its directory.
const CHILD_DIR: &str = "POS_CONNECT_JOURNAL_CHILD";
/// What the child may write per file, in the shell's blocks; beyond it the system refuses.
const LIMIT_BLOCKS: u32 = 4096;
/// Appends that surely do not fit: each entry is some 40 KB.
const TOO_MANY: u64 = 2_000;

/// The directory, when this is the child.
fn child_dir() -> Option<PathBuf> {
    std::env::var_os(CHILD_DIR).map(PathBuf::from)
}

/// Runs one test again in a process of its own.
fn child(test: &str, dir: &Path, limits: &str) -> Output {
    let script = format!("{limits} exec \"$0\" --exact journal::process_tests::{test} --nocapture");
    let program = std::env::current_exe().unwrap();
    Command::new("sh").arg("-c").arg(script).arg(program).env(CHILD_DIR, dir).output().unwrap()
}

fn large(n: u64) -> Vec<Record> {
    vec![record(n); 500]
}

#[test]
fn a_full_disk_blocks_the_journal_and_loses_nothing_that_was_acknowledged() {
    if let Some(dir) = child_dir() {
        let (mut journal, _) = Journal::open(&dir).unwrap();
        for n in 0..TOO_MANY {
            if let Err(error) = journal.append(&large(n)) {
                assert!(matches!(error, JournalError::StorageFull), "{error:?}");
                assert!(error.sentence().contains("Libere espaço"));
                assert!(matches!(journal.append(&[record(1)]), Err(JournalError::Failed)));
                println!("acknowledged {n}");
                return;
            }
        }
        panic!("it never was full");
    }
    let dir = tempfile::tempdir().unwrap();
    let test = "a_full_disk_blocks_the_journal_and_loses_nothing_that_was_acknowledged";
    let output = child(test, dir.path(), &format!("trap '' XFSZ; ulimit -f {LIMIT_BLOCKS};"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let acknowledged = said.split("acknowledged ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let acknowledged: u64 = acknowledged.unwrap().parse().unwrap();
    assert!(acknowledged > 0);
    let (mut journal, opened) = Journal::open(dir.path()).expect("with room again it goes on");
    let all: Vec<Record> = (0..acknowledged).flat_map(large).collect();
    assert!(opened.records == all, "{} records of {}", opened.records.len(), all.len());
    journal.append(&[record(1)]).unwrap();
}

#[test]
fn a_second_process_is_refused_until_the_first_is_gone() {
    if let Some(dir) = child_dir() {
        let error = Journal::open(&dir).expect_err("it is open in the parent");
        assert!(matches!(error, JournalError::InUse), "{error:?}");
        println!("refused");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    journal.append(&[record(1)]).unwrap();
    let output = child("a_second_process_is_refused_until_the_first_is_gone", dir.path(), "");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("refused"), "{said}");
    journal.append(&[record(2)]).expect("the first goes on");
    drop(journal);
    assert_eq!(Journal::open(dir.path()).unwrap().1.records, [record(1), record(2)]);
}

#[test]
fn a_file_that_cannot_be_written_blocks_the_journal_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = Journal::open(dir.path()).unwrap();
    journal.append(&[record(1)]).unwrap();
    drop(journal);
    let file = dir.path().join("journal.redb");
    let before = std::fs::read(&file).unwrap();
    let mut permissions = file.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&file, permissions).unwrap();
    match Journal::open(dir.path()) {
        Err(error) => {
            assert!(matches!(error, JournalError::ReadOnly), "{error:?}");
            assert!(error.sentence().contains("não deixa o aplicativo gravar"));
            assert_eq!(std::fs::read(&file).unwrap(), before);
        }
        // Root writes everywhere: the storage of the next test refuses root too.
        Ok((_, opened)) => assert_eq!(opened.records, [record(1)]),
    }
}

#[test]
fn a_storage_that_turned_read_only_blocks_the_journal_and_stays_as_it_is() {
    let disk = CutBackend::empty();
    let (mut journal, _) = Journal::open_with_backend(disk.clone()).unwrap();
    journal.append(&[record(1)]).unwrap();
    let before = disk.live_image();
    // Under a journal in use, as Android does with a card that is dying...
    disk.refuse(Door::Write, ErrorKind::ReadOnlyFilesystem);
    let refused = journal.append(&[record(2)]).expect_err("nothing can be written");
    assert!(matches!(refused, JournalError::ReadOnly), "{refused:?}");
    assert!(matches!(journal.append(&[record(2)]), Err(JournalError::Failed)));
    drop(journal);
    assert!(disk.live_image() == before, "nothing was written");
    // ...and before a start.
    for kind in [ErrorKind::ReadOnlyFilesystem, ErrorKind::PermissionDenied] {
        let disk = CutBackend::new(before.clone(), usize::MAX);
        disk.refuse(Door::Write, kind);
        let error = Journal::open_with_backend(disk.clone()).expect_err("it must be able to write");
        assert!(matches!(error, JournalError::ReadOnly), "{error:?}");
        assert!(error.sentence().contains("não deixa o aplicativo gravar"));
        assert!(disk.live_image() == before);
    }
    let (_, opened) = Journal::open_with_backend(CutBackend::new(before, usize::MAX)).unwrap();
    assert_eq!(opened.records, [record(1)]);
}
