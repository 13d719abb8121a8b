//! Runs launch data vectors, ours and published ones, and attacks both proofs.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod gate_kit;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::gate::{
    LaunchData, LaunchDataCheck, LaunchDataRefusal, LaunchDataSettings, TelegramKey, ThirdPartySettings,
};
use countersign_core::{Moment, TelegramId};
use ed25519_dalek::{Signer, SigningKey};
use gate_kit::*;
use serde_json::Value;

fn check(settings: LaunchDataSettings) -> LaunchDataCheck {
    LaunchDataCheck::new(&settings).unwrap()
}

fn by_token(token: &str, max_age_seconds: Option<i64>) -> LaunchDataSettings {
    LaunchDataSettings { bot_token: Some(secret(token.as_bytes())), third_party: None, max_age_seconds }
}

fn by_key(bot_id: u64, public_key: TelegramKey) -> LaunchDataSettings {
    let third_party = Some(ThirdPartySettings { bot_id, public_key });
    LaunchDataSettings { bot_token: None, third_party, max_age_seconds: None }
}

fn of_case(case: &Value) -> LaunchDataCheck {
    match case["kind"].as_str().unwrap() {
        "hmac" => check(by_token(case["bot_token"].as_str().unwrap(), case["max_age"].as_i64())),
        "ed25519" => {
            let key = TelegramKey::Hex(case["public_key"].as_str().unwrap().to_owned());
            check(by_key(case["bot_id"].as_u64().unwrap(), key))
        }
        other => panic!("unknown kind {other}"),
    }
}

/// The moment of the case; where it names none, the launch data's own.
fn moment_of(case: &Value) -> Moment {
    let own = case["init_data"].as_str().unwrap().split('&').find_map(|field| field.strip_prefix("auth_date="));
    let own = own.and_then(|text| text.parse().ok());
    Moment::from_seconds(case["now"].as_i64().or(case["auth_date"].as_i64()).or(own).unwrap_or(1_700_000_000))
}

fn run(vectors: &Value) -> usize {
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len() as u64, vectors["count"].as_u64().unwrap());
    for case in cases {
        let verdict = of_case(case).verify(case["init_data"].as_str().unwrap(), moment_of(case));
        let name = case["name"].as_str().unwrap();
        match case["expect"].as_str().unwrap() {
            "valid" => assert!(verdict.is_ok(), "{name}: {verdict:?}"),
            "invalid" => {
                let why = verdict.expect_err(name);
                assert_ne!(why, LaunchDataRefusal::Identity, "{name}: the proof itself is wrong");
            }
            "valid-hmac-reject-identity" | "policy" => assert_eq!(verdict, Err(LaunchDataRefusal::Identity), "{name}"),
            "valid-or-invalid" => assert_eq!(verdict, Err(LaunchDataRefusal::Future), "{name}: no second ahead"),
            other => panic!("{name}: unknown expectation {other}"),
        }
    }
    cases.len()
}

fn vectors(path: &std::path::Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn generated_vectors() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/telegram_init_data.json");
    assert_eq!(run(&vectors(path.as_ref())), 34);
}

#[test]
fn published_vectors() {
    let Some(folder) = std::env::var_os("PUBLISHED_VECTORS") else {
        eprintln!("SKIPPED: PUBLISHED_VECTORS is not set, the published launch data vectors were not run");
        return;
    };
    let vectors = vectors(&std::path::Path::new(&folder).join("telegram_init_data.json"));
    assert_eq!(run(&vectors), 10);
    let genuine = &vectors["cases"][0];
    let production = check(by_key(7_342_037_359, TelegramKey::Production));
    let said = production.verify(genuine["init_data"].as_str().unwrap(), moment_of(genuine)).unwrap();
    assert_eq!(said.telegram_id, TelegramId::new(279_058_397).unwrap());
    assert_eq!(said.username.as_deref(), Some("vdkfrost"));
    let test = check(by_key(7_342_037_359, TelegramKey::Test));
    assert!(test.verify(genuine["init_data"].as_str().unwrap(), moment_of(genuine)).is_err());
}

#[test]
fn good_launch_data_says_who() {
    let said = check(by_token(BOT_TOKEN, None)).verify(&launch_data(42, NOW - 10), now()).unwrap();
    assert_eq!(
        said,
        LaunchData {
            telegram_id: TelegramId::new(42).unwrap(),
            username: Some("ann".to_owned()),
            first_name: Some("Ann Lee".to_owned()),
            language_code: Some("en".to_owned()),
            auth_date: Moment::from_seconds(NOW - 10),
            start_param: None,
        }
    );
}

#[test]
fn age_is_bounded_and_the_future_is_refused() {
    let hour = check(by_token(BOT_TOKEN, None));
    assert!(hour.verify(&launch_data(42, NOW - 3600), now()).is_ok());
    assert_eq!(hour.verify(&launch_data(42, NOW - 3601), now()), Err(LaunchDataRefusal::TooOld));
    assert_eq!(hour.verify(&launch_data(42, NOW + 1), now()), Err(LaunchDataRefusal::Future));
    let minute = check(by_token(BOT_TOKEN, Some(60)));
    assert_eq!(minute.verify(&launch_data(42, NOW - 61), now()), Err(LaunchDataRefusal::TooOld));
    for auth_date in [0, -NOW, 999_999_999_999_999] {
        assert!(hour.verify(&launch_data(42, auth_date), now()).is_err(), "{auth_date}");
    }
}

/// Launch data of these fields in this order, proven by the bot token.
fn proven(fields: &[(&str, &str)]) -> String {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let lines: Vec<_> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let hash = hex::encode(mac(&mac(b"WebAppData", BOT_TOKEN.as_bytes()), lines.join("\n").as_bytes()));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).append_pair("hash", &hash).finish()
}

#[test]
fn an_identity_is_an_object_with_a_positive_id() {
    let bot = check(by_token(BOT_TOKEN, None));
    let date = NOW.to_string();
    let of = |user: &str| bot.verify(&proven(&[("auth_date", &date), ("user", user)]), now());
    assert!(of(r#"{"id":42,"is_bot":false,"unknown":{"id":7}}"#).is_ok());
    for user in [
        "",
        "null",
        "42",
        "[42]",
        r#""42""#,
        r#"{"id":"42"}"#,
        r#"{"id":42.0}"#,
        r#"{"id":4.2e1}"#,
        r#"{"id":null}"#,
        r#"{"id":42}x"#,
        r#"{"id":42,"i\u0064":7}"#,
        r#"{"id":9007199254740992}"#,
        r#"{"id":42,"username":7}"#,
        r#"{"id":42,"is_bot":true}"#,
        r#"{"id":42,"is_bot":0}"#,
        r#" {"id":42}"#,
    ] {
        assert_eq!(of(user), Err(LaunchDataRefusal::Identity), "{user}");
    }
    let nobody = bot.verify(&proven(&[("auth_date", &date)]), now());
    assert_eq!(nobody, Err(LaunchDataRefusal::Identity));
    let other_field = bot.verify(&proven(&[("auth_date", &date), ("receiver", r#"{"id":42}"#)]), now());
    assert_eq!(other_field, Err(LaunchDataRefusal::Identity), "a chat partner is not the person");
}

#[test]
fn a_date_is_plain_digits() {
    let bot = check(by_token(BOT_TOKEN, None));
    let of = |date: &str| bot.verify(&proven(&[("auth_date", date), ("user", r#"{"id":42}"#)]), now());
    assert!(of("1800000000").is_ok());
    for date in ["01800000000", "+1800000000", " 1800000000", "1800000000.0", "1800000000000", "-1", "0", "now"] {
        assert_eq!(of(date), Err(LaunchDataRefusal::AuthDate), "{date}");
    }
    assert_eq!(bot.verify(&proven(&[("user", r#"{"id":42}"#)]), now()), Err(LaunchDataRefusal::AuthDate));
}

#[test]
fn a_line_break_cannot_turn_one_field_into_two() {
    let date = NOW.to_string();
    let good = proven(&[("auth_date", &date), ("query_id", "AAE"), ("user", r#"{"id":42}"#)]);
    let bot = check(by_token(BOT_TOKEN, None));
    assert!(bot.verify(&good, now()).is_ok());
    let merged = good.replace("&query_id=", "%0Aquery_id=");
    assert_ne!(good, merged);
    assert_eq!(bot.verify(&merged, now()), Err(LaunchDataRefusal::Malformed));
}

#[test]
fn hashes_have_one_spelling() {
    let bot = check(by_token(BOT_TOKEN, None));
    let good = launch_data(42, NOW);
    let (head, hash) = good.split_once("hash=").unwrap();
    let upper = hash.to_uppercase();
    assert_ne!(hash, upper);
    for bad in [upper, format!("0x{hash}"), format!("{hash}00"), format!("+{hash}"), String::new()] {
        assert_eq!(bot.verify(&format!("{head}hash={bad}"), now()), Err(LaunchDataRefusal::NotProven), "{bad}");
    }
}

fn telegram() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn telegram_key() -> TelegramKey {
    TelegramKey::Hex(hex::encode(telegram().verifying_key().to_bytes()))
}

/// Launch data that only Telegram's signature proves.
fn signed_by_telegram(bot_id: u64) -> String {
    let fields = [("auth_date", NOW.to_string()), ("user", r#"{"id":42}"#.to_owned())];
    let message = format!("{bot_id}:WebAppData\nauth_date={NOW}\nuser={}", fields[1].1);
    let signature = URL_SAFE_NO_PAD.encode(telegram().sign(message.as_bytes()).to_bytes());
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields).append_pair("signature", &signature).append_pair("hash", &"0".repeat(64)).finish()
}

#[test]
fn each_configured_proof_is_enough_and_no_other() {
    let by_signature = signed_by_telegram(123_456);
    let by_hash = launch_data(42, NOW);
    let both = LaunchDataSettings {
        third_party: Some(ThirdPartySettings { bot_id: 123_456, public_key: telegram_key() }),
        ..by_token(BOT_TOKEN, None)
    };
    let (both, token, key) = (check(both), check(by_token(BOT_TOKEN, None)), check(by_key(123_456, telegram_key())));
    for (which, init_data, expected) in [
        (&both, &by_signature, true),
        (&both, &by_hash, true),
        (&token, &by_signature, false),
        (&token, &by_hash, true),
        (&key, &by_signature, true),
        (&key, &by_hash, false),
    ] {
        assert_eq!(which.verify(init_data, now()).is_ok(), expected, "{init_data}");
    }
    let other_bot = check(by_key(123_457, telegram_key()));
    assert_eq!(other_bot.verify(&by_signature, now()), Err(LaunchDataRefusal::NotProven), "another bot's mini-app");
    assert_eq!(both.verify(&by_signature.replace("42", "43"), now()), Err(LaunchDataRefusal::NotProven));
    let padded = by_signature.replace("&hash=", "%3D%3D&hash=");
    assert_eq!(both.verify(&padded, now()), Err(LaunchDataRefusal::NotProven), "one spelling");
}

#[test]
fn settings_without_a_proof_are_refused() {
    let none = || LaunchDataSettings { bot_token: None, third_party: None, max_age_seconds: None };
    assert!(LaunchDataCheck::new(&none()).is_err());
    for token in ["", "123456", "123456:", ":secret", "token"] {
        assert!(LaunchDataCheck::new(&by_token(token, None)).is_err(), "{token}");
    }
    assert!(LaunchDataCheck::new(&by_token(BOT_TOKEN, Some(0))).is_err());
    for key in ["", "00", &"0".repeat(64), &format!("01{}", "0".repeat(62)), &"F".repeat(64)] {
        assert!(LaunchDataCheck::new(&by_key(1, TelegramKey::Hex(key.to_owned()))).is_err(), "{key}");
    }
    assert!(LaunchDataCheck::new(&by_key(0, TelegramKey::Production)).is_err());
    let read: LaunchDataSettings =
        serde_json::from_str(r#"{"third_party":{"bot_id":1,"public_key":"production"}}"#).unwrap();
    assert!(LaunchDataCheck::new(&read).is_ok());
}

#[test]
fn every_flipped_bit_is_noticed() {
    let both = check(by_token(BOT_TOKEN, None));
    let key = check(by_key(123_456, telegram_key()));
    for (which, good) in [(&both, launch_data(42, NOW)), (&key, signed_by_telegram(123_456))] {
        // The third-party check leaves `hash` out, so nothing in it can matter; a name that is no longer `hash` can.
        let proven_bytes = if std::ptr::eq(which, &key) { good.len() - 64 } else { good.len() };
        let meaning = which.verify(&good, now()).unwrap();
        for index in 0..proven_bytes {
            for bit in 0..8 {
                let mut bytes = good.clone().into_bytes();
                bytes[index] ^= 1 << bit;
                let Ok(text) = String::from_utf8(bytes) else { continue };
                // `%7b` and `%7B` are one spelling to everybody; nothing else may verify.
                let Ok(said) = which.verify(&text, now()) else { continue };
                assert!(text.eq_ignore_ascii_case(&good), "bit {bit} of byte {index}: {text}");
                assert_eq!(said, meaning);
            }
        }
    }
}
