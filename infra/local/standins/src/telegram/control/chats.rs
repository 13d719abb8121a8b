//! Chats as people see them, and groups to be made.

use axum::{
    Json,
    extract::{Path, State as Knowing},
    http::StatusCode,
};
use serde_json::{Value, json};

use crate::{
    asked::{Refused, asked},
    telegram::{
        State,
        methods::member_json,
        world::{Chat, Lane, Message, NewChat, Standing, World, now_seconds},
    },
};

pub(super) async fn list(Knowing(state): Knowing<State>) -> Json<Value> {
    let world = state.world();
    let chats: Vec<_> = world.chats.keys().map(|id| world.chat_json(*id)).collect();
    Json(json!({ "chats": chats }))
}

/// A person's chat that nobody has opened is empty; a group that is not there is 404.
pub(super) async fn show(Knowing(state): Knowing<State>, Path(chat_id): Path<i64>) -> Result<Json<Value>, Refused> {
    let world = state.world();
    let chat = world.chats.get(&chat_id);
    if chat.is_none() && chat_id <= 0 {
        return Err(Refused::new(StatusCode::NOT_FOUND, "there is no such chat"));
    }
    let messages: Vec<_> = chat.map(|chat| chat.messages.values().map(Message::shown).collect()).unwrap_or_default();
    let mut shown = json!({ "messages": messages });
    let group = chat.and_then(|chat| Some((chat, chat.group.as_ref()?)));
    if let (Some(shown), Some((Chat { pinned, .. }, group))) = (shown.as_object_mut(), group) {
        shown.insert("title".to_owned(), json!(group.title));
        shown.insert("description".to_owned(), json!(group.description));
        shown.insert("pinned".to_owned(), json!(pinned));
    }
    Ok(Json(shown))
}

/// A bot that is added or thrown out is told so, as in Telegram.
pub(super) async fn add(Knowing(state): Knowing<State>, body: String) -> Result<(StatusCode, Json<Value>), Refused> {
    let new: NewChat = asked(&body)?;
    let id = {
        let world = &mut *state.world();
        let standing = |world: &World, id: i64| {
            world.chats.get(&id).and_then(|chat| chat.group.as_ref()).map_or(Standing::Left, |group| group.bot)
        };
        let before = new.chat_id.map_or(Standing::Left, |id| standing(world, id));
        let upgraded = new.migrated_to;
        let id = world.add_chat(new).map_err(Refused::bad)?;
        let after = standing(world, id);
        let owner = world.chats.get(&id).and_then(|chat| chat.group.as_ref()).and_then(|group| {
            let people = group.people.iter();
            people.filter(|(_, standing)| standing.is_admin()).map(|(id, _)| *id).next()
        });
        if let Some(owner) = owner.filter(|_| before != after) {
            bot_moved(world, id, owner, before, after);
        }
        if let Some(to) = upgraded {
            upgrade(world, id, to);
        }
        id
    };
    state.deliver();
    let shown = state.world().chat_json(id);
    Ok((StatusCode::CREATED, Json(json!({ "chat_id": id, "chat": shown }))))
}

/// Makes the service message that tells the bot which supergroup a group has become, from somebody who is in it.
fn upgrade(world: &mut World, chat: i64, to: i64) {
    let Some((group, message_id)) = world.chats.get_mut(&chat).and_then(|chat| {
        chat.next_message += 1;
        Some((chat.group.clone()?, chat.next_message - 1))
    }) else {
        return;
    };
    let by = group.people.iter().find(|(_, standing)| standing.is_in()).and_then(|(id, _)| world.people.get(id));
    let Some(from) = by.map(|person| person.json(true)) else { return };
    let content = json!({
        "message_id": message_id, "from": from, "chat": world.chat_json(chat), "date": now_seconds(),
        "migrate_to_chat_id": to,
    });
    world.updates.add("message", content, Lane::Chat(chat));
}

/// Makes the update that tells the bot what it now is in a chat, by whom.
pub(super) fn bot_moved(world: &mut World, chat: i64, by: i64, before: Standing, after: Standing) {
    let member = |standing| member_json(world.bot.user_json(), standing);
    let content = json!({
        "chat": world.chat_json(chat),
        "from": world.people.get(&by).map(|person| person.json(true)),
        "date": now_seconds(),
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    });
    world.updates.add("my_chat_member", content, Lane::Chat(chat));
}

pub(super) async fn commands(Knowing(state): Knowing<State>) -> Json<Value> {
    Json(json!({ "commands": state.world().commands.json() }))
}
