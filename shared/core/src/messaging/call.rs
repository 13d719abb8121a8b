//! What the bot may be told to do: the methods of the Bot API that this house uses, and no others.

use serde::{Deserialize, Serialize};

use crate::{OutId, TelegramId, bot::Menu};

/// One call of the Bot API, without the chat that it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum BotCall {
    /// `sendMessage`.
    SendMessage {
        /// What it says.
        text: Text,
        /// What stands under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buttons: Option<Buttons>,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<i64>,
        /// Opens the person's keyboard for an answer in words (`force_reply`). With buttons it is left out.
        #[serde(default)]
        ask_reply: bool,
        /// Without a sound.
        #[serde(default)]
        silent: bool,
    },
    /// `editMessageText`; buttons that are not given are taken away.
    EditMessage {
        /// Which.
        message: MessageRef,
        /// What it says from now on.
        text: Text,
        /// What stands under it from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buttons: Option<Buttons>,
    },
    /// `deleteMessage`.
    DeleteMessage {
        /// Which.
        message: MessageRef,
    },
    /// `sendPhoto`.
    SendPhoto {
        /// The picture.
        photo: FileRef,
        /// What stands under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<Text>,
        /// The buttons.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buttons: Option<Buttons>,
    },
    /// `sendDocument`.
    SendDocument {
        /// The file.
        document: FileRef,
        /// What stands under it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caption: Option<Text>,
    },
    /// `pinChatMessage`.
    PinMessage {
        /// Which.
        message: MessageRef,
        /// Without telling the chat's members.
        #[serde(default)]
        silent: bool,
    },
    /// `setChatTitle`.
    SetChatTitle {
        /// The new title.
        title: String,
    },
    /// `setChatDescription`.
    SetChatDescription {
        /// The new description; empty takes it away.
        description: String,
    },
    /// `getChat`.
    GetChat,
    /// `getChatMember`.
    GetChatMember {
        /// Whose membership.
        user_id: TelegramId,
    },
    /// `setMyCommands` for this chat alone (scope `chat`), in every language; with none `deleteMyCommands`, and the chat has
    /// everybody's menu again.
    SetCommands {
        /// The menu.
        commands: Menu,
    },
    /// `answerCallbackQuery`: the pressed button stops showing that it waits.
    AnswerPress {
        /// Which press.
        query_id: String,
        /// What is shown to whoever pressed, at most [`PRESS_ANSWER_CHARS`](crate::limits::PRESS_ANSWER_CHARS).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// In a window that must be closed.
        #[serde(default)]
        is_alert: bool,
    },
}

impl BotCall {
    /// A message of plain text.
    #[must_use]
    pub fn say(text: impl Into<Text>) -> Self {
        Self::SendMessage { text: text.into(), buttons: None, reply_to: None, ask_reply: false, silent: false }
    }

    /// Whether running it twice shows once: only what sends a message does not.
    #[must_use]
    pub const fn is_idempotent(&self) -> bool {
        !self.makes_message()
    }

    /// Whether it is worth nothing after some seconds: what waits behind it in the chat does not wait for many tries.
    #[must_use]
    pub const fn is_fleeting(&self) -> bool {
        matches!(self, Self::AnswerPress { .. })
    }

    /// Whether it makes a message, which then has an id.
    #[must_use]
    pub const fn makes_message(&self) -> bool {
        matches!(self, Self::SendMessage { .. } | Self::SendPhoto { .. } | Self::SendDocument { .. })
    }

    /// The message of the same chat that it is about.
    #[must_use]
    pub const fn about(&self) -> Option<MessageRef> {
        match self {
            Self::EditMessage { message, .. } | Self::DeleteMessage { message } | Self::PinMessage { message, .. } => {
                Some(*message)
            }
            _ => None,
        }
    }
}

/// Text, plain or in Telegram's HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text as it is sent.
    pub text: String,
    /// Whether `<b>` and the like are markup. What comes from people is escaped by whoever makes the text.
    #[serde(default)]
    pub html: bool,
}

impl Text {
    /// Shown as it is written.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), html: false }
    }

    /// Read as Telegram's HTML.
    pub fn html(text: impl Into<String>) -> Self {
        Self { text: text.into(), html: true }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

/// A message of the chat that the call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageRef {
    /// By Telegram's number.
    Id(i64),
    /// The one that this entry of the same chat's outbox made.
    Sent(OutId),
}

/// A file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRef {
    /// One that Telegram has.
    Id(String),
    /// One that Telegram fetches.
    Url(String),
    /// One that comes along.
    Content {
        /// Its name.
        name: String,
        /// Its bytes, at most [`FILE_BYTES`](crate::limits::FILE_BYTES), in standard base64.
        base64: String,
    },
}

impl std::fmt::Debug for FileRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => f.debug_tuple("Id").field(id).finish(),
            Self::Url(url) => f.debug_tuple("Url").field(url).finish(),
            Self::Content { name, .. } => f.debug_struct("Content").field("name", name).finish_non_exhaustive(),
        }
    }
}

/// The buttons under a message, row by row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buttons(pub Vec<Vec<Button>>);

impl Buttons {
    /// One row.
    #[must_use]
    pub fn row(buttons: Vec<Button>) -> Self {
        Self(vec![buttons])
    }
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    pub text: String,
    /// What it does.
    pub action: ButtonAction,
}

impl Button {
    /// One that comes back to the bot.
    pub fn callback(text: impl Into<String>, data: impl Into<String>) -> Self {
        Self { text: text.into(), action: ButtonAction::Callback(data.into()) }
    }

    /// One that opens a link.
    pub fn url(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), action: ButtonAction::Url(url.into()) }
    }

    /// One that opens a mini-app, which then knows who opened it. In people's own chats alone.
    pub fn mini_app(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), action: ButtonAction::MiniApp(url.into()) }
    }
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonAction {
    /// Comes back to the bot with this, 1 to 64 bytes.
    Callback(String),
    /// Opens this.
    Url(String),
    /// Opens this as a mini-app: `https` alone.
    MiniApp(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_one_flat_object() {
        let call = BotCall::EditMessage {
            message: MessageRef::Sent(OutId::new(9).unwrap()),
            text: Text::html("<b>done</b>"),
            buttons: Some(Buttons::row(vec![Button::callback("Yes", "a.1")])),
        };
        let json = serde_json::to_value(&call).unwrap();
        assert_eq!(json["method"], "edit_message");
        assert_eq!(json["message"], serde_json::json!({ "sent": 9 }));
        assert_eq!(json["buttons"], serde_json::json!([[{ "text": "Yes", "action": { "callback": "a.1" } }]]));
        assert_eq!(serde_json::from_value::<BotCall>(json).unwrap(), call);
    }

    #[test]
    fn only_what_sends_is_not_idempotent() {
        assert!(!BotCall::say("x").is_idempotent());
        assert!(BotCall::GetChat.is_idempotent());
        assert_eq!(BotCall::DeleteMessage { message: MessageRef::Id(3) }.about(), Some(MessageRef::Id(3)));
    }
}
