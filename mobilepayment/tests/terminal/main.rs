//! The terminal-facing routes over real HTTP, with the real database. Each file is one step of an order's life; each
//! test says what a terminal or a PDV would see.

#![expect(clippy::unwrap_used, reason = "in a test a missing value is the failure that it looks for")]

mod activation;
mod bad_input;
mod charging;
mod claims;
mod closing;
mod feed;
mod receipts;
mod restart;
mod statements;
mod support;
