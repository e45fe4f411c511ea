//! Log lines to stderr.

use std::io::Write;

use log::{Level, LevelFilter, Log, Metadata, Record};

struct StderrLog;

/// Sends log lines of level info and above to stderr; `RUST_LOG=debug` and the like chooses another level.
pub fn install() {
    static LOG: StderrLog = StderrLog;
    let level =
        std::env::var("RUST_LOG").ok().and_then(|text| text.parse().ok()).unwrap_or(LevelFilter::Info);
    if log::set_logger(&LOG).is_ok() {
        log::set_max_level(level);
    }
}

impl Log for StderrLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Libraries below us say little that a person needs; their warnings are kept.
        metadata.level() <= Level::Warn
            || metadata.target().starts_with("virtual_terminal")
            || metadata.target().starts_with("pos_connect")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // A closed stderr is no reason to stop.
            let _ =
                writeln!(std::io::stderr(), "{:5} {}: {}", record.level(), record.target(), record.args());
        }
    }

    fn flush(&self) {}
}
