//! `GET /api/v1/families/{id}/access-log`: for a family's owner, who looked at what of it and who changed something.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{access::Access, family::Permission};
use countersign_edge::{Answer, Call, PageQuery, PathText, Problem, ProblemDocument, clock};
use serde::Serialize;

use crate::{Money, entry};

/// A page of the log.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AccessPage {
    /// Newest first.
    accesses: Vec<AccessView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

/// A request that was about the family. No address: the owner learns who, not where from.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AccessView {
    /// When it came in.
    at: String,
    /// The request's id.
    request_id: String,
    /// Upper case.
    method: String,
    /// The route's form.
    route: Option<String>,
    /// The answer's status.
    status: Option<u16>,
    /// Who called: `u:` and a user id, or `t:` and a Telegram id.
    caller: Option<String>,
}

/// Show who looked at a family
///
/// Written from API Gateway's and the functions' logs, a few seconds later; kept for 90 days.
#[utoipa::path(
    get, path = "/api/v1/families/{id}/access-log", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The family"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = AccessPage),
        (status = 400, description = "A bad limit or cursor", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an owner", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let endpoint = "GET /api/v1/families/{id}/access-log";
    let (permit, _) = money.reader(&call, endpoint, || entry::family_id(&id.0), Permission::SeeAccess).await?;
    let query: PageQuery = call.query()?;
    let (limit, cursor) = (query.limit()?, query.cursor.as_deref());
    let page = money.store.family_accesses(&permit, clock::now(), limit, cursor).await?;
    let accesses = page.items.iter().map(view).collect();
    Ok(Answer::ok(&AccessPage { accesses, next_cursor: page.next_cursor })?)
}

fn view(access: &Access) -> AccessView {
    AccessView {
        at: access.at.to_rfc3339(),
        request_id: access.request_id.clone(),
        method: access.method.clone(),
        route: access.route().map(str::to_owned),
        status: access.status(),
        caller: access.caller().map(str::to_owned),
    }
}
