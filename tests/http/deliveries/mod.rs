//! What is delivered to services: commands and callbacks, signed, tried again, given up, and what comes back to the chat.

mod commands;
mod hook;
mod other_library;
mod retries;

pub(crate) use hook::Hook;

use countersign_core::{
    DeliveryId, Moment, ServiceId,
    messaging::{Delivery, DeliveryKind, DeliveryRecord, DeliveryStatus},
};
use countersign_testkit::Call;
use serde_json::{Value, json};

use crate::{
    telegram::until,
    world::{World, unix_seconds},
};

/// A service that an admin has just made: its id and credentials.
async fn service(world: &World) -> Value {
    let body = json!({ "name": "Deploys", "role": "notifier" });
    let answer = world.send(&Call::post("/api/v1/services", &body).bearer(&world.admin().access_token)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn secret(service: &Value) -> String {
    service["webhook_secret"].as_str().unwrap().to_owned()
}

/// Gives the bot `/deploy`, which leads to this URL.
async fn give_command(world: &World, service: &Value, url: &str) {
    let commands = json!([{ "command": "deploy", "description": "Deploys", "url": url, "roles": ["user"] }]);
    let path = format!("/api/v1/services/{}/commands", service["id"]);
    let call = Call::new("PUT", &path).json(&commands).api_key(service["api_key"].as_str().unwrap());
    let answer = world.send(&call).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// The commands that a service still has.
async fn commands(world: &World, service: &Value) -> usize {
    let path = format!("/api/v1/services/{}/commands", service["id"]);
    let answer = world.send(&Call::get(&path).api_key(service["api_key"].as_str().unwrap())).await;
    answer.json()["commands"].as_array().unwrap().len()
}

/// Decides that this is delivered, as a transaction of the house does.
async fn deliver(world: &World, service: &Value, number: u64, url: &str) -> (ServiceId, DeliveryId) {
    deliver_at(world, service, number, url, Moment::from_seconds(i64::try_from(unix_seconds()).unwrap())).await
}

/// The same at another moment: it is not tried before.
async fn deliver_at(
    world: &World,
    service: &Value,
    number: u64,
    url: &str,
    created_at: Moment,
) -> (ServiceId, DeliveryId) {
    let ids = (ServiceId::new(service["id"].as_u64().unwrap()).unwrap(), DeliveryId::new(number).unwrap());
    let delivery = Delivery {
        id: ids.1,
        service_id: ids.0,
        kind: DeliveryKind::Callback,
        url: url.to_owned(),
        body: json!({ "type": "test", "data": { "text": "Привет" } }).to_string(),
        created_at,
        chat_id: None,
        attempt: 0,
        status: DeliveryStatus::Queued,
        reason: None,
        finished_at: None,
    };
    world.system.store().commit_delivery(&delivery).await.unwrap();
    ids
}

/// Waits until a delivery is so.
async fn once(
    world: &World,
    (service, id): (ServiceId, DeliveryId),
    is: impl Fn(&DeliveryRecord) -> bool,
) -> DeliveryRecord {
    until("a delivery is so", async || world.system.store().delivery(service, id).await.unwrap().filter(&is)).await
}

async fn ended(world: &World, ids: (ServiceId, DeliveryId)) -> DeliveryRecord {
    once(world, ids, |record| record.delivery.status != DeliveryStatus::Queued).await
}
