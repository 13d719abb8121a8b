//! `/api/v1/families/{id}/categories`: what money is spent on, or comes from.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    CategoryId, Moment, Refusal, UserId,
    family::{self, Family, Permission, Step},
};
use countersign_edge::{Answer, Call, PathPair, PathText, Problem, ProblemDocument, clock};
use serde::{Deserialize, Serialize};

use super::{step::Wanted, view::CategoryView};
use crate::{Money, entry};

/// A new category.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct CategoryBody {
    /// 1 to 64 characters.
    name: String,
}

/// What changes; what is not given stays.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct CategoryChangeBody {
    /// 1 to 64 characters.
    name: Option<String>,
    /// Whether it takes no new transactions.
    archived: Option<bool>,
}

/// A family's categories.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Categories {
    /// Oldest first, archived ones too.
    categories: Vec<CategoryView>,
}

/// What is done with which category.
struct Settled {
    id: CategoryId,
    step: Step,
    is_new: bool,
}

impl Wanted for Settled {
    fn step(&self, _: &Family, _: UserId, _: Moment) -> Result<Step, Refusal> {
        Ok(self.step.clone())
    }

    fn answer(&self, family: &Family) -> Result<Answer, Refusal> {
        let view = CategoryView::of(family.category(self.id).ok_or_else(unknown)?);
        if self.is_new { Answer::created(&view) } else { Answer::ok(&view) }
    }
}

fn unknown() -> Refusal {
    Refusal::not_found("No such category")
}

/// List categories
#[utoipa::path(
    get, path = "/api/v1/families/{id}/categories", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The family")),
    responses(
        (status = 200, description = "The categories", body = Categories),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let endpoint = "GET /api/v1/families/{id}/categories";
    let (_, family) = money.reader(&call, endpoint, || entry::family_id(&id.0), Permission::See).await?;
    Ok(Answer::ok(&Categories { categories: family.categories.iter().map(CategoryView::of).collect() })?)
}

/// Make a category
#[utoipa::path(
    post, path = "/api/v1/families/{id}/categories", tag = "families", request_body = CategoryBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 201, description = "The category", body = CategoryView),
        (status = 400, description = "A bad name", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "The name is taken, or there are too many", body = ProblemDocument),
    )
)]
pub(crate) async fn create(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/families/{id}/categories").await?;
    let body: CategoryBody = call.object()?;
    let category = CategoryId::fresh(clock::now(), clock::random());
    let step = Step::NewCategory(category, family::name("name", &body.name)?);
    let wanted = Settled { id: category, step, is_new: true };
    Ok(money.step(&entered, &call, entry::family_id(&id.0)?, &wanted).await?)
}

/// Change a category
#[utoipa::path(
    patch, path = "/api/v1/families/{id}/categories/{category_id}", tag = "families",
    request_body = CategoryChangeBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The family"), ("category_id" = u64, Path, description = "The category")),
    responses(
        (status = 200, description = "The category", body = CategoryView),
        (status = 400, description = "A bad name", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn change(money: State<Arc<Money>>, path: PathPair, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "PATCH /api/v1/families/{id}/categories/{category_id}").await?;
    let body: CategoryChangeBody = call.object()?;
    let name = body.name.as_deref().map(|name| family::name("name", name)).transpose()?;
    let (family, id) = (entry::family_id(&path.0)?, path.1.parse().map_err(|_| unknown())?);
    let wanted = Settled { id, step: Step::Category { id, name, archived: body.archived }, is_new: false };
    Ok(money.step(&entered, &call, family, &wanted).await?)
}

/// Archive a category
///
/// It takes no new transactions; those that it has stay.
#[utoipa::path(
    delete, path = "/api/v1/families/{id}/categories/{category_id}", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The family"),
        ("category_id" = u64, Path, description = "The category"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "The category", body = CategoryView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn archive(money: State<Arc<Money>>, path: PathPair, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "DELETE /api/v1/families/{id}/categories/{category_id}").await?;
    let (family, id) = (entry::family_id(&path.0)?, path.1.parse().map_err(|_| unknown())?);
    let wanted = Settled { id, step: Step::Category { id, name: None, archived: Some(true) }, is_new: false };
    Ok(money.step(&entered, &call, family, &wanted).await?)
}
