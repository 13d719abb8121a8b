//! `GET /{provider}/userinfo`: whose access token this is (RFC 6750).

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use super::{token::no_such_provider, world::World};

/// `id` and `name`, and beside them the provider's own names for them; GitHub's ids are numbers.
pub(super) async fn userinfo(State(world): State<World>, Path(provider): Path<String>, headers: HeaderMap) -> Response {
    let known = world.known();
    let Some(rules) = known.rules(&provider) else { return no_such_provider() };
    let Some(token) = bearer(&headers) else { return challenge(&provider, None) };
    let Some(grant) = known.bearer(&provider, token) else { return challenge(&provider, Some("invalid_token")) };
    let id = known.account(&provider, &grant.user);
    let id = match id.parse::<u64>() {
        Ok(number) if rules.github_answers => Value::from(number),
        _ => Value::from(id),
    };
    let mut fields = Map::new();
    for name in ["id", &rules.id_field] {
        fields.insert(name.to_owned(), id.clone());
    }
    for name in ["name", &rules.name_field] {
        fields.insert(name.to_owned(), Value::from(grant.user.clone()));
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(fields)).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn challenge(provider: &str, error: Option<&str>) -> Response {
    let error_part = error.map(|error| format!(", error=\"{error}\"")).unwrap_or_default();
    let body = error.map_or_else(|| json!({}), |error| json!({ "error": error }));
    let mut response = (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    if let Ok(value) = HeaderValue::try_from(format!("Bearer realm=\"{provider}\"{error_part}")) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}
