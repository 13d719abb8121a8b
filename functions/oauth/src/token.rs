//! `GET /api/v1/connections/{provider}/token`: a fresh access token of a person's account, for a service.

use std::{sync::Arc, time::Instant};

use axum::extract::State;
use countersign_core::{Moment, Refusal, RefusalKind, Secret, connection::Connection, policy};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::Wanted;
use serde::Serialize;

use crate::{
    Oauth,
    refresh::Broker,
    subject::{Named, subject},
};

const ENDPOINT: &str = "GET /api/v1/connections/{provider}/token";

/// An access token (RFC 6750).
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AccessToken<'a> {
    /// The provider's name in paths.
    provider: &'a str,
    /// The token.
    access_token: &'a str,
    /// Always `Bearer`.
    token_type: &'static str,
    /// When it ends, or null.
    expires_at: Option<String>,
    /// What it is good for.
    scopes: &'a [String],
}

/// Fetch an access token
///
/// For a service whose role allows it. The token is refreshed before where that is due: by one caller at a time.
#[utoipa::path(
    get, path = "/api/v1/connections/{provider}/token", tag = "linked accounts",
    security(("service_key" = []), ("signed_request" = [])),
    params(
        ("provider" = String, Path, description = "`spotify`, `google`, `github`, `discord`, …"),
        ("telegram_id" = i64, Query, description = "Whose account"),
    ),
    responses(
        (status = 200, description = "A token that is good now", body = AccessToken),
        (status = 400, description = "telegram_id is missing", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not a service whose role allows it", body = ProblemDocument),
        (status = 404, description = "Unknown person or provider, or not linked", body = ProblemDocument),
        (status = 409, description = "The person must consent again, or has unlinked the account; `connection_status` says which", body = ProblemDocument),
        (status = 503, description = "The provider does not answer", body = ProblemDocument),
    )
)]
pub(crate) async fn token(oauth: State<Arc<Oauth>>, provider: PathText, call: Call) -> Result<Answer, Problem> {
    let (store, begun) = (&oauth.links.store, Instant::now());
    let caller = oauth.gate.admit(&call, store).await?;
    // Whoever may not ask at all is not asked whom they mean.
    if caller.service_id().is_none() {
        return Err(Refusal::forbidden("This is for services").into());
    }
    let named: Named = call.query()?;
    policy::service_permit(&caller, ENDPOINT)?;
    let subject = subject(&caller, &named)?;
    let facts = store.facts(&Wanted { subject: Some(subject), ..Wanted::default() }).await?;
    let permit = policy::about_permit(&caller, facts.person.as_ref(), subject, ENDPOINT)?;
    let person = facts.person.as_ref().ok_or_else(policy::unknown_person)?;
    let provider = oauth.links.client.provider(&provider.0)?;
    let broker = Broker { links: &oauth.links, permit: &permit, provider, person, begun };
    let (connection, access) = broker.access_token().await?;
    answer(&connection, &access)
}

fn answer(connection: &Connection, access: &Secret) -> Result<Answer, Problem> {
    let access_token = access.expose_str().ok_or_else(|| {
        Refusal::new(RefusalKind::Internal, RefusalKind::Internal.title()).because("an access token that is no text")
    })?;
    Ok(Answer::ok(&AccessToken {
        provider: &connection.provider,
        access_token,
        token_type: "Bearer",
        expires_at: connection.access_until.map(Moment::to_rfc3339),
        scopes: &connection.scopes,
    })?)
}
