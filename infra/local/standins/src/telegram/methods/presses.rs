//! answerCallbackQuery.

use serde_json::{Value, json};

use crate::{
    clock::now_ms,
    telegram::{
        params::Params,
        refusal::Refusal,
        text::units,
        world::{Answer, World},
    },
};

/// How long the words shown to a person may be.
const ANSWER_UNITS: usize = 200;

pub(super) fn answer(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let text = params.text("text").unwrap_or_default();
    if units(&text) > ANSWER_UNITS {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let id = params.text("callback_query_id").unwrap_or_default();
    let answer = Answer { text, show_alert: params.flag("show_alert"), url: params.text("url") };
    if world.presses.answer(&id, answer, now_ms()) {
        Ok(json!(true))
    } else {
        Err(Refusal::bad("query is too old and response timeout expired or query ID is invalid"))
    }
}
