//! `POST /api/v1/services`: a service is made, and its credentials are shown once.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Moment, Refusal, ServiceId,
    gate::{ClientSecrets, StoredService},
    services::{NewService, ServiceEntry},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::ListedService;

use crate::{Services, service_view::IssuedService};

const ENDPOINT: &str = "POST /api/v1/services";

/// The body, for the OpenAPI document.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "documents the body; core's NewService reads it")]
pub(crate) struct NewServiceBody {
    /// 1 to 64 characters; people read it where the service asks them something.
    name: String,
    /// A role of services: `mini_app_backend`, `notifier`, `token_reader`, `bot_runner`.
    role: String,
}

/// Make a service
///
/// For an admin. The answer shows the service's credentials; they are never shown again, except to the same
/// `Idempotency-Key`.
#[utoipa::path(
    post, path = "/api/v1/services", tag = "services", request_body = NewServiceBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 201, description = "Made, with its credentials", body = IssuedService),
        (status = 400, description = "What is wrong with it", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
    )
)]
pub(crate) async fn create(services: State<Arc<Services>>, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let permit = entered.person_permit(ENDPOINT)?;
    let gate = services.gate.gate();
    if let Some(record) = entered.replayed(&call)? {
        return Ok(again(&record.body, gate.clients())?);
    }
    let new: NewService = call.object()?;
    new.check()?;
    let listed = listed(new, entered.now, permit.by(), gate.clients())?;
    let issued = IssuedService::of(&listed.service);
    let kept = entered.kept(&call, &Answer::created(&issued)?);
    match services.store.commit_service(&permit, &listed, kept.as_ref()).await {
        Ok(()) => {
            tracing::info!(service = listed.service.id.get(), by = permit.by(), "service made");
            Ok(Answer::created(&issued.revealed(gate.clients())?)?)
        }
        Err(error) => Ok(again(&services.twin(&entered, &call, error).await?.body, gate.clients())?),
    }
}

fn again(body: &str, secrets: &ClientSecrets) -> Result<Answer, Refusal> {
    Ok(Answer::created(&IssuedService::of_kept(body)?.revealed(secrets)?)?.again())
}

fn listed(new: NewService, now: Moment, by: &str, secrets: &ClientSecrets) -> Result<ListedService, Refusal> {
    let id = ServiceId::fresh(now, clock::random());
    let (_, hash) = secrets.service_key(id, 1).ok_or_else(|| Refusal::unavailable("the gate has no client master"))?;
    let service = StoredService {
        id,
        name: new.name,
        role: new.role,
        key_hashes: vec![hash],
        client_versions: vec![1],
        last_version: 1,
        last_used_at: None,
        disabled: false,
    };
    Ok(ListedService { service, entry: ServiceEntry { id, created_at: now, created_by: by.to_owned() } })
}
