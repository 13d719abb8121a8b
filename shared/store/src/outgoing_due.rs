//! What was decided to be told or delivered and has no end in time: found by the sparse index, and left alone once queued again.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use countersign_core::{Moment, limits};

use crate::{
    Outgoing, Store, StoreError,
    keys::{Key, PENDING_AT, PENDING_OUTGOING, PENDING_PK},
    table::Item,
    transaction::{number, text},
};

/// Puts an item into the index, overdue when the time for it is over, counted from `from`. Whatever ends it takes it out.
pub(crate) fn mark_pending(item: &mut Item, from: Moment) {
    item.insert(PENDING_PK.into(), text(PENDING_OUTGOING));
    item.insert(PENDING_AT.into(), number(from.plus_seconds(limits::OUTGOING_OVERDUE_SECONDS).millis()));
}

impl Store {
    /// Messages and deliveries that are overdue at this moment, those first that have waited longest, at most `most`. The
    /// index is eventually consistent: some may have ended a moment ago.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn due_outgoing(&self, now: Moment, most: i32) -> Result<Vec<Outgoing>, StoreError> {
        let mut items = self.due(PENDING_OUTGOING, now, most).await?;
        // Those of one moment come in no order, and ids of a chat are counted up.
        items.sort_by_cached_key(|item| (pending_at(item), Key::of(item).map(|key| key.sk)));
        Ok(items.iter().filter_map(Key::of).filter_map(|key| Outgoing::of_key(&key.pk, &key.sk)).collect())
    }

    /// Leaves what was queued again alone for [`limits::OUTGOING_AGAIN_SECONDS`]. What has ended meanwhile stays as it is.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn postpone_outgoing(&self, outgoing: Outgoing, now: Moment) -> Result<(), StoreError> {
        let next = now.plus_seconds(limits::OUTGOING_AGAIN_SECONDS);
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(outgoing.key().attributes()))
            .update_expression("SET pending_at = :next")
            .condition_expression("pending_pk = :pk AND pending_at <= :now")
            .expression_attribute_values(":pk", text(PENDING_OUTGOING))
            .expression_attribute_values(":now", number(now.millis()))
            .expression_attribute_values(":next", number(next.millis()))
            .send()
            .await;
        match sent {
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            other => other.map(|_| ()).map_err(|error| StoreError::from_sdk(&error)),
        }
    }
}

fn pending_at(item: &Item) -> i64 {
    let at = item.get(PENDING_AT).and_then(|value| value.as_n().ok());
    at.and_then(|at| at.parse().ok()).unwrap_or_default()
}
