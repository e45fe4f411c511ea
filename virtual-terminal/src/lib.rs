//! The real terminal agent on a page: one process, one page for each terminal, each with its own journal directory,
//! talking HTTP to mobilepayment.
//!
//! May import the agent (`pos-connect`) and `protocol`; nothing imports this crate. The agent is used as the Android
//! app uses it: events in, outputs out, `Screen` drawn as it is. What a device has around the agent is simulated.
//!
//! The map, in the order of imports (each may use those above it, never those below); start reading at [`terminal`]:
//!
//! - [`stderr_log`]: log lines.
//! - [`service`]: where mobilepayment is.
//! - [`relay`]: the network, as a TCP relay that can be cut.
//! - [`printer`]: conditions, and the paper with the printed dots.
//! - [`stone_app`]: the acquirer's apps, written from the acquirer's contract alone.
//! - [`terminal`]: one terminal: agent, lock, power, what happened.
//! - [`options`]: the command line.
//! - [`activation`]: types activation codes, when the command line asks for it.
//! - [`fleet`]: all terminals.
//! - [`api`]: every control as an HTTP call; the pages in `page/` use nothing else.

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
