//! Codes and tokens: random text that says nothing, known here by its hash alone.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// 512 random bits in plain base64, whose `+`, `/` and `=` find clients that forget to encode a parameter.
pub(super) fn fresh() -> String {
    let mut bytes = [0; 64];
    rand::fill(&mut bytes).expect("a system that has started has randomness");
    BASE64_STANDARD.encode(bytes)
}

/// The lower-case hex SHA-256 by which the stand-in knows and shows a token.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(digest(&SHA256, token.as_bytes()))
}

/// The account number that a provider gives a person, always the same.
pub(super) fn account_number(provider: &str, person: &str) -> u32 {
    let hash = digest(&SHA256, format!("{provider}/{person}").as_bytes());
    hash.as_ref().iter().take(4).fold(0, |number, byte| (number << 8) | u32::from(*byte))
}
