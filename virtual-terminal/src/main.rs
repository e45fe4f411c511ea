//! The real terminal agent on a page.
fn main() {}
