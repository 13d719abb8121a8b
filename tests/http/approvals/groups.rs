//! In a group there is one copy, and only the presses of those count who are asked.

use reqwest::Method;
use serde_json::json;

use super::{ask, labels, message, person, press, task, text};
use crate::{
    telegram::{control, group, heard},
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_presses_and_nothing_happens() {
    let world = World::start().await;
    let (anna, eve) = (person(&world, 75_000_001, "Anna").await, person(&world, 75_000_002, "Eve").await);
    let chat = group(&world, -1_000_000_075, &[anna.unsigned_abs(), eve.unsigned_abs()]).await;
    let id = ask(&world, chat, &json!({ "question": "Lunch?", "kind": "yes_no", "people": [anna] })).await;
    let asked = message(&world, chat, "Lunch?").await;
    assert_eq!(press(&world, eve, chat, &asked, "No").await, "This question is not for you.");
    assert_eq!(task(&world, id, 0).await["status"], "queued");
    assert_eq!(press(&world, anna, chat, &asked, "Yes").await, "Your answer: Yes");
    let done = task(&world, id, 20).await;
    assert_eq!(
        (&done["result"]["answer"], &done["result"]["answers"][0]["telegram_id"]),
        (&json!("yes"), &json!(anna))
    );
    let after = message(&world, chat, "Answered by Anna").await;
    assert!(labels(&after).is_empty() && after["message_id"] == asked["message_id"], "{after}");
    assert!(heard(&world, anna).await.is_empty(), "the copy is in the group alone");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_is_named_anybody_answers_once() {
    let world = World::start().await;
    let (anna, boris) = (person(&world, 75_100_001, "Anna").await, person(&world, 75_100_002, "Boris").await);
    let chat = group(&world, -1_000_000_076, &[anna.unsigned_abs(), boris.unsigned_abs()]).await;
    let payload = json!({ "question": "Tea?", "kind": "choice", "choices": ["Tea", "Coffee"], "quorum": 2 });
    let id = ask(&world, chat, &payload).await;
    let asked = message(&world, chat, "Tea?").await;
    assert!(press(&world, anna, chat, &asked, "Tea").await.ends_with("1 of 2 so far."));
    assert_eq!(press(&world, anna, chat, &asked, "Tea").await, "You have already answered: Tea");
    assert_eq!(press(&world, boris, chat, &asked, "Tea").await, "Your answer decides: Tea");
    assert_eq!(task(&world, id, 20).await["result"]["answer"], "Tea");
    let after = message(&world, chat, "Answered by Anna and Boris").await;
    assert!(text(&after).contains("✅ Tea."), "{after}");
    world.stop().await;
}

/// A group becomes a supergroup, which has another id: before a question is put into it, or after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_follows_its_group() {
    let world = World::start().await;
    let anna = person(&world, 75_200_001, "Anna").await;
    for (index, before) in [true, false].into_iter().enumerate() {
        let index = i64::try_from(index).unwrap();
        let (old, new) = (-75_200 - index, -1_000_000_075_200 - index);
        for (chat, kind) in [(old, "group"), (new, "supergroup")] {
            let made = json!({ "chat_id": chat, "title": "Family", "type": kind, "members": [anna] });
            control(&world, Method::POST, "/chats", Some(&made)).await;
        }
        let upgrade = json!({ "chat_id": old, "migrated_to": new });
        let payload = json!({ "question": "Lunch?", "kind": "yes_no" });
        if before {
            control(&world, Method::POST, "/chats", Some(&upgrade)).await;
        }
        let id = ask(&world, old, &payload).await;
        if !before {
            message(&world, old, "Lunch?").await;
            control(&world, Method::POST, "/chats", Some(&upgrade)).await;
        }
        let asked = message(&world, new, "Lunch?").await;
        press(&world, anna, new, &asked, "Yes").await;
        assert_eq!(task(&world, id, 20).await["result"]["answer"], "yes");
        let after = message(&world, new, "Answered by Anna").await;
        assert_eq!(after["message_id"], asked["message_id"]);
        assert_eq!(heard(&world, new).await.len(), 1, "it is there once");
    }
    world.stop().await;
}
