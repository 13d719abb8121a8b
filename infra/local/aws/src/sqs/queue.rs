//! A queue's record, and how a request names it.

use rusqlite::{OptionalExtension as _, Row, params};

use super::{
    OnlyQueue, Place,
    errors::{missing, no_such_queue},
    settings::{self, Settings},
};
use crate::{
    database::Turn,
    error::AwsError,
    names::{ACCOUNT, arn},
    wire::parse,
};

/// One queue.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    pub(super) name: String,
    /// What was set; the rest is at its default.
    pub(super) settings: Settings,
    /// Milliseconds since the epoch, as all moments here.
    pub(super) created: i64,
    pub(super) modified: i64,
}

/// The queue that a request is about: by `QueueUrl`, or the URL it was posted to.
///
/// # Errors
/// `QueueDoesNotExist`, or a missing parameter.
pub(super) fn of_request(turn: &Turn<'_>, place: &Place<'_>, body: &[u8]) -> Result<Queue, AwsError> {
    let input: OnlyQueue = parse(body)?;
    let url = input.queue_url.unwrap_or_else(|| place.path.to_owned());
    let mut parts = url.trim_end_matches('/').rsplit('/');
    let (name, account) = (parts.next().unwrap_or_default(), parts.next());
    if name.is_empty() {
        return Err(missing("QueueUrl"));
    }
    if account.is_some_and(|account| account != ACCOUNT) {
        return Err(no_such_queue());
    }
    Queue::named(turn, name)?.ok_or_else(no_such_queue)
}

impl Queue {
    /// The queue of this name, if there is one.
    pub(super) fn named(turn: &Turn<'_>, name: &str) -> Result<Option<Self>, AwsError> {
        let mut query = turn.tx.prepare_cached("SELECT * FROM sqs_queue WHERE name = ?1")?;
        Ok(query.query_row([name], Self::read).optional()?)
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let settings: String = row.get("attributes")?;
        Ok(Self {
            name: row.get("name")?,
            settings: serde_json::from_str(&settings).map_err(|_| rusqlite::Error::InvalidQuery)?,
            created: row.get("created")?,
            modified: row.get("modified")?,
        })
    }

    /// Writes the record, new or changed.
    pub(super) fn save(&self, turn: &Turn<'_>) -> Result<(), AwsError> {
        let settings = serde_json::to_string(&self.settings).map_err(|_| AwsError::internal())?;
        turn.tx.execute(
            "INSERT INTO sqs_queue (name, attributes, created, modified) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET attributes = ?2, modified = ?4",
            params![self.name, settings, self.created, self.modified],
        )?;
        Ok(())
    }

    /// Whether it keeps the order.
    pub(super) fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }

    /// Its full name.
    pub(super) fn arn(&self) -> String {
        arn("sqs", &self.name)
    }

    /// The URL clients use for it.
    pub(super) fn url(&self, place: &Place<'_>) -> String {
        format!("{}/{ACCOUNT}/{}", place.endpoint, self.name)
    }

    /// An attribute as it holds now.
    pub(super) fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map(String::as_str).or_else(|| settings::default(name)).unwrap_or_default()
    }

    /// A numeric attribute as it holds now.
    pub(super) fn number(&self, name: &str) -> i64 {
        self.setting(name).parse().unwrap_or_default()
    }

    /// Forgets messages older than the queue keeps them.
    pub(super) fn drop_expired(&self, turn: &Turn<'_>) -> Result<(), AwsError> {
        let oldest = turn.now - self.number("MessageRetentionPeriod") * 1_000;
        let mut statement = turn.tx.prepare_cached("DELETE FROM sqs_message WHERE queue = ?1 AND sent <= ?2")?;
        statement.execute(params![self.name, oldest])?;
        Ok(())
    }
}
