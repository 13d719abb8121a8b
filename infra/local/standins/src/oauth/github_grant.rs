//! `DELETE /{provider}/applications/{client_id}/grant`: GitHub's "Delete an app authorization".

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::json;

use super::{
    grants::Caller,
    token::no_such_provider,
    world::{Known, World},
};

#[derive(Deserialize)]
struct Asked {
    access_token: String,
}

/// 204 once the person's grant to the client is over, with every token of it; in GitHub's own words where it is not.
pub(super) async fn revoke(
    State(world): State<World>,
    Path((provider, client_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut known = world.known();
    if !known.rules(&provider).is_some_and(|rules| rules.github_answers) {
        return no_such_provider();
    }
    if !headers.contains_key(header::USER_AGENT) {
        return refused(StatusCode::FORBIDDEN, "Request forbidden by administrative rules. Missing User-Agent");
    }
    if !is_client(&known, &provider, &client_id, &headers) {
        return refused(StatusCode::UNAUTHORIZED, "Bad credentials");
    }
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed");
    };
    let caller = Caller { provider: &provider, client_id: &client_id };
    if known.revoke_person(&caller, &asked.access_token) {
        StatusCode::NO_CONTENT.into_response()
    } else {
        refused(StatusCode::NOT_FOUND, "Not Found")
    }
}

/// The client of the path, by HTTP Basic: id and secret as they are, encoded in no other way.
fn is_client(known: &Known, provider: &str, client_id: &str, headers: &HeaderMap) -> bool {
    let read = || {
        let (scheme, encoded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        let text = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
        let secret = text.strip_prefix(client_id)?.strip_prefix(':')?;
        let client = known.client(provider, client_id)?;
        let good = verify_slices_are_equal(client.secret.as_bytes(), secret.as_bytes()).is_ok();
        Some(good && scheme.eq_ignore_ascii_case("basic"))
    };
    read().unwrap_or(false)
}

fn refused(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}
