//! What was issued, without the secrets: they are derived again from it when an answer is asked for again.
//!
//! So an `Idempotency-Key` replays the first answer to the letter, and no token lies in the table.

use countersign_core::{
    LoginId, Moment, Refusal, Secret, TelegramId, UserId,
    gate::{Gate, NewToken},
    idempotency::IdempotencyRecord,
    limits,
    login::FIRST_GENERATION,
};
use countersign_edge::{Answer, Call};
use countersign_store::{KeptAnswer, KeyScope};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::state::no_master;

/// The ids and the moment that an access token is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Issued {
    pub(crate) user_id: UserId,
    pub(crate) telegram_id: Option<TelegramId>,
    pub(crate) session: String,
    pub(crate) token_id: String,
    pub(crate) at: Moment,
}

impl Issued {
    /// The access token.
    pub(crate) fn access_token(&self, gate: &Gate) -> String {
        let token = NewToken {
            user_id: self.user_id,
            telegram_id: self.telegram_id,
            session: &self.session,
            token_id: &self.token_id,
            expires_at: Some(self.expires_at()),
        };
        gate.tokens().issue(&token, self.at)
    }

    pub(crate) fn expires_at(&self) -> Moment {
        self.at.plus_seconds(limits::ACCESS_TOKEN_SECONDS)
    }

    /// The first refresh token of the login, and what is stored of it.
    pub(crate) fn refresh_token(&self, gate: &Gate, login: LoginId) -> Result<(Secret, String), Refusal> {
        gate.clients().refresh_token(self.user_id, login, FIRST_GENERATION).ok_or_else(no_master)
    }
}

/// The record that keeps what an answer is made of in place of the answer, where the call has an idempotency key.
pub(crate) fn kept_answer<'a>(
    call: &'a Call,
    scope: KeyScope,
    made_of: &impl Serialize,
    now: Moment,
) -> Result<Option<KeptAnswer<'a>>, Refusal> {
    let Some(key) = call.idempotency() else { return Ok(None) };
    let body = serde_json::to_string(made_of).map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(Some(KeptAnswer { scope, key, record: IdempotencyRecord::finished(key, 200, body, now) }))
}

/// The first answer again, made of what was kept.
pub(crate) fn replayed<T: DeserializeOwned, B: Serialize>(
    record: &IdempotencyRecord,
    body: impl FnOnce(T) -> Result<B, Refusal>,
) -> Result<Answer, Refusal> {
    let made_of = serde_json::from_str(&record.body).map_err(|error| Refusal::internal(error.to_string()))?;
    let body = serde_json::to_string(&body(made_of)?).map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(Answer::replay(&IdempotencyRecord { body, ..record.clone() }))
}
