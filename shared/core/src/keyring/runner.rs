//! A bot's runner: its credential, scoped and with an end, and what it may do.

use serde::{Deserialize, Serialize};

use crate::{BotId, ClientId, Moment, Refusal, RunnerTokenId, limits};

/// What a runner token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunnerScope {
    /// Signing.
    Sign,
    /// Heartbeats.
    Heartbeat,
}

impl RunnerScope {
    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Heartbeat => "heartbeat",
        }
    }
}

/// What is stored of a runner token: never the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerToken {
    /// Its id.
    pub id: RunnerTokenId,
    /// Whose bot.
    pub client_id: ClientId,
    /// Which bot.
    pub bot_id: BotId,
    /// SHA-256 of the token, lower-case hex.
    pub token_hash: String,
    /// What it is good for.
    pub scopes: Vec<RunnerScope>,
    /// When it was given.
    pub created_at: Moment,
    /// To whom.
    pub created_by: String,
    /// From then on it is good for nothing. (In the table `expires_at` is the TTL.)
    pub good_until: Moment,
}

impl RunnerToken {
    /// Whether it is good for this, now.
    ///
    /// # Errors
    /// 401 where it is over, which it may become while a call is tried again; 403 where its scopes do not name it.
    pub fn grants(&self, scope: RunnerScope, now: Moment) -> Result<(), Refusal> {
        if self.good_until <= now {
            return Err(Refusal::unauthenticated("Invalid JWT token"));
        }
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(Refusal::forbidden(format!("The runner token has no scope {}", scope.as_str())))
    }
}

/// Reads the scopes of a new token: both where nothing is said.
///
/// # Errors
/// 400 where a scope is none of ours or none is left.
pub fn scopes(given: Option<&[String]>) -> Result<Vec<RunnerScope>, Refusal> {
    let Some(given) = given else { return Ok(vec![RunnerScope::Sign, RunnerScope::Heartbeat]) };
    let all = [RunnerScope::Sign, RunnerScope::Heartbeat];
    let is_known = |name: &String| all.iter().any(|scope| scope.as_str() == name);
    if given.is_empty() || !given.iter().all(is_known) {
        return Err(Refusal::invalid("scopes must name sign, heartbeat, or both"));
    }
    Ok(all.into_iter().filter(|scope| given.iter().any(|name| name == scope.as_str())).collect())
}

/// Reads how long a new token is good.
///
/// # Errors
/// 400 where it is less than a minute or more than [`limits::RUNNER_TOKEN_SECONDS_MOST`].
pub fn good_until(expires_in: Option<i64>, now: Moment) -> Result<Moment, Refusal> {
    let seconds = expires_in.unwrap_or(limits::RUNNER_TOKEN_SECONDS);
    if (60..=limits::RUNNER_TOKEN_SECONDS_MOST).contains(&seconds) {
        return Ok(now.plus_seconds(seconds));
    }
    Err(Refusal::invalid(format!("expires_in must be 60 to {} seconds", limits::RUNNER_TOKEN_SECONDS_MOST)))
}
