//! Every route against every credential that is not good, every wrong role, and everything that is another person's.

use countersign_core::policy::{person_role, service_role};
use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

use super::{
    Holder, forgeries, refused, sign_with, signed,
    surface::{Route, surface},
    table::{Table, unchanged},
};
use crate::world::{World, payment};

/// Every text of a 401 that a client can read. None tells what exactly was wrong.
const TEXTS: [&str; 3] = ["Missing or invalid Authorization header", "Invalid JWT token", "Invalid credentials"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_forgery_is_let_in_anywhere() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let (routes, table) = (surface(&world).await, Table::of(&world));
    let before = table.dump().await;
    let mut attacks = 0;
    for route in routes.iter().filter(|route| !route.is_public()) {
        for forgery in forgeries::all(&world, &holder.person) {
            let answer = world.send(&(forgery.dress)(route.call(&holder))).await;
            let told = format!("{} with {}: {}", route.endpoint, forgery.name, answer.text());
            assert_eq!(answer.status, 401, "{told}");
            let problem = refused(&answer, 401);
            assert!(TEXTS.contains(&problem["detail"].as_str().unwrap()), "{told}");
            if forgery.is_token && route.takes("access_token") {
                assert_eq!(problem["detail"], "Invalid JWT token", "{told}");
            }
            if forgery.name == "no credential" && !route.takes("telegram") {
                assert_eq!(problem["detail"], "Missing or invalid Authorization header", "{told}");
            }
            attacks += 1;
        }
    }
    println!("{attacks} attacks on {} routes", routes.len());
    assert!(attacks > 8 * 80, "{attacks}");
    unchanged(&before, &table.dump().await);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn public_routes_need_nothing_and_read_no_credential() {
    let world = World::start().await;
    for route in surface(&world).await.iter().filter(|route| route.is_public()) {
        let person = world.newcomer().await;
        for forgery in forgeries::all(&world, &person) {
            let holder = Holder::new(&world).await.with_things(&world, &route.endpoint).await;
            let call = (forgery.dress)(route.call(&holder));
            let is_signed =
                ["x-client-id", "x-timestamp", "x-signature"].iter().any(|name| call.header_value(name).is_some());
            let answer = world.send(&call).await;
            // A signature is no credential there, and is right wherever it is. This one is, and beside it no key is read.
            let is_wrong = is_signed && forgery.name != "key and another's signature";
            if is_wrong && route.endpoint.starts_with("POST /api/v1/auth/") {
                refused(&answer, 401);
                continue;
            }
            // Without a state, which is no credential, there is nothing to come back to.
            let good = answer.status < 400
                || (route.endpoint.ends_with("/callback") && answer.status == 400)
                // Many new accounts, from one address.
                || (route.endpoint == "POST /api/v1/auth/register" && answer.status == 429);
            assert!(good, "{} with {}: {}", route.endpoint, forgery.name, answer.text());
        }
    }
    world.stop().await;
}

/// A credential of each kind that is good where it is taken and is not taken everywhere.
fn good(world: &World, kind: &str, holder: &Holder, call: Call) -> Call {
    let service = world.service("mini_app_backend");
    match kind {
        "access_token" => call.bearer(&holder.person.access_token),
        "launch_data" => call.header("authorization", world.tma(holder.person.telegram_id)),
        "service_key" => call.api_key(&service.api_key),
        "signed_request" => call.signed(&service.client_id, &service.client_secret),
        other => panic!("no credential called {other}"),
    }
}

/// Whether the role behind [`good`] credentials is granted an endpoint.
fn granted(kind: &str, endpoint: &str) -> bool {
    let role = match kind {
        "access_token" | "launch_data" => person_role("user"),
        _ => service_role("mini_app_backend"),
    };
    role.unwrap().endpoints.contains(&endpoint)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_that_a_route_does_not_take_is_refused() {
    let world = World::start().await;
    for route in surface(&world).await.iter().filter(|route| !route.is_public()) {
        for kind in ["access_token", "launch_data", "service_key", "signed_request"] {
            let holder = Holder::new(&world).await.with_things(&world, &route.endpoint).await;
            let answer = world.send(&good(&world, kind, &holder, route.call(&holder))).await;
            let told = format!("{} with {kind}: {}", route.endpoint, answer.text());
            match (route.takes(kind), route.endpoint.as_str()) {
                (true, endpoint) if !granted(kind, endpoint) => assert_eq!(answer.status, 403, "{told}"),
                // The code is known to its chat alone.
                (true, "POST /api/v1/auth/telegram/confirm") => assert_eq!(answer.status, 400, "{told}"),
                (true, _) => assert!((200..300).contains(&answer.status), "{told}"),
                (false, _) => assert!(matches!(answer.status, 401 | 403), "{told}"),
            }
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_without_the_right_role_does_nothing() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let (routes, table) = (surface(&world).await, Table::of(&world));
    let before = table.dump().await;
    for role in ["notifier", "token_reader", "bot_runner"] {
        let service = world.service(role);
        let granted = service_role(role).unwrap().endpoints;
        let wrong = |route: &&Route| !route.is_public() && !granted.contains(&route.endpoint.as_str());
        for route in routes.iter().filter(wrong) {
            let by_key = world.send(&route.call(&holder).api_key(&service.api_key)).await;
            let call = route.call(&holder).signed(&service.client_id, &service.client_secret);
            for answer in [by_key, world.send(&call).await] {
                let status = if route.takes("service_key") { 403 } else { answer.status };
                assert!(matches!(status, 401 | 403), "{role} at {}: {}", route.endpoint, answer.text());
                refused(&answer, status);
            }
        }
    }
    // What was signed is used up; nothing else has happened.
    let mut after = table.dump().await;
    after.retain(|key, _| before.contains_key(key) || !key.0.starts_with("REPLAY#"));
    unchanged(&before, &after);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_an_admin_imports() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let call = || Call::post("/api/v1/signing-sessions/import", &json!({ "rows": [{ "telegram_id": 77_700_001 }] }));
    for (kind, status) in [("access_token", 403), ("launch_data", 401), ("service_key", 401), ("signed_request", 401)] {
        refused(&world.send(&good(&world, kind, &holder, call())).await, status);
    }
    // An admin's launch data is no token either.
    let tma = world.tma(world.admin().telegram_id);
    refused(&world.send(&call().header("authorization", tma)).await, 401);
    // A role that a token claims is not looked at: roles are facts.
    let mut claims = forgeries::claims(&world, &holder.person);
    for name in ["role", "roles", "scope", "admin"] {
        claims[name] = json!("admin");
    }
    refused(&world.send(&call().bearer(&world.token_of(&claims))).await, 403);
    assert!(Table::of(&world).of_person(77_700_001, "").await.is_empty());
    let admin = world.admin();
    assert_eq!(world.send(&call().bearer(&admin.access_token)).await.status, 200);
    world.stop().await;
}

/// Every way of naming the victim that a route of sessions has, by an attacker who is well known.
async fn try_the_victims(world: &World, dress: &dyn Fn(Call) -> Call, victim: &Holder) -> Vec<(String, Answer)> {
    let (id, telegram_id) = (victim.session_id, victim.person.telegram_id);
    let path = "/api/v1/signing-sessions";
    let create = json!({ "kind": "session_keys", "signer": "local", "telegram_id": telegram_id });
    let calls = [
        ("404 get", Call::get(&format!("{path}/{id}"))),
        ("404 end", Call::delete(&format!("{path}/{id}"))),
        ("403 get", Call::get(&format!("{path}/{id}?telegram_id={telegram_id}"))),
        ("403 end", Call::delete(&format!("{path}/{id}?telegram_id={telegram_id}"))),
        ("403 list", Call::get(&format!("{path}?telegram_id={telegram_id}"))),
        ("403 begin", Call::post(path, &create)),
        ("403 begin again", Call::post(path, &create).idempotent("the-victims-key")),
    ];
    let mut answers = Vec::new();
    for (name, call) in calls {
        answers.push((name.to_owned(), world.send(&dress(call)).await));
    }
    answers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_persons_sessions_are_hidden() {
    let world = World::start().await;
    let (victim, attacker, admin) = (Holder::new(&world).await, Holder::new(&world).await, world.admin());
    let table = Table::of(&world);
    let before = table.dump().await;
    let tma = world.tma(attacker.person.telegram_id);
    let by_tma = |call: Call| call.header("authorization", tma.clone());
    let mut answers = try_the_victims(&world, &|call| call.bearer(&attacker.person.access_token), &victim).await;
    answers.extend(try_the_victims(&world, &by_tma, &victim).await);
    answers.extend(try_the_victims(&world, &|call| call.bearer(&admin.access_token), &victim).await);
    for (name, answer) in answers {
        let problem = refused(&answer, name[..3].parse().unwrap());
        assert!(!problem.to_string().contains(&victim.session_id.to_string()), "{name}: {problem}");
    }
    // What is another's and what is not there at all cannot be told apart.
    let path = |id: u64| format!("/api/v1/signing-sessions/{id}");
    let text = |answer: Answer| super::without_instance(refused(&answer, 404));
    let token = &attacker.person.access_token;
    let hidden = text(world.send(&Call::get(&path(victim.session_id)).bearer(token)).await);
    let nothing = text(world.send(&Call::get(&path(victim.session_id + 1)).bearer(token)).await);
    assert_eq!(hidden, nothing);
    unchanged(&before, &table.dump().await);
    let unsigned = payment(victim.person.stellar_public_key.as_deref().unwrap());
    signed(&world, &world.send(&sign_with(&victim.person, &unsigned)).await, &unsigned, &victim.person);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_persons_key_never_signs() {
    let world = World::start().await;
    let (victim, attacker) = (Holder::new(&world).await, Holder::new(&world).await);
    let unsigned = payment(victim.person.stellar_public_key.as_deref().unwrap());
    let body = json!({ "xdr": unsigned, "telegram_id": victim.person.telegram_id, "user_id": victim.person.user_id });
    let mini_app = Call::post("/mini-app/sign-transaction", &body);
    let tma = world.tma(attacker.person.telegram_id);
    refused(&world.send(&mini_app.clone().header("authorization", tma)).await, 403);
    refused(&world.send(&mini_app.bearer(&attacker.person.access_token)).await, 401);
    for path in ["/api/sign", "/sign"] {
        let answer = world.send(&Call::post(path, &body).bearer(&attacker.person.access_token)).await;
        // Whoever asks signs with their own key, whatever else the body names.
        signed(&world, &answer, &unsigned, &attacker.person);
        let account = victim.person.stellar_public_key.as_deref().unwrap();
        let passphrase = &world.system.demo().network_passphrase;
        assert!(
            countersign_testkit::signed_by(&answer.field("signed_xdr"), &unsigned, passphrase, account).is_err(),
            "the victim's key signed"
        );
    }
    assert_eq!(Table::of(&world).signatures(victim.person.telegram_id).await, 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idempotency_key_opens_nothing_of_anothers() {
    let world = World::start().await;
    let (victim, attacker) = (Holder::new(&world).await, Holder::new(&world).await);
    let unsigned = payment(victim.person.stellar_public_key.as_deref().unwrap());
    let call = |person| sign_with(person, &unsigned).idempotent("same-key");
    let first = world.send(&call(&victim.person)).await;
    signed(&world, &first, &unsigned, &victim.person);
    let theirs = world.send(&call(&attacker.person)).await;
    assert_eq!(theirs.header("idempotent-replayed"), None);
    signed(&world, &theirs, &unsigned, &attacker.person);
    // The route is part of the key, and a service is another caller than the person it acts for.
    let body = json!({ "xdr": unsigned, "telegram_id": victim.person.telegram_id });
    let service = world.service("mini_app_backend");
    let call = Call::post("/mini-app/sign-transaction", &body).idempotent("same-key").api_key(&service.api_key);
    assert_eq!(world.send(&call).await.header("idempotent-replayed"), None);
    let again = world.send(&sign_with(&victim.person, &unsigned).idempotent("same-key")).await;
    assert_eq!((again.header("idempotent-replayed"), again.json()), (Some("true"), first.json()));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_not_known_here_is_told_so() {
    let world = World::start().await;
    let stranger = world.newcomer().await;
    let unknown = |user_id: u64, telegram_id: Option<u64>| world.token(user_id, telegram_id);
    let cases: Vec<(&str, String)> = vec![
        ("nobody", unknown(stranger.user_id ^ 2, Some(stranger.telegram_id ^ 2))),
        ("nobody who is not bound", unknown(stranger.user_id ^ 2, None)),
        // A token that binds a Telegram id to another person than the table does.
        ("a known Telegram id under another person", unknown(stranger.user_id ^ 2, Some(stranger.telegram_id))),
    ];
    let body = json!({ "xdr": payment(&countersign_testkit::fresh_account()) });
    for (name, token) in cases {
        for call in [Call::post("/api/sign", &body), Call::get("/api/v1/signing-sessions")] {
            let problem: Value = refused(&world.send(&call.bearer(&token)).await, 404);
            assert_eq!(problem["detail"], "Unknown person", "{name}");
        }
    }
    let service = world.service("mini_app_backend");
    let body = json!({ "xdr": payment(&countersign_testkit::fresh_account()), "telegram_id": 4_711 });
    refused(&world.send(&Call::post("/mini-app/sign-transaction", &body).api_key(&service.api_key)).await, 404);
    world.stop().await;
}
