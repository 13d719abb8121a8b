//! `PUT /api/v1/roles/{user_id}`: an admin gives a person a platform role.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{Refusal, UserId, policy::unknown_person, services::check_person_role};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::{Guard, RoleChange};
use serde::{Deserialize, Serialize};

use crate::{Services, entry::Entered};

const ENDPOINT: &str = "PUT /api/v1/roles/{user_id}";

/// A new role.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleBody {
    /// `user` or `admin`.
    role: String,
}

/// A person's role.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RoleView {
    /// The person.
    user_id: u64,
    /// Their role from now on.
    role: String,
}

/// Give a person a role
///
/// For an admin, who cannot change their own: so there is always one left. It counts from the next request on.
#[utoipa::path(
    put, path = "/api/v1/roles/{user_id}", tag = "services", request_body = RoleBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("user_id" = u64, Path, description = "The person"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Given", body = RoleView),
        (status = 400, description = "No such role", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
        (status = 409, description = "The admin's own role", body = ProblemDocument),
    )
)]
pub(crate) async fn put(services: State<Arc<Services>>, user_id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let permit = entered.person_permit(ENDPOINT)?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(Answer::replay(record));
    }
    let body: RoleBody = call.object()?;
    check_person_role(&body.role)?;
    let change = services.change(&entered, &user_id.0, &body.role).await?;
    let answer = Answer::ok(&RoleView { user_id: change.user_id.get(), role: body.role.clone() })?;
    let kept = entered.kept(&call, &answer);
    match services.store.commit_role(&permit, &change, kept.as_ref()).await {
        Err(error) if error.failed(Guard::Actor) => {
            Err(Refusal::forbidden("The role of the caller does not allow this any more")
                .because(error.to_string())
                .into())
        }
        Err(error) if error.failed(Guard::Person) => Err(unknown_person().because(error.to_string()).into()),
        committed => {
            let user_id = change.user_id.get();
            if committed.is_ok() {
                tracing::info!(user_id, role = body.role, by = permit.by(), "role given");
            }
            Ok(services.answer(&entered, &call, committed, answer).await?)
        }
    }
}

impl Services {
    async fn change<'a>(&self, entered: &'a Entered, user_id: &str, role: &'a str) -> Result<RoleChange<'a>, Refusal> {
        let admin = entered.person().ok_or_else(unknown_person)?;
        let user_id: UserId = user_id.parse().map_err(|_| unknown_person())?;
        if user_id == admin.user_id {
            return Err(Refusal::conflict("Nobody changes their own role: another admin does"));
        }
        let subject = self.store.subject_of(user_id).await?.ok_or_else(unknown_person)?;
        Ok(RoleChange { subject, user_id, admin_role: &admin.role, role })
    }
}
