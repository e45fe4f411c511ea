//! How far the delivery of events has come, per webhook endpoint.

use rusqlite::{Connection, OptionalExtension, params};

use super::DbResult;
use super::query::DeliveryState;
use super::row::{instant, number, unsigned};

/// The state of an endpoint; `None`: never delivered to.
pub fn load(db: &Connection, endpoint: &str) -> DbResult<Option<DeliveryState>> {
    let found = db
        .prepare_cached(
            "SELECT delivered, tries, next_try_at, last_error FROM deliveries WHERE endpoint = ?1",
        )?
        .query_row([endpoint], |row| {
            let next_try_at: Option<i64> = row.get(2)?;
            Ok(DeliveryState {
                delivered: unsigned(row.get(0)?),
                tries: row.get(1)?,
                next_try_at: next_try_at.map(instant),
                last_error: row.get(3)?,
            })
        })
        .optional()?;
    Ok(found)
}

/// Keeps the state of an endpoint.
pub fn save(db: &Connection, endpoint: &str, state: &DeliveryState) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO deliveries (endpoint, delivered, tries, next_try_at, last_error) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (endpoint) DO UPDATE SET delivered = excluded.delivered, tries = excluded.tries,
             next_try_at = excluded.next_try_at, last_error = excluded.last_error",
    )?
    .execute(params![
        endpoint,
        number(state.delivered),
        state.tries,
        state.next_try_at.map(|at| at.0),
        state.last_error,
    ])?;
    Ok(())
}
