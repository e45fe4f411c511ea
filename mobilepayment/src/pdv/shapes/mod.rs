//! What goes out: the bodies that the PDV reads, in Stone Connect's shapes. What the original does not have stands apart
//! in an object `posconnect`, so that a client of the original is never surprised.
//!
//! No customer's name is in any of them: none is stored.

pub mod attempt;
pub mod charge;
pub mod conciliation;
pub mod event;
pub mod order;
pub mod print;
pub mod terminal;
pub mod words;
