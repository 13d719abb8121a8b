//! A connection: what is known of one consent, beside its sealed tokens.

use serde::{Deserialize, Serialize};

use super::provider::{Provider, RefreshTokens};
use crate::{ConnectionId, Moment, Sealed, limits};

/// How a connection stands; the strings are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its tokens are good as far as is known.
    Healthy,
    /// The last refresh brought no answer; the next one may.
    RefreshFailing,
    /// The consent is over: the person must give it again.
    NeedsConsent,
    /// The person ended it here.
    Revoked,
}

impl Status {
    /// The contract's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::RefreshFailing => "refresh_failing",
            Self::NeedsConsent => "needs_consent",
            Self::Revoked => "revoked",
        }
    }
}

/// One person's link to one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Of the consent: a new consent is a new connection.
    pub connection_id: ConnectionId,
    /// The provider's key.
    pub provider: String,
    /// How it stands by the last write; [`Connection::status`] says how it stands now.
    pub standing: Status,
    /// When the person consented.
    pub consented_at: Moment,
    /// When the consent ends by itself, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Moment>,
    /// When the access token was given.
    pub issued_at: Moment,
    /// When the access token ends; none where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_until: Option<Moment>,
    /// Whether there is a refresh token.
    pub refreshable: bool,
    /// What the provider granted.
    pub scopes: Vec<String>,
    /// How often it was refreshed.
    pub refreshes: u64,
    /// Who refreshes now: a random number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_by: Option<u64>,
    /// Until when that is believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Moment>,
    /// How many days before the end the person was last reminded; none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded_days: Option<u32>,
    /// When the person ended it here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Moment>,
    /// What its person calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The token set; none once it is of no use.
    #[serde(skip)]
    pub sealed: Option<Sealed>,
}

/// What an exchange brought, as far as it is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewConnection {
    /// When the person consented.
    pub consented_at: Moment,
    /// How long the access token is good, in seconds.
    pub expires_in: Option<u64>,
    /// Whether a refresh token came.
    pub refreshable: bool,
    /// What was granted; empty where the provider does not say.
    pub scopes: Vec<String>,
}

/// What a refresh brought, as far as it is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// When.
    pub at: Moment,
    /// How long the access token is good, in seconds.
    pub expires_in: Option<u64>,
}

impl Connection {
    /// A connection that an exchange opened.
    #[must_use]
    pub fn open(id: ConnectionId, provider: &Provider, new: NewConnection, sealed: Sealed, now: Moment) -> Self {
        let access_until = access_until(now, new.expires_in);
        let refreshable = new.refreshable && provider.refresh != RefreshTokens::None;
        // Without a refresh token the connection is over when its access token is.
        let by_token = if refreshable { None } else { access_until };
        let ends_at = [provider.consent.ends_at(new.consented_at), by_token].into_iter().flatten().min();
        // RFC 6749, 5.1: nothing said means that all was granted.
        let scopes = match new.scopes {
            said if said.is_empty() => provider.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            said => said,
        };
        let mut connection = Self {
            connection_id: id,
            provider: provider.key.to_owned(),
            standing: Status::Healthy,
            consented_at: new.consented_at,
            ends_at,
            issued_at: now,
            access_until,
            refreshable,
            scopes,
            refreshes: 0,
            lease_by: None,
            lease_until: None,
            reminded_days: None,
            revoked_at: None,
            label: None,
            sealed: Some(sealed),
        };
        connection.reminded_days = connection.passed_reminder(now);
        connection
    }

    /// How it stands at this moment: a consent that ended by date is over whether anybody has noticed or not.
    #[must_use]
    pub fn status(&self, now: Moment) -> Status {
        match self.standing {
            Status::Healthy | Status::RefreshFailing if self.ends_at.is_some_and(|end| end <= now) => {
                Status::NeedsConsent
            }
            standing => standing,
        }
    }

    /// The same connection after a refresh, still under its lease.
    #[must_use]
    pub fn refreshed(&self, refreshed: &Refreshed, sealed: Sealed) -> Self {
        Self {
            standing: Status::Healthy,
            issued_at: refreshed.at,
            access_until: access_until(refreshed.at, refreshed.expires_in),
            refreshes: self.refreshes + 1,
            sealed: Some(sealed),
            ..self.clone()
        }
    }
}

/// An absurd lifetime is a year at most, so that a date stays a date.
fn access_until(from: Moment, expires_in: Option<u64>) -> Option<Moment> {
    let seconds = expires_in.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
    seconds.map(|seconds| from.plus_seconds(seconds.min(limits::OAUTH_ACCESS_MOST_SECONDS)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::connection::provider;

    pub(crate) const NOW: Moment = Moment::from_seconds(1_795_000_000);

    pub(crate) fn connection(key: &str, expires_in: Option<u64>, refreshable: bool) -> Connection {
        let new = NewConnection { consented_at: NOW, expires_in, refreshable, scopes: vec![] };
        let id = ConnectionId::new(1).unwrap();
        Connection::open(id, provider(key).unwrap(), new, Sealed::new(vec![1]), NOW)
    }

    #[test]
    fn a_consent_ends_by_date_or_with_the_last_token() {
        let spotify = connection("spotify", Some(3600), true);
        assert_eq!(spotify.ends_at, provider("spotify").unwrap().consent.ends_at(NOW));
        assert_eq!(spotify.status(NOW), Status::Healthy);
        assert_eq!(spotify.status(spotify.ends_at.unwrap()), Status::NeedsConsent);
        assert_eq!(connection("google", Some(3600), true).ends_at, None);
        assert_eq!(connection("google", Some(3600), false).ends_at, Some(NOW.plus_seconds(3600)));
        assert_eq!(connection("github", None, false).ends_at, None);
    }

    #[test]
    fn nothing_said_of_scopes_means_all() {
        assert_eq!(connection("discord", None, true).scopes, ["identify"]);
    }

    #[test]
    fn a_refresh_does_not_move_the_consent_s_end() {
        let before = connection("spotify", Some(3600), true);
        let refreshed = Refreshed { at: NOW.plus_seconds(3600), expires_in: Some(3600) };
        let after = before.refreshed(&refreshed, Sealed::new(vec![2]));
        assert_eq!((after.ends_at, after.refreshes), (before.ends_at, 1));
        assert_eq!(after.access_until, Some(NOW.plus_seconds(7200)));
        assert_eq!(
            before.refreshed(&Refreshed { at: NOW, expires_in: Some(u64::MAX) }, Sealed::new(vec![])).access_until,
            Some(NOW.plus_seconds(limits::OAUTH_ACCESS_MOST_SECONDS))
        );
    }
}
