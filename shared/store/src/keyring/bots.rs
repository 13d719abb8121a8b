//! Bots: made, changed, heard of, listed.

use countersign_core::{
    BotId, ClientId,
    keyring::{Bot, ClientKey, ClientPermit, EveryClientPermit, Heartbeat},
};

use super::{entering::own, facts::Owner, items::KeyringAlong};
use crate::{
    Page, Store, StoreError,
    items::{read, readable},
    keys::{Key, SK, keyring as of},
    lists::{read_cursor, write_cursor},
    transaction::Transaction,
};

/// How many keys one `BatchGetItem` takes.
const BATCH: usize = 100;

/// The bots of a client as far as their records can be read.
#[derive(Clone, Debug, Default)]
pub struct FoundBots {
    /// Those that can, oldest first.
    pub bots: Vec<Bot>,
    /// Those that cannot: of them only the id is known.
    pub unreadable: Vec<BotId>,
}

impl Store {
    /// Writes a new bot of a client that has a key.
    ///
    /// # Errors
    /// [`Guard::ClientKey`](crate::Guard::ClientKey) where the key changed since it was read, [`Guard::Bot`](crate::Guard::Bot)
    /// where the id is taken, [`Guard::Idempotency`](crate::Guard::Idempotency).
    pub async fn commit_new_bot(
        &self,
        permit: &ClientPermit,
        key: &ClientKey,
        (bot, heartbeat): (&Bot, &Heartbeat),
        along: KeyringAlong<'_>,
    ) -> Result<(), StoreError> {
        own(permit, bot.client_id)?;
        Transaction::new(self).while_key(key).new_bot(bot, heartbeat)?.along(along)?.commit().await
    }

    /// Writes a changed bot over the version before, while its client's key is the one that was read, and what is known of its
    /// heartbeats where that changes.
    ///
    /// # Errors
    /// [`Guard::Bot`](crate::Guard::Bot) and [`Guard::Heartbeat`](crate::Guard::Heartbeat) where they changed since they were
    /// read, [`Guard::ClientKey`](crate::Guard::ClientKey), [`Guard::Idempotency`](crate::Guard::Idempotency).
    pub async fn commit_bot(
        &self,
        permit: &ClientPermit,
        key: Option<&ClientKey>,
        bot: &Bot,
        heartbeat: Option<&Heartbeat>,
        along: KeyringAlong<'_>,
    ) -> Result<(), StoreError> {
        own(permit, bot.client_id)?;
        let mut transaction = Transaction::new(self);
        if let Some(key) = key {
            transaction = transaction.while_key(key);
        }
        transaction = transaction.put_bot(bot)?;
        if let Some(heartbeat) = heartbeat {
            transaction = transaction.put_heartbeat(heartbeat)?;
        }
        transaction.along(along)?.commit().await
    }

    /// Writes what the monitor found of a bot, or what its runner's heartbeat changed.
    ///
    /// # Errors
    /// As [`Store::commit_bot`].
    pub async fn commit_heard(
        &self,
        bot: Option<&Bot>,
        heartbeat: Option<&Heartbeat>,
        along: KeyringAlong<'_>,
    ) -> Result<(), StoreError> {
        let mut transaction = Transaction::new(self);
        if let Some(bot) = bot {
            transaction = transaction.put_bot(bot)?;
        }
        if let Some(heartbeat) = heartbeat {
            transaction = transaction.put_heartbeat(heartbeat)?;
        }
        transaction.along(along)?.commit().await
    }

    /// Every bot of a client, oldest first.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn bots_of(&self, client: ClientId) -> Result<Vec<Bot>, StoreError> {
        let found = self.all(&of::partition(client), of::BOT_PREFIX).await?;
        found.into_iter().map(|item| read(item, "bot")).collect()
    }

    /// Every bot of a client, where one that cannot be read must not stop what is done with the others.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn found_bots_of(&self, client: ClientId) -> Result<FoundBots, StoreError> {
        let mut found = FoundBots::default();
        for item in self.all(&of::partition(client), of::BOT_PREFIX).await? {
            let id = Key::of(&item).and_then(|key| of::bot_of(&key.sk));
            match readable(item, "bot") {
                Some(bot) => found.bots.push(bot),
                None => found.unreadable.extend(id),
            }
        }
        Ok(found)
    }

    /// What is known of the heartbeats of a client's bots, by their ids.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn heartbeats_of(&self, client: ClientId) -> Result<Vec<Heartbeat>, StoreError> {
        let found = self.all(&of::partition(client), of::HEARTBEAT_PREFIX).await?;
        found.into_iter().map(|item| read(item, "heartbeat")).collect()
    }

    /// The bots of all clients, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn bots(
        &self,
        _permit: &EveryClientPermit,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<Bot>, StoreError> {
        let start = cursor.map(read_cursor).transpose()?.map(of::bot_entry);
        let (found, more) = self.newest(of::BOTS, of::BOT_PREFIX, limit, start).await?;
        let mut wanted = Vec::with_capacity(found.len());
        for item in found {
            let sk = item.get(SK).and_then(|sk| sk.as_s().ok()).cloned().unwrap_or_default();
            let id: Option<BotId> =
                sk.strip_prefix(of::BOT_PREFIX).and_then(|id| id.trim_start_matches('0').parse().ok());
            let owner: Owner = read(item, "bot_entry")?;
            wanted.extend(id.map(|id| (owner.client_id, id)));
        }
        let next_cursor = wanted.last().filter(|_| more).map(|(_, id)| write_cursor(id));
        let mut bots: Vec<Bot> = Vec::with_capacity(wanted.len());
        for part in wanted.chunks(BATCH) {
            let keys: Vec<Key> = part.iter().map(|(client, id)| of::bot(*client, *id)).collect();
            for item in self.get_batch(&keys).await? {
                bots.push(read(item, "bot")?);
            }
        }
        bots.sort_by_key(|bot| std::cmp::Reverse(bot.id));
        Ok(Page { items: bots, next_cursor })
    }
}
