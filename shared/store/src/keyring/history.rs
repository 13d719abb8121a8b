//! What a client sees, a page at a time: versions and uses of its key, what happened, its bots, and the log of a bot.

use std::fmt::Display;

use countersign_core::{
    BotId, KeyEventId, KeyUseId,
    keyring::{Bot, ClientPermit, KeyEvent, KeyUse, KeyVersion},
};
use serde::de::DeserializeOwned;

use crate::{
    Page, Store, StoreError,
    items::read,
    keys::{Key, keyring as of},
    lists::{read_cursor, write_cursor},
};

impl Store {
    /// Versions of a client's key, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn key_versions(
        &self,
        permit: &ClientPermit,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<KeyVersion>, StoreError> {
        let start = cursor.map(read_cursor::<u32>).transpose()?.map(|version| of::version(permit.client_id(), version));
        let version = |version: &KeyVersion| version.facts.version;
        self.page(permit, of::VERSION_PREFIX, "key_version", (limit, start), version).await
    }

    /// A client's bots, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn page_of_bots(
        &self,
        permit: &ClientPermit,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<Bot>, StoreError> {
        let start = cursor.map(read_cursor::<BotId>).transpose()?.map(|id| of::bot(permit.client_id(), id));
        self.page(permit, of::BOT_PREFIX, "bot", (limit, start), |bot: &Bot| bot.id).await
    }

    /// Uses of a client's key, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn key_uses(
        &self,
        permit: &ClientPermit,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<KeyUse>, StoreError> {
        let start = cursor.map(read_cursor::<KeyUseId>).transpose()?.map(|id| of::key_use(permit.client_id(), id));
        self.page(permit, of::USE_PREFIX, "key_use", (limit, start), |used: &KeyUse| used.id).await
    }

    /// What happened to a client's key and to its bots, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn key_events(
        &self,
        permit: &ClientPermit,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<KeyEvent>, StoreError> {
        let start = cursor.map(read_cursor::<KeyEventId>).transpose()?.map(|id| of::event(permit.client_id(), id));
        self.page(permit, of::EVENT_PREFIX, "key_event", (limit, start), |event: &KeyEvent| event.id).await
    }

    /// The log of a bot, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn bot_log(
        &self,
        permit: &ClientPermit,
        bot: BotId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<KeyEvent>, StoreError> {
        let start = cursor.map(read_cursor::<KeyEventId>).transpose()?;
        let start = start.map(|id| of::bot_log(permit.client_id(), bot, id));
        self.page(permit, &of::bot_log_prefix(bot), "key_event", (limit, start), |event: &KeyEvent| event.id).await
    }

    async fn page<T: DeserializeOwned, I: Display>(
        &self,
        permit: &ClientPermit,
        prefix: &str,
        kind: &str,
        (limit, start): (u32, Option<Key>),
        id: impl Fn(&T) -> I,
    ) -> Result<Page<T>, StoreError> {
        let (found, more) = self.newest(&of::partition(permit.client_id()), prefix, limit, start).await?;
        let items: Vec<T> = found.into_iter().map(|item| read(item, kind)).collect::<Result<_, _>>()?;
        let next_cursor = items.last().filter(|_| more).map(|last| write_cursor(id(last)));
        Ok(Page { items, next_cursor })
    }
}
