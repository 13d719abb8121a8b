//! Who calls. A `Caller` carries a seal that only the gate has, so there is none that was not verified.

use super::launch_data::LaunchData;
use crate::{Moment, ServiceId, Subject, TelegramId, UserId};

/// By which credential a person is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PersonOrigin {
    /// An access token of ours.
    AccessToken,
    /// A token of a trusted outside issuer: good on signing routes alone.
    OutsideToken,
    /// Launch data of the mini-app.
    LaunchData,
}

/// What only the gate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seal(());

impl Seal {
    pub(super) const GATE: Self = Self(());
}

/// Who calls, verified. What they may do is decided on facts, not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person.
    #[non_exhaustive]
    Person {
        /// The platform's id; known from an access token alone.
        user_id: Option<UserId>,
        /// Telegram's id; at least one of the two ids is there.
        telegram_id: Option<TelegramId>,
        /// By which credential.
        origin: PersonOrigin,
        /// The login session (`sid`).
        session: Option<String>,
        /// The token's own name (`jti`).
        token_id: Option<String>,
        /// When the token ends; launch data has no end of its own.
        expires_at: Option<Moment>,
        /// What else launch data said.
        launch_data: Option<Box<LaunchData>>,
        /// Proof that the gate made it.
        seal: Seal,
    },
    /// A service.
    #[non_exhaustive]
    Service {
        /// Its id.
        id: ServiceId,
        /// Its name.
        name: String,
        /// Its role, a key of `services` in infra/permissions.yaml.
        role: String,
        /// Proof that the gate made it.
        seal: Seal,
    },
}

impl Caller {
    /// A name that stays the same for this caller: `u:<user id>`, else `t:<telegram id>`, or `s:<service id>`.
    #[must_use]
    pub fn scope(&self) -> String {
        match self {
            Self::Person { user_id: Some(id), .. } => format!("u:{id}"),
            Self::Person { telegram_id, .. } => telegram_id.map(|id| format!("t:{id}")).unwrap_or_default(),
            Self::Service { id, .. } => format!("s:{id}"),
        }
    }

    /// Whose signing records a person opens by themself; none for a service.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        match self {
            Self::Person { user_id, telegram_id, .. } => Subject::of(*user_id, *telegram_id),
            Self::Service { .. } => None,
        }
    }

    /// The service's id; none for a person.
    #[must_use]
    pub fn service_id(&self) -> Option<ServiceId> {
        match self {
            Self::Person { .. } => None,
            Self::Service { id, .. } => Some(*id),
        }
    }

    /// A person for this crate's own unit tests.
    #[cfg(test)]
    #[allow(dead_code, reason = "for the unit tests of other modules")]
    pub(crate) fn person_in_test(
        user_id: Option<UserId>,
        telegram_id: Option<TelegramId>,
        origin: PersonOrigin,
    ) -> Self {
        Self::Person {
            user_id,
            telegram_id,
            origin,
            session: None,
            token_id: None,
            expires_at: None,
            launch_data: None,
            seal: Seal::GATE,
        }
    }

    /// A service for this crate's own unit tests.
    #[cfg(test)]
    #[allow(dead_code, reason = "for the unit tests of other modules")]
    pub(crate) fn service_in_test(id: ServiceId, role: &str) -> Self {
        Self::Service { id, name: "test".to_owned(), role: role.to_owned(), seal: Seal::GATE }
    }
}
