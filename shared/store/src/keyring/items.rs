//! The form of a client's items, and what is written along with every change of them.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use countersign_core::{
    Moment, Sealed,
    keyring::{Bot, ClientKey, Heartbeat, KeyEvent, StagedKey},
    limits,
    messaging::OutMessage,
};

use crate::{
    Guard, KeptAnswer, StoreError,
    items::{item, item_until},
    keys::{Key, PENDING_AT, PENDING_PK, keyring as of},
    table::Item,
    transaction::{Transaction, number, text},
};

/// Attribute of the sealed bytes.
const SEALED: &str = "sealed";
pub(super) const NEW: Option<&str> = Some("attribute_not_exists(pk)");

/// What is committed together with a change: what happened, who is told, the answer that is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyringAlong<'a> {
    /// What happened.
    pub events: &'a [KeyEvent],
    /// Who is told in Telegram.
    pub messages: &'a [OutMessage],
    /// The answer that is kept for the request's idempotency key.
    pub kept: Option<&'a KeptAnswer<'a>>,
    /// The one-time form that is used up, by the hash of its code.
    pub form: Option<&'a str>,
}

impl Transaction<'_> {
    /// Adds what is committed together with a change.
    pub(super) fn along(self, along: KeyringAlong<'_>) -> Result<Self, StoreError> {
        let mut transaction = self;
        for event in along.events {
            transaction = transaction.happened(event)?;
        }
        for message in along.messages {
            transaction = transaction.tell(message)?;
        }
        if let Some(name) = along.form {
            transaction = transaction.use_form(name);
        }
        transaction.keep(along.kept)
    }

    /// What happened stands in the client's list, and in the bot's own where it is about one.
    pub(super) fn happened(self, event: &KeyEvent) -> Result<Self, StoreError> {
        let until = event.happened_at.plus_seconds(limits::KEY_USES_KEPT_SECONDS);
        let (client, id) = (event.client_id, event.id);
        let mut transaction =
            self.put(Guard::KeyEvent, item_until(&of::event(client, id), "key_event", event, until)?, NEW, vec![]);
        if let Some(bot) = event.bot_id {
            let line = item_until(&of::bot_log(client, bot, id), "key_event", event, until)?;
            transaction = transaction.put(Guard::KeyEvent, line, NEW, vec![]);
        }
        Ok(transaction)
    }

    /// Writes a bot over the version below its own; version 1 must be the first.
    pub(super) fn put_bot(self, bot: &Bot) -> Result<Self, StoreError> {
        let (condition, values) = match bot.version {
            0 | 1 => ("attribute_not_exists(pk)", vec![]),
            version => ("version = :before", vec![(":before", number(version - 1))]),
        };
        Ok(self.put(Guard::Bot, bot_item(bot)?, Some(condition), values))
    }

    /// Writes what is known of a bot's heartbeats over the version below.
    pub(super) fn put_heartbeat(self, heartbeat: &Heartbeat) -> Result<Self, StoreError> {
        let (condition, values) = match heartbeat.version {
            0 | 1 => ("attribute_not_exists(pk)", vec![]),
            version => ("version = :before", vec![(":before", number(version - 1))]),
        };
        Ok(self.put(Guard::Heartbeat, heartbeat_item(heartbeat)?, Some(condition), values))
    }
}

/// A client's key with its sealed bytes; without, where it is revoked.
pub(super) fn key_item(key: &ClientKey, sealed: Option<&Sealed>) -> Result<Item, StoreError> {
    let record = with_sealed(item(&of::key(key.client_id), "client_key", key)?, sealed);
    Ok(due(record, key.due_at()))
}

/// A staged key.
pub(super) fn stage_item(
    client: countersign_core::ClientId,
    staged: &StagedKey,
    sealed: &Sealed,
) -> Result<Item, StoreError> {
    Ok(with_sealed(item(&of::staged(client), "staged_key", staged)?, Some(sealed)))
}

fn bot_item(bot: &Bot) -> Result<Item, StoreError> {
    Ok(due(item(&of::bot(bot.client_id, bot.id), "bot", bot)?, bot.due_at()))
}

fn heartbeat_item(heartbeat: &Heartbeat) -> Result<Item, StoreError> {
    let key = of::heartbeat(heartbeat.client_id, heartbeat.bot_id);
    Ok(due(item(&key, "heartbeat", heartbeat)?, heartbeat.due_at()))
}

/// Stands in the index at the moment when something is due; not at all where nothing is.
fn due(mut record: Item, at: Option<Moment>) -> Item {
    if let Some(at) = at {
        record.insert(PENDING_PK.into(), text(of::PENDING_KEYRING));
        record.insert(PENDING_AT.into(), number(at.millis()));
    }
    record
}

fn with_sealed(mut record: Item, sealed: Option<&Sealed>) -> Item {
    if let Some(sealed) = sealed {
        record.insert(SEALED.into(), AttributeValue::B(Blob::new(sealed.as_bytes())));
    }
    record
}

/// Takes the sealed bytes out of an item.
pub(super) fn take_sealed(record: &mut Item) -> Option<Sealed> {
    match record.remove(SEALED) {
        Some(AttributeValue::B(bytes)) => Some(Sealed::new(bytes.into_inner())),
        _ => None,
    }
}

/// The kinds that stand in the index.
pub(super) fn client_and_rest(key: &Key) -> Option<(countersign_core::ClientId, &str)> {
    Some((of::client_of(&key.pk)?, key.sk.as_str()))
}
