//! Bots: made, changed, heard of, listed.

use countersign_core::{
    BotId, ClientId, Moment,
    keyring::{Bot, ClientKey, ClientPermit, EveryClientPermit, Heartbeat},
};

use super::{
    entering::own,
    facts::Owner,
    items::{KeyringAlong, client_and_rest},
};
use crate::{
    Page, Store, StoreError,
    items::read,
    keys::{Key, SK, keyring as of},
    lists::{read_cursor, write_cursor},
    transaction::Transaction,
};

/// How many keys one `BatchGetItem` takes.
const BATCH: usize = 100;

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

    /// What of the keyring has been due since this moment or before, at most `most`. The index is eventually consistent: the
    /// records themselves decide.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn due_keyring(&self, now: Moment, most: i32) -> Result<Vec<DueKeyring>, StoreError> {
        let found = self.due(of::PENDING_KEYRING, now, most).await?;
        Ok(found.iter().filter_map(|item| DueKeyring::of(&Key::of(item)?)).collect())
    }
}
