//! `POST /{provider}/token` and `/{provider}/revoke` (RFC 6749, 3.2; RFC 7009).

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    client_auth::{client_of, form_of},
    form::Form,
    grants::{Caller, Tokens},
    pkce,
    provider::Rules,
    refusal::Refusal,
    world::{Known, World},
};

/// Trades a code or a refresh token for tokens.
pub(super) async fn token(
    State(world): State<World>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut known = world.known();
    let Some(rules) = known.rules(&provider).cloned() else { return no_such_provider() };
    let result = traded(&mut known, &provider, &headers, &body);
    let result = result.map(|tokens| shown(&rules, tokens));
    answer(&provider, &rules, &headers, result)
}

/// Ends a token; one that is not known is as good as ended.
pub(super) async fn revoke(
    State(world): State<World>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut known = world.known();
    let Some(rules) = known.rules(&provider).cloned() else { return no_such_provider() };
    let revoked = form_of(&headers, &body).and_then(|form| {
        let client_id = client_of(&known, &provider, &headers, &form)?;
        let token = form.get("token").ok_or(Refusal::Request("token is missing"))?;
        known.revoke_token(&Caller { provider: &provider, client_id: &client_id }, token)
    });
    match revoked {
        Ok(()) => (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response(),
        Err(refusal) => answer(&provider, &rules, &headers, Err(refusal)),
    }
}

pub(super) fn no_such_provider() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"error": "not_found"}))).into_response()
}

fn traded(known: &mut Known, provider: &str, headers: &HeaderMap, body: &[u8]) -> Result<Tokens, Refusal> {
    let form = form_of(headers, body)?;
    let client_id = client_of(known, provider, headers, &form)?;
    let caller = Caller { provider, client_id: &client_id };
    let needed = |name: &str, missing| form.get(name).ok_or(Refusal::Request(missing));
    match needed("grant_type", "grant_type is missing")? {
        "authorization_code" => {
            let code = needed("code", "code is missing")?;
            let redirect_uri = needed("redirect_uri", "redirect_uri is missing")?;
            known.redeem(&caller, code, redirect_uri, verifier(&form)?)
        }
        "refresh_token" => {
            known.refresh(&caller, needed("refresh_token", "refresh_token is missing")?, form.get("scope"))
        }
        _ => Err(Refusal::GrantType),
    }
}

fn verifier(form: &Form) -> Result<&str, Refusal> {
    let verifier = form.get("code_verifier").ok_or(Refusal::Request("code_verifier is missing"))?;
    let good = pkce::is_verifier(verifier);
    if good { Ok(verifier) } else { Err(Refusal::Request("code_verifier is not 43 to 128 unreserved characters")) }
}

/// A token answer's fields (RFC 6749, 5.1); GitHub separates scopes by commas and writes `bearer` small.
fn shown(rules: &Rules, tokens: Tokens) -> Map<String, Value> {
    let (kind, join) = if rules.github_answers { ("bearer", ",") } else { ("Bearer", " ") };
    let optional = [
        ("expires_in", tokens.expires_in.map(Value::from)),
        ("refresh_token", tokens.refresh_token.map(Value::from)),
        ("id_token", tokens.id_token.map(Value::from)),
    ];
    let mut fields = Map::new();
    fields.insert("access_token".to_owned(), tokens.access_token.into());
    fields.insert("token_type".to_owned(), kind.into());
    fields.insert("scope".to_owned(), tokens.scopes.join(join).into());
    fields.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    fields
}

fn answer(provider: &str, rules: &Rules, headers: &HeaderMap, result: Result<Map<String, Value>, Refusal>) -> Response {
    let (status, fields) = match result {
        Ok(fields) => (StatusCode::OK, fields),
        Err(refusal) => (refusal.status(), refused(refusal, rules.github_answers)),
    };
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let mut response = match rules.github_answers {
        true if !accept.contains("application/json") => form_encoded(&fields),
        _ => Json(fields).into_response(),
    };
    if !rules.github_answers {
        *response.status_mut() = status;
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    if let (StatusCode::UNAUTHORIZED, Ok(realm)) =
        (status, HeaderValue::try_from(format!("Basic realm=\"{provider}\"")))
        && !rules.github_answers
    {
        headers.insert(header::WWW_AUTHENTICATE, realm);
    }
    response
}

fn refused(refusal: Refusal, github: bool) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("error".to_owned(), refusal.error(github).into());
    fields.insert("error_description".to_owned(), refusal.description().into());
    fields
}

fn form_encoded(fields: &Map<String, Value>) -> Response {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        form.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    ([(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8")], form.finish()).into_response()
}
