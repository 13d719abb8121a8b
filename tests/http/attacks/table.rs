//! The table as whoever holds its keys sees it: everything in it, and items changed by hand.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
    primitives::Blob,
    types::AttributeValue,
};

use crate::world::World;

/// How long the courier may take for that.
const SAID: Duration = Duration::from_secs(3);

/// An item as it is stored.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Every item, as text, by its key.
pub(crate) type Dump = BTreeMap<(String, String), String>;

/// The table, past the code that guards it.
pub(crate) struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(crate) fn of(world: &World) -> Self {
        let name = world.system.demo().table_name.clone();
        Self { client: Client::new(&world.system.sdk_config()), name }
    }

    /// At this endpoint, for a system in a process of its own.
    pub(crate) fn at(endpoint_url: &str, name: &str) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "tests");
        let config = Config::builder().behavior_version(BehaviorVersion::latest()).endpoint_url(endpoint_url);
        let config = config.region(Region::new("us-east-1")).credentials_provider(credentials).build();
        Self { client: Client::from_conf(config), name: name.to_owned() }
    }

    /// Every item, as text, by its key; but not when a service last called, which every call of one may write. It waits for what
    /// the courier is about to say.
    pub(crate) async fn dump(&self) -> Dump {
        let mut items = self.items().await;
        let (begun, outgoing) = (Instant::now(), AttributeValue::S("OUTGOING".into()));
        while items.iter().any(|item| item.get("pending_pk").is_some_and(|list| list == &outgoing))
            && begun.elapsed() < SAID
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
            items = self.items().await;
        }
        let mut dump = BTreeMap::new();
        for mut item in items {
            item.remove("last_used_at");
            dump.insert((text(&item, "pk"), text(&item, "sk")), shown(&AttributeValue::M(item)));
        }
        dump
    }

    /// Every item.
    pub(crate) async fn items(&self) -> Vec<Item> {
        let mut pages = self.client.scan().table_name(&self.name).consistent_read(true).into_paginator().items().send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.unwrap());
        }
        items
    }

    /// The items of a person whose sort key begins like this.
    pub(crate) async fn of_person(&self, telegram_id: u64, prefix: &str) -> Vec<Item> {
        let query = self.client.query().table_name(&self.name).consistent_read(true);
        let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)");
        let pk = AttributeValue::S(partition(telegram_id));
        let query = query.expression_attribute_values(":pk", pk);
        let answer = query.expression_attribute_values(":prefix", AttributeValue::S(prefix.into())).send().await;
        answer.unwrap().items.unwrap()
    }

    /// How many signatures of a person are recorded.
    pub(crate) async fn signatures(&self, telegram_id: u64) -> usize {
        self.of_person(telegram_id, "SIGNATURE#").await.len()
    }

    /// A person's one slot of this kind.
    pub(crate) async fn slot(&self, telegram_id: u64, kind: &str) -> Item {
        let slots = self.of_person(telegram_id, &format!("SLOT#{kind}")).await;
        let [slot] = slots.as_slice() else { panic!("{} slots", slots.len()) };
        slot.clone()
    }

    pub(crate) async fn put(&self, item: Item) {
        self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await.unwrap();
    }

    pub(crate) async fn drop_table(&self) {
        self.client.delete_table().table_name(&self.name).send().await.unwrap();
    }
}

/// An attribute in one spelling.
fn shown(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(map) => {
            let sorted: BTreeMap<&String, String> = map.iter().map(|(name, value)| (name, shown(value))).collect();
            format!("{sorted:?}")
        }
        AttributeValue::L(list) => format!("{:?}", list.iter().map(shown).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

/// Fails with the items that differ.
#[track_caller]
pub(crate) fn unchanged(before: &Dump, after: &Dump) {
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    // TTL may take a claim away that was there before.
    let swept = |key: &(String, String)| key.0.starts_with("REPLAY#") && !after.contains_key(key);
    let changed = keys.into_iter().filter(|key| before.get(*key) != after.get(*key) && !swept(key));
    let changed: Vec<_> = changed.map(|key| (key, before.get(key), after.get(key))).collect();
    assert!(changed.is_empty(), "something was left behind: {changed:#?}");
}

/// The partition of a person who is bound to Telegram.
pub(crate) fn partition(telegram_id: u64) -> String {
    format!("SUBJECT#t:{telegram_id}")
}

/// A text attribute.
pub(crate) fn text(item: &Item, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}

/// The sealed bytes of a slot.
pub(crate) fn sealed(slot: &Item) -> Vec<u8> {
    slot["sealed"].as_b().unwrap().as_ref().to_vec()
}

/// The slot with other sealed bytes.
pub(crate) fn with_sealed(slot: &Item, bytes: Vec<u8>) -> Item {
    let mut slot = slot.clone();
    slot.insert("sealed".into(), AttributeValue::B(Blob::new(bytes)));
    slot
}
