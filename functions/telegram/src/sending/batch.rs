//! A batch of the queue: chats side by side, the messages of a chat one after another.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use countersign_core::messaging::OutRef;
use countersign_store::StoreError;
use futures_util::future::join_all;

use super::{Courier, attempt};

/// How long a message waits whose turn cannot be taken now, in seconds.
const LATER_SECONDS: u32 = 2;
/// How often that doubles while the table does not answer: up to two minutes. The queue gives a message up after 100 receipts.
const DOUBLED_MOST: u32 = 6;

/// Sends what a batch holds. What has to come again is named in the answer, and hidden until then: with it all that
/// follows in the same chat, so that the order stays, and nothing in any other chat.
pub async fn handle(courier: &Courier, batch: SqsEvent) -> SqsBatchResponse {
    let chats = by_chat(batch.records);
    let left = join_all(chats.iter().map(|messages| run_chat(courier, messages))).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = left.into_iter().flatten().map(failure).collect();
    response
}

/// The messages by chat, in their order.
fn by_chat(messages: Vec<SqsMessage>) -> Vec<Vec<SqsMessage>> {
    let mut chats: Vec<(String, Vec<SqsMessage>)> = Vec::new();
    for message in messages {
        let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
        match chats.iter_mut().find(|(chat, _)| *chat == group) {
            Some((_, messages)) => messages.push(message),
            None => chats.push((group, vec![message])),
        }
    }
    chats.into_iter().map(|(_, messages)| messages).collect()
}

/// Sends a chat's messages until one has to wait; the ids of those that come again.
async fn run_chat(courier: &Courier, messages: &[SqsMessage]) -> Vec<String> {
    for (index, message) in messages.iter().enumerate() {
        if let Some(seconds) = run_message(courier, message).await {
            let rest = messages.get(index..).unwrap_or_default();
            let receipts: Vec<&str> = rest.iter().filter_map(|message| message.receipt_handle.as_deref()).collect();
            if let Err(error) = courier.queue.hide(&receipts, seconds).await {
                // They come again when the queue's own time is over.
                tracing::warn!(%error, seconds, "the queue did not hide what waits");
            }
            return rest.iter().filter_map(|message| message.message_id.clone()).collect();
        }
    }
    Vec::new()
}

/// Sends one message; after how many seconds it has to come again, where it has.
async fn run_message(courier: &Courier, message: &SqsMessage) -> Option<u32> {
    let Some(out) = message.body.as_deref().and_then(OutRef::parse) else {
        tracing::error!(message_id = message.message_id, "a message of the queue is not of our form");
        return Some(LATER_SECONDS);
    };
    match attempt::run(courier, out, &receipt(message)).await {
        Ok(after) => after,
        Err(error) => {
            tracing::warn!(%error, chat_id = out.chat_id.get(), out_id = out.out_id.get(), "a message's turn was not taken");
            Some(later(&error, receipts(message)))
        }
    }
}

/// An outage is waited out, ever longer. What cannot be read is left to the dead letters soon: its chat waits behind it.
fn later(error: &StoreError, receipts: u32) -> u32 {
    match error {
        StoreError::Unreadable(_) => LATER_SECONDS,
        _ => LATER_SECONDS << receipts.saturating_sub(1).min(DOUBLED_MOST),
    }
}

/// How often the queue has handed the message out.
fn receipts(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// Names this receipt of the message: a redelivery has another one.
fn receipt(message: &SqsMessage) -> String {
    let count = message.attributes.get("ApproximateReceiveCount").map_or("", String::as_str);
    format!("{}.{count}", message.message_id.as_deref().unwrap_or_default())
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str, group: &str) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.message_id = Some(id.to_owned());
        message.attributes.insert("MessageGroupId".to_owned(), group.to_owned());
        message
    }

    #[test]
    fn chats_keep_their_order() {
        let messages = vec![message("1", "a"), message("2", "b"), message("3", "a")];
        let ids: Vec<Vec<_>> = by_chat(messages)
            .into_iter()
            .map(|chat| chat.into_iter().filter_map(|message| message.message_id).collect())
            .collect();
        assert_eq!(ids, [vec!["1", "3"], vec!["2"]]);
    }

    #[test]
    fn an_outage_is_waited_out_and_poison_is_not() {
        let outage = StoreError::Unavailable("ServiceUnavailable".into());
        let waits: Vec<_> = [1, 2, 3, 7, 8, 100].map(|receipts| later(&outage, receipts)).into();
        assert_eq!(waits, [2, 4, 8, 128, 128, 128]);
        let hours = (1..=100).map(|receipts| later(&outage, receipts)).sum::<u32>() / 3600;
        assert_eq!(hours, 3, "how long the table may be away before a message is given up");
        assert_eq!(later(&StoreError::Unreadable("out".into()), 100), 2);
    }

    #[test]
    fn a_redelivery_is_another_receipt() {
        let mut first = message("1", "a");
        first.attributes.insert("ApproximateReceiveCount".to_owned(), "1".to_owned());
        let mut second = first.clone();
        second.attributes.insert("ApproximateReceiveCount".to_owned(), "2".to_owned());
        assert_ne!(receipt(&first), receipt(&second));
    }
}
