//! An update as far as we look at it: who, where, what.

use serde::{Deserialize, Serialize};

use crate::{
    ChatId, TelegramId, UpdateId,
    bot::{BotCommand, command::read_command},
};

/// The person behind an update, as Telegram describes them. Nothing of it but the id is proof of anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Telegram's id.
    pub id: TelegramId,
    /// Their first name.
    pub first_name: String,
    /// Their username, without `@`.
    pub username: Option<String>,
    /// The language of their app (IETF tag).
    pub language_code: Option<String>,
}

/// The chat that an update comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chat {
    /// Its id.
    pub id: ChatId,
    /// The person's own chat with the bot.
    pub is_private: bool,
}

/// A command that was written to this bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Lower case, without the slash.
    pub name: String,
    /// What follows, trimmed.
    pub arguments: String,
    /// It names this bot, or nobody else reads along: an unknown one is answered.
    pub is_ours: bool,
}

impl Command {
    /// One of the bot's own; none where it may be a service's.
    #[must_use]
    pub fn own(&self) -> Option<BotCommand> {
        BotCommand::named(&self.name)
    }
}

/// A press of a button under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// What the press is answered by.
    pub query_id: String,
    /// The button's data.
    pub data: String,
    /// The message that the button is under; none where Telegram does not say any more.
    pub message_id: Option<i64>,
    /// The message's text as it is shown, where Telegram still says it.
    pub text: Option<String>,
}

/// What an update is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A command.
    Command(Command),
    /// Any other text.
    Text {
        /// The text.
        text: String,
        /// The message that it replies to.
        reply_to: Option<i64>,
    },
    /// What looks like a private key. Its text is not kept.
    Key,
    /// A press of a button.
    Press(Press),
    /// The person has blocked the bot, or lets it write again.
    Blocked(bool),
    /// The group has become this supergroup.
    Upgraded(ChatId),
}

/// One update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its id: it has one effect, however often it comes.
    pub id: UpdateId,
    /// Who.
    pub sender: Sender,
    /// Where.
    pub chat: Chat,
    /// The person's message, where there is one.
    pub message_id: Option<i64>,
    /// What.
    pub what: What,
}

impl What {
    /// Reads a message's text. None where it is a command for another bot.
    #[must_use]
    pub fn of_text(text: &str, reply_to: Option<i64>, chat: Chat, bot_username: &str) -> Option<Self> {
        let Some(named) = read_command(text) else {
            return Some(Self::Text { text: text.to_owned(), reply_to });
        };
        let ours = named.addressed.map(|bot| bot.eq_ignore_ascii_case(bot_username));
        if ours == Some(false) {
            return None;
        }
        Some(Self::Command(Command {
            name: named.name,
            arguments: named.arguments.to_owned(),
            is_ours: ours == Some(true) || chat.is_private,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, id: i64) -> Option<What> {
        let chat = Chat { id: ChatId::new(id).unwrap(), is_private: id > 0 };
        What::of_text(text, None, chat, "countersign_bot")
    }

    fn command(name: &str, arguments: &str, is_ours: bool) -> Option<What> {
        Some(What::Command(Command { name: name.into(), arguments: arguments.into(), is_ours }))
    }

    #[test]
    fn a_command_for_another_bot_is_none_of_ours() {
        assert_eq!(read("/help", 7), command("help", "", true));
        assert_eq!(read("/help", -7), command("help", "", false));
        assert_eq!(read("/help@Countersign_Bot now", -7), command("help", "now", true));
        assert_eq!(read("/help@other_bot", -7), None);
        assert_eq!(read("/help@other_bot", 7), None);
    }

    #[test]
    fn what_is_no_command_is_text() {
        assert_eq!(read("help", 7), Some(What::Text { text: "help".into(), reply_to: None }));
        assert_eq!(read("/?", 7), Some(What::Text { text: "/?".into(), reply_to: None }));
    }
}
