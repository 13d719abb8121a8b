//! editMessageText, editMessageCaption, editMessageReplyMarkup, deleteMessage.

use serde_json::{Value, json};

use super::send;
use crate::telegram::{
    keyboard::Keyboard,
    params::Params,
    refusal::Refusal,
    text::Formatted,
    world::{Author, Message, World, now_seconds},
};

/// How long a message may be deleted, in seconds.
const DELETE_SECONDS: u64 = 48 * 60 * 60;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the \
                            same as a current content and reply markup of the message";

pub(super) fn text(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let text = send::text_of(params)?;
    if send::is_too_long(&text) {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let message = editable(world, params)?;
    if message.media.is_some() {
        return Err(Refusal::bad("there is no text in the message to edit"));
    }
    edit(world, params, &message, text)
}

pub(super) fn caption(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let caption = send::caption_of(params)?;
    let message = editable(world, params)?;
    if message.media.is_none() {
        return Err(Refusal::bad("there is no caption in the message to edit"));
    }
    edit(world, params, &message, caption)
}

pub(super) fn keyboard(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let message = editable(world, params)?;
    let text = message.text.clone();
    edit(world, params, &message, text)
}

/// The bot's own message that the call names.
fn editable(world: &World, params: &Params) -> Result<Message, Refusal> {
    if params.text("inline_message_id").is_some() {
        return Err(Refusal::bad("MESSAGE_ID_INVALID"));
    }
    let chat = world.writable(params)?;
    let id = params.required_integer("message_id", "message identifier is not specified")?;
    let message = world.message(chat, id).ok_or_else(|| Refusal::bad("message to edit not found"))?;
    if message.author != Author::Bot {
        return Err(Refusal::bad("message can't be edited"));
    }
    Ok(message.clone())
}

/// A keyboard that the call does not give is taken away, as Telegram does.
fn edit(world: &mut World, params: &Params, message: &Message, text: Formatted) -> Result<Value, Refusal> {
    let keyboard = Keyboard::of_call(params, message.chat_id > 0)?;
    if message.text == text && message.keyboard == keyboard {
        return Err(Refusal::bad(NOT_MODIFIED));
    }
    world.spend(message.chat_id)?;
    let edited = Message { text, keyboard, edited: Some(now_seconds()), ..message.clone() };
    if let Some(kept) = world.message_mut(message.chat_id, message.id) {
        kept.clone_from(&edited);
    }
    Ok(world.message_json(&edited, false))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let chat_id = world.readable(params)?;
    let id = params.required_integer("message_id", "message identifier is not specified")?;
    let not_found = || Refusal::bad("message to delete not found");
    let chat = world.chats.get_mut(&chat_id).ok_or_else(not_found)?;
    let message = chat.messages.get(&id).ok_or_else(not_found)?;
    let is_admin = chat.group.as_ref().is_none_or(|group| group.bot.is_admin());
    let too_old = now_seconds().saturating_sub(message.date) > DELETE_SECONDS;
    if too_old || !(is_admin || message.author == Author::Bot) {
        return Err(Refusal::bad("message can't be deleted"));
    }
    chat.messages.remove(&id);
    chat.pinned.retain(|pinned| *pinned != id);
    Ok(json!(true))
}
