//! Tasks of services: what a service may ask of the bot, and how far that is.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BotCall, payload};
use crate::{ApprovalId, ChatId, Moment, Refusal, ServiceId, TaskId};

/// What a service asked for, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Whose.
    pub service_id: ServiceId,
    /// What is to be done.
    pub task_type: TaskType,
    /// Where.
    pub chat_id: ChatId,
    /// The question that one of type `ask` has put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<TaskQuestion>,
    /// How far it is.
    pub status: TaskStatus,
    /// What Telegram answered, or how a question ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Moment,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Moment>,
}

/// The question of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskQuestion {
    /// Which.
    pub approval_id: ApprovalId,
    /// From then on nothing counts.
    pub open_until: Moment,
}

impl Task {
    /// The question whose time is over and that nobody has closed yet.
    #[must_use]
    pub fn lapsed_question(&self, now: Moment) -> Option<ApprovalId> {
        let question = self.question.filter(|_| self.status == TaskStatus::Queued)?;
        (question.open_until <= now).then_some(question.approval_id)
    }
}

/// How far a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Not ended.
    Queued,
    /// Done; there is a result.
    Done,
    /// Failed; there is a reason.
    Failed,
}

impl TaskStatus {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What a task does. The names are those of the contract, and of `task_types` in infra/permissions.yaml.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskType {
    /// Writes to a chat.
    SendMessage,
    /// Changes what the bot wrote.
    EditMessage,
    /// Deletes a message.
    DeleteMessage,
    /// Sends a picture.
    SendPhoto,
    /// Sends a file.
    SendDocument,
    /// Pins a message.
    PinMessage,
    /// Renames a chat.
    SetChatTitle,
    /// Describes a chat.
    SetChatDescription,
    /// Looks a chat up.
    GetChat,
    /// Looks a member of a chat up.
    GetChatMember,
    /// Asks people.
    Ask,
}

impl TaskType {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::SendMessage,
        Self::EditMessage,
        Self::DeleteMessage,
        Self::SendPhoto,
        Self::SendDocument,
        Self::PinMessage,
        Self::SetChatTitle,
        Self::SetChatDescription,
        Self::GetChat,
        Self::GetChatMember,
        Self::Ask,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SendMessage => "send_message",
            Self::EditMessage => "edit_message",
            Self::DeleteMessage => "delete_message",
            Self::SendPhoto => "send_photo",
            Self::SendDocument => "send_document",
            Self::PinMessage => "pin_message",
            Self::SetChatTitle => "set_chat_title",
            Self::SetChatDescription => "set_chat_description",
            Self::GetChat => "get_chat",
            Self::GetChatMember => "get_chat_member",
            Self::Ask => "ask",
        }
    }

    /// Reads the word on the wire.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Reads a task's payload, field by field, against Telegram's own limits.
///
/// # Errors
/// 400 naming the field and the limit; also for [`TaskType::Ask`], which the approval engine reads.
pub fn read_task(task_type: TaskType, payload: Value) -> Result<BotCall, Refusal> {
    match task_type {
        TaskType::SendMessage => payload::send_message(payload),
        TaskType::EditMessage => payload::edit_message(payload),
        TaskType::DeleteMessage => payload::delete_message(payload),
        TaskType::SendPhoto => payload::send_photo(payload),
        TaskType::SendDocument => payload::send_document(payload),
        TaskType::PinMessage => payload::pin_message(payload),
        TaskType::SetChatTitle => payload::set_chat_title(payload),
        TaskType::SetChatDescription => payload::set_chat_description(payload),
        TaskType::GetChat => payload::get_chat(payload),
        TaskType::GetChatMember => payload::get_chat_member(payload),
        TaskType::Ask => Err(Refusal::invalid("ask is a question and not a call")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_read_back() {
        for kind in TaskType::ALL {
            assert_eq!(TaskType::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(TaskType::parse("sendMessage"), None);
    }

    #[test]
    fn every_type_reads_its_payload() {
        for (kind, payload) in [
            (TaskType::SendMessage, json!({ "text": "hello", "reply_to_message_id": 7 })),
            (TaskType::EditMessage, json!({ "message_id": 7, "text": "hello" })),
            (TaskType::DeleteMessage, json!({ "message_id": 7 })),
            (TaskType::SendPhoto, json!({ "photo": "https://example.org/a.png", "caption": "a" })),
            (TaskType::SendDocument, json!({ "document": { "name": "a.txt", "base64": "aGVsbG8=" } })),
            (TaskType::PinMessage, json!({ "message_id": 7, "disable_notification": true })),
            (TaskType::SetChatTitle, json!({ "title": "Family" })),
            (TaskType::SetChatDescription, json!({ "description": "" })),
            (TaskType::GetChat, json!({})),
            (TaskType::GetChatMember, json!({ "user_id": 7 })),
        ] {
            read_task(kind, payload).unwrap_or_else(|refusal| panic!("{}: {refusal}", kind.as_str()));
        }
    }
}
