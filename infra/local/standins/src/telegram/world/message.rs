//! A message, and its forms: for the bot as a `Message` object, for people as they see it.

use serde_json::{Map, Value, json};

use super::{Stored, World};
use crate::telegram::{
    keyboard::{Action, Button, Keyboard},
    text::{Extra, Formatted},
};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telegram) enum Author {
    Bot,
    Person(i64),
}

/// The file in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::telegram) enum Media {
    /// A photo: its file, width and height.
    Photo(String, u32, u32),
    /// A document: its file.
    Document(String),
}

/// A message in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::telegram) struct Message {
    pub(in crate::telegram) id: i64,
    pub(in crate::telegram) chat_id: i64,
    pub(in crate::telegram) author: Author,
    /// Unix seconds.
    pub(in crate::telegram) date: u64,
    pub(in crate::telegram) edited: Option<u64>,
    /// The text, or the caption of the file.
    pub(in crate::telegram) text: Formatted,
    pub(in crate::telegram) media: Option<Media>,
    pub(in crate::telegram) keyboard: Option<Keyboard>,
    pub(in crate::telegram) reply_to: Option<i64>,
}

impl Message {
    /// As people see it: what `/_control/chats/{id}` shows.
    pub(in crate::telegram) fn shown(&self) -> Value {
        let rows = self.keyboard.as_ref().map(Keyboard::rows).unwrap_or_default();
        let buttons: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().map(shown_button).collect()).collect();
        let from = match self.author {
            Author::Bot => json!("bot"),
            Author::Person(id) => json!(id),
        };
        let mut shown = json!({
            "message_id": self.id, "from": from, "text": self.text.text, "buttons": buttons,
            "edited": self.edited.is_some(),
        });
        let media = match &self.media {
            None => None,
            Some(Media::Photo(..)) => Some("photo"),
            Some(Media::Document(_)) => Some("document"),
        };
        if let (Some(shown), Some(media)) = (shown.as_object_mut(), media) {
            shown.insert(media.to_owned(), json!(true));
        }
        shown
    }
}

fn shown_button(button: &Button) -> Value {
    match &button.action {
        Action::Link(url) => json!({ "text": button.text, "url": url }),
        Action::WebApp(url) => json!({ "text": button.text, "web_app": url }),
        Action::Callback(_) | Action::Client(..) => json!({ "text": button.text }),
    }
}

impl World {
    /// A `Message` object; `in_update` where it is part of one.
    pub(in crate::telegram) fn message_json(&self, message: &Message, in_update: bool) -> Value {
        let mut object = self.bare_message(message, in_update);
        let replied = message.reply_to.and_then(|id| self.message(message.chat_id, id));
        if let Some(replied) = replied {
            object.insert("reply_to_message".to_owned(), Value::Object(self.bare_message(replied, in_update)));
        }
        Value::Object(object)
    }

    /// Without the message that it answers.
    fn bare_message(&self, message: &Message, in_update: bool) -> Map<String, Value> {
        let mut object = Map::from_iter([
            ("message_id".to_owned(), json!(message.id)),
            ("from".to_owned(), self.author_json(message.author, in_update)),
            ("chat".to_owned(), self.chat_json(message.chat_id)),
            ("date".to_owned(), json!(message.date)),
        ]);
        let mut set = |name: &str, value: Value| object.insert(name.to_owned(), value);
        if let Some(edited) = message.edited {
            set("edit_date", json!(edited));
        }
        if let Some(keyboard) = &message.keyboard {
            set("reply_markup", keyboard.json());
        }
        let (text, entities) = match &message.media {
            None => ("text", "entities"),
            Some(media) => {
                let (name, value) = self.media_json(media);
                set(name, value);
                ("caption", "caption_entities")
            }
        };
        if !message.text.text.is_empty() {
            set(text, json!(message.text.text));
        }
        if !message.text.entities.is_empty() {
            set(entities, self.entities_json(&message.text));
        }
        object
    }

    /// A mention of somebody unknown is no entity.
    fn entities_json(&self, text: &Formatted) -> Value {
        let entities = text.entities.iter().filter_map(|entity| match entity.extra {
            Extra::Person(id) => Some(entity.json(Some(self.people.get(&id)?.json(false)))),
            _ => Some(entity.json(None)),
        });
        Value::Array(entities.collect())
    }

    fn author_json(&self, author: Author, in_update: bool) -> Value {
        match author {
            Author::Bot => self.bot.user_json(),
            Author::Person(id) => self.people.get(&id).map(|person| person.json(in_update)).unwrap_or_default(),
        }
    }

    fn media_json(&self, media: &Media) -> (&'static str, Value) {
        let file = |id: &str| self.files.get(id).map(Stored::json).unwrap_or_default();
        match media {
            Media::Document(id) => {
                let mut document = file(id);
                if let (Some(fields), Some(stored)) = (document.as_object_mut(), self.files.get(id)) {
                    fields.insert("file_name".to_owned(), json!(stored.name));
                    fields.insert("mime_type".to_owned(), json!(stored.mime));
                }
                ("document", document)
            }
            Media::Photo(id, width, height) => {
                let mut photo = file(id);
                if let Some(fields) = photo.as_object_mut() {
                    fields.insert("width".to_owned(), json!(width));
                    fields.insert("height".to_owned(), json!(height));
                }
                ("photo", json!([photo]))
            }
        }
    }
}
