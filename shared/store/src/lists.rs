//! Lists, a page at a time, newest first.

use std::str::FromStr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{Moment, policy::Permit, signing::SessionRecord};

use crate::{
    Store, StoreError,
    items::read,
    keys::{self, Key, PENDING_AT, PENDING_INDEX, PENDING_PK, PK, SK},
    table::Item,
    transaction::{number, text},
};

/// One page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What to send for the next page; none at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of a list that is short enough to be read whole, oldest first, after the row that a cursor names. Ids rise.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub fn of(
        items: impl IntoIterator<Item = T>,
        id: impl Fn(&T) -> u64,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Self, StoreError> {
        let after = cursor.map(read_cursor::<u64>).transpose()?;
        let mut items: Vec<T> = items.into_iter().filter(|item| after.is_none_or(|after| id(item) > after)).collect();
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > most;
        items.truncate(most);
        let next_cursor = items.last().filter(|_| more).map(|last| write_cursor(id(last)));
        Ok(Self { items, next_cursor })
    }
}

impl Store {
    /// The sessions that a person ever had, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn session_records(
        &self,
        permit: &Permit,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<SessionRecord>, StoreError> {
        let subject = permit.subject();
        let start = cursor.map(read_cursor).transpose()?.map(|id| keys::session(subject, id));
        let (found, more) = self.newest(&keys::subject_partition(subject), keys::SESSION_PREFIX, limit, start).await?;
        let items: Vec<SessionRecord> =
            found.into_iter().map(|item| read(item, "session")).collect::<Result<_, _>>()?;
        let next_cursor = items.last().filter(|_| more).map(|last| write_cursor(last.id));
        Ok(Page { items, next_cursor })
    }

    /// The items of a partition whose sort keys lie between these, both counted: at most `limit`, where one is given.
    pub(crate) async fn between(
        &self,
        first: &Key,
        last: &Key,
        backwards: bool,
        limit: Option<u32>,
    ) -> Result<Vec<Item>, StoreError> {
        let (mut found, mut start) = (Vec::new(), None);
        if first.sk > last.sk {
            return Ok(found);
        }
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression(format!("{PK} = :pk AND {SK} BETWEEN :first AND :last"))
                .expression_attribute_values(":pk", text(&first.pk))
                .expression_attribute_values(":first", text(&first.sk))
                .expression_attribute_values(":last", text(&last.sk))
                .scan_index_forward(!backwards)
                .consistent_read(true)
                .set_limit(limit.map(|limit| left(limit, found.len())))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::from_sdk(&error))?;
            found.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            // A page ends at 1 MB as well.
            if start.is_none() || limit.is_some_and(|limit| left(limit, found.len()) == 0) {
                return Ok(found);
            }
        }
    }

    /// Every item of a partition whose sort key begins so, in order. Sort keys are ASCII below `~`.
    pub(crate) async fn all(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let key = |sk: String| Key { pk: pk.to_owned(), sk };
        self.between(&key(prefix.to_owned()), &key(format!("{prefix}~")), false, None).await
    }

    /// What has been due since this moment or before, of one list of the index, those first that have waited longest, at most
    /// `most`. The index is eventually consistent: the items themselves decide.
    pub(crate) async fn due(&self, list: &str, now: Moment, most: i32) -> Result<Vec<Item>, StoreError> {
        Ok(self.due_from(list, now, most, None).await?.0)
    }

    /// The same from where a page before has ended; and where this one has.
    pub(crate) async fn due_from(
        &self,
        list: &str,
        now: Moment,
        most: i32,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PENDING_INDEX)
            .key_condition_expression(format!("{PENDING_PK} = :pk AND {PENDING_AT} <= :now"))
            .expression_attribute_values(":pk", text(list))
            .expression_attribute_values(":now", number(now.millis()))
            .limit(most)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// The items of a partition whose sort key begins so, from the last backwards, and whether there are more. It looks one
    /// item further: a page that is full says nothing of that.
    pub(crate) async fn newest(
        &self,
        pk: &str,
        prefix: &str,
        limit: u32,
        start: Option<Key>,
    ) -> Result<(Vec<Item>, bool), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":prefix", text(prefix))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX).saturating_add(1))
            .set_exclusive_start_key(start.map(|key| key.attributes()))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let mut found = answer.items.unwrap_or_default();
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        // A page ends at 1 MB as well.
        let more = found.len() > most || answer.last_evaluated_key.is_some();
        found.truncate(most);
        Ok((found, more))
    }
}

/// A cursor is the last id of a page; the partition is the reader's own, so it opens nothing of another's.
pub(crate) fn write_cursor(id: impl ToString) -> String {
    URL_SAFE_NO_PAD.encode(id.to_string())
}

pub(crate) fn read_cursor<T: FromStr>(cursor: &str) -> Result<T, StoreError> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| StoreError::Cursor)?;
    std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok()).ok_or(StoreError::Cursor)
}

fn left(limit: u32, found: usize) -> i32 {
    i32::try_from(usize::try_from(limit).unwrap_or(usize::MAX).saturating_sub(found)).unwrap_or(i32::MAX)
}
