//! A look into the table: what was really written under a person, whatever an answer says.

use std::collections::HashMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};

use crate::world::World;

/// One item.
pub(crate) type Item = HashMap<String, AttributeValue>;

impl World {
    /// A client of the embedded DynamoDB.
    pub(crate) fn dynamodb(&self) -> Client {
        Client::new(&self.system.sdk_config())
    }

    /// Everything under this person whose sort key begins so.
    pub(crate) async fn items(&self, telegram_id: u64, prefix: &str) -> Vec<Item> {
        let query = self
            .dynamodb()
            .query()
            .table_name(&self.system.demo().table_name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(format!("SUBJECT#t:{telegram_id}")))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .consistent_read(true);
        query.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap()
    }

    /// How many signatures are recorded of this person.
    pub(crate) async fn signatures(&self, telegram_id: u64) -> usize {
        self.items(telegram_id, "SIGNATURE#").await.len()
    }
}

/// A string or number attribute as text; empty where it is not there.
pub(crate) fn attribute(item: &Item, name: &str) -> String {
    match item.get(name) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        _ => String::new(),
    }
}

/// The sealed material of an item, where it has any.
pub(crate) fn sealed(item: &Item) -> Option<Vec<u8>> {
    item.get("sealed").map(|value| value.as_b().unwrap().as_ref().to_vec())
}

/// Every byte of every attribute, to look for what must not be in any.
pub(crate) fn bytes(items: &[Item]) -> Vec<u8> {
    let mut all = Vec::new();
    items.iter().flat_map(Item::values).for_each(|value| gather(value, &mut all));
    all
}

fn gather(value: &AttributeValue, all: &mut Vec<u8>) {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => all.extend(text.as_bytes()),
        AttributeValue::B(blob) => all.extend(blob.as_ref()),
        AttributeValue::M(map) => map.values().for_each(|value| gather(value, all)),
        AttributeValue::L(list) => list.iter().for_each(|value| gather(value, all)),
        _ => {}
    }
    all.push(0);
}

/// Whether these bytes are somewhere in those.
pub(crate) fn holds(all: &[u8], wanted: &[u8]) -> bool {
    all.windows(wanted.len()).any(|piece| piece == wanted)
}

/// Time passes for what is stored.
impl World {
    /// Changes an attribute of every item whose keys begin so.
    pub(crate) async fn change(&self, pk: &str, sk: &str, name: &str, value: AttributeValue) {
        let table = &self.system.demo().table_name;
        let scan = self.dynamodb().scan().table_name(table).consistent_read(true).into_paginator().items().send();
        for mut item in scan.collect::<Result<Vec<_>, _>>().await.unwrap() {
            if attribute(&item, "pk").starts_with(pk)
                && attribute(&item, "sk").starts_with(sk)
                && item.contains_key(name)
            {
                item.insert(name.to_owned(), value.clone());
                self.dynamodb().put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
            }
        }
    }

    /// Moves a moment of every item under such a partition to long ago.
    pub(crate) async fn age(&self, pk: &str, name: &str) {
        self.change(pk, "", name, AttributeValue::N("1000".into())).await;
    }

    /// The access tokens of linked accounts are over.
    pub(crate) async fn age_connection(&self) {
        self.change("SUBJECT#", "CONNECTION#", "access_until", AttributeValue::N("1000".into())).await;
    }

    /// Somebody holds the lease of every linked account for so many seconds, and does nothing.
    pub(crate) async fn lease_connection(&self, seconds: u64) {
        let until = (crate::world::unix_seconds() + seconds) * 1000;
        let table = &self.system.demo().table_name;
        let scan = self.dynamodb().scan().table_name(table).consistent_read(true).into_paginator().items().send();
        for mut item in scan.collect::<Result<Vec<_>, _>>().await.unwrap() {
            if attribute(&item, "sk").starts_with("CONNECTION#") {
                item.insert("lease_by".into(), AttributeValue::N("1".into()));
                item.insert("lease_until".into(), AttributeValue::N(until.to_string()));
                self.dynamodb().put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
            }
        }
    }
}
