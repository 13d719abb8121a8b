//! Trusted outside issuers and the rotation of secrets, as an operator does both: by writing the gate's secret anew.

use std::time::{Duration, Instant};

use aws_lc_rs::hmac::HMAC_SHA256;
use countersign_testkit::Call;
use serde_json::{Value, json};

use super::{Holder, forgeries::jws, refused, signed, surface::surface};
use crate::world::{World, payment, unix_seconds};

/// The gate's secrets are not read again sooner than this, whatever tokens say.
const PAUSE: Duration = Duration::from_millis(5_200);
/// The secret that a mini-app's server shares with us.
pub(super) const SHARED: &[u8] = b"what the mini-app server and we share 1";
const OTHER: &[u8] = b"what another server and we share, number 2";

/// Changes the gate's secret and has it read again.
pub(super) async fn rewrite_gate(world: &World, change: impl FnOnce(&mut Value)) {
    let client = aws_sdk_secretsmanager::Client::new(&world.system.sdk_config());
    let id = world.system.environment().required("GATE_SECRET_ID").unwrap();
    let stored = client.get_secret_value().secret_id(id).send().await.unwrap().secret_string.unwrap();
    let mut gate = serde_json::from_str(&stored).unwrap();
    change(&mut gate);
    client.put_secret_value().secret_id(id).secret_string(gate.to_string()).send().await.unwrap();
    tokio::time::sleep(PAUSE).await;
    let nudge = jws(&json!({ "alg": "HS256", "kid": "a newer one".replace(' ', "-") }), &json!({}), HMAC_SHA256, b"");
    refused(&world.send(&Call::get("/api/v1/signing-sessions").bearer(&nudge)).await, 401);
}

/// Trusts the server that shares [`SHARED`] under this kid.
pub(super) async fn trust(world: &World) {
    let issuers = json!([
        { "kid": "mini-app-1", "iss": "https://mini-app.example", "secret": text(SHARED) },
        { "iss": "https://other.example", "aud": "theirs", "secret": text(OTHER) },
    ]);
    rewrite_gate(world, |gate| gate["tokens"]["trusted_issuers"] = issuers).await;
}

fn text(secret: &[u8]) -> &str {
    std::str::from_utf8(secret).unwrap()
}

/// A token of the trusted server.
pub(super) fn outside_token(claims: &Value) -> String {
    jws(&json!({ "alg": "HS256", "typ": "JWT", "kid": "mini-app-1" }), claims, HMAC_SHA256, SHARED)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_servers_token_signs_and_does_nothing_else() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let id = holder.person.telegram_id;
    let good = outside_token(&json!({ "telegram_id": id, "exp": unix_seconds() + 3_600, "sub": "1", "role": "admin" }));
    let unsigned = payment(holder.person.stellar_public_key.as_deref().unwrap());
    let call = |token: &str| Call::post("/api/sign", &json!({ "xdr": unsigned })).bearer(token);
    refused(&world.send(&call(&good)).await, 401);
    trust(&world).await;
    signed(&world, &world.send(&call(&good)).await, &unsigned, &holder.person);
    for route in surface(&world).await.iter().filter(|route| !route.is_public()) {
        let answer = world.send(&route.call(&holder).bearer(&good)).await;
        match route.endpoint.as_str() {
            "POST /api/sign" | "POST /sign" => assert_eq!(answer.status, 200, "{}", answer.text()),
            _ if route.takes("access_token") => drop(refused(&answer, 403)),
            // A route for services tells people that it is not for them.
            _ if route.takes("service_key") && !route.takes("launch_data") => drop(refused(&answer, 403)),
            _ => drop(refused(&answer, 401)),
        }
    }
    let other =
        json!({ "telegram_id": id, "exp": unix_seconds() + 60, "iss": "https://other.example", "aud": "theirs" });
    let by_iss = jws(&json!({ "alg": "HS256" }), &other, HMAC_SHA256, OTHER);
    signed(&world, &world.send(&call(&by_iss)).await, &unsigned, &holder.person);
    world.stop().await;
}

/// What a trusted server may not say, and what others may not say in its name.
fn distrusted(world: &World, telegram_id: u64) -> Vec<(&'static str, String)> {
    let (now, jwt) = (unix_seconds(), &world.system.demo().jwt);
    let claims = |name: &str, value: Value| {
        let mut claims = json!({ "telegram_id": telegram_id, "exp": now + 600 });
        claims[name] = value;
        claims
    };
    let outside = |name: &str, value: Value| outside_token(&claims(name, value));
    let plain = claims("iat", json!(now));
    let own = json!({ "alg": "HS256", "kid": jwt.kid });
    let theirs = json!({ "alg": "HS256", "kid": "mini-app-1" });
    let by_iss = |iss: &str| jws(&json!({ "alg": "HS256" }), &claims("iss", json!(iss)), HMAC_SHA256, SHARED);
    vec![
        ("lives a day and a minute", outside("exp", json!(now + 86_460))),
        ("over", outside("exp", json!(now - 1))),
        ("no end", outside_token(&json!({ "telegram_id": telegram_id }))),
        ("nobody", outside_token(&json!({ "exp": now + 600 }))),
        ("sub alone", outside_token(&json!({ "exp": now + 600, "sub": telegram_id.to_string() }))),
        ("our issuer", outside("iss", json!(jwt.issuer))),
        ("another's issuer", outside("iss", json!("https://other.example"))),
        ("for somebody else", outside("aud", json!("theirs"))),
        ("not yet", outside("nbf", json!(now + 60))),
        ("their secret under our kid", jws(&own, &plain, HMAC_SHA256, SHARED)),
        ("our secret under their kid", jws(&theirs, &plain, HMAC_SHA256, jwt.secret.as_bytes())),
        ("another server's secret", jws(&theirs, &plain, HMAC_SHA256, OTHER)),
        ("by the name of another", by_iss("https://other.example")),
        ("by our name", by_iss(&jwt.issuer)),
        ("by a name that nobody has", by_iss("https://nobody.example")),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trusted_server_is_held_to_its_bounds() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    trust(&world).await;
    let unsigned = payment(holder.person.stellar_public_key.as_deref().unwrap());
    let call = |token: &str| Call::post("/api/sign", &json!({ "xdr": unsigned })).bearer(token);
    for (name, token) in distrusted(&world, holder.person.telegram_id) {
        let answer = world.send(&call(&token)).await;
        assert_eq!(answer.status, 401, "{name}: {}", answer.text());
        assert_eq!(refused(&answer, 401)["detail"], "Invalid JWT token", "{name}");
    }
    let day = outside_token(&json!({ "telegram_id": holder.person.telegram_id, "exp": unix_seconds() + 86_400 }));
    signed(&world, &world.send(&call(&day)).await, &unsigned, &holder.person);
    let stranger = outside_token(&json!({ "telegram_id": 4_711, "exp": unix_seconds() + 60 }));
    refused(&world.send(&call(&stranger)).await, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_rotate_by_kid_without_a_gap() {
    let world = World::start().await;
    let person = world.newcomer().await;
    let new = "the secret that comes after the first one";
    let claims = super::forgeries::claims(&world, &person);
    let by_new = jws(&json!({ "alg": "HS256", "kid": "local-2" }), &claims, HMAC_SHA256, new.as_bytes());
    let old_under_new = {
        let secret = world.system.demo().jwt.secret.as_bytes();
        jws(&json!({ "alg": "HS256", "kid": "local-2" }), &claims, HMAC_SHA256, secret)
    };
    let status = async |token: &str| world.send(&Call::get("/api/v1/signing-sessions").bearer(token)).await.status;
    assert_eq!((status(&person.access_token).await, status(&by_new).await), (200, 401));
    rewrite_gate(&world, |gate| {
        let keys = gate["tokens"]["keys"].as_array_mut().unwrap();
        keys.insert(0, json!({ "kid": "local-2", "secret": new }));
    })
    .await;
    assert_eq!((status(&person.access_token).await, status(&by_new).await), (200, 200));
    assert_eq!(status(&old_under_new).await, 401);
    rewrite_gate(&world, |gate| drop(gate["tokens"]["keys"].as_array_mut().unwrap().pop())).await;
    assert_eq!((status(&person.access_token).await, status(&by_new).await), (401, 200));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_kids_do_not_hammer_secrets_manager() {
    let world = World::start().await;
    tokio::time::sleep(PAUSE).await;
    let (control, begun) = (world.system.aws().control(), Instant::now());
    control.clear_requests();
    for number in 0..60 {
        let token = jws(&json!({ "alg": "HS256", "kid": format!("k{number}") }), &json!({}), HMAC_SHA256, b"");
        refused(&world.send(&Call::get("/api/v1/signing-sessions").bearer(&token)).await, 401);
    }
    let reads = u64::try_from(control.count("GetSecretValue")).unwrap();
    assert!((1..=1 + begun.elapsed().as_secs() / 5).contains(&reads), "{reads}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gate_secret_that_is_of_no_use_changes_nothing() {
    let world = World::start().await;
    let person = world.newcomer().await;
    for broken in [json!({}), json!({ "tokens": { "keys": [] } }), json!("canary-text")] {
        rewrite_gate(&world, |gate| *gate = broken).await;
        let answer = world.send(&Call::get("/api/v1/signing-sessions").bearer(&person.access_token)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    world.stop().await;
}
