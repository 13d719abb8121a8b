//! SQS FIFO queues: order, locked groups, deduplication.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    operation::send_message::builders::SendMessageFluentBuilder,
    types::{Message, MessageSystemAttributeName as System, QueueAttributeName},
};
use countersign_local_aws::LocalAws;

use crate::cloud::{code, sqs, start, start_in};

async fn make(sqs: &Client, name: &str, attributes: &[(QueueAttributeName, &str)]) -> String {
    let mut request = sqs.create_queue().queue_name(name).attributes(QueueAttributeName::FifoQueue, "true");
    for (name, value) in attributes {
        request = request.attributes(name.clone(), *value);
    }
    request.send().await.unwrap().queue_url.unwrap()
}

async fn started(attributes: &[(QueueAttributeName, &str)]) -> (LocalAws, Client, String) {
    let aws = start().await;
    let sqs = sqs(&aws);
    let url = make(&sqs, "q.fifo", attributes).await;
    (aws, sqs, url)
}

fn message(sqs: &Client, url: &str, group: &str, body: &str) -> SendMessageFluentBuilder {
    sqs.send_message().queue_url(url).message_group_id(group).message_body(body)
}

async fn send(sqs: &Client, url: &str, group: &str, body: &str) -> String {
    let sent = message(sqs, url, group, body).message_deduplication_id(body).send().await.unwrap();
    sent.sequence_number.unwrap()
}

async fn receive(sqs: &Client, url: &str, most: i32) -> Vec<Message> {
    let request = sqs.receive_message().queue_url(url).max_number_of_messages(most);
    request.message_system_attribute_names(System::All).send().await.unwrap().messages.unwrap_or_default()
}

fn bodies(messages: &[Message]) -> String {
    messages.iter().map(|message| message.body().unwrap()).collect::<Vec<_>>().join(" ")
}

async fn delete(sqs: &Client, url: &str, message: &Message) {
    sqs.delete_message().queue_url(url).receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
}

#[tokio::test]
async fn a_group_is_locked_while_one_of_its_messages_is_in_flight() {
    let (_aws, sqs, url) = started(&[]).await;
    for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b2")] {
        send(&sqs, &url, group, body).await;
    }
    let first = receive(&sqs, &url, 1).await;
    assert_eq!(bodies(&first), "a1");
    let second = receive(&sqs, &url, 1).await;
    assert_eq!(bodies(&second), "b1");
    assert!(receive(&sqs, &url, 10).await.is_empty());
    delete(&sqs, &url, &first[0]).await;
    let third = receive(&sqs, &url, 10).await;
    assert_eq!(bodies(&third), "a2");
    assert_eq!(third[0].attributes().unwrap()[&System::MessageGroupId], "a");
    let handle = second[0].receipt_handle().unwrap();
    sqs.change_message_visibility().queue_url(&url).receipt_handle(handle).visibility_timeout(0).send().await.unwrap();
    assert_eq!(bodies(&receive(&sqs, &url, 10).await), "b1 b2");
}

#[tokio::test]
async fn order_holds_within_a_batch_and_when_hiding_ends() {
    let (aws, sqs, url) = started(&[]).await;
    let mut numbers = Vec::new();
    for body in ["1", "2", "3", "4"] {
        numbers.push(send(&sqs, &url, "g", body).await);
    }
    assert!(numbers.is_sorted() && numbers.iter().all(|number| number.len() == 20));
    let batch = receive(&sqs, &url, 2).await;
    assert_eq!(bodies(&batch), "1 2");
    assert_eq!(batch[0].attributes().unwrap()[&System::SequenceNumber], numbers[0]);
    delete(&sqs, &url, &batch[0]).await;
    assert!(receive(&sqs, &url, 10).await.is_empty());
    aws.advance_clock(Duration::from_secs(31));
    let again = receive(&sqs, &url, 10).await;
    assert_eq!(bodies(&again), "2 3 4");
    assert_eq!(again[0].attributes().unwrap()[&System::ApproximateReceiveCount], "2");
    // The first delivery of "2" is over, and a FIFO queue says so.
    let late = sqs.delete_message().queue_url(&url).receipt_handle(batch[1].receipt_handle().unwrap()).send().await;
    assert_eq!(code!(late), "InvalidParameterValue");
}

#[tokio::test]
async fn a_deletion_wakes_a_receiver_that_waits_for_the_group() {
    let (_aws, sqs, url) = started(&[]).await;
    send(&sqs, &url, "g", "1").await;
    send(&sqs, &url, "g", "2").await;
    let first = receive(&sqs, &url, 1).await;
    let waiting = sqs.receive_message().queue_url(&url).wait_time_seconds(10).send();
    let deleting = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        delete(&sqs, &url, &first[0]).await;
    };
    let began = std::time::Instant::now();
    let (received, ()) = tokio::join!(waiting, deleting);
    assert_eq!(bodies(received.unwrap().messages()), "2");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn concurrent_receivers_never_share_a_group() {
    let (_aws, sqs, url) = started(&[]).await;
    for body in 0..20 {
        send(&sqs, &url, if body % 2 == 0 { "even" } else { "odd" }, &body.to_string()).await;
    }
    let mut receivers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (sqs, url) = (sqs.clone(), url.clone());
        receivers.spawn(async move { receive(&sqs, &url, 1).await });
    }
    let received: Vec<String> = receivers.join_all().await.iter().map(|messages| bodies(messages)).collect();
    let mut got: Vec<&str> = received.iter().map(String::as_str).filter(|bodies| !bodies.is_empty()).collect();
    got.sort_unstable();
    assert_eq!(got, ["0", "1"]);
}

#[tokio::test]
async fn the_same_id_within_five_minutes_is_the_same_message() {
    let (aws, sqs, url) = started(&[]).await;
    let send = |body: &str| message(&sqs, &url, "g", body).message_deduplication_id("once").send();
    let first = send("x").await.unwrap();
    let again = send("y").await.unwrap();
    assert_eq!((&first.message_id, &first.sequence_number), (&again.message_id, &again.sequence_number));
    let received = receive(&sqs, &url, 10).await;
    assert_eq!(bodies(&received), "x");
    delete(&sqs, &url, &received[0]).await;
    // Deleted is not forgotten.
    aws.advance_clock(Duration::from_secs(299));
    assert_eq!(send("x").await.unwrap().message_id, first.message_id);
    assert!(receive(&sqs, &url, 10).await.is_empty());
    aws.advance_clock(Duration::from_secs(2));
    assert_ne!(send("x").await.unwrap().message_id, first.message_id);
    assert_eq!(bodies(&receive(&sqs, &url, 10).await), "x");
}

#[tokio::test]
async fn content_and_group_can_decide_what_is_the_same() {
    let by_content = (QueueAttributeName::ContentBasedDeduplication, "true");
    let (_aws, sqs, url) = started(std::slice::from_ref(&by_content)).await;
    for body in ["x", "x", "y"] {
        message(&sqs, &url, "g", body).send().await.unwrap();
    }
    // An id of its own goes before the content.
    message(&sqs, &url, "g", "x").message_deduplication_id("own").send().await.unwrap();
    message(&sqs, &url, "h", "y").send().await.unwrap();
    assert_eq!(bodies(&receive(&sqs, &url, 10).await), "x y x");

    let by_group = (QueueAttributeName::DeduplicationScope, "messageGroup");
    let url = make(&sqs, "groups.fifo", &[by_content, by_group]).await;
    for group in ["g", "h", "h"] {
        message(&sqs, &url, group, "x").send().await.unwrap();
    }
    assert_eq!(bodies(&receive(&sqs, &url, 10).await), "x x");
}

#[tokio::test]
async fn what_a_fifo_queue_needs_is_asked_for() {
    let (_aws, sqs, url) = started(&[]).await;
    let bare = sqs.send_message().queue_url(&url).message_body("x");
    assert_eq!(code!(bare.clone().message_deduplication_id("1").send().await), "MissingParameter");
    assert_eq!(code!(bare.clone().message_group_id("g").send().await), "InvalidParameterValue");
    let whole = bare.message_group_id("g").message_deduplication_id("1");
    assert_eq!(code!(whole.clone().delay_seconds(5).send().await), "InvalidParameterValue");
    assert_eq!(code!(whole.clone().message_group_id("a b").send().await), "InvalidParameterValue");
    whole.send().await.unwrap();
}

#[tokio::test]
async fn a_poisoned_message_leaves_its_group_for_the_dead_letters() {
    let (aws, sqs, url) = started(&[]).await;
    let standard = sqs.create_queue().queue_name("standard").send().await.unwrap().queue_url.unwrap();
    let dead = make(&sqs, "dead.fifo", &[]).await;
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo","maxReceiveCount":1}"#;
    let set = |url: &str| {
        sqs.set_queue_attributes().queue_url(url).attributes(QueueAttributeName::RedrivePolicy, policy).send()
    };
    assert_eq!(code!(set(&standard).await), "InvalidParameterValue");
    set(&url).await.unwrap();
    send(&sqs, &url, "g", "poison").await;
    send(&sqs, &url, "g", "good").await;
    assert_eq!(bodies(&receive(&sqs, &url, 1).await), "poison");
    aws.advance_clock(Duration::from_secs(31));
    assert_eq!(bodies(&receive(&sqs, &url, 1).await), "good");
    let buried = receive(&sqs, &dead, 10).await;
    assert_eq!(bodies(&buried), "poison");
    assert_eq!(buried[0].attributes().unwrap()[&System::MessageGroupId], "g");
}

#[tokio::test]
async fn locks_and_deduplication_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let aws = start_in(folder.path()).await;
    let client = sqs(&aws);
    let url = make(&client, "q.fifo", &[]).await;
    send(&client, &url, "g", "1").await;
    send(&client, &url, "g", "2").await;
    let first = receive(&client, &url, 1).await;
    aws.stop().await;

    let aws = start_in(folder.path()).await;
    let client = sqs(&aws);
    let url = client.get_queue_url().queue_name("q.fifo").send().await.unwrap().queue_url.unwrap();
    assert!(receive(&client, &url, 10).await.is_empty());
    send(&client, &url, "g", "2").await;
    delete(&client, &url, &first[0]).await;
    assert_eq!(bodies(&receive(&client, &url, 10).await), "2");
    aws.stop().await;
}
