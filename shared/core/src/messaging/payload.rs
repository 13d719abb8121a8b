//! Reads the payloads of tasks: every field has a form and a limit, and what is not known is refused.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::Value;

use super::{BotCall, Button, ButtonAction, Buttons, FileRef, MessageRef, Text, markup};
use crate::{Refusal, TelegramId, limits};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendMessage {
    text: String,
    parse_mode: Option<String>,
    buttons: Option<Vec<Vec<ButtonForm>>>,
    reply_to_message_id: Option<i64>,
    #[serde(default)]
    disable_notification: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditMessage {
    message_id: i64,
    text: String,
    parse_mode: Option<String>,
    buttons: Option<Vec<Vec<ButtonForm>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneMessage {
    message_id: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendPhoto {
    photo: FileForm,
    caption: Option<String>,
    parse_mode: Option<String>,
    buttons: Option<Vec<Vec<ButtonForm>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SendDocument {
    document: FileForm,
    caption: Option<String>,
    parse_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PinMessage {
    message_id: i64,
    #[serde(default)]
    disable_notification: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Title {
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    description: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    user_id: TelegramId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ButtonForm {
    text: String,
    /// Read only to say why it is refused.
    callback_data: Option<IgnoredAny>,
    url: Option<String>,
}

/// An id or an address as text, or the file itself.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a file is its id, an https address, or {\"name\", \"base64\"}")]
enum FileForm {
    Named(String),
    Content(ContentForm),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContentForm {
    name: String,
    base64: String,
}

pub(super) fn send_message(payload: Value) -> Result<BotCall, Refusal> {
    let form: SendMessage = read(payload)?;
    Ok(BotCall::SendMessage {
        text: message_text(form.text, form.parse_mode.as_deref())?,
        buttons: form.buttons.map(buttons).transpose()?,
        reply_to: form.reply_to_message_id.map(message_id).transpose()?,
        ask_reply: false,
        silent: form.disable_notification,
    })
}

pub(super) fn edit_message(payload: Value) -> Result<BotCall, Refusal> {
    let form: EditMessage = read(payload)?;
    Ok(BotCall::EditMessage {
        message: MessageRef::Id(message_id(form.message_id)?),
        text: message_text(form.text, form.parse_mode.as_deref())?,
        buttons: form.buttons.map(buttons).transpose()?,
    })
}

pub(super) fn delete_message(payload: Value) -> Result<BotCall, Refusal> {
    let form: OneMessage = read(payload)?;
    Ok(BotCall::DeleteMessage { message: MessageRef::Id(message_id(form.message_id)?) })
}

pub(super) fn send_photo(payload: Value) -> Result<BotCall, Refusal> {
    let form: SendPhoto = read(payload)?;
    Ok(BotCall::SendPhoto {
        photo: file("photo", form.photo)?,
        caption: caption(form.caption, form.parse_mode.as_deref())?,
        buttons: form.buttons.map(buttons).transpose()?,
    })
}

pub(super) fn send_document(payload: Value) -> Result<BotCall, Refusal> {
    let form: SendDocument = read(payload)?;
    Ok(BotCall::SendDocument {
        document: file("document", form.document)?,
        caption: caption(form.caption, form.parse_mode.as_deref())?,
    })
}

pub(super) fn pin_message(payload: Value) -> Result<BotCall, Refusal> {
    let form: PinMessage = read(payload)?;
    Ok(BotCall::PinMessage { message: MessageRef::Id(message_id(form.message_id)?), silent: form.disable_notification })
}

pub(super) fn set_chat_title(payload: Value) -> Result<BotCall, Refusal> {
    let Title { title } = read(payload)?;
    let chars = title.trim().chars().count();
    within("title", chars, 1, limits::CHAT_TITLE_CHARS, "characters")?;
    Ok(BotCall::SetChatTitle { title })
}

pub(super) fn set_chat_description(payload: Value) -> Result<BotCall, Refusal> {
    let Description { description } = read(payload)?;
    within("description", description.chars().count(), 0, limits::CHAT_DESCRIPTION_CHARS, "characters")?;
    Ok(BotCall::SetChatDescription { description })
}

pub(super) fn get_chat(payload: Value) -> Result<BotCall, Refusal> {
    let Nothing {} = read(payload)?;
    Ok(BotCall::GetChat)
}

pub(super) fn get_chat_member(payload: Value) -> Result<BotCall, Refusal> {
    let Member { user_id } = read(payload)?;
    Ok(BotCall::GetChatMember { user_id })
}

/// What serde says names the field; a payload holds nothing that must not be shown to whoever sent it.
fn read<T: DeserializeOwned>(payload: Value) -> Result<T, Refusal> {
    serde_json::from_value(payload).map_err(|error| Refusal::invalid(format!("payload: {error}")))
}

fn within(name: &str, is: usize, least: usize, most: usize, unit: &str) -> Result<(), Refusal> {
    if (least..=most).contains(&is) {
        return Ok(());
    }
    Err(Refusal::invalid(format!("payload.{name} must have {least} to {most} {unit}")))
}

fn message_id(number: i64) -> Result<i64, Refusal> {
    match i32::try_from(number) {
        Ok(1..) => Ok(number),
        _ => Err(Refusal::invalid("payload: a message id is a whole number from 1 to 2147483647")),
    }
}

fn text(name: &str, text: String, parse_mode: Option<&str>, most: usize) -> Result<Text, Refusal> {
    let html = match parse_mode {
        None => false,
        Some(mode) if mode.eq_ignore_ascii_case("html") => true,
        Some(_) => return Err(Refusal::invalid("payload.parse_mode must be HTML, or left out")),
    };
    within(name, text.len(), 1, limits::TEXT_BYTES, "bytes")?;
    let text = Text { text, html };
    within(name, markup::shown_units(&text), 1, most, "UTF-16 units after its markup is read")?;
    Ok(text)
}

fn message_text(given: String, parse_mode: Option<&str>) -> Result<Text, Refusal> {
    text("text", given, parse_mode, limits::MESSAGE_UNITS)
}

fn caption(given: Option<String>, parse_mode: Option<&str>) -> Result<Option<Text>, Refusal> {
    given.map(|given| text("caption", given, parse_mode, limits::CAPTION_UNITS)).transpose()
}

fn buttons(rows: Vec<Vec<ButtonForm>>) -> Result<Buttons, Refusal> {
    within("buttons", rows.iter().map(Vec::len).sum(), 1, limits::BUTTONS, "buttons")?;
    let row = |row: Vec<ButtonForm>| {
        within("buttons", row.len(), 1, limits::BUTTONS_IN_ROW, "buttons in a row")?;
        row.into_iter().map(button).collect()
    };
    rows.into_iter().map(row).collect::<Result<_, _>>().map(Buttons)
}

fn button(form: ButtonForm) -> Result<Button, Refusal> {
    let text = form.text;
    within("buttons.text", text.trim().chars().count(), 1, limits::BUTTON_TEXT_CHARS, "characters")?;
    // A press would reach nobody, and what the bot's own buttons carry would do what whoever presses did not mean.
    if form.callback_data.is_some() {
        return Err(Refusal::invalid(
            "payload.buttons: a press of a button with callback_data would reach nobody; to get an answer, use the type ask",
        ));
    }
    let url = form.url.ok_or_else(|| Refusal::invalid("payload.buttons: a button has a url"))?;
    let action = ButtonAction::Url(link("buttons.url", url, &["http", "https", "tg"])?);
    Ok(Button { text, action })
}

fn link(name: &str, text: String, schemes: &[&str]) -> Result<String, Refusal> {
    within(name, text.len(), 1, limits::URL_BYTES, "bytes")?;
    let known = url::Url::parse(&text).is_ok_and(|url| schemes.contains(&url.scheme()));
    if known {
        Ok(text)
    } else {
        Err(Refusal::invalid(format!("payload.{name} is no address of {}", schemes.join(", "))))
    }
}

fn file(name: &str, form: FileForm) -> Result<FileRef, Refusal> {
    match form {
        // Telegram fetches it, from wherever it can reach; nothing of ours does.
        FileForm::Named(text) if text.contains("://") => Ok(FileRef::Url(link(name, text, &["http", "https"])?)),
        FileForm::Named(id) => {
            within(name, id.len(), 1, limits::FILE_ID_BYTES, "bytes")?;
            let known = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            if known {
                Ok(FileRef::Id(id))
            } else {
                Err(Refusal::invalid(format!("payload.{name} is no file id of Telegram")))
            }
        }
        FileForm::Content(content) => file_content(name, content),
    }
}

fn file_content(name: &str, form: ContentForm) -> Result<FileRef, Refusal> {
    within(name, form.name.len(), 1, limits::FILE_NAME_BYTES, "bytes of name")?;
    if form.name.contains(['/', '\\']) || form.name.chars().any(char::is_control) {
        return Err(Refusal::invalid(format!("payload.{name}.name is a file's name without a folder")));
    }
    let bytes = STANDARD.decode(&form.base64);
    let bytes = bytes.map_err(|_| Refusal::invalid(format!("payload.{name}.base64 is not base64")))?;
    within(name, bytes.len(), 1, limits::FILE_BYTES, "bytes")?;
    Ok(FileRef::Content { name: form.name, base64: form.base64 })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(call: fn(Value) -> Result<BotCall, Refusal>, payload: Value, words: &str) {
        let refusal = call(payload).unwrap_err();
        assert_eq!(refusal.kind.status(), 400);
        assert!(refusal.public.contains(words), "{} does not say {words}", refusal.public);
    }

    #[test]
    fn texts_have_telegrams_limits() {
        assert!(send_message(json!({ "text": "a".repeat(4096) })).is_ok());
        refused(send_message, json!({ "text": "a".repeat(4097) }), "4096");
        assert!(send_message(json!({ "text": "😀".repeat(2048) })).is_ok());
        refused(send_message, json!({ "text": "😀".repeat(2049) }), "UTF-16");
        let tags = "<b>".to_owned() + &"a".repeat(4096) + "</b>";
        assert!(send_message(json!({ "text": tags, "parse_mode": "HTML" })).is_ok());
        refused(send_message, json!({ "text": tags }), "4096");
        refused(send_message, json!({ "text": "  " }), "1 to 4096");
        refused(send_message, json!({ "text": "<b></b>", "parse_mode": "html" }), "1 to 4096");
        refused(send_message, json!({ "text": "a", "parse_mode": "Markdown" }), "parse_mode");
        refused(send_photo, json!({ "photo": "AgAD", "caption": "a".repeat(1025) }), "1024");
        refused(set_chat_title, json!({ "title": "" }), "128");
        refused(set_chat_title, json!({ "title": "a".repeat(129) }), "128");
        refused(set_chat_description, json!({ "description": "a".repeat(256) }), "255");
    }

    #[test]
    fn forms_are_strict() {
        refused(send_message, json!({ "text": "a", "chat": 1 }), "chat");
        refused(send_message, json!({ "text": 7 }), "string");
        refused(send_message, json!([]), "payload");
        refused(get_chat, json!({ "user_id": 1 }), "user_id");
        refused(get_chat_member, json!({ "user_id": 0 }), "id");
        for bad in [0, -1, 2_147_483_648_i64] {
            refused(delete_message, json!({ "message_id": bad }), "message id");
        }
    }

    #[test]
    fn buttons_do_one_thing() {
        let with = |button: Value| json!({ "text": "a", "buttons": [[button]] });
        assert!(send_message(with(json!({ "text": "Site", "url": "https://example.org" }))).is_ok());
        let provider = crate::connection::PROVIDERS.first().unwrap();
        let own =
            ["a.7.0.x", "l.ru", "m.1.2.3", "p.1.2.3", &crate::connection::connect_data(provider)].map(|own| json!(own));
        for data in own.into_iter().chain([json!("y"), json!(""), json!(7)]) {
            let buttons = json!([[{ "text": "Win", "callback_data": data }]]);
            refused(send_message, json!({ "text": "a", "buttons": buttons }), "use the type ask");
            refused(edit_message, json!({ "message_id": 7, "text": "a", "buttons": buttons }), "use the type ask");
            refused(send_photo, json!({ "photo": "AgAD", "buttons": buttons }), "use the type ask");
        }
        refused(send_message, with(json!({ "text": "Yes" })), "has a url");
        refused(send_message, with(json!({ "text": "Yes", "url": "javascript:alert(1)" })), "address");
        refused(send_message, json!({ "text": "a", "buttons": [] }), "1 to 100");
        let row: Vec<_> = (0..9).map(|_| json!({ "text": "Y", "url": "https://a.b" })).collect();
        refused(send_message, json!({ "text": "a", "buttons": [row] }), "in a row");
    }

    #[test]
    fn files_are_named_or_come_along() {
        let document = |file: Value| send_document(json!({ "document": file }));
        assert!(document(json!("AgACAgIAAxkB")).is_ok());
        assert!(document(json!("https://example.org/a.pdf")).is_ok());
        for bad in [
            json!("file:///etc/passwd"),
            json!("a/../b"),
            json!(""),
            json!({ "name": "../a", "base64": "YQ==" }),
            json!({ "name": "a", "base64": "not base64" }),
            json!({ "name": "a", "base64": "" }),
            json!({ "name": "a", "base64": STANDARD.encode(vec![0; limits::FILE_BYTES + 1]) }),
            json!(7),
        ] {
            assert!(document(bad.clone()).is_err(), "{bad}");
        }
    }
}
