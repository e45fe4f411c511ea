//! Lists of orders and charges, for the PDV.

use protocol::{AttemptId, OrderId, ReversalId};
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use super::DbResult;
use super::orders::{load, whole};
use super::query::{ChargeFilter, ChargePage, OrderFilter, OrderPage, ReversalOfOrder, ReversalPage};
use super::row::{bad, json, status, unsigned};
use crate::ledger::order::Order;
use crate::registers::AccountId;

/// Most orders in one page.
pub const PAGE_MAX: u32 = 100;

/// Orders that fit the filter, newest first; `page` counts from 1.
pub fn orders(
    db: &Connection,
    account: &AccountId,
    filter: &OrderFilter,
    page: u32,
    size: u32,
) -> DbResult<OrderPage> {
    let (conditions, mut values) = conditions(account, filter);
    let total: i64 = db
        .prepare_cached(&format!("SELECT count(*) FROM orders WHERE {conditions}"))?
        .query_row(params_from_iter(values.iter()), |row| row.get(0))?;
    let size = size.clamp(1, PAGE_MAX);
    values.push(Value::Integer(size.into()));
    values.push(Value::Integer(i64::from(page.max(1) - 1) * i64::from(size)));
    let sql = format!(
        "SELECT body, pdv FROM orders WHERE {conditions} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values.iter()))?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        let (body, pdv): (String, String) = (row.get(0)?, row.get(1)?);
        orders.push(whole(db, &body, pdv)?);
    }
    Ok(OrderPage { orders, total: unsigned(total) })
}

/// The order of an attempt of this account.
pub fn order_of_charge(db: &Connection, account: &AccountId, id: AttemptId) -> DbResult<Option<Order>> {
    let order: Option<OrderId> = super::orders::order_of_attempt(db, id)?;
    match order {
        Some(order) => load(db, account, &order),
        None => Ok(None),
    }
}

/// Charges that fit the filter, newest first; `page` counts from 1.
pub fn charges(
    db: &Connection,
    account: &AccountId,
    filter: &ChargeFilter,
    page: u32,
    size: u32,
) -> DbResult<ChargePage> {
    let mut conditions = "o.account = ? AND a.outcome = 'approved'".to_owned();
    let mut values = vec![Value::Text(account.to_string())];
    if let Some(order) = &filter.order {
        conditions.push_str(" AND a.order_id = ?");
        values.push(Value::Text(order.to_string()));
    }
    if let Some(code) = &filter.code {
        conditions.push_str(" AND json_extract(a.body, '$.evidence.atk') = ?");
        values.push(Value::Text(code.clone()));
    }
    if let Some(since) = filter.created_since {
        conditions.push_str(" AND json_extract(a.body, '$.recorded_at') >= ?");
        values.push(Value::Integer(since.0));
    }
    if let Some(until) = filter.created_until {
        conditions.push_str(" AND json_extract(a.body, '$.recorded_at') <= ?");
        values.push(Value::Integer(until.0));
    }
    let from = format!("FROM attempts a JOIN orders o ON o.id = a.order_id WHERE {conditions}");
    let total: i64 = db
        .prepare_cached(&format!("SELECT count(*) {from}"))?
        .query_row(params_from_iter(values.iter()), |row| row.get(0))?;
    let size = size.clamp(1, PAGE_MAX);
    values.push(Value::Integer(size.into()));
    values.push(Value::Integer(i64::from(page.max(1) - 1) * i64::from(size)));
    let sql = format!(
        "SELECT a.place, o.body, o.pdv {from} ORDER BY json_extract(a.body, '$.recorded_at') DESC, a.id DESC \
         LIMIT ? OFFSET ?"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values.iter()))?;
    let mut charges = Vec::new();
    while let Some(row) = rows.next()? {
        let (place, body, pdv): (u32, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let order = whole(db, &body, pdv)?;
        let attempt = order.attempts.get(place as usize).cloned().ok_or(bad("attempts.place"))?;
        charges.push((order, attempt));
    }
    Ok(ChargePage { charges, total: unsigned(total) })
}

/// Reversals in doubt, those of the newest order first; `page` counts from 1.
pub fn reversals_in_doubt(
    db: &Connection,
    account: &AccountId,
    page: u32,
    size: u32,
) -> DbResult<ReversalPage> {
    // CROSS JOIN: SQLite would begin with every order of the account; those in doubt are few.
    const FROM: &str =
        "FROM reversals r CROSS JOIN attempts a ON a.id = r.attempt_id CROSS JOIN orders o ON o.id = a.order_id
         WHERE r.outcome = 'in_doubt' AND o.account = ?1";
    let total: i64 = db
        .prepare_cached(&format!("SELECT count(*) {FROM}"))?
        .query_row([account.as_str()], |row| row.get(0))?;
    let size = size.clamp(1, PAGE_MAX);
    let skipped = i64::from(page.max(1) - 1) * i64::from(size);
    let mut statement = db.prepare_cached(&format!(
        "SELECT r.id, a.id, o.body, o.pdv {FROM} ORDER BY o.created_at DESC, o.id DESC, a.place, r.id LIMIT ?2 OFFSET ?3"
    ))?;
    let mut rows = statement.query(params![account.as_str(), size, skipped])?;
    let mut reversals = Vec::new();
    while let Some(row) = rows.next()? {
        let (reversal, attempt): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (body, pdv): (String, String) = (row.get(2)?, row.get(3)?);
        reversals.push(ReversalOfOrder {
            order: whole(db, &body, pdv)?,
            attempt_id: AttemptId::from_random(attempt.unsigned_abs()),
            reversal_id: ReversalId::from_random(reversal.unsigned_abs()),
        });
    }
    Ok(ReversalPage { reversals, total: unsigned(total) })
}

fn conditions(account: &AccountId, filter: &OrderFilter) -> (String, Vec<Value>) {
    let mut sql = "account = ?".to_owned();
    let mut values = vec![Value::Text(account.to_string())];
    if !filter.statuses.is_empty() {
        let marks = vec!["?"; filter.statuses.len()].join(", ");
        sql.push_str(&format!(" AND status IN ({marks})"));
        values.extend(filter.statuses.iter().map(|one| Value::Text(status(*one).to_owned())));
    }
    if !filter.close_reasons.is_empty() {
        let marks = vec!["?"; filter.close_reasons.len()].join(", ");
        sql.push_str(&format!(
            " AND (status <> 'closed' OR json_extract(body, '$.close.reason') IN ({marks}))"
        ));
        let reasons = filter.close_reasons.iter();
        values.extend(reasons.map(|reason| Value::Text(json(reason).trim_matches('"').to_owned())));
    }
    if let Some(code) = &filter.code {
        sql.push_str(" AND code = ?");
        values.push(Value::Text(code.clone()));
    }
    if let Some(serial) = &filter.terminal {
        sql.push_str(" AND (terminals = '' OR terminals LIKE ? ESCAPE '\\')");
        values.push(Value::Text(format!("%,{},%", escaped(serial.as_str()))));
    }
    if let Some(text) = &filter.text {
        sql.push_str(" AND (number || ' ' || coalesce(code, '') || ' ' || display_name) LIKE ? ESCAPE '\\'");
        values.push(Value::Text(format!("%{}%", escaped(text))));
    }
    if let Some(since) = filter.created_since {
        sql.push_str(" AND created_at >= ?");
        values.push(Value::Integer(since.0));
    }
    if let Some(until) = filter.created_until {
        sql.push_str(" AND created_at <= ?");
        values.push(Value::Integer(until.0));
    }
    if filter.in_doubt {
        sql.push_str(" AND in_doubt > 0");
    }
    (sql, values)
}

/// Text in which LIKE finds nothing but itself.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
