//! What the core keeps in memory with 500 orders, next to a process that does nothing: both are this very program, called
//! as `bench hold`.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use pos_connect::driver::{Output, Polled};
use pos_connect::flow::{DeviceToken, Record};
use pos_connect::journal::Journal;
use protocol::UnixMillis;

use super::{PATIENCE, runtime, start};
use crate::agent::{order, page, settings};
use crate::table::{Table, Target};

const ORDERS: u64 = 500;
/// What a holding process says when it holds.
const HOLDS: &str = "holds";

pub(super) fn measure(table: &mut Table) {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut journal, _) = Journal::open(directory.path()).expect("a new journal");
    let activated =
        Record::Activated { token: DeviceToken::new("token".into()), settings: settings(), serial: None };
    let orders = (1..=ORDERS).map(|number| order(number, number)).collect();
    let feed = Record::Feed { page: Box::new(page(1, orders)), at: UnixMillis(1_780_000_000_000) };
    journal.append(&[activated, feed]).expect("the journal takes them");
    drop(journal);
    let empty = resident_mb(&[]);
    let core = resident_mb(&[&directory.path().to_string_lossy()]);
    let reference = (empty, "the same program with nothing in it");
    table.add("core: resident memory with 500 orders", core, "MB", reference, &Target::MoreAtMost(12.0));
}

/// The other process: an agent on the directory, or nothing; until its standard input ends.
pub(crate) fn hold(data_dir: Option<&str>) {
    let runtime = runtime();
    let held = data_dir.map(|directory| {
        let (handle, mut outputs) = start(Path::new(directory), &runtime);
        let first = outputs.next_timeout(PATIENCE);
        assert!(matches!(first, Polled::Output(Output::Screen { .. })), "{first:?}");
        (handle, outputs)
    });
    println!("{HOLDS}");
    // Until the other end is closed; what it would say does not matter.
    let _ = std::io::stdin().read_to_end(&mut vec![]);
    drop(held);
}

fn resident_mb(arguments: &[&str]) -> f64 {
    let own = std::env::current_exe().expect("the path of this program");
    let mut process = Command::new(own)
        .arg("hold")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts once more");
    let mut line = String::new();
    let output = process.stdout.take().expect("it was piped");
    BufReader::new(output).read_line(&mut line).expect("it says that it holds");
    assert_eq!(line.trim(), HOLDS);
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).expect("a process");
    let kilobytes =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix("kB")?.trim().parse().ok());
    drop(process.stdin.take());
    process.wait().expect("it ends");
    kilobytes.map(|kb: f64| kb / 1024.0).expect("Linux tells what is resident")
}
