//! `DELETE /api/v1/connections/{provider}`: from the commit on no token of it is handed out.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal,
    connection::{Connection, Status},
    idempotency::finished,
    limits,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Beside, Guard, KeptAnswer};

use crate::{Oauth, subject::Entered, view::ConnectionView};

const ENDPOINT: &str = "DELETE /api/v1/connections/{provider}";

/// Unlink an account
///
/// At once, everywhere; the provider is told where it takes such a thing. Unlinking what is unlinked answers the same.
#[utoipa::path(
    delete, path = "/api/v1/connections/{provider}", tag = "linked accounts",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(
        ("provider" = String, Path, description = "`spotify`, `google`, `github`, `discord`, …"),
        ("telegram_id" = Option<i64>, Query, description = "For a service: whose account"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Unlinked", body = ConnectionView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown person, or never linked", body = ProblemDocument),
    )
)]
pub(crate) async fn unlink(oauth: State<Arc<Oauth>>, provider: PathText, call: Call) -> Result<Answer, Problem> {
    let (store, now) = (&oauth.links.store, clock::now());
    let Entered { subject, permit, scope, idempotency, facts } = oauth.enter(&call, ENDPOINT).await?;
    if let Some(record) = finished(call.idempotency(), facts.idempotency.as_ref(), now)? {
        return Ok(Answer::replay(record));
    }
    let provider = countersign_core::connection::provider(&provider.0)?;
    let seen = store.connection(subject, provider.key).await?.ok_or_else(not_linked)?;
    let ended = Connection { standing: Status::Revoked, revoked_at: Some(now), ..seen.clone() };
    let answer = Answer::ok(&ConnectionView::of(&ended, now))?;
    if seen.standing == Status::Revoked {
        return Ok(answer);
    }
    let kept = call.idempotency().map(|key| KeptAnswer { scope, key, record: answer.record(key, now) });
    // Due for the schedule where this function does not come to its end.
    let revocable = seen.sealed.is_some() && provider.revoke_url.is_some();
    let due = revocable.then(|| now.plus_seconds(limits::OAUTH_REDEMPTION_SECONDS));
    let beside = Beside { kept: kept.as_ref(), contact: None };
    if let Err(error) = store.commit_revoked(&permit, &seen, now, due, beside).await {
        return match store.twin(idempotency, &error, now).await? {
            Some(twin) => Ok(Answer::replay(&twin)),
            None if error.failed(Guard::Connection) => Err(changed().into()),
            None => Err(error.into()),
        };
    }
    if revocable && let Err(refusal) = oauth.links.revoke(subject, &ended, now).await {
        tracing::warn!(%refusal, reason = refusal.internal.as_deref(), "not revoked yet");
    }
    Ok(answer)
}

fn not_linked() -> Refusal {
    Refusal::not_found("No such linked account")
}

fn changed() -> Refusal {
    Refusal::conflict("The account was linked anew or unlinked at this moment; look again").retry_after(1)
}
