//! Makes credentials the way an outside client would: from the contract, without the code under test.
#![allow(dead_code, unreachable_pub, reason = "each test file takes what it needs")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::gate::{
    Gate, GateSettings, KeyHash, LaunchDataSettings, NamedSecret, Presented, StoredService, TokenSettings, mint,
};
use countersign_core::{Moment, Refusal, Secret, ServiceId};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

pub const NOW: i64 = 1_800_000_000;
pub const OWN: &[u8; 32] = b"own-secret-own-secret-own-secret";
pub const NEXT: &[u8; 32] = b"next-secret-next-secret-next-sec";
pub const BY_KID: &[u8; 32] = b"outside-by-kid-outside-by-kid-32";
pub const BY_ISS: &[u8; 32] = b"outside-by-iss-outside-by-iss-32";
pub const BY_BOTH: &[u8; 32] = b"outside-by-both-outside-by-both-";
pub const MASTER: &[u8; 32] = b"client-master-client-master-32-b";
pub const NEXT_MASTER: &[u8; 32] = b"second-master-second-master-32-b";
pub const BOT_TOKEN: &str = "123456:TEST-TOKEN-for-vectors";

pub fn now() -> Moment {
    Moment::from_seconds(NOW)
}

pub fn secret(bytes: &[u8]) -> Secret {
    Secret::new(bytes.to_vec())
}

pub fn named(kid: &str, bytes: &[u8]) -> NamedSecret {
    NamedSecret { kid: kid.to_owned(), secret: secret(bytes) }
}

pub fn token_settings(keys: Vec<NamedSecret>) -> TokenSettings {
    let trusted = json!([
        {"kid": "mini", "secret": text(BY_KID)},
        {"iss": "legacy.example", "secret": text(BY_ISS)},
        {"kid": "both", "iss": "both.example", "aud": "both-app", "secret": text(BY_BOTH)},
    ]);
    TokenSettings {
        issuer: "countersign".to_owned(),
        audience: "countersign-api".to_owned(),
        keys,
        trusted_issuers: serde_json::from_value(trusted).unwrap(),
    }
}

pub fn settings() -> GateSettings {
    GateSettings {
        tokens: token_settings(vec![named("k1", OWN)]),
        launch_data: Some(LaunchDataSettings {
            bot_token: Some(secret(BOT_TOKEN.as_bytes())),
            third_party: None,
            max_age_seconds: None,
        }),
        client_masters: vec![named("m1", MASTER)],
        webhook_secret: Some(secret(b"webhook-secret_0123")),
        require_signed_requests: false,
    }
}

pub fn gate() -> Gate {
    Gate::new(settings()).unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

pub fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

/// A JWT of these raw parts, signed with HMAC-SHA256 whatever its header says.
pub fn raw_token(header: &str, claims: &str, key: &[u8]) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac(key, message.as_bytes())))
}

pub fn token(header: &Value, claims: &Value, key: &[u8]) -> String {
    raw_token(&header.to_string(), &claims.to_string(), key)
}

pub fn own_header() -> Value {
    json!({"alg": "HS256", "typ": "JWT", "kid": "k1"})
}

pub fn own_claims() -> Value {
    json!({
        "iss": "countersign", "aud": "countersign-api", "sub": "77", "telegram_id": 4242,
        "sid": "session-1", "jti": "token-1", "iat": NOW, "exp": NOW + 900,
    })
}

pub fn own_token() -> String {
    token(&own_header(), &own_claims(), OWN)
}

/// The value with one member set, or taken away by null.
pub fn with(mut value: Value, name: &str, member: Value) -> Value {
    let object = value.as_object_mut().unwrap();
    if member.is_null() {
        object.remove(name)
    } else {
        object.insert(name.to_owned(), member)
    };
    value
}

pub fn launch_data(telegram_id: u64, auth_date: i64) -> String {
    let user = json!({"id": telegram_id, "first_name": "Ann Lee", "username": "ann", "language_code": "en"});
    let fields = [("auth_date", auth_date.to_string()), ("query_id", "AAE".to_owned()), ("user", user.to_string())];
    let lines: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let hash = hex::encode(mac(&mac(b"WebAppData", BOT_TOKEN.as_bytes()), lines.join("\n").as_bytes()));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).append_pair("hash", &hash).finish()
}

pub fn service_id() -> ServiceId {
    ServiceId::new(17).unwrap()
}

/// A service, its key and the secret of its client (version 1 under the first master).
pub fn service() -> (StoredService, String, String) {
    let (key, hash) = mint(service_id(), [9; 32]);
    let stored = stored(vec![hash], vec![1]);
    (stored, key.expose_str().unwrap().to_owned(), client_secret(MASTER, "svc-17", 1))
}

pub fn stored(key_hashes: Vec<KeyHash>, client_versions: Vec<u32>) -> StoredService {
    StoredService {
        id: service_id(),
        name: "mini-app".to_owned(),
        role: "mini_app_backend".to_owned(),
        key_hashes,
        client_versions,
        last_version: 1,
        last_used_at: None,
        disabled: false,
    }
}

pub fn client_secret(master: &[u8], client: &str, version: u32) -> String {
    let mut message = b"countersign/client-secret/v1".to_vec();
    message.extend_from_slice(&(client.len() as u64).to_be_bytes());
    message.extend_from_slice(client.as_bytes());
    message.extend_from_slice(&version.to_be_bytes());
    URL_SAFE_NO_PAD.encode(mac(master, &message))
}

/// The three headers of a signed request, as the contract says.
pub fn signed(secret: &str, method: &str, target: &str, seconds: i64, body: &[u8]) -> Vec<(&'static str, String)> {
    let body_hash = hex::encode(digest::digest(&digest::SHA256, body));
    let message = format!("{method}:{target}:{seconds}:{body_hash}");
    vec![
        ("X-Client-Id", "svc-17".to_owned()),
        ("X-Timestamp", seconds.to_string()),
        ("X-Signature", hex::encode(mac(secret.as_bytes(), message.as_bytes()))),
    ]
}

pub fn headers(pairs: &[(&str, String)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

pub fn read(pairs: &[(&str, String)]) -> Result<Presented, Refusal> {
    Presented::read(&headers(pairs), &Method::POST, "/api/sign", b"{}")
}

pub fn bearer(token: &str) -> (&'static str, String) {
    ("Authorization", format!("Bearer {token}"))
}
