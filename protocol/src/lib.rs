//! What the terminal agent and mobilepayment say to each other, and the money rules that both sides check.
//!
//! This crate may import serde only: no clock, no random source, no I/O. Both sides depend on it and meet nowhere else.
//!
//! Where to start: [`order::OrderView`] is what a terminal knows of an order, [`feed`] is how it learns of it,
//! [`claim`] how it gets the exclusive right to charge, [`attempt`] how it says what happened, [`rules`] what may
//! be charged at all, and [`refusal`] every "no" with its stable code and its pt-BR sentence.

pub mod activation;
pub mod attempt;
pub mod brand;
pub mod claim;
pub mod feed;
pub mod id;
pub mod method;
pub mod money;
pub mod order;
pub mod receipt;
pub mod refusal;
pub mod reversal;
pub mod rules;
pub mod statement;
pub mod time;

pub use id::{AttemptId, ClaimId, Fence, OrderId, PrintId, ReversalId, Serial, StatementId};
pub use method::{InstallmentType, Method, PaymentChoice};
pub use money::Centavos;
pub use time::UnixMillis;
