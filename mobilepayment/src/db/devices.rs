//! Activation codes and device tokens, both only as SHA-256.

use protocol::{Serial, UnixMillis};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::DbResult;
use super::row::{bad, instant};
use crate::registers::AccountId;

/// What is kept of a terminal that was activated or blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Which.
    pub serial: Serial,
    /// The company that activated it.
    pub account: AccountId,
    /// SHA-256 of its token; `None`: not active.
    pub token_hash: Option<[u8; 32]>,
    /// When it was activated.
    pub activated_at: Option<UnixMillis>,
    /// Blocked by the store.
    pub revoked: bool,
}

/// An activation code that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The terminal that it is for.
    pub serial: Serial,
    /// The company that made it.
    pub account: AccountId,
    /// Also for a terminal that is active.
    pub replaces: bool,
    /// Until when.
    pub expires_at: UnixMillis,
}

const COLUMNS: &str = "SELECT serial, account, token_hash, activated_at, revoked FROM devices";

/// Every device.
pub fn all(db: &Connection) -> DbResult<Vec<Device>> {
    let mut statement = db.prepare_cached(COLUMNS)?;
    let mut rows = statement.query([])?;
    let mut devices = Vec::new();
    while let Some(row) = rows.next()? {
        devices.push(device(row)?);
    }
    Ok(devices)
}

/// One device.
pub fn find(db: &Connection, serial: &Serial) -> DbResult<Option<Device>> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} WHERE serial = ?1"))?;
    let mut rows = statement.query([serial.as_str()])?;
    match rows.next()? {
        Some(row) => device(row).map(Some),
        None => Ok(None),
    }
}

fn device(row: &Row<'_>) -> DbResult<Device> {
    let (serial, account): (String, String) = (row.get(0)?, row.get(1)?);
    let activated_at: Option<i64> = row.get(3)?;
    Ok(Device {
        serial: Serial::parse(&serial).map_err(|_| bad("devices.serial"))?,
        account: AccountId::parse(&account).map_err(|_| bad("devices.account"))?,
        token_hash: row.get(2)?,
        activated_at: activated_at.map(instant),
        revoked: row.get(4)?,
    })
}

/// Keeps a device as it is now.
pub fn save(db: &Connection, device: &Device) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO devices (serial, account, token_hash, activated_at, revoked) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (serial) DO UPDATE SET account = excluded.account, token_hash = excluded.token_hash,
             activated_at = excluded.activated_at, revoked = excluded.revoked",
    )?
    .execute(params![
        device.serial.as_str(),
        device.account.as_str(),
        device.token_hash,
        device.activated_at.map(|at| at.0),
        device.revoked,
    ])?;
    Ok(())
}

/// Keeps a code; an earlier one of the same terminal is void.
pub fn insert_code(db: &Connection, hash: &[u8; 32], code: &Code) -> DbResult<()> {
    db.prepare_cached("DELETE FROM activation_codes WHERE serial = ?1")?.execute([code.serial.as_str()])?;
    db.prepare_cached(
        "INSERT INTO activation_codes (code_hash, account, serial, replaces, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        hash,
        code.account.as_str(),
        code.serial.as_str(),
        code.replaces,
        code.expires_at.0,
    ])?;
    Ok(())
}

/// The code with this hash.
pub fn find_code(db: &Connection, hash: &[u8; 32]) -> DbResult<Option<Code>> {
    let found: Option<(String, String, bool, i64)> = db
        .prepare_cached(
            "SELECT serial, account, replaces, expires_at FROM activation_codes WHERE code_hash = ?1",
        )?
        .query_row([hash], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    found
        .map(|(serial, account, replaces, expires_at)| {
            Ok(Code {
                serial: Serial::parse(&serial).map_err(|_| bad("activation_codes.serial"))?,
                account: AccountId::parse(&account).map_err(|_| bad("activation_codes.account"))?,
                replaces,
                expires_at: instant(expires_at),
            })
        })
        .transpose()
}

/// Uses a code up.
pub fn delete_code(db: &Connection, hash: &[u8; 32]) -> DbResult<()> {
    db.prepare_cached("DELETE FROM activation_codes WHERE code_hash = ?1")?.execute([hash])?;
    Ok(())
}

/// Forgets codes that expired before an instant.
pub fn forget_codes(db: &Connection, before: UnixMillis) -> DbResult<()> {
    db.prepare_cached("DELETE FROM activation_codes WHERE expires_at < ?1")?.execute([before.0])?;
    Ok(())
}
