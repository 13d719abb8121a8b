//! What a client sees, a page at a time: versions and uses of its key, what happened, its bots, and the log of a bot.

use std::fmt::Display;

use countersign_core::{
    BotId, ClientId, KeyEventId, KeyUseId,
    keyring::{Bot, ClientPermit, KeyEvent, KeyUse, KeyVersion},
};
use serde::de::DeserializeOwned;

use super::entering::own;
use crate::{
    Page, Store, StoreError,
    items::read,
    keys::{Key, PK, SK, keyring as of},
    lists::{read_cursor, write_cursor},
    transaction::text,
};

/// How many of a client's events one page of a bot's log looks at, to find those of its key between those of its other bots.
const LOOKED_AT: i32 = 1000;

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

    /// The log of a bot, newest first: its own lines, and since it was made those of its client's key, which concern all bots.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn bot_log(
        &self,
        permit: &ClientPermit,
        bot: &Bot,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<KeyEvent>, StoreError> {
        let client = own(permit, bot.client_id)?;
        let before = cursor.map(read_cursor::<KeyEventId>).transpose()?;
        let start = before.map(|id| of::bot_log(client, bot.id, id));
        let prefix = of::bot_log_prefix(bot.id);
        let (found, more) = self.newest(&of::partition(client), &prefix, limit, start).await?;
        let mut lines: Vec<KeyEvent> =
            found.into_iter().map(|item| read(item, "key_event")).collect::<Result<_, _>>()?;
        // What lies further back than the bot's last line of this page belongs to the next one.
        let last = lines.last().filter(|_| more).map(|last| last.id);
        let floor = last.unwrap_or_else(|| KeyEventId::fresh(bot.created_at, 0));
        let (of_key, reached) = self.lines_of_key(client, floor, before).await?;
        lines.extend(of_key);
        Ok(page_of_log(lines, limit, more, reached))
    }

    /// What happened to a client's key from this event on, newest first, before another; and which event was looked at last,
    /// where that was not all.
    async fn lines_of_key(
        &self,
        client: ClientId,
        floor: KeyEventId,
        before: Option<KeyEventId>,
    ) -> Result<(Vec<KeyEvent>, Option<KeyEventId>), StoreError> {
        let last = before.map_or_else(|| format!("{}~", of::EVENT_PREFIX), |id| of::event(client, id).sk);
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND {SK} BETWEEN :first AND :last"))
            .filter_expression("attribute_not_exists(bot_id)")
            .expression_attribute_values(":pk", text(of::partition(client)))
            .expression_attribute_values(":first", text(of::event(client, floor).sk))
            .expression_attribute_values(":last", text(last))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(LOOKED_AT)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let reached = answer.last_evaluated_key.as_ref().and_then(Key::of).and_then(|key| of::event_of(&key.sk));
        let found = answer.items.unwrap_or_default().into_iter().map(|item| read(item, "key_event"));
        let mut found: Vec<KeyEvent> = found.collect::<Result<_, _>>()?;
        found.retain(|event| before.is_none_or(|before| event.id < before));
        Ok((found, reached))
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

/// The newest lines of both, in order. `more`: there are more of the bot's own; `reached`: the key's were looked at as far as this
/// one alone, so that whatever is older waits for the next page.
fn page_of_log(mut lines: Vec<KeyEvent>, limit: u32, more: bool, reached: Option<KeyEventId>) -> Page<KeyEvent> {
    lines.retain(|event| reached.is_none_or(|reached| event.id >= reached));
    lines.sort_by_key(|event| std::cmp::Reverse(event.id));
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_cut = lines.len() > most;
    lines.truncate(most);
    let last = lines.last().map(|event| event.id);
    let next = if is_cut { last } else { reached.or(last.filter(|_| more)) };
    Page { items: lines, next_cursor: next.map(write_cursor) }
}

#[cfg(test)]
mod tests {
    use countersign_core::{Moment, keyring::KeyHappening};

    use super::*;

    fn lines(ids: &[u64]) -> Vec<KeyEvent> {
        let line = |id: &u64| KeyEvent {
            id: KeyEventId::new(*id).unwrap(),
            client_id: ClientId::new(1).unwrap(),
            bot_id: None,
            what: KeyHappening::Revoked,
            by: "u:1".into(),
            happened_at: Moment::from_seconds(0),
            key_version: None,
            detail: None,
        };
        ids.iter().map(line).collect()
    }

    #[test]
    fn a_page_of_both_is_in_order_and_the_next_one_begins_where_it_ends() {
        let page = |ids: &[u64], limit, more, reached: Option<u64>| {
            let page = page_of_log(lines(ids), limit, more, reached.and_then(KeyEventId::new));
            let next = page.next_cursor.map(|cursor| read_cursor::<KeyEventId>(&cursor).unwrap().get());
            (page.items.iter().map(|event| event.id.get()).collect::<Vec<_>>(), next)
        };
        assert_eq!(page(&[9, 5, 7, 6], 3, false, None), (vec![9, 7, 6], Some(6)));
        assert_eq!(page(&[9, 5, 7], 3, false, None), (vec![9, 7, 5], None));
        assert_eq!(page(&[9, 5, 7], 3, true, None), (vec![9, 7, 5], Some(5)));
        assert_eq!(
            page(&[9, 5, 7, 6], 9, true, Some(6)),
            (vec![9, 7, 6], Some(6)),
            "what is older comes with the next"
        );
        assert_eq!(page(&[5], 9, false, Some(6)), (vec![], Some(6)));
        assert_eq!(page(&[], 9, false, None), (vec![], None));
    }
}
