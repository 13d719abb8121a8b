//! Secrets Manager secrets as a whole: described, listed, deleted, restored.

use aws_sdk_secretsmanager::{
    Client,
    types::{Filter, FilterNameStringType, Tag},
};
use countersign_local_aws::LocalAws;

use crate::cloud::{DAY, code, secrets, start};

async fn started() -> (LocalAws, Client) {
    let aws = start().await;
    let secrets = secrets(&aws);
    (aws, secrets)
}

#[tokio::test]
async fn a_description_tells_all_but_the_value() {
    let (_aws, secrets) = started().await;
    let tag = Tag::builder().key("stage").value("test").build();
    let request = secrets.create_secret().name("s").description("first").tags(tag.clone()).kms_key_id("alias/x");
    let made = request.secret_string("one").send().await.unwrap();
    secrets.put_secret_value().secret_id("s").secret_string("two").send().await.unwrap();
    secrets.update_secret().secret_id("s").description("second").send().await.unwrap();
    let told = secrets.describe_secret().secret_id("s").send().await.unwrap();
    assert_eq!((told.description.as_deref(), told.tags()), (Some("second"), [tag].as_slice()));
    assert_eq!((told.kms_key_id.as_deref(), told.arn.as_ref()), (Some("alias/x"), made.arn.as_ref()));
    let stages = told.version_ids_to_stages.unwrap();
    assert_eq!(stages[&made.version_id.unwrap()], ["AWSPREVIOUS"]);
    assert!(stages.values().any(|stages| stages == &["AWSCURRENT"]));
    assert!(told.created_date.is_some() && told.deleted_date.is_none());
}

#[tokio::test]
async fn versions_are_listed_with_and_without_those_out_of_use() {
    let (_aws, secrets) = started().await;
    secrets.create_secret().name("s").secret_string("one").send().await.unwrap();
    for value in ["two", "three"] {
        secrets.put_secret_value().secret_id("s").secret_string(value).send().await.unwrap();
    }
    let labelled = secrets.list_secret_version_ids().secret_id("s").send().await.unwrap();
    assert_eq!(labelled.versions().len(), 2);
    let all = secrets.list_secret_version_ids().secret_id("s").include_deprecated(true).send().await.unwrap();
    assert_eq!(all.versions().len(), 3);
}

#[tokio::test]
async fn secrets_are_listed_in_pages_and_by_filter() {
    let (_aws, secrets) = started().await;
    for name in ["a/1", "a/2", "a/3", "b/1"] {
        let tag = Tag::builder().key("of").value(name).build();
        secrets.create_secret().name(name).tags(tag).secret_string("x").send().await.unwrap();
    }
    let pages: Vec<_> =
        secrets.list_secrets().max_results(3).into_paginator().send().collect::<Result<_, _>>().await.unwrap();
    let names: Vec<_> = pages.iter().flat_map(|page| page.secret_list()).map(|one| one.name().unwrap()).collect();
    assert_eq!((pages.len(), names), (2, vec!["a/1", "a/2", "a/3", "b/1"]));
    let count = |key, values: &[&str]| {
        let filter = Filter::builder().key(key).set_values(Some(values.iter().map(|v| (*v).to_owned()).collect()));
        let request = secrets.list_secrets().filters(filter.build());
        async { request.send().await.unwrap().secret_list().len() }
    };
    assert_eq!(count(FilterNameStringType::Name, &["a/"]).await, 3);
    assert_eq!(count(FilterNameStringType::Name, &["!a/"]).await, 1);
    assert_eq!(count(FilterNameStringType::TagValue, &["a/1", "b/1"]).await, 2);
    let bad = secrets.list_secrets().next_token("!").send().await.unwrap_err();
    assert!(bad.into_service_error().is_invalid_next_token_exception());
}

#[tokio::test]
async fn a_deleted_secret_refuses_comes_back_when_restored_and_ends_in_time() {
    let (aws, secrets) = started().await;
    secrets.create_secret().name("s").secret_string("x").send().await.unwrap();
    let short = secrets.delete_secret().secret_id("s").recovery_window_in_days(6).send().await.unwrap_err();
    assert!(short.into_service_error().is_invalid_parameter_exception());
    secrets.delete_secret().secret_id("s").recovery_window_in_days(7).send().await.unwrap();
    let error = secrets.get_secret_value().secret_id("s").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_request_exception());
    let error = secrets.put_secret_value().secret_id("s").secret_string("y").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_request_exception());
    let error = secrets.create_secret().name("s").secret_string("y").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_request_exception());
    assert!(secrets.describe_secret().secret_id("s").send().await.unwrap().deleted_date.is_some());
    assert!(secrets.list_secrets().send().await.unwrap().secret_list().is_empty());
    let planned = secrets.list_secrets().include_planned_deletion(true).send().await.unwrap();
    assert_eq!(planned.secret_list().len(), 1);

    secrets.restore_secret().secret_id("s").send().await.unwrap();
    let read = secrets.get_secret_value().secret_id("s").send().await.unwrap();
    assert_eq!(read.secret_string.as_deref(), Some("x"));

    secrets.delete_secret().secret_id("s").send().await.unwrap();
    aws.advance_clock(30 * DAY);
    let error = secrets.restore_secret().secret_id("s").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    secrets.create_secret().name("s").secret_string("new").send().await.unwrap();
}

#[tokio::test]
async fn a_forced_deletion_is_at_once_and_forgives_a_missing_name() {
    let (_aws, secrets) = started().await;
    secrets.create_secret().name("s").secret_string("x").send().await.unwrap();
    let both = secrets.delete_secret().secret_id("s").recovery_window_in_days(7).force_delete_without_recovery(true);
    assert!(both.send().await.unwrap_err().into_service_error().is_invalid_parameter_exception());
    for _ in 0..2 {
        secrets.delete_secret().secret_id("s").force_delete_without_recovery(true).send().await.unwrap();
    }
    let error = secrets.get_secret_value().secret_id("s").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    let error = secrets.delete_secret().secret_id("s").send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    assert_eq!(code!(secrets.create_secret().name("no spaces").send().await), "ValidationException");
}
