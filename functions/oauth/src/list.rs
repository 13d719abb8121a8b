//! `GET /api/v1/connections`: a person's linked accounts.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::policy;
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::Wanted;
use serde::Serialize;

use crate::{
    Oauth,
    subject::{Named, subject},
    view::ConnectionView,
};

const ENDPOINT: &str = "GET /api/v1/connections";

/// Linked accounts.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Connections {
    /// One per provider that was ever linked; those that were ended are shown for 30 days.
    connections: Vec<ConnectionView>,
    /// Always null: there are no more than providers.
    next_cursor: Option<String>,
}

/// List linked accounts
#[utoipa::path(
    get, path = "/api/v1/connections", tag = "linked accounts",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(("telegram_id" = Option<i64>, Query, description = "For a service: whose accounts")),
    responses(
        (status = 200, description = "The accounts", body = Connections),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
    )
)]
pub(crate) async fn list(oauth: State<Arc<Oauth>>, call: Call) -> Result<Answer, Problem> {
    let store = &oauth.links.store;
    let caller = oauth.gate.admit(&call, store).await?;
    let named: Named = call.query()?;
    let subject = subject(&caller, &named)?;
    let facts = store.facts(&Wanted { subject: Some(subject), ..Wanted::default() }).await?;
    let permit = policy::permit(&caller, facts.person.as_ref(), subject, ENDPOINT)?;
    let now = clock::now();
    let connections = store.connections(&permit).await?;
    let connections = connections.iter().map(|connection| ConnectionView::of(connection, now)).collect();
    Ok(Answer::ok(&Connections { connections, next_cursor: None })?)
}
