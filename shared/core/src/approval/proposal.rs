//! What is asked: written once and never changed.

use serde::{Deserialize, Serialize};

use super::movement::AskedMovement;
use crate::{
    ApprovalId, ChatId, FamilyId, Moment, MovementId, OutId, ServiceId, TaskId, TelegramId, UserId,
    messaging::words::Language,
};

/// How a proposal is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// By Yes or No.
    YesNo,
    /// By one of its choices.
    Choice,
    /// In words.
    Text,
    /// By Approve or Deny.
    Approval,
}

impl Kind {
    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::YesNo => "yes_no",
            Self::Choice => "choice",
            Self::Text => "text",
            Self::Approval => "approval",
        }
    }
}

/// Who asks, and so who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asker {
    /// A service's task of type `ask`, which ends with it.
    Task {
        /// Whose.
        service_id: ServiceId,
        /// Which.
        task_id: TaskId,
    },
    /// A service.
    Service {
        /// Which.
        service_id: ServiceId,
    },
    /// A person.
    Person {
        /// The platform's id.
        user_id: UserId,
        /// Telegram's id, where bound.
        telegram_id: Option<TelegramId>,
        /// The language in which they are told the outcome.
        #[serde(with = "super::spoken")]
        language: Language,
    },
    /// A transaction of a family that needs approval; its end settles it.
    Movement {
        /// Whose money.
        family_id: FamilyId,
        /// Which transaction.
        movement_id: MovementId,
        /// Who entered it.
        user_id: UserId,
        /// Telegram's id, where bound.
        telegram_id: Option<TelegramId>,
        /// The language in which they are told the outcome.
        #[serde(with = "super::spoken")]
        language: Language,
    },
    /// An admin who wants every client's key revoked; the approval of another one does it.
    KeyRevocation {
        /// The platform's id.
        user_id: UserId,
        /// Telegram's id, where bound.
        telegram_id: Option<TelegramId>,
        /// The language in which they are told the outcome.
        #[serde(with = "super::spoken")]
        language: Language,
    },
}

impl Asker {
    /// The person who is told in Telegram, and in which language.
    #[must_use]
    pub const fn in_telegram(&self) -> Option<(TelegramId, Language)> {
        match self {
            Self::Person { telegram_id: Some(id), language, .. }
            | Self::Movement { telegram_id: Some(id), language, .. }
            | Self::KeyRevocation { telegram_id: Some(id), language, .. } => Some((*id, *language)),
            _ => None,
        }
    }

    /// The service that asks; none for a person.
    #[must_use]
    pub const fn service_id(&self) -> Option<ServiceId> {
        match self {
            Self::Task { service_id, .. } | Self::Service { service_id } => Some(*service_id),
            Self::Person { .. } | Self::Movement { .. } | Self::KeyRevocation { .. } => None,
        }
    }
}

/// Who is asked as well where nobody has decided by then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// When.
    pub at: Moment,
    /// Who.
    pub people: Vec<Asked>,
}

/// A person who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Who.
    pub telegram_id: TelegramId,
    /// In which language.
    #[serde(with = "super::spoken")]
    pub language: Language,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its id.
    pub id: ApprovalId,
    /// Who asks.
    pub asker: Asker,
    /// The asker's name as it is shown.
    pub asked_by: String,
    /// How it is answered.
    pub kind: Kind,
    /// The question, or the subject of an approval.
    pub question: String,
    /// What else is to be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// The choices of [`Kind::Choice`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// The group that is asked; none: everybody in their own chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<ChatId>,
    /// Who is asked; in a group nobody named means anybody there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<TelegramId>,
    /// How many must agree.
    pub quorum: usize,
    /// When it was made.
    pub made_at: Moment,
    /// From then on nothing counts. (In the table `expires_at` is the TTL, in seconds.)
    #[serde(rename = "open_until")]
    pub expires_at: Moment,
    /// Who is asked later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate: Option<Escalation>,
    /// Where the outcome is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback_url: Option<String>,
    /// The transaction that it is about, shown to each in their own language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub movement: Option<Box<AskedMovement>>,
    /// When those who have not answered are reminded, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Moment>,
}

impl Proposal {
    /// The answers behind its buttons, as the wire says them; none where it is answered in words.
    #[must_use]
    pub fn answers(&self) -> Vec<&str> {
        match self.kind {
            Kind::YesNo => vec!["yes", "no"],
            Kind::Approval => vec!["approve", "deny"],
            Kind::Choice => self.choices.iter().map(String::as_str).collect(),
            Kind::Text => Vec::new(),
        }
    }

    /// Whether anybody in the group may answer.
    #[must_use]
    pub fn is_open_to_all(&self) -> bool {
        self.group.is_some() && self.people.is_empty()
    }
}

/// The message that puts a proposal into a chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Of which proposal.
    pub approval_id: ApprovalId,
    /// In which chat.
    pub chat_id: ChatId,
    /// The entry of the chat's outbox that sends it.
    pub out_id: OutId,
    /// [`Token::hash`](super::Token::hash) of its buttons.
    pub token_hash: String,
    /// [`text_hash`](super::text_hash) of what it shows.
    pub text_hash: String,
    /// Answers come in words.
    #[serde(default)]
    pub in_words: bool,
    /// Telegram's number of the message, once it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<i64>,
    /// Why it was not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}
