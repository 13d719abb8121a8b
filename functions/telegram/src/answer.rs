//! An answer as the response body that Telegram reads: a method of the Bot API, or nothing.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use countersign_core::{
    ChatId,
    bot::{Answer, Incoming, What},
    limits,
    messaging::{BotCall, MessageRef},
};
use countersign_telegram::as_answer;
use serde_json::Value;

/// 200 with the method to call, or with nothing.
pub(crate) fn response(incoming: &Incoming, answer: Answer) -> Response {
    match method(incoming, answer) {
        Some(method) => Json(method).into_response(),
        None => StatusCode::OK.into_response(),
    }
}

/// 200 with the deletion of a message. It needs no record: done twice it is no different.
pub(crate) fn deleted(chat: ChatId, message_id: i64) -> Response {
    Json(as_answer(chat, &BotCall::DeleteMessage { message: MessageRef::Id(message_id) })).into_response()
}

fn method(incoming: &Incoming, answer: Answer) -> Option<Value> {
    match (answer, &incoming.what) {
        (Answer::Say(call), _) => Some(as_answer(incoming.chat.id, &call)).filter(|method| !method.is_null()),
        (Answer::Pressed { text, is_alert }, What::Press(press)) => {
            let text: String = text.chars().take(limits::PRESS_ANSWER_CHARS).collect();
            let text = Some(text).filter(|text| !text.is_empty());
            let call = BotCall::AnswerPress { query_id: press.query_id.clone(), text, is_alert };
            Some(as_answer(incoming.chat.id, &call))
        }
        (Answer::Pressed { .. } | Answer::Nothing, _) => None,
    }
}
