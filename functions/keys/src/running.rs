//! `POST /bots/{id}/start` and `/stop`, `PUT /bots/{id}/limits`: what a client wants of its bot.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal,
    keyring::{Bot, BotLimits, BotStatus, ClientKey, Heartbeat, KeyEvent, KeyHappening},
    limits,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::{KeyringAlong, Undone};
use serde::Deserialize;

use crate::{
    Keys,
    entry::{Entered, Known},
    view::BotView,
};

const START: &str = "POST /bots/{id}/start";
const STOP: &str = "POST /bots/{id}/stop";
const LIMITS: &str = "PUT /bots/{id}/limits";

/// Start a bot
///
/// By its client or an admin. Its runner may sign from now on, and its heartbeats are waited for.
#[utoipa::path(
    post, path = "/bots/{id}/start", tag = "bots",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Started", body = BotView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed, or the key is past its date", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "It runs, is stopping, or there is no key of its chain", body = ProblemDocument),
    )
)]
pub(crate) async fn start(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let started = |entered: &Entered, bot: &Bot| {
        entered.facts.not_revoked_with_all()?;
        Ok(Some((bot.started(entered.facts.key(), entered.now)?, true)))
    };
    Ok(keys.change(&call, &id.0, START, KeyHappening::Started, started).await?)
}

/// Stop a bot
///
/// By its client or an admin. Its runner may not sign any more once this is answered, and learns of it by its next heartbeat.
#[utoipa::path(
    post, path = "/bots/{id}/stop", tag = "bots",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Asked to stop, or stopped already", body = BotView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn stop(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let asked =
        |entered: &Entered, bot: &Bot| Ok(bot.asked_to_stop(entered.facts.key(), entered.now).map(|bot| (bot, false)));
    Ok(keys.change(&call, &id.0, STOP, KeyHappening::StopRequested, asked).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsForm {
    signatures_per_hour: Option<u32>,
    amount_per_hour: Option<String>,
}

/// A bot's limits.
#[allow(dead_code, reason = "describes `LimitsForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct LimitsBody {
    /// Signatures in any hour: 0 to 100 000; 1000 where nothing is said.
    signatures_per_hour: Option<u32>,
    /// What may leave the account in any hour, in the smallest unit of the key's chain (stroops, lamports, wei), as decimal text;
    /// none where nothing is said. With it, a transaction whose amount cannot be read is refused: a call of a contract or of
    /// another program than Solana's own, and so every trade of tokens on EVM chains and Solana.
    amount_per_hour: Option<String>,
}

/// Set a bot's limits
///
/// By its client or an admin. They hold from the next signature on; what was signed within the hour counts. Where the amount of
/// something signed within the hour could not be read, nothing is signed under an amount limit until that is an hour old. An amount
/// limit is in the unit of the client's present key: under a key of another chain the bot is not started before it is set anew.
#[utoipa::path(
    put, path = "/bots/{id}/limits", tag = "bots", request_body = LimitsBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The bot"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Set", body = BotView),
        (status = 400, description = "A wrong limit", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn set_limits(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let changed = |entered: &Entered, bot: &Bot| {
        let bot_limits = read_limits(&call.object()?, entered.facts.key())?;
        Ok(Some((Bot { bot_limits, version: bot.version.saturating_add(1), ..bot.clone() }, false)))
    };
    Ok(keys.change(&call, &id.0, LIMITS, KeyHappening::LimitsChanged, changed).await?)
}

fn read_limits(form: &LimitsForm, key: Option<&ClientKey>) -> Result<BotLimits, Refusal> {
    let signatures_per_hour = form.signatures_per_hour.unwrap_or(limits::BOT_SIGNATURES_PER_HOUR);
    if signatures_per_hour > limits::BOT_SIGNATURES_PER_HOUR_MOST {
        let most = limits::BOT_SIGNATURES_PER_HOUR_MOST;
        return Err(Refusal::invalid(format!("signatures_per_hour must be 0 to {most}")));
    }
    let amount = |text: &String| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let amount = text.parse().ok().filter(|_| digits);
        amount.ok_or_else(|| Refusal::invalid("amount_per_hour must be a whole number as text, below 2^128"))
    };
    let amount_per_hour = form.amount_per_hour.as_ref().map(amount).transpose()?;
    let amount_chain = key.map(|key| key.facts.chain).filter(|_| amount_per_hour.is_some());
    Ok(BotLimits { signatures_per_hour, amount_per_hour, amount_chain })
}

impl Keys {
    /// Changes a bot, again from the start while others are faster. `next` says what it becomes, and whether it is started.
    async fn change(
        &self,
        call: &Call,
        id: &str,
        endpoint: &'static str,
        what: KeyHappening,
        next: impl Fn(&Entered, &Bot) -> Result<Option<(Bot, bool)>, Refusal>,
    ) -> Result<Answer, Refusal> {
        let known = self.known(call).await?;
        self.store.in_turn(|| self.changed(call, &known, (id, endpoint), what, &next)).await
    }

    async fn changed(
        &self,
        call: &Call,
        known: &Known,
        (id, endpoint): (&str, &'static str),
        what: KeyHappening,
        next: &impl Fn(&Entered, &Bot) -> Result<Option<(Bot, bool)>, Refusal>,
    ) -> Result<Answer, Undone> {
        let (entered, bot) = self.entered_bot(call, known, id, endpoint).await?;
        if let Some(record) = entered.replayed(call)? {
            return Ok(Answer::replay(record));
        }
        let key = entered.facts.key();
        let Some((next, is_start)) = next(&entered, &bot)? else {
            return Ok(Answer::ok(&BotView::of(&bot, key, entered.now))?);
        };
        let answer = Answer::ok(&BotView::of(&next, key, entered.now))?;
        let (before, now) = (entered.facts.heartbeat.as_ref(), entered.now);
        let heartbeat = is_start.then(|| Heartbeat::awaited(next.client_id, next.id, before, now));
        let event = KeyEvent { detail: detail(&next, what), ..entered.event(what, Some(bot.id)) };
        let kept = entered.kept(call, &answer);
        let along = KeyringAlong { events: &[event], messages: &[], kept: kept.as_ref(), form: None };
        let while_key = key.filter(|_| next.status(key) == BotStatus::Running);
        self.store.commit_bot(&entered.permit, while_key, &next, heartbeat.as_ref(), along).await?;
        Ok(answer)
    }
}

fn detail(bot: &Bot, what: KeyHappening) -> Option<String> {
    let limits = bot.bot_limits;
    let amount = limits.amount_per_hour.map_or_else(|| "no amount limit".to_owned(), |most| format!("{most} an hour"));
    (what == KeyHappening::LimitsChanged)
        .then(|| format!("{} signatures an hour, {amount}", limits.signatures_per_hour))
}
