//! Goal: the administration holds what it promises: licences, and companies and terminals that are registered while the
//! service runs.
//!
//! Method: the real service on a bound port with a real database file; administrator, PDV and terminal only speak HTTP.

#![expect(clippy::unwrap_used, reason = "in a test a missing value is the failure that it looks for")]

mod companies;
mod licences;
mod modules;
mod service;
mod terminals;
