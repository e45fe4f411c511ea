//! What comes in: bodies, fields and queries are read here into types in which nothing is left to check.

pub mod author;
pub mod body;
pub mod fields;
pub mod path;
pub mod query;
