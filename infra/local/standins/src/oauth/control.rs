//! The stand-in's own control routes: consent, withdrawal, the clock, what was issued, providers and clients.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Provider, Rules,
    authorize::{self, NotAsked},
    calendar::rfc3339,
    consent::user_named,
    provider::{NewClient, SetupError},
    world::{Decision, World},
};
use crate::asked::{Refused, asked};

/// `/_control/consent`, `/_control/grants/revoke`, `/_control/tokens`, `/_control/clock`, `/_control/providers`,
/// `/_control/clients`.
pub(super) fn router(world: World) -> Router {
    Router::new()
        .route("/_control/consent", post(consent))
        .route("/_control/grants/revoke", post(revoke_grants))
        .route("/_control/tokens", get(list_tokens))
        .route("/_control/tokens/expire", post(expire_tokens))
        .route("/_control/clock", get(show_clock).post(advance_clock))
        .route("/_control/providers", get(list_providers).post(add_provider))
        .route("/_control/providers/{name}", post(set_rules))
        .route("/_control/clients", post(add_client))
        .with_state(world)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    authorize_url: String,
    decision: Decision,
    user: Option<String>,
}

/// Where the consent page would send the browser that opens this URL and decides so.
async fn consent(State(world): State<World>, headers: HeaderMap, body: String) -> Result<Json<Value>, Refused> {
    let Consent { authorize_url, decision, user } = asked(&body)?;
    let user = user_named(user.as_deref()).ok_or_else(|| Refused::bad("user is at most 64 characters"))?;
    let mut known = world.known();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let (provider, query) = authorize_request(&authorize_url, &known.base, host)?;
    let to = match authorize::check(&known, &provider, &query) {
        Ok(ask) => known.decide(ask, decision, &user),
        Err(NotAsked::Redirected(to)) => to,
        Err(NotAsked::Shown(text)) => return Err(Refused::bad(text)),
        Err(NotAsked::NoSuchProvider) => return Err(no_such_provider()),
    };
    Ok(Json(json!({ "redirect_to": to })))
}

/// The provider and the raw query of a URL that a browser would bring here.
fn authorize_request(url: &str, base: &str, host: Option<&str>) -> Result<(String, String), Refused> {
    let elsewhere = || Refused::bad("authorize_url is not an authorize URL of this stand-in");
    let parsed = Url::parse(url).map_err(|_| Refused::bad("authorize_url is not a URL"))?;
    let origin = parsed.origin().ascii_serialization();
    if origin != base && host.is_none_or(|host| origin != format!("http://{host}")) {
        return Err(elsewhere());
    }
    let mut segments = parsed.path_segments().ok_or_else(elsewhere)?;
    match (segments.next(), segments.next(), segments.next()) {
        (Some(provider), Some("authorize"), None) => {
            Ok((provider.to_owned(), parsed.query().unwrap_or_default().to_owned()))
        }
        _ => Err(elsewhere()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whose {
    provider: String,
    user: Option<String>,
}

async fn revoke_grants(State(world): State<World>, body: String) -> Result<Json<Value>, Refused> {
    let whose = whose(&world, &body)?;
    Ok(Json(json!({ "revoked": world.revoke_grants(&whose.provider, whose.user.as_deref()) })))
}

async fn expire_tokens(State(world): State<World>, body: String) -> Result<Json<Value>, Refused> {
    let whose = whose(&world, &body)?;
    Ok(Json(json!({ "expired": world.expire_access(&whose.provider, whose.user.as_deref()) })))
}

fn whose(world: &World, body: &str) -> Result<Whose, Refused> {
    let whose = asked::<Whose>(body)?;
    if world.known().rules(&whose.provider).is_none() { Err(no_such_provider()) } else { Ok(whose) }
}

async fn list_tokens(State(world): State<World>) -> Json<Value> {
    Json(json!({ "grants": world.grants(), "tokens": world.tokens() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u64,
}

async fn show_clock(State(world): State<World>) -> Json<Value> {
    let known = world.known();
    Json(json!({ "now": rfc3339(known.now()), "ahead_seconds": known.ahead }))
}

async fn advance_clock(State(world): State<World>, body: String) -> Result<Json<Value>, Refused> {
    world.advance(Duration::from_secs(asked::<Advance>(&body)?.advance_seconds));
    Ok(show_clock(State(world)).await)
}

/// Without the clients' secrets.
async fn list_providers(State(world): State<World>) -> Json<Value> {
    let known = world.known();
    let shown = known.providers.iter().map(|(name, registered)| {
        let clients = registered.clients.iter();
        let clients: Vec<_> =
            clients.map(|(id, client)| json!({ "client_id": id, "redirect_uris": client.redirect_uris })).collect();
        json!({ "name": name, "rules": registered.rules, "clients": clients })
    });
    Json(json!({ "providers": shown.collect::<Vec<_>>() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewProvider {
    #[serde(alias = "provider")]
    name: String,
    client_id: String,
    client_secret: String,
    redirect_uris: Vec<String>,
    #[serde(default)]
    rules: Map<String, Value>,
}

async fn add_provider(State(world): State<World>, body: String) -> Result<(StatusCode, Json<Value>), Refused> {
    let NewProvider { name, client_id, client_secret, redirect_uris, rules } = asked(&body)?;
    let rules = changed(&Rules::of(&name), rules)?;
    let provider = Provider { name, client_id, client_secret, redirect_uris, rules: rules.clone() };
    world.add_provider(provider).map_err(refused)?;
    Ok((StatusCode::CREATED, Json(json!({ "rules": rules }))))
}

/// Changes the rules that are named; the others stay.
async fn set_rules(State(world): State<World>, Path(name): Path<String>, body: String) -> Result<Json<Value>, Refused> {
    let rules = world.known().rules(&name).cloned().ok_or_else(no_such_provider)?;
    let rules = changed(&rules, asked(&body)?)?;
    world.set_rules(&name, rules.clone()).map_err(refused)?;
    Ok(Json(json!({ "rules": rules })))
}

fn changed(rules: &Rules, changes: Map<String, Value>) -> Result<Rules, Refused> {
    let mut all = serde_json::to_value(rules).map_err(|error| Refused::bad(error.to_string()))?;
    if let Some(fields) = all.as_object_mut() {
        fields.extend(changes);
    }
    serde_json::from_value(all).map_err(|error| Refused::bad(error.to_string()))
}

async fn add_client(State(world): State<World>, body: String) -> Result<StatusCode, Refused> {
    world.add_client(asked::<NewClient>(&body)?).map_err(refused)?;
    Ok(StatusCode::CREATED)
}

fn refused(error: SetupError) -> Refused {
    match error {
        SetupError::NoSuchProvider => no_such_provider(),
        error => Refused::bad(error.to_string()),
    }
}

fn no_such_provider() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "there is no provider of this name")
}
