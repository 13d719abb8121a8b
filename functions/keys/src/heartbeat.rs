//! `POST /bots/{id}/heartbeat`: a bot's runner says that it lives, and hears whether it is to stop.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    BotId, Moment, Refusal,
    gate::{Runner, RunnerIds},
    idempotency::finished,
    keyring::{Bot, BotStatus, Heartbeat, KeyEvent, KeyHappening, KeyNotice, RunnerScope, unknown_bot},
    limits,
    messaging::OutMessage,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{KeyScope, KeyringAlong, KeyringFacts, KeyringWanted, Undone};
use serde::{Deserialize, Serialize};

use crate::{
    Keys,
    entry::{event, kept},
    telling,
};

#[derive(Default, Deserialize)]
struct HeartbeatForm {
    detail: Option<String>,
}

/// What a runner says of itself.
#[allow(dead_code, reason = "describes `HeartbeatForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct HeartbeatBody {
    /// At most 200 characters; shown with the bot's health.
    detail: Option<String>,
}

/// What a runner hears.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Heard {
    /// `running`, or `stopped` once a stop is acknowledged.
    status: &'static str,
    /// The runner is to stop: it was asked to, or the key was revoked. This heartbeat has acknowledged it.
    stop: bool,
    /// When the next one is expected, in seconds.
    heartbeat_seconds: i64,
}

/// Send a heartbeat
///
/// By the bot's runner, with its token. A stop that was asked for is acknowledged by it.
#[utoipa::path(
    post, path = "/bots/{id}/heartbeat", tag = "runners", request_body = Option<HeartbeatBody>,
    security(("runner_token" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Heard", body = Heard),
        (status = 400, description = "A detail that is too long", body = ProblemDocument),
        (status = 401, description = "No or bad runner token", body = ProblemDocument),
        (status = 403, description = "No such scope", body = ProblemDocument),
        (status = 404, description = "The token is another bot's", body = ProblemDocument),
    )
)]
pub(crate) async fn heartbeat(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let ids = call.presented().runner()?;
    let facts = keys.store.keyring_facts(&wanted(&call, ids)).await?;
    let runner = keys.gate.admit_runner(&call, facts.runner.as_ref(), &keys.store).await?;
    if id.0.parse::<BotId>().ok() != Some(ids.bot_id) {
        return Err(unknown_bot().into());
    }
    let detail = detail(&call)?;
    let first = std::sync::Mutex::new(Some(facts));
    let attempt = || {
        let read = first.lock().ok().and_then(|mut facts| facts.take());
        keys.heard(&call, &runner, detail.as_deref(), read)
    };
    Ok(keys.store.in_turn(attempt).await?)
}

/// The one read of a heartbeat.
fn wanted(call: &Call, ids: RunnerIds) -> KeyringWanted<'_> {
    let idempotency = call.idempotency().map(|key| (scope(ids), key));
    KeyringWanted { runner: Some(ids), idempotency, ..KeyringWanted::default() }
}

fn scope(ids: RunnerIds) -> KeyScope {
    KeyScope::Bot(ids.client_id, ids.bot_id)
}

fn detail(call: &Call) -> Result<Option<String>, Refusal> {
    let form: HeartbeatForm = if call.has_body() { call.object()? } else { HeartbeatForm::default() };
    match form.detail {
        Some(text) if text.chars().count() > limits::HEARTBEAT_DETAIL_CHARS => {
            let most = limits::HEARTBEAT_DETAIL_CHARS;
            Err(Refusal::invalid(format!("detail must be at most {most} characters")))
        }
        other => Ok(other),
    }
}

impl Keys {
    async fn heard(
        &self,
        call: &Call,
        runner: &Runner,
        detail: Option<&str>,
        read: Option<KeyringFacts>,
    ) -> Result<Answer, Undone> {
        let now = clock::now();
        let facts = match read {
            Some(facts) => facts,
            None => self.store.keyring_facts(&wanted(call, runner.ids())).await?,
        };
        let token = facts.runner.as_ref().ok_or_else(|| Refusal::unauthenticated("Invalid JWT token"))?;
        token.grants(RunnerScope::Heartbeat, now)?;
        if let Some(record) = finished(call.idempotency(), facts.idempotency.as_ref(), now)? {
            return Ok(Answer::replay(record));
        }
        let (bot, before) = facts.bot.as_ref().zip(facts.heartbeat.as_ref()).ok_or_else(unknown_bot)?;
        let stopped = bot.acknowledged(facts.key(), now);
        let goes_on = stopped.is_none() && bot.status(facts.key()) == BotStatus::Running;
        let heartbeat = before.came(detail.map(str::to_owned), goes_on, now);
        let (events, messages) = self.told(runner, (bot, before), stopped.is_some(), goes_on, now).await?;
        let status = stopped.as_ref().unwrap_or(bot).status(facts.key());
        let heard = Heard { status: status.as_str(), stop: !goes_on, heartbeat_seconds: limits::HEARTBEAT_SECONDS };
        let answer = Answer::ok(&heard)?;
        let kept = kept(call, scope(runner.ids()), &answer, now);
        let along = KeyringAlong { events: &events, messages: &messages, kept: kept.as_ref(), form: None };
        self.store.commit_heard(stopped.as_ref(), Some(&heartbeat), along).await?;
        Ok(answer)
    }

    /// What happened with this heartbeat: a stop is acknowledged, or the bot is heard again. Told is what ends something that
    /// was told of, to whoever heard of it.
    async fn told(
        &self,
        runner: &Runner,
        (bot, before): (&Bot, &Heartbeat),
        stops: bool,
        goes_on: bool,
        now: Moment,
    ) -> Result<(Vec<KeyEvent>, Vec<OutMessage>), Undone> {
        let by = runner.scope();
        let of = |what| event(bot.client_id, &by, what, Some(bot.id), now);
        let name = || bot.name.clone();
        let (what, notice) = match (stops, goes_on && before.late_told) {
            (true, _) => (KeyHappening::StopAcknowledged, bot.overdue_told.then(|| KeyNotice::Stopped { bot: name() })),
            (false, true) => (KeyHappening::HeartbeatBack, Some(KeyNotice::HeartbeatBack { bot: name() })),
            (false, false) => return Ok((Vec::new(), Vec::new())),
        };
        let Some(notice) = notice else { return Ok((vec![of(what)], Vec::new())) };
        let client = self.store.clients_of(&[bot.client_id]).await?;
        let client = client.first().map(|listed| &listed.client);
        let messages = telling::messages(&self.store, client, &notice, stops, now).await?;
        Ok((vec![of(what)], messages))
    }
}
