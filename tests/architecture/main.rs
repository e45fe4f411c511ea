//! Goal: the walls between the rooms hold. Method: the map in each crate's root (`lib.rs`) is law: a module may import
//! those above it in the map, never those below; what the compiler can tell about crates is asked of `cargo metadata`.

#[cfg(test)]
mod crates;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod modules;
