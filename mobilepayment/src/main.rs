//! The store's service between the PDV and its terminals.
fn main() {}
