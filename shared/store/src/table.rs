//! Single calls: get, put, query, and the table itself.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, Get, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    KeysAndAttributes, Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification, TransactGetItem,
};
use backon::{BackoffBuilder as _, ExponentialBuilder, Retryable, Sleeper as _, TokioSleeper};

use crate::{
    Store, StoreError,
    keys::{EXPIRES_AT, Key, PENDING_AT, PENDING_INDEX, PENDING_PK, PK, SK},
};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// How often a partly answered batch or a conflicting transaction is tried again.
pub(crate) const RETRIES: usize = 6;

/// Short and jittered: a conflict is over within a transaction's time.
pub(crate) fn backoff() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(10))
        .with_max_delay(Duration::from_millis(400))
        .with_max_times(RETRIES)
        .with_jitter()
}

impl Store {
    pub(crate) async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        Ok(answer.item)
    }

    /// Reads up to 100 items in one strongly consistent call; asks again, after a pause, only for what DynamoDB left.
    pub(crate) async fn get_batch(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        let mut left: Vec<Item> = keys.iter().map(Key::attributes).collect();
        let mut pauses = backoff().build();
        loop {
            left = self.get_part(left, &mut found).await?;
            if left.is_empty() {
                return Ok(found);
            }
            let pause = pauses.next().ok_or_else(|| StoreError::Unavailable("keys stay unprocessed".into()))?;
            TokioSleeper.sleep(pause).await;
        }
    }

    /// One call; answers the keys that were left.
    async fn get_part(&self, keys: Vec<Item>, found: &mut Vec<Item>) -> Result<Vec<Item>, StoreError> {
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().map_err(built)?;
        let send = self.client.batch_get_item().request_items(&self.table, wanted).send();
        let mut answer = send.await.map_err(|error| StoreError::from_sdk(&error))?;
        found.extend(answer.responses.take().and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default());
        let left = answer.unprocessed_keys.take().and_then(|mut tables| tables.remove(&self.table));
        Ok(left.map(|rest| rest.keys).unwrap_or_default())
    }

    /// Reads up to 100 items as they were at one moment, between any two transactions; those that are not there are left out.
    pub(crate) async fn get_snapshot(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let gets: Vec<TransactGetItem> = keys.iter().map(|key| self.snapshot_get(key)).collect::<Result<_, _>>()?;
        let attempt = || async {
            self.client.transact_get_items().set_transact_items(Some(gets.clone())).send().await.map_err(|error| {
                match error.as_service_error() {
                    Some(TransactGetItemsError::TransactionCanceledException(_)) => StoreError::Conflict,
                    _ => StoreError::from_sdk(&error),
                }
            })
        };
        let answer = attempt.retry(backoff()).when(|error| matches!(error, StoreError::Conflict)).await?;
        Ok(answer.responses.unwrap_or_default().into_iter().filter_map(|response| response.item).collect())
    }

    fn snapshot_get(&self, key: &Key) -> Result<TransactGetItem, StoreError> {
        let get = Get::builder().table_name(&self.table).set_key(Some(key.attributes())).build().map_err(built)?;
        Ok(TransactGetItem::builder().get(get).build())
    }

    /// Writes an item that must not be there yet; false where it is.
    pub(crate) async fn put_new(&self, item: Item) -> Result<bool, StoreError> {
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(error)
                if error.as_service_error().is_some_and(|cause| cause.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(error) => Err(StoreError::from_sdk(&error)),
        }
    }

    /// One read that finds nothing: opens the connection and loads credentials before the first request.
    ///
    /// # Errors
    /// Where the table cannot be reached.
    pub async fn warm(&self) -> Result<(), StoreError> {
        self.get(&Key { pk: "WARM".into(), sk: "WARM".into() }).await.map(|_| ())
    }

    /// Makes the table as template.yaml describes it, where it is not there: for the local system and tests.
    ///
    /// # Errors
    /// Where DynamoDB refuses.
    pub async fn ensure_table(&self) -> Result<(), StoreError> {
        if self.client.describe_table().table_name(&self.table).send().await.is_ok() {
            return Ok(());
        }
        self.create_table().await?;
        let described = || async {
            self.client
                .describe_table()
                .table_name(&self.table)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk(&error))
        };
        described.retry(backoff()).await?;
        let ttl = TimeToLiveSpecification::builder().attribute_name(EXPIRES_AT).enabled(true).build().map_err(built)?;
        let update = self.client.update_time_to_live().table_name(&self.table).time_to_live_specification(ttl);
        update.send().await.map_err(|error| StoreError::from_sdk(&error))?;
        Ok(())
    }

    async fn create_table(&self) -> Result<(), StoreError> {
        let attribute = |name: &str, form| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(form).build().map_err(built)
        };
        let key =
            |name: &str, form| KeySchemaElement::builder().attribute_name(name).key_type(form).build().map_err(built);
        let index = GlobalSecondaryIndex::builder()
            .index_name(PENDING_INDEX)
            .key_schema(key(PENDING_PK, KeyType::Hash)?)
            .key_schema(key(PENDING_AT, KeyType::Range)?)
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .map_err(built)?;
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
            .map_err(built)?;
        self.client
            .create_table()
            .table_name(&self.table)
            .attribute_definitions(attribute(PK, ScalarAttributeType::S)?)
            .attribute_definitions(attribute(SK, ScalarAttributeType::S)?)
            .attribute_definitions(attribute(PENDING_PK, ScalarAttributeType::S)?)
            .attribute_definitions(attribute(PENDING_AT, ScalarAttributeType::N)?)
            .key_schema(key(PK, KeyType::Hash)?)
            .key_schema(key(SK, KeyType::Range)?)
            .global_secondary_indexes(index)
            .billing_mode(BillingMode::PayPerRequest)
            .stream_specification(stream)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        Ok(())
    }
}

fn built(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
