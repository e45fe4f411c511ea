//! One of our programs as a real process: started, waited for, killed, and heard when it fails.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use crate::CEILING;

/// Lines of a process's output that are kept to be shown when a test fails.
const LINES_KEPT: usize = 400;
/// What a program prints when it is ready, followed by its address.
const READY: &str = "listening on ";

/// A running program of ours. Dropping it kills it.
pub struct Running {
    name: &'static str,
    child: Child,
    address: SocketAddr,
    lines: Arc<Mutex<VecDeque<String>>>,
}

/// A program that ended before it was ready.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it said.
    pub said: String,
}

impl Running {
    /// Starts a program and waits until it says where it listens.
    ///
    /// # Panics
    /// When it cannot be started, ends, or is not ready within [`CEILING`].
    #[must_use]
    pub fn start(name: &'static str, configure: impl FnOnce(&mut Command)) -> Self {
        let mut command = Command::new(program(name));
        configure(&mut command);
        Self::start_or_end(name, command)
            .unwrap_or_else(|ended| panic!("{name} is not ready, {}; it said:\n{}", ended.status, ended.said))
    }

    /// Runs a command that ends in one of our programs, until that says where it listens or ends.
    ///
    /// # Errors
    /// When it ends before it is ready: how, and what it said.
    ///
    /// # Panics
    /// When it cannot be started, or is neither ready nor ended within [`CEILING`].
    pub fn start_or_end(name: &'static str, mut command: Command) -> Result<Self, Ended> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let lines = Arc::new(Mutex::new(VecDeque::new()));
        let (ready, heard) = mpsc::channel();
        let stdout = child.stdout.take().expect("stdout was piped");
        let stderr = child.stderr.take().expect("stderr was piped");
        listen(stdout, Arc::clone(&lines), Some(ready.clone()));
        listen(stderr, Arc::clone(&lines), Some(ready));
        let running = |child, address| Self { name, child, address, lines: Arc::clone(&lines) };
        match heard.recv_timeout(CEILING) {
            Ok(address) => Ok(running(child, address)),
            // Both pipes were closed, and read to their end.
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait().expect("a child can be waited for once");
                Err(Ended { status, said: last_lines(&lines) })
            }
            Err(RecvTimeoutError::Timeout) => {
                drop(running(child, SocketAddr::from(([127, 0, 0, 1], 0))));
                panic!("{name} is not ready; it said:\n{}", last_lines(&lines));
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills it like a power cut (SIGKILL) and waits until it is gone.
    pub fn kill(mut self) {
        self.end();
    }

    /// Asks it to end (SIGTERM) and waits for it.
    ///
    /// # Panics
    /// When it does not end within [`CEILING`].
    #[must_use]
    pub fn terminate(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{}: SIGTERM cannot be sent", self.name);
        let (tell, told) = mpsc::channel();
        let until = Instant::now() + CEILING;
        thread::scope(|scope| {
            let child = &mut self.child;
            scope.spawn(move || {
                // `try_wait` in step with the ceiling: `wait` could not be given up.
                while Instant::now() < until {
                    if let Ok(Some(status)) = child.try_wait() {
                        return tell.send(status).unwrap_or(());
                    }
                    thread::park_timeout(Duration::from_millis(10));
                }
            });
        });
        told.recv().unwrap_or_else(|_| panic!("{} does not end on SIGTERM", self.name))
    }

    /// What it has printed so far, newest last.
    #[must_use]
    pub fn output(&self) -> String {
        last_lines(&self.lines)
    }

    fn end(&mut self) {
        // Both fail only when the process is gone already, which is what is wanted.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
        if thread::panicking() {
            eprintln!("--- {} said:\n{}", self.name, last_lines(&self.lines));
        }
    }
}

/// Reads a pipe to its end, keeps the last lines and reports the address in the line that says the program is ready.
fn listen(
    pipe: impl Read + Send + 'static,
    lines: Arc<Mutex<VecDeque<String>>>,
    mut ready: Option<Sender<SocketAddr>>,
) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if let Some(address) = listening_on(&line)
                && let Some(ready) = ready.take()
            {
                // Nobody listens any more when the other pipe was first.
                let _told = ready.send(address);
            }
            let mut kept = lines.lock().expect("no reader panics while it holds the lines");
            if kept.len() == LINES_KEPT {
                kept.pop_front();
            }
            kept.push_back(line);
        }
    });
}

fn listening_on(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once(READY)?;
    let address = rest.trim_start_matches("http://");
    let end = address
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ':' | '[' | ']'))
        .unwrap_or(address.len());
    address[..end].parse().ok()
}

fn last_lines(lines: &Mutex<VecDeque<String>>) -> String {
    let kept = lines.lock().expect("no reader panics while it holds the lines");
    kept.iter().map(|line| format!("{line}\n")).collect()
}

/// The program's file, beside the tests' own; built once when it is missing.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        let own = std::env::current_exe().expect("a running program has a file");
        let deps = own.parent().expect("a file is in a directory");
        let directory = if deps.ends_with("deps") {
            deps.parent().expect("deps is in a profile's directory")
        } else {
            deps
        };
        let missing = ["mobilepayment", "virtual-terminal"].iter().any(|name| !directory.join(name).exists());
        if missing {
            build(directory);
        }
        directory.to_owned()
    });
    directory.join(name)
}

/// Builds our programs into the profile's directory that the tests run from.
fn build(directory: &Path) {
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.args(["build", "--workspace", "--bins"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if directory.ends_with("release") {
        command.arg("--release");
    }
    if let Some(target) = directory.parent() {
        command.env("CARGO_TARGET_DIR", target);
    }
    let built = command.status();
    assert!(built.is_ok_and(|status| status.success()), "cargo build --workspace --bins failed");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_the_line_that_says_the_program_is_ready() {
        let expected = "127.0.0.1:8080".parse().ok();
        for line in [
            "listening on 127.0.0.1:8080",
            "listening on http://127.0.0.1:8080",
            "mobilepayment 0.1.0 listening on http://127.0.0.1:8080/ (data in x)",
        ] {
            assert_eq!(listening_on(line), expected, "{line}");
        }
        assert_eq!(listening_on("starting"), None);
    }
}
