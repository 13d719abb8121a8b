//! A command of a person goes to its service, and what the service says goes to the chat.

use countersign_testkit::Call;
use serde_json::{Value, json};

use super::{commands, deliver, ended, give_command, hook::Hook, secret, service};
use crate::{
    telegram::{say, stranger, texts, until},
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_reaches_its_service_and_the_reply_the_chat() {
    let world = World::start().await;
    let mut hook = Hook::answering(&[(200, r#"{"reply": "Deployed <b>v7</b> & done"}"#)]).await;
    let service = service(&world).await;
    give_command(&world, &service, &hook.url).await;
    let person = stranger(&world, 66_000_001, Some("en")).await;
    say(&world, person, "/deploy v7 \"to production\"").await;
    let posted = hook.next().await;
    assert!(posted.is_of(&secret(&service)) && !posted.is_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    assert!(posted.header("webhook-id").starts_with("msg_"));
    let body: Value = serde_json::from_str(&posted.body).unwrap();
    assert_eq!((&body["data"]["command"], &body["data"]["telegram_id"]), (&json!("deploy"), &json!(person)), "{body}");
    let chat = i64::try_from(person).unwrap();
    // Plain text: markup of a service is shown as it is written.
    until("the reply is in the chat", async || {
        texts(&world, chat).await.iter().any(|text| text == "Deployed <b>v7</b> & done").then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_credentials_are_rotated_both_secrets_are_good() {
    let world = World::start().await;
    let mut hook = Hook::answering(&[(204, "")]).await;
    let service = service(&world).await;
    let rotate = Call::post(&format!("/api/v1/services/{}/rotate-key", service["id"]), &json!({}));
    let answer = world.send(&rotate.bearer(&world.admin().access_token)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let ids = deliver(&world, &service, 1, &hook.url).await;
    let posted = hook.next().await;
    assert!(posted.is_of(&secret(&service)), "the older");
    assert!(posted.is_of(&secret(&answer.json())), "the newer");
    assert_eq!(posted.header("webhook-signature").split(' ').count(), 2);
    ended(&world, ids).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_answers_gone_gets_no_more_of_the_command() {
    let world = World::start().await;
    let mut hook = Hook::answering(&[(410, "")]).await;
    let service = service(&world).await;
    give_command(&world, &service, &hook.url).await;
    let person = stranger(&world, 66_000_002, Some("en")).await;
    say(&world, person, "/deploy").await;
    hook.next().await;
    until("the command is gone", async || (commands(&world, &service).await == 0).then_some(())).await;
    let said = say(&world, person, "/deploy").await;
    assert_eq!(said["webhook_status"], 200);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(hook.waiting(), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callbacks_say_nothing_to_a_chat() {
    let world = World::start().await;
    let hook = Hook::answering(&[(200, r#"{"reply": "psst"}"#)]).await;
    let service = service(&world).await;
    let ids = deliver(&world, &service, 1, &hook.url).await;
    let record = ended(&world, ids).await;
    assert_eq!(record.delivery.attempt, 1);
    let person = i64::try_from(world.named("kms").telegram_id).unwrap();
    assert!(texts(&world, person).await.is_empty());
    world.stop().await;
}
