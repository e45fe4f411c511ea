//! The POS Connect terminal agent: it lists pending orders, charges each once through the acquirer's app, reports every
//! result and prints the fiscal receipt.
//!
//! The map, in the order of imports (each may use those above it, never those below):
//!
//! - [`acquirer`]: what an acquirer's app can do, and Stone's deep links.
//! - [`receipt`]: a fiscal receipt's image, made printable.

pub mod acquirer;
pub mod driver;
pub mod flow;
pub mod hub;
pub mod journal;
pub mod receipt;
pub mod view;
