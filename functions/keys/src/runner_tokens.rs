//! `POST`, `GET` and `DELETE /bots/{id}/runner-tokens`: credentials of one bot's runner, scoped and with an end.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal, RunnerTokenId,
    gate::{ClientSecrets, RunnerIds},
    keyring::{Bot, KeyEvent, KeyHappening, RunnerToken, good_until, scopes},
    limits,
};
use countersign_edge::{Answer, Call, PageQuery, PathPair, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Guard, KeyringAlong};
use serde::{Deserialize, Serialize};

use crate::{Keys, entry::Entered};

const GIVE: &str = "POST /bots/{id}/runner-tokens";
const LIST: &str = "GET /bots/{id}/runner-tokens";
const END: &str = "DELETE /bots/{id}/runner-tokens/{token_id}";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenForm {
    expires_in: Option<i64>,
    scopes: Option<Vec<String>>,
}

/// A new runner token, for the OpenAPI document.
#[allow(dead_code, reason = "describes `TokenForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct TokenBody {
    /// Seconds: 60 to 90 days; a day where nothing is said.
    expires_in: Option<i64>,
    /// `sign`, `heartbeat`; both where nothing is said.
    scopes: Option<Vec<String>>,
}

/// A runner token; the token itself is shown once, and again only for the same `Idempotency-Key`.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct GivenToken {
    /// Its id.
    id: u64,
    /// The bot's client.
    client_id: u64,
    /// The bot.
    bot_id: u64,
    /// For `Authorization: Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// What it is good for.
    scopes: Vec<String>,
    /// From then on it is good for nothing.
    expires_at: String,
}

impl GivenToken {
    fn of(token: &RunnerToken) -> Self {
        Self {
            id: token.id.get(),
            client_id: token.client_id.get(),
            bot_id: token.bot_id.get(),
            token: None,
            scopes: token.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            expires_at: token.good_until.to_rfc3339(),
        }
    }

    /// With the token.
    fn revealed(self, secrets: &ClientSecrets) -> Result<Self, Refusal> {
        let fault = || Refusal::internal("a kept answer of another form");
        let ids = RunnerIds {
            client_id: self.client_id.try_into().map_err(|_| fault())?,
            bot_id: self.bot_id.try_into().map_err(|_| fault())?,
            token_id: self.id.try_into().map_err(|_| fault())?,
        };
        let (token, _) = secrets.runner_token(ids).ok_or_else(no_master)?;
        Ok(Self { token: token.expose_str().map(str::to_owned), ..self })
    }
}

fn no_master() -> Refusal {
    Refusal::unavailable("the gate has no master of client secrets")
}

/// Give a runner a token
///
/// By the bot's client, an admin, or a service that runs bots. It is good for this bot alone.
#[utoipa::path(
    post, path = "/bots/{id}/runner-tokens", tag = "bots", request_body = Option<TokenBody>,
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 201, description = "Given", body = GivenToken),
        (status = 400, description = "What is wrong with it", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "The bot has too many live tokens", body = ProblemDocument),
    )
)]
pub(crate) async fn give(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let (entered, bot) = keys.enter_bot(&call, &id.0, GIVE).await?;
    let gate = keys.gate.gate();
    if let Some(record) = entered.replayed(&call)? {
        return Ok(again(&record.body, gate.clients())?);
    }
    let form: TokenForm = if call.has_body() { call.object()? } else { TokenForm::default() };
    let token = new_token(&entered, &bot, &form, gate.clients())?;
    let live = keys.store.runner_tokens(&entered.permit, bot.id, entered.now).await?.len();
    if live >= limits::RUNNER_TOKENS {
        let text = format!("A bot has at most {} live runner tokens; take one back", limits::RUNNER_TOKENS);
        return Err(Refusal::conflict(text).into());
    }
    let given = GivenToken::of(&token);
    let kept = entered.kept(&call, &Answer::created(&given)?);
    let event = named(entered.event(KeyHappening::RunnerTokenGiven, Some(bot.id)), token.id);
    let along = KeyringAlong { events: &[event], messages: &[], kept: kept.as_ref(), form: None };
    let committed = keys.store.commit_runner_token(&entered.permit, &token, along).await;
    match committed {
        Ok(()) => Ok(Answer::created(&given.revealed(gate.clients())?)?),
        Err(error) => Ok(again(&keys.twin(&entered, &call, error).await?.body, gate.clients())?),
    }
}

fn again(body: &str, secrets: &ClientSecrets) -> Result<Answer, Refusal> {
    let given: GivenToken =
        serde_json::from_str(body).map_err(|error| Refusal::internal(format!("a kept answer: {error}")))?;
    Ok(Answer::created(&given.revealed(secrets)?)?.again())
}

fn new_token(entered: &Entered, bot: &Bot, form: &TokenForm, secrets: &ClientSecrets) -> Result<RunnerToken, Refusal> {
    let token_id = RunnerTokenId::fresh(entered.now, clock::random());
    let ids = RunnerIds { client_id: bot.client_id, bot_id: bot.id, token_id };
    let (_, token_hash) = secrets.runner_token(ids).ok_or_else(no_master)?;
    Ok(RunnerToken {
        id: token_id,
        client_id: bot.client_id,
        bot_id: bot.id,
        token_hash,
        scopes: scopes(form.scopes.as_deref())?,
        created_at: entered.now,
        created_by: entered.permit.by().to_owned(),
        good_until: good_until(form.expires_in, entered.now)?,
    })
}

fn named(event: KeyEvent, token: RunnerTokenId) -> KeyEvent {
    KeyEvent { detail: Some(format!("runner token {token}")), ..event }
}

/// A runner token as a list shows it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TokenView {
    /// Its id.
    id: u64,
    /// What it is good for.
    scopes: Vec<&'static str>,
    /// When it was given.
    created_at: String,
    /// To whom.
    created_by: String,
    /// From then on it is good for nothing.
    expires_at: String,
}

/// The live runner tokens of a bot.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RunnerTokens {
    /// Oldest first.
    runner_tokens: Vec<TokenView>,
    /// For the next page; null at the end.
    next_cursor: Option<String>,
}

/// List a bot's live runner tokens
///
/// Never the tokens themselves.
#[utoipa::path(
    get, path = "/bots/{id}/runner-tokens", tag = "bots",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "The tokens", body = RunnerTokens),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let (entered, bot) = keys.enter_bot(&call, &id.0, LIST).await?;
    let page: PageQuery = call.query()?;
    let of = (bot.id, entered.now);
    let found = keys.store.page_of_runner_tokens(&entered.permit, of, page.limit()?, page.cursor.as_deref()).await?;
    let view = |token: &RunnerToken| TokenView {
        id: token.id.get(),
        scopes: token.scopes.iter().map(|scope| scope.as_str()).collect(),
        created_at: token.created_at.to_rfc3339(),
        created_by: token.created_by.clone(),
        expires_at: token.good_until.to_rfc3339(),
    };
    let runner_tokens = found.items.iter().map(view).collect();
    Ok(Answer::ok(&RunnerTokens { runner_tokens, next_cursor: found.next_cursor })?)
}

/// A runner token that was taken back.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EndedToken {
    /// Its id.
    id: u64,
    /// `true`.
    revoked: bool,
}

/// Take a runner token back
///
/// It is good for nothing once this is answered.
#[utoipa::path(
    delete, path = "/bots/{id}/runner-tokens/{token_id}", tag = "bots",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("token_id" = u64, Path, description = "The token's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Taken back", body = EndedToken),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn end(keys: State<Arc<Keys>>, ids: PathPair, call: Call) -> Result<Answer, Problem> {
    let (entered, bot) = keys.enter_bot(&call, &ids.0, END).await?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(Answer::replay(record));
    }
    let unknown = || Refusal::not_found("No such runner token");
    let token: RunnerTokenId = ids.1.parse().map_err(|_| unknown())?;
    let answer = Answer::ok(&EndedToken { id: token.get(), revoked: true })?;
    let kept = entered.kept(&call, &answer);
    let event = named(entered.event(KeyHappening::RunnerTokenRevoked, Some(bot.id)), token);
    let along = KeyringAlong { events: &[event], messages: &[], kept: kept.as_ref(), form: None };
    let committed = keys.store.commit_runner_token_end(&entered.permit, (bot.id, token), along).await;
    if matches!(&committed, Err(error) if error.failed(Guard::RunnerToken)) && call.idempotency().is_none() {
        return Err(unknown().into());
    }
    let hidden = |refusal: Refusal| if refusal.kind.status() == 409 { unknown() } else { refusal };
    Ok(keys.answer(&entered, &call, committed, answer).await.map_err(hidden)?)
}
