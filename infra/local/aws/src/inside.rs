//! What AWS's own machinery does beside its clients: reading a table's stream, and calling SQS for event source mappings.
//! It is no client: it is not recorded, and no fault strikes it.

use std::sync::Arc;

use dynoxide::{
    Database,
    actions::{
        get_records::{GetRecordsRequest, GetRecordsResponse},
        get_shard_iterator::encode_shard_iterator,
    },
    streams::shard_id,
};
use serde_json::Value;
use tokio::sync::watch;

use crate::{
    names,
    router::Services,
    sqs::{self, Place},
};

/// How many records are read at once.
const RECORDS: usize = 100;

/// A call that was refused: the service's code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

/// The inside of a running AWS; clones share it.
#[derive(Clone)]
pub struct Inside(pub(crate) Arc<Services>);

impl Inside {
    /// Calls SQS.
    ///
    /// # Errors
    /// Where the operation is refused.
    pub async fn sqs(&self, operation: &str, input: &Value) -> Result<Value, Refused> {
        let place = Place { endpoint: &self.0.endpoint, path: "/" };
        let called = sqs::call(&self.0.store, &self.0.bell, &place, operation, input.to_string().as_bytes()).await;
        called.map_err(|error| Refused(error.code.to_owned()))
    }

    /// The full name of a queue of this account.
    #[must_use]
    pub fn queue_arn(&self, name: &str) -> String {
        names::arn("sqs", name)
    }

    /// The stream of a table, from its oldest record on.
    #[must_use]
    pub fn stream(&self, table: &str) -> TableStream {
        let (database, written) = self.0.dynamodb.inside();
        TableStream { database, written, iterator: encode_shard_iterator(table, &shard_id(table), -1) }
    }
}

/// A reader of a table's stream. It waits for writes instead of asking again and again.
pub struct TableStream {
    database: Database,
    written: watch::Receiver<u64>,
    iterator: String,
}

impl TableStream {
    /// The next records, as Lambda hands them to a function; waits until there are some. None once AWS has stopped.
    pub async fn next(&mut self) -> Option<Vec<Value>> {
        loop {
            // Marked as seen before the look: a write that comes meanwhile wakes the wait below.
            self.written.borrow_and_update();
            match self.read().await {
                Some(records) if !records.is_empty() => return Some(records),
                _ => self.written.changed().await.ok()?,
            }
        }
    }

    /// On a blocking thread, because it waits for requests that hold the database.
    async fn read(&mut self) -> Option<Vec<Value>> {
        let (database, shard_iterator) = (self.database.clone(), self.iterator.clone());
        let request = GetRecordsRequest { shard_iterator, limit: Some(RECORDS) };
        let answer: GetRecordsResponse =
            tokio::task::spawn_blocking(move || database.get_records(request)).await.ok()?.ok()?;
        self.iterator = answer.next_shard_iterator?;
        answer.records.iter().map(|record| serde_json::to_value(record).ok()).collect()
    }
}
