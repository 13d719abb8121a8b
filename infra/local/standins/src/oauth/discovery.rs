//! What an OpenID provider says about itself, and its keys (OpenID Connect Discovery 1.0, 3 and 4).

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::{provider::ClientAuth, token::no_such_provider, world::World};

/// `GET /{provider}/.well-known/openid-configuration`.
pub(super) async fn configuration(State(world): State<World>, Path(provider): Path<String>) -> Response {
    let known = world.known();
    let Some(rules) = known.rules(&provider).filter(|rules| rules.oidc) else { return no_such_provider() };
    let issuer = known.issuer(&provider);
    let ways = match rules.client_auth {
        ClientAuth::Basic => json!(["client_secret_basic"]),
        ClientAuth::Body => json!(["client_secret_post"]),
        ClientAuth::Either => json!(["client_secret_basic", "client_secret_post"]),
    };
    let scopes = if rules.scopes.is_empty() { json!(["openid"]) } else { json!(rules.scopes) };
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ways,
        "revocation_endpoint_auth_methods_supported": ways,
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["iss", "sub", "aud", "iat", "exp", "name", "nonce"],
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

/// `GET /{provider}/jwks`.
pub(super) async fn keys(State(world): State<World>, Path(provider): Path<String>) -> Response {
    let known = world.known();
    match known.rules(&provider).filter(|rules| rules.oidc) {
        Some(_) => Json(known.signer.shown()).into_response(),
        None => no_such_provider(),
    }
}
