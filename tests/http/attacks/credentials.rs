//! Signed requests to the letter of the contract: what is covered, when it is good, and that it is good once.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use countersign_local::demo::DemoService;
use countersign_testkit::{Call, signature};
use serde_json::json;

use super::{Holder, join_all, raw, refused, sign_call};
use crate::world::{World, payment, unix_seconds};

/// Shortly after a second has begun, so that a call is judged within it.
async fn second_begun() -> u64 {
    loop {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        if now.subsec_millis() < 200 {
            return now.as_secs();
        }
        tokio::time::sleep(Duration::from_millis(u64::from(1_005 - now.subsec_millis()))).await;
    }
}

fn backend(world: &World) -> DemoService {
    world.service("mini_app_backend")
}

/// A signing call that a service may make; each one is another transaction, so that no signature repeats by chance.
fn call(holder: &Holder) -> Call {
    let xdr = payment(holder.person.stellar_public_key.as_deref().unwrap());
    Call::post("/mini-app/sign-transaction", &json!({ "telegram_id": holder.person.telegram_id, "xdr": xdr }))
}

/// The three headers as given.
fn with_headers(call: Call, client: &str, timestamp: &str, signature: &str) -> Call {
    call.header("x-client-id", client).header("x-timestamp", timestamp).header("x-signature", signature)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_is_good_for_half_a_minute_both_ways() {
    let world = World::start().await;
    let (holder, service) = (Holder::new(&world).await, backend(&world));
    for (offset, good) in [(-30_i64, true), (30, true), (-31, false), (31, false), (-3_600, false), (3_600, false)] {
        let answer = loop {
            let now = second_begun().await;
            let at = now.checked_add_signed(offset).unwrap();
            let answer = world.send(&call(&holder).signed_at(&service.client_id, &service.client_secret, at)).await;
            // A call that was slow may have been judged in the next second, and says nothing of the bound.
            if unix_seconds() == now {
                break answer;
            }
        };
        assert_eq!(answer.status, if good { 200 } else { 401 }, "{offset}: {}", answer.text());
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_is_good_once() {
    let world = World::start().await;
    let (holder, service) = (Holder::new(&world).await, backend(&world));
    let once = call(&holder).signed(&service.client_id, &service.client_secret);
    assert_eq!(world.send(&once).await.status, 200);
    for _ in 0..3 {
        assert_eq!(refused(&world.send(&once).await, 401)["detail"], "Invalid credentials");
    }
    // Neither another key beside it nor another credential makes it new.
    refused(&world.send(&once.clone().idempotent("k-1")).await, 401);
    refused(&world.send(&once.clone().api_key(&service.api_key)).await, 401);
    let list = format!("/api/v1/signing-sessions?telegram_id={}", holder.person.telegram_id);
    let get = Call::get(&list).signed(&service.client_id, &service.client_secret);
    assert_eq!(world.send(&get).await.status, 200);
    refused(&world.send(&get).await, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_at_once_one_passes() {
    let world = World::start().await;
    let (holder, service) = (Holder::new(&world).await, backend(&world));
    for _ in 0..5 {
        let call = call(&holder).signed(&service.client_id, &service.client_secret);
        let sent = (0..20).map(|_| world.send(&call));
        let statuses: Vec<u16> = join_all(sent).await.into_iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 19, "{statuses:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_target_is_signed_as_it_is_sent() {
    let world = World::start().await;
    let (holder, service) = (Holder::new(&world).await, backend(&world));
    let id = holder.person.telegram_id;
    let path = "/api/v1/signing-sessions";
    let sent = [
        format!("{path}?telegram_id={id}&limit=5"),
        format!("{path}?limit=5&telegram_id={id}"),
        format!("{path}?telegram_id={id}&&z=%2f&y=%2F&x=a+b&w=%20&v"),
        format!("{path}?telegram%5Fid={id}"),
    ];
    for target in &sent {
        let answer = world.send(&Call::get(target).signed(&service.client_id, &service.client_secret)).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    }
    let others = [
        (&sent[1], sent[0].clone()),
        (&sent[0], path.to_owned()),
        (&sent[0], format!("{path}?")),
        (&sent[2], sent[2].replace("%2f", "%2F")),
        (&sent[2], sent[2].replace("&&", "&")),
        (&sent[2], sent[2].replace('+', "%20")),
        (&sent[3], sent[3].replace("%5F", "_")),
        (&sent[0], format!("{}{}", world.system.base_url(), sent[0])),
    ];
    for (target, signed) in others {
        let now = unix_seconds();
        let signature = signature(&service.client_secret, "GET", &signed, now, b"");
        let call = with_headers(Call::get(target), &service.client_id, &now.to_string(), &signature);
        let answer = world.send(&call).await;
        assert_eq!(answer.status, 401, "{target} signed as {signed}: {}", answer.text());
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn method_body_and_time_are_covered() {
    let world = World::start().await;
    let (holder, service) = (Holder::new(&world).await, backend(&world));
    let (target, now) = ("/mini-app/sign-transaction", unix_seconds());
    let xdr = payment(holder.person.stellar_public_key.as_deref().unwrap());
    let body = json!({ "telegram_id": holder.person.telegram_id, "xdr": xdr }).to_string();
    let good =
        |method: &str, now: u64, body: &str| signature(&service.client_secret, method, target, now, body.as_bytes());
    let lower = {
        let hash = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes()));
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, service.client_secret.as_bytes());
        hex::encode(aws_lc_rs::hmac::sign(&key, format!("post:{target}:{now}:{hash}").as_bytes()))
    };
    let cases = [
        ("another method", good("PUT", now, &body), now.to_string(), body.clone()),
        ("the method in lower case", lower, now.to_string(), body.clone()),
        ("another second", good("POST", now, &body), (now - 1).to_string(), body.clone()),
        ("another body", good("POST", now, &body), now.to_string(), body.replace("xdr", "xdr ").replace(' ', "") + " "),
        ("no body", good("POST", now, ""), now.to_string(), body.clone()),
        ("the same JSON in other words", good("POST", now, &body), now.to_string(), body.replacen('{', "{ ", 1)),
        ("upper-case hex", good("POST", now, &body).to_uppercase(), now.to_string(), body.clone()),
        ("cut short", good("POST", now, &body)[..62].to_owned(), now.to_string(), body.clone()),
        ("with 0x", format!("0x{}", &good("POST", now, &body)), now.to_string(), body.clone()),
        ("milliseconds", good("POST", now * 1000, &body), (now * 1000).to_string(), body.clone()),
        ("a zero before it", good("POST", now, &body), format!("0{now}"), body.clone()),
        ("a sign before it", good("POST", now, &body), format!("+{now}"), body.clone()),
        ("a fraction", good("POST", now, &body), format!("{now}.0"), body.clone()),
        ("no digits", good("POST", now, &body), "now".to_owned(), body.clone()),
    ];
    for (name, signature, timestamp, sent) in cases {
        let call = Call::new("POST", target).body("application/json", sent);
        let answer = world.send(&with_headers(call, &service.client_id, &timestamp, &signature)).await;
        assert_eq!(answer.status, 401, "{name}: {}", answer.text());
        refused(&answer, 401);
    }
    let call = Call::new("POST", target).body("application/json", body.clone());
    let right = with_headers(call, &service.client_id, &now.to_string(), &good("POST", now, &body));
    assert_eq!(world.send(&right).await.status, 200, "none of the attempts used it up");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_header_comes_exactly_once() {
    let world = World::start().await;
    let (holder, service) = (Holder::new(&world).await, backend(&world));
    for name in ["x-client-id", "x-timestamp", "x-signature"] {
        let now = unix_seconds();
        let plain = call(&holder);
        let signed = plain.clone().signed_at(&service.client_id, &service.client_secret, now);
        let event = signed.event();
        let value = event["headers"][name].as_str().unwrap().to_owned();
        refused(&world.send(&signed.clone().header(name, value.clone())).await, 401);
        refused(&world.send(&signed.clone().header(name, "x")).await, 401);
        let joined = [("x-client-id", &service.client_id), ("x-timestamp", &now.to_string())];
        let mut without = plain;
        for (known, value) in joined.into_iter().filter(|(known, _)| *known != name) {
            without = without.header(known, value.clone());
        }
        if name != "x-signature" {
            without = without.header("x-signature", event["headers"]["x-signature"].as_str().unwrap());
        }
        refused(&world.send(&without).await, 401);
        let joined = without.header(name, format!("{value}, {value}"));
        refused(&world.send(&joined).await, 401);
        assert_eq!(world.send(&signed).await.status, 200, "none of the attempts used it up");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_query_is_signed_with_its_mark_or_without() {
    let world = World::start().await;
    let (service, person) = (backend(&world), world.named("kms"));
    let path = "/api/v1/signing-sessions";
    for (sent, signed) in [("?", ""), ("?", "?"), ("", ""), ("", "?")] {
        let target = |end| format!("{path}{end}");
        let dressed = |target: &str| Call::get(target).bearer(&person.access_token);
        let signature = credentials_of(&dressed(&target(signed)).signed(&service.client_id, &service.client_secret));
        let call = signature.into_iter().fold(dressed(&target(sent)), |call, (name, value)| call.header(&name, value));
        let status = world.send(&call).await.status;
        assert!(status == 200, "sent {sent:?}, signed {signed:?}: {status}");
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
    let other = Call::get(&format!("{path}?limit=1")).bearer(&person.access_token);
    let other = other.signed(&service.client_id, &service.client_secret);
    let moved = credentials_of(&other).into_iter();
    let moved =
        moved.fold(Call::get(path).bearer(&person.access_token), |call, (name, value)| call.header(&name, value));
    refused(&world.send(&moved).await, 401);
    world.stop().await;
}

/// The three headers of a signed call.
fn credentials_of(call: &Call) -> Vec<(String, String)> {
    ["x-client-id", "x-timestamp", "x-signature"]
        .into_iter()
        .map(|name| (name.to_owned(), call.header_value(name).unwrap().to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doubled_authorization_is_refused() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let token = &holder.person.access_token;
    let head = format!(
        "GET /api/v1/signing-sessions HTTP/1.1\r\nauthorization: Bearer {token}\r\nAuthorization: Bearer {token}"
    );
    assert_eq!(refused(&raw::send(&world, &head, b"").await, 401)["detail"], "Missing or invalid Authorization header");
    let joined = format!("Bearer {token}, Bearer {token}");
    refused(&world.send(&Call::get("/api/v1/signing-sessions").header("authorization", joined)).await, 401);
    // The scheme's name is not case-sensitive (RFC 9110, section 11.1).
    let call = Call::get("/api/v1/signing-sessions").header("authorization", format!("bEaReR {token}"));
    assert_eq!(world.send(&call).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_beside_a_token_must_be_right_and_changes_nobody() {
    let world = World::start().await;
    let (holder, notifier) = (Holder::new(&world).await, world.service("notifier"));
    let call = || sign_call(&holder.person);
    // The person remains the caller, whoever's client signed.
    let signed = call().signed(&notifier.client_id, &notifier.client_secret);
    assert_eq!(world.send(&signed).await.status, 200);
    refused(&world.send(&signed).await, 401);
    refused(&world.send(&call().signed(&notifier.client_id, "wrong")).await, 401);
    let stale = call().signed_at(&notifier.client_id, &notifier.client_secret, unix_seconds() - 60);
    refused(&world.send(&stale).await, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signatures_can_be_made_compulsory() {
    let world = World::with(&[("REQUIRE_HMAC_VERIFICATION", "true")]).await;
    let (person, service) = (world.named("kms"), backend(&world));
    let account = person.stellar_public_key.clone().unwrap();
    let sign = || Call::post("/api/sign", &json!({ "xdr": payment(&account) })).bearer(&person.access_token);
    let session = || Call::post("/api/v1/signing-sessions", &json!({ "kind": "legacy", "signer": "local" }));
    // Another body: what is signed alike within a second is the same request.
    let tma = || {
        let body = json!({ "kind": "legacy", "signer": "local", "telegram_id": person.telegram_id });
        Call::post("/api/v1/signing-sessions", &body).header("authorization", world.tma(person.telegram_id))
    };
    let key = || {
        let body = json!({ "xdr": payment(&account), "telegram_id": person.telegram_id });
        Call::post("/mini-app/sign-transaction", &body).api_key(&service.api_key)
    };
    let end = || Call::delete("/api/v1/signing-sessions/1").bearer(&person.access_token);
    for call in [sign(), session().bearer(&person.access_token), tma(), key(), end()] {
        refused(&world.send(&call).await, 401);
        refused(&world.send(&call.clone().signed(&service.client_id, "wrong")).await, 401);
        let answer = world.send(&call.signed(&service.client_id, &service.client_secret)).await;
        assert!(matches!(answer.status, 200 | 201 | 404), "{}", answer.text());
    }
    let list = Call::get("/api/v1/signing-sessions").bearer(&person.access_token);
    assert_eq!(world.send(&list).await.status, 200);
    let login = Call::post("/api/v1/auth/login", &json!({ "email": person.email, "password": person.password }));
    refused(&world.send(&login).await, 401);
    refused(&world.send(&login.clone().signed(&service.client_id, "wrong")).await, 401);
    let signed = login.signed(&service.client_id, &service.client_secret);
    assert_eq!(world.send(&signed).await.status, 200);
    refused(&world.send(&signed).await, 401);
    assert_eq!(world.send(&Call::get("/health")).await.status, 200);
    refused(&world.send(&list.signed(&service.client_id, "wrong")).await, 401);
    world.stop().await;
}
