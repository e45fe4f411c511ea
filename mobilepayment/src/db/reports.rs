//! What terminals reported, every distinct message as it came.

use protocol::attempt::{AttemptEnded, Flag, Outcome};
use protocol::{AttemptId, OrderId, Serial, UnixMillis};
use rusqlite::{Connection, OptionalExtension, params};

use super::DbResult;
use super::query::{Orphan, Report};
use super::row::{bad, instant, json, number, parse, unsigned};
use crate::registers::AccountId;

/// Most orphans that one query gives.
pub const ORPHANS_SHOWN: u32 = 500;

/// What was answered to a message that came before.
pub struct Answered {
    /// The outcome held to be true.
    pub outcome: Option<Outcome>,
    /// What was wrong.
    pub flags: Vec<Flag>,
}

/// The answer to exactly this message, when it came before.
pub fn find(db: &Connection, attempt: AttemptId, digest: &[u8; 32]) -> DbResult<Option<Answered>> {
    let found: Option<(String, Option<String>)> = db
        .prepare_cached("SELECT flags, outcome FROM reports WHERE attempt_id = ?1 AND digest = ?2")?
        .query_row(params![number(attempt.get()), digest], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found
        .map(|(flags, outcome)| {
            Ok(Answered {
                outcome: match outcome {
                    Some(text) => Some(parse("reports.outcome", &text)?),
                    None => None,
                },
                flags: parse("reports.flags", &flags)?,
            })
        })
        .transpose()
}

/// How many distinct reports an attempt has.
pub fn count(db: &Connection, attempt: AttemptId) -> DbResult<u64> {
    let count: i64 = db
        .prepare_cached("SELECT count(*) FROM reports WHERE attempt_id = ?1")?
        .query_row([number(attempt.get())], |row| row.get(0))?;
    Ok(unsigned(count))
}

/// Keeps a report.
pub fn insert(
    db: &Connection,
    account: &AccountId,
    report: &Report,
    outcome: Option<Outcome>,
    digest: &[u8; 32],
) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO reports (attempt_id, account, order_id, terminal, digest, message, flags, outcome, received_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        number(report.attempt_id.get()),
        account.as_str(),
        report.order_id.as_str(),
        report.terminal.as_str(),
        digest,
        json(&report.message),
        json(&report.flags),
        outcome.as_ref().map(json),
        report.received_at.0,
    ])?;
    Ok(())
}

/// Every distinct report of an attempt of this account, oldest first.
pub fn of_attempt(db: &Connection, account: &AccountId, id: AttemptId) -> DbResult<Vec<Report>> {
    let mut statement = db.prepare_cached(
        "SELECT terminal, message, flags, received_at FROM reports WHERE attempt_id = ?1 AND account = ?2 ORDER BY id",
    )?;
    let mut rows = statement.query(params![number(id.get()), account.as_str()])?;
    let mut reports = Vec::new();
    while let Some(row) = rows.next()? {
        let (terminal, message, flags): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let message: AttemptEnded = parse("reports.message", &message)?;
        let order_id: OrderId = message.attempt.order_id.clone();
        reports.push(Report {
            attempt_id: id,
            order_id,
            terminal: serial("reports.terminal", &terminal)?,
            message,
            flags: parse("reports.flags", &flags)?,
            received_at: instant(row.get(3)?),
        });
    }
    Ok(reports)
}

/// Keeps a message that fits no order; whether it is new.
pub fn insert_orphan(
    db: &Connection,
    account: &AccountId,
    terminal: &Serial,
    kind: &str,
    message: &str,
    digest: &[u8; 32],
    now: UnixMillis,
) -> DbResult<bool> {
    let count = db
        .prepare_cached(
            "INSERT INTO orphans (account, terminal, kind, digest, message, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![account.as_str(), terminal.as_str(), kind, digest, message, now.0])?;
    Ok(count == 1)
}

/// How many orphans there are.
pub fn orphan_count(db: &Connection) -> DbResult<u64> {
    let count: i64 = db.prepare_cached("SELECT count(*) FROM orphans")?.query_row([], |row| row.get(0))?;
    Ok(unsigned(count))
}

/// Messages that fit no order, newest first.
pub fn orphans(db: &Connection, account: &AccountId) -> DbResult<Vec<Orphan>> {
    let mut statement = db.prepare_cached(
        "SELECT id, terminal, kind, message, received_at FROM orphans WHERE account = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![account.as_str(), ORPHANS_SHOWN])?;
    let mut orphans = Vec::new();
    while let Some(row) = rows.next()? {
        let terminal: String = row.get(1)?;
        orphans.push(Orphan {
            id: unsigned(row.get(0)?),
            account: account.clone(),
            terminal: serial("orphans.terminal", &terminal)?,
            kind: row.get(2)?,
            message: row.get(3)?,
            received_at: instant(row.get(4)?),
        });
    }
    Ok(orphans)
}

fn serial(what: &'static str, text: &str) -> DbResult<Serial> {
    Serial::parse(text).map_err(|_| bad(what))
}
