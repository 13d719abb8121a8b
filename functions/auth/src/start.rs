//! `POST /api/v1/auth/telegram/start`: a bot asks for a code that binds one of its chats.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    ChatId, Refusal, TelegramId,
    binding::{BindCode, StoredBindCode},
    gate::Gate,
    idempotency::finished,
    limits, policy,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::KeyScope;
use serde::{Deserialize, Serialize};

use crate::{Auth, issued, state::no_master};

const ENDPOINT: &str = "POST /api/v1/auth/telegram/start";

/// Whose chat.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct StartBody {
    /// The person's own chat with the bot: their Telegram id.
    #[schema(value_type = u64)]
    chat_id: ChatId,
}

/// The code.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Started {
    /// Eight characters without I, L, O and U; read in either case.
    code: String,
    /// Seconds.
    expires_in: i64,
}

/// What the answer is made of.
#[derive(Serialize, Deserialize)]
struct MadeOf {
    chat: TelegramId,
    nonce: u64,
}

impl MadeOf {
    fn started(&self, gate: &Gate) -> Result<Started, Refusal> {
        let code = gate.clients().bind_code(self.chat, self.nonce).ok_or_else(no_master)?;
        Ok(Started { code: BindCode::expose(&code).to_owned(), expires_in: limits::BIND_CODE_SECONDS })
    }
}

/// Begin to bind a chat
///
/// A bot that is a service shows the code to the person in that chat; they type it where they are logged in. A newer code
/// takes the place of the one before.
#[utoipa::path(
    post, path = "/api/v1/auth/telegram/start", tag = "people", request_body = StartBody,
    security(("service_key" = []), ("signed_request" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "The code", body = Started),
        (status = 400, description = "Not a person's own chat", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not a service whose role allows it", body = ProblemDocument),
    )
)]
pub(crate) async fn start(auth: State<Arc<Auth>>, call: Call) -> Result<Answer, Problem> {
    let caller = auth.gate.admit(&call, &auth.store).await?;
    let permit = policy::service_permit(&caller, ENDPOINT)?;
    let body: StartBody = call.object()?;
    let chat = body.chat_id.person().ok_or_else(|| Refusal::invalid("chat_id must be a person's own chat"))?;
    let (now, gate, scope) = (clock::now(), auth.gate.gate(), KeyScope::Service(permit.service_id()));
    let again = |record: &_| issued::replayed(record, |made_of: MadeOf| made_of.started(&gate));
    let asked = call.idempotency().map(|key| (scope, key));
    if let Some((scope, key)) = asked {
        let record = auth.store.idempotency_record(scope, key).await?;
        if let Some(record) = finished(Some(key), record.as_ref(), now)? {
            return Ok(again(record)?);
        }
    }
    let (_, stored) = StoredBindCode::fresh(gate.clients(), chat, clock::random(), now).ok_or_else(no_master)?;
    let made_of = MadeOf { chat, nonce: stored.nonce };
    let kept = issued::kept_answer(&call, scope, &made_of, now)?;
    match auth.store.commit_bind_code_for(&permit, chat, &stored, kept.as_ref()).await {
        Ok(()) => Ok(Answer::ok(&made_of.started(&gate)?)?),
        Err(error) => Ok(again(&auth.store.twin(asked, &error, now).await?.ok_or(error)?)?),
    }
}
