//! What the table says of a signature, and how a test makes it older than it is.

use std::collections::HashMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use countersign_core::limits;
use serde_json::{Map, Value};

use super::{Bench, hash_hex};

impl Bench {
    fn dynamodb(&self) -> Client {
        Client::new(&self.world.system.sdk_config())
    }

    fn table(&self) -> &str {
        &self.world.system.demo().table_name
    }

    fn partition(&self) -> AttributeValue {
        AttributeValue::S(format!("SUBJECT#t:{}", self.person.telegram_id))
    }

    /// The person's items whose sort key begins so, in the order of their keys.
    pub(super) async fn items(&self, prefix: &str) -> Vec<Value> {
        let query = self.dynamodb().query().table_name(self.table()).consistent_read(true);
        let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :prefix)");
        let query = query.expression_attribute_values(":pk", self.partition());
        let query = query.expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
        query.send().await.unwrap().items().iter().map(json_of).collect()
    }

    /// The intent for a transaction; null where there is none.
    pub(super) async fn intent(&self, xdr: &str) -> Value {
        let found = self.items(&intent_key(xdr)).await;
        found.into_iter().next().unwrap_or_default()
    }

    /// The events of the signatures that were asked for outside for a transaction, oldest first; each was written as
    /// pending. One that was handed out again has an event too, which is none of these.
    pub(super) async fn events(&self, xdr: &str) -> Vec<Value> {
        let signatures = self.items("SIGNATURE#").await;
        let asked_outside = |item: &Value| item["hash"] == hash_hex(xdr) && item["outcome"] != "repeated";
        signatures.into_iter().filter(asked_outside).collect()
    }

    /// How these events were closed, oldest first; an event without a second record is `open`.
    pub(super) async fn outcomes(&self, xdr: &str) -> Vec<String> {
        let all = self.items("SIGNATURE#").await;
        let mut outcomes = Vec::new();
        for event in self.events(xdr).await {
            assert_eq!(event["outcome"], "pending", "an event is never edited: {event}");
            let key = format!("{}#OUTCOME", event["sk"].as_str().unwrap());
            let closed = all.iter().find(|item| item["sk"] == key.as_str());
            outcomes.push(closed.map_or("open", |closed| closed["outcome"].as_str().unwrap()).to_owned());
        }
        outcomes
    }

    /// Writes numbers over an item's.
    pub(super) async fn rewrite(&self, sk: &str, numbers: &[(&str, i64)]) {
        let mut update = self.dynamodb().update_item().table_name(self.table()).key("pk", self.partition());
        update = update.key("sk", AttributeValue::S(sk.to_owned()));
        let mut words = Vec::new();
        for (index, (name, number)) in numbers.iter().enumerate() {
            words.push(format!("{name} = :v{index}"));
            update = update.expression_attribute_values(format!(":v{index}"), AttributeValue::N(number.to_string()));
        }
        let update = update.update_expression(format!("SET {}", words.join(", ")));
        update.condition_expression("attribute_exists(pk)").send().await.unwrap();
    }

    /// As if the last change of the intent, and the request that made it, were past their lease.
    pub(super) async fn past_lease(&self, xdr: &str) {
        let changed = self.intent(xdr).await["changed_at"].as_i64().unwrap();
        let then = changed - (limits::INTENT_LEASE_SECONDS + 1) * 1000;
        self.rewrite(&intent_key(xdr), &[("changed_at", then), ("pending_at", then)]).await;
        for record in self.items("IDEMPOTENCY#").await {
            self.rewrite(record["sk"].as_str().unwrap(), &[("written_at", then)]).await;
        }
    }

    /// As if the body were older than Turnkey takes.
    pub(super) async fn past_freshness(&self, xdr: &str) {
        let made = self.intent(xdr).await["made_at"].as_i64().unwrap();
        let then = made - (limits::TURNKEY_FRESH_SECONDS + 1) * 1000;
        self.rewrite(&intent_key(xdr), &[("made_at", then), ("changed_at", then), ("pending_at", then)]).await;
    }

    /// As if the body had been handed out longer ago than it may be stamped.
    pub(super) async fn past_stamping(&self, xdr: &str) {
        let made = self.intent(xdr).await["made_at"].as_i64().unwrap();
        let then = made - (limits::STAMP_REQUEST_SECONDS + 1) * 1000;
        self.rewrite(&intent_key(xdr), &[("made_at", then)]).await;
    }

    /// The index of open intents still shows this one, as it may for a moment after it was closed.
    pub(super) async fn still_indexed(&self, xdr: &str) {
        let partition = AttributeValue::S("INTENTS".to_owned());
        let update = self.dynamodb().update_item().table_name(self.table()).key("pk", self.partition());
        let update = update.key("sk", AttributeValue::S(intent_key(xdr)));
        let update = update.update_expression("SET pending_pk = :pk, pending_at = :at");
        let update = update.expression_attribute_values(":pk", partition);
        update.expression_attribute_values(":at", AttributeValue::N("1".to_owned())).send().await.unwrap();
    }
}

pub(super) fn intent_key(xdr: &str) -> String {
    format!("INTENT#{}", hash_hex(xdr))
}

fn json_of(item: &HashMap<String, AttributeValue>) -> Value {
    let members: Map<String, Value> = item.iter().map(|(name, value)| (name.clone(), json_value(value))).collect();
    Value::Object(members)
}

fn json_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => text.clone().into(),
        AttributeValue::N(number) => number.parse::<i64>().map_or(Value::Null, Value::from),
        AttributeValue::Bool(flag) => (*flag).into(),
        AttributeValue::L(list) => list.iter().map(json_value).collect(),
        AttributeValue::M(map) => json_of(map),
        _ => Value::Null,
    }
}
