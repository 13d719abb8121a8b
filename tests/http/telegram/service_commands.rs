//! Commands that services give the bot: offered and done for the roles they are for, delivered once, with the words that fit.

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::{Value, json};

use super::{answered, control, menus::menu, stranger, texts};
use crate::world::World;

/// Gives the bot commands of the demo's notifier.
async fn register(world: &World, commands: &Value) -> u64 {
    let service = world.service("notifier");
    let path = format!("/api/v1/services/{}/commands", service.id);
    let headers = [("x-api-key", service.api_key.clone())];
    let (status, _, answer) = world.ask(Method::PUT, &path, &headers, Some(commands)).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    service.id
}

fn deploy(roles: &[&str]) -> Value {
    json!([{
        "command": "deploy", "description": "Deploys a <part>", "url": "https://hooks.example.org/deploy", "roles": roles,
        "arguments_schema": { "minItems": 1, "maxItems": 2, "prefixItems": [{ "enum": ["api", "web"] }] },
    }])
}

async fn deliveries(world: &World, service: u64) -> Vec<Value> {
    let query = world.dynamodb().query().table_name(&world.system.demo().table_name);
    let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)");
    let query = query.expression_attribute_values(":pk", AttributeValue::S(format!("SERVICE#{service}")));
    let query = query.expression_attribute_values(":prefix", AttributeValue::S("DELIVERY#".into()));
    let items = query.send().await.unwrap().items.unwrap();
    items.iter().map(|item| serde_json::from_str(item["body"].as_s().unwrap()).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_offered_to_its_roles_from_the_next_message_on() {
    let world = World::start().await;
    let admin = world.admin().telegram_id;
    let user = stranger(&world, 67_000_001, None).await;
    let has_deploy = async |person: u64| menu(&world, person, None).await.iter().any(|(name, _)| name == "deploy");
    for person in [admin, user] {
        assert!(!answered(&world, person, "/help").await.contains("/deploy"));
    }
    register(&world, &deploy(&["admin"])).await;
    assert!(answered(&world, admin, "/help").await.contains("/deploy – Deploys a <part>"));
    assert!(!answered(&world, user, "/help").await.contains("/deploy"));
    super::until("the admin's menu", async || has_deploy(admin).await.then_some(())).await;
    assert!(!has_deploy(user).await);
    register(&world, &json!([])).await;
    answered(&world, admin, "/help").await;
    super::until("the usual menu", async || (!has_deploy(admin).await).then_some(())).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_reaches_its_service_once_and_only_as_it_may() {
    let world = World::start().await;
    let admin = world.admin();
    let service = register(&world, &deploy(&["admin"])).await;
    let user = stranger(&world, 67_100_001, None).await;
    assert_eq!(answered(&world, user, "/deploy api").await, "Your role does not allow the command /deploy.");
    for words in ["", "db", "api 1 2"] {
        let said = answered(&world, admin.telegram_id, &format!("/deploy {words}")).await;
        assert!(said.contains("/deploy – Deploys a <part>"), "{said}");
    }
    assert!(deliveries(&world, service).await.is_empty());
    let chat = i64::try_from(admin.telegram_id).unwrap();
    let before = texts(&world, chat).await.len();
    let update = json!({ "update_id": 970_000_001, "message": {
        "message_id": 9, "date": 1, "text": "/deploy  api\n17", "chat": { "id": admin.telegram_id, "type": "private" },
        "from": { "id": admin.telegram_id, "is_bot": false, "first_name": "Admin" },
    } });
    let again = json!({ "update": update, "times": 20, "parallel": true });
    control(&world, Method::POST, "/deliver", Some(&again)).await;
    assert_eq!(texts(&world, chat).await[before..], ["Working on it\u{2026}"]);
    let delivered = deliveries(&world, service).await;
    let [body] = delivered.as_slice() else { panic!("{delivered:?}") };
    assert_eq!(body["type"], "command.given");
    let data = &body["data"];
    assert_eq!((&data["command"], &data["arguments"]), (&json!("deploy"), &json!(["api", "17"])), "{body}");
    assert_eq!((&data["user_id"], &data["chat_id"]), (&json!(admin.user_id), &json!(chat)), "{body}");
    world.stop().await;
}
