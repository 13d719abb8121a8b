//! A person, and the subject under which their signing records are kept.

use serde::{Deserialize, Serialize};

use crate::{Moment, TelegramId, UserId};

/// A person as the platform knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The platform's id.
    pub user_id: UserId,
    /// Telegram's id, where bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telegram_id: Option<TelegramId>,
    /// The platform role, a key of `people` in infra/permissions.yaml.
    pub role: String,
    /// They came from the old database: with no session they log in again as `legacy`.
    #[serde(default)]
    pub from_old_database: bool,
    /// When the record was made.
    pub created_at: Moment,
    /// What Telegram and the bot know of them.
    #[serde(flatten)]
    pub profile: Profile,
}

/// What Telegram says of a person, and what they told the bot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The language that they chose with `/language`. (`language` is a reserved word of DynamoDB's.)
    #[serde(default, rename = "chosen_language", skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The language of their app, as Telegram said last (IETF tag).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
    /// Their first name, as Telegram said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Their username without `@`, as Telegram said last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Since when they have blocked the bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_at: Option<Moment>,
    /// Which menu their chat with the bot was given, where it differs from everybody's: a short hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menu: Option<String>,
}

impl Person {
    /// A person of whom no more is known.
    #[must_use]
    pub fn new(user_id: UserId, telegram_id: Option<TelegramId>, role: &str, created_at: Moment) -> Self {
        Self {
            user_id,
            telegram_id,
            role: role.to_owned(),
            from_old_database: false,
            created_at,
            profile: Profile::default(),
        }
    }
}

/// Whose signing records: the Telegram id where the caller has one, else the platform id.
///
/// Launch data and outside tokens know only the Telegram id, access tokens know both. Keeping the records under the
/// Telegram id lets every credential find them in one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Bound to Telegram.
    Telegram(TelegramId),
    /// Not bound.
    User(UserId),
}

impl Subject {
    /// The subject of a caller or a record that has these ids.
    #[must_use]
    pub fn of(user_id: Option<UserId>, telegram_id: Option<TelegramId>) -> Option<Self> {
        telegram_id.map(Self::Telegram).or(user_id.map(Self::User))
    }

    /// Reads what `Display` writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (form, number) = text.split_once(':')?;
        match form {
            "t" => number.parse().ok().map(Self::Telegram),
            "u" => number.parse().ok().map(Self::User),
            _ => None,
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Telegram(id) => write!(f, "t:{id}"),
            Self::User(id) => write!(f, "u:{id}"),
        }
    }
}
