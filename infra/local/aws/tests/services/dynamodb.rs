//! DynamoDB through the endpoint: transactions, TTL, streams, restart, and an answer lost after the commit.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, Put, ScalarAttributeType,
        StreamSpecification, StreamViewType, TimeToLiveSpecification, TransactWriteItem, Update,
    },
};
use countersign_local_aws::{LocalAws, Options};

use crate::{
    cloud::{dynamodb, start, start_in, start_with},
    endpoint::post,
};

async fn make_table(client: &Client) {
    let key = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build().unwrap();
    let attribute =
        AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S).build().unwrap();
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages)
        .build()
        .unwrap();
    client
        .create_table()
        .table_name("items")
        .key_schema(key)
        .attribute_definitions(attribute)
        .billing_mode(BillingMode::PayPerRequest)
        .stream_specification(stream)
        .send()
        .await
        .unwrap();
}

async fn started() -> (LocalAws, Client) {
    let aws = start().await;
    let client = dynamodb(&aws);
    make_table(&client).await;
    (aws, client)
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

async fn get(client: &Client, pk: &str) -> Option<HashMap<String, AttributeValue>> {
    client.get_item().table_name("items").key("pk", text(pk)).consistent_read(true).send().await.unwrap().item
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_transactions_at_once_only_as_many_win_as_the_balance_allows() {
    let (_aws, client) = started().await;
    client.put_item().table_name("items").item("pk", text("wallet")).item("n", number(7)).send().await.unwrap();
    let mut races = tokio::task::JoinSet::new();
    for index in 0..20 {
        let client = client.clone();
        races.spawn(async move {
            let spend = Update::builder()
                .table_name("items")
                .key("pk", text("wallet"))
                .update_expression("SET n = n - :one")
                .condition_expression("n >= :one")
                .expression_attribute_values(":one", number(1))
                .build()
                .unwrap();
            let entry = Put::builder().table_name("items").item("pk", text(&format!("entry-{index}"))).build().unwrap();
            let spend = TransactWriteItem::builder().update(spend).build();
            let entry = TransactWriteItem::builder().put(entry).build();
            match client.transact_write_items().transact_items(spend).transact_items(entry).send().await {
                Ok(_) => true,
                Err(error) => {
                    let error = error.into_service_error();
                    assert!(error.is_transaction_canceled_exception(), "{error:?}");
                    false
                }
            }
        });
    }
    let won = races.join_all().await.into_iter().filter(|won| *won).count();
    assert_eq!(won, 7);
    assert_eq!(get(&client, "wallet").await.unwrap()["n"], number(0));
    let all = client.scan().table_name("items").send().await.unwrap();
    assert_eq!(all.count, 1 + 7);
}

#[tokio::test]
async fn an_answer_lost_after_the_commit_looks_like_a_failed_condition_after_the_sdks_retry() {
    use countersign_local_control::{Cut, Fault};
    let (aws, client) = started().await;
    aws.control().clear();
    aws.control().add_fault(Fault::cut(Cut::After).matching("DynamoDB_20120810.PutItem"));
    let put = client.put_item().table_name("items").item("pk", text("once")).item("request", text("r1"));
    let error = put.condition_expression("attribute_not_exists(pk)").send().await.unwrap_err();
    assert!(error.into_service_error().is_conditional_check_failed_exception());
    assert_eq!(get(&client, "once").await.unwrap()["request"], text("r1"));
    assert_eq!(aws.control().count("DynamoDB_20120810.PutItem"), 2);
    assert!(aws.control().faults().is_empty());
}

#[tokio::test]
async fn expired_items_go_when_swept_and_by_themselves() {
    let expire = async |client: &Client| {
        let ttl = TimeToLiveSpecification::builder().attribute_name("ttl").enabled(true).build().unwrap();
        client.update_time_to_live().table_name("items").time_to_live_specification(ttl).send().await.unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        for (pk, ttl) in [("old", now - 10), ("new", now + 3_600)] {
            client.put_item().table_name("items").item("pk", text(pk)).item("ttl", number(ttl)).send().await.unwrap();
        }
    };
    let aws = start_with(Options { data_dir: None, ttl_sweep: Duration::from_secs(3_600) }).await;
    let client = dynamodb(&aws);
    make_table(&client).await;
    expire(&client).await;
    assert!(get(&client, "old").await.is_some());
    assert_eq!(aws.sweep_ttl().await, 1);
    assert!(get(&client, "old").await.is_none() && get(&client, "new").await.is_some());

    let aws = start_with(Options { data_dir: None, ttl_sweep: Duration::from_millis(50) }).await;
    let client = dynamodb(&aws);
    make_table(&client).await;
    expire(&client).await;
    for _ in 0..100 {
        if get(&client, "old").await.is_none() {
            assert!(get(&client, "new").await.is_some());
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the expired item is still there after five seconds");
}

#[tokio::test]
async fn a_stream_tells_what_was_written() {
    let (aws, client) = started().await;
    for value in [1, 2] {
        client.put_item().table_name("items").item("pk", text("x")).item("n", number(value)).send().await.unwrap();
    }
    let call = async |operation: &str, body: serde_json::Value| {
        let target = format!("DynamoDBStreams_20120810.{operation}");
        let (status, answer) = post(&aws, "/", Some(&target), &body.to_string(), true).await;
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let arn = call("ListStreams", serde_json::json!({ "TableName": "items" })).await["Streams"][0]["StreamArn"].clone();
    let told = call("DescribeStream", serde_json::json!({ "StreamArn": arn })).await;
    let shard = told["StreamDescription"]["Shards"][0]["ShardId"].clone();
    let iterator = serde_json::json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let iterator = call("GetShardIterator", iterator).await["ShardIterator"].clone();
    let records = call("GetRecords", serde_json::json!({ "ShardIterator": iterator })).await["Records"].clone();
    let names: Vec<_> = records.as_array().unwrap().iter().map(|record| record["eventName"].clone()).collect();
    assert_eq!(names, ["INSERT", "MODIFY"]);
    assert_eq!(records[1]["dynamodb"]["OldImage"]["n"]["N"], "1");
    assert_eq!(records[1]["dynamodb"]["NewImage"]["n"]["N"], "2");
}

#[tokio::test]
async fn tables_and_items_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let aws = start_in(folder.path()).await;
    let client = dynamodb(&aws);
    make_table(&client).await;
    client.put_item().table_name("items").item("pk", text("kept")).send().await.unwrap();
    aws.stop().await;

    let aws = start_in(folder.path()).await;
    assert!(get(&dynamodb(&aws), "kept").await.is_some());
    aws.stop().await;
}

#[tokio::test]
async fn exceptions_are_dynamodbs_own() {
    let (_aws, client) = started().await;
    let error = client.get_item().table_name("none").key("pk", text("x")).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
}
