//! A login of a person: what its access tokens and its refresh token hang on.

use serde::{Deserialize, Serialize};

use crate::{LoginId, Moment, UserId, limits};

/// A login, as it is stored. It is good only while the person's record still has its `user_id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Its id: the `sid` of its access tokens.
    pub id: LoginId,
    /// Whose.
    pub user_id: UserId,
    /// How it began.
    pub begun_by: LoginBegin,
    /// When.
    pub created_at: Moment,
    /// It ends then unless it is renewed.
    pub live_until: Moment,
    /// Which refresh token is good: each is used once, and the next one has the next number.
    pub generation: u32,
    /// SHA-256 of that refresh token, lower-case hex.
    pub refresh_hash: String,
}

/// How a login began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginBegin {
    /// By launch data of the mini-app.
    MiniApp,
}

impl Login {
    /// A login that begins now.
    #[must_use]
    pub fn new(id: LoginId, user_id: UserId, begun_by: LoginBegin, refresh_hash: String, now: Moment) -> Self {
        let live_until = now.plus_seconds(limits::LOGIN_SECONDS);
        Self { id, user_id, begun_by, created_at: now, live_until, generation: FIRST_GENERATION, refresh_hash }
    }
}

/// The number of a login's first refresh token.
pub const FIRST_GENERATION: u32 = 1;
