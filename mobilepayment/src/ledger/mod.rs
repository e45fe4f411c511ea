//! The money rules, as plain functions: an order's rows in, a decision (new rows and events) out.
//!
//! Pure: no SQL, no clock, no randomness; `now` and ids are arguments. May import `protocol` and the plain data of
//! `registers`.
//!
//! Start at [`order::Order`], then one file per step of an order's life: [`creating`], [`claiming`], [`charging`]
//! (an attempt starts), [`reporting`] (its outcome), [`stating`] (what a card slip says), [`resolving`] (a manager decides what nobody knows),
//! [`reversing`], [`settling`] (a manager decides about a reversal), [`closing`]; and [`conciliating`] compares all of it with
//! the acquirer's own file. [`draft`] holds what every step does at its end, [`view`] is what terminals see, [`audit`]
//! what is kept of every decision.

pub mod audit;
pub mod calendar;
pub mod charging;
pub mod claiming;
pub mod closing;
pub mod command;
pub mod comparison;
pub mod conciliating;
pub mod creating;
pub mod day_file;
pub mod draft;
pub mod event;
pub mod evidence;
pub mod order;
pub mod refusal;
pub mod reporting;
pub mod resolving;
pub mod reversing;
pub mod settling;
pub mod stating;
pub mod view;

#[cfg(test)]
mod tests;
