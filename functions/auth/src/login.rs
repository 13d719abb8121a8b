//! `POST /api/v1/auth/login`: an e-mail and its password become a login with its pair of tokens.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Person, Refusal, Secret, Subject,
    account::{Account, Email, wrong_password},
    idempotency::finished,
    login::LoginBegin,
    policy,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, PublicCall, clock};
use countersign_store::{KeyScope, Wanted};
use serde::Deserialize;

use crate::{
    Auth, issued,
    pair::{MadeOf, TokenPair},
};

/// An account.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct LoginBody {
    /// In any case.
    email: String,
    /// As it was registered.
    #[schema(value_type = String)]
    password: Secret,
}

/// Log in
///
/// An unknown address and a wrong password are answered alike, after the same time. Failed logins slow down, per account and
/// per address.
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "people", request_body = LoginBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "Logged in", body = TokenPair),
        (status = 400, description = "A malformed body", body = ProblemDocument),
        (status = 401, description = "Wrong e-mail or password", body = ProblemDocument),
        (status = 403, description = "The person's role does not allow it", body = ProblemDocument),
        (status = 429, description = "Too many tries", body = ProblemDocument),
    )
)]
pub(crate) async fn login(auth: State<Arc<Auth>>, call: PublicCall) -> Result<Answer, Problem> {
    let PublicCall(call) = call;
    auth.gate.admit_public(&call, &auth.store).await?;
    let body: LoginBody = call.object()?;
    // What is no address has no account; whoever sends it knows that.
    let email = Email::read(&body.email).map_err(|_| wrong_password())?;
    let tried = auth.count_try(&call, &email).await?;
    let account = tried.facts.account.as_ref();
    let stored = account.map(|account| account.password_hash.as_str());
    let right = auth.passwords.verify(&body.password, stored).await?;
    let account = account.filter(|_| right).ok_or_else(wrong_password)?;
    auth.forget_try(&tried).await;
    auth.rehash(account, body.password).await;
    call.trace().called_by(format!("u:{}", account.user_id));
    Ok(auth.begin(&call, account).await?)
}

impl Auth {
    /// Hashes the password anew where the parameters have changed. A login does not depend on it.
    async fn rehash(&self, account: &Account, password: Secret) {
        if !self.passwords.is_old(&account.password_hash) {
            return;
        }
        let written = match self.passwords.hash(password).await {
            Ok(hash) => self.store.commit_rehash(account, &hash).await.map_err(Refusal::from),
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = written {
            tracing::warn!(%refusal, "a password was not hashed anew");
        }
    }

    async fn begin(&self, call: &Call, account: &Account) -> Result<Answer, Refusal> {
        let (subject, person) = self.owner(account).await?;
        let (now, gate, scope) = (clock::now(), self.gate.current_gate().await, KeyScope::Subject(subject));
        if let Some(key) = call.idempotency() {
            let record = self.store.idempotency_record(scope, key).await?;
            if let Some(record) = finished(Some(key), record.as_ref(), now)? {
                return issued::replayed(record, |made_of: MadeOf| made_of.pair(&gate));
            }
        }
        let made_of = MadeOf::new(&person, now);
        let login = made_of.login(&gate, LoginBegin::Password)?;
        let kept = issued::kept_answer(call, scope, &made_of, now)?;
        self.store.commit_password_login(subject, &login, kept.as_ref()).await?;
        Answer::ok(&made_of.pair(&gate)?)
    }

    /// The person of an account, wherever their record is; one whose role is none is not let in.
    async fn owner(&self, account: &Account) -> Result<(Subject, Person), Refusal> {
        let subject = self.store.subject_of(account.user_id).await?.ok_or_else(wrong_password)?;
        let facts = self.store.facts(&Wanted { subject: Some(subject), ..Wanted::default() }).await?;
        let person = facts.person.filter(|person| person.user_id == account.user_id).ok_or_else(wrong_password)?;
        if policy::person_role(&person.role).is_none() {
            return Err(Refusal::forbidden("The person's role does not allow this"));
        }
        Ok((subject, person))
    }
}
