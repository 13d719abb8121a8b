//! `PATCH` and `DELETE /api/v1/families/{id}/members/{user_id}`, `POST /api/v1/families/{id}/owner`: who is what in a family.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal, UserId,
    family::{self, FamilyRole, Step},
};
use countersign_edge::{Answer, Call, PathPair, PathText, Problem, ProblemDocument};
use serde::Deserialize;

use super::{step::Settled, view::FamilyView};
use crate::{Money, entry};

/// What changes, as a request says it.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct MemberBody {
    /// `owner`, `adult`, `member` or `child`.
    #[schema(value_type = Option<String>)]
    role: Option<FamilyRole>,
    /// 1 to 64 characters. Everybody may change their own.
    name: Option<String>,
}

/// Who owns it from now on.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct OwnerBody {
    /// Another member.
    #[schema(value_type = u64)]
    user_id: UserId,
}

fn user_id(text: &str) -> Result<UserId, Refusal> {
    text.parse().map_err(|_| Refusal::not_found("No such member"))
}

/// Change a member
///
/// A role by an owner; one's own name by everybody.
#[utoipa::path(
    patch, path = "/api/v1/families/{id}/members/{user_id}", tag = "families", request_body = MemberBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The family"), ("user_id" = u64, Path, description = "The member")),
    responses(
        (status = 200, description = "The family", body = FamilyView),
        (status = 400, description = "A bad role or name", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "The last owner", body = ProblemDocument),
    )
)]
pub(crate) async fn change(money: State<Arc<Money>>, path: PathPair, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "PATCH /api/v1/families/{id}/members/{user_id}").await?;
    let seen_by = money.user_of(&entered).await?;
    let body: MemberBody = call.object()?;
    let name = body.name.as_deref().map(|name| family::name("name", name)).transpose()?;
    let (family, user_id) = (entry::family_id(&path.0)?, user_id(&path.1)?);
    let wanted = Settled { step: Step::Member { user_id, role: body.role, name }, seen_by };
    Ok(money.step(&entered, &call, family, &wanted).await?)
}

/// Remove a member, or leave
///
/// Others by an owner; everybody may leave, but for the last owner.
#[utoipa::path(
    delete, path = "/api/v1/families/{id}/members/{user_id}", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The family"),
        ("user_id" = u64, Path, description = "The member"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "The family", body = FamilyView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "The last owner", body = ProblemDocument),
    )
)]
pub(crate) async fn remove(money: State<Arc<Money>>, path: PathPair, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "DELETE /api/v1/families/{id}/members/{user_id}").await?;
    let seen_by = money.user_of(&entered).await?;
    let (family, user_id) = (entry::family_id(&path.0)?, user_id(&path.1)?);
    Ok(money.step(&entered, &call, family, &Settled { step: Step::Remove(user_id), seen_by }).await?)
}

/// Hand a family over
///
/// The other is an owner from then on, the caller an adult.
#[utoipa::path(
    post, path = "/api/v1/families/{id}/owner", tag = "families", request_body = OwnerBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "The family", body = FamilyView),
        (status = 400, description = "Not another member", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an owner", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn hand_over(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/families/{id}/owner").await?;
    let seen_by = money.user_of(&entered).await?;
    let body: OwnerBody = call.object()?;
    let wanted = Settled { step: Step::HandOver(body.user_id), seen_by };
    Ok(money.step(&entered, &call, entry::family_id(&id.0)?, &wanted).await?)
}
