//! `GET /health`: whether the house stands, part by part.

use std::{sync::Arc, time::Duration};

use axum::extract::State;
use countersign_edge::{Answer, Problem};
use serde::Serialize;

use crate::Web;

/// How long the table may take before it counts as missing.
const PATIENCE: Duration = Duration::from_secs(2);

/// How the house stands.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `degraded` where a part is missing and the rest serves.
    status: &'static str,
    /// The installation's name.
    environment: String,
    /// The version of this build.
    version: &'static str,
    /// Each part: `ok` or `unavailable`.
    checks: Checks,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Checks {
    /// The table.
    table: &'static str,
}

/// Health
///
/// Always 200 where this function answers; `status` says how the rest is.
#[utoipa::path(
    get, path = "/health", tag = "house",
    responses((status = 200, description = "How the house stands", body = Health))
)]
pub(crate) async fn health(web: State<Arc<Web>>) -> Result<Answer, Problem> {
    let table = matches!(tokio::time::timeout(PATIENCE, web.store.is_there()).await, Ok(Ok(())));
    let word = |good| if good { "ok" } else { "unavailable" };
    Ok(Answer::ok(&Health {
        status: if table { "ok" } else { "degraded" },
        environment: web.environment.clone(),
        version: env!("CARGO_PKG_VERSION"),
        checks: Checks { table: word(table) },
    })?)
}
