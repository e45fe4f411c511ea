//! Which statements of terminals came before.

use protocol::{AttemptId, StatementId, UnixMillis};
use rusqlite::{Connection, OptionalExtension, params};

use super::DbResult;
use super::row::{number, unsigned};

/// The digest of the statement with this id, when it came before.
pub fn find(db: &Connection, id: StatementId) -> DbResult<Option<Vec<u8>>> {
    let found = db
        .prepare_cached("SELECT digest FROM statements WHERE id = ?1")?
        .query_row([number(id.get())], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// How many statements about an attempt came.
pub fn count(db: &Connection, attempt: AttemptId) -> DbResult<u64> {
    let count: i64 = db
        .prepare_cached("SELECT count(*) FROM statements WHERE attempt_id = ?1")?
        .query_row([number(attempt.get())], |row| row.get(0))?;
    Ok(unsigned(count))
}

/// Keeps that a statement came.
pub fn insert(
    db: &Connection,
    id: StatementId,
    attempt: AttemptId,
    digest: &[u8; 32],
    now: UnixMillis,
) -> DbResult<()> {
    db.prepare_cached(
        "INSERT INTO statements (id, attempt_id, digest, received_at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![number(id.get()), number(attempt.get()), digest, now.0])?;
    Ok(())
}
