//! Goal: the PDV-facing API and the webhooks hold what they promise, to a client that only knows HTTP.
//!
//! Method: the real service on a bound port with a real database file; the terminal is real requests too.

#![expect(clippy::unwrap_used, reason = "in a test a missing value is the failure that it looks for")]

mod audit;
mod bad_input;
mod bad_orders;
mod conciliations;
mod desk;
mod keys;
mod lists;
mod migration;
mod openapi;
mod orders;
mod receiver;
mod reversals;
mod service;
mod terminal;
mod webhooks;
