//! What the hour brings: expiry, escalation, and nobody who can be asked.

use std::time::Duration;

use countersign_local::Options;
use countersign_local_control::{Cut, Fault};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{Crafted, ask, call, data_of, labels, message, person, press, task, text};
use crate::{
    telegram::{control, heard, until},
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_expires() {
    let world = World::start().await;
    let anna = person(&world, 76_000_001, "Anna").await;
    let id = ask(&world, anna, &json!({ "question": "In time?", "kind": "yes_no", "expires_in": 5 })).await;
    let asked = message(&world, anna, "In time?").await;
    let data = data_of(&world, anna, "In time?", "Yes").await;
    let done = task(&world, id, 20).await;
    assert_eq!(done["status"], "done", "{done}");
    assert_eq!(done["result"], json!({ "outcome": "expired", "answer": null, "answers": [] }));
    let after = message(&world, anna, "Expired without a decision").await;
    assert!(labels(&after).is_empty(), "{after}");
    let late = Crafted {
        update_id: 962_000_001,
        from: anna,
        chat: anna,
        message_id: &asked["message_id"],
        text: text(&asked),
        data: &data,
    };
    let told = late.deliver(&world).await;
    assert!(told.contains("Expired without a decision") && !told.contains("already decided"), "{told}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_are_asked_where_nobody_decides() {
    let world = World::start().await;
    let (anna, boris) = (person(&world, 76_100_001, "Anna").await, person(&world, 76_100_002, "Boris").await);
    let escalate = json!({ "after_seconds": 2, "people": [boris] });
    let id = ask(&world, anna, &json!({ "question": "Anybody?", "kind": "yes_no", "escalate": escalate })).await;
    message(&world, anna, "Anybody?").await;
    let escalated = message(&world, boris, "Anybody?").await;
    press(&world, boris, boris, &escalated, "Yes").await;
    let done = task(&world, id, 20).await;
    assert_eq!(done["result"]["answers"][0]["telegram_id"], boris, "{done}");
    for chat in [anna, boris] {
        message(&world, chat, "Answered by Boris").await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_bot_fails_the_task_or_asks_the_others_at_once() {
    let world = World::start().await;
    let (anna, boris) = (person(&world, 76_200_001, "Anna").await, person(&world, 76_200_002, "Boris").await);
    control(&world, Method::POST, "/people", Some(&json!({ "telegram_id": anna, "blocked": true }))).await;
    let id = ask(&world, anna, &json!({ "question": "Hello?", "kind": "yes_no" })).await;
    let failed = task(&world, id, 20).await;
    assert_eq!(failed["status"], "failed", "{failed}");
    assert!(failed["reason"].as_str().unwrap().contains("blocked"), "{failed}");
    let escalate = json!({ "after_seconds": 3600, "people": [boris] });
    let id = ask(&world, anna, &json!({ "question": "Then you?", "kind": "yes_no", "escalate": escalate })).await;
    let escalated = message(&world, boris, "Then you?").await;
    press(&world, boris, boris, &escalated, "No").await;
    assert_eq!(task(&world, id, 20).await["result"]["answer"], "no");
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.stop().await;
}

/// Whoever waits is answered when the question's time is over, and not when the schedule comes by, which here it never does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_needs_no_schedule() {
    let world = World::of(Options { without_schedules: true, ..Options::default() }).await;
    let anna = person(&world, 76_300_001, "Anna").await;
    let payload = json!({ "question": "In time?", "kind": "yes_no", "expires_in": 5 });
    let body = json!({ "type": "ask", "chat_id": anna, "payload": payload, "wait_seconds": 25 });
    let begun = std::time::Instant::now();
    let (status, _, done) = call(&world, Method::POST, "/enqueue_command", Some(&body)).await;
    let took = begun.elapsed();
    assert_eq!((status, done["result"]["outcome"].as_str()), (StatusCode::OK, Some("expired")), "{done}");
    assert!((Duration::from_secs(5)..Duration::from_secs(9)).contains(&took), "{took:?}");
    message(&world, anna, "Expired without a decision").await;
    let id = ask(&world, anna, &payload).await;
    tokio::time::sleep(Duration::from_millis(5_100)).await;
    assert_eq!(task(&world, id, 0).await["result"]["outcome"], "expired", "a look at it is enough");
    world.stop().await;
}

/// Telegram has the question, and its answer was lost. Wherever the person presses, what they see shows the outcome.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_whose_answer_was_lost_shows_its_outcome() {
    let world = World::start().await;
    let anna = person(&world, 76_400_001, "Anna").await;
    for wait in [Duration::ZERO, Duration::from_secs(4)] {
        let question = format!("Lost for {} s?", wait.as_secs());
        world.system.telegram().control().add_fault(Fault::cut(Cut::After).matching("/sendMessage"));
        let id = ask(&world, anna, &json!({ "question": question, "kind": "yes_no" })).await;
        let asked = message(&world, anna, &question).await;
        tokio::time::sleep(wait).await;
        press(&world, anna, anna, &asked, "Yes").await;
        assert_eq!(task(&world, id, 20).await["result"]["answer"], "yes");
        let copies = until("every copy shows it", async || {
            let said = heard(&world, anna).await;
            let copies: Vec<_> = said.into_iter().filter(|message| text(message).contains(&question)).collect();
            copies.iter().all(|message| text(message).contains("Answered by Anna")).then_some(copies)
        })
        .await;
        assert_eq!(copies.len(), if wait.is_zero() { 1 } else { 2 }, "{copies:?}");
    }
    world.stop().await;
}
