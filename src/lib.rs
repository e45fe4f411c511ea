//! The POS Connect terminal agent: it lists pending orders, charges each once through the acquirer's app, reports every
//! result and prints the fiscal receipt.
//!
//! The map, in the order of imports (each may use those above it, never those below):
//!
//! - [`acquirer`]: what an acquirer's app can do, and Stone's deep links.
//! - [`receipt`]: a fiscal receipt's image, made printable.
//! - [`flow`]: the machine: events in, records and effects out.
//! - [`view`]: what the operator sees, and every pt-BR text.
//! - [`journal`]: the durable memory.
//! - [`hub`]: the way to mobilepayment.
//! - [`driver`]: the one loop that connects them all.

pub mod acquirer;
pub mod driver;
pub mod flow;
pub mod hub;
pub mod journal;
pub mod receipt;
pub mod view;
