//! Events, append-only, and the epochs of the terminals' feed.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::DbResult;
use super::row::{bad, instant, number, parse, unsigned};
use crate::ledger::event::{Event, EventBody, EventType};
use crate::registers::AccountId;
use protocol::UnixMillis;

/// Most events that one query gives.
pub const PAGE_MAX: u32 = 1_000;

/// One run of the service on this database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Its random name.
    pub epoch: u64,
    /// The first sequence number that it may give.
    pub first_sequence: u64,
}

/// An event about to be written.
#[derive(Debug)]
pub struct EventRow<'a> {
    /// Its place.
    pub sequence: u64,
    /// Its id.
    pub id: &'a str,
    /// Whose.
    pub account: &'a AccountId,
    /// What happened.
    pub kind: EventType,
    /// When.
    pub created_at: UnixMillis,
    /// Its order.
    pub order_id: Option<&'a str>,
    /// [`EventBody`] as JSON.
    pub body: &'a str,
}

/// Writes an event.
pub fn insert(db: &Connection, event: &EventRow<'_>) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO events (sequence, id, account, type, created_at, order_id, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        number(event.sequence),
        event.id,
        event.account.as_str(),
        event.kind.as_str(),
        event.created_at.0,
        event.order_id,
        event.body,
    ])?;
    Ok(())
}

/// Events of an account after a sequence number, oldest first.
pub fn after(db: &Connection, account: &AccountId, sequence: u64, limit: u32) -> DbResult<Vec<Event>> {
    let mut statement = db.prepare_cached(
        "SELECT e.sequence, e.id, e.type, e.created_at, e.body, coalesce(o.pdv, '')
         FROM events e LEFT JOIN orders o ON o.id = e.order_id
         WHERE e.account = ?1 AND e.sequence > ?2 ORDER BY e.sequence LIMIT ?3",
    )?;
    // A sequence that no event can have is after all of them.
    let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![account.as_str(), sequence, limit.min(PAGE_MAX)])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(event(account, row)?);
    }
    Ok(events)
}

/// What an event is, without what it is about.
#[derive(Clone, Debug)]
pub struct EventHead {
    /// Its place.
    pub sequence: u64,
    /// Its id.
    pub id: String,
    /// Whose.
    pub account: AccountId,
    /// What happened.
    pub kind: EventType,
    /// Its order.
    pub order_id: Option<String>,
}

/// Heads of the events of all accounts after a sequence number, oldest first.
pub fn heads_after(db: &Connection, sequence: u64, limit: u32) -> DbResult<Vec<EventHead>> {
    let mut statement = db.prepare_cached(
        "SELECT sequence, id, account, type, order_id FROM events
         WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
    )?;
    let mut rows = statement.query(params![number(sequence), limit.min(PAGE_MAX)])?;
    let mut heads = Vec::new();
    while let Some(row) = rows.next()? {
        let (account, kind): (String, String) = (row.get(2)?, row.get(3)?);
        heads.push(EventHead {
            sequence: unsigned(row.get(0)?),
            id: row.get(1)?,
            account: AccountId::parse(&account).map_err(|_| bad("events.account"))?,
            kind: EventType::parse(&kind).ok_or(bad("events.type"))?,
            order_id: row.get(4)?,
        });
    }
    Ok(heads)
}

/// One event. Its id ends with its sequence number (see [`id`]), so no index by id is needed.
pub fn by_id(db: &Connection, account: &AccountId, id: &str) -> DbResult<Option<Event>> {
    let Some(sequence) = id.rsplit_once('_').and_then(|(_, tail)| tail.parse::<i64>().ok()) else {
        return Ok(None);
    };
    let mut statement = db.prepare_cached(
        "SELECT e.sequence, e.id, e.type, e.created_at, e.body, coalesce(o.pdv, '')
         FROM events e LEFT JOIN orders o ON o.id = e.order_id
         WHERE e.sequence = ?1 AND e.account = ?2 AND e.id = ?3",
    )?;
    let mut rows = statement.query(params![sequence, account.as_str(), id])?;
    match rows.next()? {
        Some(row) => event(account, row).map(Some),
        None => Ok(None),
    }
}

/// The id of an event: unique even after a restored backup gave the same sequence number again.
#[must_use]
pub fn id(epoch: u64, sequence: u64) -> String {
    format!("hook_{epoch:016x}_{sequence}")
}

/// The number of the last event; 0: none.
pub fn last_sequence(db: &Connection) -> DbResult<u64> {
    let last: Option<i64> = db.query_row("SELECT max(sequence) FROM events", [], |row| row.get(0))?;
    Ok(last.map_or(0, unsigned))
}

/// Begins an epoch. Its start is after that of every other, also when the clock was set back: it says which is the last.
pub fn begin_epoch(db: &Connection, epoch: Epoch, now: UnixMillis) -> DbResult<()> {
    db.execute(
        "INSERT INTO epochs (epoch, first_sequence, started_at)
         VALUES (?1, ?2, max(?3, coalesce((SELECT max(started_at) + 1 FROM epochs), ?3)))",
        params![number(epoch.epoch), number(epoch.first_sequence), now.0],
    )?;
    Ok(())
}

/// Every epoch, oldest first.
pub fn epochs(db: &Connection) -> DbResult<Vec<Epoch>> {
    let mut statement =
        db.prepare("SELECT epoch, first_sequence FROM epochs ORDER BY first_sequence, started_at")?;
    let mut rows = statement.query([])?;
    let mut epochs = Vec::new();
    while let Some(row) = rows.next()? {
        epochs.push(Epoch { epoch: unsigned(row.get(0)?), first_sequence: unsigned(row.get(1)?) });
    }
    Ok(epochs)
}

/// The last sequence number given to any change of an order, a receipt or a wanted reversal.
pub fn last_change(db: &Connection) -> DbResult<u64> {
    let last: Option<i64> = db
        .query_row(
            "SELECT max(last) FROM (
                 SELECT max(sequence) AS last FROM orders
                 UNION ALL SELECT max(sequence) FROM prints
                 UNION ALL SELECT max(wanted_sequence) FROM attempts
                 UNION ALL SELECT sequence FROM registers_changed
                 UNION ALL SELECT max(first_sequence) - 1 FROM epochs)",
            [],
            |row| row.get(0),
        )
        .optional()?
        .flatten();
    Ok(last.map_or(0, unsigned))
}

fn event(account: &AccountId, row: &Row<'_>) -> DbResult<Event> {
    let (kind, body): (String, String) = (row.get(2)?, row.get(4)?);
    let mut body: EventBody = parse("events.body", &body)?;
    if let Some(order) = &mut body.order {
        order.pdv = row.get(5)?;
    }
    Ok(Event {
        sequence: unsigned(row.get(0)?),
        id: row.get(1)?,
        account: account.clone(),
        kind: EventType::parse(&kind).ok_or(bad("events.type"))?,
        created_at: instant(row.get(3)?),
        body,
    })
}
