//! A person as Telegram knows them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is known of a person; left out: as it was, or made up for somebody new.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Their id, which is the id of their private chat as well.
    pub telegram_id: i64,
    /// Their first name.
    pub first_name: Option<String>,
    /// Their last name.
    pub last_name: Option<String>,
    /// Their username, without `@`.
    pub username: Option<String>,
    /// The language of their client (IETF).
    pub language_code: Option<String>,
    /// Whether they blocked the bot.
    pub blocked: Option<bool>,
    /// Whether their account is deleted.
    pub deactivated: Option<bool>,
    /// Whether they have opened the chat with the bot; true unless said otherwise.
    pub started: Option<bool>,
}

/// A person.
#[derive(Clone, Debug, Serialize)]
pub(in crate::telegram) struct Person {
    #[serde(rename = "telegram_id")]
    pub(in crate::telegram) id: i64,
    pub(in crate::telegram) first_name: String,
    pub(in crate::telegram) last_name: Option<String>,
    pub(in crate::telegram) username: Option<String>,
    pub(in crate::telegram) language_code: Option<String>,
    pub(in crate::telegram) blocked: bool,
    pub(in crate::telegram) deactivated: bool,
}

impl Person {
    /// Somebody of whom only the id is known.
    pub(super) fn unknown(id: i64) -> Self {
        Self {
            id,
            first_name: format!("Person {id}"),
            last_name: None,
            username: None,
            language_code: None,
            blocked: false,
            deactivated: false,
        }
    }

    /// Takes over what is said of them.
    pub(super) fn learn(&mut self, new: NewPerson) {
        if let Some(first_name) = new.first_name {
            self.first_name = first_name;
        }
        self.last_name = new.last_name.or(self.last_name.take());
        self.username = new.username.or(self.username.take());
        self.language_code = new.language_code.or(self.language_code.take());
        self.blocked = new.blocked.unwrap_or(self.blocked);
        self.deactivated = new.deactivated.unwrap_or(self.deactivated);
    }

    /// A `User` object; the language is told only in updates, as Telegram does.
    pub(in crate::telegram) fn json(&self, in_update: bool) -> Value {
        let mut user = json!({ "id": self.id, "is_bot": false, "first_name": self.first_name });
        let language = self.language_code.as_ref().filter(|_| in_update);
        for (name, value) in
            [("last_name", &self.last_name), ("username", &self.username), ("language_code", &language.cloned())]
        {
            if let (Some(user), Some(value)) = (user.as_object_mut(), value) {
                user.insert(name.to_owned(), json!(value));
            }
        }
        user
    }
}
