//! Imported files of the acquirer, and the orders that one may tell of.

use std::collections::BTreeSet;

use protocol::OrderId;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::DbResult;
use super::orders::load;
use super::row::{bad, instant, json, parse};
use crate::ledger::comparison::{Comparison, Conciliation};
use crate::ledger::day_file::DayFile;
use crate::ledger::order::Order;
use crate::registers::AccountId;

/// Most imports that one query gives.
pub const SHOWN: u32 = 500;
/// Most orders that one file is compared with: a hundred days of the busiest store.
const ORDERS_MAX: usize = 100_000;
const MS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;
/// How long before and after a file's day an attempt of that day may have been recorded, in ms: time zones, and a
/// courier or a terminal that reported days later.
const BEFORE_MS: i64 = MS_PER_DAY;
const AFTER_MS: i64 = 9 * MS_PER_DAY;

const COLUMNS: &str = "SELECT id, file_id, store, date, by_whom, imported_at, counts FROM conciliations";

/// Orders that a file may tell of: those of its days, those in doubt, and those of its keys.
pub fn candidates(db: &Connection, account: &AccountId, file: &DayFile) -> DbResult<Vec<Order>> {
    let mut ids: BTreeSet<String> = BTreeSet::new();
    let midnight = file.date.midnight();
    // CROSS JOIN: SQLite would begin with every order of the account.
    let mut of_days = db.prepare_cached(
        "SELECT DISTINCT a.order_id FROM attempts a CROSS JOIN orders o ON o.id = a.order_id
         WHERE json_extract(a.body, '$.recorded_at') BETWEEN ?2 AND ?3 AND o.account = ?1",
    )?;
    let days = params![account.as_str(), midnight.plus_ms(-BEFORE_MS).0, midnight.plus_ms(AFTER_MS).0];
    collect(&mut ids, &mut of_days.query(days)?)?;
    let mut in_doubt = db.prepare_cached("SELECT id FROM orders WHERE account = ?1 AND in_doubt > 0")?;
    collect(&mut ids, &mut in_doubt.query([account.as_str()])?)?;
    let mut reversals = db.prepare_cached(
        "SELECT a.order_id FROM reversals r JOIN attempts a ON a.id = r.attempt_id WHERE r.outcome = 'in_doubt'",
    )?;
    collect(&mut ids, &mut reversals.query([])?)?;
    let mut by_atk =
        db.prepare_cached("SELECT order_id FROM attempts WHERE json_extract(body, '$.evidence.atk') = ?1")?;
    for atk in file.transactions.iter().filter_map(|transaction| transaction.atk.as_deref()) {
        collect(&mut ids, &mut by_atk.query([atk])?)?;
    }
    let mut orders = Vec::new();
    for id in ids {
        let id = OrderId::parse(&id).map_err(|_| bad("order id"))?;
        orders.extend(load(db, account, &id)?);
    }
    Ok(orders)
}

fn collect(ids: &mut BTreeSet<String>, rows: &mut rusqlite::Rows<'_>) -> DbResult<()> {
    while let (Some(row), true) = (rows.next()?, ids.len() < ORDERS_MAX) {
        ids.insert(row.get(0)?);
    }
    Ok(())
}

/// The import of exactly this file.
pub fn by_digest(db: &Connection, account: &AccountId, digest: &[u8; 32]) -> DbResult<Option<Conciliation>> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} WHERE account = ?1 AND digest = ?2"))?;
    let mut rows = statement.query(params![account.as_str(), digest])?;
    rows.next()?.map(conciliation).transpose()
}

/// One import with what came of it.
pub fn load_one(
    db: &Connection,
    account: &AccountId,
    id: &str,
) -> DbResult<Option<(Conciliation, Comparison)>> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} WHERE account = ?1 AND id = ?2"))?;
    let mut rows = statement.query(params![account.as_str(), id])?;
    let Some(found) = rows.next()?.map(conciliation).transpose()? else {
        return Ok(None);
    };
    let comparison: Option<String> = db
        .prepare_cached("SELECT comparison FROM conciliations WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let comparison = comparison.ok_or(bad("conciliations.comparison"))?;
    Ok(Some((found, parse("conciliations.comparison", &comparison)?)))
}

/// Imports, newest first.
pub fn newest(db: &Connection, account: &AccountId) -> DbResult<Vec<Conciliation>> {
    let mut statement = db.prepare_cached(&format!(
        "{COLUMNS} WHERE account = ?1 ORDER BY imported_at DESC, id DESC LIMIT ?2"
    ))?;
    let mut rows = statement.query(params![account.as_str(), SHOWN])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(conciliation(row)?);
    }
    Ok(found)
}

/// Keeps an import.
pub fn insert(
    db: &Connection,
    account: &AccountId,
    it: &Conciliation,
    digest: &[u8; 32],
    comparison: &Comparison,
) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO conciliations (id, account, digest, file_id, store, date, by_whom, imported_at, counts, comparison)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        it.id,
        account.as_str(),
        digest,
        it.file_id,
        it.store,
        it.date,
        it.by,
        it.imported_at.0,
        json(&it.counts),
        json(comparison),
    ])?;
    Ok(())
}

fn conciliation(row: &Row<'_>) -> DbResult<Conciliation> {
    let counts: String = row.get(6)?;
    Ok(Conciliation {
        id: row.get(0)?,
        file_id: row.get(1)?,
        store: row.get(2)?,
        date: row.get(3)?,
        by: row.get(4)?,
        imported_at: instant(row.get(5)?),
        counts: parse("conciliations.counts", &counts)?,
    })
}
