//! mobilepayment's API as this PDV uses it: Stone Connect's shapes and what `posconnect` adds to them.
//!
//! [`client`] asks and answers; [`order`] is an order as the service tells it. Knows no database and no page.

pub mod client;
pub mod order;
