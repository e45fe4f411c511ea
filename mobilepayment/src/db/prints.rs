//! Receipt images and what became of them.

use protocol::{OrderId, PrintId, UnixMillis};
use rusqlite::{Connection, OptionalExtension, params};

use super::DbResult;
use super::row::{json, number, parse, unsigned};
use crate::ledger::order::Print;
use crate::registers::AccountId;

/// Keeps a new receipt.
pub fn insert(db: &Connection, account: &AccountId, print: &Print, content: &str) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO prints (id, order_id, account, sequence, waiting, created_at, body, content)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7)",
    )?
    .execute(params![
        print.id.as_str(),
        print.order_id.as_str(),
        account.as_str(),
        number(print.sequence),
        print.created_at.0,
        json(print),
        content,
    ])?;
    Ok(())
}

/// Keeps what became of a receipt. `ended_at`: it is no longer offered, and its image is kept for a while only.
pub fn update(db: &Connection, print: &Print, ended_at: Option<UnixMillis>) -> DbResult<()> {
    db.prepare_cached(
        "UPDATE prints SET sequence = ?2, body = ?3, waiting = CASE WHEN ?4 IS NULL THEN waiting ELSE 0 END,
             ended_at = coalesce(?4, ended_at) WHERE id = ?1",
    )?
    .execute(params![
        print.id.as_str(),
        number(print.sequence),
        json(print),
        ended_at.map(|at| at.0),
    ])?;
    Ok(())
}

/// One receipt of this account, and whether its notice is in the feed.
pub fn load(db: &Connection, account: &AccountId, id: &PrintId) -> DbResult<Option<(Print, bool)>> {
    let found: Option<(String, bool)> = db
        .prepare_cached("SELECT body, waiting FROM prints WHERE id = ?1 AND account = ?2")?
        .query_row(params![id.as_str(), account.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(body, waiting)| Ok((parse("prints.body", &body)?, waiting))).transpose()
}

/// The image; `None`: no longer kept.
pub fn content(db: &Connection, id: &PrintId) -> DbResult<Option<String>> {
    let found: Option<String> = db
        .prepare_cached("SELECT content FROM prints WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    Ok(found.filter(|content| !content.is_empty()))
}

/// Receipts of an order, oldest first.
pub fn of_order(db: &Connection, account: &AccountId, order: &OrderId) -> DbResult<Vec<Print>> {
    let mut statement = db.prepare_cached(
        "SELECT body FROM prints WHERE order_id = ?1 AND account = ?2 ORDER BY created_at, sequence",
    )?;
    let mut rows = statement.query([order.as_str(), account.as_str()])?;
    let mut prints = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(0)?;
        prints.push(parse("prints.body", &body)?);
    }
    Ok(prints)
}

/// How many receipts of an order wait, and how many it has had.
pub fn counts(db: &Connection, order: &OrderId) -> DbResult<(u64, u64)> {
    let (waiting, all): (i64, i64) = db
        .prepare_cached("SELECT coalesce(sum(waiting), 0), count(*) FROM prints WHERE order_id = ?1")?
        .query_row([order.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok((unsigned(waiting), unsigned(all)))
}

/// Every waiting receipt with its account.
pub fn waiting(db: &Connection) -> DbResult<Vec<(AccountId, Print)>> {
    collect(db, "SELECT account, body FROM prints WHERE waiting = 1 ORDER BY sequence LIMIT ?1", u32::MAX)
}

/// The receipts that were withdrawn last, newest first.
pub fn ended_last(db: &Connection, limit: u32) -> DbResult<Vec<(AccountId, Print)>> {
    collect(db, "SELECT account, body FROM prints WHERE waiting = 0 ORDER BY sequence DESC LIMIT ?1", limit)
}

/// Forgets the images of receipts that ended before an instant.
pub fn forget_content(db: &Connection, before: UnixMillis) -> DbResult<()> {
    db.prepare_cached(
        "UPDATE prints SET content = '' WHERE ended_at IS NOT NULL AND content <> '' AND ended_at < ?1",
    )?
    .execute([before.0])?;
    Ok(())
}

fn collect(db: &Connection, sql: &str, limit: u32) -> DbResult<Vec<(AccountId, Print)>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([limit])?;
    let mut prints = Vec::new();
    while let Some(row) = rows.next()? {
        let (account, body): (String, String) = (row.get(0)?, row.get(1)?);
        let account = AccountId::parse(&account).map_err(|_| super::row::bad("prints.account"))?;
        prints.push((account, parse("prints.body", &body)?));
    }
    Ok(prints)
}
