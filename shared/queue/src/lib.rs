//! SQS: sends to a queue that keeps order and to one that does not, and hides what is tried later. Links its SDK alone.

use aws_config::SdkConfig;
use aws_sdk_sqs::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    types::ChangeMessageVisibilityBatchRequestEntry,
};

/// The most messages that one call may name (SQS).
pub const BATCH: usize = 10;
/// The longest a message is hidden from its receipt on, in seconds (SQS: 12 h).
pub const HIDDEN_MOST_SECONDS: u32 = 43_200;
/// The longest a message to a standard queue waits before it is first seen, in seconds (SQS).
pub const DELAY_MOST_SECONDS: u32 = 900;

/// Why a call did not succeed; names AWS's code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SQS: {0}")]
pub struct QueueError(String);

impl QueueError {
    fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        match error.code() {
            Some(code) => Self(code.to_owned()),
            None => Self(DisplayErrorContext(error).to_string().chars().take(200).collect()),
        }
    }
}

/// A queue whose name ends in `.fifo`: order within a group, one of the same id in five minutes.
#[derive(Clone, Debug)]
pub struct OrderedQueue(Queue);

/// A queue of either kind, through one client that is built once.
#[derive(Clone, Debug)]
pub struct Queue {
    client: Client,
    url: String,
}

impl OrderedQueue {
    /// The queue at this URL.
    #[must_use]
    pub fn new(config: &SdkConfig, url: impl Into<String>) -> Self {
        Self(Queue::new(config, url))
    }

    /// Sends one message. A second one with the same `id` within five minutes is accepted and dropped.
    ///
    /// One at a time on purpose: in a batch an earlier message of a group may fail alone, and a later one pass it.
    ///
    /// # Errors
    /// Where SQS does not take it, or its answer is lost: sending it again is right.
    pub async fn send(&self, group: &str, id: &str, body: &str) -> Result<(), QueueError> {
        let send = self.0.client.send_message().queue_url(&self.0.url).message_body(body);
        let sent = send.message_group_id(group).message_deduplication_id(id).send().await;
        sent.map(|_| ()).map_err(|error| QueueError::of(&error))
    }

    /// The queue, for what both kinds can do.
    #[must_use]
    pub fn queue(&self) -> &Queue {
        &self.0
    }
}

impl Queue {
    /// The queue at this URL.
    #[must_use]
    pub fn new(config: &SdkConfig, url: impl Into<String>) -> Self {
        Self { client: Client::new(config), url: url.into() }
    }

    /// Sends one message that is first seen after `delay_seconds`, at most [`DELAY_MOST_SECONDS`].
    ///
    /// # Errors
    /// Where SQS does not take it, or its answer is lost: it may be there once or twice then.
    pub async fn send(&self, body: &str, delay_seconds: u32) -> Result<(), QueueError> {
        let delay = i32::try_from(delay_seconds.min(DELAY_MOST_SECONDS)).unwrap_or_default();
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(delay).send().await;
        sent.map(|_| ()).map_err(|error| QueueError::of(&error))
    }

    /// Hides received messages from now on for so long, at most [`HIDDEN_MOST_SECONDS`]; at most [`BATCH`] of them.
    ///
    /// # Errors
    /// Where SQS does not do it for all of them: the others are seen again when the queue's own time is over.
    pub async fn hide(&self, receipts: &[&str], seconds: u32) -> Result<(), QueueError> {
        let seconds = i32::try_from(seconds.min(HIDDEN_MOST_SECONDS)).unwrap_or_default();
        let entry = |(index, receipt): (usize, &&str)| {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(index.to_string());
            entry.receipt_handle(*receipt).visibility_timeout(seconds).build()
        };
        let entries: Result<Vec<_>, _> = receipts.iter().enumerate().map(entry).collect();
        let entries = entries.map_err(|error| QueueError(error.to_string()))?;
        let change = self.client.change_message_visibility_batch().queue_url(&self.url).set_entries(Some(entries));
        let changed = change.send().await.map_err(|error| QueueError::of(&error))?;
        match changed.failed.first() {
            None => Ok(()),
            Some(failed) => Err(QueueError(failed.code.clone())),
        }
    }
}
