//! Sales, their items and their payments.

use protocol::UnixMillis;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::registers::Product;
use super::{DbError, DbResult, column, money};
use crate::sale::{Form, Item, Payment, Pos, Sale, Status};
use crate::words::{read_method, wire};

/// Most sales in one list.
pub const LISTED_MAX: u32 = 100;

/// A payment by terminal that is not ended, with what sending it needs.
#[derive(Clone, Debug)]
pub struct Live {
    /// The payment.
    pub payment: Payment,
    /// Its sale.
    pub sale_id: i64,
    /// What people call that sale.
    pub sale_number: i64,
    /// Its order is known only as it was created.
    pub unread: bool,
}

/// Begins a sale.
pub fn begin(tx: &Transaction<'_>, company_id: i64, person_id: i64, now: UnixMillis) -> DbResult<i64> {
    tx.execute(
        "insert into sale (company_id, number, status, person_id, created_at)
         select ?1, coalesce(max(number), 0) + 1, 'open', ?2, ?3 from sale where company_id = ?1",
        params![company_id, person_id, now.0],
    )?;
    Ok(tx.last_insert_rowid())
}

/// The newest sale that a person has open.
pub fn open_of(tx: &Transaction<'_>, company_id: i64, person_id: i64) -> DbResult<Option<i64>> {
    let sql = "select max(id) from sale where company_id = ?1 and person_id = ?2 and status = 'open'";
    Ok(tx.query_row(sql, params![company_id, person_id], |row| row.get(0))?)
}

/// A sale of a company.
pub fn load(tx: &Transaction<'_>, company_id: i64, id: i64) -> DbResult<Option<Sale>> {
    let found = tx
        .query_row(
            "select number, status, created_at, ended_at from sale where id = ?1 and company_id = ?2",
            params![id, company_id],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get::<_, Option<i64>>(3)?)),
        )
        .optional()?;
    let Some((number, status, created_at, ended_at)) = found else { return Ok(None) };
    let status = match status.as_str() {
        "open" => Status::Open,
        "finished" => Status::Finished,
        "cancelled" => Status::Cancelled,
        _ => return Err(DbError::Row(format!("sale {id}: status {status:?}"))),
    };
    Ok(Some(Sale {
        id,
        company_id,
        number,
        status,
        created_at: UnixMillis(created_at),
        ended_at: ended_at.map(UnixMillis),
        items: items(tx, id)?,
        payments: payments(tx, id)?,
    }))
}

/// Ended sales of a company, newest first.
pub fn ended(tx: &Transaction<'_>, company_id: i64) -> DbResult<Vec<Sale>> {
    let mut query = tx.prepare(
        "select id from sale where company_id = ?1 and status <> 'open' order by ended_at desc, id desc limit ?2",
    )?;
    let ids: Vec<i64> =
        query.query_map(params![company_id, LISTED_MAX], |row| row.get(0))?.collect::<Result<_, _>>()?;
    ids.into_iter().filter_map(|id| load(tx, company_id, id).transpose()).collect()
}

/// Ends a sale.
pub fn end(tx: &Transaction<'_>, id: i64, status: Status, now: UnixMillis) -> DbResult<()> {
    let word = match status {
        Status::Open => "open",
        Status::Finished => "finished",
        Status::Cancelled => "cancelled",
    };
    tx.execute(
        "update sale set status = ?2, ended_at = ?3 where id = ?1 and status = 'open'",
        params![id, word, now.0],
    )?;
    Ok(())
}

fn items(tx: &Transaction<'_>, sale_id: i64) -> DbResult<Vec<Item>> {
    let mut query = tx.prepare("select * from sale_item where sale_id = ?1 order by line")?;
    let rows = query.query_map([sale_id], |row| {
        Ok(Item {
            line: row.get("line")?,
            description: row.get("description")?,
            unit: row.get("unit")?,
            price: money(row, "price")?,
            quantity: row.get("quantity")?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Adds an item at the end.
pub fn add_item(tx: &Transaction<'_>, sale_id: i64, product: &Product, quantity: u32) -> DbResult<()> {
    tx.execute(
        "insert into sale_item (sale_id, line, product_id, description, unit, price, quantity)
         select ?1, coalesce(max(line), 0) + 1, ?2, ?3, ?4, ?5, ?6 from sale_item where sale_id = ?1",
        params![sale_id, product.id, product.description, product.unit, column(product.price), quantity],
    )?;
    Ok(())
}

/// Takes an item out.
pub fn remove_item(tx: &Transaction<'_>, sale_id: i64, line: i64) -> DbResult<()> {
    tx.execute("delete from sale_item where sale_id = ?1 and line = ?2", params![sale_id, line])?;
    Ok(())
}

fn payments(tx: &Transaction<'_>, sale_id: i64) -> DbResult<Vec<Payment>> {
    let mut query = tx.prepare("select * from payment where sale_id = ?1 order by created_at, id")?;
    let mut rows = query.query([sale_id])?;
    let mut payments = Vec::new();
    while let Some(row) = rows.next()? {
        payments.push(payment(row)?);
    }
    Ok(payments)
}

fn payment(row: &Row<'_>) -> DbResult<Payment> {
    let (id, form): (String, String) = (row.get("id")?, row.get("form")?);
    let unreadable = |what: &str| DbError::Row(format!("payment {id}: {what}"));
    let form = match form.as_str() {
        "cash" => Form::Cash { received: money(row, "received")? },
        "pos" => {
            let method: Option<String> = row.get("method")?;
            let told: Option<String> = row.get("order_json")?;
            let order = told.map(|text| serde_json::from_str(&text)).transpose();
            Form::Pos(Box::new(Pos {
                serial: row.get("serial")?,
                method: method
                    .map(|word| read_method(&word).ok_or_else(|| unreadable("method")))
                    .transpose()?,
                installments: row.get("installments")?,
                order: order.map_err(|error| unreadable(&error.to_string()))?,
                refused: row.get("refusal_text")?,
                cancel_wanted: row.get("cancel_wanted")?,
            }))
        }
        _ => return Err(unreadable("form")),
    };
    Ok(Payment { amount: money(row, "amount")?, created_at: UnixMillis(row.get("created_at")?), form, id })
}

/// A new payment.
pub fn add_payment(tx: &Transaction<'_>, sale_id: i64, payment: &Payment) -> DbResult<()> {
    let (form, received, pos) = match &payment.form {
        Form::Cash { received } => ("cash", Some(*received), None),
        Form::Pos(pos) => ("pos", None, Some(pos)),
    };
    tx.execute(
        "insert into payment (id, sale_id, form, amount, created_at, received, serial, method, installments, ended)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            payment.id,
            sale_id,
            form,
            column(payment.amount),
            payment.created_at.0,
            received.map(column),
            pos.and_then(|pos| pos.serial.as_deref()),
            pos.and_then(|pos| pos.method).map(wire),
            pos.map_or(1, |pos| pos.installments),
            pos.is_none(),
        ],
    )?;
    Ok(())
}

/// Takes a cash payment out again.
pub fn remove_cash(tx: &Transaction<'_>, sale_id: i64, id: &str) -> DbResult<()> {
    tx.execute("delete from payment where sale_id = ?1 and id = ?2 and form = 'cash'", params![sale_id, id])?;
    Ok(())
}

/// Notes that a payment by terminal is to be closed.
pub fn want_cancelled(tx: &Transaction<'_>, sale_id: i64, id: &str) -> DbResult<()> {
    tx.execute(
        "update payment set cancel_wanted = 1 where sale_id = ?1 and id = ?2 and form = 'pos' and ended = 0",
        params![sale_id, id],
    )?;
    Ok(())
}

/// Payments by terminal of a company that are not ended, oldest first.
pub fn live(tx: &Transaction<'_>, company_id: i64) -> DbResult<Vec<Live>> {
    let mut query = tx.prepare(
        "select payment.*, sale.number as sale_number from payment join sale on sale.id = payment.sale_id
         where form = 'pos' and ended = 0 and sale.company_id = ?1 order by payment.created_at, payment.id",
    )?;
    let mut rows = query.query([company_id])?;
    let mut live = Vec::new();
    while let Some(row) = rows.next()? {
        let (sale_id, sale_number) = (row.get("sale_id")?, row.get("sale_number")?);
        live.push(Live { payment: payment(row)?, sale_id, sale_number, unread: row.get("unread")? });
    }
    Ok(live)
}

/// The sale of an order.
pub fn of_order(tx: &Transaction<'_>, company_id: i64, order_id: &str) -> DbResult<Option<i64>> {
    let sql = "select sale_id from payment join sale on sale.id = payment.sale_id
               where order_id = ?1 and company_id = ?2";
    Ok(tx.query_row(sql, params![order_id, company_id], |row| row.get(0)).optional()?)
}

/// Writes down the order that a payment became, as it was created.
pub fn created(tx: &Transaction<'_>, payment_id: &str, order_id: &str, text: &str) -> DbResult<()> {
    tx.execute(
        "update payment set order_id = ?2, order_json = ?3, unread = 1 where id = ?1 and order_id is null",
        params![payment_id, order_id, text],
    )?;
    Ok(())
}

/// Writes down an order as it is now.
pub fn told(tx: &Transaction<'_>, order_id: &str, text: &str, ended: bool) -> DbResult<()> {
    tx.execute(
        "update payment set order_json = ?2, unread = 0, ended = ?3 where order_id = ?1",
        params![order_id, text, ended],
    )?;
    Ok(())
}

/// Writes down that mobilepayment did not take a payment.
pub fn refused(tx: &Transaction<'_>, payment_id: &str, code: &str, sentence: &str) -> DbResult<()> {
    tx.execute(
        "update payment set refusal_code = ?2, refusal_text = ?3, ended = 1 where id = ?1 and order_id is null",
        params![payment_id, code, sentence],
    )?;
    Ok(())
}
