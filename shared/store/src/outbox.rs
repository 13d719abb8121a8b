//! The outbox of a chat: written with the decision, claimed before the call, closed with what it belongs to.

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use countersign_core::{
    ChatId, Moment, OutId, limits,
    messaging::{Found, Made, Origin, OutEnd, OutMessage, OutRecord, OutState, TaskStatus},
};

use crate::{
    Guard, Store, StoreError,
    items::{item, read},
    keys,
    outgoing_due::mark_pending,
    table::Item,
    transaction::{Transaction, Values, number, text},
};

/// A courier holds the message.
const OURS: &str = "out_state = :sending AND claimed_by = :claim";

impl Transaction<'_> {
    /// Adds a message to Telegram: it is sent if and only if this transaction commits.
    pub(crate) fn tell(self, message: &OutMessage) -> Result<Self, StoreError> {
        let key = keys::out(message.chat_id, message.id);
        let mut record = item(&key, "out", OutRecord::queued(message.clone()))?;
        mark_pending(&mut record, message.created_at);
        Ok(self.put(Guard::Out, record, Some("attribute_not_exists(pk)"), vec![]))
    }
}

impl Store {
    /// Reads a message of a chat's outbox.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn out(&self, chat: ChatId, id: OutId) -> Result<Option<OutRecord>, StoreError> {
        self.get(&keys::out(chat, id)).await?.map(|item| read(item, "out")).transpose()
    }

    /// Writes a message that belongs to no other record.
    ///
    /// # Errors
    /// [`Guard::Out`] where the id is taken.
    pub async fn commit_tell(&self, message: &OutMessage) -> Result<(), StoreError> {
        Transaction::new(self).tell(message)?.commit().await
    }

    /// Claims a message before its call. `claim` names this receipt of the queue's message, and no other one.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn claim_out(&self, chat: ChatId, id: OutId, claim: &str) -> Result<Found, StoreError> {
        self.claim_where(chat, id, claim, "out_state = :queued", (":queued", text("queued")), 0).await
    }

    /// Claims a message that an earlier courier left behind, which counts as a try and leaves it in doubt.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn take_over_out(&self, left: &OutRecord, claim: &str) -> Result<Found, StoreError> {
        let before = (":before", text(left.claim.clone().unwrap_or_default()));
        let condition = "out_state = :sending AND claimed_by = :before";
        self.claim_where(left.message.chat_id, left.message.id, claim, condition, before, 1).await
    }

    /// Gives a claimed message back: nothing was sent, or the record says that it is in doubt. `failed` counts the try.
    ///
    /// # Errors
    /// [`Guard::Out`] where it is not this courier's any more.
    pub async fn release_out(&self, record: &OutRecord, failed: bool) -> Result<(), StoreError> {
        let key = keys::out(record.message.chat_id, record.message.id);
        let mut values = ours(record);
        values.push((":queued", text("queued")));
        values.push((":tries", number(record.tries.saturating_add(u32::from(failed)))));
        values.push((":doubt", AttributeValue::Bool(record.in_doubt)));
        let update = "SET out_state = :queued, tries = :tries, in_doubt = :doubt REMOVE claimed_by";
        Transaction::new(self).update(Guard::Out, &key, update, OURS, values).commit().await
    }

    /// Closes a claimed message and, in the same transaction, what it belongs to. A task that has ended already, or a
    /// copy that is not there, keeps nobody from closing the message.
    ///
    /// # Errors
    /// [`Guard::Out`] where it is not this courier's any more.
    pub async fn commit_out(&self, record: &OutRecord, end: &OutEnd, at: Moment) -> Result<(), StoreError> {
        let closing = Transaction::new(self).close_out(record, end, at)?;
        let committed = match record.message.origin {
            Origin::Bot => return closing.commit().await,
            Origin::Task { service_id, task_id } => {
                let (status, result) = match end {
                    OutEnd::Sent { result } => (TaskStatus::Done, Some(result)),
                    OutEnd::Failed { .. } | OutEnd::Unknown => (TaskStatus::Failed, None),
                };
                closing.finish_task(service_id, task_id, status, result, end.reason(), at)?.commit().await
            }
            Origin::Copy { approval_id } => closing.end_copy(approval_id, &record.message, end, at).commit().await,
        };
        match committed {
            Err(error) if error.failed(Guard::Task) || error.failed(Guard::Copy) => {
                Transaction::new(self).close_out(record, end, at)?.commit().await
            }
            other => other,
        }
    }

    /// One conditional update that answers the record as it is afterwards, or as it was where the condition failed.
    async fn claim_where(
        &self,
        chat: ChatId,
        id: OutId,
        claim: &str,
        condition: &str,
        value: (&str, AttributeValue),
        tries: u32,
    ) -> Result<Found, StoreError> {
        let key = keys::out(chat, id);
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression(match tries {
                0 => "SET out_state = :sending, claimed_by = :claim ADD tries :tries",
                _ => "SET out_state = :sending, claimed_by = :claim, in_doubt = :doubt ADD tries :tries",
            })
            .set_expression_attribute_values(
                (tries > 0).then(|| [(":doubt".to_owned(), AttributeValue::Bool(true))].into()),
            )
            .condition_expression(condition)
            .expression_attribute_values(":sending", text("sending"))
            .expression_attribute_values(":claim", text(claim))
            .expression_attribute_values(":tries", number(tries))
            .expression_attribute_values(value.0, value.1)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(found(record(answer.attributes)?, claim)),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(found(record(failed.item.clone())?, claim))
                }
                _ => Err(StoreError::from_sdk(&error)),
            },
        }
    }
}

fn record(item: Option<Item>) -> Result<Option<OutRecord>, StoreError> {
    item.filter(|item| !item.is_empty()).map(|item| read(item, "out")).transpose()
}

/// What the record says after the update, or instead of it. The SDK's own second try fails on what its first one wrote: a
/// claim that bears our receipt is ours either way.
fn found(record: Option<OutRecord>, claim: &str) -> Found {
    match record {
        Some(record) if record.state == OutState::Sending => {
            let is_ours = record.claim.as_deref() == Some(claim);
            let record = Box::new(record);
            if is_ours { Found::Claimed(record) } else { Found::Left(record) }
        }
        _ => Found::Over,
    }
}

fn ours(record: &OutRecord) -> Values {
    vec![(":sending", text("sending")), (":claim", text(record.claim.clone().unwrap_or_default()))]
}

impl Transaction<'_> {
    pub(crate) fn close_out(self, record: &OutRecord, end: &OutEnd, at: Moment) -> Result<Self, StoreError> {
        let key = keys::out(record.message.chat_id, record.message.id);
        let mut values = ours(record);
        let mut update = String::from("SET out_state = :ended, finished_at = :at, expires_at = :until");
        values.push((
            ":ended",
            text(match end.state() {
                OutState::Sent => "sent",
                OutState::Unknown => "unknown",
                _ => "failed",
            }),
        ));
        values.push((":at", number(at.millis())));
        // The copy of a question is edited when it closes, which may be long after.
        let kept = match record.message.origin {
            Origin::Copy { .. } => limits::APPROVAL_KEPT_SECONDS,
            Origin::Bot | Origin::Task { .. } => limits::TASK_KEPT_SECONDS,
        };
        values.push((":until", number(at.plus_seconds(kept).seconds())));
        if let Some(message_id) = end.message_id() {
            update.push_str(", message_id = :message_id");
            values.push((":message_id", number(message_id)));
        }
        if let Some(reason) = end.reason() {
            update.push_str(", out_reason = :reason");
            values.push((":reason", text(reason)));
        }
        update.push_str(" REMOVE pending_pk, pending_at");
        let closing = self.update(Guard::Out, &key, &update, OURS, values);
        match end.message_id().zip(Made::by(&record.message)) {
            Some((message_id, made)) => closing.made(record.message.chat_id, message_id, made, at),
            None => Ok(closing),
        }
    }
}
