//! `GET /bots/{id}/health`: how a bot is, and what that is made of.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{Moment, keyring::BotStatus};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use serde::Serialize;

use crate::Keys;

const HEALTH: &str = "GET /bots/{id}/health";

/// How a bot is.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct BotHealth {
    /// `healthy`, `unhealthy`, or `idle` where it does not run.
    health: &'static str,
    /// `created`, `running`, `stopping` or `stopped`.
    status: &'static str,
    /// The last heartbeat; null: there was none since it was started.
    last_heartbeat_at: Option<String>,
    /// What its runner said of itself.
    detail: Option<String>,
    /// Each by itself.
    checks: HealthChecks,
}

/// What a bot's health is made of.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct HealthChecks {
    /// `ok`, `late`, or `not_awaited`.
    heartbeat: &'static str,
    /// `ok`, `expired`, `revoked` or `missing`.
    key: &'static str,
    /// `ok` or `unhealthy`.
    kms: &'static str,
}

/// A bot's health
#[utoipa::path(
    get, path = "/bots/{id}/health", tag = "bots",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(("id" = u64, Path, description = "The bot")),
    responses(
        (status = 200, description = "How it is", body = BotHealth),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn health(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let (entered, bot) = keys.enter_bot(&call, &id.0, HEALTH).await?;
    let (key, now) = (entered.facts.key(), entered.now);
    let heard = entered.facts.heartbeat.as_ref();
    let heartbeat = match heard {
        Some(heard) if heard.is_late(now) => "late",
        Some(heard) if heard.awaited => "ok",
        _ => "not_awaited",
    };
    let key_check = match key {
        None => "missing",
        Some(key) if key.usable(now).is_ok() => "ok",
        Some(key) if key.revoked_at.is_some() => "revoked",
        Some(_) => "expired",
    };
    let kms = if keys.store.kms_health().await?.is_none_or(|kms| kms.healthy) { "ok" } else { "unhealthy" };
    let status = bot.status(key);
    let well = heartbeat != "late" && key_check == "ok" && kms == "ok";
    Ok(Answer::ok(&BotHealth {
        health: match status {
            BotStatus::Created | BotStatus::Stopped => "idle",
            BotStatus::Running if well => "healthy",
            BotStatus::Running | BotStatus::Stopping => "unhealthy",
        },
        status: status.as_str(),
        last_heartbeat_at: heard.and_then(|heard| heard.last_at).map(Moment::to_rfc3339),
        detail: heard.and_then(|heard| heard.detail.clone()),
        checks: HealthChecks { heartbeat, key: key_check, kms },
    })?)
}
