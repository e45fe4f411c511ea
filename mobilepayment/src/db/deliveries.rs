//! Deliveries of events to webhooks: what waits, what was given up.

use protocol::UnixMillis;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::DbResult;
use super::query::{Delivery, DeliveryStatus};
use super::row::{instant, number, unsigned};
use crate::ledger::event::EventType;

/// An event to be delivered to an endpoint.
#[derive(Clone, Debug)]
pub struct Queued {
    /// Name of the endpoint.
    pub endpoint: String,
    /// The event's place.
    pub event_sequence: u64,
    /// The event.
    pub event_id: String,
    /// Its type.
    pub event_type: EventType,
    /// Its order; the event's own id when it has none.
    pub lane: String,
}

/// A failed try and when the next one is.
#[derive(Clone, Debug)]
pub struct FailedTry {
    /// Failed tries with this one.
    pub tries: u32,
    /// When the present row of tries began.
    pub since: UnixMillis,
    /// Not before this time.
    pub next_try_at: UnixMillis,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// What went wrong, for people.
    pub error: String,
    /// It was the last: the event, and those of its lane that wait behind it, are given up.
    pub give_up: bool,
}

const COLUMNS: &str = "event_id, event_sequence, event_type, lane, state, tries, queued_at, tried_since, next_try_at, \
                       last_status, last_error";

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let (state, tried_since): (String, Option<i64>) = (row.get(4)?, row.get(7)?);
    Ok(Delivery {
        event_id: row.get(0)?,
        event_sequence: unsigned(row.get(1)?),
        event_type: row.get(2)?,
        lane: row.get(3)?,
        status: if state == word(DeliveryStatus::Failed) {
            DeliveryStatus::Failed
        } else {
            DeliveryStatus::Pending
        },
        tries: row.get(5)?,
        queued_at: instant(row.get(6)?),
        tried_since: tried_since.map(instant),
        next_try_at: instant(row.get(8)?),
        last_status: row.get(9)?,
        last_error: row.get(10)?,
    })
}

const fn word(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Pending => "pending",
        DeliveryStatus::Failed => "failed",
    }
}

/// The last event that was looked at.
pub fn progress(db: &Connection) -> DbResult<u64> {
    let sequence = db
        .prepare_cached("SELECT sequence FROM delivery_progress WHERE id = 1")?
        .query_row([], |row| row.get(0))?;
    Ok(unsigned(sequence))
}

/// Queues deliveries and moves the progress on to `upto`.
pub fn enqueue(db: &Connection, queued: &[Queued], upto: u64, now: UnixMillis) -> DbResult<()> {
    db.prepare_cached("UPDATE delivery_progress SET sequence = ?1 WHERE id = 1")?.execute([number(upto)])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO deliveries
             (endpoint, event_sequence, event_id, event_type, lane, head, state, tries, queued_at, next_try_at)
         VALUES (?1, ?2, ?3, ?4, ?5,
             NOT EXISTS (SELECT 1 FROM deliveries WHERE endpoint = ?1 AND lane = ?5), 'pending', 0, ?6, ?6)",
    )?;
    for q in queued {
        insert.execute(params![
            q.endpoint,
            number(q.event_sequence),
            q.event_id,
            q.event_type.as_str(),
            q.lane,
            now.0
        ])?;
    }
    Ok(())
}

/// The next deliveries of an endpoint, soonest first: of every lane only the oldest event. Those not yet due come too, so
/// that the caller knows how long to wait.
pub fn heads(db: &Connection, endpoint: &str, limit: u32) -> DbResult<Vec<Delivery>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM deliveries
         WHERE endpoint = ?1 AND head = 1 AND state = 'pending' ORDER BY next_try_at, event_sequence LIMIT ?2"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![endpoint, limit], delivery)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forgets a delivery that was accepted: the next event of its lane is free to go.
pub fn accepted(db: &Connection, endpoint: &str, delivery: &Delivery, now: UnixMillis) -> DbResult<()> {
    db.prepare_cached("DELETE FROM deliveries WHERE endpoint = ?1 AND event_sequence = ?2")?
        .execute(params![endpoint, number(delivery.event_sequence)])?;
    db.prepare_cached(
        "UPDATE deliveries SET head = 1, next_try_at = ?3 WHERE endpoint = ?1 AND event_sequence =
             (SELECT min(event_sequence) FROM deliveries WHERE endpoint = ?1 AND lane = ?2)",
    )?
    .execute(params![endpoint, delivery.lane, now.0])?;
    Ok(())
}

/// Keeps what came of a failed try.
pub fn failed(db: &Connection, endpoint: &str, delivery: &Delivery, try_: &FailedTry) -> DbResult<()> {
    db.prepare_cached(
        "UPDATE deliveries SET tries = ?3, tried_since = ?4, next_try_at = ?5, last_status = ?6, last_error = ?7
         WHERE endpoint = ?1 AND event_sequence = ?2",
    )?
    .execute(params![
        endpoint,
        number(delivery.event_sequence),
        try_.tries,
        try_.since.0,
        try_.next_try_at.0,
        try_.status,
        try_.error
    ])?;
    if try_.give_up {
        db.prepare_cached("UPDATE deliveries SET state = 'failed' WHERE endpoint = ?1 AND lane = ?2")?
            .execute(params![endpoint, delivery.lane])?;
    }
    Ok(())
}

/// Deliveries of an endpoint in a state (`None`: in any), oldest event first.
pub fn list(
    db: &Connection,
    endpoint: &str,
    status: Option<DeliveryStatus>,
    limit: u32,
) -> DbResult<Vec<Delivery>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM deliveries
         WHERE endpoint = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY event_sequence LIMIT ?3"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![endpoint, status.map(word), limit], delivery)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Has an event and everything of its lane tried again now; the event's delivery, `None` when it does not wait (any more).
pub fn retry(db: &Connection, endpoint: &str, event_id: &str, now: UnixMillis) -> DbResult<Option<Delivery>> {
    let sql = format!("SELECT {COLUMNS} FROM deliveries WHERE endpoint = ?1 AND event_id = ?2");
    let read = || {
        let mut statement = db.prepare_cached(&sql)?;
        statement.query_row(params![endpoint, event_id], delivery).optional()
    };
    let Some(found) = read()? else { return Ok(None) };
    db.prepare_cached(
        "UPDATE deliveries SET state = 'pending', tries = 0, tried_since = NULL, next_try_at = ?3
         WHERE endpoint = ?1 AND lane = ?2",
    )?
    .execute(params![endpoint, found.lane, now.0])?;
    Ok(read()?)
}
