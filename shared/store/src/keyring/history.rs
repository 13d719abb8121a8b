//! What a client sees of its key: versions, uses, what happened; and the log of a bot.

use std::fmt::Display;

use countersign_core::{
    BotId, KeyEventId, KeyUseId,
    keyring::{ClientPermit, KeyEvent, KeyUse, KeyVersion},
};
use serde::de::DeserializeOwned;

use crate::{
    Page, Store, StoreError,
    items::read,
    keys::{Key, keyring as of},
    lists::{read_cursor, write_cursor},
};

impl Store {
    /// Every version of a client's key, newest first.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn key_versions(&self, permit: &ClientPermit) -> Result<Vec<KeyVersion>, StoreError> {
        let found = self.all(&of::partition(permit.client_id()), of::VERSION_PREFIX).await?;
        found.into_iter().rev().map(|item| read(item, "key_version")).collect()
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
