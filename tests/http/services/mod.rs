//! Services as they are seen from outside: tasks for the bot, credentials, commands, roles.

mod commands;
mod credentials;
mod me;
mod once;
mod roles;
mod tasks;

use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

use crate::world::World;

const SERVICES: &str = "/api/v1/services";

/// A PUT of JSON.
fn put(target: &str, body: &Value) -> Call {
    Call::new("PUT", target).json(body)
}

/// A service that an admin has just made: id and credentials.
async fn made(world: &World, role: &str) -> Value {
    let body = json!({ "name": format!("A {role}"), "role": role });
    let answer = world.send(&Call::post(SERVICES, &body).bearer(&world.admin().access_token)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

/// A call with a service's key.
async fn by_key(world: &World, service: &Value, call: Call) -> Answer {
    world.send(&call.api_key(service["api_key"].as_str().unwrap())).await
}

/// A call that a service has signed.
async fn signed(world: &World, service: &Value, call: Call) -> Answer {
    let text = |name: &str| service[name].as_str().unwrap().to_owned();
    world.send(&call.signed(&text("client_id"), &text("client_secret"))).await
}

/// A call of the admin of the demo.
async fn by_admin(world: &World, call: Call) -> Answer {
    world.send(&call.bearer(&world.admin().access_token)).await
}

/// The path of something of a service.
fn of(service: &Value, rest: &str) -> String {
    format!("{SERVICES}/{}{rest}", service["id"])
}

/// Checks that an answer is a problem of this status; its `detail`.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    answer.field("detail")
}

/// Everything that the table holds, as text.
async fn stored(world: &World) -> String {
    let items = world.dynamodb().scan().table_name(&world.system.demo().table_name).into_paginator().items().send();
    format!("{:?}", items.collect::<Result<Vec<_>, _>>().await.unwrap())
}
