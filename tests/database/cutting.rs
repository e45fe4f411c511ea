//! A database or its log of commits that is shorter than it was, or gone.

use super::image::{Image, killed};
use super::service::{DAMAGED, Verdict};

/// Bytes of a page, and of a frame's and the log's head.
const PAGE: usize = 4096;
const FRAME: usize = PAGE + 24;
const WAL_HEAD: usize = 32;

#[test]
fn a_database_cut_anywhere_is_refused_unless_its_log_of_commits_has_what_is_missing() {
    let image = killed();
    let whole = image.database.len();
    for length in [0, 1, 99, 100, 512, PAGE, PAGE + 2_000, whole / 2 / PAGE * PAGE, whole - PAGE, whole - 1] {
        let short = &image.database[..length];
        println!("{length} bytes of {whole}");
        Image::folder(Some(short), None).is_refused(&[DAMAGED, "restaure um backup"]);
        let folder = Image::folder(Some(short), Some(&image.wal));
        if let Ok(service) = folder.try_start() {
            assert!(length > whole / 2, "no log can have that much");
            let verdict = service.judge(&image.acknowledged);
            // One byte of the last page is missing, and the log need not have that page: the limit of a bent word.
            let word = length == whole - 1 && matches!(verdict, Verdict::Words(_));
            assert!(word || matches!(verdict, Verdict::Intact | Verdict::Told), "{verdict:?}");
        } else {
            Image::folder(Some(short), Some(&image.wal)).is_refused(&[DAMAGED, "restaure um backup"]);
        }
    }
}

#[test]
fn a_database_that_is_gone_is_never_made_anew() {
    for wal in [None, Some(&killed().wal[..])] {
        Image::folder(None, wal).is_refused(&[DAMAGED, "o arquivo sumiu"]);
    }
}

#[test]
fn a_killed_service_goes_on_without_its_shared_memory() {
    let image = killed();
    Image::folder(Some(&image.database), Some(&image.wal)).start().holds(&image.acknowledged);
}

#[test]
fn a_log_of_commits_whose_end_was_never_written_loses_nothing_else() {
    let image = killed();
    // What a power cut leaves of a commit that nobody was told of: half a frame.
    let mut torn = image.wal.clone();
    let frames = (torn.len() - WAL_HEAD) / FRAME;
    assert!(frames > 2);
    torn.extend_from_slice(&image.wal[WAL_HEAD..WAL_HEAD + FRAME / 2]);
    Image::folder(Some(&image.database), Some(&torn)).start().holds(&image.acknowledged);
}

/// The limit, in docs/operations.md: nothing else remembers how long the log was.
#[test]
fn a_log_of_commits_that_is_gone_or_cut_by_hand_takes_its_commits_along() {
    let image = killed();
    let half = WAL_HEAD + (image.wal.len() - WAL_HEAD) / FRAME / 2 * FRAME;
    for wal in [None, Some(&image.wal[..0]), Some(&image.wal[..half])] {
        let folder = Image::folder(Some(&image.database), wal);
        let service = folder.start();
        assert!(matches!(service.judge(&image.acknowledged), Verdict::Silent(_)));
        assert!(service.pdv.order_count() > 0, "what the database itself holds is there");
    }
}
