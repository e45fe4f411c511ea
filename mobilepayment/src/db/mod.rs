//! The database: one SQLite file. All SQL of the service is in this folder; what it reads and writes are the ledger's
//! plain types. May import `ledger` and `registers`.
//!
//! Start at [`open`] (the file, its checks and its migrations); then one file per group of tables. Every function
//! takes the connection (with or without a transaction around it) and does one thing.

pub mod audit;
pub mod conciliations;
pub mod deliveries;
pub mod devices;
pub mod events;
pub mod open;
pub mod orders;
pub mod prints;
pub mod query;
pub mod registers;
pub mod reports;
pub mod row;
pub mod search;
pub mod statements;
mod wal;

use std::path::PathBuf;

pub use rusqlite::Connection;

/// Why the database could not be opened, read or written. What can go wrong at the start is told to the technician, in
/// pt-BR.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite says no.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row holds what the service never writes.
    #[error("the database holds a row that cannot be read: {what}")]
    BadRow {
        /// Which table and column.
        what: &'static str,
        /// Why not.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// What was registered while the service ran does not go together with the configuration file.
    #[error(
        "o arquivo de configuração contradiz o que foi cadastrado pela API de administração ({0}). Nada foi alterado: \
         troque no arquivo a chave ou o número de série repetido"
    )]
    Contradiction(String),
    /// The folder or file cannot be used.
    #[error("não foi possível usar {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Another process has it.
    #[error("outro mobilepayment já usa a pasta {0}; encerre-o antes")]
    InUse(PathBuf),
    /// The file is no database, or a damaged one.
    #[error(
        "{path} está danificado ({detail}). Nada foi alterado: guarde uma cópia para o suporte e restaure um backup. O arquivo nunca é recriado sozinho"
    )]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The file belongs to another program.
    #[error("{0} é um banco de dados de outro programa; escolha outra pasta de dados")]
    Foreign(PathBuf),
    /// The file was written by a newer version.
    #[error(
        "{path} foi gravado por uma versão mais nova (esquema {found}; esta versão conhece até {known}). Instale aquela versão ou restaure um backup feito antes da atualização"
    )]
    Newer {
        /// Which.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
}

/// What a query gives.
pub type DbResult<T> = Result<T, DbError>;
