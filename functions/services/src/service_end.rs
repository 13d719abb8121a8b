//! `DELETE /api/v1/services/{id}`: from the commit on no credential of the service is good.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::policy::unknown_service;
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};

use crate::{Services, service_view::ServiceView};

const ENDPOINT: &str = "DELETE /api/v1/services/{id}";

/// Disable a service
///
/// For an admin. At once, for good; its commands go with it, its tasks and their outcomes are kept. Disabling one that
/// is disabled answers the same.
#[utoipa::path(
    delete, path = "/api/v1/services/{id}", tag = "services",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The service's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Disabled", body = ServiceView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 404, description = "Not there", body = ProblemDocument),
        (status = 409, description = "It changed meanwhile; try again", body = ProblemDocument),
    )
)]
pub(crate) async fn end(services: State<Arc<Services>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let permit = entered.permit_over(id.0.parse().ok(), ENDPOINT)?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(Answer::replay(record));
    }
    let listed = services.store.listed_service(&permit).await?;
    let mut listed = listed.ok_or_else(unknown_service)?;
    let was_disabled = std::mem::replace(&mut listed.service.disabled, true);
    let answer = Answer::ok(&ServiceView::of(&listed))?;
    if was_disabled {
        return Ok(answer);
    }
    let commands = services.store.command_list(permit.service_id()).await?;
    let kept = entered.kept(&call, &answer);
    let committed = services.store.commit_service_end(&permit, &commands, kept.as_ref()).await;
    if committed.is_ok() {
        tracing::info!(service = permit.service_id().get(), by = permit.by(), "service disabled");
    }
    Ok(services.answer(&entered, &call, committed, answer).await?)
}
