//! The store's service between the PDV and its payment terminals.
//!
//! The map, in the order of imports (each may use those above it, never those below):
//!
//! - [`environment`]: clock and randomness, given from outside.
//! - [`stop`]: how long-running parts are told to end.
//! - [`registers`]: companies and terminals, plain data.
//! - [`ledger`]: the money rules, pure.
//! - [`conciliation`]: the acquirer's file of one day, read.
//! - [`db`]: one SQLite file; all SQL.
//! - [`feed`]: how terminals learn of changes, in memory.
//! - [`store`]: the handle to the database: commands through its one writer, queries, the sweeper.
//! - [`state`]: what every route shares.
//! - [`terminals`]: the terminal-facing routes.
//! - [`config`]: the registers' file, read and checked line by line.
//! - [`pdv`]: the PDV-facing routes.
//! - [`admin`]: the administration: licences, and what a PDV registers while the service runs.
//! - [`webhooks`]: tells the PDV, at least once, in order within one order.
//! - [`serve`]: the HTTP server.
//! - [`command_line`]: the program's arguments.
//! - [`logging`]: what the program says on its standard error.

pub mod admin;
pub mod command_line;
pub mod conciliation;
pub mod config;
pub mod db;
pub mod environment;
pub mod feed;
pub mod ledger;
pub mod logging;
pub mod pdv;
pub mod registers;
pub mod serve;
pub mod state;
pub mod stop;
pub mod store;
pub mod terminals;
pub mod webhooks;
