//! `POST /api/v1/auth/register`: a new account, and its first login.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use countersign_core::{
    Person, Profile, Refusal, Secret, Subject, UserId,
    account::{Account, Email, check_password},
    approval::one_line,
    bot::NEWCOMER,
    idempotency::finished,
    limits,
    login::LoginBegin,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, PublicCall, clock};
use countersign_store::{Guard, KeyScope, NewAccount};
use serde::Deserialize;

use crate::{
    Auth, issued,
    pair::{MadeOf, TokenPair},
    slow::Tried,
};

/// A new account.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct RegisterBody {
    /// One account per address, in any case.
    email: String,
    /// 8 to 128 characters.
    #[schema(value_type = String)]
    password: Secret,
    /// A first name.
    #[serde(default)]
    name: Option<String>,
}

/// Register
///
/// It logs in as well. An address that has an account is told so; tries are counted from where they come, like failed logins, and
/// slow down nobody who logs in elsewhere.
#[utoipa::path(
    post, path = "/api/v1/auth/register", tag = "people", request_body = RegisterBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer to whoever knows the password; kept 24 h")),
    responses(
        (status = 201, description = "Registered and logged in", body = TokenPair),
        (status = 400, description = "A bad address, password or name", body = ProblemDocument),
        (status = 409, description = "The address has an account", body = ProblemDocument),
        (status = 429, description = "Too many tries", body = ProblemDocument),
    )
)]
pub(crate) async fn register(auth: State<Arc<Auth>>, call: PublicCall) -> Result<Answer, Problem> {
    let PublicCall(call) = call;
    auth.gate.admit_public(&call, &auth.store).await?;
    let body: RegisterBody = call.object()?;
    let email = Email::read(&body.email)?;
    check_password(&body.password, &email)?;
    let name = body.name.as_deref().map(one_line).filter(|name| !name.is_empty());
    if name.as_ref().is_some_and(|name| name.chars().count() > limits::FIRST_NAME_CHARS) {
        return Err(Refusal::invalid(format!("name must have at most {} characters", limits::FIRST_NAME_CHARS)).into());
    }
    let tried = auth.count_registration(&call, &email).await?;
    if tried.facts.account.is_some() {
        return Ok(auth.registered(&call, &tried, &body.password).await?);
    }
    let password_hash = auth.passwords.hash(body.password).await?;
    let (now, gate) = (clock::now(), auth.gate.current_gate().await);
    let user_id = UserId::fresh(now, clock::random());
    let profile = Profile { first_name: name, ..Profile::default() };
    let person = Person { profile, ..Person::new(user_id, None, NEWCOMER, now) };
    let made_of = MadeOf::new(&person, now);
    let login = made_of.login(&gate, LoginBegin::Password)?;
    let account = Account { email, user_id, password_hash, created_at: now };
    let mut kept = issued::kept_answer(&call, KeyScope::Subject(Subject::User(user_id)), &made_of, now)?;
    if let Some(kept) = &mut kept {
        kept.record.status = StatusCode::CREATED.as_u16();
    }
    let new = NewAccount { account: &account, person: &person, login: &login };
    match auth.store.commit_account(&new, kept.as_ref()).await {
        Err(error) if error.failed(Guard::Account) => Err(taken().because(error.to_string()).into()),
        Err(error) => Err(error.into()),
        Ok(()) => {
            call.trace().called_by(format!("u:{user_id}"));
            auth.forget_try(&tried).await;
            Ok(Answer::new(StatusCode::CREATED, &made_of.pair(&gate)?)?)
        }
    }
}

fn taken() -> Refusal {
    Refusal::conflict("This e-mail has an account; log in")
}

impl Auth {
    /// The first answer again, where this is the call that made the account, sent once more by whoever knows the password.
    async fn registered(&self, call: &Call, tried: &Tried, password: &Secret) -> Result<Answer, Refusal> {
        let account = tried.facts.account.as_ref().filter(|_| call.idempotency().is_some()).ok_or_else(taken)?;
        let scope = KeyScope::Subject(Subject::User(account.user_id));
        let key = call.idempotency().ok_or_else(taken)?;
        let record = self.store.idempotency_record(scope, key).await?;
        // Only whoever has the key as well has a password verified: it is no second door for guesses.
        let record = record.ok_or_else(taken)?;
        if !self.passwords.verify(password, Some(&account.password_hash)).await? {
            return Err(taken());
        }
        let record = finished(Some(key), Some(&record), clock::now())?.ok_or_else(taken)?;
        let gate = self.gate.current_gate().await;
        self.forget_try(tried).await;
        issued::replayed(record, |made_of: MadeOf| made_of.pair(&gate))
    }
}
