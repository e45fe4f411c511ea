//! The harness of the tests across crates: real processes, real HTTP, real files. No part of ours is replaced by a
//! double; only the customer, the card, the PDV and the acquirer's answer are played.
//!
//! It may import `protocol` (to be a terminal that was tampered with) and nothing else of ours: what a test knows of
//! mobilepayment and of the virtual terminals it learns over HTTP.
//!
//! Where to start: [`shop::Shop`] is a store with its service, its terminals and its PDV, each a process of its own in
//! its own directory; [`pdv::Pdv`] is the PDV, [`terminal::Terminal`] a virtual terminal and, by [`operator`], the person at it,
//! [`webhooks::Receiver`] the PDV's ear, [`modified_terminal::ModifiedTerminal`] a terminal without scruples, and
//! [`receipt_image`] a fiscal receipt and the eye that reads it. Everything waits for an event with a ceiling; nothing
//! sleeps.

pub mod http;
pub mod modified_terminal;
pub mod operator;
pub mod pdv;
pub mod process;
pub mod receipt_image;
pub mod shop;
pub mod terminal;
pub mod webhooks;

use std::time::Duration;

/// Longest wait for anything that should happen at once. Generous, because the machine may be busy with other tests; a
/// test that needs it has already failed.
pub const CEILING: Duration = Duration::from_secs(20);
