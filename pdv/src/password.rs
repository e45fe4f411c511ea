//! Hashes of passwords: Argon2id with the crate's recommended cost.

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

/// Shortest password.
pub const CHARS_MIN: usize = 8;
/// Longest password: hashing costs time by its length.
pub const BYTES_MAX: usize = 256;

/// The hash that is kept of a password; `None` when it is too short or too long.
#[must_use]
pub fn hash(password: &str) -> Option<String> {
    if password.chars().count() < CHARS_MIN || password.len() > BYTES_MAX {
        return None;
    }
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    Some(hash.expect("a password of this length can be hashed").to_string())
}

/// Whether this is the password of a hash. `None` instead of a hash (nobody has this login) takes as long as a wrong
/// password does, so that the time tells no one which logins exist.
#[must_use]
pub fn is_right(password: &str, hash: Option<&str>) -> bool {
    /// Of a password that nobody knows.
    const NOBODYS: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$8GCYIdkrUhpiJb8KSrmU4Q$7Kz1DhS8hYTr3wWZ8n0u2rUBY0VQe1Vd2xk0iD7T3Zk";
    if password.len() > BYTES_MAX {
        return false;
    }
    let known = hash.is_some();
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODYS)) else {
        return false;
    };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_opens_and_no_hash_opens_for_nobody() {
        let kept = hash("uma senha boa").unwrap();
        assert!(!kept.contains("senha"));
        assert!(is_right("uma senha boa", Some(&kept)));
        assert!(!is_right("uma senha bo", Some(&kept)));
        assert!(!is_right("uma senha boa", None));
        assert!(!is_right("", Some("not a hash")));
        assert_eq!(hash("curta"), None);
        assert_ne!(hash("uma senha boa").unwrap(), kept, "salted");
    }
}
