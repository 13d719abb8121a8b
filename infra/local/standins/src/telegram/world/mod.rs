//! Everything the stand-in knows: people, chats, files, menus, presses, updates; in memory.

mod access;
mod chat;
mod commands;
mod deliveries;
mod files;
mod message;
mod person;
mod presses;
mod updates;

use std::collections::BTreeMap;

use serde_json::{Value, json};

pub use chat::{GroupKind, NewChat, Standing};
pub use deliveries::Retries;
pub use person::NewPerson;

pub(super) use chat::{Chat, Group};
pub(super) use commands::{Commands, Scope, menu_of};
pub(super) use deliveries::{Job, Lane, Queued, Told, Webhook};
pub(super) use files::{FileKind, Files, Stored};
pub(super) use message::{Author, Media, Message};
pub(super) use person::Person;
pub(super) use presses::{Answer, Presses};
pub(super) use updates::Updates;

use super::{Bot, keyboard::Keyboard, limits::Limits, text::Formatted};
use crate::clock::now_ms;

/// Message and update ids count on from the seconds since 2025, so that they are new after every start.
const IDS_EPOCH_SECONDS: u64 = 1_735_689_600;
/// Where the ids of supergroups begin, downwards.
const SUPERGROUP_IDS: i64 = -1_000_000_000_000;

/// The bot itself.
pub(super) struct Account {
    pub(super) id: i64,
    pub(super) username: String,
    pub(super) token: String,
}

/// All there is.
pub(super) struct World {
    pub(super) bot: Account,
    pub(super) people: BTreeMap<i64, Person>,
    pub(super) chats: BTreeMap<i64, Chat>,
    pub(super) commands: Commands,
    pub(super) files: Files,
    pub(super) limits: Limits,
    pub(super) presses: Presses,
    pub(super) updates: Updates,
    first_id: i64,
}

/// A message that is about to be posted.
pub(super) struct Draft {
    pub(super) author: Author,
    pub(super) text: Formatted,
    pub(super) media: Option<Media>,
    pub(super) keyboard: Option<Keyboard>,
    pub(super) reply_to: Option<i64>,
}

impl Account {
    /// A `User` object.
    pub(super) fn user_json(&self) -> Value {
        json!({ "id": self.id, "is_bot": true, "first_name": self.username, "username": self.username })
    }
}

impl World {
    /// An empty world; none where the token does not begin with the bot's id.
    pub(super) fn new(bot: Bot) -> Option<Self> {
        let (id, secret) = bot.token.split_once(':')?;
        let id = id.parse().ok().filter(|id| *id > 0 && !secret.is_empty())?;
        let first_id = i64::try_from(now_seconds().saturating_sub(IDS_EPOCH_SECONDS)).unwrap_or_default() + 1;
        Some(Self {
            bot: Account { id, username: bot.username, token: bot.token },
            people: BTreeMap::new(),
            chats: BTreeMap::new(),
            commands: Commands::default(),
            files: Files::default(),
            limits: Limits::default(),
            presses: Presses::default(),
            updates: Updates::new(first_id),
            first_id,
        })
    }

    /// Takes over what is said of a person; their chat with the bot is open unless they have not started it.
    pub(super) fn add_person(&mut self, new: NewPerson) -> Result<&Person, &'static str> {
        let id = new.telegram_id;
        if id <= 0 || id == self.bot.id {
            return Err("telegram_id is a number above 0 that is not the bot's");
        }
        if new.started.unwrap_or(true) {
            self.open_chat(id);
        }
        let person = self.people.entry(id).or_insert_with(|| Person::unknown(id));
        person.learn(new);
        Ok(person)
    }

    /// Opens the private chat with a person, who becomes known if they are not.
    pub(super) fn open_chat(&mut self, person: i64) {
        self.people.entry(person).or_insert_with(|| Person::unknown(person));
        self.chats.entry(person).or_insert_with(|| Chat::new(person, None, self.first_id));
    }

    /// Makes a group or changes one, and gives its id.
    pub(super) fn add_chat(&mut self, new: NewChat) -> Result<i64, &'static str> {
        if new.chat_id.is_some_and(|id| id >= 0) {
            return Err("the id of a group is below 0");
        }
        let people = new.members.iter().chain(&new.admins).chain(&new.left).chain(&new.owner);
        if people.clone().any(|id| *id <= 0 || *id == self.bot.id) {
            return Err("members are people's ids; what the bot is stands in `bot`");
        }
        for id in people {
            self.people.entry(*id).or_insert_with(|| Person::unknown(*id));
        }
        let first = new.chat_id.filter(|id| *id < SUPERGROUP_IDS).map(|_| GroupKind::Supergroup);
        let kind = new.kind.or(first).unwrap_or(GroupKind::Group);
        let id = new.chat_id.unwrap_or_else(|| self.free_group_id(kind));
        let chat = self.chats.entry(id).or_insert_with(|| Chat::new(id, Some(Group::new(kind)), self.first_id));
        if let Some(group) = &mut chat.group {
            group.learn(new);
        }
        Ok(id)
    }

    fn free_group_id(&self, kind: GroupKind) -> i64 {
        let mut id = match kind {
            GroupKind::Group => -1,
            GroupKind::Supergroup => SUPERGROUP_IDS - 1,
        };
        while self.chats.contains_key(&id) {
            id -= 1;
        }
        id
    }

    /// A `Chat` object.
    pub(super) fn chat_json(&self, id: i64) -> Value {
        self.chats.get(&id).map(|chat| chat.json(self.people.get(&id))).unwrap_or_default()
    }

    pub(super) fn message(&self, chat: i64, id: i64) -> Option<&Message> {
        self.chats.get(&chat)?.messages.get(&id)
    }

    pub(super) fn message_mut(&mut self, chat: i64, id: i64) -> Option<&mut Message> {
        self.chats.get_mut(&chat)?.messages.get_mut(&id)
    }

    /// Posts a message to a chat that is there, and gives it back.
    pub(super) fn post(&mut self, chat_id: i64, draft: Draft) -> Option<Message> {
        let chat = self.chats.get_mut(&chat_id)?;
        let id = chat.next_message;
        chat.next_message += 1;
        let Draft { author, text, media, keyboard, reply_to } = draft;
        let date = now_seconds();
        let message = Message { id, chat_id, author, date, edited: None, text, media, keyboard, reply_to };
        chat.messages.insert(id, message.clone());
        Some(message)
    }
}

/// Seconds since the Unix epoch.
pub(super) fn now_seconds() -> u64 {
    now_ms() / 1_000
}
