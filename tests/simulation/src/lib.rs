//! Several real agents and the real service under one virtual clock, in a world where everything goes wrong. A seed gives
//! a run, exactly.
//!
//! Real: the agent's machine, its screens, its journal (redb, on storage whose power can be cut); the service's ledger,
//! feed and database (SQLite); the acquirer's apps as the virtual terminal has them. Simulated: clock, network, power,
//! people. [`run`] is one run; [`seeds`] are many.
//!
//! The map, in the order of imports (each may use those above it, never those below):
//!
//! - [`dice`]: the one source of chance.
//! - [`plan`]: what may go wrong in a run.
//! - [`story`]: what happened.
//! - [`model`]: what must hold, said once more and simply; imports nothing of the product.
//! - [`rows`]: the service's database, read without its code.
//! - [`disk`]: storage whose power can be cut.
//! - [`shop`]: the store's registers.
//! - [`service`]: the real service without sockets.
//! - [`day`]: the acquirer's file of the day.
//! - [`operator`]: the person at a terminal.
//! - [`terminal`]: the real agent and what is around it.
//! - [`world`]: the calendar; with `device`, `acquirer`, `network`, `store`, `pdv` and `ending`, its parts.

mod acquirer;
pub mod day;
mod device;
pub mod dice;
pub mod disk;
mod ending;
pub mod model;
mod network;
pub mod operator;
mod pdv;
pub mod plan;
pub mod rows;
pub mod service;
pub mod shop;
mod store;
pub mod story;
pub mod terminal;
pub mod world;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use story::Reached;
use tempfile::TempDir;
use world::World;

/// A run in which a promise was broken.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Gives the run again.
    pub seed: u64,
    /// Which promise, and how.
    pub broken: String,
    /// What happened.
    pub story: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\nseed {}: {}", self.story, self.seed, self.broken)
    }
}

/// A run that kept every promise.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it reached.
    pub reached: Reached,
    /// What happened.
    pub story: String,
}

/// A folder for runs. In memory where the system has one: the disk under the files is other tests' concern.
pub struct Workshop(TempDir);

impl Workshop {
    /// A new one, with the database that every run's begins as a copy of.
    #[must_use]
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let new = tempfile::Builder::new();
        let folder = if memory.is_dir() { new.tempdir_in(memory) } else { new.tempdir() };
        let workshop = Self(folder.expect("the system has a folder for temporary files"));
        service::Service::make_template(&workshop.template());
        workshop
    }

    fn template(&self) -> PathBuf {
        self.0.path().join("template")
    }
}

impl Default for Workshop {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs one seed.
pub fn run(workshop: &Workshop, seed: u64) -> Result<Kept, Failure> {
    let folder = tempfile::tempdir_in(workshop.0.path()).expect("the workshop's folder can be written");
    let mut world = World::new(seed, folder.path(), &workshop.template());
    let ended = catch_unwind(AssertUnwindSafe(|| world.run()));
    let broken = match ended {
        Ok(Ok(())) => {
            return Ok(Kept { reached: world.story().reached().clone(), story: world.story().text() });
        }
        Ok(Err(broken)) => broken,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            format!("a panic: {}", text.unwrap_or("without words"))
        }
    };
    Err(Failure { seed, broken, story: world.story().text() })
}

/// Runs many seeds on all cores; stops at the first `failures_max` failures.
#[must_use]
pub fn seeds(first: u64, count: u64, failures_max: usize) -> (Reached, Vec<Failure>) {
    let workshop = Workshop::new();
    let (next, failures, reached) =
        (AtomicU64::new(first), Mutex::new(Vec::new()), Mutex::new(Reached::new()));
    let work = || {
        let mut own = Reached::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let full = failures.lock().is_ok_and(|failures| failures.len() >= failures_max);
            if seed >= first + count || full {
                break;
            }
            match run(&workshop, seed) {
                Ok(kept) => story::add(&mut own, &kept.reached),
                Err(failure) => failures.lock().expect("no run panics here").push(failure),
            }
        }
        story::add(&mut reached.lock().expect("no run panics here"), &own);
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(work);
        }
    });
    let mut failures = failures.into_inner().expect("no run panics here");
    failures.sort_by_key(|failure: &Failure| failure.seed);
    (reached.into_inner().expect("no run panics here"), failures)
}
