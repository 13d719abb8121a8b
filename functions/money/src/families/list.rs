//! `GET /api/v1/families` and `GET /api/v1/families/{id}`: the caller's families.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{family::Permission, policy};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use serde::Serialize;

use super::view::FamilyView;
use crate::{Money, entry};

/// The caller's families.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Families {
    /// Oldest first.
    families: Vec<FamilyView>,
}

/// List one's families
#[utoipa::path(
    get, path = "/api/v1/families", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    responses(
        (status = 200, description = "The families", body = Families),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
    )
)]
pub(crate) async fn list(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "GET /api/v1/families").await?;
    let (person, _) = money.store.person_and_key(entered.subject, None).await?;
    let (platform, user) = entered.platform(person.as_ref())?;
    let families = money.store.families_of(&platform, user).await?;
    Ok(Answer::ok(&Families { families: families.iter().map(|family| FamilyView::of(family, user)).collect() })?)
}

/// Show a family
#[utoipa::path(
    get, path = "/api/v1/families/{id}", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The family")),
    responses(
        (status = 200, description = "The family", body = FamilyView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn get(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let endpoint = "GET /api/v1/families/{id}";
    let entered = money.enter(&call, endpoint).await?;
    let (person, family) = money.store.person_and_family(entered.subject, entry::family_id(&id.0)?).await?;
    entered.permit(person.as_ref(), family.as_ref(), Permission::See)?;
    let (person, family) = person.zip(family).ok_or_else(policy::unknown_person)?;
    call.trace().family(family.id);
    Ok(Answer::ok(&FamilyView::of(&family, person.user_id))?)
}
