//! The audit trail: rows are added and read, nothing else.

use protocol::{AttemptId, OrderId, ReversalId, Serial};
use rusqlite::{Connection, Row, params};
use serde_json::Value;

use super::DbResult;
use super::row::{bad, instant, json, number, parse, unsigned};
use crate::ledger::audit::{Act, Entry, What};
use crate::registers::AccountId;

/// Most rows that one query gives.
pub const PAGE_MAX: u32 = 200;

/// Adds a row after the last one; its own `sequence` is not looked at.
pub fn append(db: &Connection, entry: &Entry) -> DbResult<()> {
    let act = &entry.act;
    db.prepare_cached(
        "INSERT INTO audit (sequence, account, at, what, who, why, evidence, terminal, order_id, attempt_id,
             reversal_id, before, after)
         VALUES ((SELECT coalesce(max(sequence), 0) + 1 FROM audit), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
             ?12)",
    )?
    .execute(params![
        entry.account.as_str(),
        entry.at.0,
        act.what.as_str(),
        act.who,
        act.why,
        act.evidence,
        act.terminal.as_ref().map(Serial::as_str),
        entry.order.as_ref().map(OrderId::as_str),
        act.attempt.map(|id| number(id.get())),
        act.reversal.map(|id| number(id.get())),
        entry.before.as_ref().map(json),
        entry.after.as_ref().map(json),
    ])?;
    Ok(())
}

/// Rows of an account after a number, oldest first.
pub fn after(db: &Connection, account: &AccountId, sequence: u64, limit: u32) -> DbResult<Vec<Entry>> {
    let mut statement = db.prepare_cached(
        "SELECT sequence, at, what, who, why, evidence, terminal, order_id, attempt_id, reversal_id, before, after
         FROM audit WHERE account = ?1 AND sequence > ?2 ORDER BY sequence LIMIT ?3",
    )?;
    // A number that no row can have is after all of them.
    let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![account.as_str(), sequence, limit.min(PAGE_MAX)])?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        entries.push(entry(account, row)?);
    }
    Ok(entries)
}

fn entry(account: &AccountId, row: &Row<'_>) -> DbResult<Entry> {
    let what: String = row.get(2)?;
    let (terminal, order): (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
    let (attempt, reversal): (Option<i64>, Option<i64>) = (row.get(8)?, row.get(9)?);
    let (before, after): (Option<String>, Option<String>) = (row.get(10)?, row.get(11)?);
    let value = |text: Option<String>| -> DbResult<Option<Value>> {
        text.map(|text| parse("audit.before or after", &text)).transpose()
    };
    Ok(Entry {
        sequence: unsigned(row.get(0)?),
        account: account.clone(),
        at: instant(row.get(1)?),
        act: Act {
            what: What::parse(&what).ok_or(bad("audit.what"))?,
            who: row.get(3)?,
            why: row.get(4)?,
            evidence: row.get(5)?,
            terminal: terminal.map(|t| Serial::parse(&t)).transpose().map_err(|_| bad("audit.terminal"))?,
            attempt: attempt.map(|id| AttemptId::from_random(id.unsigned_abs())),
            reversal: reversal.map(|id| ReversalId::from_random(id.unsigned_abs())),
        },
        order: order.map(|o| OrderId::parse(&o)).transpose().map_err(|_| bad("audit.order_id"))?,
        before: value(before)?,
        after: value(after)?,
    })
}
