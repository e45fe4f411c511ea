//! Between columns and types.

use protocol::attempt::Outcome;
use protocol::order::OrderStatus;
use protocol::{Centavos, UnixMillis};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DbError, DbResult};

/// A number that fits a column: all our numbers stay below 2^63.
#[must_use]
pub fn number(value: u64) -> i64 {
    i64::try_from(value).expect("ids, fences, amounts and sequences stay below 2^63")
}

/// An amount for a column.
#[must_use]
pub fn centavos(amount: Centavos) -> i64 {
    number(amount.get())
}

/// A number from a column that never holds a negative one.
#[must_use]
pub fn unsigned(value: i64) -> u64 {
    value.unsigned_abs()
}

/// JSON for a column.
#[must_use]
pub fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("our own types always have a JSON form")
}

/// JSON from a column.
pub fn parse<T: DeserializeOwned>(what: &'static str, text: &str) -> DbResult<T> {
    serde_json::from_str(text).map_err(|source| DbError::BadRow { what, source: Some(source) })
}

/// A column that the service itself never fills like this.
#[must_use]
pub const fn bad(what: &'static str) -> DbError {
    DbError::BadRow { what, source: None }
}

/// An order's state for a column.
#[must_use]
pub const fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Open => "open",
        OrderStatus::Closing => "closing",
        OrderStatus::Paid => "paid",
        OrderStatus::Closed => "closed",
    }
}

/// An outcome for a column.
#[must_use]
pub const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Approved => "approved",
        Outcome::Declined => "declined",
        Outcome::Cancelled => "cancelled",
        Outcome::InDoubt => "in_doubt",
    }
}

/// An instant from a column.
#[must_use]
pub const fn instant(ms: i64) -> UnixMillis {
    UnixMillis(ms)
}
