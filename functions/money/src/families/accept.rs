//! `POST /api/v1/invitations/accept`: somebody joins a family by a code that is good once.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal, Secret,
    family::{self, InvitationCode, unknown_family},
    limits, policy,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::{Along, FamilyWanted, Undone};
use serde::Deserialize;

use super::{new::own_name, view::FamilyView};
use crate::{Money, entry};

/// The code of an invitation.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct AcceptBody {
    /// `inv_` and 43 characters.
    #[schema(value_type = String)]
    code: Secret,
    /// The caller's name there; as Telegram says it where nothing is said.
    your_name: Option<String>,
}

/// Join a family
#[utoipa::path(
    post, path = "/api/v1/invitations/accept", tag = "families", request_body = AcceptBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "The family", body = FamilyView),
        (status = 400, description = "A bad name", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown, used, taken back or expired", body = ProblemDocument),
        (status = 409, description = "In it already, or it is full or closed", body = ProblemDocument),
    )
)]
pub(crate) async fn accept(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/invitations/accept").await?;
    let body: AcceptBody = call.object()?;
    Ok(money.in_turn(&entered, &call, || attempt(&money, &entered, &call, &body)).await?)
}

fn not_good() -> Refusal {
    Refusal::not_found("The invitation is not good any more")
}

async fn attempt(money: &Money, entered: &entry::Entered, call: &Call, body: &AcceptBody) -> Result<Answer, Undone> {
    let idempotency = call.idempotency().map(|key| (entered.scope(), key));
    let (person, record) = money.store.person_and_key(entered.subject, idempotency).await?;
    let (platform, user) = entered.platform(person.as_ref())?;
    if let Some(answer) = entry::answered(call, record.as_ref())? {
        return Ok(answer);
    }
    let code = body.code.expose_str().and_then(InvitationCode::read).ok_or_else(not_good)?;
    let hash = code.hash();
    let wanted = FamilyWanted { invitation: Some(&hash), ..FamilyWanted::default() };
    let family_id = money.store.family_facts(&wanted).await?.invitation.ok_or_else(not_good)?.family_id;
    let wanted = FamilyWanted { family: Some(family_id), invitation: Some(&hash), ..FamilyWanted::default() };
    let found = money.store.family_facts(&wanted).await?;
    let invitation = found.invitation.as_ref().ok_or_else(not_good)?;
    if money.store.families_of(&platform, user).await?.len() >= limits::FAMILIES_OF_PERSON {
        let most = limits::FAMILIES_OF_PERSON;
        return Err(Refusal::conflict(format!("One person is in at most {most} families")).into());
    }
    let (family, now) = (found.family.as_ref().ok_or_else(unknown_family)?, clock::now());
    let person = person.as_ref().ok_or_else(policy::unknown_person)?;
    let name = own_name(body.your_name.as_deref(), person.profile.first_name.clone())?;
    let owners = money.store.people_of(&family.owner_ids(Some(invitation.invited_by))).await?;
    let (change, family) = family::accept(&platform, &found.head, family, invitation, (user, name), &owners, now)?;
    call.trace().family(family.id);
    let answer = Answer::ok(&FamilyView::of(&family, user))?;
    let kept = entry::kept(call, entered.scope(), &answer, now);
    money.store.commit_family(&change, Along { kept: kept.as_ref(), contact: None }).await?;
    Ok(answer)
}
