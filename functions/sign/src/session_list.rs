//! `GET /api/v1/signing-sessions` and `GET …/{id}`: a person's sessions, never their secrets.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal, SessionId, TelegramId, limits,
    policy::{self, Permit},
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::Wanted;
use serde::{Deserialize, Serialize};

use crate::{
    Sign,
    session_view::{self, SessionView},
};

/// A page of sessions.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SessionPage {
    /// Newest first, ended ones included.
    sessions: Vec<SessionView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

#[derive(Deserialize, Default)]
struct ListQuery {
    limit: Option<u32>,
    cursor: Option<String>,
    telegram_id: Option<TelegramId>,
}

/// List signing sessions
#[utoipa::path(
    get, path = "/api/v1/signing-sessions", tag = "signing sessions",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("telegram_id" = Option<i64>, Query, description = "For a service: whose sessions"),
    ),
    responses(
        (status = 200, description = "A page", body = SessionPage),
        (status = 400, description = "A bad limit or cursor", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
    )
)]
pub(crate) async fn list(sign: State<Arc<Sign>>, call: Call) -> Result<Answer, Problem> {
    let (permit, query) = permit(&sign, &call, "GET /api/v1/signing-sessions").await?;
    let limit = query.limit.unwrap_or(limits::PAGE_DEFAULT);
    if !(1..=limits::PAGE_MOST).contains(&limit) {
        return Err(Refusal::invalid(format!("limit must be 1 to {}", limits::PAGE_MOST)).into());
    }
    let page = sign.signers.store.session_records(&permit, limit, query.cursor.as_deref()).await?;
    let now = clock::now();
    let sessions = page.items.iter().map(|record| SessionView::of(record, now)).collect();
    Ok(Answer::ok(&SessionPage { sessions, next_cursor: page.next_cursor })?)
}

/// Show a signing session
#[utoipa::path(
    get, path = "/api/v1/signing-sessions/{id}", tag = "signing sessions",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(
        ("id" = u64, Path, description = "The session's id"),
        ("telegram_id" = Option<i64>, Query, description = "For a service: whose session"),
    ),
    responses(
        (status = 200, description = "The session", body = SessionView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn get(sign: State<Arc<Sign>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let (permit, _) = permit(&sign, &call, "GET /api/v1/signing-sessions/{id}").await?;
    let record = sign.signers.store.session_record(&permit, session_id(&id.0)?).await?.ok_or_else(no_session)?;
    Ok(Answer::ok(&SessionView::of(&record, clock::now()))?)
}

/// Who may read whose sessions, and what the query says.
async fn permit(sign: &Sign, call: &Call, endpoint: &'static str) -> Result<(Permit, ListQuery), Refusal> {
    let caller = sign.gate.admit(call, &sign.signers.store).await?;
    let query: ListQuery = call.query()?;
    let subject = session_view::subject(&caller, query.telegram_id)?;
    let facts = sign.signers.store.facts(&Wanted { subject: Some(subject), ..Wanted::default() }).await?;
    let permit = policy::permit(&caller, facts.person.as_ref(), subject, endpoint)?;
    Ok((permit, query))
}

pub(crate) fn session_id(text: &str) -> Result<SessionId, Refusal> {
    text.parse().map_err(|_| no_session())
}

pub(crate) fn no_session() -> Refusal {
    Refusal::not_found("No such signing session")
}
