//! `POST /mini-app/sign-transaction`: launch data for oneself, or a service that may act for people.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{Refusal, ServiceId, Subject, policy};
use countersign_edge::{Answer, Call, Problem, ProblemDocument};

use crate::{
    Sign,
    sign_request::{SignRequest, SignedOrStamp},
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
        (status = 200, description = "Signed, or a stamp is needed", body = SignedOrStamp),
        (status = 202, description = "The signer waits for somebody's consent"),
        (status = 400, description = "Missing or invalid XDR or telegram_id", body = ProblemDocument),
        (status = 401, description = "No or bad credential, or no active session", body = ProblemDocument),
        (status = 403, description = "Another person's id, or a role that may not act for people", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
        (status = 409, description = "Still running", body = ProblemDocument),
        (status = 502, description = "The signer refused or failed; `outcome` says which", body = ProblemDocument),
        (status = 503, description = "Not available now; with `outcome` unknown it may have been signed: ask again",
            body = ProblemDocument),
    )
)]
pub(crate) async fn sign_transaction(sign: State<Arc<Sign>>, call: Call) -> Result<Answer, Problem> {
    call.presented().no_token()?;
    let asked = read(&call);
    match (call.presented().only_service(), asked) {
        (None, asked) => for_oneself(&sign, &call, asked).await,
        (Some(service), Ok((request, subject))) => for_a_person(&sign, &call, service, &request, subject).await,
        (Some(_), Err(refusal)) => told(&sign, &call, refusal).await,
    }
}

async fn for_oneself(
    sign: &Sign,
    call: &Call,
    asked: Result<(SignRequest, Subject), Refusal>,
) -> Result<Answer, Problem> {
    let caller = sign.gate.admit(call, &sign.signers.store).await?;
    let (request, subject) = asked?;
    if caller.subject() != Some(subject) {
        return Err(Refusal::forbidden("telegram_id is not the launch data's own").into());
    }
    let job = signing::Job::read(sign, call, &request, subject, ENDPOINT)?;
    let facts = sign.signers.store.facts(&job.wanted(None)).await?;
    Ok(job.run(&caller, &facts).await?)
}

/// A service proves itself by what is stored of it, so that is read together with the person's facts.
async fn for_a_person(
    sign: &Sign,
    call: &Call,
    service: ServiceId,
    request: &SignRequest,
    subject: Subject,
) -> Result<Answer, Problem> {
    let store = &sign.signers.store;
    match signing::Job::read(sign, call, request, subject, ENDPOINT) {
        Ok(job) => {
            let facts = store.facts(&job.wanted(Some(service))).await?;
            let caller = sign.gate.admit_service(call, facts.service.as_ref(), store).await?;
            Ok(job.run(&caller, &facts).await?)
        }
        Err(refusal) => told(sign, call, refusal).await,
    }
}

/// What is wrong with a service's request is told only to one that was let in and may act for people.
async fn told(sign: &Sign, call: &Call, refusal: Refusal) -> Result<Answer, Problem> {
    let caller = sign.gate.admit(call, &sign.signers.store).await?;
    policy::caller_may(&caller, ENDPOINT)?;
    Err(refusal.into())
}

fn read(call: &Call) -> Result<(SignRequest, Subject), Refusal> {
    let request: SignRequest = call.object()?;
    let subject = Subject::Telegram(request.telegram_id()?);
    Ok((request, subject))
}
