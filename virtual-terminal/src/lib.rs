//! The real terminal agent on a page: one process, one page for each terminal, each with its own journal directory,
//! talking HTTP to mobilepayment.
//!
//! May import the agent (`pos-connect`) and `protocol`; nothing imports this crate. The agent is used as the Android
//! app uses it: events in, outputs out, `Screen` drawn as it is. What a device has around the agent is simulated:
//!
//! - [`terminal`]: one terminal: agent, lock, power, what happened. Start reading here.
//! - [`stone_app`]: the acquirer's apps, written from the acquirer's contract alone.
//! - [`printer`]: conditions, and the paper with the printed dots.
//! - [`relay`]: the network, as a TCP relay that can be cut.
//! - [`fleet`]: all terminals; [`activation`]: types activation codes, when the command line asks for it.
//! - [`api`]: every control as an HTTP call; the pages in `page/` use nothing else.
//! - [`options`], [`service`], [`stderr_log`]: command line, address, log.

pub mod activation;
pub mod api;
pub mod fleet;
pub mod options;
pub mod printer;
pub mod relay;
pub mod service;
pub mod stderr_log;
pub mod stone_app;
pub mod terminal;
