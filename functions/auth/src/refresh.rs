//! `POST /api/v1/auth/refresh`: a refresh token becomes the next pair. Used twice, it ends the whole session.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    LoginId, Refusal, Secret, Subject,
    gate::ClientSecrets,
    login::{Login, Refresh},
    policy,
};
use countersign_edge::{Answer, Problem, ProblemDocument, PublicCall, clock};
use countersign_store::Guard;
use serde::Deserialize;

use crate::{
    Auth,
    pair::{MadeOf, TokenPair},
    state::no_master,
};

/// How often it is judged again because another refresh of the same session was faster.
const ROUNDS: usize = 4;

/// A refresh token.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct RefreshBody {
    /// Of the last pair.
    #[schema(value_type = String)]
    refresh_token: Secret,
}

/// Renew a login
///
/// The token is good once. For 30 seconds it is answered with the same refresh token again, for two tabs of one device and for
/// a lost answer; used after that, somebody has a copy, and the session ends.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "people", request_body = RefreshBody,
    responses(
        (status = 200, description = "The next pair", body = TokenPair),
        (status = 400, description = "A malformed body", body = ProblemDocument),
        (status = 401, description = "Not good, used, or of a session that has ended", body = ProblemDocument),
        (status = 403, description = "The person's role does not allow it", body = ProblemDocument),
    )
)]
pub(crate) async fn refresh(auth: State<Arc<Auth>>, call: PublicCall) -> Result<Answer, Problem> {
    let PublicCall(call) = call;
    auth.gate.admit_public(&call, &auth.store).await?;
    let token = call.object::<RefreshBody>()?.refresh_token;
    let (user, login) = ClientSecrets::ids_of_refresh_token(&token).ok_or_else(not_good)?;
    let subject = auth.store.subject_of(user).await?.ok_or_else(not_good)?;
    for _ in 0..ROUNDS {
        if let Some((pair, user)) = auth.renew(subject, login, &token).await? {
            call.trace().called_by(format!("u:{user}"));
            return Ok(Answer::ok(&pair)?);
        }
    }
    Err(Refusal::unavailable("other refreshes of this session were faster each time").into())
}

/// 401: whatever is wrong with it.
fn not_good() -> Refusal {
    Refusal::unauthenticated("The refresh token is not good")
}

impl Auth {
    /// The next pair; none where another refresh came between.
    async fn renew(
        &self,
        subject: Subject,
        id: LoginId,
        token: &Secret,
    ) -> Result<Option<(TokenPair, countersign_core::UserId)>, Refusal> {
        let (now, gate) = (clock::now(), self.gate.current_gate().await);
        let (person, login) = self.store.login(subject, id).await?;
        let (person, login) = person.zip(login).ok_or_else(not_good)?;
        if login.user_id != person.user_id || login.live_until <= now {
            return Err(not_good());
        }
        let generation = gate.clients().refresh_generation(&login, token).ok_or_else(not_good)?;
        if policy::person_role(&person.role).is_none() {
            return Err(Refusal::forbidden("The person's role does not allow this"));
        }
        let made_of = MadeOf::of(&person, login.id, now);
        let good = match login.refresh(generation, now) {
            Refresh::Again => login.generation,
            Refresh::Stolen => return Err(self.end(subject, &login).await?),
            Refresh::Rotate => {
                let next = login.generation.saturating_add(1);
                let (_, hash) = gate.clients().refresh_token(login.user_id, login.id, next).ok_or_else(no_master)?;
                match self.store.commit_renewal(subject, &login, &login.rotated(hash, now)).await {
                    Err(error) if error.failed(Guard::Login) => return Ok(None),
                    committed => committed?,
                }
                next
            }
        };
        Ok(Some((made_of.pair_of(&gate, good)?, person.user_id)))
    }

    /// Whoever has a copy and whoever had it first both log in again.
    async fn end(&self, subject: Subject, login: &Login) -> Result<Refusal, Refusal> {
        self.store.end_stolen_login(subject, login.id).await?;
        tracing::warn!(login = %login.id, user = %login.user_id, "a refresh token was used twice: the session is ended");
        Ok(not_good())
    }
}
