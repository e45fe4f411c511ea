//! Goal: whatever libFuzzer found worth keeping is handled as it must be, in bounded memory and time.
//! Method: each input of `fuzz/corpus` runs on a thread of its target; whoever waits for it has a ceiling.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use pos_connect_fuzzing::TARGETS;
use pos_connect_fuzzing::ceiling::{Counting, most_taken};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Longest time for one input, in a build without optimisation on a busy machine.
const INPUT_TIME_MAX: Duration = Duration::from_secs(20);
/// All corpora together, in bytes: they are read by every run of the tests.
const CORPORA_BYTES_MAX: usize = 1024 * 1024;

fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("the corpus can be listed").path()).collect();
    files.sort();
    let read = |path: &Path| {
        (
            path.file_name().expect("a file has a name").to_string_lossy().into_owned(),
            fs::read(path).expect("the corpus can be read"),
        )
    };
    files.iter().map(|path| read(path)).collect()
}

/// Runs every input of a target; stops at the first that panics, hangs or takes too much.
fn replay(name: &'static str) {
    let inputs = corpus(name);
    assert!(!inputs.is_empty(), "{name} has a corpus");
    let (done, wait) = channel();
    let names: Vec<String> = inputs.iter().map(|(file, _)| file.clone()).collect();
    thread::spawn(move || {
        for (_, data) in inputs {
            // Nobody waits any more: a test has failed already.
            let _ = done.send(pos_connect_fuzzing::run(name, &data));
        }
    });
    let mut let_in = vec![];
    for file in names {
        match wait.recv_timeout(INPUT_TIME_MAX) {
            Ok(yes) => let_in.push(yes),
            Err(RecvTimeoutError::Timeout) => panic!("{name}/{file} takes more than {INPUT_TIME_MAX:?}"),
            Err(RecvTimeoutError::Disconnected) => panic!("{name}/{file} fails"),
        }
    }
    assert!(
        let_in.contains(&true) && let_in.contains(&false),
        "{name}: a door that is never open or never shut"
    );
}

#[test]
fn return_uris_are_never_taken_for_more_than_they_say() {
    replay("returns");
}

#[test]
fn bytes_of_the_bridge_are_understood_or_refused() {
    replay("bridge");
}

#[test]
fn bodies_survive_being_written_and_read() {
    replay("bodies");
}

#[test]
fn an_agent_lives_with_whatever_it_is_told() {
    replay("feed");
}

#[test]
fn receipts_come_out_within_the_printers_limits() {
    replay("receipts");
}

#[test]
fn a_journal_gives_back_what_was_written_or_says_why_not() {
    replay("journal");
}

#[test]
fn what_a_pdv_sends_becomes_an_order_or_a_refusal() {
    replay("connect");
}

#[test]
fn a_daily_file_is_read_or_refused() {
    replay("conciliation");
}

#[test]
fn every_corpus_has_a_target_and_all_are_small() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let mut found: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    found.sort();
    let mut named: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    named.sort_unstable();
    assert_eq!(found, named);
    let bytes: usize = named.iter().flat_map(|name| corpus(name)).map(|(_, data)| data.len()).sum();
    assert!(bytes <= CORPORA_BYTES_MAX, "{bytes} bytes of corpora");
}

#[test]
fn memory_is_counted() {
    let taken = most_taken(|| drop(vec![0_u8; 1_000_000]));
    assert!((1_000_000..1_100_000).contains(&taken), "{taken}");
    assert!(most_taken(|| {}) < 1_000);
}
