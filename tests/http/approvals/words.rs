//! Answers in words: by a reply, or by what is written next in private.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ask, message, person, task, text};
use crate::{
    telegram::{control, group, heard, say, until},
    world::World,
};

async fn reply(world: &World, person: i64, chat: i64, to: &Value, words: &str) {
    let said = json!({ "text": words, "chat_id": chat, "reply_to_message_id": to["message_id"] });
    let told = control(world, Method::POST, &format!("/people/{person}/message"), Some(&said)).await;
    assert_eq!(told["webhook_status"], 200, "{told}");
}

/// Until the courier has told the table which message it was.
async fn settled(world: &World, chat: i64, words: &str) -> Value {
    let asked = message(world, chat, words).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    asked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_next_in_private_is_the_answer() {
    let world = World::start().await;
    let anna = person(&world, 72_000_001, "Anna").await;
    let id = ask(&world, anna, &json!({ "question": "Which name?", "kind": "text" })).await;
    settled(&world, anna, "Which name?").await;
    say(&world, anna.unsigned_abs(), &"x".repeat(1001)).await;
    message(&world, anna, "too long").await;
    assert_eq!(task(&world, id, 0).await["status"], "queued");
    say(&world, anna.unsigned_abs(), "Bob & <i>Sons</i>").await;
    let done = task(&world, id, 20).await;
    assert_eq!(done["result"]["answer"], "Bob & <i>Sons</i>", "{done}");
    message(&world, anna, "✅ Bob & <i>Sons</i>. Answered by Anna").await;
    let before = heard(&world, anna).await.len();
    say(&world, anna.unsigned_abs(), "Carl").await;
    let later = until("an answer", async || heard(&world, anna).await.get(before).cloned()).await;
    assert!(text(&later).contains("/help"), "the question is over: {later}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_before_a_question_is_shown_is_no_answer() {
    let world = World::start().await;
    let anna = person(&world, 72_050_001, "Anna").await;
    let flood = json!({ "chat_id": anna, "retry_after": 3, "count": 1 });
    control(&world, Method::POST, "/floods", Some(&flood)).await;
    let id = ask(&world, anna, &json!({ "question": "Which name?", "kind": "text" })).await;
    until("the question waits", async || {
        let floods = control(&world, Method::GET, "/floods", None).await;
        floods.to_string().contains("\"refused\":1").then_some(())
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    say(&world, anna.unsigned_abs(), "by the way").await;
    message(&world, anna, "/help").await;
    assert_eq!(task(&world, id, 0).await["status"], "queued");
    settled(&world, anna, "Which name?").await;
    say(&world, anna.unsigned_abs(), "Bob").await;
    assert_eq!(task(&world, id, 20).await["result"]["answer"], "Bob");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_answers_the_question_that_it_replies_to() {
    let world = World::start().await;
    let anna = person(&world, 72_100_001, "Anna").await;
    let first = ask(&world, anna, &json!({ "question": "First?", "kind": "text" })).await;
    let shown = settled(&world, anna, "First?").await;
    let second = ask(&world, anna, &json!({ "question": "Second?", "kind": "text" })).await;
    settled(&world, anna, "Second?").await;
    reply(&world, anna, anna, &shown, "one").await;
    assert_eq!(task(&world, first, 20).await["result"]["answer"], "one");
    say(&world, anna.unsigned_abs(), "two").await;
    assert_eq!(task(&world, second, 20).await["result"]["answer"], "two");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_group_only_a_reply_of_somebody_who_is_asked_counts() {
    let world = World::start().await;
    let (anna, eve) = (person(&world, 72_200_001, "Anna").await, person(&world, 72_200_002, "Eve").await);
    let chat = group(&world, -1_000_000_072, &[anna.unsigned_abs(), eve.unsigned_abs()]).await;
    let id = ask(&world, chat, &json!({ "question": "Word?", "kind": "text", "people": [anna] })).await;
    let shown = settled(&world, chat, "Word?").await;
    crate::telegram::say_in(&world, chat, anna.unsigned_abs(), "by the way").await;
    reply(&world, eve, chat, &shown, "evil").await;
    message(&world, chat, "not for you").await;
    assert_eq!(task(&world, id, 0).await["status"], "queued");
    reply(&world, anna, chat, &shown, "good").await;
    let done = task(&world, id, 20).await;
    assert_eq!(
        (&done["result"]["answer"], done["result"]["answers"].as_array().unwrap().len()),
        (&json!("good"), 1),
        "{done}"
    );
    world.stop().await;
}
