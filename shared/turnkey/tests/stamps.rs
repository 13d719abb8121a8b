//! The published stamps of Turnkey's own stamper, and the hostile ones beside them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests, which say aloud what they skip"
)]

use std::path::Path;

use countersign_turnkey::{STAMP_HEADER, Stamp, check_public_key, check_stamp};
use serde_json::Value;

fn published() -> Option<Value> {
    let Ok(folder) = std::env::var("PUBLISHED_VECTORS") else {
        println!("SKIPPED: PUBLISHED_VECTORS is not set, so the published Turnkey stamps are not checked");
        return None;
    };
    let text = std::fs::read(Path::new(&folder).join("turnkey_stamps.json")).unwrap();
    Some(serde_json::from_slice(&text).unwrap())
}

fn body(case: &Value) -> Vec<u8> {
    match &case["body"] {
        Value::String(text) => text.clone().into_bytes(),
        repeated => {
            let times = usize::try_from(repeated["times"].as_u64().unwrap()).unwrap();
            repeated["repeat"].as_str().unwrap().repeat(times).into_bytes()
        }
    }
}

#[test]
fn every_published_stamp_is_judged_as_published() {
    let Some(vectors) = published() else { return };
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len() as u64, vectors["count"].as_u64().unwrap());
    // The hostile stamps are all made from the first key's.
    let first_key = cases[0]["public_key_hex"].as_str().unwrap();
    let (mut taken, mut refused) = (0, 0);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let key = case["public_key_hex"].as_str().unwrap_or(first_key);
        let stamp = case["stamp"].as_str().unwrap();
        // A stamp in another header is none: only X-Stamp is ever read.
        let in_our_header = case["header"] == STAMP_HEADER;
        let good = in_our_header && check_stamp(stamp, &body(case), key).is_ok();
        match case["expect"].as_str().unwrap() {
            "valid" | "valid-malleable" => assert!(good, "{name}"),
            "invalid" => assert!(!good, "{name}"),
            "valid-or-invalid" => {}
            other => panic!("an unknown verdict: {other}"),
        }
        if good {
            taken += 1
        } else {
            refused += 1
        }
        // Even by whatever key it names, a hostile stamp does not verify.
        if case["expect"] == "invalid" && in_our_header {
            assert!(Stamp::parse(stamp).and_then(|stamp| stamp.verify(&body(case))).is_err(), "{name}");
        }
    }
    println!("{taken} published stamps taken, {refused} refused");
    assert!(taken >= 37);
}

#[test]
fn published_points_are_judged_as_published() {
    let Some(vectors) = published() else { return };
    let points = &vectors["point_decode"];
    let point = |name: &str| points[name].as_str().unwrap();
    assert!(check_public_key(point("valid_compressed")).is_ok());
    // An API key is given compressed; an uncompressed point is refused whether it is on the curve or not.
    assert!(check_public_key(point("invalid_uncompressed")).is_err());
    assert!(check_public_key(point("valid_uncompressed")).is_err());
    // Its compressed form is the same point.
    let uncompressed = hex::decode(point("valid_uncompressed")).unwrap();
    let compressed = [&[2 + (uncompressed[64] & 1)], &uncompressed[1..33]].concat();
    assert_eq!(hex::encode(compressed), point("valid_compressed"));
}

#[test]
fn points_off_the_curve_are_refused() {
    for bad in [
        "",
        "00",
        "02",
        "zz",
        // x = p and x = 2^256 - 1 are out of range.
        "02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "05f739f8c77b32f4d5f13265861febd76e7a9c61a1140d296b8c16302508870316",
    ] {
        assert!(check_public_key(bad).is_err(), "{bad}");
    }
}
