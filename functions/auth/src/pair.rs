//! A login's pair of tokens, and what its answer is made of: no token lies in the table.

use countersign_core::{
    LoginId, Moment, Person, Refusal,
    gate::Gate,
    limits,
    login::{FIRST_GENERATION, Login, LoginBegin},
};
use countersign_edge::clock;
use serde::{Deserialize, Serialize};

use crate::{issued::Issued, state::no_master};

/// A login's tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TokenPair {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// For a new pair when it ends; good once.
    refresh_token: String,
    /// The person's id.
    user_id: u64,
    /// How long the access token lives, in seconds.
    expires_in: i64,
}

/// What the answer is made of.
#[derive(Serialize, Deserialize)]
pub(crate) struct MadeOf {
    pub(crate) login: LoginId,
    #[serde(flatten)]
    pub(crate) issued: Issued,
}

impl MadeOf {
    /// The ids of a login that begins now.
    pub(crate) fn new(person: &Person, now: Moment) -> Self {
        Self::of(person, LoginId::fresh(now, clock::random()), now)
    }

    /// The ids of a new access token of this login.
    pub(crate) fn of(person: &Person, login: LoginId, now: Moment) -> Self {
        let token_id = LoginId::fresh(now, clock::random()).to_string();
        let issued = Issued {
            user_id: person.user_id,
            telegram_id: person.telegram_id,
            session: login.to_string(),
            token_id,
            at: now,
        };
        Self { login, issued }
    }

    /// The first pair of the login.
    pub(crate) fn pair(&self, gate: &Gate) -> Result<TokenPair, Refusal> {
        self.pair_of(gate, FIRST_GENERATION)
    }

    /// The pair with the refresh token of this number.
    pub(crate) fn pair_of(&self, gate: &Gate, generation: u32) -> Result<TokenPair, Refusal> {
        let token = gate.clients().refresh_token(self.issued.user_id, self.login, generation);
        let (refresh_token, _) = token.ok_or_else(no_master)?;
        Ok(TokenPair {
            access_token: self.issued.access_token(gate),
            refresh_token: refresh_token.expose_str().unwrap_or_default().to_owned(),
            user_id: self.issued.user_id.get(),
            expires_in: limits::ACCESS_TOKEN_SECONDS,
        })
    }

    /// The login's record.
    pub(crate) fn login(&self, gate: &Gate, begun_by: LoginBegin) -> Result<Login, Refusal> {
        let (_, hash) = self.issued.refresh_token(gate, self.login)?;
        Ok(Login::new(self.login, self.issued.user_id, begun_by, hash, self.issued.at))
    }
}
