//! The money rules, as plain functions: an order's rows in, a decision (new rows and events) out.
//!
//! Pure: no SQL, no clock, no randomness; `now` and ids are arguments. May import `protocol` and the plain data of
//! `registers`. Start reading at [`order::Order`].

pub mod event;
pub mod order;
pub mod refusal;
