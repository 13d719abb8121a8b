//! The access log: who called what, with which answer and from where; kept once, in whatever order its lines come.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_access_log::{AccessLog, Kept, handle};
use countersign_local::{Options, logs_event};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{World, refused};

const PATH: &str = "/api/v1/access-log";
/// How long a line may take to the table.
const PATIENCE: Duration = Duration::from_secs(10);
const FUNCTIONS: &str = "/aws/lambda/countersign-services";
const GATEWAY: &str = "/aws/vendedlogs/countersign-access";

async fn world() -> World {
    World::of(Options { with_access_log: true, ..Options::default() }).await
}

/// A page of the log, as the admin sees it.
async fn page(world: &World, query: &str) -> Value {
    let (status, _, page) = world.get(&format!("{PATH}?{query}"), Some(&world.admin().access_token)).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page
}

async fn list(world: &World, query: &str) -> Vec<Value> {
    page(world, query).await["accesses"].as_array().unwrap().clone()
}

/// The list once these many are there with both lines.
async fn listed(world: &World, query: &str, count: usize) -> Vec<Value> {
    let begun = std::time::Instant::now();
    loop {
        let list = list(world, query).await;
        let whole = list.iter().all(|access| !access["address"].is_null() && !access["code"].is_null());
        if list.len() >= count && whole {
            assert_eq!(list.len(), count, "{list:?}");
            return list;
        }
        assert!(begun.elapsed() < PATIENCE, "{count} wanted: {list:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A line of API Gateway's, as the template's format has it.
fn gateway_line(id: &str, at: i64, status: u16) -> String {
    json!({
        "request_id": id, "epoch_millis": at.to_string(), "time": "26/Nov/2026:16:40:04 +0000", "address": "203.0.113.7",
        "method": "GET", "route": "GET /api/v1/me", "status": status.to_string(), "bytes": "9", "millis": "12",
        "integration_error": "-",
    })
    .to_string()
}

/// The corridor's line of the same request.
fn function_line(id: &str, at: i64, status: u16, more: &Value) -> String {
    let mut line = json!({
        "timestamp": "2026-11-26T16:40:04Z", "level": "INFO", "request_id": id, "epoch_millis": at, "method": "GET",
        "route": "/api/v1/me", "status": status, "code": "ok", "reason": "", "millis": 9, "message": "request",
        "target": "countersign_edge::corridor",
    });
    line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    line.to_string()
}

fn now_millis() -> i64 {
    i64::try_from(crate::world::unix_seconds()).unwrap() * 1000
}

/// The subscribed function, fed by hand.
struct Fed {
    world: World,
    log: AccessLog,
}

impl Fed {
    async fn start() -> Self {
        let world = World::start().await;
        let log = AccessLog::build(world.system.environment(), &world.system.sdk_config()).unwrap();
        Self { world, log }
    }

    async fn feed(&self, group: &str, lines: &[String]) -> Kept {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        handle(&self.log, serde_json::from_str(&logs_event(group, &lines).to_string()).unwrap()).await.unwrap()
    }
}

/// Every item of the access log in this partition, as it is stored.
async fn stored(world: &World, partition: &str) -> Vec<std::collections::HashMap<String, AttributeValue>> {
    let client = aws_sdk_dynamodb::Client::new(&world.system.sdk_config());
    let query = client.query().table_name(world.system.store().table()).key_condition_expression("pk = :pk");
    let found = query.expression_attribute_values(":pk", AttributeValue::S(partition.to_owned())).send().await;
    found.unwrap().items.unwrap()
}

fn day(at: i64) -> String {
    format!("ACCESS#{}", at / 86_400_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_sees_who_called_what_with_which_answer_and_from_where() {
    let world = world().await;
    let person = world.newcomer().await;
    let (_, headers, _) = world.get("/api/v1/me", Some(&person.access_token)).await;
    let id = headers["x-request-id"].to_str().unwrap().to_owned();
    let (status, ..) = world.get("/api/v1/services", Some(&person.access_token)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let caller = format!("caller=u:{}", person.user_id);
    let list = listed(&world, &caller, 2).await;
    let [refused, admitted] = &list[..] else { panic!("{list:?}") };
    assert_eq!(
        (&refused["method"], &refused["route"], &refused["status"], &refused["code"]),
        (&json!("GET"), &json!("/api/v1/services"), &json!(403), &json!("forbidden")),
    );
    assert_eq!(admitted["request_id"], json!(id), "the newest comes first");
    assert_eq!(
        (&admitted["route"], &admitted["status"], &admitted["caller"], &admitted["address"]),
        (&json!("/api/v1/me"), &json!(200), &json!(format!("u:{}", person.user_id)), &json!("127.0.0.1")),
    );
    // A service, and somebody whom nobody knows.
    let service = world.service("notifier");
    world.ask(Method::GET, "/api/v1/me", &[("x-api-key", service.api_key.clone())], None).await;
    assert_eq!(listed(&world, &format!("caller=s:{}", service.id), 1).await[0]["status"], 200);
    let (status, ..) = world.get("/api/v1/me", Some("nonsense")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let unknown = listed(&world, "status=401", 1).await;
    assert_eq!((&unknown[0]["caller"], &unknown[0]["address"]), (&Value::Null, &json!("127.0.0.1")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_an_admin_reads_it() {
    let world = World::start().await;
    refused(&world.get(PATH, None).await, 401);
    refused(&world.get(PATH, Some(&world.newcomer().await.access_token)).await, 403);
    let key = [("x-api-key", world.service("notifier").api_key)];
    assert!(matches!(world.ask(Method::GET, PATH, &key, None).await.0.as_u16(), 401 | 403));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_in_either_order_become_one_record_and_a_batch_that_comes_again_doubles_nothing() {
    let fed = Fed::start().await;
    let at = now_millis();
    let more = json!({ "caller": "u:7", "family_id": 41 });
    let function = |id: &str| vec![function_line(id, at, 200, &more)];
    let gateway = |id: &str| vec![gateway_line(id, at, 503)];
    fed.feed(FUNCTIONS, &function("function-first=")).await;
    fed.feed(GATEWAY, &gateway("function-first=")).await;
    fed.feed(GATEWAY, &gateway("gateway-first=")).await;
    fed.feed(FUNCTIONS, &function("gateway-first=")).await;
    let seen = list(&fed.world, "caller=u:7").await;
    assert_eq!(seen.len(), 2, "{seen:?}");
    for access in &seen {
        // What the client got is API Gateway's word: it may have given up on the function.
        assert_eq!((&access["status"], &access["address"]), (&json!(503), &json!("203.0.113.7")));
        assert_eq!((&access["family_id"], &access["code"]), (&json!(41), &json!("ok")));
    }
    let before = (stored(&fed.world, &day(at)).await, stored(&fed.world, "FAMILYACCESS#41").await);
    assert_eq!((before.0.len(), before.1.len()), (2, 2));
    for _ in 0..3 {
        let kept = fed.feed(FUNCTIONS, &[function("function-first="), function("gateway-first=")].concat()).await;
        assert_eq!(kept, Kept { kept: 2, left: 0 });
        fed.feed(GATEWAY, &[gateway("gateway-first="), gateway("function-first=")].concat()).await;
    }
    assert_eq!((stored(&fed.world, &day(at)).await, stored(&fed.world, "FAMILYACCESS#41").await), before);
    assert_eq!(list(&fed.world, "caller=u:7").await, seen);
    fed.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_go_on_where_the_last_one_stopped_across_days() {
    let fed = Fed::start().await;
    let (now, day_millis) = (now_millis(), 86_400_000);
    // Three a day, on five days of the last forty; some of one millisecond.
    let days = [0, 1, 2, 20, 39];
    let at = |day: i64, number: i64| now - day * day_millis - (number / 2) * 1000;
    let mut lines = Vec::new();
    for (day, number) in days.iter().flat_map(|day| (0..3).map(move |number| (*day, number))) {
        lines.push(function_line(&format!("r{day}-{number}="), at(day, number), 200, &json!({ "caller": "u:7" })));
        lines.push(function_line(&format!("o{day}-{number}="), at(day, number), 200, &json!({ "caller": "u:8" })));
    }
    assert_eq!(fed.feed(FUNCTIONS, &lines).await, Kept { kept: 30, left: 0 });
    let rfc3339 = |millis| countersign_core::Moment::from_millis(millis).to_rfc3339();
    let long_ago = format!("from={}", rfc3339(now - 80 * day_millis));
    for (query, count) in [
        (long_ago.clone(), 30),
        (format!("{long_ago}&caller=u:7"), 15),
        (format!("{long_ago}&caller=u:7&status=200"), 15),
        (format!("{long_ago}&status=404"), 0),
        // A week, where nothing is said.
        ("caller=u:8".to_owned(), 9),
    ] {
        let (mut seen, mut cursor, mut pages) = (Vec::<Value>::new(), String::new(), 0);
        loop {
            let page = page(&fed.world, &format!("{query}&limit=4{cursor}")).await;
            let rows = page["accesses"].as_array().unwrap();
            assert!(rows.len() <= 4, "{page}");
            seen.extend(rows.iter().cloned());
            pages += 1;
            assert!(pages < 40, "it never ends");
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let ids: std::collections::BTreeSet<&str> =
            seen.iter().map(|row| row["request_id"].as_str().unwrap()).collect();
        assert_eq!((seen.len(), ids.len()), (count, count), "{query}");
        let times: Vec<&str> = seen.iter().map(|row| row["at"].as_str().unwrap()).collect();
        assert!(times.windows(2).all(|pair| pair[0] >= pair[1]), "newest first: {times:?}");
    }
    let between = format!("from={}&to={}", rfc3339(at(2, 2)), rfc3339(at(1, 0)));
    let ids: Vec<Value> = list(&fed.world, &between).await.iter().map(|row| row["request_id"].clone()).collect();
    // From is inclusive, to is not: the third of yesterday, all of the day before.
    assert_eq!(ids.len(), 2 + 6, "{ids:?}");
    for bad in
        ["from=2026-11-21T05:10:05Z&to=2026-11-21T05:10:05Z", "from=yesterday", "limit=0", "limit=201", "status=x"]
    {
        let token = fed.world.admin().access_token;
        refused(&fed.world.get(&format!("{PATH}?{bad}"), Some(&token)).await, 400);
    }
    for cursor in ["nonsense", "QVQjMQ", &base64_of("AT#1795000000123#x"), &base64_of("SESSION#7")] {
        let token = fed.world.admin().access_token;
        let today = format!("from={}", rfc3339(now));
        refused(&fed.world.get(&format!("{PATH}?{today}&cursor={cursor}"), Some(&token)).await, 400);
    }
    fed.world.stop().await;
}

/// A page of a family's list, as its owner sees it.
async fn family_page(world: &World, token: &str, family: u64, query: &str) -> Value {
    let path = format!("/api/v1/families/{family}/access-log?{query}");
    let (status, _, page) = world.get(&path, Some(token)).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_family_has_a_list_of_its_own_without_addresses() {
    let fed = Fed::start().await;
    let demo = fed.world.system.demo().families[0].clone();
    let (now, token) = (now_millis(), demo.owner.access_token);
    let body = json!({ "name": "Another's", "currency": "EUR" });
    let (_, _, another) = fed.world.post("/api/v1/families", Some(&token), &body).await;
    let another = another["id"].as_u64().unwrap();
    let line = |id: &str, age: i64, family: u64| {
        function_line(id, now - age, 200, &json!({ "caller": "u:7", "family_id": family }))
    };
    let lines =
        [line("a=", 0, demo.id), line("b=", 1, demo.id), line("c=", 86_400_000, demo.id), line("d=", 2, another)];
    fed.feed(FUNCTIONS, &lines).await;
    fed.feed(GATEWAY, &[gateway_line("a=", now, 200)]).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = family_page(&fed.world, &token, demo.id, &format!("limit=1{cursor}")).await;
        for access in page["accesses"].as_array().unwrap() {
            assert_eq!((&access["caller"], access.get("address")), (&json!("u:7"), None), "{access}");
            seen.push(access["request_id"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["a=", "b=", "c="]);
    let others = family_page(&fed.world, &token, another, "limit=50").await;
    assert_eq!(others["accesses"].as_array().unwrap().len(), 1, "{others}");
    fed.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_writes_nothing_into_a_familys_list() {
    let world = world().await;
    let family = world.system.demo().families[0].clone();
    let stranger = world.newcomer().await;
    let paths = [
        format!("/api/v1/families/{}", family.id),
        format!("/api/v1/families/{}/access-log", family.id),
        format!("/api/v1/events?family_id={}", family.id),
        format!("/api/v1/families/{}/invitations", family.id),
        format!("/api/v1/wallets?family_id={}", family.id),
        format!("/api/v1/transactions?family_id={}", family.id),
        format!("/api/v1/budgets?family_id={}", family.id),
        format!("/api/v1/goals?family_id={}", family.id),
        format!("/api/v1/recurring?family_id={}", family.id),
        format!("/api/v1/reports?family_id={}", family.id),
        format!("/api/v1/reports?family_id={}&format=png", family.id),
    ];
    for path in &paths {
        refused(&world.get(path, Some(&stranger.access_token)).await, 404);
    }
    let member = &family.member.access_token;
    let (status, ..) = world.get(&format!("/api/v1/reports?family_id={}", family.id), Some(member)).await;
    assert_eq!(status, StatusCode::OK);
    // The log has both: what is not in the family's list by now does not come.
    listed(&world, &format!("caller=u:{}", stranger.user_id), paths.len()).await;
    // The seed has called before, for both of the family.
    let query = format!("caller=u:{}", family.member.user_id);
    let looked =
        async || list(&world, &query).await.iter().any(|access| access["route"] == "/api/v1/reports").then_some(());
    crate::telegram::until("the member's look is in the log", looked).await;
    let page = family_page(&world, &family.owner.access_token, family.id, "limit=200").await;
    let accesses = page["accesses"].as_array().unwrap();
    let by = |id: u64| accesses.iter().filter(move |access| access["caller"] == json!(format!("u:{id}")));
    assert_eq!(by(stranger.user_id).count(), 0, "{page}");
    assert_eq!(by(family.member.user_id).filter(|access| access["route"] == "/api/v1/reports").count(), 1, "{page}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_looks_through_the_bot_is_in_the_lists_of_their_families() {
    let world = world().await;
    let family = world.system.demo().families[0].clone();
    let (owner, member) = (&family.owner.access_token, &family.member);
    // The member has a family of their own as well, whose list names nothing of the other.
    let (_, _, own) = world.post("/api/v1/families", Some(&member.access_token), &json!({ "name": "Own" })).await;
    let own = own["id"].as_u64().unwrap();
    crate::telegram::say(&world, member.telegram_id, "/balance").await;
    crate::telegram::say(&world, member.telegram_id, "/help").await;
    let caller = json!(format!("u:{}", member.user_id));
    for (family, token) in [(family.id, owner), (own, &member.access_token)] {
        let looked = async || {
            let page = family_page(&world, token, family, "limit=200").await;
            let by_bot = |access: &&Value| access["route"] == "/telegram/webhook";
            let found: Vec<Value> = page["accesses"].as_array().unwrap().iter().filter(by_bot).cloned().collect();
            (!found.is_empty()).then_some(found)
        };
        let found = crate::telegram::until("the look is in the list", looked).await;
        assert_eq!((found.len(), &found[0]["caller"]), (1, &caller), "{found:?}");
    }
    listed(&world, "caller=telegram", 1).await;
    world.stop().await;
}

fn base64_of(text: &str) -> String {
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_ends_ninety_days_after_its_request_and_is_not_shown_after() {
    let fed = Fed::start().await;
    let (now, kept) = (now_millis(), 90 * 86_400_000_i64);
    let lines = [(0, "now="), (kept - 60_000, "old="), (kept + 60_000, "over=")];
    let lines = lines.map(|(age, id)| function_line(id, now - age, 200, &json!({ "caller": "u:7" })));
    fed.feed(FUNCTIONS, &lines).await;
    let items = stored(&fed.world, &day(now)).await;
    let [item] = &items[..] else { panic!("{items:?}") };
    assert_eq!(item["expires_at"].as_n().unwrap(), &((now + kept) / 1000).to_string());
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = page(&fed.world, &format!("from=2020-01-01T00:00:00Z&caller=u:7{cursor}")).await;
        seen.extend(page["accesses"].as_array().unwrap().iter().map(|row| row["request_id"].clone()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [json!("now="), json!("old=")], "what TTL has not deleted yet is not shown");
    fed.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_a_request_is_in_a_record() {
    let world = world().await;
    let canary = "CANARY5c1f0b";
    let person = world.newcomer().await;
    let token = person.access_token.clone();
    let with = |name: &'static str, value: String| vec![(name, value)];
    for (method, path, headers) in [
        (
            Method::GET,
            format!("/api/v1/me?code={canary}&state={canary}"),
            with("authorization", format!("Bearer {token}")),
        ),
        (Method::GET, "/api/v1/me".to_owned(), with("authorization", format!("Bearer {canary}"))),
        (Method::GET, format!("/spotify/callback?code={canary}&state={canary}"), with("cookie", canary.to_owned())),
        (Method::GET, format!("/{canary}/callback?code={canary}"), Vec::new()),
        (Method::GET, format!("/{canary}/{canary}"), with("user-agent", canary.to_owned())),
        (Method::POST, format!("/enqueue_command?{canary}"), with("x-api-key", canary.to_owned())),
        (Method::GET, format!("/api/v1/tasks/{canary}"), with("x-request-id", canary.to_owned())),
        (Method::POST, "/telegram/webhook".to_owned(), with("x-telegram-bot-api-secret-token", canary.to_owned())),
    ] {
        world.ask(method, &path, &headers, Some(&json!({ "code": canary, "chat_id": 7 }))).await;
    }
    // What came before it in the log is kept by the time that it is.
    let service = world.service("token_reader");
    world.ask(Method::GET, "/api/v1/me", &[("x-api-key", service.api_key.clone())], None).await;
    listed(&world, &format!("caller=s:{}", service.id), 1).await;
    let now = now_millis();
    let mut records = stored(&world, &day(now)).await;
    records.extend(stored(&world, &day(now - 86_400_000)).await);
    assert!(records.len() > 8, "{}", records.len());
    let text = format!("{records:?}");
    for secret in [canary, &token, &service.api_key] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    world.stop().await;
}
