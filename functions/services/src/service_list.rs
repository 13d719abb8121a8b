//! `GET /api/v1/services` and `GET /api/v1/services/{id}`: the services there are, never their secrets.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::policy::unknown_service;
use countersign_edge::{Answer, Call, PageQuery, PathText, Problem, ProblemDocument};
use serde::Serialize;

use crate::{Services, service_view::ServiceView};

/// A page of services.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ServicePage {
    /// Newest first, disabled ones included.
    services: Vec<ServiceView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

/// List services
///
/// For an admin.
#[utoipa::path(
    get, path = "/api/v1/services", tag = "services",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = ServicePage),
        (status = 400, description = "A bad limit or cursor", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
    )
)]
pub(crate) async fn list(services: State<Arc<Services>>, call: Call) -> Result<Answer, Problem> {
    let permit = services.enter(&call).await?.person_permit("GET /api/v1/services")?;
    let query: PageQuery = call.query()?;
    let page = services.store.listed_services(&permit, query.limit()?, query.cursor.as_deref()).await?;
    let listed = page.items.iter().map(ServiceView::of).collect();
    Ok(Answer::ok(&ServicePage { services: listed, next_cursor: page.next_cursor })?)
}

/// Show a service
///
/// For an admin.
#[utoipa::path(
    get, path = "/api/v1/services/{id}", tag = "services",
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The service's id")),
    responses(
        (status = 200, description = "The service", body = ServiceView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 404, description = "Not there", body = ProblemDocument),
    )
)]
pub(crate) async fn get(services: State<Arc<Services>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let permit = entered.permit_over(id.0.parse().ok(), "GET /api/v1/services/{id}")?;
    let listed = services.store.listed_service(&permit).await?.ok_or_else(unknown_service)?;
    Ok(Answer::ok(&ServiceView::of(&listed))?)
}
