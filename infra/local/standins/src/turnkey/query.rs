//! Look-ups: an activity, an organization's activities, who is calling.

use axum::{Json, body::Bytes, extract::State as Knowing, http::HeaderMap};
use countersign_turnkey::SIGN_RAW_PAYLOAD_TYPE;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    State,
    activity::{Activity, Status},
    gate::admit,
    refusal::Refusal,
};

/// The most activities of one answer.
const PAGE_MOST: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetActivity {
    activity_id: String,
}

/// `POST /public/v1/query/get_activity`.
pub(super) async fn get_activity(
    Knowing(state): Knowing<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let caller = admit(&state, &headers, &body)?;
    let asked: GetActivity = read(&body)?;
    let mut known = state.known();
    let activity = known.activity(&caller.organization_id, &asked.activity_id);
    let activity = activity.ok_or_else(|| Refusal::not_found("no activity found with the given ID"))?;
    Ok(Json(json!({ "activity": activity.show() })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListActivities {
    #[serde(default)]
    filter_by_status: Vec<Status>,
    #[serde(default)]
    filter_by_type: Vec<String>,
    #[serde(default)]
    pagination_options: PaginationOptions,
}

#[derive(Default, Deserialize)]
struct PaginationOptions {
    limit: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// `POST /public/v1/query/list_activities`: newest first.
pub(super) async fn list_activities(
    Knowing(state): Knowing<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let caller = admit(&state, &headers, &body)?;
    let asked: ListActivities = read(&body)?;
    let mut known = state.known();
    let all = known.activities_of(&caller.organization_id);
    let shown: Vec<_> = page(&all, &asked)?.into_iter().map(Activity::show).collect();
    Ok(Json(json!({ "activities": shown })))
}

fn page<'a>(all: &[&'a Activity], asked: &ListActivities) -> Result<Vec<&'a Activity>, Refusal> {
    let options = &asked.pagination_options;
    let limit = match &options.limit {
        None => 10,
        Some(limit) => limit.parse::<usize>().map_err(|_| Refusal::invalid("bad request body: limit"))?,
    };
    let position = |id: &Option<String>| {
        let id = id.as_ref()?;
        all.iter().position(|activity| activity.id == *id)
    };
    let first = position(&options.after).map_or(0, |index| index + 1);
    let end = position(&options.before).unwrap_or(all.len());
    let of_type =
        asked.filter_by_type.is_empty() || asked.filter_by_type.iter().any(|kind| kind == SIGN_RAW_PAYLOAD_TYPE);
    let wanted = |activity: &&Activity| {
        of_type && (asked.filter_by_status.is_empty() || asked.filter_by_status.contains(&activity.status))
    };
    let slice = all.get(first..end).unwrap_or_default();
    Ok(slice.iter().copied().filter(wanted).take(limit.min(PAGE_MOST)).collect())
}

/// `POST /public/v1/query/whoami`.
pub(super) async fn whoami(
    Knowing(state): Knowing<State>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let caller = admit(&state, &headers, &body)?;
    Ok(Json(json!({
        "organizationId": caller.organization_id,
        "organizationName": caller.organization_name,
        "userId": caller.user_id,
        "username": caller.username,
    })))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::invalid(format!("bad request body: {error}")))
}
