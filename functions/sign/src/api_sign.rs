//! `POST /api/sign` and `POST /sign`: a person's Bearer token signs with whichever key they have.

use std::sync::Arc;

use axum::extract::State;
use countersign_edge::{Answer, Call, Problem, ProblemDocument};

use crate::{
    Sign,
    sign_request::{SignRequest, SignedOrStamp},
    signing,
};

/// Sign a Stellar transaction
///
/// The first key that the person has signs; see `signing_method`. With a key in Telegram's cloud storage the answer
/// has `success: false` and a `stamp_request`; repeat the call with `stamp`.
///
/// An `Idempotency-Key` stands for the call that is signed: a `stamp_request` is handed out again as often as it is asked for, and the
/// repeated call may have the same key.
#[utoipa::path(
    post, path = "/api/sign", tag = "signing", request_body = SignRequest,
    security(("access_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "Signed, or a stamp is needed", body = SignedOrStamp),
        (status = 202, description = "The signer waits for somebody's consent"),
        (status = 400, description = "Missing or invalid XDR", body = ProblemDocument),
        (status = 401, description = "No or bad token, or no active session", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
        (status = 409, description = "Still running", body = ProblemDocument),
        (status = 502, description = "The signer refused or failed; `outcome` says which", body = ProblemDocument),
        (status = 503, description = "Not available now; with `outcome` unknown it may have been signed: ask again",
            body = ProblemDocument),
    )
)]
pub(crate) async fn api_sign(sign: State<Arc<Sign>>, call: Call) -> Result<Answer, Problem> {
    with_token(&sign, &call, "POST /api/sign").await
}

/// Sign a Stellar transaction
///
/// The same as `POST /api/sign`.
#[utoipa::path(
    post, path = "/sign", tag = "signing", request_body = SignRequest,
    security(("access_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "Signed, or a stamp is needed", body = SignedOrStamp),
        (status = 202, description = "The signer waits for somebody's consent"),
        (status = 400, description = "Missing or invalid XDR", body = ProblemDocument),
        (status = 401, description = "No or bad token, or no active session", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
        (status = 409, description = "Still running", body = ProblemDocument),
        (status = 502, description = "The signer refused or failed; `outcome` says which", body = ProblemDocument),
        (status = 503, description = "Not available now; with `outcome` unknown it may have been signed: ask again",
            body = ProblemDocument),
    )
)]
pub(crate) async fn sign(sign: State<Arc<Sign>>, call: Call) -> Result<Answer, Problem> {
    with_token(&sign, &call, "POST /sign").await
}

async fn with_token(sign: &Sign, call: &Call, endpoint: &'static str) -> Result<Answer, Problem> {
    call.presented().only_token()?;
    let caller = sign.gate.admit(call, &sign.signers.store).await?;
    let subject = caller.subject().ok_or_else(countersign_core::policy::unknown_person)?;
    let request: SignRequest = call.object()?;
    let job = signing::Job::read(sign, call, &request, subject, endpoint)?;
    let facts = sign.signers.store.facts(&job.wanted(None)).await?;
    Ok(job.run(&caller, &facts).await?)
}
