//! Orders with their attempts, claims and reversals.

use protocol::attempt::Outcome;
use protocol::{AttemptId, ClaimId, OrderId, ReversalId, Serial, UnixMillis};
use rusqlite::{Connection, OptionalExtension, params};

use super::row::{bad, centavos, json, number, outcome, parse, status};
use super::{DbError, DbResult};
use crate::ledger::claiming::KnownClaim;
use crate::ledger::draft::next_lapse;
use crate::ledger::order::{Attempt, Order};
use crate::registers::AccountId;

/// One order, whole.
pub fn load(db: &Connection, account: &AccountId, id: &OrderId) -> DbResult<Option<Order>> {
    let row: Option<(String, String)> = db
        .prepare_cached("SELECT body, pdv FROM orders WHERE id = ?1 AND account = ?2")?
        .query_row(params![id.as_str(), account.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(body, pdv)| whole(db, &body, pdv)).transpose()
}

/// An order from its row, with its attempts.
pub(super) fn whole(db: &Connection, body: &str, pdv: String) -> DbResult<Order> {
    let mut order: Order = parse("orders.body", body)?;
    order.pdv = pdv;
    let mut statement = db.prepare_cached("SELECT body FROM attempts WHERE order_id = ?1 ORDER BY place")?;
    let mut rows = statement.query([order.id.as_str()])?;
    while let Some(row) = rows.next()? {
        let body: String = row.get(0)?;
        order.attempts.push(parse("attempts.body", &body)?);
    }
    Ok(order)
}

/// Writes what differs from `before`.
pub fn save(db: &Connection, before: Option<&Order>, order: &Order) -> DbResult<()> {
    match before {
        None => insert(db, order)?,
        Some(_) => update(db, order)?,
    }
    let old = before.map_or(&[][..], |before| before.attempts.as_slice());
    for (place, attempt) in order.attempts.iter().enumerate() {
        let was = old.get(place);
        if was != Some(attempt) {
            save_attempt(db, order, place, attempt, was)?;
        }
    }
    let new_claim = order
        .claim
        .as_ref()
        .filter(|claim| before.and_then(|b| b.claim.as_ref()).is_none_or(|was| was.id != claim.id));
    if let Some(claim) = new_claim {
        db.prepare_cached(
            "INSERT INTO claims (id, order_id, terminal, fence, granted_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            number(claim.id.get()),
            order.id.as_str(),
            claim.terminal.as_str(),
            number(claim.fence.0),
            claim.granted_at.0,
        ])?;
    }
    Ok(())
}

/// The order of an attempt, in whichever account.
pub fn order_of_attempt(db: &Connection, id: AttemptId) -> DbResult<Option<OrderId>> {
    let text: Option<String> = db
        .prepare_cached("SELECT order_id FROM attempts WHERE id = ?1")?
        .query_row([number(id.get())], |row| row.get(0))
        .optional()?;
    text.map(|text| order_id(&text)).transpose()
}

/// The payment of a reversal.
pub fn attempt_of_reversal(db: &Connection, id: ReversalId) -> DbResult<Option<AttemptId>> {
    let found: Option<i64> = db
        .prepare_cached("SELECT attempt_id FROM reversals WHERE id = ?1")?
        .query_row([number(id.get())], |row| row.get(0))
        .optional()?;
    Ok(found.map(|id| AttemptId::from_random(id.unsigned_abs())))
}

/// A claim id that was granted before.
pub fn known_claim(db: &Connection, id: ClaimId) -> DbResult<Option<KnownClaim>> {
    let found: Option<(String, String)> = db
        .prepare_cached("SELECT order_id, terminal FROM claims WHERE id = ?1")?
        .query_row([number(id.get())], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found
        .map(|(order, terminal)| {
            Ok(KnownClaim {
                order_id: order_id(&order)?,
                terminal: Serial::parse(&terminal).map_err(|_| bad("claims.terminal"))?,
            })
        })
        .transpose()
}

/// Orders that time alone has changed by now, at most `limit`.
pub fn lapsed(db: &Connection, now: UnixMillis, limit: u32) -> DbResult<Vec<(AccountId, OrderId)>> {
    let mut statement =
        db.prepare_cached("SELECT account, id FROM orders WHERE lapse_at <= ?1 ORDER BY lapse_at LIMIT ?2")?;
    let mut rows = statement.query(params![now.0, limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (account, id): (String, String) = (row.get(0)?, row.get(1)?);
        let account = AccountId::parse(&account).map_err(|_| bad("orders.account"))?;
        found.push((account, order_id(&id)?));
    }
    Ok(found)
}

/// Every order that is not ended, oldest change first.
pub fn not_ended(db: &Connection) -> DbResult<Vec<Order>> {
    many(
        db,
        "SELECT body, pdv FROM orders WHERE status IN ('open', 'closing') ORDER BY sequence LIMIT ?1",
        u32::MAX,
    )
}

/// The orders that ended last, newest change first.
pub fn ended_last(db: &Connection, limit: u32) -> DbResult<Vec<Order>> {
    many(
        db,
        "SELECT body, pdv FROM orders WHERE status IN ('paid', 'closed') ORDER BY sequence DESC LIMIT ?1",
        limit,
    )
}

/// Every order with a payment whose reversal the PDV wants.
pub fn with_wanted_reversals(db: &Connection) -> DbResult<Vec<Order>> {
    many(
        db,
        "SELECT body, pdv FROM orders WHERE id IN
             (SELECT order_id FROM attempts WHERE wanted_sequence IS NOT NULL) LIMIT ?1",
        u32::MAX,
    )
}

/// The order that an idempotency key made, with the hash of the request.
pub fn find_idempotent(
    db: &Connection,
    account: &AccountId,
    key: &str,
) -> DbResult<Option<(OrderId, Vec<u8>)>> {
    let found: Option<(String, Vec<u8>)> = db
        .prepare_cached("SELECT order_id, request_hash FROM idempotency WHERE account = ?1 AND key = ?2")?
        .query_row(params![account.as_str(), key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(order, hash)| Ok((order_id(&order)?, hash))).transpose()
}

/// Keeps which order an idempotency key made.
pub fn keep_idempotent(
    db: &Connection,
    account: &AccountId,
    key: &str,
    hash: &[u8],
    order: &OrderId,
    now: UnixMillis,
) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO idempotency (account, key, request_hash, order_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![account.as_str(), key, hash, order.as_str(), now.0])?;
    Ok(())
}

/// Forgets idempotency keys made before an instant.
pub fn forget_idempotent(db: &Connection, before: UnixMillis) -> DbResult<()> {
    db.prepare_cached("DELETE FROM idempotency WHERE created_at < ?1")?.execute([before.0])?;
    Ok(())
}

fn many(db: &Connection, sql: &str, limit: u32) -> DbResult<Vec<Order>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([limit])?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        let (body, pdv): (String, String) = (row.get(0)?, row.get(1)?);
        orders.push(whole(db, &body, pdv)?);
    }
    Ok(orders)
}

fn insert(db: &Connection, order: &Order) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO orders (id, account, code, number, display_name, status, terminals, total_centavos,
             paid_centavos, in_doubt, sequence, lapse_at, created_at, body, pdv)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute(params![
        order.id.as_str(),
        order.account.as_str(),
        order.code,
        order.number,
        order.display_name,
        status(order.status),
        addressed(order),
        centavos(order.total),
        centavos(order.paid()),
        in_doubt(order),
        number(order.revision),
        next_lapse(order).map(|at| at.0),
        order.created_at.0,
        body(order),
        order.pdv,
    ])?;
    Ok(())
}

fn update(db: &Connection, order: &Order) -> DbResult<()> {
    let changed = db
        .prepare_cached(
            "UPDATE orders SET status = ?2, paid_centavos = ?3, in_doubt = ?4, sequence = ?5, lapse_at = ?6,
                 body = ?7 WHERE id = ?1",
        )?
        .execute(params![
            order.id.as_str(),
            status(order.status),
            centavos(order.paid()),
            in_doubt(order),
            number(order.revision),
            next_lapse(order).map(|at| at.0),
            body(order),
        ])?;
    if changed == 1 { Ok(()) } else { Err(bad("orders.id")) }
}

fn save_attempt(
    db: &Connection,
    order: &Order,
    place: usize,
    attempt: &Attempt,
    was: Option<&Attempt>,
) -> DbResult<()> {
    let wanted = attempt.reversal_wanted.as_ref().map(|wanted| number(wanted.sequence));
    if was.is_some() {
        db.prepare_cached(
            "UPDATE attempts SET reversed_centavos = ?2, outcome = ?3, wanted_sequence = ?4, body = ?5 WHERE id = ?1",
        )?
        .execute(params![
            number(attempt.id.get()),
            centavos(attempt.reversed),
            attempt.outcome.map(outcome),
            wanted,
            json(attempt),
        ])?;
    } else {
        db.prepare_cached(
            "INSERT INTO attempts (id, order_id, place, terminal, amount_centavos, reversed_centavos, outcome,
                 wanted_sequence, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            number(attempt.id.get()),
            order.id.as_str(),
            i64::try_from(place).map_err(|_| bad("attempts.place"))?,
            attempt.terminal.as_str(),
            centavos(attempt.amount),
            centavos(attempt.reversed),
            attempt.outcome.map(outcome),
            wanted,
            json(attempt),
        ])?;
    }
    let old = was.map_or(&[][..], |was| was.reversals.as_slice());
    for (place, reversal) in attempt.reversals.iter().enumerate() {
        let (id, is) = (number(reversal.id.get()), outcome(reversal.outcome));
        match old.get(place) {
            None => db
                .prepare_cached("INSERT INTO reversals (id, attempt_id, outcome) VALUES (?1, ?2, ?3)")?
                .execute(params![id, number(attempt.id.get()), is])?,
            Some(was) if was.outcome != reversal.outcome => db
                .prepare_cached("UPDATE reversals SET outcome = ?2 WHERE id = ?1")?
                .execute(params![id, is])?,
            Some(_) => 0,
        };
    }
    Ok(())
}

/// The order's own row: its attempts have rows of their own.
fn body(order: &Order) -> String {
    let mut alone = order.clone();
    alone.attempts.clear();
    json(&alone)
}

fn addressed(order: &Order) -> String {
    let mut text = String::new();
    for serial in &order.terminals {
        text.push(',');
        text.push_str(serial.as_str());
    }
    if !text.is_empty() {
        text.push(',');
    }
    text
}

fn in_doubt(order: &Order) -> i64 {
    let count = order.attempts.iter().filter(|attempt| attempt.outcome == Some(Outcome::InDoubt)).count();
    i64::try_from(count).expect("attempts of an order are bounded")
}

fn order_id(text: &str) -> Result<OrderId, DbError> {
    OrderId::parse(text).map_err(|_| bad("order id"))
}
