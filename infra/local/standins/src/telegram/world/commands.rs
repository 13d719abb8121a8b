//! The menus of commands, by scope and language, and which one somebody is shown.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Standing;
use crate::telegram::refusal::Refusal;

/// How many commands a menu may have.
const MOST_COMMANDS: usize = 100;

/// For whom a menu is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::telegram) enum Scope {
    Default,
    AllPrivateChats,
    AllGroupChats,
    AllChatAdministrators,
    Chat(i64),
    ChatAdministrators(i64),
    ChatMember(i64, i64),
}

impl Scope {
    /// As it is on the wire.
    fn json(self) -> Value {
        match self {
            Self::Default => json!({ "type": "default" }),
            Self::AllPrivateChats => json!({ "type": "all_private_chats" }),
            Self::AllGroupChats => json!({ "type": "all_group_chats" }),
            Self::AllChatAdministrators => json!({ "type": "all_chat_administrators" }),
            Self::Chat(chat) => json!({ "type": "chat", "chat_id": chat }),
            Self::ChatAdministrators(chat) => json!({ "type": "chat_administrators", "chat_id": chat }),
            Self::ChatMember(chat, user) => json!({ "type": "chat_member", "chat_id": chat, "user_id": user }),
        }
    }

    /// The scopes that hold for somebody in a chat, the narrowest first, as Telegram looks them up.
    fn around(chat: i64, user: i64, standing: Option<Standing>) -> Vec<Self> {
        let Some(standing) = standing else {
            return vec![Self::Chat(chat), Self::AllPrivateChats, Self::Default];
        };
        let admin = standing.is_admin();
        let mut scopes = vec![Self::ChatMember(chat, user)];
        scopes.extend(admin.then_some(Self::ChatAdministrators(chat)));
        scopes.push(Self::Chat(chat));
        scopes.extend(admin.then_some(Self::AllChatAdministrators));
        scopes.extend([Self::AllGroupChats, Self::Default]);
        scopes
    }
}

/// All menus.
#[derive(Default)]
pub(in crate::telegram) struct Commands {
    menus: BTreeMap<(Scope, String), Vec<Value>>,
}

impl Commands {
    pub(in crate::telegram) fn set(&mut self, scope: Scope, language: String, commands: Vec<Value>) {
        if commands.is_empty() {
            self.menus.remove(&(scope, language));
        } else {
            self.menus.insert((scope, language), commands);
        }
    }

    pub(in crate::telegram) fn get(&self, scope: Scope, language: &str) -> Vec<Value> {
        self.menus.get(&(scope, language.to_owned())).cloned().unwrap_or_default()
    }

    /// What somebody is offered; the standing is none in a private chat.
    pub(in crate::telegram) fn offered(
        &self,
        chat: i64,
        user: i64,
        standing: Option<Standing>,
        language: &str,
    ) -> Vec<Value> {
        let menus = Scope::around(chat, user, standing).into_iter();
        let mut keys = menus.flat_map(|scope| [(scope, language.to_owned()), (scope, String::new())]);
        keys.find_map(|key| self.menus.get(&key)).cloned().unwrap_or_default()
    }

    /// All menus, for the control route.
    pub(in crate::telegram) fn json(&self) -> Value {
        let menus = self.menus.iter().map(
            |((scope, language), commands)| json!({ "scope": scope.json(), "language_code": language, "commands": commands }),
        );
        Value::Array(menus.collect())
    }
}

/// Reads the commands of a menu.
pub(in crate::telegram) fn menu_of(list: &Value) -> Result<Vec<Value>, Refusal> {
    let list = list.as_array().ok_or_else(|| Refusal::bad("expected an Array of BotCommand"))?;
    if list.len() > MOST_COMMANDS {
        return Err(Refusal::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    list.iter().map(command_of).collect()
}

fn command_of(given: &Value) -> Result<Value, Refusal> {
    let field = |name: &str| {
        given
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| Refusal::bad(format!("can't parse BotCommand: Can't find field \"{name}\"")))
    };
    let (command, description) = (field("command")?, field("description")?.trim());
    let command = command.strip_prefix('/').unwrap_or(command);
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !(1..=32).contains(&command.len()) || !command.chars().all(is_name) {
        return Err(Refusal::bad("BOT_COMMAND_INVALID"));
    }
    if !(1..=256).contains(&description.chars().count()) {
        return Err(Refusal::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(json!({ "command": command, "description": description }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu(name: &str) -> Vec<Value> {
        vec![json!({ "command": name, "description": "x" })]
    }

    #[test]
    fn the_narrowest_menu_is_offered() {
        let mut commands = Commands::default();
        commands.set(Scope::Default, String::new(), menu("default"));
        commands.set(Scope::AllPrivateChats, "ru".to_owned(), menu("russian"));
        commands.set(Scope::Chat(7), String::new(), menu("seven"));
        commands.set(Scope::AllChatAdministrators, String::new(), menu("admin"));
        commands.set(Scope::ChatMember(-1, 9), String::new(), menu("nine"));
        for (chat, user, standing, language, name) in [
            (7, 7, None, "ru", "seven"),
            (8, 8, None, "ru", "russian"),
            (8, 8, None, "en", "default"),
            (-1, 8, Some(Standing::Administrator), "en", "admin"),
            (-1, 8, Some(Standing::Member), "en", "default"),
            (-1, 9, Some(Standing::Member), "en", "nine"),
        ] {
            assert_eq!(commands.offered(chat, user, standing, language), menu(name), "{name}");
        }
    }

    #[test]
    fn commands_are_checked() {
        for (command, description, words) in [
            ("Start", "x", "BOT_COMMAND_INVALID"),
            ("", "x", "BOT_COMMAND_INVALID"),
            ("a-b", "x", "BOT_COMMAND_INVALID"),
            (&"a".repeat(33), "x", "BOT_COMMAND_INVALID"),
            ("a", " ", "BOT_COMMAND_DESCRIPTION_INVALID"),
            ("a", &"x".repeat(257), "BOT_COMMAND_DESCRIPTION_INVALID"),
        ] {
            let refused = menu_of(&json!([{ "command": command, "description": description }])).unwrap_err();
            assert_eq!(refused.to_string(), format!("Bad Request: {words}"));
        }
        let many = vec![json!({ "command": "a", "description": "x" }); 101];
        assert_eq!(menu_of(&json!(many)).unwrap_err().to_string(), "Bad Request: BOT_COMMANDS_TOO_MUCH");
        assert_eq!(menu_of(&json!([{ "command": "/a_1", "description": "x" }])).unwrap().len(), 1);
    }
}
