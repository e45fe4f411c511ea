//! The PDV's own books: one SQLite file, one connection, and all SQL. [`Db::write`] and [`Db::read`] run a closure in a
//! transaction on a thread that may block; what is written is synced before they return.

pub mod people;
pub mod registers;
pub mod sales;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// Name of the database in the data folder.
pub const FILE_NAME: &str = "pdv.db";
/// Beside the database, once there was one: tells a new folder from one that lost its database.
const MARKER: &str = "pdv.created";
/// Marks the file as ours ("PDVR").
const APPLICATION_ID: i32 = 0x5044_5652;
/// The schema, step by step; a step that landed is never edited.
const MIGRATIONS: &[&str] = &[include_str!("../../migrations/0001_first.sql")];

/// What can go wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite says so.
    #[error("o banco de dados do PDV não pôde ser usado: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The folder.
    #[error("a pasta de dados {path} não pôde ser usada: {source}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is of somebody else, or of a newer version.
    #[error("o arquivo {path} {why}. Nada foi alterado")]
    Foreign {
        /// Which.
        path: PathBuf,
        /// What it is.
        why: String,
    },
    /// A row that this program cannot have written.
    #[error("o banco de dados do PDV tem um registro que não pode ser lido: {0}")]
    Row(String),
}

/// Result of a room of this module.
pub type DbResult<T> = Result<T, DbError>;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    connection: Arc<Mutex<Connection>>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Db")
    }
}

impl Db {
    /// Opens the file in a folder, makes it when there is none, and brings it up to date. The flag: it is new.
    pub fn open(folder: &Path) -> DbResult<(Self, bool)> {
        std::fs::create_dir_all(folder)
            .map_err(|source| DbError::Folder { path: folder.to_owned(), source })?;
        let path = folder.join(FILE_NAME);
        let marker = folder.join(MARKER);
        // An empty one in its place would forget every sale.
        if marker.exists() && !path.exists() {
            let why =
                "sumiu. Restaure uma cópia de segurança; um banco novo começaria sem as vendas".to_owned();
            return Err(DbError::Foreign { path, why });
        }
        let mut connection = Connection::open(&path)?;
        // One PDV has the file: another one would show figures that this one changes.
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        let is_new = migrate(&mut connection, &path)?;
        std::fs::File::create(&marker).map_err(|source| DbError::Folder { path: marker.clone(), source })?;
        Ok((Self { connection: Arc::new(Mutex::new(connection)) }, is_new))
    }

    /// Runs `work` in a transaction that is committed when it returns `Ok`.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> DbResult<T> + Send + 'static,
    ) -> DbResult<T> {
        self.run(TransactionBehavior::Immediate, work).await
    }

    /// Runs `work` on what is committed.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> DbResult<T> + Send + 'static,
    ) -> DbResult<T> {
        self.run(TransactionBehavior::Deferred, work).await
    }

    async fn run<T: Send + 'static>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>) -> DbResult<T> + Send + 'static,
    ) -> DbResult<T> {
        let connection = Arc::clone(&self.connection);
        let ran = tokio::task::spawn_blocking(move || {
            // A panic inside a transaction has rolled it back: the connection is as good as before.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = connection.transaction_with_behavior(behavior)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        });
        ran.await.unwrap_or_else(|error| Err(DbError::Row(format!("a query ended by itself: {error}"))))
    }
}

fn migrate(connection: &mut Connection, path: &Path) -> DbResult<bool> {
    let foreign = |why: String| DbError::Foreign { path: path.to_owned(), why };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let number = |pragma| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 = transaction.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
    let is_new = application == 0 && version == 0 && tables == 0;
    if !is_new && application != i64::from(APPLICATION_ID) {
        return Err(foreign("não é um banco de dados deste PDV; aponte --data para outra pasta".to_owned()));
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(steps) = MIGRATIONS.get(done..) else {
        return Err(foreign(format!(
            "é da versão {version}, mais nova que este programa; instale a versão nova"
        )));
    };
    for step in steps {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX))?;
    transaction.commit()?;
    Ok(is_new)
}

/// An amount out of a column.
fn money(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<protocol::Centavos> {
    let centavos: i64 = row.get(column)?;
    u64::try_from(centavos)
        .ok()
        .and_then(protocol::Centavos::new)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(0, centavos))
}

/// An amount for a column.
fn column(amount: protocol::Centavos) -> i64 {
    i64::try_from(amount.get()).expect("at most 2^53 - 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_or_newer_file_is_refused_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (db, is_new) = Db::open(folder.path()).unwrap();
        assert!(is_new);
        drop(db);
        assert!(!Db::open(folder.path()).unwrap().1);
        let file = folder.path().join(FILE_NAME);
        let touch = |sql: &str| Connection::open(&file).unwrap().execute_batch(sql).unwrap();
        touch("pragma user_version = 99");
        assert!(Db::open(folder.path()).unwrap_err().to_string().contains("mais nova"));
        touch("pragma user_version = 1; pragma application_id = 7");
        assert!(
            Db::open(folder.path()).unwrap_err().to_string().contains("não é um banco de dados deste PDV")
        );
    }

    #[test]
    fn a_database_that_is_gone_is_not_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        drop(Db::open(folder.path()).unwrap());
        std::fs::remove_file(folder.path().join(FILE_NAME)).unwrap();
        assert!(Db::open(folder.path()).unwrap_err().to_string().contains("sumiu"));
        assert!(!folder.path().join(FILE_NAME).exists());
    }

    #[test]
    fn one_file_has_one_pdv() {
        let folder = tempfile::tempdir().unwrap();
        let first = Db::open(folder.path()).unwrap();
        assert!(Db::open(folder.path()).is_err());
        drop(first);
        assert!(Db::open(folder.path()).is_ok());
    }
}
