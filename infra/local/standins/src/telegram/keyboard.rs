//! The keyboard under a message: its buttons checked as Telegram checks them.

use serde_json::{Map, Value, json};

use super::{params::Params, refusal::Refusal, text::checked_link};

/// How many buttons a message may have.
const MOST_BUTTONS: usize = 100;
/// How long a button's callback data may be, in bytes.
const DATA_BYTES: usize = 64;
/// How long a text to copy may be, in characters.
const COPY_CHARS: usize = 256;

/// Markup that is no inline keyboard: it changes what a person types with, not the message.
const OTHER_MARKUP: [&str; 3] = ["keyboard", "remove_keyboard", "force_reply"];

/// An inline keyboard, as Telegram keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Keyboard {
    rows: Vec<Vec<Button>>,
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Button {
    pub(super) text: String,
    pub(super) action: Action,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Sends this to the bot.
    Callback(String),
    /// Opens a link.
    Link(String),
    /// Opens a mini-app.
    WebApp(String),
    /// Something inside Telegram's client, under this name on the wire.
    Client(&'static str, Value),
}

impl Keyboard {
    /// The keyboard of a call; none where the call has no inline keyboard.
    pub(super) fn of_call(params: &Params, is_private: bool) -> Result<Option<Self>, Refusal> {
        let unreadable = |_| Refusal::bad("can't parse reply keyboard markup JSON object");
        let Some(markup) = params.json("reply_markup").map_err(unreadable)? else { return Ok(None) };
        let Value::Object(markup) = markup else {
            return Err(Refusal::bad("object expected as reply markup"));
        };
        let Some(rows) = markup.get("inline_keyboard") else {
            let known = markup.is_empty() || OTHER_MARKUP.iter().any(|name| markup.contains_key(*name));
            return if known { Ok(None) } else { Err(Refusal::bad("can't parse reply markup")) };
        };
        let keyboard = Self::of_rows(rows, is_private)?;
        Ok(if keyboard.rows.is_empty() { None } else { Some(keyboard) })
    }

    fn of_rows(rows: &Value, is_private: bool) -> Result<Self, Refusal> {
        let no_array = || Refusal::bad("can't parse inline keyboard: Field \"inline_keyboard\" must be of type Array");
        let mut kept = Vec::new();
        for row in rows.as_array().ok_or_else(no_array)? {
            let row = row.as_array().ok_or_else(no_array)?;
            let buttons = row.iter().map(|button| button_of(button, is_private)).collect::<Result<Vec<_>, _>>()?;
            if !buttons.is_empty() {
                kept.push(buttons);
            }
        }
        if kept.iter().map(Vec::len).sum::<usize>() > MOST_BUTTONS {
            return Err(Refusal::bad("reply markup is too long"));
        }
        Ok(Self { rows: kept })
    }

    /// The buttons, row by row.
    pub(super) fn rows(&self) -> &[Vec<Button>] {
        &self.rows
    }

    /// The first button with this text.
    pub(super) fn button(&self, text: &str) -> Option<&Button> {
        self.rows.iter().flatten().find(|button| button.text == text)
    }

    /// As it is on the wire.
    pub(super) fn json(&self) -> Value {
        let rows: Vec<Vec<Value>> = self.rows.iter().map(|row| row.iter().map(Button::json).collect()).collect();
        json!({ "inline_keyboard": rows })
    }
}

impl Button {
    fn json(&self) -> Value {
        let mut button = Map::from_iter([("text".to_owned(), json!(self.text))]);
        let (name, value) = match &self.action {
            Action::Callback(data) => ("callback_data", json!(data)),
            Action::Link(url) => ("url", json!(url)),
            Action::WebApp(url) => ("web_app", json!({ "url": url })),
            Action::Client(name, value) => (*name, value.clone()),
        };
        button.insert(name.to_owned(), value);
        Value::Object(button)
    }
}

fn unreadable(words: &str) -> Refusal {
    Refusal::bad(format!("can't parse inline keyboard button: {words}"))
}

fn button_of(button: &Value, is_private: bool) -> Result<Button, Refusal> {
    let fields = button.as_object().ok_or_else(|| unreadable("InlineKeyboardButton must be an Object"))?;
    let text = match fields.get("text") {
        None => return Err(unreadable("Can't find field \"text\"")),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(_) => return Err(unreadable("Field \"text\" must be of type String")),
    };
    if text.is_empty() {
        return Err(unreadable("Button text must be non-empty"));
    }
    Ok(Button { text, action: action_of(fields, is_private)? })
}

fn action_of(fields: &Map<String, Value>, is_private: bool) -> Result<Action, Refusal> {
    if let Some(url) = fields.get("url") {
        return link(text_of(url, "url")?);
    }
    if let Some(data) = fields.get("callback_data") {
        let data = text_of(data, "callback_data")?;
        if data.is_empty() || data.len() > DATA_BYTES {
            return Err(Refusal::bad("BUTTON_DATA_INVALID"));
        }
        return Ok(Action::Callback(data.to_owned()));
    }
    if let Some(app) = fields.get("web_app") {
        let url = app.get("url").ok_or_else(|| unreadable("Can't find field \"url\""))?;
        return web_app(text_of(url, "url")?, is_private);
    }
    if let Some(copy) = fields.get("copy_text") {
        let length = copy.get("text").and_then(Value::as_str).unwrap_or_default().chars().count();
        return match length {
            1..=COPY_CHARS => Ok(Action::Client("copy_text", copy.clone())),
            _ => Err(Refusal::bad("BUTTON_COPY_TEXT_INVALID")),
        };
    }
    for name in ["switch_inline_query", "switch_inline_query_current_chat", "login_url"] {
        if let Some(value) = fields.get(name) {
            return Ok(Action::Client(name, value.clone()));
        }
    }
    Err(unreadable("Text buttons are unallowed in the inline keyboard"))
}

fn text_of<'a>(value: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    value.as_str().ok_or_else(|| unreadable(&format!("Field \"{name}\" must be of type String")))
}

fn link(url: &str) -> Result<Action, Refusal> {
    checked_link(url)
        .map(Action::Link)
        .map_err(|error| Refusal::bad(format!("inline keyboard button URL '{url}' is invalid: {error}")))
}

fn web_app(url: &str, is_private: bool) -> Result<Action, Refusal> {
    let invalid = |why: &str| Refusal::bad(format!("inline keyboard button Web App URL '{url}' is invalid: {why}"));
    let kept = checked_link(url).map_err(|error| invalid(&error.to_string()))?;
    if !kept.starts_with("https://") {
        return Err(invalid("Only HTTPS links are allowed"));
    }
    if !is_private {
        return Err(Refusal::bad("BUTTON_TYPE_INVALID"));
    }
    Ok(Action::WebApp(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(button: Value) -> String {
        button_of(&button, true).unwrap_err().to_string()
    }

    #[test]
    fn buttons_are_kept_as_telegram_does() {
        let params = Params::from(json!({ "reply_markup": { "inline_keyboard": [
            [{ "text": "Yes", "callback_data": "y" }, { "text": "Go", "url": "example.org" }], []
        ] } }));
        let keyboard = Keyboard::of_call(&params, true).unwrap().unwrap();
        assert_eq!(
            keyboard.json(),
            json!({ "inline_keyboard": [
            [{ "text": "Yes", "callback_data": "y" }, { "text": "Go", "url": "http://example.org/" }]
        ] })
        );
        assert!(keyboard.button("Yes").is_some() && keyboard.button("No").is_none());
    }

    #[test]
    fn callback_data_has_from_1_to_64_bytes() {
        for data in ["", &"x".repeat(65), &"я".repeat(33)] {
            assert_eq!(refused(json!({ "text": "a", "callback_data": data })), "Bad Request: BUTTON_DATA_INVALID");
        }
        for data in ["x", &"x".repeat(64), &"я".repeat(32)] {
            assert!(button_of(&json!({ "text": "a", "callback_data": data }), true).is_ok(), "{data}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_button_is_said() {
        for (button, words) in [
            (json!({ "text": "a", "url": "http://localhost/" }), "'http://localhost/' is invalid: Wrong HTTP URL"),
            (json!({ "text": "a", "url": "ftp://a.b" }), "'ftp://a.b' is invalid: Unsupported URL protocol"),
            (json!({ "text": "a", "web_app": { "url": "http://a.b" } }), "Only HTTPS links are allowed"),
            (json!({ "text": "a" }), "Text buttons are unallowed in the inline keyboard"),
            (json!({ "callback_data": "a" }), "Can't find field \"text\""),
            (json!({ "text": " ", "callback_data": "a" }), "Button text must be non-empty"),
            (json!({ "text": "a", "callback_data": 1 }), "Field \"callback_data\" must be of type String"),
        ] {
            assert!(refused(button.clone()).ends_with(words), "{button}: {}", refused(button.clone()));
        }
        let in_group = button_of(&json!({ "text": "a", "web_app": { "url": "https://a.b" } }), false);
        assert_eq!(in_group.unwrap_err().to_string(), "Bad Request: BUTTON_TYPE_INVALID");
    }

    #[test]
    fn other_markup_leaves_the_message_as_it_is() {
        for markup in [json!({ "remove_keyboard": true }), json!({ "keyboard": [["a"]] }), json!({}), json!("")] {
            let params = Params::from(json!({ "reply_markup": markup }));
            assert_eq!(Keyboard::of_call(&params, true), Ok(None));
        }
        for (markup, words) in [
            (json!("{"), "can't parse reply keyboard markup JSON object"),
            (json!([1]), "object expected as reply markup"),
            (json!({ "inline_keyboard": 1 }), "must be of type Array"),
        ] {
            let refused = Keyboard::of_call(&Params::from(json!({ "reply_markup": markup })), true).unwrap_err();
            assert!(refused.to_string().contains(words), "{refused}");
        }
    }
}
