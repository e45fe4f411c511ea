//! The way through JNI, next to the same way without it; a start with a long journal; memory; sizes.
//!
//! The app's side is a small Java program (`NativeCore.java`) that loads the release library, because the class that the
//! library's functions are named after is Kotlin in the app and says no more.

mod events;
mod long_journal;
mod memory;
mod sizes;

pub(crate) use memory::hold;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use pos_connect::acquirer::stone::{ReturnScheme, Stone};
use pos_connect::driver::{self, CrashGuard, DriverConfig, Handle, NetworkStatus, Outputs};
use pos_connect::flow::{AgentConfig, Serials};
use protocol::Serial;
use tokio::runtime::Runtime;

use crate::table::Table;

/// Longest wait for anything here.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn measure(table: &mut Table) {
    events::measure(table);
    long_journal::measure(table);
    memory::measure(table);
    sizes::measure(table);
}

/// An agent in this process, as the library runs it. Nobody listens at its service's address.
fn start(data_dir: &Path, runtime: &Runtime) -> (Handle, Outputs) {
    let service = "http://127.0.0.1:1".to_owned();
    let config = DriverConfig {
        data_dir: data_dir.to_owned(),
        service_url: Some(service.clone()),
        agent: AgentConfig {
            serials: Serials::provisioned(Serial::parse("PB0423L300117").expect("a serial number")),
            version: "bench".into(),
            service,
        },
        network: NetworkStatus { connected: true, proxy: None },
        crash_guard: CrashGuard::Off,
    };
    let scheme = ReturnScheme::parse("posconnect").expect("a scheme");
    driver::start(config, Arc::new(Stone::new(scheme)), 7, runtime.handle()).expect("the agent starts")
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

/// Runs the Java side; its "name nanoseconds" lines.
fn java(arguments: &[&str]) -> Vec<(String, Duration)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bridge/NativeCore.java");
    let mut command = Command::new("java");
    command.arg(source).arg(arguments[0]).arg(library()).args(&arguments[1..]);
    let output = command.output().expect("java is installed (Debian: default-jdk-headless)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("lines of text");
    let line = |line: &str| {
        let (name, nanoseconds) = line.split_once(' ')?;
        Some((name.to_owned(), Duration::from_nanos(nanoseconds.parse().ok()?)))
    };
    text.lines().map(|text| line(text).unwrap_or_else(|| panic!("not a figure: {text}"))).collect()
}

/// The release library, beside this program.
fn library() -> PathBuf {
    let own = std::env::current_exe().expect("the path of this program");
    own.with_file_name("libposconnect.so")
}
