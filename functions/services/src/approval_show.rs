//! `GET /api/v1/approvals/{id}`: for whoever asked, and for whoever is asked.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal,
    approval::{Asker, Proposal, State as Progress},
    gate::Caller,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};

use crate::{Services, approval_view::ApprovalView, entry::Entered};

const ENDPOINT: &str = "GET /api/v1/approvals/{id}";

/// Show an approval
///
/// To whoever asked for it and to whoever is asked; to others it is not there.
#[utoipa::path(
    get, path = "/api/v1/approvals/{id}", tag = "approvals",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(("id" = u64, Path, description = "The approval's id")),
    responses(
        (status = 200, description = "The approval, open or closed", body = ApprovalView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn get(services: State<Arc<Services>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    match entered.caller {
        Caller::Service { .. } => entered.service_permit(ENDPOINT).map(|_| ())?,
        Caller::Person { .. } => entered.person_permit(ENDPOINT).map(|_| ())?,
    }
    let unknown = || Refusal::not_found("No such approval");
    let id = id.0.parse().map_err(|_| unknown())?;
    let found = services.store.approval(id).await?;
    let (proposal, state) =
        found.filter(|(proposal, state)| concerns(&entered, proposal, state)).ok_or_else(unknown)?;
    Ok(Answer::ok(&ApprovalView::of(&proposal, &state, entered.now))?)
}

/// Whether the caller has asked, or is asked.
fn concerns(entered: &Entered, proposal: &Proposal, state: &Progress) -> bool {
    match &entered.caller {
        Caller::Service { id, .. } => proposal.asker.service_id() == Some(*id),
        Caller::Person { .. } => entered.person().is_some_and(|person| {
            let asked = person.telegram_id.is_some_and(|telegram_id| state.people.contains(&telegram_id));
            let own = match proposal.asker {
                Asker::Person { user_id, .. }
                | Asker::Movement { user_id, .. }
                | Asker::KeyRevocation { user_id, .. } => user_id == person.user_id,
                Asker::Task { .. } | Asker::Service { .. } => false,
            };
            asked || own
        }),
    }
}
