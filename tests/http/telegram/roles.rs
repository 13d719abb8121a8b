//! Roles: a command is for whom the role grants it, and whoever has none is told so.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{answered, group, say_in, stranger, texts};
use crate::world::World;

/// Gives a person a role that permissions.yaml does not know, past the code that guards it.
async fn suspend(world: &World, telegram_id: u64) {
    let update = world.dynamodb().update_item().table_name(&world.system.demo().table_name);
    let update = update.key("pk", AttributeValue::S(format!("SUBJECT#t:{telegram_id}")));
    let update = update.key("sk", AttributeValue::S("PERSON".into())).update_expression("SET #role = :role");
    let update = update.expression_attribute_names("#role", "role");
    update.expression_attribute_values(":role", AttributeValue::S("suspended".into())).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_role_every_command_is_refused() {
    let world = World::start().await;
    let person = stranger(&world, 65_000_001, None).await;
    assert!(answered(&world, person, "/help").await.starts_with("This is"));
    suspend(&world, person).await;
    for command in [
        "start",
        "help",
        "sign",
        "sessions",
        "language",
        "login",
        "bind",
        "setname",
        "logout",
        "connections",
        "balance",
        "pay",
        "pending",
        "report",
        "budget",
        "goals",
        "bots",
    ] {
        let said = answered(&world, person, &format!("/{command} x")).await;
        assert_eq!(said, format!("Your role does not allow the command /{command}."));
    }
    let chat = group(&world, -1_000_000_065, &[person]).await;
    say_in(&world, chat, person, "/help").await;
    assert_eq!(texts(&world, chat).await, ["Your role does not allow the command /help."]);
    world.stop().await;
}
