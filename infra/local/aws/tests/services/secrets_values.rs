//! Secrets Manager values: versions, labels, repeated requests.

use aws_sdk_secretsmanager::{Client, primitives::Blob};
use countersign_local_aws::LocalAws;

use crate::cloud::{code, secrets, start, start_in};

const ONE: &str = "11111111-1111-4111-8111-111111111111";
const TWO: &str = "22222222-2222-4222-8222-222222222222";
const THREE: &str = "33333333-3333-4333-8333-333333333333";

async fn started() -> (LocalAws, Client) {
    let aws = start().await;
    let secrets = secrets(&aws);
    (aws, secrets)
}

async fn current(secrets: &Client, id: &str) -> String {
    secrets.get_secret_value().secret_id(id).send().await.unwrap().secret_string.unwrap()
}

#[tokio::test]
async fn a_secret_is_read_by_name_by_arn_and_by_arn_without_its_end() {
    let (_aws, secrets) = started().await;
    let made = secrets.create_secret().name("app/jwt-secret").secret_string("s3cret").send().await.unwrap();
    let arn = made.arn.unwrap();
    let partial = "arn:aws:secretsmanager:us-east-1:000000000000:secret:app/jwt-secret";
    assert!(arn.starts_with(partial) && arn.len() == partial.len() + 7, "{arn}");
    for id in ["app/jwt-secret", &arn, partial] {
        let read = secrets.get_secret_value().secret_id(id).send().await.unwrap();
        assert_eq!(
            (read.secret_string.as_deref(), read.version_id.as_ref()),
            (Some("s3cret"), made.version_id.as_ref())
        );
        assert_eq!(read.version_stages.unwrap(), ["AWSCURRENT"]);
        assert_eq!(read.name.as_deref(), Some("app/jwt-secret"));
    }
    for id in ["app/jwt", "other", &format!("{partial}-abcdef"), "arn:aws:secretsmanager:eu-west-1:1:secret:x"] {
        let error = secrets.get_secret_value().secret_id(id).send().await.unwrap_err();
        assert!(error.into_service_error().is_resource_not_found_exception(), "{id}");
    }
}

#[tokio::test]
async fn binary_values_come_back_byte_for_byte() {
    let (_aws, secrets) = started().await;
    let bytes: Vec<u8> = (0..=255).collect();
    secrets.create_secret().name("b").secret_binary(Blob::new(bytes.clone())).send().await.unwrap();
    let read = secrets.get_secret_value().secret_id("b").send().await.unwrap();
    assert_eq!((read.secret_binary.unwrap().into_inner(), read.secret_string), (bytes, None));
    let both = secrets.create_secret().name("c").secret_string("x").secret_binary(Blob::new("x")).send().await;
    assert!(both.unwrap_err().into_service_error().is_invalid_parameter_exception());
    let large = secrets.create_secret().name("d").secret_string("x".repeat(65_537)).send().await;
    assert_eq!(code!(large), "ValidationException");
    secrets.create_secret().name("e").secret_string("x".repeat(65_536)).send().await.unwrap();
}

#[tokio::test]
async fn a_new_value_is_current_and_the_old_one_previous() {
    let (_aws, secrets) = started().await;
    secrets.create_secret().name("s").secret_string("one").client_request_token(ONE).send().await.unwrap();
    secrets.put_secret_value().secret_id("s").secret_string("two").client_request_token(TWO).send().await.unwrap();
    assert_eq!(current(&secrets, "s").await, "two");
    let previous = secrets.get_secret_value().secret_id("s").version_stage("AWSPREVIOUS").send().await.unwrap();
    assert_eq!((previous.secret_string.as_deref(), previous.version_id.as_deref()), (Some("one"), Some(ONE)));
    let third = secrets.update_secret().secret_id("s").secret_string("three").client_request_token(THREE);
    assert_eq!(third.send().await.unwrap().version_id.as_deref(), Some(THREE));
    let previous = secrets.get_secret_value().secret_id("s").version_stage("AWSPREVIOUS").send().await.unwrap();
    assert_eq!(previous.secret_string.as_deref(), Some("two"));
    let first = secrets.get_secret_value().secret_id("s").version_id(ONE).send().await.unwrap();
    assert_eq!((first.secret_string.as_deref(), first.version_stages().len()), (Some("one"), 0));
    let mismatch = secrets.get_secret_value().secret_id("s").version_id(ONE).version_stage("AWSCURRENT").send().await;
    assert!(mismatch.unwrap_err().into_service_error().is_invalid_request_exception());
    for request in [
        secrets.get_secret_value().secret_id("s").version_stage("NONE"),
        secrets.get_secret_value().secret_id("s").version_id("44444444-4444-4444-8444-444444444444"),
    ] {
        let error = request.send().await.unwrap_err().into_service_error();
        assert!(error.is_resource_not_found_exception());
    }
}

#[tokio::test]
async fn a_pending_value_waits_beside_the_current_one() {
    let (_aws, secrets) = started().await;
    secrets.create_secret().name("s").secret_string("one").client_request_token(ONE).send().await.unwrap();
    let pending = secrets.put_secret_value().secret_id("s").secret_string("two").version_stages("AWSPENDING");
    pending.client_request_token(TWO).send().await.unwrap();
    assert_eq!(current(&secrets, "s").await, "one");
    let read = secrets.get_secret_value().secret_id("s").version_stage("AWSPENDING").send().await.unwrap();
    assert_eq!(read.secret_string.as_deref(), Some("two"));
}

#[tokio::test]
async fn the_same_token_twice_is_one_version_and_never_another_value() {
    let (_aws, secrets) = started().await;
    let create = |value: &str| secrets.create_secret().name("s").secret_string(value).client_request_token(ONE).send();
    let first = create("one").await.unwrap();
    assert_eq!(create("one").await.unwrap().arn, first.arn);
    assert!(create("other").await.unwrap_err().into_service_error().is_resource_exists_exception());
    let fresh = secrets.create_secret().name("s").secret_string("one").send().await.unwrap_err();
    assert!(fresh.into_service_error().is_resource_exists_exception());
    let put =
        |value: &str| secrets.put_secret_value().secret_id("s").secret_string(value).client_request_token(TWO).send();
    put("two").await.unwrap();
    secrets.put_secret_value().secret_id("s").secret_string("three").send().await.unwrap();
    // Repeated late, it does not take the label back.
    put("two").await.unwrap();
    assert_eq!(current(&secrets, "s").await, "three");
    assert!(put("other").await.unwrap_err().into_service_error().is_resource_exists_exception());
    let short = secrets.put_secret_value().secret_id("s").secret_string("x").client_request_token("short").send().await;
    assert!(short.unwrap_err().into_service_error().is_invalid_parameter_exception());
}

#[tokio::test]
async fn a_secret_without_a_value_has_nothing_to_read_yet() {
    let (_aws, secrets) = started().await;
    assert_eq!(secrets.create_secret().name("s").send().await.unwrap().version_id, None);
    let error = secrets.get_secret_value().secret_id("s").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    let empty = secrets.put_secret_value().secret_id("s").send().await.unwrap_err();
    assert!(empty.into_service_error().is_invalid_request_exception());
    secrets.put_secret_value().secret_id("s").secret_string("x").send().await.unwrap();
    assert_eq!(current(&secrets, "s").await, "x");
}

#[tokio::test]
async fn many_are_read_at_once_and_what_is_missing_is_named() {
    let (_aws, secrets) = started().await;
    for name in ["app/a", "app/b", "other"] {
        secrets.create_secret().name(name).secret_string(name).send().await.unwrap();
    }
    let read = secrets.batch_get_secret_value().secret_id_list("app/a").secret_id_list("none").send().await.unwrap();
    assert_eq!(read.secret_values()[0].secret_string(), Some("app/a"));
    assert_eq!(read.errors()[0].error_code(), Some("ResourceNotFoundException"));
    assert_eq!(read.errors()[0].secret_id(), Some("none"));
    let neither = secrets.batch_get_secret_value().send().await.unwrap_err();
    assert!(neither.into_service_error().is_invalid_parameter_exception());
    use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType};
    let filter = Filter::builder().key(FilterNameStringType::Name).values("app/").build();
    let read = secrets.batch_get_secret_value().filters(filter).send().await.unwrap();
    let values: Vec<_> = read.secret_values().iter().map(|one| one.secret_string().unwrap()).collect();
    assert_eq!(values, ["app/a", "app/b"]);
}

#[tokio::test]
async fn versions_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let aws = start_in(folder.path()).await;
    let client = secrets(&aws);
    client.create_secret().name("s").secret_string("one").send().await.unwrap();
    client.put_secret_value().secret_id("s").secret_string("two").send().await.unwrap();
    aws.stop().await;

    let aws = start_in(folder.path()).await;
    let client = secrets(&aws);
    assert_eq!(current(&client, "s").await, "two");
    let previous = client.get_secret_value().secret_id("s").version_stage("AWSPREVIOUS").send().await.unwrap();
    assert_eq!(previous.secret_string.as_deref(), Some("one"));
    aws.stop().await;
}
