//! How fast the line is, each figure next to a reference measured in the same run on the same machine.
//!
//! The service is the real release binary with its real database; terminals are connections that were activated over its
//! API and wait in long-polls. The agent, the journal and the receipt pipeline are called in process. Not part of the
//! gate: a machine that does something else at the same time would fail it for no reason.
//!
//! `bench` (or `bench PART …`: `agent`, `disk`, `bridge`, `service`) prints a table and writes JSON to `$BENCH_JSON`, else to `bench.json` in the target directory. `bench bare` is
//! the reference server: the same HTTP stack without anything behind it; `bench hold` is a process whose memory is looked at.

mod agent;
mod bare;
mod bridge;
mod disk;
mod reach;
mod service;
mod table;
mod wire;

use std::process::ExitCode;

use table::Table;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("bare") => {
            bare::serve();
            return ExitCode::SUCCESS;
        }
        Some("hold") => {
            bridge::hold(arguments.get(1).map(String::as_str));
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    if cfg!(debug_assertions) {
        eprintln!("bench: figures of a debug build mean nothing; use scripts/bench");
    }
    let mut table = Table::default();
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    if wanted("agent") {
        agent::measure(&mut table);
    }
    if wanted("disk") {
        disk::measure(&mut table);
    }
    if wanted("bridge") {
        bridge::measure(&mut table);
    }
    if wanted("service") {
        service::measure(&mut table);
    }
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
