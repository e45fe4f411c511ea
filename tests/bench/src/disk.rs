//! The journal: append and sync, against a bare write and sync of as many bytes in the same directory.

use std::fs::File;
use std::io::Write;

use pos_connect::flow::Record;
use pos_connect::flow::record::StartedAttempt;
use pos_connect::journal::Journal;
use protocol::attempt::AttemptStarted;
use protocol::{AttemptId, Centavos, ClaimId, Fence, Method, OrderId, PaymentChoice, UnixMillis};

use crate::table::{Samples, Table, Target};

const RUNS: usize = 500;

pub(crate) fn measure(table: &mut Table) {
    let directory =
        tempfile::Builder::new().prefix("bench-").tempdir_in(disk()).expect("a directory on the disk");
    let record = Record::AttemptStarted(Box::new(started()));
    let bytes = serde_json::to_vec(&record).expect("a record is JSON");
    let mut file = File::create(directory.path().join("bare")).expect("a file");
    let bare = Samples::of(
        RUNS,
        || (),
        |()| {
            file.write_all(&bytes).expect("there is room");
            file.sync_data().expect("the disk syncs");
        },
    );
    let (mut journal, _) = Journal::open(&directory.path().join("journal")).expect("a new journal");
    let append = Samples::of(
        RUNS,
        || (),
        |()| {
            journal.append(std::slice::from_ref(&record)).expect("the journal takes a record");
        },
    );
    let against = "writing as many bytes and fdatasync";
    table.add(
        "journal: append and sync",
        append.median_us(),
        "us",
        (bare.median_us(), against),
        &Target::RatioAtMost(2.0),
    );
}

/// Where the target directory is: `/tmp` is memory on many machines, and syncs nothing.
pub(crate) fn disk() -> std::path::PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.parent().map_or_else(std::env::temp_dir, ToOwned::to_owned)
}

fn started() -> StartedAttempt {
    StartedAttempt {
        attempt: AttemptStarted {
            attempt_id: AttemptId::from_random(u64::MAX),
            order_id: OrderId::parse("or_0123456789abcdefghjk").expect("an order id"),
            claim_id: ClaimId::from_random(u64::MAX / 3),
            fence: Fence(3),
            amount: Centavos::new(10_000).expect("a small amount"),
            choice: PaymentChoice::at_once(Method::Debit),
            started_at: UnixMillis(1_780_000_000_000),
        },
        order_number: "1001".into(),
        order_name: "Mesa 4".into(),
        order_total: Centavos::new(10_000).expect("a small amount"),
        receipt_expected: false,
        delivery: false,
    }
}
