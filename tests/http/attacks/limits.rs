//! Requests that are of no form: unknown routes, wrong methods, sizes, content types, broken JSON, odd queries.

use std::collections::BTreeSet;

use countersign_core::policy::{RUNNERS, Role, SERVICES, person_role};
use countersign_testkit::Call;
use serde_json::json;

use super::{
    Holder,
    keys::KeyThings,
    raw, refused,
    surface::{Route, surface},
};
use crate::world::{World, payment};

/// The largest body, in bytes.
const MOST: usize = 256 * 1024;

/// The call of a route with a credential that is let in.
fn admitted(world: &World, endpoint: &str, holder: &Holder, call: Call) -> Call {
    match endpoint {
        "POST /mini-app/sign-transaction" => call.header("authorization", world.tma(holder.person.telegram_id)),
        "POST /telegram/webhook" => {
            call.header("x-telegram-bot-api-secret-token", &world.system.demo().bot.webhook_secret)
        }
        _ if RUNNERS.contains(&endpoint) => call.bearer(&holder.things.keys.runner_token),
        _ if grants(person_role("user"), endpoint) => call.bearer(&holder.person.access_token),
        _ if grants(person_role("admin"), endpoint) => call.bearer(&world.admin().access_token),
        _ => match SERVICES.iter().find(|role| grants(Some(role), endpoint)) {
            Some(role) => call.api_key(&world.service(role.name).api_key),
            None => call.bearer(&holder.person.access_token),
        },
    }
}

/// Somebody to ask a route that takes a JSON body, with the client or bot that it is about: what is not there is said before what
/// is wrong with a body.
async fn holder_of(world: &World, route: &Route) -> Holder {
    let holder = Holder::new(world).await;
    if KeyThings::are_of(&route.endpoint) { holder.with_things(world, &route.endpoint).await } else { holder }
}

/// Whether a route takes a body, and JSON: the form for a key is a browser's.
fn takes_json(route: &Route) -> bool {
    route.needs_body && route.endpoint != "POST /keys/form"
}

fn grants(role: Option<&Role>, endpoint: &str) -> bool {
    role.unwrap().endpoints.contains(&endpoint)
}

/// Whether a path is one of this form: `{id}` stands for any one segment.
fn fits(form: &str, path: &str) -> bool {
    let (form, path): (Vec<_>, Vec<_>) = (form.split('/').collect(), path.split('/').collect());
    form.len() == path.len() && form.iter().zip(&path).all(|(form, part)| form.starts_with('{') || form == part)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let routes = surface(&world).await;
    for route in &routes {
        let path = route.call(&holder).event()["rawPath"].as_str().unwrap().to_owned();
        let fitting = routes.iter().filter(|other| fits(other.path(), &path));
        let right: BTreeSet<&str> = fitting.map(Route::method).collect();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
            if right.contains(method) {
                continue;
            }
            let answer = world.send(&Call::new(method, &path).bearer(&holder.person.access_token)).await;
            // Documents may be asked for by HEAD as well (RFC 9110, section 9.3.2).
            if method == "HEAD" && answer.status < 400 && !path.starts_with("/api") {
                assert!(right.contains("GET") && answer.body.is_empty(), "{path}");
                continue;
            }
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text());
            let mut allow: BTreeSet<&str> = answer.header("allow").unwrap().split(',').map(str::trim).collect();
            allow.remove("HEAD");
            assert_eq!(allow, right, "{method} {path}");
            if method != "HEAD" {
                refused(&answer, 405);
            }
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_route_is_a_problem_too() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let unknown = [
        "/",
        "/api",
        "/api/sign/",
        "/API/SIGN",
        "//api/sign",
        "/api//sign",
        "/api/sign/x",
        "/%61pi/sign",
        "/api/sign%2F",
        "/api/v1/signing-sessions/",
        "/api/v1/signing-sessions/1/2",
        "/api/v2/signing-sessions",
        "/docs/nothing.html",
        "/docs/..%2f..%2fCargo.toml",
        "/docs/%2e%2e/openapi.json/x",
        "/.env",
        "/favicon.ico",
        "/_control/faults",
        "/2018-06-01/runtime/invocation/next",
    ];
    for path in unknown {
        for method in ["GET", "POST"] {
            let head = format!("{method} {path} HTTP/1.1\r\nauthorization: Bearer {}", holder.person.access_token);
            let answer = raw::send(&world, &format!("{head}\r\ncontent-length: 0"), b"").await;
            // What lies below /docs takes GET alone, whatever it is.
            let status = if method == "POST" && path.starts_with("/docs/") { answer.status } else { 404 };
            assert!(matches!(status, 404 | 405), "{method} {path}: {}", answer.text());
            refused(&answer, status);
        }
    }
    for id in ["abc", "0", "-1", "01", "+1", "1.0", "9007199254740992", "%31x", "1%20", "%00", "'", "%F0%9F%92%A9"] {
        for call in [
            Call::get(&format!("/api/v1/signing-sessions/{id}")),
            Call::delete(&format!("/api/v1/signing-sessions/{id}")),
        ] {
            refused(&world.send(&call.bearer(&holder.person.access_token)).await, 404);
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_has_256_kib_and_not_a_byte_more() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let body = |length: usize| {
        let xdr = payment(holder.person.stellar_public_key.as_deref().unwrap());
        let mut text = json!({ "xdr": xdr, "telegram_id": holder.person.telegram_id, "zz": "" }).to_string();
        let room = length - text.len();
        text.insert_str(text.len() - 2, &"x".repeat(room));
        assert_eq!(text.len(), length);
        text
    };
    for endpoint in ["POST /api/sign", "POST /sign", "POST /mini-app/sign-transaction"] {
        let path = endpoint.split_once(' ').unwrap().1;
        let call = |length| Call::new("POST", path).body("application/json", body(length));
        let answer = world.send(&admitted(&world, endpoint, &holder, call(MOST))).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        refused(&world.send(&admitted(&world, endpoint, &holder, call(MOST + 1))).await, 413);
        refused(&world.send(&call(MOST + 1)).await, 413);
    }
    for route in surface(&world).await.iter().filter(|route| !route.is_public()) {
        let call = route.call(&holder).body("application/json", vec![b' '; MOST + 1]);
        refused(&world.send(&admitted(&world, &route.endpoint, &holder, call)).await, 413);
    }
    let head = |length: &str| {
        let token = &holder.person.access_token;
        format!(
            "POST /api/sign HTTP/1.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n{length}"
        )
    };
    let chunked = "transfer-encoding: chunked";
    let answer = raw::send(&world, &head(chunked), &raw::chunked(body(MOST).as_bytes())).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    refused(&raw::send(&world, &head(chunked), &raw::chunked(body(MOST + 1).as_bytes())).await, 413);
    // API Gateway's own limit; its answer is API Gateway's own.
    let huge = raw::send(&world, &head(chunked), &raw::chunked(&vec![b' '; 10 * 1024 * 1024 + 1])).await;
    assert_eq!(huge.status, 413);
    // Who writes to the end without listening gets it too.
    let huge = world.send(&Call::new("POST", "/api/sign").body("application/json", vec![b' '; 24 * 1024 * 1024])).await;
    assert_eq!((huge.status, huge.text()), (413, r#"{"message":"Request Entity Too Large"}"#.to_owned()));
    assert_eq!(world.send(&Call::get("/health")).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_json_is_read() {
    let world = World::start().await;
    let routes = surface(&world).await;
    for route in routes.iter().filter(|route| takes_json(route)) {
        let holder = holder_of(&world, route).await;
        let text = route.call(&holder).event()["body"].as_str().unwrap().to_owned();
        let send = async |form: &str| {
            let call = route.call(&holder).body(form, text.clone());
            world.send(&admitted(&world, &route.endpoint, &holder, call)).await
        };
        for form in [
            "text/plain",
            "text/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonp",
            "application/json5",
            "application/octet-stream",
            "json",
            "",
        ] {
            let answer = send(form).await;
            assert_eq!(answer.status, 415, "{} as {form}: {}", route.endpoint, answer.text());
            refused(&answer, 415);
        }
        for form in ["application/json; charset=utf-8", "Application/JSON", "application/vnd.countersign+json"] {
            let answer = send(form).await;
            // What is asked about is not there for every route; but it was read.
            let read = answer.status < 300 || (400..500).contains(&answer.status) && answer.status != 415;
            assert!(read, "{} as {form}: {}", route.endpoint, answer.text());
        }
    }
    world.stop().await;
}

/// Bodies that no route takes.
fn broken() -> Vec<Vec<u8>> {
    let mut broken: Vec<Vec<u8>> = [
        "",
        " ",
        "{",
        "}",
        "[]",
        "[{}]",
        "null",
        "true",
        "0",
        "\"\"",
        "{}{}",
        "{\"xdr\":}",
        "{'xdr':1}",
        "{\"xdr\":1,}",
        "{\"xdr\":NaN}",
        "{\"xdr\":1e999}",
        "{\"xdr\":\"\\ud800\"}",
        "{\"xdr\":\"\u{0}\"}",
        "{\"kind\":\"session_keys\"}",
        "{\"kind\":{},\"signer\":[]}",
        "{\"rows\":{}}",
        "{\"rows\":[]}",
        "{\"telegram_id\":\"x\",\"xdr\":1}",
        "{\"telegram_id\":-1}",
        "{\"telegram_id\":1e3}",
        "{\"telegram_id\":9007199254740992}",
        "\u{feff}{}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    broken.push(b"\xff\xfe{\x00}\x00".to_vec());
    broken.push(b"{\"xdr\":\"\xff\"}".to_vec());
    broken.push("[".repeat(100_000).into_bytes());
    broken.push("{\"a\":".repeat(40_000).into_bytes());
    broken.push(format!("{{\"xdr\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes());
    broken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_bodies_are_a_400_and_leave_nothing() {
    let world = World::start().await;
    let table = super::table::Table::of(&world);
    for route in surface(&world).await.iter().filter(|route| takes_json(route) && route.method() == "POST") {
        let holder = holder_of(&world, route).await;
        let before = table.dump().await;
        for body in broken() {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let call = route.call(&holder).body("application/json", body).idempotent("kept-never");
            let answer = world.send(&admitted(&world, &route.endpoint, &holder, call)).await;
            assert_eq!(answer.status, 400, "{} with {shown}: {}", route.endpoint, answer.text());
            refused(&answer, 400);
        }
        super::table::unchanged(&before, &table.dump().await);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_queries_and_keys_are_a_400() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let token = &holder.person.access_token;
    for query in [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        "limit=",
        "limit=1e1",
        "limit=99999999999",
        "cursor=%00",
        "cursor=x",
        "cursor=MQ==",
        "cursor=MA",
        "telegram_id=x",
        "telegram_id=-1",
        "telegram_id=0",
        "telegram_id=9007199254740992",
        "telegram_id=",
        "limit=1&limit=2",
    ] {
        let answer = world.send(&Call::get(&format!("/api/v1/signing-sessions?{query}")).bearer(token)).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        refused(&answer, 400);
    }
    let sign = || super::sign_call(&holder.person);
    for key in [String::new(), "a b".into(), "x".repeat(256), "é".into(), "\t".into()] {
        let answer = world.send(&sign().idempotent(&key)).await;
        assert_eq!(answer.status, 400, "{key:?}: {}", answer.text());
        refused(&answer, 400);
    }
    assert_eq!(world.send(&sign().idempotent(&"~".repeat(255))).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_has_its_own_id_and_the_headers_that_protect() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    let mut ids = BTreeSet::new();
    let mut sent = 0;
    for route in surface(&world).await {
        let call = || route.call(&holder).header("x-request-id", "mine").header("x-amzn-request-id", "mine");
        for answer in [world.send(&call()).await, world.send(&call().bearer(&holder.person.access_token)).await] {
            let header = |name: &str| answer.header(name).unwrap_or_else(|| panic!("no {name}: {}", route.endpoint));
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("referrer-policy"), "no-referrer");
            assert!(header("strict-transport-security").contains("max-age="));
            assert!(route.is_public() || header("cache-control") == "no-store", "{}", route.endpoint);
            assert_eq!(answer.header("access-control-allow-origin"), None);
            ids.insert(header("x-request-id").to_owned());
            sent += 1;
        }
    }
    assert_eq!(ids.len(), sent, "ids repeat");
    assert!(!ids.contains("mine"));
    world.stop().await;
}
