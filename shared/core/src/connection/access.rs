//! Whether an access token may be handed out as it is, must be refreshed first, or cannot be had; and who refreshes.

use super::record::{Connection, Status};
use crate::{Moment, limits};

/// What a request for an access token finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It is good.
    HandOut,
    /// It is over or nearly so, and there is a refresh token.
    Refresh,
    /// There is none, and there will be none before the person consents again.
    Over(Status),
}

/// The right to use the refresh token: one holder at a time, until it is believed dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The holder: a random number.
    pub by: u64,
    /// Until when.
    pub until: Moment,
}

impl Lease {
    /// A lease from now on. It outlasts the provider's time-out and the commit after it.
    #[must_use]
    pub fn new(random: u64, now: Moment) -> Self {
        // DynamoDB's numbers have 38 digits; JSON's readers have 53 bits.
        Self { by: random >> 11, until: now.plus_seconds(limits::OAUTH_LEASE_SECONDS) }
    }
}

impl Connection {
    /// What a request for its access token finds at this moment.
    #[must_use]
    pub fn access(&self, now: Moment) -> Access {
        match self.status(now) {
            over @ (Status::NeedsConsent | Status::Revoked) => Access::Over(over),
            Status::Healthy | Status::RefreshFailing if !self.is_old(now) => Access::HandOut,
            _ if self.refreshable => Access::Refresh,
            _ if self.is_usable(now) => Access::HandOut,
            _ => Access::Over(Status::NeedsConsent),
        }
    }

    /// Whether its access token still works long enough to be of use, although it is time to refresh it.
    #[must_use]
    pub fn is_usable(&self, now: Moment) -> bool {
        let least = now.plus_seconds(limits::OAUTH_ACCESS_LEAST_SECONDS);
        self.access_until.is_none_or(|until| until > least)
    }

    /// Whether somebody refreshes it now.
    #[must_use]
    pub fn is_leased(&self, now: Moment) -> bool {
        self.lease_until.is_some_and(|until| until > now)
    }

    /// A token is refreshed a little before its end, but never in the first half of its life.
    fn is_old(&self, now: Moment) -> bool {
        let Some(until) = self.access_until else { return false };
        let half = (until.seconds() - self.issued_at.seconds()) / 2;
        now.plus_seconds(limits::OAUTH_REFRESH_AHEAD_SECONDS.min(half)) >= until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::record::tests::{NOW, connection};

    #[test]
    fn refreshed_a_little_before_the_end() {
        let hour = connection("spotify", Some(3600), true);
        assert_eq!(hour.access(NOW), Access::HandOut);
        assert_eq!(hour.access(NOW.plus_seconds(3299)), Access::HandOut);
        assert_eq!(hour.access(NOW.plus_seconds(3300)), Access::Refresh);
        assert!(hour.is_usable(NOW.plus_seconds(3500)) && !hour.is_usable(NOW.plus_seconds(3590)));
        let minute = connection("spotify", Some(60), true);
        assert_eq!(minute.access(NOW.plus_seconds(29)), Access::HandOut);
        assert_eq!(minute.access(NOW.plus_seconds(30)), Access::Refresh);
    }

    #[test]
    fn without_an_end_or_a_refresh_token() {
        assert_eq!(connection("github", None, false).access(NOW.plus_seconds(1 << 40)), Access::HandOut);
        let once = connection("google", Some(3600), false);
        assert_eq!(once.access(NOW.plus_seconds(3400)), Access::HandOut);
        assert_eq!(once.access(NOW.plus_seconds(3600)), Access::Over(Status::NeedsConsent));
    }

    #[test]
    fn over_is_over() {
        let mut gone = connection("spotify", Some(3600), true);
        for standing in [Status::NeedsConsent, Status::Revoked] {
            gone.standing = standing;
            assert_eq!(gone.access(NOW), Access::Over(standing));
        }
        gone.standing = Status::RefreshFailing;
        assert_eq!(gone.access(NOW.plus_seconds(3600)), Access::Refresh);
        assert_eq!(gone.access(gone.ends_at.unwrap()), Access::Over(Status::NeedsConsent));
    }

    #[test]
    fn a_lease_is_believed_for_a_while() {
        let lease = Lease::new(u64::MAX, NOW);
        assert!(lease.by < 1 << 53);
        let mut leased = connection("spotify", Some(3600), true);
        assert!(!leased.is_leased(NOW));
        leased.lease_until = Some(lease.until);
        assert!(leased.is_leased(NOW) && !leased.is_leased(lease.until));
    }
}
