//! The built courier as it is deployed, killed at every step: nothing is lost, nothing is said twice.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::time::{Duration, Instant};

use countersign_core::{
    ChatId, Moment, OutId, ServiceId, TaskId,
    approval::Copy,
    limits,
    messaging::{
        BotCall, Found, MessageRef, Origin, OutMessage, OutRecord, OutRef, OutState, TaskStatus, out::ANSWER_LOST,
    },
};
use countersign_local::{LocalSystem, Options};
use countersign_local_control::{Control, Cut, Fault};
use countersign_testkit::LambdaProcess;
use serde_json::{Value, json};

const COURIER: &str = env!("CARGO_BIN_EXE_telegram-courier");
/// Past the queue's own time, after which a message that was not deleted is seen again.
const HIDDEN: Duration = Duration::from_secs(181);
/// Long enough to kill a courier within it.
const SLOW: Duration = Duration::from_secs(20);

/// A system that feeds nobody: the test does, and chooses the moment of a crash.
struct Desk {
    system: LocalSystem,
    chat: ChatId,
}

impl Desk {
    async fn open() -> Self {
        let system =
            LocalSystem::start(Options { without_mappings: true, without_schedules: true, ..Options::default() })
                .await
                .unwrap();
        let person = system.demo().people.first().unwrap().telegram_id;
        Self { chat: ChatId::new(i64::try_from(person).unwrap()).unwrap(), system }
    }

    fn telegram(&self) -> &Control {
        self.system.telegram().control()
    }

    async fn sqs(&self, operation: &str, more: Value) -> Value {
        let mut input = json!({ "QueueUrl": self.system.environment().required("TELEGRAM_QUEUE_URL").unwrap() });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.system.aws().inside().sqs(operation, &input).await.unwrap()
    }

    /// Decides that the bot says this, and queues it as `events` does.
    async fn tell(&self, number: u64, call: BotCall) -> OutId {
        let id = OutId::new(number).unwrap();
        let created_at = Moment::from_seconds(1_795_000_000);
        let message = OutMessage { id, chat_id: self.chat, call, origin: Origin::Bot, created_at };
        self.system.store().commit_tell(&message).await.unwrap();
        self.queue(id).await;
        id
    }

    /// A service asks the person; the entry of its message, queued.
    async fn ask(&self) -> (OutId, ServiceId, TaskId) {
        let demo = self.system.demo();
        let service = demo.services.iter().find(|service| service.role == "notifier").unwrap();
        let payload = json!({ "question": "Really?", "kind": "yes_no" });
        let body = json!({ "type": "ask", "chat_id": self.chat, "payload": payload }).to_string();
        let call = reqwest::Client::new().post(format!("{}/enqueue_command", demo.base_url));
        let call = call.header("x-api-key", &service.api_key).header("content-type", "application/json").body(body);
        let answer: Value = serde_json::from_str(&call.send().await.unwrap().text().await.unwrap()).unwrap();
        let task_id = TaskId::new(answer["task_id"].as_u64().unwrap()).unwrap();
        let service_id = ServiceId::new(service.id).unwrap();
        let copy = self.copy(service_id, task_id).await;
        self.queue(copy.out_id).await;
        (copy.out_id, service_id, task_id)
    }

    async fn copy(&self, service_id: ServiceId, task_id: TaskId) -> Copy {
        let store = self.system.store();
        let question = store.task(service_id, task_id).await.unwrap().unwrap().question.unwrap();
        store.approval_with_copies(question.approval_id).await.unwrap().unwrap().copies.remove(0)
    }

    /// Queues a message as `events` does.
    async fn queue(&self, id: OutId) {
        let body = OutRef { chat_id: self.chat, out_id: id }.to_json();
        let (group, id_in_group) = (self.chat.to_string(), id.get().to_string());
        let sent = json!({ "MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": id_in_group });
        self.sqs("SendMessage", sent).await;
    }

    async fn record(&self, id: OutId) -> OutRecord {
        self.system.store().out(self.chat, id).await.unwrap().unwrap()
    }

    /// The next message of the queue, as Lambda hands it to the courier.
    async fn next(&self) -> Option<Value> {
        let asked = json!({ "MaxNumberOfMessages": 1, "MessageSystemAttributeNames": ["All"] });
        let message = self.sqs("ReceiveMessage", asked).await.pointer("/Messages/0").cloned()?;
        Some(json!({ "Records": [{
            "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
            "attributes": message["Attributes"], "messageAttributes": {}, "eventSource": "aws:sqs",
        }] }))
    }

    /// Gives it back what its time has hidden.
    fn redeliver(&self) {
        self.system.aws().advance_clock(HIDDEN);
    }

    async fn courier(&self) -> LambdaProcess {
        let mut process = LambdaProcess::spawn(COURIER, self.system.process_environment()).await.unwrap();
        process.ready().await.unwrap();
        process
    }

    /// A new courier takes the next message and must be done with it.
    async fn deliver(&self) {
        let event = self.next().await.expect("a message is there");
        let mut courier = self.courier().await;
        let answer = courier.invoke(&event).await.unwrap().result.unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }), "{}", courier.output());
        let token = &self.system.demo().bot.token;
        assert!(!courier.output().contains(token.as_str()), "the bot's token is in the log");
        self.sqs("DeleteMessage", json!({ "ReceiptHandle": event["Records"][0]["receiptHandle"] })).await;
    }

    /// A new courier takes the next message and has to leave it for later; a second goes by.
    async fn put_off(&self) {
        let event = self.next().await.expect("a message is there");
        let mut courier = self.courier().await;
        let answer = courier.invoke(&event).await.unwrap().result.unwrap();
        assert_eq!(answer["batchItemFailures"][0]["itemIdentifier"], event["Records"][0]["messageId"]);
        self.system.aws().advance_clock(Duration::from_secs(2));
    }

    /// A courier takes the next message and is killed (SIGKILL) once this many such requests have come.
    async fn deliver_and_die(&self, seen_by: &Control, label: &str) {
        let event = self.next().await.expect("a message is there");
        let mut courier = self.courier().await;
        let before = seen_by.count(label);
        let dead = async {
            let begun = Instant::now();
            while seen_by.count(label) == before {
                assert!(begun.elapsed() < SLOW, "the courier did not come that far");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            answer = courier.invoke(&event) => panic!("it lived: {answer:?}"),
            () = dead => {}
        }
        drop(courier);
        self.redeliver();
    }

    /// How often Telegram was asked to send, and what stands in the chat.
    async fn shown(&self) -> (usize, Vec<String>) {
        let url = format!("{}/_control/chats/{}", self.system.telegram().url(), self.chat);
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        let shown: Value = serde_json::from_str(&text).unwrap();
        let texts =
            shown["messages"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap().to_owned());
        (self.telegram().count("/sendMessage"), texts.collect())
    }
}

fn slow(label: &str) -> Fault {
    Fault { cut: Some(Cut::Before), ..Fault::delay(SLOW) }.matching(label)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_its_claim_it_is_sent_by_the_next() {
    let desk = Desk::open().await;
    let id = desk.tell(1, BotCall::say("hello")).await;
    desk.system.aws().control().add_fault(slow("UpdateItem"));
    desk.deliver_and_die(desk.system.aws().control(), "UpdateItem").await;
    assert_eq!(desk.record(id).await.state, OutState::Queued);
    desk.deliver().await;
    assert_eq!((desk.record(id).await.state, desk.shown().await), (OutState::Sent, (1, vec!["hello".to_owned()])));
    assert!(desk.next().await.is_none(), "nothing is left");
    desk.system.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_telegram_works_it_is_not_sent_again() {
    let desk = Desk::open().await;
    let id = desk.tell(1, BotCall::say("hello")).await;
    desk.telegram().add_fault(Fault::delay(SLOW).matching("/sendMessage"));
    desk.deliver_and_die(desk.telegram(), "/sendMessage").await;
    assert_eq!(desk.record(id).await.state, OutState::Sending);
    desk.deliver().await;
    let record = desk.record(id).await;
    assert_eq!(
        (record.state, desk.shown().await.0),
        (OutState::Unknown, 1),
        "asked once, and what is not known is said"
    );
    // The chat goes on.
    desk.tell(2, BotCall::say("and then")).await;
    desk.deliver().await;
    assert!(desk.shown().await.1.ends_with(&["and then".to_owned()]));
    desk.system.stop().await;
}

/// A question that is lost is worse than one that is there twice: it is put once more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_telegram_works_a_question_is_put_once_more() {
    let desk = Desk::open().await;
    let (id, service, task) = desk.ask().await;
    desk.telegram().add_fault(Fault::delay(SLOW).matching("/sendMessage"));
    desk.deliver_and_die(desk.telegram(), "/sendMessage").await;
    assert_eq!(desk.record(id).await.state, OutState::Sending);
    desk.deliver().await;
    let record = desk.record(id).await;
    assert_eq!((record.state, record.in_doubt, desk.shown().await.0), (OutState::Sent, true, 2));
    let copy = desk.copy(service, task).await;
    assert!(copy.failed.is_none() && copy.message_id.is_some() && copy.message_id == record.message_id, "{copy:?}");
    desk.system.stop().await;
}

/// Both answers are lost: the person counts as not reached, and whoever asked is told at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_whose_answer_is_lost_twice_fails() {
    let desk = Desk::open().await;
    let (id, service, task) = desk.ask().await;
    desk.telegram().add_fault(Fault::cut(Cut::After).matching("/sendMessage").times(2));
    desk.put_off().await;
    assert_eq!((desk.record(id).await.state, desk.record(id).await.in_doubt), (OutState::Queued, true));
    desk.deliver().await;
    assert_eq!((desk.record(id).await.state, desk.shown().await.0), (OutState::Unknown, 2));
    let task = desk.system.store().task(service, task).await.unwrap().unwrap();
    assert_eq!((task.status, task.reason.as_deref()), (TaskStatus::Failed, Some(ANSWER_LOST)));
    desk.system.stop().await;
}

/// A press shows that the question is there after all: it is not put again, and its number is known.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_in_doubt_that_is_answered_is_not_put_again() {
    let desk = Desk::open().await;
    let (id, service, task) = desk.ask().await;
    desk.telegram().add_fault(Fault::cut(Cut::After).matching("/sendMessage"));
    desk.put_off().await;
    let control = format!("{}/_control", desk.system.telegram().url());
    let shown = reqwest::get(format!("{control}/chats/{}", desk.chat)).await.unwrap().text().await.unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let message_id = shown["messages"].as_array().unwrap().last().unwrap()["message_id"].as_i64();
    let press = json!({ "message_id": message_id, "button": "Yes" }).to_string();
    let pressed = reqwest::Client::new().post(format!("{control}/people/{}/press", desk.chat)).body(press);
    let told = pressed.header("content-type", "application/json").send().await.unwrap().text().await.unwrap();
    assert!(told.contains("\"webhook_status\":200"), "{told}");
    assert_eq!(desk.system.store().task(service, task).await.unwrap().unwrap().status, TaskStatus::Done);
    desk.deliver().await;
    let record = desk.record(id).await;
    assert_eq!((record.state, record.message_id, desk.shown().await.0), (OutState::Sent, message_id, 1));
    desk.system.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_before_it_could_write_down_the_end_it_says_nothing_twice() {
    let desk = Desk::open().await;
    let id = desk.tell(1, BotCall::say("hello")).await;
    desk.system.aws().control().add_fault(slow("TransactWriteItems"));
    desk.deliver_and_die(desk.system.aws().control(), "TransactWriteItems").await;
    desk.deliver().await;
    assert_eq!(desk.record(id).await.state, OutState::Unknown);
    assert_eq!(desk.shown().await, (1, vec!["hello".to_owned()]));
    desk.system.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_was_cut_off_is_made_by_the_next() {
    let desk = Desk::open().await;
    let first = desk.tell(1, BotCall::say("hello")).await;
    desk.deliver().await;
    let edit = BotCall::EditMessage { message: MessageRef::Sent(first), text: "hello again".into(), buttons: None };
    let id = desk.tell(2, edit).await;
    desk.telegram().add_fault(Fault { cut: Some(Cut::After), ..Fault::delay(SLOW) }.matching("/editMessageText"));
    desk.deliver_and_die(desk.telegram(), "/editMessageText").await;
    desk.deliver().await;
    assert_eq!(
        (desk.record(id).await.state, desk.shown().await),
        (OutState::Sent, (1, vec!["hello again".to_owned()]))
    );
    desk.system.stop().await;
}

/// The claim is written and every answer to it lost: nothing was sent in its name, so it is no doubt.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_whose_answers_are_lost_is_no_message_in_doubt() {
    let desk = Desk::open().await;
    let id = desk.tell(1, BotCall::say("hello")).await;
    // As often as the SDK tries by itself.
    desk.system.aws().control().add_fault(Fault::cut(Cut::After).matching("UpdateItem").times(3));
    desk.deliver().await;
    assert_eq!((desk.record(id).await.state, desk.shown().await), (OutState::Sent, (1, vec!["hello".to_owned()])));
    desk.system.stop().await;
}

/// A change that no courier comes back from is given up, or its chat would wait for days.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_behind_again_and_again_fails() {
    let desk = Desk::open().await;
    let title = BotCall::SetChatTitle { title: "Family".into() };
    let id = desk.tell(1, title).await;
    let store = desk.system.store();
    let mut found = store.claim_out(desk.chat, id, "0").await.unwrap();
    for receipt in 1..limits::OUT_TRIES {
        let Found::Claimed(left) = found else { panic!("{found:?}") };
        found = store.take_over_out(&left, &receipt.to_string()).await.unwrap();
    }
    desk.deliver().await;
    let record = desk.record(id).await;
    assert_eq!((record.state, record.tries), (OutState::Failed, limits::OUT_TRIES), "{:?}", record.reason);
    assert_eq!(desk.telegram().count("/setChatTitle"), 0);
    desk.system.stop().await;
}

/// A redelivery of what is done does nothing, and a batch says which of it has to come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_is_done_and_what_waits_is_named() {
    let desk = Desk::open().await;
    desk.tell(1, BotCall::say("hello")).await;
    let event = desk.next().await.unwrap();
    let mut courier = desk.courier().await;
    for _ in 0..3 {
        let answer = courier.invoke(&event).await.unwrap().result.unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
    assert_eq!(desk.shown().await, (1, vec!["hello".to_owned()]));
    desk.sqs("DeleteMessage", json!({ "ReceiptHandle": event["Records"][0]["receiptHandle"] })).await;
    desk.tell(2, BotCall::say("later")).await;
    desk.telegram().add_fault(Fault::status(500).matching("/sendMessage"));
    let event = desk.next().await.unwrap();
    let answer = courier.invoke(&event).await.unwrap().result.unwrap();
    assert_eq!(answer["batchItemFailures"][0]["itemIdentifier"], event["Records"][0]["messageId"]);
    desk.system.aws().advance_clock(Duration::from_secs(2));
    desk.deliver().await;
    assert_eq!(desk.shown().await.1, ["hello", "later"]);
    desk.system.stop().await;
}
