//! SQS queues: made, found, set up, emptied, deleted.

use aws_sdk_sqs::{Client, types::QueueAttributeName};
use countersign_local_aws::LocalAws;

use crate::cloud::{code, sqs, start, start_in};

async fn started() -> (LocalAws, Client) {
    let aws = start().await;
    let sqs = sqs(&aws);
    (aws, sqs)
}

async fn attribute(sqs: &Client, url: &str, name: QueueAttributeName) -> Option<String> {
    let told = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All).send().await.unwrap();
    told.attributes.unwrap().remove(&name)
}

#[tokio::test]
async fn a_queue_is_made_once_and_found_by_name() {
    let (aws, sqs) = started().await;
    let make = |seconds: &str| {
        let name = QueueAttributeName::VisibilityTimeout;
        sqs.create_queue().queue_name("jobs").attributes(name, seconds).send()
    };
    let url = make("45").await.unwrap().queue_url.unwrap();
    assert_eq!(url, format!("{}/000000000000/jobs", aws.endpoint_url()));
    assert_eq!(make("45").await.unwrap().queue_url.unwrap(), url);
    assert_eq!(sqs.create_queue().queue_name("jobs").send().await.unwrap().queue_url.unwrap(), url);
    assert!(make("46").await.unwrap_err().into_service_error().is_queue_name_exists());
    assert_eq!(sqs.get_queue_url().queue_name("jobs").send().await.unwrap().queue_url.unwrap(), url);
    assert_eq!(attribute(&sqs, &url, QueueAttributeName::VisibilityTimeout).await.as_deref(), Some("45"));
    let arn = attribute(&sqs, &url, QueueAttributeName::QueueArn).await;
    assert_eq!(arn.as_deref(), Some("arn:aws:sqs:us-east-1:000000000000:jobs"));
    for name in ["jobs-2", "other"] {
        sqs.create_queue().queue_name(name).send().await.unwrap();
    }
    assert_eq!(sqs.list_queues().queue_name_prefix("jobs").send().await.unwrap().queue_urls().len(), 2);
    let page = sqs.list_queues().max_results(2).send().await.unwrap();
    let rest = sqs.list_queues().max_results(2).set_next_token(page.next_token.clone()).send().await.unwrap();
    assert_eq!((page.queue_urls().len(), rest.queue_urls().len(), rest.next_token), (2, 1, None));
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_named_as_such() {
    let (aws, sqs) = started().await;
    let error = sqs.get_queue_url().queue_name("none").send().await.unwrap_err();
    assert!(error.into_service_error().is_queue_does_not_exist());
    for url in [format!("{}/000000000000/none", aws.endpoint_url()), format!("{}/123456789012/x", aws.endpoint_url())] {
        let error = sqs.send_message().queue_url(&url).message_body("x").send().await.unwrap_err();
        assert!(error.into_service_error().is_queue_does_not_exist(), "{url}");
        let error = sqs.receive_message().queue_url(&url).send().await.unwrap_err();
        assert!(error.into_service_error().is_queue_does_not_exist(), "{url}");
    }
    let made = sqs.create_queue().queue_name("short").send().await.unwrap().queue_url.unwrap();
    sqs.delete_queue().queue_url(&made).send().await.unwrap();
    let error = sqs.delete_queue().queue_url(&made).send().await.unwrap_err();
    assert!(error.into_service_error().is_queue_does_not_exist());
}

#[tokio::test]
async fn names_and_attributes_are_checked() {
    let (_aws, sqs) = started().await;
    for name in ["", "a b", "x.fifo", &"x".repeat(81)] {
        assert_eq!(code!(sqs.create_queue().queue_name(name).send().await), "InvalidParameterValue", "{name}");
    }
    let fifo = sqs.create_queue().queue_name("plain").attributes(QueueAttributeName::FifoQueue, "true").send().await;
    assert_eq!(code!(fifo), "InvalidParameterValue");
    let url = sqs.create_queue().queue_name("q").send().await.unwrap().queue_url.unwrap();
    let set = |name: QueueAttributeName, value: &str| {
        sqs.set_queue_attributes().queue_url(&url).attributes(name, value).send()
    };
    for (name, value) in [
        (QueueAttributeName::VisibilityTimeout, "43201"),
        (QueueAttributeName::DelaySeconds, "-1"),
        (QueueAttributeName::MessageRetentionPeriod, "59"),
        (QueueAttributeName::ReceiveMessageWaitTimeSeconds, "soon"),
    ] {
        let error = set(name.clone(), value).await.unwrap_err().into_service_error();
        assert!(error.is_invalid_attribute_value(), "{name:?}: {error:?}");
    }
    for name in ["Nonsense", "ContentBasedDeduplication", "QueueArn"] {
        let error = set(QueueAttributeName::from(name), "true").await.unwrap_err().into_service_error();
        assert!(error.is_invalid_attribute_name(), "{name}: {error:?}");
    }
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:none","maxReceiveCount":3}"#;
    assert_eq!(code!(set(QueueAttributeName::RedrivePolicy, policy).await), "InvalidParameterValue");
    let unknown =
        sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::from("X")).send().await;
    assert!(unknown.unwrap_err().into_service_error().is_invalid_attribute_name());
    set(QueueAttributeName::DelaySeconds, "3").await.unwrap();
    assert_eq!(attribute(&sqs, &url, QueueAttributeName::DelaySeconds).await.as_deref(), Some("3"));
}

#[tokio::test]
async fn counts_follow_the_messages_and_a_purge_ends_them() {
    let (_aws, sqs) = started().await;
    let url = sqs.create_queue().queue_name("q").send().await.unwrap().queue_url.unwrap();
    for delay in [0, 0, 60] {
        sqs.send_message().queue_url(&url).message_body("x").delay_seconds(delay).send().await.unwrap();
    }
    sqs.receive_message().queue_url(&url).send().await.unwrap();
    let counts = async || {
        let mut counts = Vec::new();
        for name in [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ] {
            counts.push(attribute(&sqs, &url, name).await.unwrap());
        }
        counts.join(" ")
    };
    assert_eq!(counts().await, "1 1 1");
    sqs.purge_queue().queue_url(&url).send().await.unwrap();
    assert_eq!(counts().await, "0 0 0");
}

#[tokio::test]
async fn queues_and_messages_survive_a_restart_at_another_port() {
    let folder = tempfile::tempdir().unwrap();
    let aws = start_in(folder.path()).await;
    let client = sqs(&aws);
    let url = client.create_queue().queue_name("q").send().await.unwrap().queue_url.unwrap();
    client.send_message().queue_url(&url).message_body("kept").send().await.unwrap();
    aws.stop().await;

    let aws = start_in(folder.path()).await;
    let client = sqs(&aws);
    let received = client.receive_message().queue_url(&url).send().await.unwrap();
    assert_eq!(received.messages()[0].body(), Some("kept"));
    let url = client.get_queue_url().queue_name("q").send().await.unwrap().queue_url.unwrap();
    assert!(url.starts_with(&aws.endpoint_url()));
    aws.stop().await;
}
