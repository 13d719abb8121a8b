//! The two DynamoDB calls of a signature, again, by the bare SDK: as the embedded AWS recorded them, byte for byte as large.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    primitives::Blob,
    types::{AttributeValue, ConditionCheck, KeysAndAttributes, Put, TransactWriteItem},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::{Failure, world::text};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The bodies that were recorded.
pub(crate) struct Recorded {
    read: Value,
    write: Value,
}

/// One read and one write, ready to be sent.
pub(crate) struct Prepared {
    pub(crate) read: HashMap<String, KeysAndAttributes>,
    pub(crate) write: Vec<TransactWriteItem>,
}

impl Recorded {
    /// Picks the last read and the last write out of what was recorded.
    pub(crate) fn of(requests: &[Value]) -> Result<Self, Failure> {
        let last = |operation: &str| -> Result<Value, Failure> {
            let labelled = |request: &&Value| text(request, "/label").is_ok_and(|label| label.ends_with(operation));
            let request = requests.iter().rfind(labelled).ok_or_else(|| format!("no {operation} was recorded"))?;
            Ok(serde_json::from_str(&text(request, "/body")?)?)
        };
        Ok(Self { read: last(".BatchGetItem")?, write: last(".TransactWriteItems")? })
    }

    /// The same again, this often; each item that is put gets a key of its own, as long as the first one's.
    pub(crate) fn prepare(&self, count: usize, number: &mut usize) -> Result<Vec<Prepared>, Failure> {
        let prepared = (0..count).map(|_| {
            *number += 1;
            self.once(*number)
        });
        prepared.collect()
    }

    fn once(&self, number: usize) -> Result<Prepared, Failure> {
        let mut read = HashMap::new();
        for (table, wanted) in self.read.pointer("/RequestItems").and_then(Value::as_object).into_iter().flatten() {
            let keys = wanted.pointer("/Keys").and_then(Value::as_array).into_iter().flatten();
            let keys = keys.map(item).collect::<Result<Vec<_>, _>>()?;
            read.insert(
                table.clone(),
                KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build()?,
            );
        }
        let writes = self.write.pointer("/TransactItems").and_then(Value::as_array).into_iter().flatten();
        Ok(Prepared { read, write: writes.map(|write| write_of(write, number)).collect::<Result<_, _>>()? })
    }
}

fn write_of(write: &Value, number: usize) -> Result<TransactWriteItem, Failure> {
    if let Some(check) = write.get("ConditionCheck") {
        let check = ConditionCheck::builder()
            .table_name(text(check, "/TableName")?)
            .set_key(Some(item(check.get("Key").ok_or("a check without a key")?)?))
            .condition_expression(text(check, "/ConditionExpression")?)
            .set_expression_attribute_values(values(check)?);
        return Ok(TransactWriteItem::builder().condition_check(check.build()?).build());
    }
    let put = write.get("Put").ok_or("a write that is neither a check nor a put")?;
    let mut new = item(put.get("Item").ok_or("a put without an item")?)?;
    if let Some(AttributeValue::S(key)) = new.get_mut("sk") {
        let kept = key.len().saturating_sub(8);
        *key = format!("{}{number:08}", key.get(..kept).unwrap_or_default());
    }
    let put = Put::builder()
        .table_name(text(put, "/TableName")?)
        .set_item(Some(new))
        .set_condition_expression(text(put, "/ConditionExpression").ok())
        .set_expression_attribute_values(values(put)?);
    Ok(TransactWriteItem::builder().put(put.build()?).build())
}

pub(crate) fn values(write: &Value) -> Result<Option<Item>, Failure> {
    write.get("ExpressionAttributeValues").map(item).transpose()
}

pub(crate) fn item(value: &Value) -> Result<Item, Failure> {
    let fields = value.as_object().ok_or("an item is an object")?;
    fields.iter().map(|(name, value)| Ok((name.clone(), attribute(value)?))).collect()
}

/// DynamoDB's JSON: the type is the one name.
fn attribute(value: &Value) -> Result<AttributeValue, Failure> {
    let (form, inner) = value.as_object().and_then(|one| one.iter().next()).ok_or("an attribute is an object")?;
    let string = || inner.as_str().map(str::to_owned).ok_or("an attribute's text");
    Ok(match form.as_str() {
        "S" => AttributeValue::S(string()?),
        "N" => AttributeValue::N(string()?),
        "B" => AttributeValue::B(Blob::new(BASE64_STANDARD.decode(string()?)?)),
        "BOOL" => AttributeValue::Bool(inner.as_bool().unwrap_or_default()),
        "NULL" => AttributeValue::Null(true),
        "M" => AttributeValue::M(item(inner)?),
        "L" => AttributeValue::L(inner.as_array().into_iter().flatten().map(attribute).collect::<Result<_, _>>()?),
        other => return Err(format!("an attribute of type {other}").into()),
    })
}
