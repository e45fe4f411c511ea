//! The signature by which a receiver knows that an event comes from this service.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Header with the signature, as GitHub and Pagar.me's older API name it.
pub const HEADER: &str = "x-hub-signature";

/// `sha256=` and the HMAC-SHA-256 of the raw body in lower-case hexadecimal.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(body);
    let digits = mac.finalize().into_bytes();
    digits.iter().fold(String::from("sha256="), |mut text, byte| {
        text.extend(
            [byte >> 4, byte & 15].map(|nibble| char::from(b"0123456789abcdef"[usize::from(nibble)])),
        );
        text
    })
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn the_signature_is_the_published_one() {
        // RFC 4231, test case 2.
        assert_eq!(
            sign("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
