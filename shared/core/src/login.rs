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
    /// When the good one was made; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<Moment>,
}

/// How a login began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginBegin {
    /// By launch data of the mini-app.
    MiniApp,
    /// By e-mail and password.
    Password,
}

impl LoginBegin {
    /// The wire's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MiniApp => "mini_app",
            Self::Password => "password",
        }
    }
}

impl Login {
    /// A login that begins now.
    #[must_use]
    pub fn new(id: LoginId, user_id: UserId, begun_by: LoginBegin, refresh_hash: String, now: Moment) -> Self {
        let live_until = now.plus_seconds(limits::LOGIN_SECONDS);
        Self {
            id,
            user_id,
            begun_by,
            created_at: now,
            live_until,
            generation: FIRST_GENERATION,
            refresh_hash,
            rotated_at: None,
        }
    }
}

/// What a refresh token that was brought means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// It is the good one: the next takes its place.
    Rotate,
    /// It is the one before, and its successor is young: whoever lost the answer, or shares the device, gets it again.
    Again,
    /// It was used long ago: somebody has a copy, and the session ends.
    Stolen,
}

impl Login {
    /// Judges a refresh token by the number that it turned out to have.
    #[must_use]
    pub fn refresh(&self, generation: u32, now: Moment) -> Refresh {
        let young = self.rotated_at.is_some_and(|at| at.plus_seconds(limits::REFRESH_GRACE_SECONDS) > now);
        match generation {
            good if good == self.generation => Refresh::Rotate,
            before if before.saturating_add(1) == self.generation && young => Refresh::Again,
            _ => Refresh::Stolen,
        }
    }

    /// The login with its next refresh token, and with its whole life before it again.
    #[must_use]
    pub fn rotated(&self, refresh_hash: String, now: Moment) -> Self {
        Self {
            generation: self.generation.saturating_add(1),
            refresh_hash,
            rotated_at: Some(now),
            live_until: now.plus_seconds(limits::LOGIN_SECONDS),
            ..self.clone()
        }
    }
}

/// The number of a login's first refresh token.
pub const FIRST_GENERATION: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_before_is_good_for_a_moment_and_older_ones_end_it() {
        let (id, user, now) = (LoginId::new(1).unwrap(), UserId::new(2).unwrap(), Moment::from_seconds(1_800_000_000));
        let first = Login::new(id, user, LoginBegin::Password, "a".into(), now);
        assert_eq!((first.refresh(1, now), first.refresh(2, now)), (Refresh::Rotate, Refresh::Stolen));
        let second = first.rotated("b".into(), now);
        let (young, old) = (now.plus_seconds(29), now.plus_seconds(30));
        assert_eq!(
            (second.refresh(2, old), second.refresh(1, young), second.refresh(1, old)),
            (Refresh::Rotate, Refresh::Again, Refresh::Stolen)
        );
        assert_eq!(second.rotated("c".into(), now).refresh(1, now), Refresh::Stolen);
    }
}
