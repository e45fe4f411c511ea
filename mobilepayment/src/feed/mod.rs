//! How terminals learn of changes: in memory, filled by the writer after each commit, read by long-polls.
//!
//! [`change::Change`] is what the writer announces, serialized once; [`hub::Hub`] keeps what is open and what ended
//! last, and wakes the terminals concerned; [`page`] is what one poll answers. May import `db`, `ledger`,
//! `registers` and `environment`.

pub mod change;
pub mod hub;
mod log;
pub mod page;
