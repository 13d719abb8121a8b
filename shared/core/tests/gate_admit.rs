//! Attacks the gate as a whole: signed requests by each rule of the contract, and credentials in every combination.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod gate_kit;

use countersign_core::gate::{
    Admitted, Caller, Gate, GateSettings, PersonOrigin, Presented, StoredService, mint, replayed,
};
use countersign_core::{Moment, Refusal, RefusalKind, ServiceId, TelegramId, UserId};
use gate_kit::*;
use http::Method;
use proptest::prelude::*;
use serde_json::json;

const BAD_AUTHORIZATION: &str = "Missing or invalid Authorization header";
const BAD_TOKEN: &str = "Invalid JWT token";
const BAD_CREDENTIALS: &str = "Invalid credentials";

type Pairs = Vec<(&'static str, String)>;

fn admit_by(gate: &Gate, pairs: &[(&str, String)], service: Option<&StoredService>) -> Result<Admitted, Refusal> {
    gate.admit(&read(pairs)?, service, now())
}

fn admit(pairs: &[(&str, String)], service: Option<&StoredService>) -> Result<Admitted, Refusal> {
    admit_by(&gate(), pairs, service)
}

fn refused(result: Result<Admitted, Refusal>, public: &str, why: &str) {
    let refusal = result.expect_err(why);
    assert_eq!((refusal.kind, refusal.public.as_ref()), (RefusalKind::Unauthenticated, public), "{why}");
    assert!(refusal.internal.is_some(), "{why}: the log is told");
}

fn signed_now(secret: &str) -> Pairs {
    signed(secret, "POST", "/api/sign", NOW, b"{}")
}

fn api_key(key: &str) -> (&'static str, String) {
    ("X-Api-Key", key.to_owned())
}

fn tma(init_data: &str) -> (&'static str, String) {
    ("Authorization", format!("tma {init_data}"))
}

fn is_service(caller: &Caller) -> bool {
    matches!(caller, Caller::Service { id, role, name, .. }
        if *id == service_id() && role == "mini_app_backend" && name == "mini-app")
}

#[test]
fn a_token_is_a_person() {
    let admitted = admit(&[bearer(&own_token())], None).unwrap();
    assert_eq!(admitted.caller.scope(), "u:77");
    assert_eq!((admitted.replay_claim, admitted.signed_by), (None, None));
    let Caller::Person { user_id, telegram_id, origin, session, token_id, expires_at, .. } = admitted.caller else {
        panic!("a service")
    };
    assert_eq!((user_id, telegram_id), (UserId::new(77), TelegramId::new(4242)));
    assert_eq!(origin, PersonOrigin::AccessToken);
    assert_eq!((session.as_deref(), token_id.as_deref()), (Some("session-1"), Some("token-1")));
    assert_eq!(expires_at, Some(Moment::from_seconds(NOW + 900)));
}

#[test]
fn outside_tokens_and_launch_data_are_marked() {
    let outside = token(&json!({"alg": "HS256", "kid": "mini"}), &json!({"telegram_id": 9, "exp": NOW + 9}), BY_KID);
    for (pair, expected) in
        [(bearer(&outside), PersonOrigin::OutsideToken), (tma(&launch_data(9, NOW)), PersonOrigin::LaunchData)]
    {
        let admitted = admit(&[pair], None).unwrap();
        assert_eq!(admitted.caller.scope(), "t:9");
        let Caller::Person { user_id, origin, launch_data, .. } = admitted.caller else { panic!("a service") };
        assert_eq!((user_id, origin), (None, expected));
        assert_eq!(launch_data.is_some(), expected == PersonOrigin::LaunchData);
    }
}

#[test]
fn schemes_have_no_case() {
    for scheme in ["bearer", "BEARER", "Bearer"] {
        assert!(admit(&[("Authorization", format!("{scheme} {}", own_token()))], None).is_ok(), "{scheme}");
    }
    for scheme in ["tma", "TMA", "Tma"] {
        assert!(admit(&[("authorization", format!("{scheme} {}", launch_data(9, NOW)))], None).is_ok(), "{scheme}");
    }
}

#[test]
fn existing_clients_read_two_fixed_texts() {
    refused(admit(&[], None), BAD_AUTHORIZATION, "nothing");
    let good = own_token();
    for value in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer  {good}"),
        format!("Bearer\t{good}"),
        format!("Bearer {good} {good}"),
        format!("Bearer {good}, Bearer {good}"),
        format!(" Bearer {good}"),
        format!("Basic {good}"),
        format!("Bearer: {good}"),
        good.clone(),
        format!("Bearer{good}"),
        format!("Bearer {good}é"),
    ] {
        refused(admit(&[("Authorization", value.clone())], None), BAD_AUTHORIZATION, &value);
    }
    refused(admit(&[bearer(&good), bearer(&good)], None), BAD_AUTHORIZATION, "doubled");
    refused(admit(&[bearer(&good), tma("a=1")], None), BAD_AUTHORIZATION, "two schemes");
    for token in ["abc".to_owned(), "a.b.c".to_owned(), format!("{good}x"), format!("{good},{good}"), "x".repeat(9000)]
    {
        refused(admit(&[bearer(&token)], None), BAD_TOKEN, &token);
    }
    let expired = gate().admit(&read(&[bearer(&good)]).unwrap(), None, Moment::from_seconds(NOW + 900));
    assert_eq!(expired.as_ref().unwrap_err().internal.as_deref(), Some("token expired"));
    refused(expired, BAD_TOKEN, "expired");
}

#[test]
fn launch_data_that_is_not_good_is_not_explained() {
    for init_data in ["x", "a=1", &launch_data(9, NOW - 3601), &launch_data(9, NOW + 1), &launch_data(0, NOW)] {
        refused(admit(&[tma(init_data)], None), BAD_CREDENTIALS, init_data);
    }
    let without = Gate::new(GateSettings { launch_data: None, ..settings() }).unwrap();
    refused(admit_by(&without, &[tma(&launch_data(9, NOW))], None), BAD_CREDENTIALS, "not configured");
}

#[test]
fn a_service_key_is_a_service() {
    let (stored, key, _) = service();
    let admitted = admit(&[api_key(&key)], Some(&stored)).unwrap();
    assert!(is_service(&admitted.caller));
    assert_eq!((admitted.caller.scope().as_str(), admitted.caller.subject()), ("s:17", None));
    assert_eq!(admitted.replay_claim, None);
}

#[test]
fn wrong_keys_and_unknown_services_look_the_same() {
    let (stored, key, _) = service();
    let (wrong, _) = mint(service_id(), [8; 32]);
    let (unknown, _) = mint(ServiceId::new(18).unwrap(), [9; 32]);
    let other_record = StoredService { id: ServiceId::new(18).unwrap(), ..stored.clone() };
    let disabled = StoredService { disabled: true, ..stored.clone() };
    let no_key = StoredService { key_hashes: vec![], ..stored.clone() };
    let mut answers = Vec::new();
    for (key, record) in [
        (wrong.expose_str().unwrap(), Some(&stored)),
        (unknown.expose_str().unwrap(), None),
        (unknown.expose_str().unwrap(), Some(&stored)),
        (&key, None),
        (&key, Some(&other_record)),
        (&key, Some(&disabled)),
        (&key, Some(&no_key)),
        ("cs_17_short", Some(&stored)),
        ("", Some(&stored)),
    ] {
        let refusal = admit(&[api_key(key)], record).expect_err(key);
        assert!(!refusal.internal.as_ref().unwrap().contains(&key[key.len().min(6)..]) || key.len() < 7);
        answers.push((refusal.kind, refusal.public, refusal.members, refusal.retry_after_seconds));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    refused(admit(&[api_key(&key), api_key(&key)], Some(&stored)), BAD_CREDENTIALS, "doubled");
}

#[test]
fn a_key_rotates() {
    let (first, first_hash) = mint(service_id(), [1; 32]);
    let (second, second_hash) = mint(service_id(), [2; 32]);
    let rotating = stored(vec![second_hash, first_hash], vec![]);
    for key in [&first, &second] {
        assert!(admit(&[api_key(key.expose_str().unwrap())], Some(&rotating)).is_ok());
    }
    let rotated = stored(vec![second_hash], vec![]);
    assert!(admit(&[api_key(second.expose_str().unwrap())], Some(&rotated)).is_ok());
    refused(admit(&[api_key(first.expose_str().unwrap())], Some(&rotated)), BAD_CREDENTIALS, "the old key");
}

#[test]
fn one_credential_of_identity() {
    let (stored, key, _) = service();
    refused(admit(&[bearer(&own_token()), api_key(&key)], Some(&stored)), BAD_CREDENTIALS, "token and key");
    refused(admit(&[tma(&launch_data(9, NOW)), api_key(&key)], Some(&stored)), BAD_CREDENTIALS, "launch data and key");
}

#[test]
fn a_signed_request_alone_is_the_service() {
    let (stored, _, secret) = service();
    let admitted = admit(&signed_now(&secret), Some(&stored)).unwrap();
    assert!(is_service(&admitted.caller));
    assert_eq!(admitted.signed_by, Some(service_id()));
    let claim = admitted.replay_claim.unwrap();
    assert_eq!(claim.key.len(), 64);
    assert!(claim.keep_until > Moment::from_seconds(NOW + 30));
    assert_eq!(replayed().public, BAD_CREDENTIALS);
}

#[test]
fn beside_a_person_the_person_remains_the_caller() {
    let (stored, _, secret) = service();
    for pair in [bearer(&own_token()), tma(&launch_data(9, NOW))] {
        let mut pairs = signed_now(&secret);
        pairs.push(pair.clone());
        let admitted = admit(&pairs, Some(&stored)).unwrap();
        assert!(matches!(admitted.caller, Caller::Person { .. }));
        assert_eq!(admitted.signed_by, Some(service_id()));
        assert!(admitted.replay_claim.is_some());
        let disabled = StoredService { disabled: true, ..stored.clone() };
        refused(admit(&pairs, Some(&disabled)), BAD_CREDENTIALS, "not a live client");
        refused(admit(&pairs, None), BAD_CREDENTIALS, "an unknown client");
        let mut wrong = signed_now("wrong");
        wrong.push(pair);
        refused(admit(&wrong, Some(&stored)), BAD_CREDENTIALS, "present, so it must be right");
    }
    let mut pairs = signed_now(&secret);
    pairs.push(bearer("abc"));
    refused(admit(&pairs, Some(&stored)), BAD_TOKEN, "a signature does not replace the token");
}

#[test]
fn beside_a_key_both_name_and_prove_one_service() {
    let (stored, key, secret) = service();
    let with_key = |mut pairs: Pairs, key: &str| {
        pairs.push(api_key(key));
        pairs
    };
    assert!(is_service(&admit(&with_key(signed_now(&secret), &key), Some(&stored)).unwrap().caller));
    let (other, other_hash) = mint(ServiceId::new(18).unwrap(), [9; 32]);
    let other_stored =
        StoredService { id: ServiceId::new(18).unwrap(), key_hashes: vec![other_hash], ..stored.clone() };
    for record in [&stored, &other_stored] {
        let pairs = with_key(signed_now(&secret), other.expose_str().unwrap());
        refused(admit(&pairs, Some(record)), BAD_CREDENTIALS, "two services");
    }
    refused(admit(&with_key(signed_now("wrong"), &key), Some(&stored)), BAD_CREDENTIALS, "wrong signature");
    let (wrong, _) = mint(service_id(), [7; 32]);
    let pairs = with_key(signed_now(&secret), wrong.expose_str().unwrap());
    refused(admit(&pairs, Some(&stored)), BAD_CREDENTIALS, "wrong key");
}

#[test]
fn the_window_is_thirty_seconds_inclusive_both_ways() {
    let (stored, _, secret) = service();
    for (offset, good) in [(-31, false), (-30, true), (0, true), (30, true), (31, false), (-3600, false), (3600, false)]
    {
        let pairs = signed(&secret, "POST", "/api/sign", NOW + offset, b"{}");
        assert_eq!(admit(&pairs, Some(&stored)).is_ok(), good, "{offset}");
    }
}

#[test]
fn the_claim_outlives_the_window() {
    let (stored, _, secret) = service();
    let pairs = signed(&secret, "POST", "/api/sign", NOW + 30, b"{}");
    let claim = admit(&pairs, Some(&stored)).unwrap().replay_claim.unwrap();
    let presented = read(&pairs).unwrap();
    assert!(gate().admit(&presented, Some(&stored), claim.keep_until).is_err(), "good after the claim is gone");
    let later = gate().admit(&presented, Some(&stored), Moment::from_seconds(NOW + 60)).unwrap();
    assert_eq!(later.replay_claim, Some(claim), "one claim for one signature");
}

#[test]
fn claims_differ_by_signature() {
    let (stored, _, secret) = service();
    let claim = |seconds, body: &[u8]| {
        let pairs = signed(&secret, "POST", "/api/sign", seconds, body);
        let presented = Presented::read(&headers(&pairs), &Method::POST, "/api/sign", body).unwrap();
        gate().admit(&presented, Some(&stored), now()).unwrap().replay_claim.unwrap().key
    };
    let claims = [claim(NOW, b"{}"), claim(NOW + 1, b"{}"), claim(NOW, b"[]")];
    assert!(claims[0] != claims[1] && claims[0] != claims[2] && claims[1] != claims[2]);
}

#[test]
fn everything_that_is_signed_counts() {
    let (stored, _, secret) = service();
    let target = "/a/%2F/b?x=1&y=%20&x=2";
    let pairs = signed(&secret, "PUT", target, NOW, b"body");
    let verdict = |method: &str, target: &str, body: &[u8]| {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let presented = Presented::read(&headers(&pairs), &method, target, body).unwrap();
        gate().admit(&presented, Some(&stored), now()).is_ok()
    };
    assert!(verdict("PUT", target, b"body"));
    assert!(!verdict("POST", target, b"body"));
    for other in
        ["/a/%2f/b?x=1&y=%20&x=2", "/a///b?x=1&y=%20&x=2", "/a/%2F/b", "/a/%2F/b?x=2&y=%20&x=1", "/a/%2F/b?x=1&y=+&x=2"]
    {
        assert!(!verdict("PUT", other, b"body"), "{other}");
    }
    assert!(!verdict("PUT", target, b""));
    assert!(!verdict("PUT", target, b"body "));
    let empty = signed(&secret, "GET", "/x?", NOW, b"");
    let presented = Presented::read(&headers(&empty), &Method::GET, "/x?", b"").unwrap();
    assert!(gate().admit(&presented, Some(&stored), now()).is_ok(), "no body is the empty string");
}

#[test]
fn each_header_comes_once_and_in_one_form() {
    let (stored, _, secret) = service();
    let good = signed_now(&secret);
    for index in 0..3 {
        let mut doubled = good.clone();
        doubled.push(good[index].clone());
        refused(admit(&doubled, Some(&stored)), BAD_CREDENTIALS, "doubled");
        let mut missing = good.clone();
        missing.remove(index);
        refused(admit(&missing, Some(&stored)), BAD_CREDENTIALS, "missing");
        let mut joined = good.clone();
        joined[index].1 = format!("{0},{0}", good[index].1);
        refused(admit(&joined, Some(&stored)), BAD_CREDENTIALS, "joined by a gateway");
        let mut empty = good.clone();
        empty[index].1 = String::new();
        refused(admit(&empty, Some(&stored)), BAD_CREDENTIALS, "empty");
        let mut person = missing.clone();
        person.push(bearer(&own_token()));
        refused(admit(&person, Some(&stored)), BAD_CREDENTIALS, "half a signature beside a token");
    }
}

/// Signs with whatever the timestamp header says, as a client that does not keep to plain digits would.
fn with_timestamp(secret: &str, timestamp: &str) -> Pairs {
    let mut pairs = signed_now(secret);
    let body_hash = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"{}"));
    let message = format!("POST:/api/sign:{timestamp}:{body_hash}");
    pairs[1].1 = timestamp.to_owned();
    pairs[2].1 = hex::encode(mac(secret.as_bytes(), message.as_bytes()));
    pairs
}

#[test]
fn timestamps_are_plain_digits() {
    let (stored, _, secret) = service();
    assert!(admit(&with_timestamp(&secret, "1800000000"), Some(&stored)).is_ok());
    for bad in [
        "+1800000000",
        "-1800000000",
        "01800000000",
        "1800000000.0",
        "1.8e9",
        "0x6B49D200",
        "1800000000000",
        "99999999999999999999999",
        "١٨٠٠٠٠٠٠٠٠",
        "1800 000000",
        "1_800_000_000",
        "0",
    ] {
        refused(admit(&with_timestamp(&secret, bad), Some(&stored)), BAD_CREDENTIALS, bad);
    }
}

#[test]
fn signatures_are_64_lower_case_hex_digits() {
    let (stored, _, secret) = service();
    let good = signed_now(&secret);
    let hex = good[2].1.clone();
    assert_ne!(hex, hex.to_uppercase());
    for bad in [hex.to_uppercase(), hex[..62].to_owned(), format!("{hex}00"), format!("0x{hex}"), "0".repeat(64)] {
        let mut pairs = good.clone();
        pairs[2].1.clone_from(&bad);
        refused(admit(&pairs, Some(&stored)), BAD_CREDENTIALS, &bad);
    }
}

#[test]
fn client_secrets_and_masters_rotate() {
    let (old, new) = (client_secret(MASTER, "svc-17", 1), client_secret(MASTER, "svc-17", 2));
    let rotating = stored(vec![], vec![2, 1]);
    assert!(admit(&signed_now(&old), Some(&rotating)).is_ok());
    assert!(admit(&signed_now(&new), Some(&rotating)).is_ok());
    let rotated = stored(vec![], vec![2]);
    refused(admit(&signed_now(&old), Some(&rotated)), BAD_CREDENTIALS, "the old version");
    refused(admit(&signed_now(&new), Some(&stored(vec![], vec![]))), BAD_CREDENTIALS, "no live version");
    let never = client_secret(MASTER, "svc-17", u32::MAX);
    refused(
        admit(&signed_now(&never), Some(&rotated)),
        BAD_CREDENTIALS,
        "the version unknown clients are compared with",
    );
    let two = GateSettings { client_masters: vec![named("m2", NEXT_MASTER), named("m1", MASTER)], ..settings() };
    let two = Gate::new(two).unwrap();
    assert!(admit_by(&two, &signed_now(&new), Some(&rotated)).is_ok(), "under the master before");
    let derived = two.clients().derive("svc-17", 2).unwrap();
    assert!(admit_by(&two, &signed_now(derived.expose_str().unwrap()), Some(&rotated)).is_ok());
    let none = Gate::new(GateSettings { client_masters: vec![], ..settings() }).unwrap();
    refused(admit_by(&none, &signed_now(&new), Some(&rotated)), BAD_CREDENTIALS, "no master");
}

#[test]
fn another_clients_secret_does_not_sign() {
    let (stored, ..) = service();
    let other = client_secret(MASTER, "svc-18", 1);
    refused(admit(&signed_now(&other), Some(&stored)), BAD_CREDENTIALS, "secret of svc-18 under the name svc-17");
}

#[test]
fn signing_can_be_compulsory() {
    let compulsory = Gate::new(GateSettings { require_signed_requests: true, ..settings() }).unwrap();
    let (stored, key, secret) = service();
    let verdict = |method: &Method, pairs: &[(&str, String)]| {
        let presented = Presented::read(&headers(pairs), method, "/api/sign", b"{}").unwrap();
        compulsory.admit(&presented, Some(&stored), now())
    };
    for pair in [bearer(&own_token()), tma(&launch_data(9, NOW)), api_key(&key)] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            refused(verdict(&method, std::slice::from_ref(&pair)), BAD_CREDENTIALS, method.as_str());
            let mut pairs = signed(&secret, method.as_str(), "/api/sign", NOW, b"{}");
            pairs.push(pair.clone());
            assert!(verdict(&method, &pairs).is_ok(), "{method}");
        }
        for method in [Method::GET, Method::HEAD] {
            assert!(verdict(&method, std::slice::from_ref(&pair)).is_ok(), "{method}");
        }
    }
    refused(verdict(&Method::POST, &[bearer("abc")]), BAD_TOKEN, "the token is judged first");
}

#[test]
fn the_webhook_has_its_own_secret() {
    let good = ("X-Telegram-Bot-Api-Secret-Token", "webhook-secret_0123".to_owned());
    assert!(gate().admit_telegram(&headers(std::slice::from_ref(&good))).is_ok());
    for pairs in [vec![], vec![good.clone(), good.clone()], vec![(good.0, "webhook-secret_0124".to_owned())]] {
        assert_eq!(gate().admit_telegram(&headers(&pairs)).unwrap_err().public, BAD_CREDENTIALS);
    }
    let none = Gate::new(GateSettings { webhook_secret: None, ..settings() }).unwrap();
    assert!(none.admit_telegram(&headers(std::slice::from_ref(&good))).is_err());
    refused(admit(&[good], None), BAD_AUTHORIZATION, "it opens nothing else");
}

#[test]
fn the_service_to_read_is_named() {
    let (_, key, secret) = service();
    assert_eq!(read(&[]).unwrap().service_id(), None);
    assert!(read(&[]).unwrap().is_empty());
    assert_eq!(read(&[bearer("x")]).unwrap().service_id(), None);
    assert_eq!(read(&[api_key(&key)]).unwrap().service_id(), Some(service_id()));
    assert_eq!(read(&signed_now(&secret)).unwrap().service_id(), Some(service_id()));
}

#[test]
fn an_unknown_kid_is_told_apart_for_the_caller() {
    let newer = token(&json!({"alg": "HS256", "kid": "k2"}), &own_claims(), NEXT);
    assert!(gate().names_unknown_key(&read(&[bearer(&newer)]).unwrap()));
    refused(admit(&[bearer(&newer)], None), BAD_TOKEN, "the client is told nothing of it");
    for pair in [bearer(&own_token()), bearer("abc"), tma(&launch_data(9, NOW))] {
        assert!(!gate().names_unknown_key(&read(&[pair]).unwrap()));
    }
}

#[test]
fn stored_services_keep_their_form() {
    let (stored, ..) = service();
    let text = serde_json::to_value(&stored).unwrap();
    assert_eq!(text["id"], 17);
    assert_eq!(text["key_hashes"][0].as_str().unwrap().len(), 64);
    assert_eq!(serde_json::from_value::<StoredService>(text).unwrap(), stored);
}

#[test]
fn no_refusal_repeats_a_secret() {
    let (stored, key, secret) = service();
    let canary = "CANARY-0123456789";
    for pairs in [
        vec![bearer(canary)],
        vec![tma(canary)],
        vec![api_key(canary)],
        vec![("Authorization", canary.to_owned())],
        vec![("X-Signature", canary.to_owned())],
        vec![bearer(&token(&own_header(), &with(own_claims(), "sub", json!(canary)), OWN))],
        vec![api_key(&key), bearer(&own_token())],
        signed_now(&secret[1..]),
    ] {
        let refusal = admit(&pairs, Some(&stored)).unwrap_err();
        let said = format!("{refusal:?} {refusal}");
        assert!(!said.contains(canary) && !said.contains(&secret[1..]) && !said.contains(&key), "{said}");
    }
}

proptest! {
    #[test]
    fn no_flipped_bit_of_a_signed_request_verifies(header in 1..3usize, index in 0..64usize, bit in 0..7u8) {
        let (stored, _, secret) = service();
        let mut pairs = signed_now(&secret);
        let mut bytes = pairs[header].1.clone().into_bytes();
        let index = index % bytes.len();
        bytes[index] ^= 1 << bit;
        prop_assume!(bytes[index].is_ascii_graphic());
        pairs[header].1 = String::from_utf8(bytes).unwrap();
        prop_assert!(admit(&pairs, Some(&stored)).is_err());
    }

    #[test]
    fn no_header_value_panics_or_opens(value in "[ -~é]{0,120}", name in 0..5usize) {
        let name = ["Authorization", "X-Api-Key", "X-Client-Id", "X-Timestamp", "X-Signature"][name];
        let (stored, ..) = service();
        prop_assert!(admit(&[(name, value)], Some(&stored)).is_err());
    }

    #[test]
    fn no_body_passes_for_another(one in prop::collection::vec(any::<u8>(), 0..40), other in prop::collection::vec(any::<u8>(), 0..40)) {
        let (stored, _, secret) = service();
        let pairs = signed(&secret, "POST", "/api/sign", NOW, &one);
        let presented = Presented::read(&headers(&pairs), &Method::POST, "/api/sign", &other).unwrap();
        prop_assert_eq!(gate().admit(&presented, Some(&stored), now()).is_ok(), one == other);
    }
}
