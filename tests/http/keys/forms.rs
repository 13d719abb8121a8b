//! The one-time form: a key is entered on a page, once, and never in a chat.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_testkit::{Answer, Call};
use serde_json::json;

use super::{StellarKey, bot, by, clients, is_signed_by, payment};
use crate::world::World;

async fn link(world: &World, body: &serde_json::Value) -> String {
    let [client, _] = clients(world);
    let given = by(world, &client, "POST", "/clients/{client}/key-forms", Some(body)).await;
    assert_eq!(given.status, 201, "{}", given.text());
    let url = given.field("url");
    url.strip_prefix(world.system.base_url()).unwrap().to_owned()
}

async fn send(world: &World, link: &str, key: &str, address: &str) -> Answer {
    let code = link.split_once("code=").unwrap().1;
    let body = format!("code={code}&private_key={key}&address={address}");
    world.send(&Call::new("POST", "/keys/form").body("application/x-www-form-urlencoded", body)).await
}

/// What a policy must say so that a browser takes the page's style.
fn style_source(page: &str) -> String {
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, style.as_bytes());
    format!("style-src 'sha256-{}'", STANDARD.encode(hash))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bot_is_set_up_by_the_form_once() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let link = link(&world, &json!({ "purpose": "setup", "bot_type": "market_maker" })).await;
    for _ in 0..7 {
        let page = world.send(&Call::get(&link)).await;
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(page.text().contains("type=\"password\"") && !page.text().contains("<script"), "{}", page.text());
        assert_eq!(
            (page.header("cache-control"), page.header("referrer-policy")),
            (Some("no-store"), Some("no-referrer"))
        );
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains(&style_source(&page.text())), "{policy}");
    }
    let wrong = send(&world, &link, "nonsense", "").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("class=\"wrong\"") && !wrong.text().contains("nonsense"), "{}", wrong.text());
    let done = send(&world, &link, &key.secret, &key.address).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert!(done.text().contains("set up and runs") && !done.text().contains(&key.secret));
    assert_eq!(send(&world, &link, &key.secret, "").await.status, 404);
    assert_eq!(world.send(&Call::get(&link)).await.status, 404);
    let bots = by(&world, &client, "GET", "/bots", None).await.json();
    assert_eq!((bots["bots"].as_array().unwrap().len(), &bots["bots"][0]["status"]), (1, &json!("running")), "{bots}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_that_send_one_form_one_enters_a_key() {
    let world = World::start().await;
    let ([client, _], old) = (clients(&world), StellarKey::fresh());
    let bot = bot(&world, &client, &old).await;
    let link = link(&world, &json!({ "purpose": "rotate" })).await;
    let (one, other) = (StellarKey::fresh(), StellarKey::fresh());
    let (first, second) = tokio::join!(send(&world, &link, &one.secret, ""), send(&world, &link, &other.secret, ""));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert!(statuses[0] == 200 && matches!(statuses[1], 404 | 409), "{statuses:?}");
    let versions = by(&world, &client, "GET", "/clients/{client}/key-versions", None).await.json();
    assert_eq!(versions["versions"].as_array().unwrap().len(), 2, "{versions}");
    let address = versions["versions"][0]["address"].as_str().unwrap().to_owned();
    let unsigned = payment(&address);
    let signed = bot.sign(&world, &unsigned).await;
    assert!(is_signed_by(&world, &signed.field("signed_transaction"), &unsigned, &address));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_entered_by_the_form_ends_as_the_page_says_or_as_it_was_ordered() {
    let world = World::start().await;
    let ([client, _], old) = (clients(&world), StellarKey::fresh());
    bot(&world, &client, &old).await;
    let ordered = "2030-01-02T03:04:05Z";
    for (order, day, end) in [
        (None, "", json!(null)),
        (None, "2029-12-31", json!("2030-01-01T00:00:00Z")),
        (Some(ordered), "", json!("2030-01-02T03:04:05Z")),
        (Some(ordered), "2029-02-28", json!("2029-03-01T00:00:00Z")),
    ] {
        let link = link(&world, &json!({ "purpose": "rotate", "expires_at": order })).await;
        let page = world.send(&Call::get(&link)).await.text();
        assert!(page.contains("<input id=\"day\" name=\"expires_at\" type=\"date\">"), "{page}");
        assert_eq!(page.contains("2 January 2030, 03:04 UTC"), order.is_some(), "{page}");
        let key = StellarKey::fresh();
        for wrong in ["2020-01-01", "2099-01-01", "tomorrow"] {
            assert_eq!(send(&world, &link, &key.secret, &format!("&expires_at={wrong}")).await.status, 400);
        }
        let sent = send(&world, &link, &key.secret, &format!("&expires_at={day}")).await;
        assert_eq!(sent.status, 200, "{}", sent.text());
        let shown = by(&world, &client, "GET", "/clients/{client}", None).await.json();
        assert_eq!(shown["key"]["expires_at"], end, "{order:?} {day}");
        let events = by(&world, &client, "GET", "/clients/{client}/key-events", None).await.json();
        let detail = events["events"][0]["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.ends_with(&end.as_str().map_or("without an end".to_owned(), |end| format!("until {end}"))),
            "{detail}"
        );
    }
    let path = format!("/clients/{}/key-forms", client.id);
    let wrong = json!({ "purpose": "rotate", "expires_at": "2020-01-01T00:00:00Z" });
    assert_eq!(by(&world, &client, "POST", &path, Some(&wrong)).await.status, 400);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_is_not_tried_for_ever_and_a_code_is_not_guessed() {
    let world = World::start().await;
    let key = StellarKey::fresh();
    let link = link(&world, &json!({ "purpose": "setup", "bot_type": "arbitrage" })).await;
    for _ in 0..countersign_core::limits::KEY_FORM_TRIES {
        assert_eq!(send(&world, &link, "nonsense", "").await.status, 400);
    }
    assert_eq!(send(&world, &link, &key.secret, "").await.status, 404);
    for code in ["", "none", "%00", "a b"] {
        assert_eq!(world.send(&Call::get(&format!("/keys/form?code={}", code.replace(' ', "%20")))).await.status, 404);
    }
    assert_eq!(world.send(&Call::get("/keys/form")).await.status, 404);
    let json = Call::post("/keys/form", &json!({ "code": "x", "private_key": key.secret }));
    assert_eq!(world.send(&json).await.status, 415);
    let [client, other] = clients(&world);
    let path = format!("/clients/{}/key-forms", client.id);
    let body = json!({ "purpose": "rotate" });
    assert_eq!(by(&world, &other, "POST", &path, Some(&body)).await.status, 404);
    for wrong in
        [json!({ "purpose": "setup" }), json!({ "purpose": "setup", "bot_type": "x" }), json!({ "purpose": "other" })]
    {
        assert_eq!(by(&world, &client, "POST", &path, Some(&wrong)).await.status, 400, "{wrong}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_idempotency_key_gives_the_same_link_and_no_code_is_stored() {
    let world = World::start().await;
    let [client, _] = clients(&world);
    let path = format!("/clients/{}/key-forms", client.id);
    let call = Call::post(&path, &json!({ "purpose": "setup", "bot_type": "arbitrage" })).bearer(&client.access_token);
    let call = call.idempotent("form-1");
    let (first, again) = (world.send(&call).await, world.send(&call).await);
    assert_eq!((first.field("url"), again.header("idempotent-replayed")), (again.field("url"), Some("true")));
    let code = first.field("url").split_once("code=").unwrap().1.to_owned();
    let table = crate::attacks::table::Table::of(&world).dump().await;
    assert!(table.iter().all(|((pk, _), item)| !pk.contains(&code) && !item.contains(&code)));
    world.stop().await;
}
