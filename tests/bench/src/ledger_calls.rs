//! The two DynamoDB calls of a payment, again, by the bare SDK: as the embedded AWS recorded them, byte for byte as large.

use std::hint::black_box;

use aws_sdk_dynamodb::{
    Client,
    types::{Get, Put, TransactGetItem, TransactWriteItem, Update},
};
use serde_json::Value;

use crate::{
    Failure,
    sdk_calls::{item, values},
    world::text,
};

/// The bodies that were recorded.
pub(crate) struct Recorded {
    read: Value,
    write: Value,
}

/// One read and one write, ready to be sent.
pub(crate) struct Again {
    read: Vec<TransactGetItem>,
    write: Vec<TransactWriteItem>,
}

impl Recorded {
    /// Picks the last read and the last write out of what was recorded.
    pub(crate) fn of(requests: &[Value]) -> Result<Self, Failure> {
        let last = |operation: &str| -> Result<Value, Failure> {
            let labelled = |request: &&Value| text(request, "/label").is_ok_and(|label| label.ends_with(operation));
            let request = requests.iter().rfind(labelled).ok_or_else(|| format!("no {operation} was recorded"))?;
            Ok(serde_json::from_str(&text(request, "/body")?)?)
        };
        Ok(Self { read: last(".TransactGetItems")?, write: last(".TransactWriteItems")? })
    }

    /// The same again, this often, each time in partitions of its own: no condition fails.
    pub(crate) fn prepare(&self, count: usize, number: &mut usize) -> Result<Vec<Again>, Failure> {
        let prepared = (0..count).map(|_| {
            *number += 1;
            let reads = items(&self.read).map(read_of).collect::<Result<_, _>>()?;
            Ok(Again {
                read: reads,
                write: items(&self.write).map(|write| write_of(write, *number)).collect::<Result<_, _>>()?,
            })
        });
        prepared.collect()
    }
}

impl Again {
    pub(crate) async fn send(self, client: &Client) -> Result<(), Failure> {
        black_box(client.transact_get_items().set_transact_items(Some(self.read)).send().await?);
        black_box(client.transact_write_items().set_transact_items(Some(self.write)).send().await?);
        Ok(())
    }
}

fn items(body: &Value) -> impl Iterator<Item = &Value> {
    body.pointer("/TransactItems").and_then(Value::as_array).into_iter().flatten()
}

fn read_of(read: &Value) -> Result<TransactGetItem, Failure> {
    let get = read.get("Get").ok_or("a read that is no get")?;
    let key = item(get.get("Key").ok_or("a get without a key")?)?;
    let get = Get::builder().table_name(text(get, "/TableName")?).set_key(Some(key)).build()?;
    Ok(TransactGetItem::builder().get(get).build())
}

fn write_of(write: &Value, number: usize) -> Result<TransactWriteItem, Failure> {
    if let Some(update) = write.get("Update") {
        let update = Update::builder()
            .table_name(text(update, "/TableName")?)
            .set_key(Some(moved(item(update.get("Key").ok_or("an update without a key")?)?, number)))
            .update_expression(text(update, "/UpdateExpression")?)
            .condition_expression(text(update, "/ConditionExpression")?)
            .set_expression_attribute_values(values(update)?);
        return Ok(TransactWriteItem::builder().update(update.build()?).build());
    }
    let put = write.get("Put").ok_or("a write that is neither an update nor a put")?;
    let condition = put.get("ConditionExpression").map(|_| "attribute_not_exists(pk)".to_owned());
    let new = moved(item(put.get("Item").ok_or("a put without an item")?)?, number);
    let put =
        Put::builder().table_name(text(put, "/TableName")?).set_item(Some(new)).set_condition_expression(condition);
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

/// Into another partition, whose name is as long.
fn moved(mut item: crate::sdk_calls::Item, number: usize) -> crate::sdk_calls::Item {
    if let Some(aws_sdk_dynamodb::types::AttributeValue::S(key)) = item.get_mut("pk") {
        let kept = key.len().saturating_sub(8);
        *key = format!("{}{number:08}", key.get(..kept).unwrap_or_default());
    }
    item
}
