//! `POST /api/v1/auth/telegram/confirm`: whoever is logged in types the code of a chat, and the Telegram account is theirs.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    ChatId, LoginId, Moment, OutId, Person, Refusal, RefusalKind, TelegramId, UserId,
    binding::{BindCode, BindFacts, StoredBindCode, bad_code},
    gate::{Caller, Gate, PersonOrigin},
    idempotency::{IdempotencyKey, IdempotencyRecord, finished},
    limits,
    messaging::{BotCall, Origin, OutMessage, words},
    policy::{self, Permit},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::{Binding, BindingFacts, Guard, KeyScope, StoreError};
use serde::{Deserialize, Serialize};

use crate::{
    Auth,
    issued::{self, Issued},
};

const ENDPOINT: &str = "POST /api/v1/auth/telegram/confirm";

/// The code and its chat.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct ConfirmBody {
    /// As the bot showed it; case, spaces and hyphens do not matter.
    code: String,
    /// The chat that the bot showed it in: the person's Telegram id.
    #[schema(value_type = u64)]
    chat_id: ChatId,
    /// Their username in Telegram, without `@`.
    #[serde(default)]
    username: Option<String>,
    /// Their first name in Telegram.
    #[serde(default)]
    first_name: Option<String>,
}

/// The account with its Telegram id.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Confirmed {
    /// Always true.
    success: bool,
    /// The person's id: it stays what it was.
    user_id: u64,
    /// An access token that names the Telegram id. Those from before are good no more.
    jwt_token: String,
    /// When the token ends.
    expires_at: String,
}

impl Confirmed {
    fn of(issued: &Issued, gate: &Gate) -> Self {
        Self {
            success: true,
            user_id: issued.user_id.get(),
            jwt_token: issued.access_token(gate),
            expires_at: issued.expires_at().to_rfc3339(),
        }
    }
}

/// What was asked, of the right form.
struct Asked {
    code: Option<BindCode>,
    chat: TelegramId,
    username: Option<String>,
    first_name: Option<String>,
}

/// Bind a Telegram account
///
/// The code is good once, for its chat, for ten minutes; five may be tried in that time. Where the bot knows the person
/// already the two records become one under the logged-in person's id, provided that there is nothing but the record:
/// else 409. The person's signing sessions must be ended first where they had no Telegram id (409): their keys are sealed
/// for whoever they were.
#[utoipa::path(
    post, path = "/api/v1/auth/telegram/confirm", tag = "people", request_body = ConfirmBody,
    security(("access_token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 200, description = "Bound", body = Confirmed),
        (status = 400, description = "A wrong, used or old code, or a chat that is no person's", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
        (status = 409, description = "Bound elsewhere, another's, or sessions in the way", body = ProblemDocument),
        (status = 429, description = "Too many codes were tried", body = ProblemDocument),
    )
)]
pub(crate) async fn confirm(auth: State<Arc<Auth>>, call: Call) -> Result<Answer, Problem> {
    call.presented().only_token()?;
    let caller = auth.gate.admit(&call, &auth.store).await?;
    // Before anything is replayed: the token of an outside issuer gets none of ours.
    let Caller::Person { origin: PersonOrigin::AccessToken, user_id: Some(user_id), .. } = &caller else {
        return Err(Refusal::forbidden("This is for people who are logged in here").into());
    };
    let subject = caller.subject().ok_or_else(policy::unknown_person)?;
    let asked = Asked::read(&call)?;
    let (now, gate) = (clock::now(), auth.gate.gate());
    let facts = auth.store.binding_facts(subject, asked.chat, call.idempotency()).await?;
    // Before the permit: once the person has moved, their old token opens nothing but this answer.
    if let Some(record) = finished(call.idempotency(), facts.idempotency.as_ref(), now)? {
        return Ok(again(record, *user_id, &gate)?);
    }
    let refusal = match policy::permit(&caller, facts.me.as_ref(), subject, ENDPOINT) {
        Ok(permit) => {
            let job = Job { auth: &auth, call: &call, asked: &asked, facts: &facts, permit: &permit, gate: &gate, now };
            match job.run(&caller).await {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            }
        }
        Err(refusal) => refusal,
    };
    let scope = KeyScope::Subject(subject);
    Ok(auth.twin_of_refused(call.idempotency(), scope, refusal).await.and_then(|twin| again(&twin, *user_id, &gate))?)
}

impl Auth {
    /// What a twin has kept meanwhile, else the refusal. The facts are of no one moment: a twin that commits while they are
    /// read leaves a used code, or nobody at the old place, beside a record that was not there yet.
    async fn twin_of_refused(
        &self,
        key: Option<&IdempotencyKey>,
        scope: KeyScope,
        refusal: Refusal,
    ) -> Result<IdempotencyRecord, Refusal> {
        let Some(key) = key else { return Err(refusal) };
        let record = self.store.idempotency_record(scope, key).await?;
        finished(Some(key), record.as_ref(), clock::now())?.cloned().ok_or(refusal)
    }
}

/// The first answer again, for whom it was.
fn again(record: &IdempotencyRecord, user_id: UserId, gate: &Gate) -> Result<Answer, Refusal> {
    issued::replayed(record, |issued: Issued| match issued.user_id == user_id {
        true => Ok(Confirmed::of(&issued, gate)),
        false => Err(policy::unknown_person()),
    })
}

impl Asked {
    fn read(call: &Call) -> Result<Self, Refusal> {
        let body: ConfirmBody = call.object()?;
        let chat = body.chat_id.person().ok_or_else(|| Refusal::invalid("chat_id must be a person's own chat"))?;
        let username = body.username.as_deref().map(|name| name.strip_prefix('@').unwrap_or(name));
        Ok(Self {
            code: BindCode::read(&body.code),
            chat,
            username: named("username", username, limits::USERNAME_CHARS)?,
            first_name: named("first_name", body.first_name.as_deref(), limits::FIRST_NAME_CHARS)?,
        })
    }
}

fn named(field: &str, text: Option<&str>, most: usize) -> Result<Option<String>, Refusal> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    match text {
        Some(text) if text.chars().count() > most || text.chars().any(char::is_control) => {
            Err(Refusal::invalid(format!("{field} must be at most {most} visible characters")))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// What a confirmation depends on, read and verified.
struct Job<'a> {
    auth: &'a Auth,
    call: &'a Call,
    asked: &'a Asked,
    facts: &'a BindingFacts,
    permit: &'a Permit,
    gate: &'a Gate,
    now: Moment,
}

impl Job<'_> {
    async fn run(&self, caller: &Caller) -> Result<Answer, Refusal> {
        let code = self.code().await?;
        let me = self.facts.me.as_ref().ok_or_else(policy::unknown_person)?;
        let known = self.known(me).await?;
        let bind = known.decide()?;
        let bound = known.bound(self.asked.first_name.as_deref(), self.asked.username.as_deref());
        let issued = self.issued(me, caller);
        let told = told(self.asked.chat, words::Language::of(&bound.profile), self.now);
        let scope = KeyScope::Subject(self.permit.subject());
        let kept = issued::kept_answer(self.call, scope, &issued, self.now)?;
        let telegram_id = self.asked.chat;
        let binding = Binding { telegram_id, me, bound: &bound, bind, code, at: self.now, told: &told, kept };
        let Err(error) = self.auth.store.commit_binding(self.permit, &binding).await else {
            return Answer::ok(&Confirmed::of(&issued, self.gate));
        };
        let asked = self.call.idempotency().map(|key| (scope, key));
        match self.auth.store.twin(asked, &error, self.now).await? {
            Some(twin) => again(&twin, me.user_id, self.gate),
            None => Err(not_bound(error)),
        }
    }

    /// The try is counted before the code is looked at; a code of a wrong form counts like any other wrong one.
    async fn code(&self) -> Result<&StoredBindCode, Refusal> {
        if !self.auth.store.count_bind_try(self.permit, self.now).await? {
            let seconds = u32::try_from(limits::BIND_CODE_SECONDS).unwrap_or(u32::MAX);
            return Err(Refusal::new(RefusalKind::Throttled, "Too many codes were tried").retry_after(seconds));
        }
        let typed = self.asked.code.as_ref().ok_or_else(bad_code)?;
        StoredBindCode::judge(self.facts.code.as_ref(), self.gate.clients(), self.asked.chat, typed, self.now)
    }

    async fn known<'a>(&'a self, me: &'a Person) -> Result<BindFacts<'a>, Refusal> {
        let there = self.facts.there.as_ref();
        let there_is_bare = match there {
            Some(there) if there.user_id != me.user_id => {
                self.auth.store.is_bare(self.asked.chat, there.user_id).await?
            }
            _ => false,
        };
        let (has_sessions, telegram_id) = (self.facts.has_sessions, self.asked.chat);
        Ok(BindFacts { me, has_sessions, telegram_id, there, there_is_bare })
    }

    fn issued(&self, me: &Person, caller: &Caller) -> Issued {
        Issued {
            user_id: me.user_id,
            telegram_id: Some(self.asked.chat),
            session: session(caller, self.now),
            token_id: LoginId::fresh(self.now, clock::random()).to_string(),
            at: self.now,
        }
    }
}

/// The new token is of the same login.
fn session(caller: &Caller, now: Moment) -> String {
    match caller {
        Caller::Person { session: Some(session), .. } => session.clone(),
        _ => LoginId::fresh(now, clock::random()).to_string(),
    }
}

/// Whoever holds the chat learns of it, whoever typed the code.
fn told(chat: TelegramId, language: words::Language, now: Moment) -> OutMessage {
    OutMessage {
        id: OutId::fresh(now, clock::random()),
        chat_id: chat.into(),
        call: BotCall::say(words::binding::bound(language)),
        origin: Origin::Bot,
        created_at: now,
    }
}

/// Another call that used the code first leaves nothing of it.
fn not_bound(error: StoreError) -> Refusal {
    if error.failed(Guard::BindCode) { bad_code().because("the code was used meanwhile") } else { error.into() }
}
