//! `POST /api/v1/services/{id}/rotate-key`: a second set of credentials becomes live, and one of the two ends later.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal,
    gate::StoredService,
    policy::unknown_service,
    services::{Step, rotated},
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::Guard;
use serde::Deserialize;

use crate::{Services, service_view::IssuedService};

const ENDPOINT: &str = "POST /api/v1/services/{id}/rotate-key";

/// Which step of a rotation.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// `begin` where nothing is said: a new set becomes live beside the one in use. `finish`: the older set ends.
    /// `cancel`: the newer one does.
    #[serde(default)]
    #[schema(value_type = String)]
    step: Step,
}

/// Rotate a service's credentials
///
/// For an admin. API key, client secret and webhook secret change together; two sets are live until the rotation is
/// finished or cancelled, and deliveries are signed with both. The new set is shown once, as when a service is made.
#[utoipa::path(
    post, path = "/api/v1/services/{id}/rotate-key", tag = "services", request_body = Option<Rotation>,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The service's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "The newest live set: with its secrets after `begin` alone", body = IssuedService),
        (status = 400, description = "No such step", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not an admin", body = ProblemDocument),
        (status = 404, description = "Not there, or disabled", body = ProblemDocument),
        (status = 409, description = "A rotation is running already, or none is", body = ProblemDocument),
    )
)]
pub(crate) async fn rotate(services: State<Arc<Services>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let permit = entered.permit_over(id.0.parse().ok(), ENDPOINT)?;
    let step = step(&call)?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(services.shown(IssuedService::of_kept(&record.body)?, step)?.again());
    }
    let listed = services.store.listed_service(&permit).await?.filter(|listed| !listed.service.disabled);
    let seen = listed.ok_or_else(unknown_service)?.service;
    let next = services.next(&seen, step)?;
    let issued = IssuedService::of(&next);
    let kept = entered.kept(&call, &Answer::ok(&issued)?);
    match services.store.commit_rotation(&permit, &seen, &next, kept.as_ref()).await {
        Ok(()) => {
            tracing::info!(
                service = next.id.get(),
                by = permit.by(),
                live = next.client_versions.len(),
                "keys rotated"
            );
            Ok(services.shown(issued, step)?)
        }
        Err(error) if error.failed(Guard::Service) && call.idempotency().is_none() => {
            Err(Refusal::conflict("The service changed meanwhile; look at it and try again").into())
        }
        Err(error) => {
            let record = services.twin(&entered, &call, error).await?;
            Ok(services.shown(IssuedService::of_kept(&record.body)?, step)?.again())
        }
    }
}

/// No body begins. A body is an object: serde alone would read `[]` as one without members.
fn step(call: &Call) -> Result<Step, Refusal> {
    if !call.has_body() {
        return Ok(Step::Begin);
    }
    let body: serde_json::Map<String, serde_json::Value> = call.json()?;
    let rotation: Result<Rotation, _> = serde_json::from_value(body.into());
    rotation.map(|rotation| rotation.step).map_err(|_| Refusal::invalid("step must be begin, finish or cancel"))
}

impl Services {
    fn next(&self, seen: &StoredService, step: Step) -> Result<StoredService, Refusal> {
        let key = self.gate.gate().clients().service_key(seen.id, seen.next_version());
        let (_, hash) = key.ok_or_else(|| Refusal::unavailable("the gate has no client master"))?;
        rotated(seen, step, Some(hash))
    }

    /// Only a set that was just made is shown.
    fn shown(&self, issued: IssuedService, step: Step) -> Result<Answer, Refusal> {
        match step {
            Step::Begin => Answer::ok(&issued.revealed(self.gate.gate().clients())?),
            Step::Finish | Step::Cancel => Answer::ok(&issued),
        }
    }
}
