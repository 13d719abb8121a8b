//! sendMessage and sendChatAction.

use serde_json::{Value, json};

use crate::telegram::{
    keyboard::Keyboard,
    params::Params,
    refusal::Refusal,
    text::Formatted,
    world::{Author, Draft, Media, World},
};

/// How long a message may be, in UTF-16 units after its entities are read.
const TEXT_UNITS: usize = 4_096;
/// How long a caption may be, in UTF-16 units.
const CAPTION_UNITS: usize = 1_024;

const ACTIONS: [&str; 12] = [
    "typing",
    "cancel",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(super) fn message(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let text = text_of(params)?;
    if text.length() > TEXT_UNITS {
        return Err(Refusal::bad("message is too long"));
    }
    post(world, params, text, None)
}

/// The text of a message: there must be one.
pub(super) fn text_of(params: &Params) -> Result<Formatted, Refusal> {
    if params.text("text").unwrap_or_default().is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    let text = Formatted::of_call(params, "text", "entities")?;
    if text.text.is_empty() {
        return Err(Refusal::bad("text must be non-empty"));
    }
    Ok(text)
}

/// Whether a text is too long to take the place of another.
pub(super) fn is_too_long(text: &Formatted) -> bool {
    text.length() > TEXT_UNITS
}

/// The caption of a file.
pub(super) fn caption_of(params: &Params) -> Result<Formatted, Refusal> {
    let caption = Formatted::of_call(params, "caption", "caption_entities")?;
    if caption.length() > CAPTION_UNITS {
        return Err(Refusal::bad("message caption is too long"));
    }
    Ok(caption)
}

/// Posts the bot's message to the chat of the call.
pub(super) fn post(
    world: &mut World,
    params: &Params,
    text: Formatted,
    media: Option<Media>,
) -> Result<Value, Refusal> {
    let chat = world.writable(params)?;
    let keyboard = Keyboard::of_call(params, chat > 0)?;
    let reply_to = replied(world, params, chat)?;
    world.spend(chat)?;
    let draft = Draft { author: Author::Bot, text, media, keyboard, reply_to };
    let message = world.post(chat, draft).ok_or_else(|| Refusal::bad("chat not found"))?;
    Ok(world.message_json(&message, false))
}

/// The message that is answered, by `reply_parameters` or the older `reply_to_message_id`.
fn replied(world: &World, params: &Params, chat: i64) -> Result<Option<i64>, Refusal> {
    let unreadable = |_| Refusal::bad("can't parse reply parameters JSON object");
    let reply = params.json("reply_parameters").map_err(unreadable)?.unwrap_or_default();
    let named = reply.get("message_id").and_then(Value::as_i64);
    let Some(id) = named.or(params.integer("reply_to_message_id")).filter(|id| *id != 0) else { return Ok(None) };
    if world.message(chat, id).is_some() {
        return Ok(Some(id));
    }
    let allowed = reply.get("allow_sending_without_reply").and_then(Value::as_bool).unwrap_or_default();
    if allowed || params.flag("allow_sending_without_reply") {
        Ok(None)
    } else {
        Err(Refusal::bad("message to be replied not found"))
    }
}

pub(super) fn action(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let action = params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    world.writable(params)?;
    Ok(json!(true))
}
