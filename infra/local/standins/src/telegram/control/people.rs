//! Acts as people: adds them, writes and presses buttons for them.

use axum::{
    Json,
    extract::{Path, Query, State as Knowing},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::chats::bot_moved;
use crate::{
    asked::{Refused, asked},
    clock::now_ms,
    telegram::{
        State,
        keyboard::{Action, Button},
        text::{Formatted, units},
        world::{Author, Chat, Draft, Lane, NewPerson, Queued, Standing, World},
    },
};

/// How long a message of a person may be, in UTF-16 units: their client would send two.
const MESSAGE_UNITS: usize = 4_096;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    text: String,
    chat_id: Option<i64>,
    reply_to_message_id: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pressed {
    message_id: i64,
    button: String,
    chat_id: Option<i64>,
}

#[derive(Deserialize)]
pub(super) struct InChat {
    chat_id: Option<i64>,
}

pub(super) async fn list(Knowing(state): Knowing<State>) -> Json<Value> {
    let people: Vec<_> = state.world().people.values().cloned().collect();
    Json(json!({ "people": people }))
}

/// Somebody who blocks the bot, or lets it write again, makes an update, as in Telegram.
pub(super) async fn add(Knowing(state): Knowing<State>, body: String) -> Result<(StatusCode, Json<Value>), Refused> {
    let new: NewPerson = asked(&body)?;
    let id = new.telegram_id;
    let shown = {
        let world = &mut *state.world();
        let before = world.people.get(&id).map(|person| person.blocked);
        let person = world.add_person(new).map_err(Refused::bad)?;
        let (after, shown) = (person.blocked, json!(person));
        if before.is_some_and(|before| before != after) && world.chats.contains_key(&id) {
            let standing = |blocked| if blocked { Standing::Kicked } else { Standing::Member };
            bot_moved(world, id, id, standing(!after), standing(after));
        }
        shown
    };
    state.deliver();
    Ok((StatusCode::CREATED, Json(shown)))
}

/// A message of a person, in their chat with the bot or in a group.
pub(super) async fn message(
    Knowing(state): Knowing<State>,
    Path(person): Path<i64>,
    body: String,
) -> Result<Json<Value>, Refused> {
    let said: Said = asked(&body)?;
    let (queued, message_id) = say(&mut state.world(), person, &said)?;
    let mut told = told(&state, queued).await;
    if let Some(told) = told.as_object_mut() {
        told.insert("message_id".to_owned(), json!(message_id));
    }
    Ok(Json(told))
}

fn say(world: &mut World, person: i64, said: &Said) -> Result<(Option<Queued>, i64), Refused> {
    let chat = said.chat_id.unwrap_or(person);
    if person <= 0 || person == world.bot.id {
        return Err(Refused::bad("this is no person's id"));
    }
    if chat == person {
        world.open_chat(person);
    }
    may_act(world, person, chat)?;
    let text = Formatted::typed(&said.text);
    if text.text.is_empty() || units(&text.text) > MESSAGE_UNITS {
        return Err(Refused::bad("a message has from 1 to 4096 characters"));
    }
    let reply_to = said.reply_to_message_id;
    if reply_to.is_some_and(|id| world.message(chat, id).is_none()) {
        return Err(Refused::bad("there is no such message to reply to"));
    }
    let draft = Draft { author: Author::Person(person), text, media: None, keyboard: None, reply_to };
    let message = world.post(chat, draft).ok_or_else(|| Refused::bad("there is no such chat"))?;
    let content = world.message_json(&message, true);
    Ok((world.updates.add("message", content, Lane::Chat(chat)), message.id))
}

/// Somebody writes where they are, and not to a bot that they blocked.
fn may_act(world: &World, person: i64, chat: i64) -> Result<(), Refused> {
    let gone = world.people.get(&person).is_some_and(|person| person.deactivated);
    let blocked = chat == person && world.people.get(&person).is_some_and(|person| person.blocked);
    if gone {
        return Err(Refused::bad("this person's account is deleted"));
    }
    if blocked {
        return Err(Refused::bad("this person has blocked the bot: unblock it first"));
    }
    match world.chats.get(&chat) {
        Some(Chat { group: None, .. }) if chat == person => Ok(()),
        Some(Chat { group: Some(group), .. }) if group.standing(person).is_in() && !group.deleted => Ok(()),
        Some(Chat { group: Some(_), .. }) => Err(Refused::bad("this person is not in this group")),
        _ => Err(Refused::new(StatusCode::NOT_FOUND, "there is no such chat")),
    }
}

/// A person presses a button under a message, which is found by its text.
pub(super) async fn press(
    Knowing(state): Knowing<State>,
    Path(person): Path<i64>,
    body: String,
) -> Result<Json<Value>, Refused> {
    let pressed: Pressed = asked(&body)?;
    let (queued, press_id) = push(&mut state.world(), person, &pressed)?;
    let mut told = told(&state, queued).await;
    if let Some(told) = told.as_object_mut() {
        told.insert("callback_query_id".to_owned(), json!(press_id));
    }
    Ok(Json(told))
}

fn push(world: &mut World, person: i64, pressed: &Pressed) -> Result<(Option<Queued>, String), Refused> {
    let chat = pressed.chat_id.unwrap_or(person);
    may_act(world, person, chat)?;
    let missing = |words: &str| Refused::bad(words.to_owned());
    let message = world.message(chat, pressed.message_id).ok_or_else(|| missing("there is no such message"))?;
    let keyboard = message.keyboard.as_ref().ok_or_else(|| missing("the message has no buttons"))?;
    let button = keyboard.button(&pressed.button).ok_or_else(|| missing("the message has no such button"))?;
    let data = data_of(button)?.to_owned();
    let content = world.message_json(message, true);
    let id = world.presses.add(person, (chat, pressed.message_id), &data, now_ms());
    let from = world.people.get(&person).map(|person| person.json(true)).unwrap_or_default();
    let instance = chat.wrapping_mul(0x1e37_79b9_7f4a_7c15).to_string();
    let query = json!({ "id": id, "from": from, "message": content, "chat_instance": instance, "data": data });
    Ok((world.updates.add("callback_query", query, Lane::Presses(person)), id))
}

fn data_of(button: &Button) -> Result<&str, Refused> {
    match &button.action {
        Action::Callback(data) => Ok(data),
        Action::Link(_) => Err(Refused::bad("the button opens a link: the bot is not told")),
        Action::WebApp(_) => Err(Refused::bad("the button opens a mini-app: the bot is not told")),
        Action::Client(name, _) => Err(Refused::bad(format!("the button is for the client alone ({name})"))),
    }
}

/// Delivers an update and tells how the first try went; nothing where the bot is not told of it, or polls.
async fn told(state: &State, queued: Option<Queued>) -> Value {
    state.deliver();
    let Some(queued) = queued else { return json!({ "update_id": null, "webhook_status": null }) };
    match queued.first.await.unwrap_or_default() {
        told if told.error.is_some() => {
            json!({ "update_id": queued.id, "webhook_status": null, "webhook_error": told.error })
        }
        told => json!({ "update_id": queued.id, "webhook_status": told.status }),
    }
}

/// The menu of commands that a person is offered.
pub(super) async fn commands(
    Knowing(state): Knowing<State>,
    Path(person): Path<i64>,
    Query(place): Query<InChat>,
) -> Json<Value> {
    let world = state.world();
    let chat = place.chat_id.unwrap_or(person);
    let group = world.chats.get(&chat).and_then(|chat| chat.group.as_ref());
    let standing = group.map(|group| group.standing(person));
    let language = world.people.get(&person).and_then(|person| person.language_code.clone()).unwrap_or_default();
    let language: String = language.chars().take(2).collect();
    Json(json!({ "commands": world.commands.offered(chat, person, standing, &language) }))
}
