//! `DELETE /api/v1/signing-sessions/{id}`: from the commit on nothing signs with it.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    TelegramId,
    idempotency::{Replay, replay},
    policy,
    signing::{Ended, SessionRecord},
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Guard, KeptAnswer, KeyScope, Wanted};
use serde::Deserialize;

use crate::{
    Sign,
    session_list::{no_session, session_id},
    session_view::{self, SessionView},
};

const ENDPOINT: &str = "DELETE /api/v1/signing-sessions/{id}";

#[derive(Deserialize)]
struct EndQuery {
    telegram_id: Option<TelegramId>,
}

/// End a signing session
///
/// At once, everywhere. Ending one that has ended answers the same.
#[utoipa::path(
    delete, path = "/api/v1/signing-sessions/{id}", tag = "signing sessions",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(
        ("id" = u64, Path, description = "The session's id"),
        ("telegram_id" = Option<i64>, Query, description = "For a service: whose session"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Ended", body = SessionView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn end(sign: State<Arc<Sign>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let caller = sign.gate.admit(&call, &sign.signers.store).await?;
    let query: EndQuery = call.query()?;
    let subject = session_view::subject(&caller, query.telegram_id)?;
    let scope = caller.service_id().map_or(KeyScope::Subject(subject), KeyScope::Service);
    let idempotency = call.idempotency().map(|key| (scope, key));
    let wanted = Wanted { subject: Some(subject), idempotency, ..Wanted::default() };
    let facts = sign.signers.store.facts(&wanted).await?;
    let permit = policy::permit(&caller, facts.person.as_ref(), subject, ENDPOINT)?;
    let now = clock::now();
    if let Some(key) = call.idempotency()
        && let Replay::Answer(record) = replay(key, facts.idempotency.as_ref(), now)?
    {
        return Ok(Answer::replay(record));
    }
    let record = sign.signers.store.session_record(&permit, session_id(&id.0)?).await?.ok_or_else(no_session)?;
    if record.ended.is_some() {
        return Ok(Answer::ok(&SessionView::of(&record, now))?);
    }
    let ended = SessionRecord { ended: Some(Ended { at: now, by: permit.by().to_owned() }), ..record.clone() };
    let answer = Answer::ok(&SessionView::of(&ended, now))?;
    let kept = call.idempotency().map(|key| KeptAnswer { scope, key, record: answer.record(key, now) });
    match sign.signers.store.commit_end(&permit, &record, now, kept).await {
        Ok(()) => Ok(answer),
        // Ended or replaced at the same moment: it is over either way.
        Err(error) if error.failed(Guard::Session) || error.failed(Guard::SessionRecord) => Ok(answer),
        Err(error) => Err(error.into()),
    }
}
