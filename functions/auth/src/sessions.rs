//! `POST /api/v1/auth/logout`, `GET /api/v1/auth/sessions`, `DELETE /api/v1/auth/sessions/{id}`: a person's own logins.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    LoginId, Refusal,
    gate::Caller,
    idempotency::finished,
    policy::{self, Permit},
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{KeptAnswer, KeyScope, Wanted};
use serde::Serialize;

use crate::Auth;

/// A login.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct SessionView {
    /// Its id: the `sid` of its access tokens.
    id: u64,
    /// `password` or `mini_app`.
    begun_by: &'static str,
    /// When it began.
    created_at: String,
    /// When it was renewed last, or null.
    renewed_at: Option<String>,
    /// It ends then unless it is renewed.
    expires_at: String,
    /// It is the one that the caller's token is of.
    current: bool,
}

/// A person's logins.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Sessions {
    /// Newest first, at most 100.
    sessions: Vec<SessionView>,
}

/// Whether a login has ended.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Ended {
    /// False where the token is of no login of ours.
    ended: bool,
}

/// Who calls, let in.
struct Entered {
    caller: Caller,
    permit: Permit,
    user: countersign_core::UserId,
    replayed: Option<Answer>,
}

impl Auth {
    async fn enter(&self, call: &Call, endpoint: &'static str) -> Result<Entered, Refusal> {
        let caller = self.gate.admit(call, &self.store).await?;
        let subject = caller.subject().ok_or_else(|| Refusal::forbidden("This is for people"))?;
        let idempotency = call.idempotency().map(|key| (KeyScope::Subject(subject), key));
        let facts = self.store.facts(&Wanted { subject: Some(subject), idempotency, ..Wanted::default() }).await?;
        let permit = policy::permit(&caller, facts.person.as_ref(), subject, endpoint)?;
        let record = finished(call.idempotency(), facts.idempotency.as_ref(), clock::now())?;
        let user = facts.person.as_ref().ok_or_else(policy::unknown_person)?.user_id;
        Ok(Entered { caller, permit, user, replayed: record.map(Answer::replay) })
    }

    /// Ends a login, keeping the answer; false where it is not there.
    async fn end_own(&self, call: &Call, entered: &Entered, id: LoginId, answer: &Answer) -> Result<bool, Refusal> {
        let scope = KeyScope::Subject(entered.permit.subject());
        let kept = |key| KeptAnswer { scope, key, record: answer.record(key, clock::now()) };
        let kept = call.idempotency().map(kept);
        Ok(self.store.end_login(&entered.permit, id, kept.as_ref()).await?)
    }
}

fn current(caller: &Caller) -> Option<LoginId> {
    match caller {
        Caller::Person { session, .. } => session.as_deref().and_then(|session| session.parse().ok()),
        Caller::Service { .. } => None,
    }
}

/// Log out
///
/// Ends the login that the access token is of: its refresh token is good no more. The access token itself ends within 15
/// minutes.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "people",
    security(("access_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "Logged out", body = Ended),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
    )
)]
pub(crate) async fn logout(auth: State<Arc<Auth>>, call: Call) -> Result<Answer, Problem> {
    call.presented().only_token()?;
    let entered = auth.enter(&call, "POST /api/v1/auth/logout").await?;
    if let Some(answer) = entered.replayed {
        return Ok(answer);
    }
    let answer = Answer::ok(&Ended { ended: true })?;
    let ended = match current(&entered.caller) {
        Some(id) => auth.end_own(&call, &entered, id, &answer).await?,
        None => false,
    };
    if ended { Ok(answer) } else { Ok(Answer::ok(&Ended { ended: false })?) }
}

/// List one's logins
#[utoipa::path(
    get, path = "/api/v1/auth/sessions", tag = "people",
    security(("access_token" = []), ("launch_data" = [])),
    responses(
        (status = 200, description = "The logins that are live", body = Sessions),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
    )
)]
pub(crate) async fn list(auth: State<Arc<Auth>>, call: Call) -> Result<Answer, Problem> {
    let entered = auth.enter(&call, "GET /api/v1/auth/sessions").await?;
    let (logins, current) =
        (auth.store.live_logins(&entered.permit, entered.user, clock::now()).await?, current(&entered.caller));
    let view = |login: &countersign_core::login::Login| SessionView {
        id: login.id.get(),
        begun_by: login.begun_by.as_str(),
        created_at: login.created_at.to_rfc3339(),
        renewed_at: login.rotated_at.map(countersign_core::Moment::to_rfc3339),
        expires_at: login.live_until.to_rfc3339(),
        current: current == Some(login.id),
    };
    Ok(Answer::ok(&Sessions { sessions: logins.iter().map(view).collect() })?)
}

/// End a login
#[utoipa::path(
    delete, path = "/api/v1/auth/sessions/{id}", tag = "people",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The login"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "It has ended", body = Ended),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn end(auth: State<Arc<Auth>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = auth.enter(&call, "DELETE /api/v1/auth/sessions/{id}").await?;
    let unknown = || Refusal::not_found("No such session");
    let id = id.0.parse().map_err(|_| unknown())?;
    if let Some(answer) = entered.replayed {
        return Ok(answer);
    }
    let answer = Answer::ok(&Ended { ended: true })?;
    if auth.end_own(&call, &entered, id, &answer).await? { Ok(answer) } else { Err(unknown().into()) }
}
