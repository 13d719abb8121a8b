//! getUpdates: for bots without a webhook.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::webhook::allowed;
use crate::telegram::{State, params::Params, refusal::Refusal};

/// The longest wait, in seconds.
const MOST_SECONDS: i64 = 50;

pub(super) async fn get(state: &State, params: &Params) -> Result<Value, Refusal> {
    let allowed = allowed(params)?;
    let limit = params.integer("limit").unwrap_or(100).clamp(1, 100);
    let limit = usize::try_from(limit).unwrap_or(100);
    let wait = params.integer("timeout").unwrap_or(0).clamp(0, MOST_SECONDS).unsigned_abs();
    let until = Instant::now() + Duration::from_secs(wait);
    let mine = begin(state, allowed)?;
    loop {
        let rung = state.bell().notified();
        tokio::pin!(rung);
        rung.as_mut().enable();
        let updates = waiting(state, mine, params.integer("offset").unwrap_or(0), limit)?;
        if !updates.is_empty() || Instant::now() >= until {
            return Ok(Value::Array(updates));
        }
        tokio::select! {
            _ = timeout_at(until, rung) => {}
            () = state.stopped() => return Ok(Value::Array(Vec::new())),
        }
    }
}

/// Begins a poll, which ends an older one.
fn begin(state: &State, allowed: Option<Vec<String>>) -> Result<u64, Refusal> {
    let mine = {
        let updates = &mut state.world().updates;
        if updates.webhook().is_some() {
            return Err(webhook_is_active());
        }
        if let Some(allowed) = allowed {
            updates.allowed = allowed;
        }
        updates.polls += 1;
        updates.polls
    };
    state.bell().notify_waiters();
    Ok(mine)
}

fn waiting(state: &State, mine: u64, offset: i64, limit: usize) -> Result<Vec<Value>, Refusal> {
    let updates = &mut state.world().updates;
    if updates.webhook().is_some() {
        return Err(webhook_is_active());
    }
    if updates.polls != mine {
        let words = "terminated by other getUpdates request; make sure that only one bot instance is running";
        return Err(Refusal::conflict(words));
    }
    Ok(updates.poll(offset, limit))
}

fn webhook_is_active() -> Refusal {
    let words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
    Refusal::conflict(words)
}
