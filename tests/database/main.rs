//! Goal: what the service has acknowledged is never lost without a word, whatever happens to its database: killed in the
//! middle of commits, cut, bent, without room, without the right to write, of another version, opened twice.
//!
//! Method: the service as a process of its own on a folder of its own ([`service`]), orders over HTTP, damage to the files by
//! hand. After each case one of two things holds: every acknowledged order is there with the same content, or the
//! service says no (one line that says what to do, exit code 1) and has changed nothing.

#[cfg(test)]
mod cutting;
#[cfg(test)]
mod flipping;
#[cfg(test)]
mod image;
#[cfg(test)]
mod killing;
#[cfg(test)]
mod no_room;
#[cfg(test)]
mod read_only;
#[cfg(test)]
mod service;
#[cfg(test)]
mod sharing;
#[cfg(test)]
mod versions;
