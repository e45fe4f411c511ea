//! Lines on stderr. No key, token, card, name or password ever goes into one.

use std::io::Write;

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::environment;

/// Environment variable with the least level to show: `error`, `warn`, `info` (default), `debug`, `trace`.
pub const LEVEL_VARIABLE: &str = "PDV_LOG";

struct Lines;

/// Sends the `log` macros to stderr. Call it once, at the start.
pub fn start() {
    let level =
        std::env::var(LEVEL_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(LevelFilter::Info);
    if log::set_boxed_logger(Box::new(Lines)).is_ok() {
        log::set_max_level(level);
    }
}

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Other crates' chatter is for debugging only.
        metadata.target().starts_with("pdv") || metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let now = environment::now().0;
            let line = format!("{now} {:5} {}: {}\n", record.level(), record.target(), record.args());
            // There is nobody to tell when stderr is closed.
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
    }

    fn flush(&self) {}
}
