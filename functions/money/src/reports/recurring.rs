//! `/api/v1/recurring`: transactions that come again by themselves.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use countersign_core::{
    CategoryId, FamilyId, RecurringId, Refusal, WalletId,
    day::Day,
    family::{Permission, unknown_family},
    ledger::text,
    money::AmountText,
    planning::recurring::{self, NewRecurring, RecurringChange, Wallets, unknown_recurring},
    recurring::Every,
};
use countersign_edge::{Answer, Call, PageQuery, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Page, Undone};
use serde::{Deserialize, Serialize};

use super::{
    budgets::Removed,
    goals::{day, said},
    planned::{Asked, Opened, Read},
    view::RecurringView,
};
use crate::{Money, entry};

/// Something that comes again, as a request says it.
#[derive(Deserialize)]
struct RecurringForm {
    family_id: FamilyId,
    #[serde(default)]
    from_wallet_id: Option<WalletId>,
    #[serde(default)]
    to_wallet_id: Option<WalletId>,
    amount: AmountText,
    #[serde(default)]
    category_id: Option<CategoryId>,
    #[serde(default)]
    description: Option<String>,
    every: String,
    starts_on: String,
    #[serde(default)]
    ends_on: Option<String>,
}

/// What comes again.
#[allow(dead_code, reason = "describes `RecurringForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct RecurringBody {
    /// Whose.
    family_id: u64,
    /// The wallet that it takes from; null: income.
    from_wallet_id: Option<u64>,
    /// The wallet that it goes to; null: an expense.
    to_wallet_id: Option<u64>,
    /// How much, above zero.
    #[schema(example = "900.00")]
    amount: String,
    /// What for.
    category_id: Option<u64>,
    /// What is said of it, at most 500 characters.
    description: Option<String>,
    /// `day`, `week` or `month`: the same day of every month, its last where it has no such day.
    #[schema(example = "month")]
    every: String,
    /// The first due day (UTC), not in the past.
    #[schema(example = "2026-12-01")]
    starts_on: String,
    /// No due day is later, or null.
    ends_on: Option<String>,
}

/// What changes, as a request says it.
#[derive(Deserialize)]
struct ChangeForm {
    #[serde(default)]
    amount: Option<AmountText>,
    #[serde(default, deserialize_with = "said")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    ends_on: Option<Option<String>>,
    #[serde(default)]
    paused: Option<bool>,
}

/// What changes; what is not given stays.
#[allow(dead_code, reason = "describes `ChangeForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct RecurringChangeBody {
    /// How much, above zero.
    #[schema(example = "950.00")]
    amount: Option<String>,
    /// What is said of it; null takes it away.
    description: Option<String>,
    /// No due day is later; null takes it away.
    ends_on: Option<String>,
    /// True pauses it; false lets it run again, without what was due meanwhile.
    paused: Option<bool>,
}

/// What comes again in a family.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RecurringList {
    /// Oldest first.
    #[schema(value_type = Vec<RecurringView>)]
    recurring: Vec<RecurringView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

/// Set what comes again
///
/// On each due day (UTC) it is entered once, by whoever set it and with what they may do then: over a threshold it waits for
/// approval like any other. Where it cannot be entered it pauses, and they are told why in Telegram.
#[utoipa::path(
    post, path = "/api/v1/recurring", tag = "recurring", request_body = RecurringBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 201, description = "It is set", body = RecurringView),
        (status = 400, description = "A bad amount or day, no wallet, or two currencies", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family, wallet or category that is not there, or another's", body = ProblemDocument),
        (status = 409, description = "Something archived, or as many as there may be", body = ProblemDocument),
    )
)]
pub(crate) async fn create(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/recurring").await?;
    let form: RecurringForm = call.object()?;
    let asked = Asked { money: &money, entered: &entered, call: &call, unknown: unknown_family };
    Ok(money.in_turn(&entered, &call, || make(asked, &form)).await?)
}

async fn make(asked: Asked<'_>, form: &RecurringForm) -> Result<Answer, Undone> {
    let to = form.to_wallet_id.filter(|to| Some(*to) != form.from_wallet_id);
    let named = form.from_wallet_id.into_iter().chain(to).collect();
    let read = match asked.open(form.family_id, Permission::ChangeRecurring, named).await? {
        Opened::Replayed(answer) => return Ok(answer),
        Opened::Read(read) => read,
    };
    let new = form.read(&read)?;
    let there_are = asked.money.store.recurring_of(&read.permit).await?.len();
    let (from, to) = (read.found.wallet(new.from), read.found.wallet(new.to));
    let wallets = Wallets { from: from.as_ref(), to: to.as_ref() };
    let (change, set) = recurring::create(&read.permit, read.ground(), wallets, there_are, new, read.now)?;
    let answer = Answer::new(StatusCode::CREATED, &RecurringView::of(&set))?;
    asked.commit(&change, answer, read.now).await
}

impl RecurringForm {
    fn read(&self, read: &Read) -> Result<NewRecurring, Refusal> {
        Ok(NewRecurring {
            id: RecurringId::fresh(read.now, clock::random()),
            from: self.from_wallet_id,
            to: self.to_wallet_id,
            amount: self.amount.clone(),
            category_id: self.category_id,
            description: text("description", self.description.clone())?,
            every: Every::read(&self.every)?,
            starts_on: Day::read("starts_on", &self.starts_on)?,
            ends_on: day("ends_on", self.ends_on.as_deref())?,
        })
    }
}

/// List what comes again
#[utoipa::path(
    get, path = "/api/v1/recurring", tag = "recurring",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("family_id" = u64, Query, description = "The family"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "What comes again", body = RecurringList),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family that is not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let (permit, _) =
        money.reader(&call, "GET /api/v1/recurring", || entry::family_in_query(&call), Permission::See).await?;
    let page: PageQuery = call.query()?;
    let limit = page.limit()?;
    let found = money.store.recurring_of(&permit).await?;
    let Page { items, next_cursor } = Page::of(found, |recurring| recurring.id.get(), limit, page.cursor.as_deref())?;
    Ok(Answer::ok(&RecurringList { recurring: items.iter().map(RecurringView::of).collect(), next_cursor })?)
}

/// Change what comes again
///
/// For another rhythm or other wallets set another one. Whoever changes the amount or the last day, or lets it run again, is who
/// pays from then on (`made_by`): with what they may do, and never approved by themselves. What lies between its end and today is
/// left out where it goes on.
#[utoipa::path(
    patch, path = "/api/v1/recurring/{id}", tag = "recurring", request_body = RecurringChangeBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "Which")),
    responses(
        (status = 200, description = "As it is now", body = RecurringView),
        (status = 400, description = "A bad amount or day", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn change(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "PATCH /api/v1/recurring/{id}").await?;
    money.known(&entered).await?;
    let form: ChangeForm = call.object()?;
    let which = money.recurring_of(&id.0).await?;
    let asked = Asked { money: &money, entered: &entered, call: &call, unknown: unknown_recurring };
    Ok(money.in_turn(&entered, &call, || changed(asked, which, &form)).await?)
}

impl Money {
    /// Whose it is that a path names.
    ///
    /// # Errors
    /// 404 where there is none.
    async fn recurring_of(&self, id: &str) -> Result<(FamilyId, RecurringId), Refusal> {
        let id: RecurringId = id.parse().map_err(|_| unknown_recurring())?;
        let family = self.store.family_of_recurring(id).await?.ok_or_else(unknown_recurring)?;
        Ok((family, id))
    }
}

async fn changed(asked: Asked<'_>, (family, id): (FamilyId, RecurringId), form: &ChangeForm) -> Result<Answer, Undone> {
    let read = match asked.open(family, Permission::ChangeRecurring, Vec::new()).await? {
        Opened::Replayed(answer) => return Ok(answer),
        Opened::Read(read) => read,
    };
    let found = asked.money.store.recurring(family, id).await?.ok_or_else(unknown_recurring)?;
    let changed = RecurringChange {
        amount: form.amount.clone(),
        description: form.description.clone().map(|said| text("description", said)).transpose()?,
        ends_on: form.ends_on.as_ref().map(|ends_on| day("ends_on", ends_on.as_deref())).transpose()?,
        paused: form.paused,
    };
    let (change, set) = recurring::change(&read.permit, read.ground(), &found, changed, read.now)?;
    asked.commit(&change, Answer::ok(&RecurringView::of(&set))?, read.now).await
}

/// Take away what comes again
///
/// What it has paid stays.
#[utoipa::path(
    delete, path = "/api/v1/recurring/{id}", tag = "recurring",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "Which"),
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
    let entered = money.enter(&call, "DELETE /api/v1/recurring/{id}").await?;
    if let Some(answer) = money.known_again(&entered, &call).await? {
        return Ok(answer);
    }
    let which = money.recurring_of(&id.0).await?;
    let asked = Asked { money: &money, entered: &entered, call: &call, unknown: unknown_recurring };
    Ok(money.in_turn(&entered, &call, || remove(asked, which)).await?)
}

async fn remove(asked: Asked<'_>, (family, id): (FamilyId, RecurringId)) -> Result<Answer, Undone> {
    let read = match asked.open(family, Permission::ChangeRecurring, Vec::new()).await? {
        Opened::Replayed(answer) => return Ok(answer),
        Opened::Read(read) => read,
    };
    let found = asked.money.store.recurring(family, id).await?.ok_or_else(unknown_recurring)?;
    let change = recurring::remove(&read.permit, read.ground(), &found, read.now)?;
    asked.commit(&change, Removed::answer()?, read.now).await
}
