//! The outbox of a chat: a message from its decision to its end, and what a courier may do with one it finds.

use serde::{Deserialize, Serialize};

use super::BotCall;
use crate::{ApprovalId, ChatId, Moment, OutId, ServiceId, TaskId, limits};

/// A message to Telegram, written in the transaction that decides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutMessage {
    /// Its id, unique in its chat.
    pub id: OutId,
    /// The chat.
    pub chat_id: ChatId,
    /// What is to be done there.
    pub call: BotCall,
    /// Who is told how it ended.
    pub origin: Origin,
    /// When it was decided.
    pub created_at: Moment,
}

/// Which message of which outbox a message of the queue `telegram.fifo` is about. JSON is the message's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutRef {
    /// The chat.
    pub chat_id: ChatId,
    /// Which of its messages.
    pub out_id: OutId,
}

impl OutRef {
    /// The body of a message.
    #[must_use]
    pub fn to_json(self) -> String {
        serde_json::json!({ "chat_id": self.chat_id, "out_id": self.out_id }).to_string()
    }

    /// Reads [`OutRef::to_json`].
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok()
    }
}

/// Where a message comes from, and so what ends together with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The bot itself.
    Bot,
    /// A service's task.
    Task {
        /// Whose.
        service_id: ServiceId,
        /// Which.
        task_id: TaskId,
    },
    /// The copy of a question in this chat.
    Copy {
        /// Which question.
        approval_id: ApprovalId,
    },
}

/// How far a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutState {
    /// Not sent yet.
    #[default]
    Queued,
    /// A courier has claimed it; its call may have begun.
    Sending,
    /// Telegram has done it.
    Sent,
    /// It will not be sent.
    Failed,
    /// Telegram's answer was lost: it may have been sent.
    Unknown,
}

/// A message as it is stored. (Attributes are named around DynamoDB's reserved words.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutRecord {
    /// The message.
    #[serde(flatten)]
    pub message: OutMessage,
    /// How far it is.
    #[serde(rename = "out_state", default)]
    pub state: OutState,
    /// How often it was tried without being sent.
    #[serde(default)]
    pub tries: u32,
    /// Which receipt of the queue has claimed it.
    #[serde(rename = "claimed_by", default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// An earlier call of it may have been made: its answer was lost, or its courier never came back.
    #[serde(default)]
    pub in_doubt: bool,
    /// Telegram's number of the message that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<i64>,
    /// Why it failed.
    #[serde(rename = "out_reason", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Moment>,
}

impl OutRecord {
    /// A message that nobody has tried to send yet.
    #[must_use]
    pub fn queued(message: OutMessage) -> Self {
        Self {
            message,
            state: OutState::Queued,
            tries: 0,
            claim: None,
            in_doubt: false,
            message_id: None,
            reason: None,
            finished_at: None,
        }
    }

    /// Whether it is sent once more where its call may have been made. What can be done twice is done again. So is a question,
    /// once: one that is lost is worse than one that is there twice, of which either's answer counts.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        let is_question = matches!(self.message.origin, Origin::Copy { .. });
        self.message.call.is_idempotent() || (is_question && !self.in_doubt)
    }
}

/// What a courier that wants to claim a message finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is this courier's now.
    Claimed(Box<OutRecord>),
    /// An earlier courier claimed it and did not come back: its call may have been made.
    Left(Box<OutRecord>),
    /// It has ended, or was never there: nothing is to be done.
    Over,
}

/// How a message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutEnd {
    /// Telegram has done it and answered this.
    Sent {
        /// `result` of the Bot API.
        result: serde_json::Value,
    },
    /// It will not be sent.
    Failed {
        /// Why, for whoever asked.
        reason: String,
    },
    /// It may have been sent.
    Unknown,
}

/// What is said of a message whose answer was lost.
pub const ANSWER_LOST: &str = "Telegram's answer was lost; it may have been sent";

impl OutEnd {
    /// The state that it leaves.
    #[must_use]
    pub const fn state(&self) -> OutState {
        match self {
            Self::Sent { .. } => OutState::Sent,
            Self::Failed { .. } => OutState::Failed,
            Self::Unknown => OutState::Unknown,
        }
    }

    /// Why it was not sent.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Sent { .. } => None,
            Self::Failed { reason } => Some(reason),
            Self::Unknown => Some(ANSWER_LOST),
        }
    }

    /// The number of the message that was made.
    #[must_use]
    pub fn message_id(&self) -> Option<i64> {
        match self {
            Self::Sent { result } => result.get("message_id").and_then(serde_json::Value::as_i64),
            _ => None,
        }
    }
}

/// How long the next try waits, in seconds, after `tries` that failed; none once there were enough.
#[must_use]
pub fn pause_seconds(tries: u32) -> Option<u32> {
    if tries >= limits::OUT_TRIES {
        return None;
    }
    let doubled =
        limits::OUT_BACKOFF_SECONDS.saturating_mul(1_u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX));
    Some(doubled.min(limits::OUT_BACKOFF_MOST_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let pauses: Vec<_> = (1..=limits::OUT_TRIES).map(pause_seconds).collect();
        assert_eq!(pauses[..3], [Some(1), Some(2), Some(4)]);
        assert_eq!(pauses.last(), Some(&None));
        assert!(pauses.iter().flatten().all(|pause| *pause <= limits::OUT_BACKOFF_MOST_SECONDS));
    }

    #[test]
    fn a_question_is_put_twice_at_most_and_nothing_else_is() {
        let record = |origin| {
            let (id, chat_id) = (OutId::new(1).unwrap(), ChatId::new(7).unwrap());
            let created_at = Moment::from_seconds(0);
            OutRecord::queued(OutMessage { id, chat_id, call: BotCall::say("?"), origin, created_at })
        };
        let mut question = record(Origin::Copy { approval_id: ApprovalId::new(1).unwrap() });
        assert!(question.may_repeat() && !record(Origin::Bot).may_repeat());
        question.in_doubt = true;
        assert!(!question.may_repeat());
    }

    #[test]
    fn an_end_says_what_whoever_asked_is_told() {
        let sent = OutEnd::Sent { result: serde_json::json!({ "message_id": 7 }) };
        assert_eq!((sent.state(), sent.reason(), sent.message_id()), (OutState::Sent, None, Some(7)));
        assert_eq!(OutEnd::Unknown.reason(), Some(ANSWER_LOST));
        assert_eq!(OutEnd::Sent { result: true.into() }.message_id(), None);
    }
}
