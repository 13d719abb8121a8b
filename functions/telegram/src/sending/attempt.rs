//! One message's turn: claim, call, commit. A call that may have been made is never made again by guesswork.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use countersign_core::{
    ChatId,
    approval::Mint,
    limits,
    messaging::{Found, MessageRef, Origin, OutEnd, OutRecord, OutRef, out},
};
use countersign_edge::clock;
use countersign_store::{Guard, StoreError};
use countersign_telegram::SendFailure;
use serde_json::json;

use super::Courier;

/// How often the end of a message is written again where the table does not answer: Telegram has its message already.
const COMMIT_TRIES: usize = 5;
/// How often a claim is tried again where the table does not answer: it may be written, and nothing was sent in its name.
const CLAIM_TRIES: usize = 2;
/// What is said of a message whose courier never comes back.
const NEVER_BACK: &str = "It was tried too often, and each time nobody came back to say how it ended";
/// What is said of a message that is about one which was never sent.
const NOTHING_TO_CHANGE: &str = "The message it is about was not sent";
/// What is said of a service's task about a message that is not its own.
const NOT_ITS_OWN: &str = "The message is a question of the bot's, its own, or another service's";

/// Takes a message's turn; after how many seconds it has to come again, where it has.
pub(super) async fn run(courier: &Courier, out: OutRef, receipt: &str) -> Result<Option<u32>, StoreError> {
    let claim = || courier.store.claim_out(out.chat_id, out.out_id, receipt);
    let passing = |error: &StoreError| matches!(error, StoreError::Unavailable(_));
    match claim.retry(pauses().with_max_times(CLAIM_TRIES)).when(passing).await? {
        Found::Over => Ok(None),
        Found::Claimed(record) => send(courier, &record).await,
        // Whoever claimed it did not come back. What may be done twice is done again; a message may be there already.
        Found::Left(record) if record.may_repeat() => {
            match courier.store.take_over_out(&record, receipt).await? {
                // Its chat waits behind it.
                Found::Claimed(record) if out::pause_seconds(record.tries).is_none() => {
                    end(courier, &record, &OutEnd::Failed { reason: NEVER_BACK.to_owned() }).await
                }
                Found::Claimed(record) => send(courier, &record).await,
                Found::Left(_) | Found::Over => Ok(None),
            }
        }
        Found::Left(record) => end(courier, &record, &OutEnd::Unknown).await,
    }
}

/// Makes the call of a claimed message and writes down what came of it.
async fn send(courier: &Courier, record: &OutRecord) -> Result<Option<u32>, StoreError> {
    let message = &record.message;
    if let Some(message_id) = record.message_id.filter(|_| record.in_doubt) {
        // Its answer was lost, but somebody has pressed its button since.
        return end(courier, record, &OutEnd::Sent { result: json!({ "message_id": message_id }) }).await;
    }
    let about = match about(courier, record).await {
        Ok(About::Nothing) => None,
        Ok(About::Message(number)) => Some(number),
        Ok(About::Wrong(reason)) => return end(courier, record, &OutEnd::Failed { reason: reason.to_owned() }).await,
        Err(error) => return back(courier, record, false, None).await.and(Err(error)),
    };
    match courier.telegram.send(message.chat_id, &message.call, about).await {
        Ok(result) => end(courier, record, &OutEnd::Sent { result }).await,
        Err(SendFailure::RetryAfter(seconds)) => {
            back(courier, record, false, Some(seconds.min(limits::RETRY_AFTER_MOST_SECONDS))).await
        }
        Err(SendFailure::Moved(to)) => moved(courier, record, to).await,
        Err(SendFailure::Gone(reason) | SendFailure::Refused(reason)) => {
            end(courier, record, &OutEnd::Failed { reason }).await
        }
        Err(SendFailure::Unknown(reason)) if !message.call.is_idempotent() => in_doubt(courier, record, &reason).await,
        Err(SendFailure::NotSent(reason) | SendFailure::Unknown(reason)) => again(courier, record, reason).await,
    }
}

/// What a call is about.
enum About {
    /// No message.
    Nothing,
    /// Telegram's number of a message.
    Message(i64),
    /// None that it can be about, for this reason.
    Wrong(&'static str),
}

/// The message that this one is about. By now everything that was said in this chat before it has its number: whose it is
/// can be told.
async fn about(courier: &Courier, record: &OutRecord) -> Result<About, StoreError> {
    let (chat, store) = (record.message.chat_id, &courier.store);
    match record.message.call.about() {
        None => Ok(About::Nothing),
        Some(MessageRef::Id(number)) if matches!(record.message.origin, Origin::Task { .. }) => {
            let made = store.made(chat, number).await?;
            let may = made.is_none_or(|made| made.may_be_changed_by(record.message.origin));
            Ok(if may { About::Message(number) } else { About::Wrong(NOT_ITS_OWN) })
        }
        Some(MessageRef::Id(number)) => Ok(About::Message(number)),
        Some(MessageRef::Sent(id)) => {
            let sent = store.out(chat, id).await?.and_then(|sent| sent.message_id);
            Ok(sent.map_or(About::Wrong(NOTHING_TO_CHANGE), About::Message))
        }
    }
}

/// Nothing was done: the next try, or the end after the last one. What is fleeting is tried once more.
async fn again(courier: &Courier, record: &OutRecord, reason: String) -> Result<Option<u32>, StoreError> {
    let pause = out::pause_seconds(record.tries.saturating_add(1));
    match pause.filter(|_| record.tries == 0 || !record.message.call.is_fleeting()) {
        Some(pause) => back(courier, record, true, Some(pause)).await,
        None => end(courier, record, &OutEnd::Failed { reason }).await,
    }
}

/// The group has become a supergroup. What is new is said there; what is about a message of the group has none to be about.
async fn moved(courier: &Courier, record: &OutRecord, to: ChatId) -> Result<Option<u32>, StoreError> {
    let failed = OutEnd::Failed { reason: format!("The group has become the supergroup {to}") };
    if record.message.call.about().is_some() || record.message.chat_id == to {
        return end(courier, record, &failed).await;
    }
    let mint = || Mint::new(clock::now(), clock::random);
    match courier.store.commit_moved(record, to, &failed, mint).await {
        Ok(true) => Ok(None),
        Ok(false) => end(courier, record, &failed).await,
        Err(error) if error.failed(Guard::Out) => Ok(None),
        Err(error) => back(courier, record, false, None).await.and(Err(error)),
    }
}

/// It may have been sent. A question is put once more, everything else has ended.
async fn in_doubt(courier: &Courier, record: &OutRecord, reason: &str) -> Result<Option<u32>, StoreError> {
    if !record.may_repeat() {
        return end(courier, record, &OutEnd::Unknown).await;
    }
    tracing::warn!(chat_id = record.message.chat_id.get(), reason, "a question may be there: it is put once more");
    let doubted = OutRecord { in_doubt: true, ..record.clone() };
    let pause = out::pause_seconds(record.tries.saturating_add(1)).unwrap_or(limits::OUT_BACKOFF_SECONDS);
    back(courier, &doubted, true, Some(pause)).await
}

/// Gives the message back, so that its next receipt does not take it for one that may have been sent.
async fn back(
    courier: &Courier,
    record: &OutRecord,
    failed: bool,
    after: Option<u32>,
) -> Result<Option<u32>, StoreError> {
    tracing::info!(
        chat_id = record.message.chat_id.get(),
        out_id = record.message.id.get(),
        tries = record.tries,
        after_seconds = after,
        "a message waits"
    );
    let release = || courier.store.release_out(record, failed);
    match release.retry(pauses()).when(|error| !error.failed(Guard::Out)).await {
        // Not ours any more: an earlier try was written, and its answer lost.
        Err(error) if !error.failed(Guard::Out) => Err(error),
        _ => Ok(after),
    }
}

/// Writes the end of a message, and of what it belongs to.
async fn end(courier: &Courier, record: &OutRecord, end: &OutEnd) -> Result<Option<u32>, StoreError> {
    if let Some(reason) = end.reason() {
        tracing::warn!(
            chat_id = record.message.chat_id.get(),
            out_id = record.message.id.get(),
            state = ?end.state(),
            reason,
            "a message to Telegram was not sent"
        );
    }
    let at = clock::now();
    let commit = || courier.store.commit_out(record, end, at);
    match commit.retry(pauses()).when(|error| !error.failed(Guard::Out)).await {
        // Another courier has closed it meanwhile.
        Err(error) if error.failed(Guard::Out) => Ok(None),
        Ok(()) => {
            asked_in_vain(courier, record, end).await;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A question that could not be put here may be one that nobody can be asked: that shows at once. Where this fails the
/// schedule finds the mark that the copy's end has left.
async fn asked_in_vain(courier: &Courier, record: &OutRecord, end: &OutEnd) {
    let (Origin::Copy { approval_id }, OutEnd::Failed { .. } | OutEnd::Unknown) = (record.message.origin, end) else {
        return;
    };
    let mint = || Mint::new(clock::now(), clock::random);
    if let Err(error) = courier.store.attend_approval(approval_id, mint).await {
        tracing::warn!(approval = %approval_id, %error, "a question that was not put is looked at later");
    }
}

fn pauses() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(1))
        .with_max_times(COMMIT_TRIES)
        .with_jitter()
}
