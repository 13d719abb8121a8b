//! Reads of an update (Bot API, `Update`) what the bot looks at, and nothing else: whatever Telegram adds, a person's command
//! is still read.

use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::Value;

use crate::{
    ChatId, TelegramId, UpdateId,
    bot::{Chat, Incoming, Press, Sender, What, holds_key},
};

/// An update as Telegram sends it. Its content is read apart from its id: one that cannot be read is told from what is no
/// update at all.
#[derive(Deserialize)]
pub struct Update {
    update_id: UpdateId,
    message: Option<Value>,
    callback_query: Option<Value>,
    my_chat_member: Option<Value>,
}

/// What an update is to the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// Something that a person wants.
    Incoming(Box<Incoming>),
    /// What looks like a private key, written by nobody who could be answered: an anonymous administrator, or a channel. It is
    /// deleted without a word.
    NobodysKey {
        /// Where.
        chat_id: ChatId,
        /// The message.
        message_id: i64,
    },
}

/// An update whose content has another form than the Bot API says. Sent again it is no better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("update {0} cannot be read")]
pub struct UnreadableUpdate(pub UpdateId);

#[derive(Deserialize)]
struct Message {
    message_id: i64,
    from: Option<User>,
    chat: ChatOf,
    text: Option<String>,
    caption: Option<String>,
    forward_origin: Option<IgnoredAny>,
    reply_to_message: Option<Replied>,
    migrate_to_chat_id: Option<ChatId>,
}

#[derive(Deserialize)]
struct Replied {
    message_id: i64,
}

#[derive(Deserialize)]
struct CallbackQuery {
    id: String,
    from: User,
    message: Option<Message>,
    data: Option<String>,
}

#[derive(Deserialize)]
struct Moved {
    chat: ChatOf,
    from: User,
    new_chat_member: Member,
}

#[derive(Deserialize)]
struct Member {
    status: String,
}

#[derive(Deserialize)]
struct ChatOf {
    id: ChatId,
    r#type: String,
}

#[derive(Deserialize)]
struct User {
    id: TelegramId,
    is_bot: bool,
    first_name: String,
    username: Option<String>,
    language_code: Option<String>,
}

impl Update {
    /// What it is about; none where it is nothing to us: a kind that the bot does not ask for, a command to another bot, a
    /// message without text or without a person.
    ///
    /// # Errors
    /// Where a kind that the bot does ask for has not its form.
    pub fn read(self, bot_username: &str) -> Result<Option<Read>, UnreadableUpdate> {
        if let Some(message) = self.message {
            return Ok(content::<Message>(self.update_id, message)?.read(self.update_id, bot_username));
        }
        Ok(self.without_message()?.map(|incoming| Read::Incoming(Box::new(incoming))))
    }

    fn without_message(self) -> Result<Option<Incoming>, UnreadableUpdate> {
        let id = self.update_id;
        if let Some(query) = self.callback_query {
            return Ok(content::<CallbackQuery>(id, query)?.incoming(id));
        }
        let moved = self.my_chat_member.map(|moved| content::<Moved>(id, moved)).transpose()?;
        Ok(moved.and_then(|moved| moved.incoming(id)))
    }
}

fn content<T: DeserializeOwned>(id: UpdateId, content: Value) -> Result<T, UnreadableUpdate> {
    serde_json::from_value(content).map_err(|_| UnreadableUpdate(id))
}

impl Message {
    /// A private key is one wherever it stands, and whoever wrote it.
    fn read(self, id: UpdateId, bot_username: &str) -> Option<Read> {
        let (chat, message_id) = (self.chat.read(), self.message_id);
        let is_key = self.text.iter().chain(&self.caption).any(|text| holds_key(text, chat));
        let is_nobodys = self.from.as_ref().is_none_or(|user| user.is_bot);
        if is_key && is_nobodys {
            return Some(Read::NobodysKey { chat_id: chat.id, message_id });
        }
        self.incoming(id, is_key, bot_username).map(|incoming| Read::Incoming(Box::new(incoming)))
    }

    /// A forwarded message is somebody else's words, and a command in it nobody's wish.
    fn incoming(self, id: UpdateId, is_key: bool, bot_username: &str) -> Option<Incoming> {
        let (chat, sender) = (self.chat.read(), self.from?.sender()?);
        let message_id = Some(self.message_id);
        if is_key {
            return Some(Incoming { id, sender, chat, message_id, what: What::Key });
        }
        if let Some(to) = self.migrate_to_chat_id {
            return Some(Incoming { id, sender, chat, message_id: None, what: What::Upgraded(to) });
        }
        let text = self.text.filter(|_| self.forward_origin.is_none())?;
        let what = What::of_text(&text, self.reply_to_message.map(|replied| replied.message_id), chat, bot_username)?;
        Some(Incoming { id, sender, chat, message_id, what })
    }
}

impl CallbackQuery {
    fn incoming(self, id: UpdateId) -> Option<Incoming> {
        let (message, sender) = (self.message?, self.from.sender()?);
        let press = Press {
            query_id: self.id,
            data: self.data?,
            message_id: Some(message.message_id),
            text: message.text.or(message.caption),
        };
        Some(Incoming { id, sender, chat: message.chat.read(), message_id: None, what: What::Press(press) })
    }
}

impl Moved {
    /// In a person's own chat the bot is a member or, where it is blocked, "kicked".
    fn incoming(self, id: UpdateId) -> Option<Incoming> {
        let (chat, sender) = (self.chat.read(), self.from.sender()?);
        let what = What::Blocked(self.new_chat_member.status == "kicked");
        chat.is_private.then_some(Incoming { id, sender, chat, message_id: None, what })
    }
}

impl ChatOf {
    fn read(&self) -> Chat {
        Chat { id: self.id, is_private: self.r#type == "private" }
    }
}

impl User {
    /// Bots write to bots only by mistake, and an anonymous administrator (who comes as a bot) is nobody.
    fn sender(self) -> Option<Sender> {
        let Self { id, is_bot, first_name, username, language_code } = self;
        (!is_bot).then_some(Sender { id, first_name, username, language_code })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn look(kind: &str, content: &Value) -> Option<Read> {
        let update = json!({ "update_id": 5, kind: content });
        serde_json::from_value::<Update>(update).unwrap().read("our_bot").unwrap()
    }

    fn read(kind: &str, content: &Value) -> Option<Incoming> {
        look(kind, content).map(|read| match read {
            Read::Incoming(incoming) => *incoming,
            other @ Read::NobodysKey { .. } => panic!("nobody's: {other:?}"),
        })
    }

    fn anna() -> Value {
        json!({ "id": 7, "is_bot": false, "first_name": "Anna", "username": "anna", "language_code": "ru" })
    }

    fn message(text: &str) -> Value {
        json!({
            "message_id": 3, "date": 1_700_000_000, "text": text, "from": anna(), "something_new": { "a": [1] },
            "chat": { "id": 7, "type": "private", "first_name": "Anna" },
        })
    }

    #[test]
    fn a_command_is_read_whatever_else_is_there() {
        let incoming = read("message", &message("/start abc")).unwrap();
        assert_eq!((incoming.id.get(), incoming.chat.id.get(), incoming.message_id), (5, 7, Some(3)));
        let sender = incoming.sender;
        assert_eq!((sender.first_name.as_str(), sender.language_code.as_deref()), ("Anna", Some("ru")));
        let What::Command(command) = incoming.what else { panic!("no command") };
        assert_eq!((command.name.as_str(), command.arguments.as_str()), ("start", "abc"));
    }

    #[test]
    fn a_key_is_dropped_wherever_it_stands() {
        let seed = format!("S{}", "A".repeat(55));
        let (plain, command) = (message(&seed), message(&format!("/setname {seed}")));
        let (mut forwarded, mut photo) = (message(&seed), message(""));
        forwarded["forward_origin"] = json!({ "type": "hidden_user", "date": 1, "sender_user_name": "Eve" });
        photo.as_object_mut().unwrap().remove("text");
        photo["caption"] = seed.as_str().into();
        for content in [plain, command, forwarded, photo] {
            let incoming = read("message", &content).unwrap();
            assert_eq!((&incoming.what, incoming.message_id), (&What::Key, Some(3)), "{content}");
            assert!(!format!("{incoming:?}").contains(&seed));
        }
    }

    #[test]
    fn a_key_of_whoever_cannot_be_answered_is_one_as_well() {
        let chat_id = ChatId::new(-1_007).unwrap();
        let mut anonymous = message(&format!("S{}", "A".repeat(55)));
        anonymous["chat"] = json!({ "id": chat_id, "type": "supergroup", "title": "Desk" });
        anonymous["sender_chat"] = anonymous["chat"].clone();
        anonymous["from"] = json!({ "id": 1_087_968_824, "is_bot": true, "first_name": "Group" });
        let mut channel = anonymous.clone();
        channel.as_object_mut().unwrap().remove("from");
        for content in [&anonymous, &channel] {
            assert_eq!(look("message", content), Some(Read::NobodysKey { chat_id, message_id: 3 }), "{content}");
        }
        anonymous["text"] = "/help".into();
        assert_eq!(look("message", &anonymous), None);
    }

    #[test]
    fn a_press_is_read_with_the_text_that_is_shown() {
        let mut query = json!({
            "id": "11", "from": anna(), "chat_instance": "1", "data": "a.1", "message": {
                "message_id": 9, "date": 1_700_000_000, "text": "Really?", "chat": { "id": -7, "type": "group" },
                "from": { "id": 1, "is_bot": true, "first_name": "Bot" },
            },
        });
        let press = |query: &Value| match read("callback_query", query).unwrap().what {
            What::Press(press) => press,
            other => panic!("no press: {other:?}"),
        };
        let pressed = press(&query);
        assert_eq!((pressed.query_id.as_str(), pressed.data.as_str(), pressed.message_id), ("11", "a.1", Some(9)));
        assert_eq!(pressed.text.as_deref(), Some("Really?"));
        query["message"] = json!({ "message_id": 9, "date": 0, "chat": { "id": -7, "type": "group" } });
        assert_eq!(press(&query).text, None);
    }

    #[test]
    fn a_group_that_becomes_a_supergroup_says_so() {
        let content = json!({
            "message_id": 3, "date": 1_700_000_000, "from": anna(), "chat": { "id": -7, "type": "group" },
            "migrate_to_chat_id": -1_000_000_000_007_i64,
        });
        let incoming = read("message", &content).unwrap();
        let to = ChatId::new(-1_000_000_000_007).unwrap();
        assert_eq!((incoming.chat.id.get(), incoming.what), (-7, What::Upgraded(to)));
    }

    #[test]
    fn whoever_blocks_is_noted() {
        let moved = |kind: &str, after: &str| {
            let content = json!({
                "chat": { "id": 7, "type": kind }, "from": anna(), "date": 1_700_000_000,
                "old_chat_member": { "status": "x" }, "new_chat_member": { "status": after },
            });
            read("my_chat_member", &content).map(|incoming| incoming.what)
        };
        assert_eq!(moved("private", "kicked"), Some(What::Blocked(true)));
        assert_eq!(moved("private", "member"), Some(What::Blocked(false)));
        assert_eq!(moved("supergroup", "kicked"), None);
    }

    #[test]
    fn what_is_nothing_to_us_is_left() {
        let mut from_bot = message("/start");
        from_bot["from"]["is_bot"] = true.into();
        assert_eq!(read("message", &from_bot), None);
        assert_eq!(read("message", &message("/start@other_bot")), None);
        assert_eq!(read("edited_message", &message("/start")), None);
        let mut forwarded = message("/start");
        forwarded["forward_origin"] = json!({ "type": "hidden_user", "date": 1, "sender_user_name": "Eve" });
        assert_eq!(read("message", &forwarded), None);
        let mut sticker = message("");
        sticker.as_object_mut().unwrap().remove("text");
        assert_eq!(read("message", &sticker), None);
        assert_eq!(read("something_new", &json!({})), None);
        for bad in [json!({ "message": 7 }), json!({ "callback_query": { "id": 1 } }), json!({ "my_chat_member": [] })]
        {
            let mut update = bad.clone();
            update["update_id"] = 5.into();
            let read = serde_json::from_value::<Update>(update).unwrap().read("our_bot");
            assert_eq!(read, Err(UnreadableUpdate(UpdateId::new(5).unwrap())), "{bad}");
        }
        for bad in [json!({}), json!({ "update_id": 0 }), json!({ "update_id": -1 }), json!([])] {
            assert!(serde_json::from_value::<Update>(bad).is_err());
        }
    }
}
