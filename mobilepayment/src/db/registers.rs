//! Licences, companies and terminals that were registered while the service runs.

use protocol::method::ContractedMethod;
use protocol::{Serial, UnixMillis};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use super::DbResult;
use super::row::{bad, instant, json, number, parse};
use crate::registers::licence::{Licence, LicenceId};
use crate::registers::{AccountId, Company, KeyHash, Model, Secret, Terminal, WebhookSettings};

/// Everything that was registered.
#[derive(Clone, Debug, Default)]
pub struct Registered {
    /// The licences, oldest first.
    pub licences: Vec<Licence>,
    /// The companies, each with the licence that registered it.
    pub companies: Vec<(LicenceId, Company)>,
    /// The terminals.
    pub terminals: Vec<Terminal>,
}

/// A webhook as its column holds it.
#[derive(Serialize, Deserialize)]
struct WebhookColumn {
    url: String,
    secret: String,
    types: Vec<String>,
}

/// Everything.
pub fn all(db: &Connection) -> DbResult<Registered> {
    Ok(Registered { licences: licences(db)?, companies: companies(db)?, terminals: terminals(db)? })
}

const LICENCES: &str = "SELECT id, description, key_hash, password_hash, active, message, created_at, activated_at, \
                        last_consulted_at FROM licences";

/// Every licence, oldest first.
pub fn licences(db: &Connection) -> DbResult<Vec<Licence>> {
    let mut statement = db.prepare_cached(&format!("{LICENCES} ORDER BY created_at, id"))?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(licence(row)?);
    }
    Ok(found)
}

/// The licence of an activation key.
pub fn licence_of_key(db: &Connection, key: KeyHash) -> DbResult<Option<Licence>> {
    let mut statement = db.prepare_cached(&format!("{LICENCES} WHERE key_hash = ?1"))?;
    let mut rows = statement.query([key.bytes()])?;
    rows.next()?.map(licence).transpose()
}

fn licence(row: &Row<'_>) -> DbResult<Licence> {
    let id: String = row.get(0)?;
    let (activated_at, last_consulted_at): (Option<i64>, Option<i64>) = (row.get(7)?, row.get(8)?);
    Ok(Licence {
        id: LicenceId::parse(&id).ok_or(bad("licences.id"))?,
        description: row.get(1)?,
        key: KeyHash::from_bytes(row.get(2)?),
        password: KeyHash::from_bytes(row.get(3)?),
        active: row.get(4)?,
        message: row.get(5)?,
        created_at: instant(row.get(6)?),
        activated_at: activated_at.map(instant),
        last_consulted_at: last_consulted_at.map(instant),
    })
}

/// Keeps a licence as it is now.
pub fn save_licence(db: &Connection, licence: &Licence) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO licences (id, description, key_hash, password_hash, active, message, created_at, activated_at,
             last_consulted_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET active = excluded.active, message = excluded.message,
             activated_at = excluded.activated_at, last_consulted_at = excluded.last_consulted_at",
    )?
    .execute(params![
        licence.id.as_str(),
        licence.description,
        licence.key.bytes(),
        licence.password.bytes(),
        licence.active,
        licence.message,
        licence.created_at.0,
        licence.activated_at.map(|at| at.0),
        licence.last_consulted_at.map(|at| at.0),
    ])?;
    Ok(())
}

fn companies(db: &Connection) -> DbResult<Vec<(LicenceId, Company)>> {
    let mut statement = db.prepare_cached(
        "SELECT account, licence, store_name, secret_key_hash, webhook, methods, feed_wait_s, answer_timeout_s
         FROM companies ORDER BY account",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(company(row)?);
    }
    Ok(found)
}

fn company(row: &Row<'_>) -> DbResult<(LicenceId, Company)> {
    let (account, licence): (String, String) = (row.get(0)?, row.get(1)?);
    let (webhook, methods): (Option<String>, String) = (row.get(4)?, row.get(5)?);
    let webhook: Option<WebhookColumn> = webhook.map(|text| parse("companies.webhook", &text)).transpose()?;
    let methods: Vec<ContractedMethod> = parse("companies.methods", &methods)?;
    let webhooks = webhook.map(|webhook| WebhookSettings {
        name: account.clone(),
        url: webhook.url,
        secret: Secret::new(webhook.secret),
        types: webhook.types,
    });
    let company = Company {
        account_id: AccountId::parse(&account).map_err(|_| bad("companies.account"))?,
        store_name: row.get(2)?,
        secret_key: KeyHash::from_bytes(row.get(3)?),
        webhooks: webhooks.into_iter().collect(),
        methods,
        feed_wait_s: row.get(6)?,
        answer_timeout_s: row.get(7)?,
    };
    Ok((LicenceId::parse(&licence).ok_or(bad("companies.licence"))?, company))
}

/// Keeps a company as it is now. Its licence stays the one that registered it.
pub fn save_company(db: &Connection, licence: &LicenceId, company: &Company) -> DbResult<()> {
    let webhook = company.webhooks.first().map(|webhook| {
        json(&WebhookColumn {
            url: webhook.url.clone(),
            secret: webhook.secret.expose().to_owned(),
            types: webhook.types.clone(),
        })
    });
    db.prepare_cached(
        "INSERT INTO companies (account, licence, store_name, secret_key_hash, webhook, methods, feed_wait_s,
             answer_timeout_s)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (account) DO UPDATE SET store_name = excluded.store_name,
             secret_key_hash = excluded.secret_key_hash, webhook = excluded.webhook, methods = excluded.methods,
             feed_wait_s = excluded.feed_wait_s, answer_timeout_s = excluded.answer_timeout_s",
    )?
    .execute(params![
        company.account_id.as_str(),
        licence.as_str(),
        company.store_name,
        company.secret_key.bytes(),
        webhook,
        json(&company.methods),
        company.feed_wait_s,
        company.answer_timeout_s,
    ])?;
    Ok(())
}

fn terminals(db: &Connection) -> DbResult<Vec<Terminal>> {
    let mut statement = db.prepare_cached(
        "SELECT serial, account, model, acquirer_cnpj, description, delivery, counter FROM terminals ORDER BY serial",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (serial, account, model): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        found.push(Terminal {
            serial: Serial::parse(&serial).map_err(|_| bad("terminals.serial"))?,
            account_id: AccountId::parse(&account).map_err(|_| bad("terminals.account"))?,
            model: Model::parse(&model).ok_or(bad("terminals.model"))?,
            acquirer_cnpj: row.get(3)?,
            description: row.get(4)?,
            delivery: row.get(5)?,
            counter: row.get(6)?,
        });
    }
    Ok(found)
}

/// Keeps a terminal as it is now. Its company stays the one that registered it.
pub fn save_terminal(db: &Connection, terminal: &Terminal) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO terminals (serial, account, model, acquirer_cnpj, description, delivery, counter)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (serial) DO UPDATE SET model = excluded.model, acquirer_cnpj = excluded.acquirer_cnpj,
             description = excluded.description, delivery = excluded.delivery, counter = excluded.counter",
    )?
    .execute(params![
        terminal.serial.as_str(),
        terminal.account_id.as_str(),
        terminal.model.as_str(),
        terminal.acquirer_cnpj,
        terminal.description,
        terminal.delivery,
        terminal.counter,
    ])?;
    Ok(())
}

/// Takes a terminal out of the register.
pub fn remove_terminal(db: &Connection, serial: &Serial) -> DbResult<()> {
    db.prepare_cached("DELETE FROM terminals WHERE serial = ?1")?.execute([serial.as_str()])?;
    Ok(())
}

/// Notes the number of a change of the registers.
pub fn note_change(db: &Connection, sequence: u64) -> DbResult<()> {
    db.prepare_cached("UPDATE registers_changed SET sequence = ?1 WHERE only_row = 1")?
        .execute([number(sequence)])?;
    Ok(())
}

/// Whether anything of this terminal is unfinished: a claim that it holds, an attempt or a reversal that is open or in
/// doubt, a reversal or an order that waits for it alone, a receipt for it. Such a terminal must stay until it has said
/// what it knows.
pub fn is_busy(db: &Connection, account: &AccountId, serial: &Serial, now: UnixMillis) -> DbResult<bool> {
    let found: Option<i64> = db
        .prepare_cached(
            "SELECT 1 FROM orders
             WHERE account = ?1 AND status IN ('open', 'closing')
               AND ((body ->> '$.claim.terminal') = ?2
                    AND coalesce((body ->> '$.claim.lease_until') > ?3, 1)
                    OR terminals = ',' || ?2 || ',')
             UNION ALL
             SELECT 1 FROM attempts a JOIN orders o ON o.id = a.order_id
             WHERE o.account = ?1 AND a.terminal = ?2
               AND (a.outcome IS NULL OR a.outcome = 'in_doubt' OR a.wanted_sequence IS NOT NULL)
             UNION ALL
             SELECT 1 FROM attempts a JOIN orders o ON o.id = a.order_id, json_each(a.body, '$.reversals') r
             WHERE o.account = ?1 AND (r.value ->> '$.terminal') = ?2 AND (r.value ->> '$.outcome') = 'in_doubt'
             UNION ALL
             SELECT 1 FROM prints p JOIN orders o ON o.id = p.order_id
             WHERE p.account = ?1 AND p.waiting = 1
               AND ((p.body ->> '$.terminal') = ?2
                    OR (p.body ->> '$.terminal') IS NULL AND o.terminals = ',' || ?2 || ',')
             LIMIT 1",
        )?
        .query_row(params![account.as_str(), serial.as_str(), now.0], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}
