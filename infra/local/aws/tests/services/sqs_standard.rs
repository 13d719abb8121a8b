//! SQS standard queues: visibility, waiting, attributes, batches, dead letters.

use std::time::{Duration, Instant};

use aws_sdk_sqs::{
    Client,
    primitives::Blob,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, Message, MessageAttributeValue,
        MessageSystemAttributeName as System, QueueAttributeName, SendMessageBatchRequestEntry,
    },
};
use countersign_local_aws::LocalAws;

use crate::cloud::{code, sqs, start};

async fn started() -> (LocalAws, Client, String) {
    let aws = start().await;
    let sqs = sqs(&aws);
    let url = sqs.create_queue().queue_name("q").send().await.unwrap().queue_url.unwrap();
    (aws, sqs, url)
}

async fn send(sqs: &Client, url: &str, body: &str) {
    sqs.send_message().queue_url(url).message_body(body).send().await.unwrap();
}

async fn receive(sqs: &Client, url: &str) -> Vec<Message> {
    let request = sqs.receive_message().queue_url(url).max_number_of_messages(10);
    request.message_system_attribute_names(System::All).send().await.unwrap().messages.unwrap_or_default()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_received_message_is_hidden_until_its_time_is_over_or_it_is_deleted() {
    let (aws, sqs, url) = started().await;
    let sent = sqs.send_message().queue_url(&url).message_body("hello").send().await.unwrap();
    assert_eq!(sent.md5_of_message_body.as_deref(), Some("5d41402abc4b2a76b9719d911017c592"));
    let first = receive(&sqs, &url).await;
    assert_eq!((first[0].body(), first[0].md5_of_body()), (Some("hello"), sent.md5_of_message_body.as_deref()));
    assert_eq!(first[0].message_id(), sent.message_id.as_deref());
    assert!(receive(&sqs, &url).await.is_empty());
    aws.advance_clock(seconds(31));
    let second = receive(&sqs, &url).await;
    let attributes = second[0].attributes().unwrap();
    assert_eq!(attributes[&System::ApproximateReceiveCount], "2");
    assert!(attributes.contains_key(&System::SentTimestamp));
    // The first delivery is over: its handle deletes nothing.
    let stale = first[0].receipt_handle().unwrap();
    sqs.delete_message().queue_url(&url).receipt_handle(stale).send().await.unwrap();
    let live = second[0].receipt_handle().unwrap();
    sqs.change_message_visibility().queue_url(&url).receipt_handle(live).visibility_timeout(0).send().await.unwrap();
    let third = receive(&sqs, &url).await;
    sqs.delete_message().queue_url(&url).receipt_handle(third[0].receipt_handle().unwrap()).send().await.unwrap();
    aws.advance_clock(seconds(3_600));
    assert!(receive(&sqs, &url).await.is_empty());
}

#[tokio::test]
async fn handles_are_checked() {
    let (aws, sqs, url) = started().await;
    let error = sqs.delete_message().queue_url(&url).receipt_handle("nonsense").send().await.unwrap_err();
    assert!(error.into_service_error().is_receipt_handle_is_invalid());
    send(&sqs, &url, "x").await;
    let handle = receive(&sqs, &url).await[0].receipt_handle().unwrap().to_owned();
    let change = |seconds| {
        sqs.change_message_visibility().queue_url(&url).receipt_handle(&handle).visibility_timeout(seconds).send()
    };
    assert_eq!(code!(change(43_201).await), "InvalidParameterValue");
    change(60).await.unwrap();
    aws.advance_clock(seconds(31));
    assert!(receive(&sqs, &url).await.is_empty());
    aws.advance_clock(seconds(30));
    assert!(change(60).await.unwrap_err().into_service_error().is_message_not_inflight());
    sqs.delete_message().queue_url(&url).receipt_handle(&handle).send().await.unwrap();
    assert_eq!(code!(change(60).await), "InvalidParameterValue");
    let other = sqs.create_queue().queue_name("other").send().await.unwrap().queue_url.unwrap();
    let error = sqs.delete_message().queue_url(&other).receipt_handle(&handle).send().await.unwrap_err();
    assert!(error.into_service_error().is_receipt_handle_is_invalid());
}

#[tokio::test]
async fn a_long_poll_answers_when_a_message_comes_and_not_before() {
    let (_aws, sqs, url) = started().await;
    let began = Instant::now();
    let (waiting, sending) = (sqs.clone(), sqs.clone());
    let sender = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        send(&sending, &url, "late").await;
    };
    let receiver = waiting.receive_message().queue_url(&url).wait_time_seconds(20).send();
    let (received, ()) = tokio::join!(receiver, sender);
    let took = began.elapsed();
    assert_eq!(received.unwrap().messages()[0].body(), Some("late"));
    assert!((Duration::from_millis(250)..seconds(5)).contains(&took), "{took:?}");
    let began = Instant::now();
    assert!(sqs.receive_message().queue_url(&url).wait_time_seconds(1).send().await.unwrap().messages().is_empty());
    assert!(began.elapsed() >= seconds(1));
    assert_eq!(
        code!(sqs.receive_message().queue_url(&url).wait_time_seconds(21).send().await),
        "InvalidParameterValue"
    );
}

#[tokio::test]
async fn a_long_poll_sees_a_message_whose_delay_or_hiding_ends() {
    let (_aws, sqs, url) = started().await;
    sqs.send_message().queue_url(&url).message_body("delayed").delay_seconds(1).send().await.unwrap();
    assert!(receive(&sqs, &url).await.is_empty());
    let request = sqs.receive_message().queue_url(&url).wait_time_seconds(10).visibility_timeout(1);
    let began = Instant::now();
    assert_eq!(request.clone().send().await.unwrap().messages()[0].body(), Some("delayed"));
    assert_eq!(request.send().await.unwrap().messages()[0].body(), Some("delayed"));
    assert!(began.elapsed() < seconds(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn message_attributes_come_back_as_asked_with_the_right_sum() {
    let (_aws, sqs, url) = started().await;
    let value = |kind: &str| MessageAttributeValue::builder().data_type(kind);
    let sent = sqs
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .message_attributes("trace.id", value("String").string_value("abc").build().unwrap())
        .message_attributes("trace.depth", value("Number").string_value("3").build().unwrap())
        .message_attributes("raw", value("Binary").binary_value(Blob::new([1, 2, 3])).build().unwrap())
        .send()
        .await
        .unwrap();
    // Worked out apart from this code, by the layout in the SQS developer guide.
    assert_eq!(sent.md5_of_message_attributes.as_deref(), Some("e8658554c57d304535248a969fd560b2"));
    let names = |names: &[&str]| {
        let request = sqs.receive_message().queue_url(&url).visibility_timeout(0);
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let request = request.set_message_attribute_names(Some(names));
        async {
            let messages = request.send().await.unwrap().messages.unwrap();
            let mut names: Vec<String> = messages[0].message_attributes().unwrap().keys().cloned().collect();
            names.sort();
            names.join(" ")
        }
    };
    assert_eq!(names(&["All"]).await, "raw trace.depth trace.id");
    assert_eq!(names(&["trace.*"]).await, "trace.depth trace.id");
    assert_eq!(names(&["raw"]).await, "raw");
    let wrong = value("Number").string_value("three").build().unwrap();
    let refused = sqs.send_message().queue_url(&url).message_body("x").message_attributes("n", wrong).send().await;
    assert_eq!(code!(refused), "InvalidParameterValue");
}

#[tokio::test]
async fn bodies_are_checked() {
    let (_aws, sqs, url) = started().await;
    let send = |body: String| sqs.send_message().queue_url(&url).message_body(body).send();
    assert!(send("\u{1}".to_owned()).await.unwrap_err().into_service_error().is_invalid_message_contents());
    assert_eq!(code!(send(String::new()).await), "InvalidParameterValue");
    assert_eq!(code!(send("x".repeat(1_048_577)).await), "InvalidParameterValue");
    send("x".repeat(1_048_576)).await.unwrap();
    let dedup = sqs.send_message().queue_url(&url).message_body("x").message_deduplication_id("1").send().await;
    assert_eq!(code!(dedup), "InvalidParameterValue");
}

#[tokio::test]
async fn batches_report_each_entry() {
    let (_aws, sqs, url) = started().await;
    let entry =
        |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap();
    let request = sqs.send_message_batch().queue_url(&url);
    let sent = request.clone().entries(entry("a", "1")).entries(entry("b", "\u{1}")).entries(entry("c", "2"));
    let sent = sent.send().await.unwrap();
    let ids: Vec<_> = sent.successful().iter().map(|entry| entry.id()).collect();
    assert_eq!((ids, sent.failed()[0].id(), sent.failed()[0].code()), (vec!["a", "c"], "b", "InvalidMessageContents"));
    let twice = request.clone().entries(entry("a", "1")).entries(entry("a", "2")).send().await.unwrap_err();
    assert!(twice.into_service_error().is_batch_entry_ids_not_distinct());
    let named = request.clone().entries(entry("a b", "1")).send().await.unwrap_err();
    assert!(named.into_service_error().is_invalid_batch_entry_id());
    let empty = request.clone().set_entries(Some(vec![])).send().await.unwrap_err();
    assert!(empty.into_service_error().is_empty_batch_request());
    let many = (0..11).map(|n| entry(&n.to_string(), "x")).collect();
    let many = request.clone().set_entries(Some(many)).send().await.unwrap_err();
    assert!(many.into_service_error().is_too_many_entries_in_batch_request());
    let half = "x".repeat(600_000);
    let long = request.entries(entry("a", &half)).entries(entry("b", &half)).send().await.unwrap_err();
    assert!(long.into_service_error().is_batch_request_too_long());

    let received = receive(&sqs, &url).await;
    assert_eq!(received.len(), 2);
    let (first, second) = (received[0].receipt_handle().unwrap(), received[1].receipt_handle().unwrap());
    let shown = ChangeMessageVisibilityBatchRequestEntry::builder().id("s").receipt_handle(first).visibility_timeout(0);
    let changed = sqs.change_message_visibility_batch().queue_url(&url).entries(shown.build().unwrap()).send().await;
    assert_eq!(changed.unwrap().successful().len(), 1);
    let delete = |id: &str, handle: &str| {
        DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build().unwrap()
    };
    let deleted = sqs.delete_message_batch().queue_url(&url).entries(delete("d", second)).entries(delete("e", "bad"));
    let deleted = deleted.send().await.unwrap();
    assert_eq!((deleted.successful()[0].id(), deleted.failed()[0].id()), ("d", "e"));
    assert_eq!(deleted.failed()[0].code(), "ReceiptHandleIsInvalid");
    assert_eq!(receive(&sqs, &url).await.len(), 1);
}

#[tokio::test]
async fn what_was_received_too_often_goes_to_the_dead_letters() {
    let (aws, sqs, url) = started().await;
    let dead = sqs.create_queue().queue_name("dead").send().await.unwrap().queue_url.unwrap();
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"2"}"#;
    let name = QueueAttributeName::RedrivePolicy;
    sqs.set_queue_attributes().queue_url(&url).attributes(name, policy).send().await.unwrap();
    send(&sqs, &url, "poison").await;
    let id = receive(&sqs, &url).await[0].message_id().unwrap().to_owned();
    aws.advance_clock(seconds(31));
    assert_eq!(receive(&sqs, &url).await.len(), 1);
    assert!(receive(&sqs, &dead).await.is_empty());
    aws.advance_clock(seconds(31));
    assert!(receive(&sqs, &url).await.is_empty());
    let buried = receive(&sqs, &dead).await;
    assert_eq!((buried[0].body(), buried[0].message_id()), (Some("poison"), Some(id.as_str())));
    let source = &buried[0].attributes().unwrap()[&System::DeadLetterQueueSourceArn];
    assert_eq!(source, "arn:aws:sqs:us-east-1:000000000000:q");
}

#[tokio::test]
async fn messages_are_forgotten_after_the_queues_retention() {
    let (aws, sqs, url) = started().await;
    send(&sqs, &url, "old").await;
    aws.advance_clock(seconds(345_600));
    send(&sqs, &url, "new").await;
    let received = receive(&sqs, &url).await;
    assert_eq!((received.len(), received[0].body()), (1, Some("new")));
}
