//! Where log lines go, and the last words before an abort.

use std::panic::PanicHookInfo;
use std::sync::Once;

use log::LevelFilter;

use crate::table::TABLE;

/// Name of our lines in logcat.
#[cfg(target_os = "android")]
const TAG: &str = "posconnect";
/// What is logged: what an engineer on call needs, once per event.
const LEVEL: LevelFilter = LevelFilter::Info;

/// Sets both up, once in the life of the process. Any function may be the first to be called.
pub(crate) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_logger();
        std::panic::set_hook(Box::new(last_words));
    });
}

#[cfg(target_os = "android")]
fn set_logger() {
    android_logger::init_once(android_logger::Config::default().with_tag(TAG).with_max_level(LEVEL));
}

#[cfg(not(target_os = "android"))]
fn set_logger() {
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(LEVEL);
    }
}

/// A panic is a defect. Its state cannot be trusted with money, so the process ends; the journal brings everything back.
fn last_words(panic: &PanicHookInfo<'_>) {
    let text = panic.to_string();
    log::error!("a defect ends the process: {text}");
    for data_dir in TABLE.data_dirs() {
        pos_connect::driver::record_panic(&data_dir, &text);
    }
    // Not left to the profile: a test build dies as a release build does.
    std::process::abort();
}

/// For a JVM on a computer: lines to standard error.
#[cfg(not(target_os = "android"))]
struct Stderr;

#[cfg(not(target_os = "android"))]
impl log::Log for Stderr {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= LEVEL
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            eprintln!("posconnect {} {}: {}", record.level(), record.target(), record.args());
        }
    }

    fn flush(&self) {}
}
