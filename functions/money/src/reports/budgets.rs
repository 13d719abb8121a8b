//! `PUT`, `GET` and `DELETE /api/v1/budgets`: how much a category may cost a month, and what it has cost.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    CategoryId, FamilyId,
    family::{Permission, unknown_family},
    ledger::{Dimension, Month},
    money::{AmountText, Currency},
    planning::budgets::{self, NewBudget, no_budget, unknown_category},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::Undone;
use serde::{Deserialize, Serialize};

use super::{
    planned::{Asked, Opened},
    view::BudgetView,
};
use crate::{Money, entry};

/// A budget, as a request says it.
#[derive(Deserialize)]
struct BudgetForm {
    family_id: FamilyId,
    category_id: CategoryId,
    limit: AmountText,
    #[serde(default)]
    currency: Option<String>,
}

/// How much a category may cost a month.
#[allow(dead_code, reason = "describes `BudgetForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct BudgetBody {
    /// Whose.
    family_id: u64,
    /// Of which category.
    category_id: u64,
    /// How much, above zero.
    #[schema(example = "300.00")]
    limit: String,
    /// In which currency; the family's own where nothing is said. What is paid in others is not counted.
    currency: Option<String>,
}

/// Which month of whose budgets.
#[derive(Deserialize)]
struct MonthQuery {
    #[serde(default)]
    month: Option<String>,
}

/// Which budget.
#[derive(Deserialize)]
struct WhichQuery {
    family_id: FamilyId,
    category_id: CategoryId,
}

/// A family's budgets in a month.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Budgets {
    /// Which month (UTC).
    month: String,
    /// By category.
    #[schema(value_type = Vec<BudgetView>)]
    budgets: Vec<BudgetView>,
}

/// That it is gone.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Removed {
    /// True.
    removed: bool,
}

impl Removed {
    pub(super) fn answer() -> Result<Answer, countersign_core::Refusal> {
        Answer::ok(&Self { removed: true })
    }
}

/// Set a budget
///
/// In place of the one before. Whoever may change budgets is told in Telegram when a payment brings it to 80 % and to 100 %,
/// once each a month. What is reached already when it is set is not told.
#[utoipa::path(
    put, path = "/api/v1/budgets", tag = "budgets", request_body = BudgetBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "The budget in this month", body = BudgetView),
        (status = 400, description = "A bad amount or currency", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family or category that is not there, or another's", body = ProblemDocument),
        (status = 409, description = "The category is archived", body = ProblemDocument),
    )
)]
pub(crate) async fn put(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "PUT /api/v1/budgets").await?;
    let form: BudgetForm = call.object()?;
    let asked = Asked { money: &money, entered: &entered, call: &call, unknown: unknown_family };
    Ok(money.in_turn(&entered, &call, || set(asked, &form)).await?)
}

async fn set(asked: Asked<'_>, form: &BudgetForm) -> Result<Answer, Undone> {
    let read = match asked.open(form.family_id, Permission::ChangeBudgets, Vec::new()).await? {
        Opened::Replayed(answer) => return Ok(answer),
        Opened::Read(read) => read,
    };
    let currency = form.currency.as_deref().map_or(Ok(read.family.currency), Currency::read)?;
    let limit_minor = currency.amount(&form.limit)?;
    let (month, category_id) = (Month::of(read.now), form.category_id);
    let facts = asked.money.store.budget_facts(form.family_id, category_id, month, currency).await?;
    let (new, spent_minor) = (NewBudget { category_id, currency, limit_minor }, facts.spent_minor());
    let before = facts.budget.as_ref();
    let (change, budget) = budgets::set(&read.permit, read.ground(), before, new, spent_minor, read.now)?;
    let answer = Answer::ok(&BudgetView::of(&read.family, &budget, month, spent_minor))?;
    asked.commit(&change, answer, read.now).await
}

/// Show budgets
///
/// What was spent of each in a month, what is left, and how much that is.
#[utoipa::path(
    get, path = "/api/v1/budgets", tag = "budgets",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("month" = Option<String>, Query, description = "Like 2026-11; the current one (UTC) where nothing is said"),
    ),
    responses(
        (status = 200, description = "The budgets", body = Budgets),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family that is not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn get(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let (permit, family) =
        money.reader(&call, "GET /api/v1/budgets", || entry::family_in_query(&call), Permission::See).await?;
    let query: MonthQuery = call.query()?;
    let month = query.month.as_deref().map_or(Ok(Month::of(clock::now())), Month::read)?;
    let any = Dimension::Category(CategoryId::fresh(clock::now(), 0));
    let (budgets, totals) =
        tokio::try_join!(money.store.budgets(&permit), money.store.totals(&permit, any, month, month))?;
    let spent = |category: CategoryId, currency: Currency| {
        let of = totals.iter().filter(|total| total.dimension == Dimension::Category(category));
        of.filter(|total| total.currency == currency).map(|total| total.added.expense_minor).sum()
    };
    let view = |budget: &countersign_core::budget::Budget| {
        BudgetView::of(&family, budget, month, spent(budget.category_id, budget.currency))
    };
    Ok(Answer::ok(&Budgets { month: month.to_string(), budgets: budgets.iter().map(view).collect() })?)
}

/// Take a budget away
#[utoipa::path(
    delete, path = "/api/v1/budgets", tag = "budgets",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("category_id" = u64, Query, description = "The category"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "It is gone", body = Removed),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn delete(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "DELETE /api/v1/budgets").await?;
    let query: WhichQuery = call.query()?;
    let asked = Asked { money: &money, entered: &entered, call: &call, unknown: unknown_family };
    Ok(money.in_turn(&entered, &call, || remove(asked, query.family_id, query.category_id)).await?)
}

async fn remove(asked: Asked<'_>, family: FamilyId, category: CategoryId) -> Result<Answer, Undone> {
    let read = match asked.open(family, Permission::ChangeBudgets, Vec::new()).await? {
        Opened::Replayed(answer) => return Ok(answer),
        Opened::Read(read) => read,
    };
    read.family.category(category).ok_or_else(unknown_category)?;
    let (month, currency) = (Month::of(read.now), read.family.currency);
    let facts = asked.money.store.budget_facts(family, category, month, currency).await?;
    let budget = facts.budget.ok_or_else(no_budget)?;
    let change = budgets::remove(&read.permit, read.ground(), &budget, read.now)?;
    asked.commit(&change, Removed::answer()?, read.now).await
}
