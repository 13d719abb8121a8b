//! Each kind of question, asked of one person and answered by them.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{ask, call, labels, message, person, press, task, text};
use crate::{
    telegram::until,
    world::{World, refused},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yes_or_no() {
    let world = World::start().await;
    let anna = person(&world, 71_000_001, "Anna").await;
    let id = ask(&world, anna, &json!({ "question": "Deploy <b>7</b> & go?", "kind": "yes_no" })).await;
    let asked = message(&world, anna, "Deploy <b>7</b> & go?").await;
    assert_eq!(labels(&asked), ["Yes", "No"]);
    assert!(text(&asked).contains("Asked by") && text(&asked).contains("Open until"), "{asked}");
    assert_eq!(task(&world, id, 0).await["status"], "queued");
    assert_eq!(press(&world, anna, anna, &asked, "Yes").await, "Your answer: Yes");
    let done = task(&world, id, 20).await;
    assert_eq!(
        (done["status"].as_str(), done["result"]["outcome"].as_str()),
        (Some("done"), Some("answered")),
        "{done}"
    );
    assert_eq!(done["result"]["answer"], "yes");
    assert_eq!(done["result"]["answers"][0]["telegram_id"], anna);
    let after = message(&world, anna, "Answered by Anna").await;
    assert_eq!((&after["message_id"], labels(&after).len(), &after["edited"]), (&asked["message_id"], 0, &json!(true)));
    assert!(text(&after).starts_with("Deploy <b>7</b> & go?") && text(&after).contains("✅ Yes."), "{after}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_wait_is_enough_where_the_person_is_quick() {
    let world = World::start().await;
    let anna = person(&world, 71_100_001, "Anna").await;
    let body = json!({ "type": "ask", "chat_id": anna, "wait_seconds": 20, "payload": { "question": "Now?", "kind": "yes_no" } });
    let pressing = async {
        let asked = message(&world, anna, "Now?").await;
        press(&world, anna, anna, &asked, "No").await
    };
    let ((status, _, done), _) = tokio::join!(call(&world, Method::POST, "/enqueue_command", Some(&body)), pressing);
    assert_eq!((status, done["result"]["answer"].as_str()), (StatusCode::OK, Some("no")), "{done}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several() {
    let world = World::start().await;
    let anna = person(&world, 71_200_001, "Anna").await;
    let choices = ["Red", "Green", "yes"];
    let id = ask(&world, anna, &json!({ "question": "Colour?", "kind": "choice", "choices": choices })).await;
    let asked = message(&world, anna, "Colour?").await;
    assert_eq!((labels(&asked), asked["buttons"].as_array().unwrap().len()), (choices.to_vec(), 3));
    press(&world, anna, anna, &asked, "Green").await;
    assert_eq!(task(&world, id, 20).await["result"]["answer"], "Green");
    message(&world, anna, "✅ Green.").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_within_its_limits() {
    let world = World::start().await;
    let many: Vec<u64> = (1..=21).collect();
    for (payload, words) in [
        (json!({ "kind": "yes_no" }), "question"),
        (json!({ "question": "x".repeat(1001), "kind": "yes_no" }), "1 to 1000"),
        (json!({ "question": "Go?", "kind": "approval" }), "yes_no, choice or text"),
        (json!({ "question": "Go?", "kind": "choice", "choices": ["one"] }), "2 to 10"),
        (json!({ "question": "Go?", "kind": "yes_no", "people": many }), "at most 20"),
        (json!({ "question": "Go?", "kind": "yes_no", "quorum": 2 }), "quorum must be 1 to 1"),
        (json!({ "question": "Go?", "kind": "yes_no", "expires_in": 4 }), "5 to 2592000"),
        (json!({ "question": "Go?", "kind": "yes_no", "escalate": { "after_seconds": 5, "people": [] } }), "escalate"),
        (json!({ "question": "Go?", "kind": "yes_no", "callback_url": "ftp://example.org/" }), "callback_url"),
        (json!({ "question": "Go?", "kind": "yes_no", "colour": 1 }), "colour"),
    ] {
        let body = json!({ "type": "ask", "chat_id": 71_300_001, "payload": payload });
        let answered = call(&world, Method::POST, "/enqueue_command", Some(&body)).await;
        let detail = refused(&answered, 400);
        assert!(detail.contains(words), "{detail} does not say {words}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_asked_in_their_language() {
    let world = World::start().await;
    let (anna, boris) = (person(&world, 71_400_001, "Anna").await, person(&world, 71_400_002, "Борис").await);
    for (chat, words) in [(anna, "/language en"), (boris, "/language ru")] {
        crate::telegram::say(&world, chat.unsigned_abs(), words).await;
    }
    ask(&world, anna, &json!({ "question": "Go?", "kind": "yes_no", "people": [anna, boris], "quorum": 2 })).await;
    let (english, russian) = (message(&world, anna, "Go?").await, message(&world, boris, "Go?").await);
    assert_eq!((labels(&english), labels(&russian)), (vec!["Yes", "No"], vec!["Да", "Нет"]));
    assert!(text(&russian).contains("Нужно 2\u{a0}одинаковых ответа."), "{russian}");
    assert!(text(&english).contains("2\u{a0}equal answers are needed."), "{english}");
    let told = press(&world, boris, boris, &russian, "Да").await;
    assert!(told.contains("Пока 1 из 2"), "{told}");
    press(&world, anna, anna, &english, "Yes").await;
    let names = until("both copies show it", async || {
        let after = message(&world, boris, "Ответ дали").await;
        text(&after).contains("Борис и Anna").then_some(after)
    })
    .await;
    assert!(text(&names).contains("✅ Да."), "{names}");
    world.stop().await;
}
