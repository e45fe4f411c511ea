//! The store's service between the PDV and its payment terminals.
//!
//! The map, in the order of imports (each may use those above it, never those below):
//!
//! - [`environment`]: clock and randomness, given from outside.
//! - [`registers`]: companies and terminals, plain data.
//! - [`ledger`]: the money rules, pure.
//! - [`db`]: one SQLite file; all SQL.
//! - [`feed`]: how terminals learn of changes, in memory.
//! - [`store`]: the handle to the database: commands through its one writer, queries, the sweeper.
//! - [`state`]: what every route shares.
//! - `config`: the registers' file, read and checked: `config::load(&Path) -> Result<Registers, ConfigError>`.
//! - `pdv`: the PDV-facing routes: `pdv::router() -> axum::Router<AppState>`.
//! - `webhooks`: tells the PDV: `webhooks::run(AppState, watch::Receiver<bool>)`, a future that ends when the receiver
//!   turns true.

pub mod config;
pub mod db;
pub mod environment;
pub mod feed;
pub mod ledger;
pub mod registers;
pub mod state;
pub mod store;
