//! getChat, getChatMember, setChatTitle, setChatDescription, pinChatMessage, unpinChatMessage.

use serde_json::{Value, json};

use crate::telegram::{
    params::Params,
    refusal::Refusal,
    world::{Standing, World},
};

/// How long a title may be, in characters.
const TITLE_CHARS: usize = 128;
/// How long a description may be, in characters.
const DESCRIPTION_CHARS: usize = 255;

/// Rights that an administrator here has.
const RIGHTS: [&str; 11] = [
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_promote_members",
];

pub(super) fn get(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let id = world.readable(params)?;
    let mut full = world.chat_json(id);
    let chat = world.chats.get(&id).ok_or_else(|| Refusal::bad("chat not found"))?;
    let pinned = chat.pinned.last().and_then(|pinned| world.message(id, *pinned));
    let Some(fields) = full.as_object_mut() else { return Ok(full) };
    fields.insert("accent_color_id".to_owned(), json!(0));
    fields.insert("max_reaction_count".to_owned(), json!(11));
    let gifts = ["unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"];
    let gifts: Value = gifts.iter().map(|gift| ((*gift).to_owned(), json!(id > 0))).collect();
    fields.insert("accepted_gift_types".to_owned(), gifts);
    if let Some(group) = chat.group.as_ref().filter(|group| !group.description.is_empty()) {
        fields.insert("description".to_owned(), json!(group.description));
    }
    if let Some(pinned) = pinned {
        fields.insert("pinned_message".to_owned(), world.message_json(pinned, false));
    }
    Ok(full)
}

pub(super) fn member(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let chat_id = world.readable(params)?;
    let user_id = params.required_integer("user_id", "invalid user_id specified")?;
    let group = world.chats.get(&chat_id).and_then(|chat| chat.group.as_ref());
    let is_bot = user_id == world.bot.id;
    let (user, standing) = match (world.people.get(&user_id), group) {
        (_, group) if is_bot => (world.bot.user_json(), group.map_or(Standing::Member, |group| group.bot)),
        (Some(person), Some(group)) => (person.json(false), group.standing(user_id)),
        (Some(person), None) if user_id == chat_id => (person.json(false), Standing::Member),
        (Some(_), None) => return Err(Refusal::bad("PARTICIPANT_ID_INVALID")),
        (None, _) => return Err(Refusal::bad("user not found")),
    };
    Ok(member_json(user, standing))
}

/// A `ChatMember` object.
pub(in crate::telegram) fn member_json(user: Value, standing: Standing) -> Value {
    let mut member = json!({ "user": user, "status": standing });
    let Some(fields) = member.as_object_mut() else { return member };
    match standing {
        Standing::Creator => {
            fields.insert("is_anonymous".to_owned(), json!(false));
        }
        Standing::Administrator => {
            fields.extend(RIGHTS.map(|right| (right.to_owned(), json!(right != "can_promote_members"))));
            fields.extend(["is_anonymous", "can_be_edited"].map(|name| (name.to_owned(), json!(false))));
        }
        Standing::Kicked => {
            fields.insert("until_date".to_owned(), json!(0));
        }
        Standing::Member | Standing::Left => {}
    }
    member
}

pub(super) fn set_title(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let title = params.text("title").unwrap_or_default().trim().to_owned();
    if title.is_empty() {
        return Err(Refusal::bad("title must be non-empty"));
    }
    if title.chars().count() > TITLE_CHARS {
        return Err(Refusal::bad("title is too long"));
    }
    world.administered(params, "can't change private chat title", "change chat title")?.title = title;
    Ok(json!(true))
}

pub(super) fn set_description(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let description = params.text("description").unwrap_or_default().trim().to_owned();
    if description.chars().count() > DESCRIPTION_CHARS {
        return Err(Refusal::bad("CHAT_ABOUT_TOO_LONG"));
    }
    let group = world.administered(params, "can't change private chat description", "set chat description")?;
    if group.description == description {
        return Err(Refusal::bad("chat description is not modified"));
    }
    group.description = description;
    Ok(json!(true))
}

pub(super) fn pin(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let chat_id = world.writable(params)?;
    let id = params.required_integer("message_id", "message identifier is not specified")?;
    if chat_id < 0 {
        world.administered(params, "", "manage pinned messages in the chat")?;
    }
    let not_found = || Refusal::bad("message to pin not found");
    let chat = world.chats.get_mut(&chat_id).ok_or_else(not_found)?;
    if !chat.messages.contains_key(&id) {
        return Err(not_found());
    }
    chat.pinned.retain(|pinned| *pinned != id);
    chat.pinned.push(id);
    Ok(json!(true))
}

pub(super) fn unpin(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let chat_id = world.writable(params)?;
    if chat_id < 0 {
        world.administered(params, "", "manage pinned messages in the chat")?;
    }
    let not_found = || Refusal::bad("message to unpin not found");
    let chat = world.chats.get_mut(&chat_id).ok_or_else(not_found)?;
    let id = params.integer("message_id").or(chat.pinned.last().copied()).ok_or_else(not_found)?;
    if !chat.pinned.contains(&id) {
        return Err(not_found());
    }
    chat.pinned.retain(|pinned| *pinned != id);
    Ok(json!(true))
}
