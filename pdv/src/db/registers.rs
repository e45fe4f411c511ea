//! Companies, products and terminals.

use protocol::Centavos;
use rusqlite::{OptionalExtension, Transaction, params};

use super::{DbResult, column, money};

/// Most products that a search shows.
pub const FOUND_MAX: u32 = 12;

/// A company (empresa).
#[derive(Clone, Debug)]
pub struct Company {
    /// Its row.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// "Habilitar integração POS Connect" is at 1, and it has its keys.
    pub pos_connect: bool,
}

/// A company whose orders go to mobilepayment.
#[derive(Clone)]
pub struct Connected {
    /// Its row.
    pub id: i64,
    /// Its key.
    pub secret_key: String,
}

/// Something that is sold.
#[derive(Clone, Debug)]
pub struct Product {
    /// Its row.
    pub id: i64,
    /// What people type.
    pub code: String,
    /// What it is.
    pub description: String,
    /// `UN`, `KG`, …
    pub unit: String,
    /// Of one.
    pub price: Centavos,
}

/// A terminal (periférico POS).
#[derive(Clone, Debug)]
pub struct Terminal {
    /// Its serial number.
    pub serial: String,
    /// `L3`, `A8` or `P2`.
    pub model: String,
    /// What people call it.
    pub description: String,
}

impl Terminal {
    /// Whether it takes payments at the counter: a P2 is for delivery only.
    #[must_use]
    pub fn takes_direct(&self) -> bool {
        self.model != "P2"
    }
}

/// A new company.
pub fn insert_company(
    tx: &Transaction<'_>,
    name: &str,
    cnpj: &str,
    account: Option<(&str, &str)>,
) -> DbResult<i64> {
    tx.execute(
        "insert into company (name, cnpj, pos_connect, account_id, secret_key) values (?1, ?2, ?3, ?4, ?5)",
        params![name, cnpj, account.is_some(), account.map(|a| a.0), account.map(|a| a.1)],
    )?;
    Ok(tx.last_insert_rowid())
}

/// Every company, by name.
pub fn companies(tx: &Transaction<'_>) -> DbResult<Vec<Company>> {
    let mut query =
        tx.prepare("select id, name, pos_connect and secret_key is not null from company order by id")?;
    let rows = query
        .query_map([], |row| Ok(Company { id: row.get(0)?, name: row.get(1)?, pos_connect: row.get(2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// One company.
pub fn company(tx: &Transaction<'_>, id: i64) -> DbResult<Option<Company>> {
    Ok(companies(tx)?.into_iter().find(|company| company.id == id))
}

/// Companies whose orders go to mobilepayment.
pub fn connected(tx: &Transaction<'_>) -> DbResult<Vec<Connected>> {
    let mut query =
        tx.prepare("select id, secret_key from company where pos_connect = 1 and secret_key is not null")?;
    let rows = query.query_map([], |row| Ok(Connected { id: row.get(0)?, secret_key: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Up to where a company's events were taken in.
pub fn events_since(tx: &Transaction<'_>, company_id: i64) -> DbResult<String> {
    Ok(tx.query_row("select events_since from company where id = ?1", [company_id], |row| row.get(0))?)
}

/// Notes up to where a company's events were taken in.
pub fn set_events_since(tx: &Transaction<'_>, company_id: i64, since: &str) -> DbResult<()> {
    tx.execute("update company set events_since = ?2 where id = ?1", params![company_id, since])?;
    Ok(())
}

/// A new product.
pub fn insert_product(
    tx: &Transaction<'_>,
    code: &str,
    barcode: Option<&str>,
    description: &str,
    unit: &str,
    price: Centavos,
) -> DbResult<()> {
    tx.execute(
        "insert into product (code, barcode, description, unit, price) values (?1, ?2, ?3, ?4, ?5)",
        params![code, barcode, description, unit, column(price)],
    )?;
    Ok(())
}

fn product(row: &rusqlite::Row<'_>) -> rusqlite::Result<Product> {
    Ok(Product {
        id: row.get("id")?,
        code: row.get("code")?,
        description: row.get("description")?,
        unit: row.get("unit")?,
        price: money(row, "price")?,
    })
}

/// A product by its code or barcode.
pub fn product_by_code(tx: &Transaction<'_>, code: &str) -> DbResult<Option<Product>> {
    let sql = "select * from product where code = ?1 or barcode = ?1 limit 1";
    Ok(tx.query_row(sql, [code], product).optional()?)
}

/// Products whose code begins with, or whose description contains, what was typed.
pub fn find_products(tx: &Transaction<'_>, text: &str) -> DbResult<Vec<Product>> {
    let mut query = tx.prepare(
        "select * from product
         where code = ?1 or barcode = ?1 or substr(code, 1, length(?1)) = ?1
            or instr(lower(description), lower(?1)) > 0
         order by code = ?1 desc, description limit ?2",
    )?;
    let rows = query.query_map(params![text, FOUND_MAX], product)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A new terminal.
pub fn insert_terminal(
    tx: &Transaction<'_>,
    company_id: i64,
    terminal: &Terminal,
    acquirer_cnpj: &str,
) -> DbResult<()> {
    tx.execute(
        "insert into terminal (serial, company_id, model, acquirer_cnpj, description) values (?1, ?2, ?3, ?4, ?5)",
        params![terminal.serial, company_id, terminal.model, acquirer_cnpj, terminal.description],
    )?;
    Ok(())
}

/// A company's terminals, by what people call them.
pub fn terminals(tx: &Transaction<'_>, company_id: i64) -> DbResult<Vec<Terminal>> {
    let mut query = tx.prepare(
        "select serial, model, description from terminal where company_id = ?1 order by description",
    )?;
    let rows = query.query_map([company_id], |row| {
        Ok(Terminal { serial: row.get(0)?, model: row.get(1)?, description: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
