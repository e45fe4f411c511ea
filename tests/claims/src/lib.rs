//! The claim protocol, written down once.
//!
//! - [`world`]: what there is in the model.
//! - [`model`]: two terminals, one order, a network that loses, doubles and reorders, crashes, leases that run out, an acquirer's app
//!   that stays silent, a close, a manager. Every state that can be reached is looked at (`tests/exhaustive.rs`).
//! - [`table`]: what the service answers, one request after another. Histories of concurrent clients of the real service
//!   must look as if it had answered so (`tests/linearizable.rs`).
//!
//! Imports nothing of the product: it says what the product must do.

pub mod model;
pub mod table;
pub mod world;
