//! What must hold for any bytes that come from outside: one `check` for each door, by which nothing may panic, hang or
//! take more memory than its bound, and what each lets in must be what was written.
//!
//! The map:
//!
//! - [`ceiling`]: the memory that a check takes, counted.
//! - [`returns`]: return URIs, which any app on the terminal can forge.
//! - [`bridge`]: what Kotlin hands over.
//! - [`bodies`]: what terminal and service say to each other.
//! - [`feed`]: what an agent makes of a page of the feed and of a return.
//! - [`receipts`]: images to print.
//! - [`journal`]: a journal's file, and its records.
//! - [`connect`]: what a PDV sends, in Stone Connect's shapes.
//! - [`conciliation`]: the acquirer's daily file.
//!
//! `fuzz/` drives the same checks with libFuzzer (`scripts/fuzz`); `fuzz/corpus` holds what it found worth keeping, and
//! `tests/replay.rs` runs all of it on stable Rust.

pub mod bodies;
pub mod bridge;
pub mod ceiling;
pub mod conciliation;
pub mod connect;
pub mod feed;
pub mod journal;
pub mod receipts;
pub mod returns;

/// A door: its name, which is its corpus's too, its check, and the bound of what one input may take.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name of the corpus's folder and of the fuzz target.
    pub name: &'static str,
    /// Panics when something does not hold; says whether the input was let in.
    pub check: fn(&[u8]) -> bool,
    /// Most memory in bytes that one input may take at once, beside the input.
    pub memory_bytes_max: usize,
}

const MIB: usize = 1024 * 1024;

/// Every door.
pub const TARGETS: [Target; 8] = [
    Target { name: "returns", check: returns::check, memory_bytes_max: 2 * MIB },
    Target { name: "bridge", check: bridge::check, memory_bytes_max: 16 * MIB },
    Target { name: "bodies", check: bodies::check, memory_bytes_max: 16 * MIB },
    Target { name: "feed", check: feed::check, memory_bytes_max: 16 * MIB },
    Target { name: "receipts", check: receipts::check, memory_bytes_max: 80 * MIB },
    Target { name: "journal", check: journal::check, memory_bytes_max: 16 * MIB },
    Target { name: "connect", check: connect::check, memory_bytes_max: 16 * MIB },
    Target { name: "conciliation", check: conciliation::check, memory_bytes_max: 32 * MIB },
];

/// Runs one input of a door under its bound of memory; says whether it was let in.
pub fn run(name: &str, data: &[u8]) -> bool {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of the list");
    let mut let_in = false;
    let taken_bytes = ceiling::most_taken(|| let_in = (target.check)(data));
    let max = target.memory_bytes_max;
    assert!(taken_bytes <= max, "{name}: {taken_bytes} bytes were taken at once, at most {max} are allowed");
    let_in
}
