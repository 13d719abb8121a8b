//! `GET /api/v1/transactions` and `GET /api/v1/transactions/{id}`: by wallet, category, status and time, newest first.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    CategoryId, Moment, MovementId, Refusal, WalletId,
    family::{Family, Permission},
    ledger::{List, Status, unknown_transaction, unknown_wallet},
    planning::budgets::unknown_category,
};
use countersign_edge::{Answer, Call, PageQuery, PathText, Problem, ProblemDocument};
use countersign_store::{FamilyWanted, Narrowed};
use serde::{Deserialize, Serialize};

use super::{found::hidden, view::TransactionView};
use crate::{Money, entry};

/// What a list is narrowed by.
#[derive(Deserialize)]
struct ListQuery {
    wallet_id: Option<WalletId>,
    category_id: Option<CategoryId>,
    status: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// A page of transactions.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TransactionPage {
    /// Newest first.
    transactions: Vec<TransactionView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

impl ListQuery {
    fn narrowed(&self) -> Result<Narrowed, Refusal> {
        let list = match (self.wallet_id, self.category_id) {
            (None, None) => List::All,
            (Some(wallet), None) => List::Wallet(wallet),
            (None, Some(category)) => List::Category(category),
            (Some(_), Some(_)) => return Err(Refusal::invalid("either wallet_id or category_id, not both")),
        };
        let status = self.status.as_deref().map(Status::read).transpose()?;
        let moment = |name: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => Moment::parse_rfc3339(text)
                .map(Some)
                .ok_or_else(|| Refusal::invalid(format!("{name} must be a time of RFC 3339"))),
        };
        Ok(Narrowed { list, status, from: moment("from", &self.from)?, to: moment("to", &self.to)? })
    }
}

/// List transactions
///
/// Newest first. Narrowed by status a page may be short although there is a next one.
#[utoipa::path(
    get, path = "/api/v1/transactions", tag = "transactions",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("wallet_id" = Option<u64>, Query, description = "From or to this wallet"),
        ("category_id" = Option<u64>, Query, description = "Of this category"),
        ("status" = Option<String>, Query, description = "`pending_approval`, `executed`, `rejected`, `cancelled`, `expired` or `reversed`"),
        ("from" = Option<String>, Query, description = "Entered then or later (RFC 3339)"),
        ("to" = Option<String>, Query, description = "Entered before (RFC 3339)"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = TransactionPage),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family, wallet or category that is not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let (permit, family) =
        money.reader(&call, "GET /api/v1/transactions", || entry::family_in_query(&call), Permission::See).await?;
    let (query, page): (ListQuery, PageQuery) = (call.query()?, call.query()?);
    let narrowed = query.narrowed()?;
    money.is_of(&family, narrowed.list).await?;
    let found = money.store.movements(&permit, narrowed, page.limit()?, page.cursor.as_deref()).await?;
    let transactions = found.items.iter().map(TransactionView::of).collect();
    Ok(Answer::ok(&TransactionPage { transactions, next_cursor: found.next_cursor })?)
}

impl Money {
    /// Refuses a list by what is not the family's.
    async fn is_of(&self, family: &Family, list: List) -> Result<(), Refusal> {
        match list {
            List::All => Ok(()),
            List::Category(id) => family.category(id).map(|_| ()).ok_or_else(unknown_category),
            List::Wallet(id) => {
                let wanted = FamilyWanted { family: Some(family.id), wallets: vec![id], ..FamilyWanted::default() };
                let found = self.store.family_facts(&wanted).await?.wallet(Some(id));
                found.map(|_| ()).ok_or_else(unknown_wallet)
            }
        }
    }
}

/// Show a transaction
#[utoipa::path(
    get, path = "/api/v1/transactions/{id}", tag = "transactions",
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The transaction")),
    responses(
        (status = 200, description = "The transaction", body = TransactionView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn get(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "GET /api/v1/transactions/{id}").await?;
    let id: MovementId = id.0.parse().map_err(|_| unknown_transaction())?;
    let found = money.store.movement_facts(Some(entered.subject), id, None).await?;
    entered.platform(found.person.as_ref())?;
    let standing = found.standing.ok_or_else(unknown_transaction)?;
    let family_id = standing.movement.family_id;
    let (person, family) = money.store.person_and_family(entered.subject, family_id).await?;
    entered
        .permit(person.as_ref(), family.as_ref(), Permission::See)
        .map_err(|refusal| hidden(refusal, family.as_ref(), person.as_ref()))?;
    call.trace().family(family_id);
    Ok(Answer::ok(&TransactionView::of(&standing))?)
}
