//! Opening the file: never twice, never damaged, never newer than this program, never recreated.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use super::{DbError, DbResult, wal};

/// Name of the database in the data folder.
pub const FILE_NAME: &str = "mobilepayment.db";
/// Its log of commits, which a service that was killed leaves behind.
const WAL_NAME: &str = "mobilepayment.db-wal";
/// Beside the database, once there was one: tells a new folder from one that lost its database.
const MARKER: &str = "mobilepayment.created";
/// Head of every SQLite file, in bytes. SQLite takes a shorter file for a new one.
const HEADER_BYTES: u64 = 100;
/// Marks the file as ours ("POSC").
const APPLICATION_ID: i32 = 0x504f_5343;
/// How long a reader waits for a lock, in ms: in WAL mode only recovery after a crash takes one.
const BUSY_MS: u64 = 5_000;
/// Prepared statements kept per connection: more than there are different ones.
const STATEMENTS_KEPT: usize = 128;
/// The schema, step by step; a step that landed is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_audit.sql"),
    include_str!("../../migrations/0003_statements.sql"),
    include_str!("../../migrations/0004_reversals.sql"),
    include_str!("../../migrations/0005_conciliations.sql"),
    include_str!("../../migrations/0006_registers.sql"),
];

/// Finds a row whose money, state or name is not the same in its columns and in its body.
const DISAGREEMENT: &str = include_str!("disagreement.sql");

/// A data folder that only this process uses, with its database checked and up to date.
#[derive(Debug)]
pub struct DataDir {
    file: PathBuf,
    /// Whether there was a log of commits: it is kept as it is until the database is known to be well.
    had_log: bool,
    _lock: File,
}

impl DataDir {
    /// Takes the folder, creates the database if there is none, checks and migrates it if there is one.
    pub fn open(folder: &Path) -> DbResult<Self> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| DbError::File { path, source }
        };
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        let lock_path = folder.join("mobilepayment.lock");
        let lock = File::create(&lock_path).map_err(at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DbError::InUse(folder.to_owned())),
            Err(TryLockError::Error(source)) => return Err(at(&lock_path)(source)),
        }
        let file = folder.join(FILE_NAME);
        let log = folder.join(WAL_NAME);
        let had_log = log.try_exists().map_err(at(&log))?;
        let data = Self { file, had_log, _lock: lock };
        // An error is no absence: what cannot be looked at is not created anew.
        if !data.file.try_exists().map_err(at(&data.file))? {
            data.refuse_if_lost(folder)?;
            data.create(folder)?;
        }
        data.refuse_unwritable()?;
        data.refuse_damaged_log(folder)?;
        data.check_and_migrate().map_err(|error| data.explained(error))?;
        data.mark_used(folder)?;
        Ok(data)
    }

    /// A folder with what only a database leaves behind had one: an empty one in its place would forget every payment.
    fn refuse_if_lost(&self, folder: &Path) -> DbResult<()> {
        for name in [MARKER, WAL_NAME] {
            let trace = folder.join(name);
            if trace.try_exists().map_err(|source| DbError::File { path: trace.clone(), source })? {
                return Err(DbError::Damaged {
                    path: self.file.clone(),
                    detail: "o arquivo sumiu".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// SQLite would open it for reading only, and leave files beside it before it says so.
    fn refuse_unwritable(&self) -> DbResult<()> {
        let opened = File::options().write(true).open(&self.file);
        opened.map(drop).map_err(|source| DbError::File { path: self.file.clone(), source })
    }

    /// SQLite itself would forget the commits behind a damaged one without a word.
    fn refuse_damaged_log(&self, folder: &Path) -> DbResult<()> {
        let path = folder.join(WAL_NAME);
        match wal::damage(&path) {
            Ok(None) => Ok(()),
            Ok(Some(detail)) => Err(DbError::Damaged { path: self.file.clone(), detail: detail.to_owned() }),
            Err(source) => Err(DbError::File { path, source }),
        }
    }

    /// From now on a missing database is a lost one.
    fn mark_used(&self, folder: &Path) -> DbResult<()> {
        let marker = folder.join(MARKER);
        let at = |source| DbError::File { path: marker.clone(), source };
        if marker.try_exists().map_err(at)? {
            return Ok(());
        }
        File::create(&marker).and_then(|file| file.sync_all()).map_err(at)?;
        sync_folder(folder).map_err(at)
    }

    /// The connection that writes; there is only one. Until it is trusted ([`trust`]), closing it changes no file.
    pub fn writer(&self) -> DbResult<Connection> {
        let connection = connect(&self.file)?;
        if self.had_log {
            distrust(&connection)?;
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(connection)
    }

    /// A connection that only reads.
    pub fn reader(&self) -> DbResult<Connection> {
        let connection = connect(&self.file)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    /// Creates the file under another name and gives it its own only when it is whole, so that a crash in between
    /// leaves nothing that looks like a damaged database.
    fn create(&self, folder: &Path) -> DbResult<()> {
        let unfinished = folder.join("mobilepayment.db.new");
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let mut name = unfinished.clone().into_os_string();
            name.push(suffix);
            match std::fs::remove_file(&name) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => {
                    return Err(DbError::File { path: name.into(), source });
                }
            }
        }
        let mut connection = Connection::open(&unfinished)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        migrate(&mut connection, 0)?;
        connection.close().map_err(|(_, error)| error)?;
        let at = |source| DbError::File { path: unfinished.clone(), source };
        File::open(&unfinished).and_then(|file| file.sync_all()).map_err(at)?;
        std::fs::rename(&unfinished, &self.file).map_err(at)?;
        sync_folder(folder).map_err(at)
    }

    fn check_and_migrate(&self) -> DbResult<()> {
        let damaged = |detail: String| DbError::Damaged { path: self.file.clone(), detail };
        let length = std::fs::metadata(&self.file)
            .map_err(|source| DbError::File { path: self.file.clone(), source })?
            .len();
        if length == 0 {
            return Err(damaged("está vazio".to_owned()));
        }
        if length < HEADER_BYTES {
            return Err(damaged("foi cortado".to_owned()));
        }
        let mut connection = connect(&self.file)?;
        if self.had_log {
            distrust(&connection)?;
        }
        // SQLite fills the missing end of a page with zeros. Beside a log of commits that may be a checkpoint that found the
        // disk full, and the log has the page.
        let page_bytes: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        if !self.had_log && !length.is_multiple_of(page_bytes.into()) {
            return Err(damaged("foi cortado".to_owned()));
        }
        let answer: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if answer != "ok" {
            return Err(damaged(answer));
        }
        let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        if application != APPLICATION_ID {
            return Err(DbError::Foreign(self.file.clone()));
        }
        let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let known = known_schema();
        if found == 0 {
            return Err(damaged("não tem esquema".to_owned()));
        }
        if found > known {
            return Err(DbError::Newer { path: self.file.clone(), found, known });
        }
        migrate(&mut connection, found)?;
        match disagreement(&connection)? {
            None => Ok(()),
            Some(row) => Err(damaged(format!("{row} se contradiz"))),
        }
    }

    /// What SQLite says at the start, for the technician: which file, and what is the matter with it.
    #[must_use]
    pub fn explained(&self, error: DbError) -> DbError {
        let path = self.file.clone();
        if let DbError::BadRow { what, .. } = error {
            return DbError::Damaged { path, detail: format!("uma linha não se lê: {what}") };
        }
        let DbError::Sqlite(rusqlite::Error::SqliteFailure(failure, text)) = &error else {
            return error;
        };
        let detail = text.clone().unwrap_or_else(|| failure.to_string());
        let unusable = |kind| io::Error::new(kind, detail.clone());
        if matches!(failure.code, ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) {
            DbError::Damaged { path, detail }
        } else if matches!(
            failure.code,
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied
        ) {
            DbError::File { path, source: unusable(io::ErrorKind::PermissionDenied) }
        } else if failure.code == ErrorCode::DiskFull {
            DbError::File { path, source: unusable(io::ErrorKind::StorageFull) }
        } else if failure.code == ErrorCode::SystemIoFailure {
            DbError::File { path, source: unusable(io::ErrorKind::Other) }
        } else {
            error
        }
    }
}

fn known_schema() -> u32 {
    u32::try_from(MIGRATIONS.len()).expect("there are few migrations")
}

fn connect(file: &Path) -> DbResult<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(Duration::from_millis(BUSY_MS))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// The first row whose columns and body do not say the same: integrity_check looks at the tables' structure, not at what the
/// rows say, and a digit of an amount is one bit away from another.
fn disagreement(connection: &Connection) -> DbResult<Option<String>> {
    let found = connection.query_row(DISAGREEMENT, [], |row| row.get(0)).optional()?;
    Ok(found)
}

/// The last connection that closes moves the log of commits into the database and deletes it: not into one that may be
/// damaged.
fn distrust(connection: &Connection) -> DbResult<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

/// The database was read and is well: closing this connection may tidy up.
pub fn trust(connection: &Connection) -> DbResult<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// Brings the schema from step `found` to the newest, all in one transaction.
fn migrate(connection: &mut Connection, found: u32) -> DbResult<()> {
    let known = known_schema();
    if found == known {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for step in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    // Other systems cannot open a folder; their rename is durable with the file's own sync.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_gets_a_database_that_opens_again() {
        let folder = tempfile::tempdir().unwrap();
        drop(DataDir::open(folder.path()).unwrap());
        let data = DataDir::open(folder.path()).unwrap();
        let mode: String =
            data.writer().unwrap().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }

    #[test]
    fn a_second_process_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let _first = DataDir::open(folder.path()).unwrap();
        assert!(matches!(DataDir::open(folder.path()), Err(DbError::InUse(_))));
    }

    #[test]
    fn a_creation_that_was_cut_off_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mobilepayment.db.new"), b"half").unwrap();
        assert!(DataDir::open(folder.path()).is_ok());
    }

    #[test]
    fn a_lost_database_is_never_replaced_by_an_empty_one() {
        for left_behind in [MARKER, "mobilepayment.db-wal"] {
            let folder = tempfile::tempdir().unwrap();
            drop(DataDir::open(folder.path()).unwrap());
            let file = folder.path().join(FILE_NAME);
            std::fs::remove_file(&file).unwrap();
            std::fs::remove_file(folder.path().join(MARKER)).unwrap();
            std::fs::write(folder.path().join(left_behind), b"").unwrap();
            let error = DataDir::open(folder.path()).expect_err(left_behind);
            assert!(matches!(error, DbError::Damaged { .. }), "{error:?}");
            assert!(error.to_string().contains("restaure um backup"), "{error}");
            assert!(!file.exists(), "{left_behind}");
        }
    }

    #[test]
    fn a_folder_of_an_older_version_is_marked_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        drop(DataDir::open(folder.path()).unwrap());
        std::fs::remove_file(folder.path().join(MARKER)).unwrap();
        drop(DataDir::open(folder.path()).unwrap());
        assert!(folder.path().join(MARKER).exists());
    }

    #[test]
    fn a_database_cut_at_any_page_opens_never_shorter() {
        let folder = tempfile::tempdir().unwrap();
        drop(DataDir::open(folder.path()).unwrap());
        let file = folder.path().join(FILE_NAME);
        let good = std::fs::read(&file).unwrap();
        for cut in (1..good.len()).step_by(4096) {
            std::fs::write(&file, &good[..cut]).unwrap();
            let error = DataDir::open(folder.path()).expect_err("cut");
            assert!(matches!(error, DbError::Damaged { .. }), "cut at {cut}: {error:?}");
            assert_eq!(std::fs::read(&file).unwrap(), &good[..cut], "left as it is");
        }
    }

    #[test]
    fn a_damaged_foreign_or_newer_database_is_refused_and_left_as_it_is() {
        type Spoiler = (&'static str, fn(&Path));
        let spoilers: [Spoiler; 5] = [
            ("no database", |file| std::fs::write(file, b"nothing of the kind").unwrap()),
            ("emptied", |file| std::fs::write(file, b"").unwrap()),
            ("a page overwritten", |file| {
                let mut bytes = std::fs::read(file).unwrap();
                bytes[4096..8192].fill(0xa5);
                std::fs::write(file, bytes).unwrap();
            }),
            ("of another program", |file| {
                let other = Connection::open(file).unwrap();
                other.pragma_update(None, "application_id", 1).unwrap();
            }),
            ("newer", |file| {
                let newer = Connection::open(file).unwrap();
                newer.pragma_update(None, "user_version", 99).unwrap();
            }),
        ];
        for (what, spoil) in spoilers {
            let folder = tempfile::tempdir().unwrap();
            drop(DataDir::open(folder.path()).unwrap());
            let file = folder.path().join(FILE_NAME);
            spoil(&file);
            let before = std::fs::read(&file).unwrap();
            let error = DataDir::open(folder.path()).expect_err(what);
            match (what, &error) {
                ("of another program", DbError::Foreign(_))
                | ("newer", DbError::Newer { found: 99, .. })
                | ("no database" | "emptied" | "a page overwritten", DbError::Damaged { .. }) => {}
                _ => panic!("{what}: {error:?}"),
            }
            assert_eq!(std::fs::read(&file).unwrap(), before, "{what}");
        }
    }
}
