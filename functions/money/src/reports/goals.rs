//! `/api/v1/goals`: what a family saves for, how far it is, and when it will be there.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use countersign_core::{
    FamilyId, GoalId, Refusal,
    day::Day,
    family::{self, Permission, unknown_family},
    money::{AmountText, Currency},
    planning::goals::{self, GoalChange, NewGoal, unknown_goal},
};
use countersign_edge::{Answer, Call, PageQuery, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Page, Undone};
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    budgets::Removed,
    planned::{Asked, Opened},
    view::GoalView,
};
use crate::{Money, entry};

/// A goal, as a request says it.
#[derive(Deserialize)]
struct GoalForm {
    family_id: FamilyId,
    name: String,
    target: AmountText,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    due_on: Option<String>,
}

/// What to save for.
#[allow(dead_code, reason = "describes `GoalForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct GoalBody {
    /// Whose.
    family_id: u64,
    /// 1 to 64 characters.
    name: String,
    /// How much, above zero.
    #[schema(example = "1200.00")]
    target: String,
    /// In which currency; the family's own where nothing is said.
    currency: Option<String>,
    /// By when, or null.
    #[schema(example = "2027-06-30")]
    due_on: Option<String>,
}

/// What changes, as a request says it.
#[derive(Deserialize)]
struct GoalChangeForm {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    target: Option<AmountText>,
    /// `Some(None)`: null was said.
    #[serde(default, deserialize_with = "said")]
    due_on: Option<Option<String>>,
}

/// What changes; what is not given stays.
#[allow(dead_code, reason = "describes `GoalChangeForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct GoalChangeBody {
    /// 1 to 64 characters.
    name: Option<String>,
    /// How much, above zero.
    #[schema(example = "1500.00")]
    target: Option<String>,
    /// By when; null takes it away.
    #[schema(example = "2027-09-30")]
    due_on: Option<String>,
}

/// A family's goals.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Goals {
    /// Oldest first.
    #[schema(value_type = Vec<GoalView>)]
    goals: Vec<GoalView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

/// Tells what is not there from what is null.
pub(super) fn said<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A day that may be named.
pub(super) fn day(field: &'static str, text: Option<&str>) -> Result<Option<Day>, Refusal> {
    text.map(|text| Day::read(field, text)).transpose()
}

/// Set a goal
#[utoipa::path(
    post, path = "/api/v1/goals", tag = "goals", request_body = GoalBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 201, description = "The goal", body = GoalView),
        (status = 400, description = "A bad name, amount or day", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family that is not there, or another's", body = ProblemDocument),
        (status = 409, description = "The family has as many as it may have", body = ProblemDocument),
    )
)]
pub(crate) async fn create(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/goals").await?;
    let form: GoalForm = call.object()?;
    let asked = Asked { money: &money, entered: &entered, call: &call, unknown: unknown_family };
    Ok(money.in_turn(&entered, &call, || make(asked, &form)).await?)
}

async fn make(asked: Asked<'_>, form: &GoalForm) -> Result<Answer, Undone> {
    let read = match asked.open(form.family_id, Permission::ChangeGoals, Vec::new()).await? {
        Opened::Replayed(answer) => return Ok(answer),
        Opened::Read(read) => read,
    };
    let currency = form.currency.as_deref().map_or(Ok(read.family.currency), Currency::read)?;
    let new = NewGoal {
        id: GoalId::fresh(read.now, clock::random()),
        name: family::name("name", &form.name)?,
        currency,
        target_minor: currency.amount(&form.target)?,
        due_on: day("due_on", form.due_on.as_deref())?,
    };
    let there_are = asked.money.store.goals(&read.permit).await?.len();
    let (change, goal) = goals::create(&read.permit, read.ground(), there_are, new, read.now)?;
    let answer = Answer::new(StatusCode::CREATED, &GoalView::of(&goal, read.now))?;
    asked.commit(&change, answer, read.now).await
}

/// List goals
#[utoipa::path(
    get, path = "/api/v1/goals", tag = "goals",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "The goals", body = Goals),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family that is not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let (permit, _) =
        money.reader(&call, "GET /api/v1/goals", || entry::family_in_query(&call), Permission::See).await?;
    let page: PageQuery = call.query()?;
    let (limit, now) = (page.limit()?, clock::now());
    let goals = money.store.goals(&permit).await?;
    let Page { items, next_cursor } = Page::of(goals, |goal| goal.id.get(), limit, page.cursor.as_deref())?;
    Ok(Answer::ok(&Goals { goals: items.iter().map(|goal| GoalView::of(goal, now)).collect(), next_cursor })?)
}

/// Change a goal
#[utoipa::path(
    patch, path = "/api/v1/goals/{id}", tag = "goals", request_body = GoalChangeBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The goal")),
    responses(
        (status = 200, description = "The goal", body = GoalView),
        (status = 400, description = "A bad name, amount or day", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn change(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "PATCH /api/v1/goals/{id}").await?;
    money.known(&entered).await?;
    let form: GoalChangeForm = call.object()?;
    let which = money.goal_of(&id.0).await?;
    let asked = Asked { money: &money, entered: &entered, call: &call, unknown: unknown_goal };
    Ok(money.in_turn(&entered, &call, || changed(asked, which, &form)).await?)
}

impl Money {
    /// Whose the goal of a path is.
    ///
    /// # Errors
    /// 404 where there is none.
    pub(super) async fn goal_of(&self, id: &str) -> Result<(FamilyId, GoalId), Refusal> {
        let id: GoalId = id.parse().map_err(|_| unknown_goal())?;
        let family = self.store.family_of_goal(id).await?.ok_or_else(unknown_goal)?;
        Ok((family, id))
    }
}

async fn changed(asked: Asked<'_>, (family, id): (FamilyId, GoalId), form: &GoalChangeForm) -> Result<Answer, Undone> {
    let read = match asked.open(family, Permission::ChangeGoals, Vec::new()).await? {
        Opened::Replayed(answer) => return Ok(answer),
        Opened::Read(read) => read,
    };
    let goal = asked.money.store.goal(&read.permit, id).await?.ok_or_else(unknown_goal)?;
    let changed = GoalChange {
        name: form.name.as_deref().map(|name| family::name("name", name)).transpose()?,
        target_minor: form.target.as_ref().map(|target| goal.currency.amount(target)).transpose()?,
        due_on: form.due_on.as_ref().map(|due_on| day("due_on", due_on.as_deref())).transpose()?,
    };
    let (change, goal) = goals::change(&read.permit, read.ground(), &goal, changed, read.now)?;
    asked.commit(&change, Answer::ok(&GoalView::of(&goal, read.now))?, read.now).await
}

/// Take a goal away
///
/// No money moves. What was put aside for it stands in the event log.
#[utoipa::path(
    delete, path = "/api/v1/goals/{id}", tag = "goals",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The goal"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "It is gone", body = Removed),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn delete(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "DELETE /api/v1/goals/{id}").await?;
    if let Some(answer) = money.known_again(&entered, &call).await? {
        return Ok(answer);
    }
    let which = money.goal_of(&id.0).await?;
    let asked = Asked { money: &money, entered: &entered, call: &call, unknown: unknown_goal };
    Ok(money.in_turn(&entered, &call, || remove(asked, which)).await?)
}

async fn remove(asked: Asked<'_>, (family, id): (FamilyId, GoalId)) -> Result<Answer, Undone> {
    let read = match asked.open(family, Permission::ChangeGoals, Vec::new()).await? {
        Opened::Replayed(answer) => return Ok(answer),
        Opened::Read(read) => read,
    };
    let goal = asked.money.store.goal(&read.permit, id).await?.ok_or_else(unknown_goal)?;
    let change = goals::remove(&read.permit, read.ground(), &goal, read.now)?;
    asked.commit(&change, Removed::answer()?, read.now).await
}
