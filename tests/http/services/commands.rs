//! Commands that services give the bot: replaced as a list, each name once in the house.

use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

use super::{by_admin, by_key, made, of, put, refused};
use crate::world::World;

fn command(name: &str) -> Value {
    json!({ "command": name, "description": "Does it", "url": "https://hooks.countersign.dev/a", "roles": ["user"] })
}

async fn replace(world: &World, service: &Value, commands: &Value) -> Answer {
    by_key(world, service, put(&of(service, "/commands"), commands)).await
}

async fn names(world: &World, service: &Value) -> Vec<String> {
    let answer = by_key(world, service, Call::get(&of(service, "/commands"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let commands = answer.json()["commands"].as_array().unwrap().clone();
    commands.iter().map(|command| command["command"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_replaces_the_one_before() {
    let world = World::start().await;
    let service = made(&world, "notifier").await;
    assert!(names(&world, &service).await.is_empty());
    let mut deploy = command("deploy");
    deploy["arguments_schema"] = json!({ "minItems": 1, "prefixItems": [{ "enum": ["api", "web"] }] });
    let answer = replace(&world, &service, &json!([command("status"), deploy])).await;
    assert_eq!((answer.status, &answer.json()["commands"][0]), (200, &deploy), "{}", answer.text());
    assert_eq!(names(&world, &service).await, ["deploy", "status"]);
    assert_eq!(replace(&world, &service, &json!([command("status"), command("logs")])).await.status, 200);
    assert_eq!(names(&world, &service).await, ["logs", "status"]);
    assert_eq!(by_admin(&world, put(&of(&service, "/commands"), &json!([]))).await.status, 200);
    assert!(names(&world, &service).await.is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_belongs_to_one_service() {
    let world = World::start().await;
    let (one, other) = (made(&world, "notifier").await, made(&world, "notifier").await);
    assert_eq!(replace(&world, &one, &json!([command("deploy")])).await.status, 200);
    assert!(refused(&replace(&world, &other, &json!([command("deploy")])).await, 409).contains("/deploy"));
    assert_eq!(replace(&world, &one, &json!([])).await.status, 200);
    let (list, body) = (|service: &Value| of(service, "/commands"), json!([command("race")]));
    let (first, second) =
        tokio::join!(by_key(&world, &one, put(&list(&one), &body)), by_key(&world, &other, put(&list(&other), &body)));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", first.text(), second.text());
    // What is another's is as if it were not there.
    refused(&by_key(&world, &one, Call::get(&list(&other))).await, 404);
    refused(&by_key(&world, &one, put(&list(&other), &json!([]))).await, 404);
    refused(&by_key(&world, &one, Call::get("/api/v1/services/4711/commands")).await, 404);
    refused(&by_admin(&world, Call::get("/api/v1/services/4711/commands")).await, 404);
    let reader = made(&world, "token_reader").await;
    refused(&replace(&world, &reader, &json!([])).await, 403);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_wrong_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let service = made(&world, "notifier").await;
    assert_eq!(replace(&world, &service, &json!([command("deploy")])).await.status, 200);
    for (name, value, words) in [
        ("command", json!("start"), "bot's own"),
        ("command", json!("Deploy"), "command must"),
        ("description", json!(""), "description"),
        ("url", json!("http://hooks.countersign.dev/"), "https"),
        ("url", json!("https://169.254.169.254/latest"), "not public"),
        ("url", json!("https://[fd00::1]/"), "not public"),
        ("roles", json!(["nobody"]), "roles"),
        ("arguments_schema", json!({ "type": 7 }), "arguments_schema"),
        ("arguments_schema", json!({ "$ref": "http://169.254.169.254/" }), "arguments_schema"),
    ] {
        let mut bad = command("logs");
        bad[name] = value.clone();
        let detail = refused(&replace(&world, &service, &json!([command("fine"), bad])).await, 400);
        assert!(detail.starts_with("commands[1]") && detail.contains(words), "{name} {value}: {detail}");
    }
    let many: Vec<_> = (0..21).map(|index| command(&format!("c{index}"))).collect();
    refused(&replace(&world, &service, &json!(many)).await, 400);
    refused(&replace(&world, &service, &json!({})).await, 400);
    assert_eq!(names(&world, &service).await, ["deploy"]);
    world.stop().await;
}
