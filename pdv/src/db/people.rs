//! Who works here, and who is logged in.

use protocol::UnixMillis;
use rusqlite::{OptionalExtension, Transaction, params};

use super::{DbError, DbResult};

/// How long a session lives without being used: a working day.
const SESSION_IDLE_MS: i64 = 12 * 60 * 60 * 1_000;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Operador de caixa.
    Cashier,
    /// Gerente.
    Manager,
}

impl Role {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Cashier => "cashier",
            Self::Manager => "manager",
        }
    }

    fn parse(text: &str) -> DbResult<Self> {
        match text {
            "cashier" => Ok(Self::Cashier),
            "manager" => Ok(Self::Manager),
            _ => Err(DbError::Row(format!("role {text:?}"))),
        }
    }
}

/// Somebody who works here.
#[derive(Clone, Debug)]
pub struct Person {
    /// Their row.
    pub id: i64,
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// Somebody at a page.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub person: Person,
    /// Of which company.
    pub company_id: i64,
}

/// A new person.
pub fn insert(
    tx: &Transaction<'_>,
    login: &str,
    name: &str,
    password_hash: &str,
    role: Role,
) -> DbResult<i64> {
    tx.execute(
        "insert into person (login, name, password_hash, role) values (?1, ?2, ?3, ?4)",
        params![login, name, password_hash, role.as_str()],
    )?;
    Ok(tx.last_insert_rowid())
}

/// An active person by login, with the hash of the password.
pub fn by_login(tx: &Transaction<'_>, login: &str) -> DbResult<Option<(Person, String)>> {
    let found = tx
        .query_row(
            "select id, name, role, password_hash from person where login = ?1 and active = 1",
            [login],
            |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?)),
        )
        .optional()?;
    let Some((id, name, role, hash)) = found else { return Ok(None) };
    Ok(Some((Person { id, name, role: Role::parse(&role)? }, hash)))
}

/// Begins a session, and forgets those that nobody uses any more.
pub fn begin_session(
    tx: &Transaction<'_>,
    token_hash: &str,
    person_id: i64,
    company_id: i64,
    now: UnixMillis,
) -> DbResult<()> {
    tx.execute("delete from session where seen_at < ?1", [now.0 - SESSION_IDLE_MS])?;
    tx.execute(
        "insert into session (token_hash, person_id, company_id, created_at, seen_at) values (?1, ?2, ?3, ?4, ?4)",
        params![token_hash, person_id, company_id, now.0],
    )?;
    Ok(())
}

/// The session of a token, unless it was left too long ago.
pub fn session(tx: &Transaction<'_>, token_hash: &str, now: UnixMillis) -> DbResult<Option<Session>> {
    let found = tx
        .query_row(
            "select person.id, person.name, person.role, session.company_id
             from session join person on person.id = session.person_id
             where token_hash = ?1 and seen_at >= ?2 and person.active = 1",
            params![token_hash, now.0 - SESSION_IDLE_MS],
            |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?)),
        )
        .optional()?;
    let Some((id, name, role, company_id)) = found else { return Ok(None) };
    tx.execute("update session set seen_at = ?2 where token_hash = ?1", params![token_hash, now.0])?;
    Ok(Some(Session { person: Person { id, name, role: Role::parse(&role)? }, company_id }))
}

/// Ends a session.
pub fn end_session(tx: &Transaction<'_>, token_hash: &str) -> DbResult<()> {
    tx.execute("delete from session where token_hash = ?1", [token_hash])?;
    Ok(())
}
