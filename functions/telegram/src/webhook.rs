//! `POST /telegram/webhook`: lets Telegram in, has the update handled once, answers with the reply in the body.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use countersign_core::bot::{Read, Update};
use countersign_edge::{Call, Problem, ProblemDocument};

use crate::{Bot, answer, dispatch};

/// Who calls where nobody's things are looked at.
const TELEGRAM: &str = "telegram";

/// Take an update
///
/// Telegram's own calls alone. The answer's body, where there is one, is a method of the Bot API that Telegram runs. An update
/// that comes again has no second effect and no second reply.
#[utoipa::path(
    post, path = "/telegram/webhook", tag = "bot",
    security(("telegram" = [])),
    request_body(content = Object, description = "An `Update` of the Bot API"),
    responses(
        (status = 200, description = "Handled, now or before; the body is a method of the Bot API or empty", body = Object),
        (status = 400, description = "No update", body = ProblemDocument),
        (status = 401, description = "The secret token is missing or wrong", body = ProblemDocument),
        (status = 413, description = "Larger than 256 KiB", body = ProblemDocument),
        (status = 503, description = "Not handled: to be sent again", body = ProblemDocument),
    )
)]
pub(crate) async fn webhook(bot: State<Arc<Bot>>, headers: HeaderMap, call: Call) -> Result<Response, Problem> {
    let telegram = bot.gate.admit_telegram(&headers).await?;
    let update: Update = call.json().inspect_err(|_| call.trace().called_by(TELEGRAM))?;
    let read = update.read(&bot.username).unwrap_or_else(|error| {
        // Refused it would come again for a day, and all that follows in its chat would wait for it.
        tracing::error!(%error, "an update was left");
        None
    });
    let answered = match read {
        None => Ok(StatusCode::OK.into_response()),
        Some(Read::NobodysKey { chat_id, message_id }) => {
            tracing::warn!(chat = %chat_id, "a private key was written by nobody who can be answered");
            Ok(answer::deleted(chat_id, message_id))
        }
        Some(Read::Incoming(incoming)) => {
            let done = dispatch::handle(&bot, telegram, &incoming, call.trace()).await;
            done.map(|answer| answer::response(&incoming, answer))
        }
    };
    // Where the person looked at a family's things they are said to have called already.
    call.trace().called_by(TELEGRAM);
    Ok(answered?)
}
