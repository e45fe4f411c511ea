//! The reference PDV: a cashier's sale software on a web page. It sells, sends payments to terminals and hears what becomes
//! of them.
//!
//! A client of mobilepayment as an ERP's PDV is one: it meets the service over HTTP only, with the API that every integrator
//! has. From `protocol` it takes the words that the whole house shares (money, methods, serial numbers), nothing else.
//!
//! What a person does is written down first and sent afterwards: a payment for a terminal is a row before it is a request,
//! and the row's id is its idempotency key. [`outbox`] sends what is written, [`follow`] hears what
//! happened; a page only shows rows. So a PDV that dies anywhere goes on where it was.
//!
//! The map, in the order of imports (each may use those above it, never those below); start reading at [`sale`]:
//!
//! - [`environment`]: clock and randomness.
//! - [`words`]: money and times as people read and write them.
//! - [`service`]: mobilepayment's API: the client, the orders as it tells them.
//! - [`sale`]: a sale, its items and payments, and what is still missing; pure.
//! - [`fiscal`]: the fiscal document (NFC-e): its data, its access key, as XML and as the image that a terminal prints; pure.
//! - [`password`]: hashes of passwords.
//! - [`db`]: one SQLite file; all SQL.
//! - [`sample`]: a shop to try things with.
//! - [`live`]: tells open pages that something changed.
//! - [`desk`]: what a person or the service causes: rows written, then everybody told.
//! - [`outbox`]: sends to mobilepayment what is written down.
//! - [`follow`]: hears from mobilepayment what happened.
//! - [`web`]: the pages.
//! - [`command_line`]: the program's arguments.
//! - [`logging`]: what the program says on its standard error.

pub mod command_line;
pub mod db;
pub mod desk;
pub mod environment;
pub mod fiscal;
pub mod follow;
pub mod live;
pub mod logging;
pub mod outbox;
pub mod password;
pub mod sale;
pub mod sample;
pub mod service;
pub mod web;
pub mod words;
