//! What is due of keys and bots, as the index has it; and lines of it that are put off or taken out.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{BotId, ClientId, Moment};

use super::items::client_and_rest;
use crate::{
    Guard, Store, StoreError,
    keys::{Key, PENDING_AT, keyring as of},
    table::Item,
    transaction::{Transaction, number},
};

/// Something of the keyring that is due, as the index says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueKeyring {
    /// A client's key: a warning, its end, or bots that have not stopped in time.
    Key(ClientId),
    /// A bot whose stop is not acknowledged.
    Stop(ClientId, BotId),
    /// A bot whose heartbeat is late.
    Heartbeat(ClientId, BotId),
}

impl DueKeyring {
    fn of(key: &Key) -> Option<Self> {
        let (client, sk) = client_and_rest(key)?;
        let id = |text: &str| text.trim_start_matches('0').parse().ok();
        if sk == "KEY" {
            return Some(Self::Key(client));
        }
        if let Some(bot) = sk.strip_prefix(of::HEARTBEAT_PREFIX) {
            return Some(Self::Heartbeat(client, id(bot)?));
        }
        Some(Self::Stop(client, id(sk.strip_prefix(of::BOT_PREFIX)?)?))
    }
}

/// A line of the index.
#[derive(Clone, Debug)]
pub struct DueLine {
    /// What is due; none where its key is of a form that this version does not know.
    pub what: Option<DueKeyring>,
    key: Key,
    at: AttributeValue,
}

impl DueLine {
    fn of(item: &Item) -> Option<Self> {
        let key = Key::of(item)?;
        Some(Self { what: DueKeyring::of(&key), at: item.get(PENDING_AT)?.clone(), key })
    }
}

/// Where a page of the index has ended.
#[derive(Clone, Debug)]
pub struct DueFrom(Item);

/// A page of the index.
#[derive(Clone, Debug)]
pub struct DuePage {
    /// Its lines, those first that have waited longest.
    pub lines: Vec<DueLine>,
    /// Where the next one begins; none: there is none.
    pub next: Option<DueFrom>,
}

impl Store {
    /// What of the keyring has been due since this moment or before, at most `most` of it, from where a page before has ended.
    /// The index is eventually consistent: the records themselves decide.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn due_keyring(&self, now: Moment, most: i32, from: Option<DueFrom>) -> Result<DuePage, StoreError> {
        let (found, next) = self.due_from(of::PENDING_KEYRING, now, most, from.map(|from| from.0)).await?;
        Ok(DuePage { lines: found.iter().filter_map(DueLine::of).collect(), next: next.map(DueFrom) })
    }

    /// Moves a line of the index to another moment, or takes it out, where it still is as it was seen; nothing else of the record
    /// changes, so that nobody's change of it is lost.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn move_due(&self, line: &DueLine, to: Option<Moment>) -> Result<(), StoreError> {
        let mut values = vec![(":seen", line.at.clone())];
        let update = match to {
            Some(to) => {
                values.push((":to", number(to.millis())));
                "SET pending_at = :to"
            }
            None => "REMOVE pending_pk, pending_at",
        };
        let moved = Transaction::new(self).update(Guard::Due, &line.key, update, "pending_at = :seen", values);
        match moved.commit().await {
            Ok(()) | Err(StoreError::Condition(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
