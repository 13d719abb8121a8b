//! One update, one effect, one reply: however often it comes, and whatever fails on the way.

use countersign_local::Options;
use countersign_local_control::{Cut, Fault};
use reqwest::Method;
use serde_json::{Value, json};

use super::{control, heard, say, stranger, texts, until};
use crate::world::World;

const BATCH_GET: &str = "DynamoDB_20120810.BatchGetItem";
const TRANSACT: &str = "DynamoDB_20120810.TransactWriteItems";

fn message(update_id: u64, telegram_id: u64, text: &str) -> Value {
    json!({ "update_id": update_id, "message": {
        "message_id": 1, "date": 1, "text": text, "chat": { "id": telegram_id, "type": "private", "first_name": "Anna" },
        "from": { "id": telegram_id, "is_bot": false, "first_name": "Anna" },
    } })
}

async fn deliver(world: &World, update: &Value, times: u32) -> Vec<u64> {
    let again = json!({ "update": update, "times": times, "parallel": true });
    let told = control(world, Method::POST, "/deliver", Some(&again)).await;
    told["webhook_statuses"].as_array().unwrap().iter().map(|status| status.as_u64().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_deliveries_have_one_effect_and_one_reply() {
    let world = World::start().await;
    for (index, text) in ["/help", "/start", "/sessions", "/language ru", "hello", "/nothing"].into_iter().enumerate() {
        let person = stranger(&world, 62_000_001 + index as u64, None).await;
        let update = message(910_000_000 + index as u64, person, text);
        let statuses = deliver(&world, &update, 20).await;
        // A delivery that lost every race may say so; Telegram then sends again, and that has no effect either.
        assert!(statuses.iter().all(|status| matches!(status, 200 | 503)), "{statuses:?}");
        assert_eq!(deliver(&world, &update, 1).await, [200]);
        let said = texts(&world, i64::try_from(person).unwrap()).await;
        assert_eq!(said.len(), 1, "{text}: {said:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn different_updates_of_a_newcomer_make_one_person() {
    let world = World::start().await;
    let person = stranger(&world, 62_100_001, None).await;
    let updates: Vec<Value> = (0..8).map(|index| message(920_000_000 + index, person, "/help")).collect();
    let deliveries = updates.iter().map(|update| deliver(&world, update, 1));
    for statuses in futures_util::future::join_all(deliveries).await {
        assert!(matches!(statuses.as_slice(), [200 | 503]), "{statuses:?}");
    }
    for update in &updates {
        assert_eq!(deliver(&world, update, 1).await, [200]);
    }
    assert_eq!(texts(&world, i64::try_from(person).unwrap()).await.len(), 8);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_handler_is_sent_the_update_again() {
    let world = World::start().await;
    let throttled = || Fault::status(400).body(json!({ "__type": "ThrottlingException" }));
    for (index, (operation, fault)) in [
        (BATCH_GET, throttled()),
        (TRANSACT, throttled()),
        (TRANSACT, Fault::status(500)),
        (TRANSACT, Fault::cut(Cut::Before)),
    ]
    .into_iter()
    .enumerate()
    {
        let person = stranger(&world, 62_200_001 + index as u64, None).await;
        let chat = i64::try_from(person).unwrap();
        // As many as the SDK tries by itself, and we with it: the first delivery fails.
        world.system.aws().control().add_fault(fault.matching(operation).times(30));
        let (path, help) = (format!("/people/{person}/message"), json!({ "text": "/help" }));
        let said = control(&world, Method::POST, &path, Some(&help)).await;
        assert!(said["webhook_status"].as_u64().unwrap() >= 500, "{operation}: {said}");
        assert!(heard(&world, chat).await.is_empty());
        world.system.aws().control().clear_faults();
        let said =
            until("the update came again", async || Some(texts(&world, chat).await).filter(|said| !said.is_empty()))
                .await;
        assert_eq!(said.len(), 1, "{said:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_lost_after_the_commit_is_no_second_try() {
    let world = World::start().await;
    let person = stranger(&world, 62_300_001, None).await;
    world.system.aws().control().add_fault(Fault::cut(Cut::After).matching(TRANSACT));
    say(&world, person, "/help").await;
    assert_eq!(
        texts(&world, i64::try_from(person).unwrap()).await.len(),
        1,
        "the SDK's own second try was its own write"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordinary_command_is_one_read_and_one_write() {
    let world = World::of(Options { without_schedules: true, ..Options::default() }).await;
    let person = stranger(&world, 62_400_001, None).await;
    say(&world, person, "/help").await;
    // A text in private may belong to `/pay` or answer a question: both are looked for.
    let others = |text: &str| if text.starts_with('/') { 0 } else { 2 };
    for text in ["/help", "/sign", "/sessions", "/language en", "/start", "/nothing", "hello"] {
        world.system.aws().control().clear_requests();
        say(&world, person, text).await;
        let labels: Vec<String> =
            world.system.aws().control().requests().into_iter().map(|request| request.label).collect();
        let of = |name: &str| labels.iter().filter(|label| label.contains(name)).count();
        let (reads, writes) = (of(BATCH_GET), of(TRANSACT));
        let more = of("DynamoDB") - reads - writes;
        assert_eq!((reads, writes, more), (1, 1, others(text)), "{text}: {labels:?}");
    }
    world.stop().await;
}
