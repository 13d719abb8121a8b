//! Limits, floods, retries, and how long presses may be answered.

use std::time::Instant;

use axum::{Json, extract::State as Knowing, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    asked::{Refused, asked},
    telegram::{Flood, Rate, RateLimits, Retries, State},
};

/// `{"enabled": true}`: Telegram's limits, or those named beside it; without it only those named.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    enabled: Option<bool>,
    per_chat: Option<Rate>,
    per_group: Option<Rate>,
    overall: Option<Rate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answering {
    answer_seconds: u64,
}

pub(super) async fn limits(Knowing(state): Knowing<State>) -> Json<RateLimits> {
    Json(state.world().limits.limits())
}

pub(super) async fn set_limits(Knowing(state): Knowing<State>, body: String) -> Result<Json<RateLimits>, Refused> {
    let asked: Asked = asked(&body)?;
    let base = if asked.enabled == Some(true) { RateLimits::telegram() } else { RateLimits::default() };
    let limits = RateLimits {
        per_chat: asked.per_chat.or(base.per_chat),
        per_group: asked.per_group.or(base.per_group),
        overall: asked.overall.or(base.overall),
    };
    let limits = if asked.enabled == Some(false) { RateLimits::default() } else { limits };
    if !limits.are_sensible() {
        return Err(Refused::bad("per_second is a number above 0, burst one from 1 up"));
    }
    state.world().limits.set(limits);
    Ok(Json(limits))
}

pub(super) async fn floods(Knowing(state): Knowing<State>) -> Json<Value> {
    let world = state.world();
    let floods = world.limits.floods().iter().map(|flooded| {
        let flood = flooded.flood;
        json!({
            "chat_id": flood.chat_id, "retry_after": flood.retry_after, "count": flood.count, "refused": flooded.refused,
        })
    });
    Json(json!({ "floods": floods.collect::<Vec<_>>() }))
}

pub(super) async fn flood(Knowing(state): Knowing<State>, body: String) -> Result<StatusCode, Refused> {
    let flood: Flood = asked(&body)?;
    if flood.retry_after == 0 || flood.count == Some(0) {
        return Err(Refused::bad("retry_after and count are from 1 up"));
    }
    state.world().limits.flood(flood, Instant::now());
    Ok(StatusCode::CREATED)
}

pub(super) async fn clear_floods(Knowing(state): Knowing<State>) -> StatusCode {
    state.world().limits.clear_floods();
    StatusCode::NO_CONTENT
}

pub(super) async fn retries(Knowing(state): Knowing<State>) -> Json<Retries> {
    Json(state.world().updates.retries)
}

pub(super) async fn set_retries(Knowing(state): Knowing<State>, body: String) -> Result<Json<Retries>, Refused> {
    let retries: Retries = asked(&body)?;
    if retries.tries == 0 || retries.timeout_ms == 0 {
        return Err(Refused::bad("tries and timeout_ms are from 1 up"));
    }
    state.world().updates.retries = retries;
    Ok(Json(retries))
}

pub(super) async fn presses(Knowing(state): Knowing<State>) -> Json<Value> {
    let world = state.world();
    Json(json!({ "answer_seconds": world.presses.answer_seconds, "presses": world.presses.all() }))
}

pub(super) async fn set_presses(Knowing(state): Knowing<State>, body: String) -> Result<StatusCode, Refused> {
    state.world().presses.answer_seconds = asked::<Answering>(&body)?.answer_seconds;
    Ok(StatusCode::NO_CONTENT)
}
