//! `GET /api/v1/access-log`: who called what, with which answer, and where from. For an admin.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{Moment, Refusal, access::Access, limits};
use countersign_edge::{Answer, Call, PageQuery, Problem, ProblemDocument};
use countersign_store::AccessesWanted;
use serde::{Deserialize, Serialize};

use crate::Services;

const ENDPOINT: &str = "GET /api/v1/access-log";

#[derive(Deserialize)]
struct AccessQuery {
    from: Option<String>,
    to: Option<String>,
    caller: Option<String>,
    status: Option<u16>,
}

impl AccessQuery {
    fn wanted<'a>(&'a self, page: &'a PageQuery, now: Moment) -> Result<AccessesWanted<'a>, Refusal> {
        if self.caller.as_ref().is_some_and(|caller| caller.is_empty() || caller.len() > limits::ACCESS_NAME_CHARS) {
            return Err(Refusal::invalid("caller must be a name as the list has it: u:7, t:7, s:7 or telegram"));
        }
        let from = moment("from", self.from.as_deref())?;
        // A second ahead: machines' clocks differ.
        let to = moment("to", self.to.as_deref())?.unwrap_or(now.plus_seconds(1));
        let from = from.unwrap_or(to.plus_seconds(-limits::ACCESS_DEFAULT_SECONDS));
        if from >= to {
            return Err(Refusal::invalid("from must be before to"));
        }
        let (caller, cursor) = (self.caller.as_deref(), page.cursor.as_deref());
        Ok(AccessesWanted { from, to, caller, status: self.status, limit: page.limit()?, cursor })
    }
}

fn moment(name: &str, text: Option<&str>) -> Result<Option<Moment>, Refusal> {
    let read = |text| {
        let moment = Moment::parse_rfc3339(text).filter(|moment| (0..LAST_MILLIS).contains(&moment.millis()));
        moment.ok_or_else(|| Refusal::invalid(format!("{name} must be a time such as 2026-11-21T05:10:05Z")))
    };
    text.map(read).transpose()
}

/// Times that are asked for lie before this one, 2286-11-20.
const LAST_MILLIS: i64 = 10_000_000_000_000;

/// One request.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AccessView {
    /// When it came.
    at: String,
    /// Its id, as in `x-request-id` and in the logs.
    request_id: String,
    /// The method.
    method: String,
    /// The route's form; null where nothing is routed.
    route: Option<String>,
    /// The answer's status; null where it is not known yet.
    status: Option<u16>,
    /// `ok`, or the refusal's code; null where API Gateway answered by itself.
    code: Option<String>,
    /// `u:<user id>`, `t:<telegram id>`, `s:<service id>`, or `telegram`; null where nobody was let in.
    caller: Option<String>,
    /// The address that it came from.
    address: Option<String>,
    /// The family whose things it was about.
    family_id: Option<u64>,
    /// How long it took, in milliseconds.
    millis: Option<u64>,
}

impl From<Access> for AccessView {
    fn from(access: Access) -> Self {
        Self {
            at: access.at.to_rfc3339(),
            route: access.route().map(str::to_owned),
            status: access.status(),
            caller: access.caller().map(str::to_owned),
            address: access.address().map(|address| address.to_string()),
            millis: access.millis(),
            request_id: access.request_id,
            method: access.method,
            family_id: access.function.as_ref().and_then(|function| function.family_id),
            code: access.function.and_then(|function| function.code),
        }
    }
}

/// A page of requests.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AccessPage {
    /// Newest first.
    accesses: Vec<AccessView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

/// List who called what
///
/// For an admin. A request is listed some seconds after its answer, and for 90 days. A page may hold fewer than `limit`, or none,
/// and still have a next one.
#[utoipa::path(
    get, path = "/api/v1/access-log", tag = "services",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("from" = Option<String>, Query, description = "From this time on, RFC 3339; a week before `to` where nothing is said"),
        ("to" = Option<String>, Query, description = "Before this time, RFC 3339; now where nothing is said"),
        ("caller" = Option<String>, Query, description = "Of this caller alone: `u:7`, `t:7`, `s:7`, `telegram`"),
        ("status" = Option<u16>, Query, description = "With this answer alone"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = AccessPage),
        (status = 400, description = "A bad time, limit or cursor", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
    )
)]
pub(crate) async fn list(services: State<Arc<Services>>, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let permit = entered.person_permit(ENDPOINT)?;
    let (query, page): (AccessQuery, PageQuery) = (call.query()?, call.query()?);
    let page = services.store.accesses(&permit, entered.now, &query.wanted(&page, entered.now)?).await?;
    let accesses = page.items.into_iter().map(AccessView::from).collect();
    Ok(Answer::ok(&AccessPage { accesses, next_cursor: page.next_cursor })?)
}
