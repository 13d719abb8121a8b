//! setMyCommands, getMyCommands, deleteMyCommands.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::telegram::{
    params::Params,
    refusal::Refusal,
    world::{Scope, World, menu_of},
};

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Asked {
    Default,
    AllPrivateChats,
    AllGroupChats,
    AllChatAdministrators,
    Chat { chat_id: Value },
    ChatAdministrators { chat_id: Value },
    ChatMember { chat_id: Value, user_id: i64 },
}

pub(super) fn set(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let unreadable = |_| Refusal::bad("can't parse commands JSON object");
    let list = params.json("commands").map_err(unreadable)?.unwrap_or_else(|| json!([]));
    let (commands, scope, language) = (menu_of(&list)?, scope(world, params)?, language(params)?);
    world.commands.set(scope, language, commands);
    Ok(json!(true))
}

pub(super) fn get(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    Ok(Value::Array(world.commands.get(scope(world, params)?, &language(params)?)))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let (scope, language) = (scope(world, params)?, language(params)?);
    world.commands.set(scope, language, Vec::new());
    Ok(json!(true))
}

/// Two lower-case letters, or none for all languages.
fn language(params: &Params) -> Result<String, Refusal> {
    let language = params.text("language_code").unwrap_or_default();
    let is_code = language.len() == 2 && language.chars().all(|c| c.is_ascii_lowercase());
    if language.is_empty() || is_code { Ok(language) } else { Err(Refusal::bad("invalid language code specified")) }
}

fn scope(world: &World, params: &Params) -> Result<Scope, Refusal> {
    let unreadable = |error: serde_json::Error| Refusal::bad(format!("can't parse BotCommandScope: {error}"));
    let Some(asked) = params.json("scope").map_err(unreadable)? else { return Ok(Scope::Default) };
    let asked: Asked = serde_json::from_value(asked).map_err(unreadable)?;
    let known = |chat_id: Value| world.readable(&Params::of_chat(chat_id));
    Ok(match asked {
        Asked::Default => Scope::Default,
        Asked::AllPrivateChats => Scope::AllPrivateChats,
        Asked::AllGroupChats => Scope::AllGroupChats,
        Asked::AllChatAdministrators => Scope::AllChatAdministrators,
        Asked::Chat { chat_id } => Scope::Chat(known(chat_id)?),
        Asked::ChatAdministrators { chat_id } => Scope::ChatAdministrators(group(known(chat_id)?)?),
        Asked::ChatMember { chat_id, user_id } => Scope::ChatMember(group(known(chat_id)?)?, user_id),
    })
}

fn group(chat: i64) -> Result<i64, Refusal> {
    if chat < 0 { Ok(chat) } else { Err(Refusal::bad("can't use specified chat type as command scope")) }
}
