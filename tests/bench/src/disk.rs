//! The journal: append and sync, against a bare write and sync of as many bytes in the same directory. In turns, because
//! the disk of a shared machine is ten times slower in one second than in the next.

use std::fs::File;
use std::io::Write;
use std::time::Instant;

use pos_connect::flow::Record;
use pos_connect::flow::record::StartedAttempt;
use pos_connect::journal::Journal;
use protocol::attempt::AttemptStarted;
use protocol::{AttemptId, Centavos, ClaimId, Fence, Method, OrderId, PaymentChoice, UnixMillis};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::table::{Samples, Table, Target};

const RUNS: usize = 1_000;

pub(crate) fn measure(table: &mut Table) {
    let directory =
        tempfile::Builder::new().prefix("bench-").tempdir_in(disk()).expect("a directory on the disk");
    let record = Record::AttemptStarted(Box::new(started()));
    let bytes = serde_json::to_vec(&record).expect("a record is JSON");
    let mut file = File::create(directory.path().join("bare")).expect("a file");
    let (mut journal, _) = Journal::open(&directory.path().join("journal")).expect("a new journal");
    let (mut bare, mut appended) = (vec![], vec![]);
    for _ in 0..RUNS {
        let began = Instant::now();
        file.write_all(&bytes).expect("there is room");
        file.sync_data().expect("the disk syncs");
        bare.push(began.elapsed());
        let began = Instant::now();
        journal.append(std::slice::from_ref(&record)).expect("the journal takes a record");
        appended.push(began.elapsed());
    }
    let (bare, appended) = (Samples::from(bare), Samples::from(appended));
    let reference = (bare.median_us(), "writing as many bytes and fdatasync, in turns");
    table.add("journal: append and sync", appended.median_us(), "us", reference, &Target::RatioAtMost(2.0));
}

/// The service's database without the service: one row, one synced commit.
pub(crate) struct OneRow {
    connection: Connection,
    _directory: TempDir,
}

impl OneRow {
    pub(crate) fn new() -> Self {
        let directory =
            tempfile::Builder::new().prefix("bench-").tempdir_in(disk()).expect("a directory on the disk");
        let connection = Connection::open(directory.path().join("reference.db")).expect("a new database");
        let settings = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
        let table = "CREATE TABLE row (id INTEGER PRIMARY KEY, body TEXT) STRICT;";
        connection.execute_batch(&format!("{settings}{table}")).expect("SQLite knows these");
        Self { connection, _directory: directory }
    }

    pub(crate) fn commit(&self, body: &str) {
        self.connection.execute("INSERT INTO row (body) VALUES (?1)", [body]).expect("there is room");
    }

    /// How many a second.
    pub(crate) fn per_second(&self, body: &str, commits: u32) -> f64 {
        let began = Instant::now();
        for _ in 0..commits {
            self.commit(body);
        }
        f64::from(commits) / began.elapsed().as_secs_f64()
    }
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
