//! `GET /api/v1/wallets`: a family's wallets with their balances.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::family::Permission;
use countersign_edge::{Answer, Call, Problem, ProblemDocument};
use serde::{Deserialize, Serialize};

use super::view::WalletView;
use crate::{Money, entry};

/// Which of them.
#[derive(Deserialize)]
struct WalletQuery {
    #[serde(default)]
    archived: bool,
}

/// A family's wallets.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Wallets {
    /// Oldest first.
    wallets: Vec<WalletView>,
}

/// List wallets
#[utoipa::path(
    get, path = "/api/v1/wallets", tag = "wallets",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("archived" = Option<bool>, Query, description = "Those too that take no new transactions"),
    ),
    responses(
        (status = 200, description = "The wallets", body = Wallets),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family that is not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let (permit, _) =
        money.reader(&call, "GET /api/v1/wallets", || entry::family_in_query(&call), Permission::See).await?;
    let query: WalletQuery = call.query()?;
    let wallets = money.store.wallets(&permit).await?;
    let shown = wallets.iter().filter(|wallet| query.archived || wallet.archived_at.is_none());
    Ok(Answer::ok(&Wallets { wallets: shown.map(WalletView::of).collect() })?)
}
