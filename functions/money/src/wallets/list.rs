//! `GET /api/v1/wallets`: a family's wallets with their balances.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::family::Permission;
use countersign_edge::{Answer, Call, PageQuery, Problem, ProblemDocument};
use countersign_store::Page;
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
    /// For the next page, or null.
    next_cursor: Option<String>,
}

/// List wallets
#[utoipa::path(
    get, path = "/api/v1/wallets", tag = "wallets",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("archived" = Option<bool>, Query, description = "Those too that take no new transactions"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
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
    let (query, page): (WalletQuery, PageQuery) = (call.query()?, call.query()?);
    let limit = page.limit()?;
    let wallets = money.store.wallets(&permit).await?;
    let shown = wallets.iter().filter(|wallet| query.archived || wallet.archived_at.is_none());
    let Page { items, next_cursor } = Page::of(shown, |wallet| wallet.id.get(), limit, page.cursor.as_deref())?;
    Ok(Answer::ok(&Wallets { wallets: items.into_iter().map(WalletView::of).collect(), next_cursor })?)
}
