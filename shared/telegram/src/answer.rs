//! A call as the body of an answer to Telegram's webhook: it costs no call of ours.

use countersign_core::{
    ChatId,
    messaging::{BotCall, MessageRef},
};
use serde_json::Value;

use crate::request::Request;

/// The body that has Telegram run the call; its result is told to nobody.
///
/// Null, which Telegram takes for no answer, for what only the outbox can send: a file that comes along, and what is about
/// a message that another entry of the outbox makes.
#[must_use]
pub fn as_answer(chat: ChatId, call: &BotCall) -> Value {
    let about = match call.about() {
        Some(MessageRef::Id(number)) => Some(number),
        Some(MessageRef::Sent(_)) | None => None,
    };
    match Request::read(chat, call, about) {
        Ok(Request { method, mut parameters, file: None }) => {
            parameters.insert("method".to_owned(), method.into());
            Value::Object(parameters)
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use countersign_core::messaging::{Button, Buttons, FileRef, Text};
    use serde_json::json;

    use super::*;

    fn answer(call: &BotCall) -> Value {
        as_answer(ChatId::new(-100).unwrap(), call)
    }

    #[test]
    fn a_message_is_sendmessage() {
        let call = BotCall::SendMessage {
            text: Text::html("<b>a</b>"),
            buttons: Some(Buttons::row(vec![
                Button::callback("Yes", "a.1"),
                Button::url("Site", "https://a.example/"),
            ])),
            reply_to: Some(7),
            ask_reply: false,
            silent: true,
        };
        let expected = json!({
            "method": "sendMessage", "chat_id": -100, "text": "<b>a</b>", "parse_mode": "HTML",
            "disable_notification": true,
            "reply_parameters": { "message_id": 7, "allow_sending_without_reply": true },
            "reply_markup": { "inline_keyboard": [[
                { "text": "Yes", "callback_data": "a.1" }, { "text": "Site", "url": "https://a.example/" },
            ]] },
        });
        assert_eq!(answer(&call), expected);
    }

    #[test]
    fn every_method_has_its_name() {
        let message = MessageRef::Id(7);
        for (call, method) in [
            (BotCall::EditMessage { message, text: "a".into(), buttons: None }, "editMessageText"),
            (BotCall::DeleteMessage { message }, "deleteMessage"),
            (BotCall::PinMessage { message, silent: true }, "pinChatMessage"),
            (BotCall::SetChatTitle { title: "a".into() }, "setChatTitle"),
            (BotCall::SetChatDescription { description: String::new() }, "setChatDescription"),
            (BotCall::SendPhoto { photo: FileRef::Id("AgAD".into()), caption: None, buttons: None }, "sendPhoto"),
            (
                BotCall::SendDocument { document: FileRef::Url("https://a.example/b".into()), caption: None },
                "sendDocument",
            ),
            (BotCall::GetChat, "getChat"),
            (BotCall::GetChatMember { user_id: countersign_core::TelegramId::new(7).unwrap() }, "getChatMember"),
        ] {
            assert_eq!(answer(&call)["method"], method);
        }
    }

    #[test]
    fn what_only_the_outbox_can_send_is_no_answer() {
        let document = FileRef::Content { name: "a".into(), base64: "YQ==".into() };
        assert_eq!(answer(&BotCall::SendDocument { document, caption: None }), Value::Null);
        let message = MessageRef::Sent(countersign_core::OutId::new(3).unwrap());
        assert_eq!(answer(&BotCall::DeleteMessage { message }), Value::Null);
    }

    #[test]
    fn who_is_asked_in_words_gets_the_keyboard_opened() {
        let mut call = BotCall::say("Which name?");
        if let BotCall::SendMessage { ask_reply, .. } = &mut call {
            *ask_reply = true;
        }
        assert_eq!(answer(&call)["reply_markup"], json!({ "force_reply": true, "selective": true }));
    }
}
