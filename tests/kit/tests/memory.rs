//! The search for a key finds what is there. Alone in its file: the process that is searched is this one.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use countersign_testkit::MaskedKey;
use zeroize::Zeroize as _;

#[test]
fn what_is_planted_is_found_in_either_direction_and_not_once_it_is_wiped() {
    let mut bytes: Vec<u8> = (1..=32_u8).map(|number| number.wrapping_mul(7) ^ 0x5a).collect();
    let planted = MaskedKey::of_hex(&hex::encode(&bytes));
    let found = || planted.found_in("self").unwrap();
    assert!(found() >= 2, "both halves");
    bytes[16..].reverse();
    bytes[..16].zeroize();
    assert!(found() >= 1, "the half that is kept backwards");
    bytes.zeroize();
    assert_eq!(found(), 0);
}
