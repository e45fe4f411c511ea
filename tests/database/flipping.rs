//! One bit that falls over, in the database or in its log of commits, while the service is away.

use super::image::{Image, killed};
use super::service::{DAMAGED, Verdict, assert_refusal};

/// Bits of the database that are tried, besides the file's head.
const BITS: usize = 120;
/// Bits of the log of commits that are tried.
const WAL_BITS: usize = 40;
/// Distance between the tried bits of the heads, in bytes.
const HEAD_STEP: usize = 9;
const HEAD_BYTES: usize = 100;
const FRAME: usize = 4096 + 24;
const WAL_HEAD: usize = 32;

fn bent(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bent = bytes.to_vec();
    bent[at] ^= 1 << (at % 8);
    bent
}

#[test]
fn a_bit_that_fell_over_in_the_database_is_told_or_does_no_harm() {
    let image = killed();
    let (mut refused, mut told, mut intact, mut words, mut silent) = (0, 0, 0, vec![], vec![]);
    let step = image.database.len() / BITS;
    let places = (0..HEAD_BYTES).step_by(HEAD_STEP).chain((HEAD_BYTES..image.database.len()).step_by(step));
    for at in places {
        let database = bent(&image.database, at);
        let folder = Image::folder(Some(&database), Some(&image.wal));
        match folder.try_start() {
            Err(ended) => {
                assert_refusal(&ended, &["mobilepayment.db"]);
                refused += 1;
            }
            Ok(service) => match service.judge(&image.acknowledged) {
                Verdict::Intact => intact += 1,
                Verdict::Told => told += 1,
                Verdict::Words(what) => words.push((at, what)),
                Verdict::Silent(what) => silent.push((at, what)),
            },
        }
    }
    println!(
        "refused {refused}, told {told}, harmless {intact}, in a text {}, silent {}",
        words.len(),
        silent.len()
    );
    assert!(silent.is_empty(), "{silent:#?}");
    for (at, what) in words {
        println!("the limit, at {at}: {what}");
    }
}

/// Places of a text in the database.
fn places(text: &str) -> Vec<usize> {
    let found = |(at, bytes): (usize, &[u8])| (bytes == text.as_bytes()).then_some(at);
    killed().database.windows(text.len()).enumerate().filter_map(found).collect()
}

#[test]
fn an_amount_or_a_state_that_one_bit_changed_is_refused() {
    let image = killed();
    // From 1 to 3, and from "open" to "opdn", which only the row's other columns can tell.
    for (text, at, bit) in [("\"total\":10", 8, 1), ("\"status\":\"open\"", 12, 0), ("\"revision\":1", 11, 1)]
    {
        let found = places(text);
        assert!(!found.is_empty(), "{text}");
        let mut database = image.database.clone();
        // Freed pages may hold an older row: every one of them is bent.
        for place in found {
            database[place + at] ^= 1 << bit;
        }
        Image::folder(Some(&database), Some(&image.wal)).is_refused(&[DAMAGED, "restaure um backup"]);
    }
}

#[test]
fn an_order_whose_name_one_bit_changed_in_its_row_or_in_an_index_is_never_silently_unknown() {
    let image = killed();
    let id = image.acknowledged.keys().next().unwrap();
    for place in places(id) {
        let database = bent(&image.database, place + 7);
        let folder = Image::folder(Some(&database), Some(&image.wal));
        match folder.try_start() {
            Err(ended) => assert_refusal(&ended, &["mobilepayment.db", DAMAGED]),
            // The order's name in an event or a key.
            Ok(service) => assert!(matches!(service.judge(&image.acknowledged), Verdict::Intact)),
        }
    }
}

/// The limit, in docs/operations.md: the database has no checksums of its pages.
#[test]
fn a_word_of_the_pdv_that_one_bit_changed_is_not_noticed() {
    let image = killed();
    let mut database = image.database.clone();
    for place in places("Suco de laranja") {
        database[place] ^= 1;
    }
    let folder = Image::folder(Some(&database), Some(&image.wal));
    assert!(matches!(folder.start().judge(&image.acknowledged), Verdict::Words(_)));
}

#[test]
fn a_bit_that_fell_over_in_the_log_of_commits_is_refused_up_to_the_last_commit() {
    let image = killed();
    let frames = (image.wal.len() - WAL_HEAD) / FRAME;
    let is_commit = |frame: &usize| {
        let at = WAL_HEAD + frame * FRAME + 4;
        image.wal[at..at + 4] != [0; 4]
    };
    let commits: Vec<usize> = (0..frames).filter(is_commit).collect();
    let last_begins = WAL_HEAD + (commits[commits.len() - 2] + 1) * FRAME;
    let step = (last_begins / WAL_BITS) | 1;
    for at in (0..WAL_HEAD).step_by(HEAD_STEP).chain((WAL_HEAD..last_begins).step_by(step)) {
        println!("byte {at} of {last_begins}");
        let wal = bent(&image.wal, at);
        Image::folder(Some(&image.database), Some(&wal)).is_refused(&[DAMAGED, "-wal", "restaure um backup"]);
    }
}

/// The limit, in docs/operations.md: a power cut in the middle of the last commit looks just like it.
#[test]
fn a_bit_that_fell_over_in_the_last_commit_takes_that_commit_along_and_nothing_else() {
    let image = killed();
    let wal = bent(&image.wal, image.wal.len() - 1);
    let folder = Image::folder(Some(&image.database), Some(&wal));
    let service = folder.start();
    assert!(service.pdv.order_count() >= image.acknowledged.len() as u64 - 1);
}
