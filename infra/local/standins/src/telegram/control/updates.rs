//! Updates that were made, what the webhook answered, and deliveries again.

use axum::{Json, extract::State as Knowing, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    asked::{Refused, asked},
    telegram::{
        State, delivery,
        world::{Told, Webhook},
    },
};

/// How often an update may be delivered at one go.
const MOST_TIMES: u32 = 1_000;

/// An update to be delivered: one given whole, or one made before, by its id.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Again {
    update: Option<Value>,
    update_id: Option<i64>,
    times: Option<u32>,
    #[serde(default)]
    parallel: bool,
}

pub(super) async fn list(Knowing(state): Knowing<State>) -> Json<Value> {
    Json(json!({ "updates": state.world().updates.json() }))
}

pub(super) async fn answers(Knowing(state): Knowing<State>) -> Json<Value> {
    Json(json!({ "answers": state.world().updates.answers() }))
}

/// Delivers an update as often as asked, out of turn and without retries, always with the same id.
pub(super) async fn deliver(Knowing(state): Knowing<State>, body: String) -> Result<Json<Value>, Refused> {
    let again: Again = asked(&body)?;
    let times = again.times.unwrap_or(1);
    if !(1..=MOST_TIMES).contains(&times) {
        return Err(Refused::bad("times is from 1 to 1000"));
    }
    let no_webhook = || Refused::new(StatusCode::CONFLICT, "no webhook is set");
    let webhook = state.world().updates.webhook().cloned().ok_or_else(no_webhook)?;
    let update = update_of(&state, &again)?;
    let all = if again.parallel {
        at_once(&state, &webhook, &update, times).await
    } else {
        let mut all = Vec::new();
        for _ in 0..times {
            all.push(delivery::post_now(&state, &webhook, &update).await);
        }
        all
    };
    let statuses: Vec<_> = all.into_iter().map(|told| told.status).collect();
    Ok(Json(json!({ "update_id": update.get("update_id"), "webhook_statuses": statuses })))
}

async fn at_once(state: &State, webhook: &Webhook, update: &Value, times: u32) -> Vec<Told> {
    let mut deliveries = JoinSet::new();
    for _ in 0..times {
        let (state, webhook, update) = (state.clone(), webhook.clone(), update.clone());
        deliveries.spawn(async move { delivery::post_now(&state, &webhook, &update).await });
    }
    deliveries.join_all().await
}

fn update_of(state: &State, again: &Again) -> Result<Value, Refused> {
    let updates = &mut state.world().updates;
    match (&again.update, again.update_id) {
        (Some(Value::Object(update)), None) => {
            let mut update = update.clone();
            update.entry("update_id").or_insert_with(|| json!(updates.take_id()));
            Ok(Value::Object(update))
        }
        (None, Some(id)) => {
            let known = updates.update(id).cloned();
            known.ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "there is no such update"))
        }
        _ => Err(Refused::bad("give `update`, an object, or `update_id`, one that was made before")),
    }
}
