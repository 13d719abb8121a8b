//! `POST /mini-app/sign-transaction`: launch data for oneself, or a service that may act for people.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{Refusal, Subject};
use countersign_edge::{Answer, Call, Problem, ProblemDocument};

use crate::{
    Sign,
    sign_request::{SignAnswer, SignRequest},
    signing,
};

const ENDPOINT: &str = "POST /mini-app/sign-transaction";

/// Sign a transaction for the person of a mini-app
///
/// With `Authorization: tma …` the `telegram_id` must be the launch data's own; a service needs a role that may act
/// for people.
#[utoipa::path(
    post, path = "/mini-app/sign-transaction", tag = "signing", request_body = SignRequest,
    security(("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "Signed, or a stamp is needed", body = SignAnswer),
        (status = 400, description = "Missing or invalid XDR or telegram_id", body = ProblemDocument),
        (status = 401, description = "No or bad credential, or no active session", body = ProblemDocument),
        (status = 403, description = "Another person's id, or a role that may not act for people", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
        (status = 409, description = "Still running", body = ProblemDocument),
        (status = 503, description = "KMS or the signer is not available; nothing was signed", body = ProblemDocument),
    )
)]
pub(crate) async fn sign_transaction(sign: State<Arc<Sign>>, call: Call) -> Result<Answer, Problem> {
    call.presented().no_token()?;
    // A service proves itself by what is stored of it, so that is read together with the person's facts.
    let Some(service) = call.presented().only_service() else {
        let caller = sign.gate.admit(&call, &sign.signers.store).await?;
        let (request, subject) = read(&call)?;
        let job = signing::Job::read(&sign, &call, &request, subject, ENDPOINT)?;
        if caller.subject() != Some(subject) {
            return Err(Refusal::forbidden("telegram_id is not the launch data's own").into());
        }
        let facts = sign.signers.store.facts(&job.wanted(None)).await?;
        return Ok(job.run(&caller, &facts).await?);
    };
    let (request, subject) = read(&call)?;
    let job = signing::Job::read(&sign, &call, &request, subject, ENDPOINT)?;
    let facts = sign.signers.store.facts(&job.wanted(Some(service))).await?;
    let caller = sign.gate.admit_service(&call, facts.service.as_ref(), &sign.signers.store).await?;
    Ok(job.run(&caller, &facts).await?)
}

fn read(call: &Call) -> Result<(SignRequest, Subject), Refusal> {
    let request: SignRequest = call.json()?;
    let telegram_id = request.telegram_id.ok_or_else(|| Refusal::invalid("telegram_id is missing"))?;
    Ok((request, Subject::Telegram(telegram_id)))
}
