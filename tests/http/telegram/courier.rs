//! What the bot says by itself: order per chat, 429 for one chat alone, who blocked it, tries, and what is never doubled.

use std::time::{Duration, Instant};

use countersign_core::{
    ChatId, Moment, OutId,
    messaging::{BotCall, FileRef, MessageRef, Origin, OutMessage, OutRecord, OutState, out::ANSWER_LOST},
};
use countersign_local::Options;
use countersign_local_control::{Cut, Fault};
use reqwest::Method;
use serde_json::json;

use super::{control, texts, until};
use crate::world::{World, unix_seconds};

/// Decides that the bot says this; the ids of a test are counted up.
async fn tell(world: &World, chat: u64, number: u64, call: BotCall) -> (ChatId, OutId) {
    let chat_id = ChatId::new(i64::try_from(chat).unwrap()).unwrap();
    let id = OutId::new(number).unwrap();
    let created_at = Moment::from_seconds(i64::try_from(unix_seconds()).unwrap());
    let message = OutMessage { id, chat_id, call, origin: Origin::Bot, created_at };
    world.system.store().commit_tell(&message).await.unwrap();
    (chat_id, id)
}

/// Waits for the end of a message.
async fn ended(world: &World, (chat, id): (ChatId, OutId)) -> OutRecord {
    until("a message ends", || async move {
        let record = world.system.store().out(chat, id).await.unwrap().unwrap();
        (!matches!(record.state, OutState::Queued | OutState::Sending)).then_some(record)
    })
    .await
}

/// Two people of the demo.
fn two(world: &World) -> [u64; 2] {
    ["kms", "new"].map(|name| world.named(name).telegram_id)
}

async fn said(world: &World, chat: u64) -> Vec<String> {
    texts(world, i64::try_from(chat).unwrap()).await
}

fn sends(world: &World) -> usize {
    world.system.telegram().control().count("/sendMessage")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_hears_everything_once_and_in_order() {
    let world = World::start().await;
    let chats = two(&world);
    let mut last = None;
    for number in 1..=20 {
        for chat in chats {
            last = Some(tell(&world, chat, number, BotCall::say(format!("{number}"))).await);
        }
    }
    ended(&world, last.unwrap()).await;
    let expected: Vec<_> = (1..=20).map(|number| number.to_string()).collect();
    for chat in chats {
        let chat_id = ChatId::new(i64::try_from(chat).unwrap()).unwrap();
        ended(&world, (chat_id, OutId::new(20).unwrap())).await;
        assert_eq!(said(&world, chat).await, expected);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_commit_to_telegram_it_takes_a_moment() {
    let world = World::start().await;
    let [chat, _] = two(&world);
    ended(&world, tell(&world, chat, 1, BotCall::say("warm")).await).await;
    let mut took = Vec::new();
    for number in 2..=11 {
        let begun = Instant::now();
        let before = sends(&world);
        tell(&world, chat, number, BotCall::say("now")).await;
        while sends(&world) == before {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        took.push(begun.elapsed());
    }
    took.sort();
    println!("commit to call: median {:?}, longest {:?}", took[5], took[9]);
    assert!(took[5] < Duration::from_millis(250), "{took:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flooded_chat_delays_no_other() {
    let world = World::start().await;
    let [slow, quick] = two(&world);
    let flood = json!({ "chat_id": slow, "retry_after": 3, "count": 1 });
    control(&world, Method::POST, "/floods", Some(&flood)).await;
    let begun = Instant::now();
    let first = tell(&world, slow, 1, BotCall::say("1")).await;
    let second = tell(&world, slow, 2, BotCall::say("2")).await;
    let mut others = Vec::new();
    for number in 1..=10 {
        let begun = Instant::now();
        ended(&world, tell(&world, quick, number, BotCall::say("x")).await).await;
        others.push(begun.elapsed());
    }
    let longest = others.iter().max().unwrap();
    let (first, second) = (ended(&world, first).await, ended(&world, second).await);
    let waited = begun.elapsed();
    println!("the flooded chat waited {waited:?}, the other {longest:?} at most");
    assert!(waited >= Duration::from_secs(3) && *longest < Duration::from_secs(2), "{waited:?} {others:?}");
    assert_eq!((first.tries, first.state, second.state), (0, OutState::Sent, OutState::Sent), "waiting is no failure");
    assert_eq!(said(&world, slow).await, ["1", "2"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_blocked_the_bot_is_not_tried_again() {
    let world = World::start().await;
    let [chat, _] = two(&world);
    control(&world, Method::POST, "/people", Some(&json!({ "telegram_id": chat, "blocked": true }))).await;
    let begun = Instant::now();
    let record = ended(&world, tell(&world, chat, 1, BotCall::say("hello")).await).await;
    assert_eq!(record.state, OutState::Failed);
    assert_eq!(record.reason.as_deref(), Some("Forbidden: bot was blocked by the user"));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(sends(&world), 1);
    // A chat that is not there, and one that the bot may not touch.
    let nowhere = ended(&world, tell(&world, 987_654_321, 1, BotCall::say("hello")).await).await;
    assert_eq!((nowhere.state, nowhere.reason.as_deref()), (OutState::Failed, Some("Bad Request: chat not found")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_sent_is_tried_again_and_what_may_have_been_is_not() {
    let world = World::start().await;
    let [chat, _] = two(&world);
    let faults = world.system.telegram().control();
    faults.add_fault(Fault::status(500).matching("/sendMessage"));
    let record = ended(&world, tell(&world, chat, 1, BotCall::say("after a fault")).await).await;
    assert_eq!((record.state, record.tries), (OutState::Sent, 1));
    faults.add_fault(Fault::cut(Cut::After).matching("/sendMessage"));
    let record = ended(&world, tell(&world, chat, 2, BotCall::say("cut")).await).await;
    assert_eq!((record.state, record.reason.as_deref()), (OutState::Unknown, Some(ANSWER_LOST)));
    // An edit may run twice: it shows once.
    let message_id = world.system.store().out(record.message.chat_id, OutId::new(1).unwrap()).await.unwrap().unwrap();
    faults.add_fault(Fault::cut(Cut::After).matching("/editMessageText"));
    let message = MessageRef::Id(message_id.message_id.unwrap());
    let edit = BotCall::EditMessage { message, text: "changed".into(), buttons: None };
    let record = ended(&world, tell(&world, chat, 3, edit).await).await;
    assert_eq!((record.state, record.tries), (OutState::Sent, 1));
    assert_eq!(said(&world, chat).await, ["changed", "cut"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_changed_by_the_entry_that_made_it() {
    let world = World::start().await;
    let [chat, _] = two(&world);
    let (_, first) = tell(&world, chat, 1, BotCall::say("asked")).await;
    let message = MessageRef::Sent(first);
    let edit = BotCall::EditMessage { message, text: "answered".into(), buttons: None };
    assert_eq!(ended(&world, tell(&world, chat, 2, edit).await).await.state, OutState::Sent);
    assert_eq!(said(&world, chat).await, ["answered"]);
    let message = MessageRef::Sent(OutId::new(99).unwrap());
    let record = ended(&world, tell(&world, chat, 3, BotCall::DeleteMessage { message }).await).await;
    assert_eq!(record.reason.as_deref(), Some("The message it is about was not sent"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_comes_along() {
    let world = World::start().await;
    let [chat, _] = two(&world);
    let document = FileRef::Content { name: "report.txt".into(), base64: "aGVsbG8=".into() };
    let call = BotCall::SendDocument { document, caption: Some("The report".into()) };
    let record = ended(&world, tell(&world, chat, 1, call).await).await;
    assert_eq!((record.state, record.reason), (OutState::Sent, None));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_fails_loses_nothing_and_changes_no_order() {
    let world = World::start().await;
    let [chat, _] = two(&world);
    let sends = world.system.aws().control();
    sends.add_fault(Fault::status(500).matching("AmazonSQS.SendMessage").times(7));
    sends.add_fault(Fault::cut(Cut::After).matching("AmazonSQS.SendMessage").times(4));
    let mut last = None;
    for number in 1..=5 {
        last = Some(tell(&world, chat, number, BotCall::say(number.to_string())).await);
    }
    ended(&world, last.unwrap()).await;
    assert_eq!(said(&world, chat).await, ["1", "2", "3", "4", "5"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_decided_while_nobody_listened_is_said_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        |without_mappings| Options { data: Some(folder.path().to_owned()), without_mappings, ..Options::default() };
    let world = World::of(options(true)).await;
    let [chat, _] = two(&world);
    let told = tell(&world, chat, 1, BotCall::say("hello")).await;
    world.stop().await;
    let world = World::of(options(false)).await;
    assert_eq!(ended(&world, told).await.state, OutState::Sent);
    assert_eq!(said(&world, chat).await, ["hello"]);
    world.stop().await;
    // The stream is read from its beginning again: what is done stays done.
    let world = World::of(options(false)).await;
    ended(&world, tell(&world, chat, 2, BotCall::say("and now")).await).await;
    assert_eq!(said(&world, chat).await, ["and now"]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_that_cannot_be_acknowledged_does_not_hold_the_chat_up() {
    let world = World::start().await;
    let [chat, _] = two(&world);
    let faults = world.system.telegram().control();
    faults.add_fault(Fault::status(500).matching("/answerCallbackQuery").times(100));
    let begun = Instant::now();
    let press = BotCall::AnswerPress { query_id: "7".into(), text: None, is_alert: false };
    let press = tell(&world, chat, 1, press).await;
    let record = ended(&world, tell(&world, chat, 2, BotCall::say("behind it")).await).await;
    assert_eq!(record.state, OutState::Sent);
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    let record = ended(&world, press).await;
    assert_eq!((record.state, record.tries), (OutState::Failed, 1), "tried once more");
    world.stop().await;
}
