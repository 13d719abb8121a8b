//! PKCE with S256 and nothing else (RFC 7636).

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

/// The one method taken; `plain` protects nothing.
pub(super) const METHOD: &str = "S256";

/// The SHA-256 that a client sent as its `code_challenge`.
#[derive(Clone)]
pub(super) struct Challenge([u8; 32]);

impl Challenge {
    /// Reads 43 characters of unpadded base64url (4.2).
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Whether it was made from this verifier (4.6).
    pub(super) fn is_of(&self, verifier: &str) -> bool {
        digest(&SHA256, verifier.as_bytes()).as_ref() == self.0
    }
}

/// 43 to 128 characters of `A-Z a-z 0-9 - . _ ~` (4.1).
pub(super) fn is_verifier(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rfcs_own_example() {
        let challenge = Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(challenge.is_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!challenge.is_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl"));
        // The last character carries bits that no 32 bytes give.
        assert!(Challenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN").is_none());
    }
}
