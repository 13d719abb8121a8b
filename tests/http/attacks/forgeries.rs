//! Credentials that look right and are not, made from the contract and the standards, not from the code that checks them.

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use countersign_local::demo::DemoPerson;
use countersign_testkit::{Call, LaunchData};
use serde_json::{Value, json};

use crate::world::{World, unix_seconds};

/// Puts a credential on a call.
pub(super) type Dress = Box<dyn Fn(Call) -> Call + Send + Sync>;

/// A credential that must not be let in.
pub(super) struct Forgery {
    pub(super) name: String,
    pub(super) dress: Dress,
    /// Whether it is a token that was read as one: those have a text of their own.
    pub(super) is_token: bool,
}

impl Forgery {
    fn new(name: impl Into<String>, dress: impl Fn(Call) -> Call + Send + Sync + 'static) -> Self {
        Self { name: name.into(), dress: Box::new(dress), is_token: false }
    }

    fn header(name: &str, header: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        Self::new(format!("{header}: {name}"), move |call| call.header(header, value.clone()))
    }
}

/// Everything that must be 401 everywhere; each speaks for `person` where it speaks for anybody.
pub(super) fn all(world: &World, person: &DemoPerson) -> Vec<Forgery> {
    let mut forgeries = vec![Forgery::new("no credential", |call| call)];
    for value in ["Bearer", "Bearer ", "Basic YTpi", "tma", "Bearer a b", "Negotiate x", "Bearer\ttoken", "token"] {
        forgeries.push(Forgery::header(value, "authorization", value));
    }
    for (name, token) in tokens(world, person) {
        let dress = move |call: Call| call.bearer(&token);
        forgeries.push(Forgery { is_token: true, ..Forgery::new(format!("token: {name}"), dress) });
    }
    let good = person.access_token.clone();
    forgeries.push(Forgery::new("two tokens", move |call| call.bearer(&good).bearer(&good)));
    forgeries.extend(launch_data(world, person));
    forgeries.extend(service_keys(world));
    forgeries.extend(signed_requests(world));
    forgeries.extend(mixtures(world, person));
    forgeries
}

/// A JWS over any header and claims (RFC 7515, section 3.1).
pub(super) fn jws(header: &Value, claims: &Value, algorithm: hmac::Algorithm, secret: &[u8]) -> String {
    let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let signature = hmac::sign(&hmac::Key::new(algorithm, secret), signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(signature.as_ref()))
}

/// Claims of a good token of this person.
pub(super) fn claims(world: &World, person: &DemoPerson) -> Value {
    let (jwt, now) = (&world.system.demo().jwt, unix_seconds());
    json!({
        "sub": person.user_id.to_string(), "telegram_id": person.telegram_id, "sid": "attack", "jti": "attack-1",
        "iss": jwt.issuer, "aud": jwt.audience, "iat": now, "exp": now + 600,
    })
}

/// The same with one claim replaced, or taken out where it is null.
fn changed(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    let fields = claims.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(name)
    } else {
        fields.insert(name.to_owned(), value)
    };
    claims
}

fn tokens(world: &World, person: &DemoPerson) -> Vec<(String, String)> {
    let mut tokens = with_wrong_claims(world, person);
    tokens.extend(with_wrong_headers(world, person));
    tokens.extend(taken_apart(world, person));
    tokens
}

/// Signed with the right secret, so that only the claims can be wrong.
fn with_wrong_claims(world: &World, person: &DemoPerson) -> Vec<(String, String)> {
    let (good, now) = (claims(world, person), unix_seconds());
    let wrong = [
        ("exp", json!(now - 1)),
        ("exp", json!(now)),
        ("exp", json!((now + 600).to_string())),
        ("exp", json!(null)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("nbf", json!(now + 60)),
        ("iat", json!(now + 60)),
        ("iss", json!("somebody-else")),
        ("iss", json!(null)),
        ("iss", json!([world.system.demo().jwt.issuer])),
        ("aud", json!("somebody-else")),
        ("aud", json!(["a", "b"])),
        ("aud", json!(null)),
        ("sub", json!(null)),
        ("sub", json!("0")),
        ("sub", json!(format!("0{}", person.user_id))),
        ("sub", json!(person.user_id as f64 + 0.5)),
        ("sub", json!("9007199254740993")),
        ("telegram_id", json!(-1)),
        ("telegram_id", json!("1#2")),
        ("sid", json!("a#b")),
    ];
    let jwt = &world.system.demo().jwt;
    let header = json!({ "alg": "HS256", "typ": "JWT", "kid": jwt.kid });
    let sign = |claims: &Value| jws(&header, claims, hmac::HMAC_SHA256, jwt.secret.as_bytes());
    let made = wrong.map(|(name, value)| (format!("{name} {value}"), sign(&changed(&good, name, value))));
    let mut made = Vec::from(made);
    made.push(("claims are a list".into(), sign(&json!([1, 2]))));
    let doubled = good.to_string().replacen('{', &format!("{{\"sub\":\"{}\",", person.user_id), 1);
    let text = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(doubled));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, jwt.secret.as_bytes()), text.as_bytes());
    made.push(("sub twice".into(), format!("{text}.{}", BASE64.encode(signature.as_ref()))));
    made
}

/// Right claims under a header, an algorithm or a secret that is not ours.
fn with_wrong_headers(world: &World, person: &DemoPerson) -> Vec<(String, String)> {
    let (jwt, claims) = (&world.system.demo().jwt, claims(world, person));
    let (secret, kid) = (jwt.secret.as_bytes(), &jwt.kid);
    let with = |header: Value, algorithm, secret: &[u8]| jws(&header, &claims, algorithm, secret);
    let sha256 = hmac::HMAC_SHA256;
    let header = || json!({ "alg": "HS256", "kid": kid });
    let mut made = vec![
        ("another secret".to_owned(), with(header(), sha256, &[b'x'; 43])),
        ("an empty secret".to_owned(), with(header(), sha256, b"")),
        ("the bot's token as secret".to_owned(), with(header(), sha256, world.system.demo().bot.token.as_bytes())),
        ("HS384".to_owned(), with(json!({ "alg": "HS384", "kid": kid }), hmac::HMAC_SHA384, secret)),
        ("HS512".to_owned(), with(json!({ "alg": "HS512", "kid": kid }), hmac::HMAC_SHA512, secret)),
        ("an unknown kid".to_owned(), with(json!({ "alg": "HS256", "kid": "nobody" }), sha256, secret)),
        ("no kid".to_owned(), with(json!({ "alg": "HS256" }), sha256, secret)),
        ("an empty kid".to_owned(), with(json!({ "alg": "HS256", "kid": "" }), sha256, b"")),
        ("a path as kid".to_owned(), with(json!({ "alg": "HS256", "kid": "../../dev/null" }), sha256, b"")),
        ("no alg".to_owned(), with(json!({ "kid": kid }), sha256, secret)),
        ("a kid that is a number".to_owned(), with(json!({ "alg": "HS256", "kid": 1 }), sha256, secret)),
        ("crit".to_owned(), with(json!({ "alg": "HS256", "kid": kid, "crit": ["exp"] }), sha256, secret)),
    ];
    for alg in ["none", "None", "NONE", "nOnE", "RS256", "ES256", "EdDSA", "hs256", "dir"] {
        made.push((alg.to_owned(), with(json!({ "alg": alg, "kid": kid }), sha256, secret)));
        let text = with(json!({ "alg": alg, "kid": kid }), sha256, secret);
        made.push((format!("{alg} without a signature"), text.rsplit_once('.').unwrap().0.to_owned() + "."));
    }
    let own = json!({ "kty": "oct", "k": BASE64.encode(b"mine") });
    made.push(("a key of its own".into(), with(json!({ "alg": "HS256", "kid": kid, "jwk": own }), sha256, b"mine")));
    made
}

/// A good token, taken apart and put together again.
fn taken_apart(world: &World, person: &DemoPerson) -> Vec<(String, String)> {
    let good = person.access_token.clone();
    let [header, claims, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("a token has three parts")
    };
    let admin = world.admin();
    let admins = admin.access_token.split('.').nth(1).unwrap();
    let last = signature.chars().last().unwrap();
    // 32 bytes are 43 characters, and the last one has two bits that mean nothing: only one spelling may pass.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).unwrap();
    let stray = format!("{}{}", &signature[..signature.len() - 1], &alphabet[at + 1..at + 2]);
    vec![
        ("another's claims".into(), format!("{header}.{admins}.{signature}")),
        ("no signature".into(), format!("{header}.{claims}.")),
        ("two parts".into(), format!("{header}.{claims}")),
        ("four parts".into(), format!("{good}.{signature}")),
        ("padding".into(), format!("{good}=")),
        ("stray bits".into(), format!("{header}.{claims}.{stray}")),
        ("dots".into(), "..".into()),
        ("a single dot".into(), ".".into()),
        ("text".into(), "not-a-token".into()),
        ("far too long".into(), format!("{good}{}", "A".repeat(9 * 1024))),
        ("launch data".into(), LaunchData::of(person.telegram_id).signed(&world.system.demo().bot.token)),
        ("a service key".into(), world.service("mini_app_backend").api_key),
    ]
}

fn launch_data(world: &World, person: &DemoPerson) -> Vec<Forgery> {
    let (token, id) = (&world.system.demo().bot.token, person.telegram_id);
    let good = LaunchData::of(id).signed(token);
    let ahead = (unix_seconds() + 60).to_string();
    let other = LaunchData::of(id + 1).signed(token);
    let stolen = other.replace(&(id + 1).to_string(), &id.to_string());
    assert_ne!(stolen, other);
    let without_hash = good.rsplit_once("&hash=").unwrap().0;
    let made = [
        ("an hour and a second old", LaunchData::of(id).aged(3_601).signed(token)),
        ("of tomorrow", LaunchData::of(id).with("auth_date", &ahead).signed(token)),
        ("of 1970", LaunchData::of(id).with("auth_date", "1").signed(token)),
        (
            "an auth_date with a sign",
            LaunchData::of(id).with("auth_date", &format!("+{}", unix_seconds())).signed(token),
        ),
        ("an auth_date of nothing", LaunchData::of(id).with("auth_date", "").signed(token)),
        ("of another bot", LaunchData::of(id).signed("7000000001:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("another's with this id", stolen),
        ("without hash", without_hash.to_owned()),
        ("an empty hash", format!("{without_hash}&hash=")),
        ("a hash in upper case", format!("{without_hash}&hash={}", hash_of(&good).to_uppercase())),
        ("a hash of zeros", format!("{without_hash}&hash={}", "0".repeat(64))),
        ("a field twice", format!("{good}&auth_date={}", unix_seconds())),
        ("a field more", format!("{good}&start_param=x")),
        ("a bot", LaunchData::of(id).with("user", &json!({ "id": id, "is_bot": true }).to_string()).signed(token)),
        ("nobody", LaunchData::of(id).with("user", "{}").signed(token)),
        ("a user that is a list", LaunchData::of(id).with("user", &format!("[{id}]")).signed(token)),
        ("a signature alone", format!("{without_hash}&signature=AAAA")),
        ("nothing", "x".to_owned()),
    ];
    made.map(|(name, text)| Forgery::new(format!("tma: {name}"), move |call| call.launch_data(&text))).into()
}

fn hash_of(launch_data: &str) -> &str {
    launch_data.rsplit_once("&hash=").unwrap().1
}

fn service_keys(world: &World) -> Vec<Forgery> {
    let (one, other) = (world.service("mini_app_backend"), world.service("notifier"));
    let random = |key: &str| key.rsplit("cs_").next().unwrap().split_once('_').unwrap().1.to_owned();
    let made = [
        ("garbage", "not-a-key".to_owned()),
        ("nothing", String::new()),
        ("an unknown service", format!("cs_{}_{}", one.id ^ 1, random(&one.api_key))),
        ("another's secret", format!("cs_{}_{}", one.id, random(&other.api_key))),
        ("cut short", one.api_key[..one.api_key.len() - 1].to_owned()),
        ("with something behind it", format!("{}A", one.api_key)),
        ("in upper case", one.api_key.to_uppercase()),
        ("an id with a zero before it", format!("cs_0{}_{}", one.id, random(&one.api_key))),
        ("the client's secret", one.client_secret.clone()),
        ("a zero secret", format!("cs_{}_{}", one.id, "A".repeat(43))),
    ];
    let mut made = Vec::from(made.map(|(name, key)| Forgery::header(name, "x-api-key", key)));
    let key = one.api_key.clone();
    made.push(Forgery::new("X-Api-Key twice", move |call| call.api_key(&key).api_key(&key)));
    made
}

fn signed_requests(world: &World) -> Vec<Forgery> {
    let (one, other) = (world.service("mini_app_backend"), world.service("notifier"));
    let cases = [
        ("another's secret", one.client_id.clone(), other.client_secret.clone(), 0_i64),
        ("an unknown client", format!("svc-{}", one.id ^ 1), one.client_secret.clone(), 0),
        ("no client", "nobody".to_owned(), one.client_secret.clone(), 0),
        ("31 seconds old", one.client_id.clone(), one.client_secret.clone(), -31),
        ("from the future", one.client_id.clone(), one.client_secret.clone(), 40),
        ("an empty secret", one.client_id.clone(), String::new(), 0),
    ];
    let mut made: Vec<Forgery> = cases
        .into_iter()
        .map(|(name, client, secret, offset)| {
            Forgery::new(format!("signature: {name}"), move |call| {
                call.signed_at(&client, &secret, unix_seconds().checked_add_signed(offset).unwrap())
            })
        })
        .collect();
    made.push(Forgery::header("alone", "x-client-id", one.client_id.clone()));
    made.push(Forgery::header("alone", "x-signature", "0".repeat(64)));
    made.push(Forgery::header("alone", "x-timestamp", unix_seconds().to_string()));
    made
}

/// A good credential does not make up for a bad one beside it.
fn mixtures(world: &World, person: &DemoPerson) -> Vec<Forgery> {
    let (one, other) = (world.service("mini_app_backend"), world.service("notifier"));
    let token = person.access_token.clone();
    let (key, second) = (one.api_key.clone(), token.clone());
    let (client, other_secret) = (one.client_id.clone(), other.client_secret.clone());
    let (other_client, own_key, third) = (other.client_id.clone(), one.api_key.clone(), other.client_secret.clone());
    vec![
        Forgery::new("token and key", move |call| call.bearer(&token).api_key(&key)),
        Forgery::new("token and a wrong signature", move |call| call.bearer(&second).signed(&client, &other_secret)),
        Forgery::new("key and another's signature", move |call| call.api_key(&own_key).signed(&other_client, &third)),
    ]
}
