//! How fast the line is, each figure next to a reference measured in the same run on the same machine.
//!
//! The service is the real release binary with its real database; terminals are connections that were activated over its
//! API and wait in long-polls. The agent, the journal and the receipt pipeline are called in process. Not part of the
//! gate: a machine that does something else at the same time would fail it for no reason.
//!
//! `bench` prints a table and writes JSON to `$BENCH_JSON`, else to `bench.json` in the target directory. `bench bare` is
//! the reference server: the same HTTP stack without anything behind it.

mod agent;
mod bare;
mod disk;
mod reach;
mod service;
mod table;
mod wire;

use std::process::ExitCode;

use table::Table;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("bare") {
        bare::serve();
        return ExitCode::SUCCESS;
    }
    if cfg!(debug_assertions) {
        eprintln!("bench: figures of a debug build mean nothing; use scripts/bench");
    }
    let mut table = Table::default();
    agent::measure(&mut table);
    disk::measure(&mut table);
    service::measure(&mut table);
    println!("{table}");
    match table.write() {
        Ok(path) => {
            println!("written to {}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: the JSON cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}
