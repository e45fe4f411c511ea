//! The service's rows, read as anybody with the file can, without the service's own code.

use rusqlite::Connection;
use serde_json::Value;

use crate::model::{AttemptRow, Row};

/// An event's row.
#[derive(Clone, Debug)]
pub struct EventRow {
    /// Its place.
    pub sequence: u64,
    /// Its id.
    pub id: String,
    /// What happened.
    pub kind: String,
    /// Its order, else its own id.
    pub lane: String,
    /// What it is about.
    pub body: String,
}

/// Orders that changed after a store-wide sequence number, and the highest of these numbers.
#[must_use]
pub fn changed(db: &Connection, after: u64) -> (Vec<Row>, u64) {
    let mut orders = db
        .prepare_cached("SELECT id, status, paid_centavos, body, sequence FROM orders WHERE sequence > ?1 ORDER BY sequence")
        .expect("the schema is known");
    let mut rows = orders.query([signed(after)]).expect("the schema is known");
    let (mut found, mut highest) = (Vec::new(), after);
    while let Some(row) = rows.next().expect("rows can be read") {
        let (id, status, paid, body, sequence): (String, String, i64, String, i64) =
            (row.get_unwrap(0), row.get_unwrap(1), row.get_unwrap(2), row.get_unwrap(3), row.get_unwrap(4));
        highest = highest.max(unsigned(sequence));
        let body = json(&body);
        found.push(Row {
            attempts: attempts(db, &id),
            id,
            code: body["code"].as_str().unwrap_or_default().to_owned(),
            status,
            total: body["total"].as_u64().unwrap_or_default(),
            paid: unsigned(paid),
            direct: body["kind"] == "direct",
            fixed: body.get("fixed").map(choice),
            fence: body["fence"].as_u64().unwrap_or_default(),
            claimed_by: body["claim"]["terminal"].as_str().map(str::to_owned),
        });
    }
    (found, highest)
}

fn attempts(db: &Connection, order: &str) -> Vec<AttemptRow> {
    let mut statement = db
        .prepare_cached(
            "SELECT id, terminal, amount_centavos, reversed_centavos, coalesce(outcome, ''), body FROM attempts
             WHERE order_id = ?1 ORDER BY place",
        )
        .expect("the schema is known");
    let rows = statement.query_map([order], |row| {
        let body = json(&row.get::<_, String>(5)?);
        let doubtful = |reversal: &Value| reversal["outcome"] == "in_doubt";
        Ok(AttemptRow {
            id: unsigned(row.get(0)?),
            terminal: row.get(1)?,
            amount: unsigned(row.get(2)?),
            reversed: unsigned(row.get(3)?),
            outcome: row.get(4)?,
            resolved: body["resolution"].is_object(),
            reversal_in_doubt: body["reversals"].as_array().is_some_and(|all| all.iter().any(doubtful)),
        })
    });
    rows.expect("the schema is known").map(|row| row.expect("rows can be read")).collect()
}

/// Attempts that only a manager can bring to an end: in doubt, or without a word for long.
#[must_use]
pub fn unsettled(db: &Connection) -> Vec<(u64, String)> {
    let mut statement = db
        .prepare_cached(
            "SELECT id, order_id FROM attempts WHERE outcome IS NULL OR outcome = 'in_doubt' ORDER BY id",
        )
        .expect("the schema is known");
    let rows = statement.query_map([], |row| Ok((unsigned(row.get(0)?), row.get(1)?)));
    rows.expect("the schema is known").map(|row| row.expect("rows can be read")).collect()
}

/// A reversal in doubt.
#[derive(Clone, Copy, Debug)]
pub struct DoubtfulReversal {
    /// The reversal.
    pub id: u64,
    /// Of which attempt.
    pub attempt: u64,
    /// How much was asked back.
    pub amount: u64,
}

/// Reversals of which nobody knows whether they went through.
#[must_use]
pub fn reversals_in_doubt(db: &Connection) -> Vec<DoubtfulReversal> {
    let mut statement = db
        .prepare_cached("SELECT id, body FROM attempts WHERE body LIKE '%\"in_doubt\"%' ORDER BY id")
        .expect("the schema is known");
    let rows = statement.query_map([], |row| {
        let attempt = unsigned(row.get(0)?);
        let body = json(&row.get::<_, String>(1)?);
        let reversals = body["reversals"].as_array().cloned().unwrap_or_default().into_iter();
        let doubtful = reversals.filter(|reversal| reversal["outcome"] == "in_doubt");
        let doubt = |reversal: Value| DoubtfulReversal {
            id: reversal["id"].as_str().and_then(|id| id.parse().ok()).expect("a reversal has a number"),
            attempt,
            amount: reversal["amount"].as_u64().unwrap_or_default(),
        };
        Ok(doubtful.map(doubt).collect::<Vec<_>>())
    });
    rows.expect("the schema is known").flat_map(|row| row.expect("rows can be read")).collect()
}

/// What the ledger holds to be given back of an attempt.
#[must_use]
pub fn given_back(db: &Connection, attempt: u64) -> u64 {
    let mut statement = db
        .prepare_cached("SELECT reversed_centavos FROM attempts WHERE id = ?1")
        .expect("the schema is known");
    statement.query_row([signed(attempt)], |row| row.get(0)).map_or(0, unsigned)
}

/// Every event.
#[must_use]
pub fn events(db: &Connection) -> Vec<EventRow> {
    let mut statement = db
        .prepare_cached(
            "SELECT sequence, id, type, coalesce(order_id, id), body FROM events ORDER BY sequence",
        )
        .expect("the schema is known");
    let rows = statement.query_map([], |row| {
        Ok(EventRow {
            sequence: unsigned(row.get(0)?),
            id: row.get(1)?,
            kind: row.get(2)?,
            lane: row.get(3)?,
            body: row.get(4)?,
        })
    });
    rows.expect("the schema is known").map(|row| row.expect("rows can be read")).collect()
}

/// Everything that fits no order, as one text.
#[must_use]
pub fn orphans(db: &Connection) -> String {
    let mut statement = db.prepare_cached("SELECT message FROM orphans").expect("the schema is known");
    let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("the schema is known");
    rows.map(|row| row.expect("rows can be read")).collect()
}

/// "credit", "credit 3 merchant", …
#[must_use]
pub fn choice(choice: &Value) -> String {
    let method = choice["method"].as_str().unwrap_or_default();
    match (choice["installments"]["count"].as_u64(), choice["installments"]["kind"].as_str()) {
        (Some(count), Some(kind)) => format!("{method} {count} {kind}"),
        _ => method.to_owned(),
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("bodies are JSON")
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).expect("no figure is below zero")
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).expect("no figure is that large")
}
