//! Clock and randomness.

use std::time::{SystemTime, UNIX_EPOCH};

use protocol::UnixMillis;
use sha2::{Digest, Sha256};

/// Now.
#[must_use]
pub fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// `BYTES` random bytes in hexadecimal.
#[must_use]
pub fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the operating system's random source does not fail once it is open");
    hex(&bytes)
}

/// What is kept of a secret that is random by itself.
#[must_use]
pub fn hash_of_token(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything");
        text
    })
}
