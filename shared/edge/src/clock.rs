//! The clock and the randomness, read here and handed to what decides.

use std::time::{SystemTime, UNIX_EPOCH};

use countersign_core::Moment;

/// This moment.
#[must_use]
pub fn now() -> Moment {
    let millis = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Moment::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Random bits for an id.
#[must_use]
pub fn random() -> u64 {
    getrandom::u64().expect("the operating system has randomness, or nothing here may run")
}

/// 256 random bits, for what nobody may guess.
#[must_use]
pub fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has randomness, or nothing here may run");
    bytes
}
