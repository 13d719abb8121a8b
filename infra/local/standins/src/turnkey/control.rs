//! The stand-in's own control routes: organizations, how activities go, rate limits.

use axum::{
    Json, Router,
    extract::{Path, State as Knowing},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    AddedOrganization, Mode, NewOrganization, RateLimits, State, Status, Summary,
    organization::{AddError, Organization},
    state::SetError,
};
use crate::asked::{Refused, asked};

/// `/_control/organizations`, `/_control/activity_mode`, `/_control/activities`, `/_control/limits`.
pub(super) fn router(state: State) -> Router {
    Router::new()
        .route("/_control/organizations", get(list_organizations).post(add_organization))
        .route("/_control/activity_mode", get(list_modes).post(add_mode).delete(clear_modes))
        .route("/_control/activities", get(list_activities))
        .route("/_control/activities/{id}", post(set_activity))
        .route("/_control/limits", get(show_limits).post(set_limits))
        .with_state(state)
}

async fn list_organizations(Knowing(state): Knowing<State>) -> Json<Value> {
    let shown: Vec<_> = state.known().organizations.values().map(show_organization).collect();
    Json(json!({ "organizations": shown }))
}

/// Without its secrets.
fn show_organization(organization: &Organization) -> Value {
    let keys: Vec<_> = organization.users.iter().map(|user| &user.api_public_key).collect();
    let addresses: Vec<_> = organization.wallets.iter().map(|wallet| &wallet.address).collect();
    json!({"organization_id": organization.id, "api_public_keys": keys, "sign_with": addresses})
}

async fn add_organization(
    Knowing(state): Knowing<State>,
    body: String,
) -> Result<(StatusCode, Json<AddedOrganization>), Refused> {
    let added = state.add_organization(asked::<NewOrganization>(&body)?).map_err(|error| match error {
        AddError::Storage(_) | AddError::Randomness => {
            Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
        }
        _ => Refused::bad(error.to_string()),
    })?;
    Ok((StatusCode::CREATED, Json(added)))
}

async fn list_modes(Knowing(state): Knowing<State>) -> Json<Value> {
    Json(json!({ "modes": state.known().modes }))
}

async fn add_mode(Knowing(state): Knowing<State>, body: String) -> Result<(StatusCode, Json<Mode>), Refused> {
    let mode = asked::<Mode>(&body)?;
    if mode.count == 0 {
        return Err(Refused::bad("count is from 1 up"));
    }
    state.add_mode(mode.clone());
    Ok((StatusCode::CREATED, Json(mode)))
}

async fn clear_modes(Knowing(state): Knowing<State>) -> StatusCode {
    state.known().modes.clear();
    StatusCode::NO_CONTENT
}

async fn list_activities(Knowing(state): Knowing<State>) -> Json<Value> {
    Json(json!({ "activities": state.activities() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetStatus {
    status: Status,
}

async fn set_activity(
    Knowing(state): Knowing<State>,
    Path(id): Path<String>,
    body: String,
) -> Result<Json<Summary>, Refused> {
    let status = asked::<SetStatus>(&body)?.status;
    let activity = state.known().set_status(&id, status).map_err(|error| match error {
        SetError::NoSuchActivity => Refused::new(StatusCode::NOT_FOUND, "no such activity"),
        SetError::AlreadyFinal => Refused::new(StatusCode::CONFLICT, "the activity has ended already"),
        SetError::Storage(error) => Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error),
    })?;
    Ok(Json(activity.summary()))
}

async fn show_limits(Knowing(state): Knowing<State>) -> Json<RateLimits> {
    Json(state.known().buckets.limits())
}

async fn set_limits(Knowing(state): Knowing<State>, body: String) -> Result<Json<RateLimits>, Refused> {
    let limits = asked::<RateLimits>(&body)?;
    if !limits.is_sensible() {
        return Err(Refused::bad("limits are numbers above 0"));
    }
    state.set_limits(limits);
    Ok(Json(limits))
}
