//! `POST /api/v1/auth/telegram/mini-app`: launch data becomes a login with its pair of tokens.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Moment, Person, Profile, Refusal, Subject, TelegramId, UserId,
    gate::{Caller, LaunchData},
    idempotency::{IdempotencyRecord, finished},
    login::LoginBegin,
    policy,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::{Guard, KeyScope, StoreError, Wanted};

use crate::{
    Auth, issued,
    pair::{MadeOf, TokenPair},
};

const ENDPOINT: &str = "POST /api/v1/auth/telegram/mini-app";
/// The role of somebody who was never here before.
const NEWCOMER: &str = "user";

/// Log in with the mini-app's launch data
///
/// Who comes for the first time becomes a person with the role `user`.
#[utoipa::path(
    post, path = "/api/v1/auth/telegram/mini-app", tag = "people",
    security(("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "Logged in", body = TokenPair),
        (status = 401, description = "No or bad launch data", body = ProblemDocument),
        (status = 403, description = "The person's role does not allow it", body = ProblemDocument),
    )
)]
pub(crate) async fn mini_app(auth: State<Arc<Auth>>, call: Call) -> Result<Answer, Problem> {
    call.presented().no_token()?;
    let caller = auth.gate.admit(&call, &auth.store).await?;
    let Caller::Person { telegram_id: Some(telegram_id), launch_data: Some(launch_data), .. } = &caller else {
        return Err(Refusal::forbidden("This is for people with the mini-app's launch data").into());
    };
    let job =
        Job { auth: &auth, call: &call, caller: &caller, telegram_id: *telegram_id, launch_data, now: clock::now() };
    // Twice: the bot may make the person's record at the same moment.
    for _ in 0..2 {
        if let Some(answer) = job.run().await? {
            return Ok(answer);
        }
    }
    Err(Refusal::unavailable("the person's record keeps changing").into())
}

/// What a login depends on, verified.
struct Job<'a> {
    auth: &'a Auth,
    call: &'a Call,
    caller: &'a Caller,
    telegram_id: TelegramId,
    launch_data: &'a LaunchData,
    now: Moment,
}

impl Job<'_> {
    /// Nothing where a record came in between: read again.
    async fn run(&self) -> Result<Option<Answer>, Refusal> {
        let (store, gate, subject) = (&self.auth.store, self.auth.gate.gate(), Subject::Telegram(self.telegram_id));
        let idempotency = self.call.idempotency().map(|key| (KeyScope::Subject(subject), key));
        let facts = store.facts(&Wanted { subject: Some(subject), idempotency, ..Wanted::default() }).await?;
        let is_new = facts.person.is_none();
        let person = facts.person.unwrap_or_else(|| newcomer(self.telegram_id, self.launch_data, self.now));
        let permit = policy::permit(self.caller, Some(&person), subject, ENDPOINT)?;
        let again =
            |record: &IdempotencyRecord| issued::replayed(record, |made_of: MadeOf| made_of.pair(&gate)).map(Some);
        if let Some(record) = finished(self.call.idempotency(), facts.idempotency.as_ref(), self.now)? {
            return again(record);
        }
        let made_of = MadeOf::new(&person, self.now);
        let login = made_of.login(&gate, LoginBegin::MiniApp)?;
        let kept = issued::kept_answer(self.call, KeyScope::Subject(subject), &made_of, self.now)?;
        match store.commit_login(&permit, &person, is_new, &login, kept.as_ref()).await {
            Ok(()) => Answer::ok(&made_of.pair(&gate)?).map(Some),
            Err(error) => match store.twin(idempotency, &error, self.now).await? {
                Some(twin) => again(&twin),
                None if passes(&error) => Ok(None),
                None => Err(error.into()),
            },
        }
    }
}

/// A record or an id came in between: read again.
fn passes(error: &StoreError) -> bool {
    [Guard::Person, Guard::User, Guard::Login].into_iter().any(|guard| error.failed(guard))
}

fn newcomer(telegram_id: TelegramId, launch_data: &LaunchData, now: Moment) -> Person {
    let profile = Profile {
        language_code: launch_data.language_code.clone(),
        first_name: launch_data.first_name.clone(),
        username: launch_data.username.clone(),
        ..Profile::default()
    };
    let user_id = UserId::fresh(now, clock::random());
    Person { profile, ..Person::new(user_id, Some(telegram_id), NEWCOMER, now) }
}
