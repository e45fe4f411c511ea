//! The terminal-facing routes over real HTTP, with the real database. Each file is one step of an order's life; each
//! test says what a terminal or a PDV would see.

mod activation;
mod bad_input;
mod charging;
mod claims;
mod closing;
mod feed;
mod receipts;
mod restart;
mod support;
