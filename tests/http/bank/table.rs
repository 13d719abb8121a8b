//! The table past all code of ours: a family's records as they lie there, and snapshots of a few of them.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
    types::{AttributeValue, Get, TransactGetItem},
};
use serde_json::{Map, Value};

/// Items by their keys.
pub(super) type Items = BTreeMap<(String, String), Value>;

/// The table at an endpoint.
#[derive(Clone)]
pub(super) struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(super) fn at(endpoint_url: &str, name: &str) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "tests");
        let config = Config::builder().behavior_version(BehaviorVersion::latest()).endpoint_url(endpoint_url);
        let config = config.region(Region::new("us-east-1")).credentials_provider(credentials).build();
        Self { client: Client::from_conf(config), name: name.to_owned() }
    }

    /// Every item.
    pub(super) async fn items(&self) -> Items {
        let mut pages = self.client.scan().table_name(&self.name).consistent_read(true).into_paginator().items().send();
        let mut items = Items::new();
        while let Some(item) = pages.next().await {
            let item = json(AttributeValue::M(item.unwrap()));
            items.insert((text(&item, "pk"), text(&item, "sk")), item);
        }
        items
    }

    /// Some items of a partition, all of one moment; none where the table does not answer.
    pub(super) async fn snapshot(&self, pk: &str, sks: &[String]) -> Option<BTreeMap<String, Value>> {
        let get = |sk: &String| {
            let key =
                [("pk", pk), ("sk", sk)].map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
            let get = Get::builder().table_name(&self.name).set_key(Some(HashMap::from(key)));
            TransactGetItem::builder().get(get.build().unwrap()).build()
        };
        let gets = sks.iter().map(get).collect();
        let answer = self.client.transact_get_items().set_transact_items(Some(gets)).send().await.ok()?;
        let items = answer.responses.unwrap_or_default().into_iter().filter_map(|response| response.item);
        Some(items.map(|item| json(AttributeValue::M(item))).map(|item| (text(&item, "sk"), item)).collect())
    }
}

fn json(value: AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::String(text),
        AttributeValue::N(number) => serde_json::from_str(&number).unwrap(),
        AttributeValue::Bool(is) => Value::Bool(is),
        AttributeValue::L(list) => Value::Array(list.into_iter().map(json).collect()),
        AttributeValue::M(map) => {
            Value::Object(map.into_iter().map(|(name, value)| (name, json(value))).collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}

/// A string member.
pub(super) fn text(item: &Value, name: &str) -> String {
    item[name].as_str().unwrap_or_else(|| panic!("no text {name}: {item}")).to_owned()
}

/// A number; zero where there is none.
pub(super) fn number(item: &Value, name: &str) -> i64 {
    item[name].as_i64().unwrap_or_default()
}
