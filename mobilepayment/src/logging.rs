//! Lines on stderr. No token, card, name or receipt ever goes into one.

use std::io::Write;

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::environment::Environment;

/// Environment variable with the least level to show: `error`, `warn`, `info` (default), `debug`, `trace`.
pub const LEVEL_VARIABLE: &str = "MOBILEPAYMENT_LOG";

struct Lines {
    environment: Environment,
}

/// Sends the `log` macros to stderr. Call it once, at the start.
pub fn start(environment: Environment) {
    let level =
        std::env::var(LEVEL_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(LevelFilter::Info);
    if log::set_boxed_logger(Box::new(Lines { environment })).is_ok() {
        log::set_max_level(level);
    }
}

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Other crates' chatter is for debugging only.
        metadata.target().starts_with("mobilepayment") || metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!(
                "{} {:5} {}: {}\n",
                self.environment.now().0,
                record.level(),
                record.target(),
                record.args()
            );
            // There is nobody to tell when stderr is closed.
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
    }

    fn flush(&self) {}
}
