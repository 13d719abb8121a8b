//! A chat's id at Telegram: a person's own is positive, a group's is negative.

use serde::{Deserialize, Serialize};

use crate::TelegramId;

/// The first number that JSON clients cannot hold exactly; Telegram's ids have at most 52 bits.
const CEILING: u64 = 1 << 53;
const NOT_A_CHAT: &str = "a chat id is a whole number between -2^53 and 2^53, and not 0";

/// A chat. JSON: a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct ChatId(i64);

impl ChatId {
    /// From a number; 0 and anything from 2^53 up, either way, is no chat.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        (number != 0 && number.unsigned_abs() < CEILING).then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// The person whose own chat with the bot this is; none for a group.
    #[must_use]
    pub fn person(self) -> Option<TelegramId> {
        u64::try_from(self.0).ok().and_then(TelegramId::new)
    }
}

impl From<TelegramId> for ChatId {
    /// The person's own chat with the bot.
    fn from(person: TelegramId) -> Self {
        Self(i64::try_from(person.get()).expect("an id is below 2^53"))
    }
}

impl TryFrom<i64> for ChatId {
    type Error = &'static str;
    fn try_from(number: i64) -> Result<Self, Self::Error> {
        Self::new(number).ok_or(NOT_A_CHAT)
    }
}

impl From<ChatId> for i64 {
    fn from(chat: ChatId) -> i64 {
        chat.0
    }
}

impl std::fmt::Display for ChatId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for ChatId {
    type Err = &'static str;
    /// Reads what `Display` writes, and nothing else.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let chat = text.parse().ok().and_then(Self::new).ok_or(NOT_A_CHAT)?;
        if chat.to_string() == text { Ok(chat) } else { Err(NOT_A_CHAT) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_numbers_are_chats() {
        assert_eq!("-1001234567890".parse(), Ok(ChatId(-1_001_234_567_890)));
        for bad in ["0", "-0", "+7", "07", "", "9007199254740992", "-9007199254740992", "7#8"] {
            assert!(bad.parse::<ChatId>().is_err(), "{bad}");
        }
        assert_eq!(serde_json::from_str::<ChatId>("7").unwrap(), ChatId(7));
        assert!(serde_json::from_str::<ChatId>("\"7\"").is_err());
    }

    #[test]
    fn a_persons_own_chat_is_theirs() {
        assert_eq!(ChatId(7).person(), TelegramId::new(7));
        assert_eq!(ChatId(-7).person(), None);
        assert_eq!(ChatId::from(TelegramId::new(7).unwrap()), ChatId(7));
    }
}
