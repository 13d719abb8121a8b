//! `POST /api/v1/connections/{provider}/authorize`: where the person consents, with a one-time state of theirs.

use std::sync::Arc;

use axum::extract::State as Door;
use countersign_core::{
    Moment, Refusal, Subject,
    connection::{Provider, State, StoredState},
    idempotency::{IdempotencyKey, IdempotencyRecord, finished},
    limits,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Beside, KeptAnswer};
use serde::Serialize;

use crate::{
    Oauth,
    subject::{Entered, telegram_id},
};

const ENDPOINT: &str = "POST /api/v1/connections/{provider}/authorize";

/// Where to send the person.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Authorize {
    /// The provider's page; for this person alone.
    authorize_url: String,
    /// Until when its answer is taken.
    expires_at: String,
}

/// Begin linking an account
///
/// The answer's URL is for the person's browser. The link comes alive when the same person follows the deep link into the bot.
#[utoipa::path(
    post, path = "/api/v1/connections/{provider}/authorize", tag = "linked accounts",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(
        ("provider" = String, Path, description = "`spotify`, `google`, `github`, `discord`, …"),
        ("telegram_id" = Option<i64>, Query, description = "For a service: for whom"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Where to send the person", body = Authorize),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown person or provider", body = ProblemDocument),
        (status = 409, description = "The person is not bound to Telegram", body = ProblemDocument),
        (status = 422, description = "The Idempotency-Key was used with another request", body = ProblemDocument),
    )
)]
pub(crate) async fn authorize(oauth: Door<Arc<Oauth>>, provider: PathText, call: Call) -> Result<Answer, Problem> {
    let store = &oauth.links.store;
    let Entered { subject, permit, scope, idempotency, facts } = oauth.enter(&call, ENDPOINT).await?;
    let provider = oauth.links.client.provider(&provider.0)?;
    let (telegram_id, now) = (telegram_id(subject)?, clock::now());
    if let Some(record) = finished(call.idempotency(), facts.idempotency.as_ref(), now)? {
        return Ok(replayed(&oauth, provider, subject, &call, record)?);
    }
    let state = match call.idempotency() {
        Some(key) => repeatable(&oauth, subject, key, now),
        None => State::from_random(&clock::random_bytes()),
    };
    // Kept without its body: that has the state in it, and the state can be made again.
    let record = |key| IdempotencyRecord::finished(key, 200, String::new(), now);
    let kept = call.idempotency().map(|key| KeptAnswer { scope, key, record: record(key) });
    let beside = Beside { kept: kept.as_ref(), contact: None };
    let stored = StoredState::new(provider.key, telegram_id, now);
    match store.commit_state(&permit, &state.name(), &stored, beside).await {
        Ok(()) => Ok(Answer::ok(&view(&oauth, provider, &state, now)?)?),
        Err(error) => {
            let twin = store.twin(idempotency, &error, now).await?.ok_or(error)?;
            Ok(replayed(&oauth, provider, subject, &call, &twin)?)
        }
    }
}

fn view(oauth: &Oauth, provider: &Provider, state: &State, at: Moment) -> Result<Authorize, Refusal> {
    Ok(Authorize {
        authorize_url: oauth.links.client.authorize_url(provider, state)?,
        expires_at: at.plus_seconds(limits::OAUTH_STATE_SECONDS).to_rfc3339(),
    })
}

/// The same answer, with the same state, made again.
fn replayed(
    oauth: &Oauth,
    provider: &Provider,
    subject: Subject,
    call: &Call,
    record: &IdempotencyRecord,
) -> Result<Answer, Refusal> {
    let key = call.idempotency().ok_or_else(|| Refusal::internal("a record without its key"))?;
    let state = repeatable(oauth, subject, key, record.written_at);
    let body = serde_json::to_string(&view(oauth, provider, &state, record.written_at)?);
    let body = body.map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(Answer::replay(&IdempotencyRecord { body, ..record.clone() }))
}

fn repeatable(oauth: &Oauth, subject: Subject, key: &IdempotencyKey, at: Moment) -> State {
    let request = [&subject.to_string(), &key.name, &key.fingerprint, &at.millis().to_string()];
    oauth.links.client.verifiers().repeatable_state(&request.map(String::as_str))
}
