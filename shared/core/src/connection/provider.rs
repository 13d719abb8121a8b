//! Providers as infra/providers.yaml describes them: by their rules, never by their names.

use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

use crate::{Moment, Refusal};

/// How a client says who it is at the token endpoint (RFC 6749, 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// HTTP Basic.
    Basic,
    /// `client_id` and `client_secret` in the body.
    Post,
}

/// What becomes of refresh tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshTokens {
    /// A refresh may bring a new one; the old one then is dead.
    Rotates,
    /// The first one stays.
    Stays,
    /// There are none.
    None,
}

/// How a consent is revoked at its provider, and what that ends there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoke {
    /// By RFC 7009: what came of the one consent.
    Tokens,
    /// By RFC 7009: all that the person has consented to for our client, also anew.
    Grant,
    /// By GitHub's `DELETE /applications/{client_id}/grant`: as [`Self::Grant`].
    GithubGrant,
}

/// How long a consent lasts, counted from the consent itself and not from the last refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentLife {
    /// Until it is withdrawn.
    Open,
    /// Calendar months.
    Months(u16),
    /// Days.
    Days(u16),
}

/// A provider.
#[derive(Debug)]
pub struct Provider {
    /// Its name in paths, commands and the table.
    pub key: &'static str,
    /// Its name as people read it.
    pub name: &'static str,
    /// Where a person consents.
    pub authorize_url: &'static str,
    /// Where tokens come from.
    pub token_url: &'static str,
    /// Where tokens are revoked, where that can be done.
    pub revoke_url: Option<&'static str>,
    /// How, and what that ends.
    pub revoke: Revoke,
    /// What is asked for.
    pub scopes: &'static [&'static str],
    /// How the client authenticates.
    pub client_auth: ClientAuth,
    /// Whether the authorize URL carries a PKCE challenge (RFC 7636).
    pub pkce: bool,
    /// What else the authorize URL says.
    pub authorize_params: &'static [(&'static str, &'static str)],
    /// What becomes of refresh tokens.
    pub refresh: RefreshTokens,
    /// How long a consent lasts.
    pub consent: ConsentLife,
    /// Refusals come with status 200.
    pub errors_in_200: bool,
}

include!(concat!(env!("OUT_DIR"), "/providers.rs"));

impl Provider {
    /// Whether tokens of before can be revoked there once the person has consented anew, and the new ones stay.
    #[must_use]
    pub fn revokes_beside(&self) -> bool {
        self.revoke_url.is_some() && self.revoke == Revoke::Tokens
    }
}

/// The provider of this name.
///
/// # Errors
/// 404 where there is none.
pub fn provider(key: &str) -> Result<&'static Provider, Refusal> {
    let found = PROVIDERS.iter().find(|provider| provider.key == key);
    found.ok_or_else(|| Refusal::not_found("Unknown provider"))
}

impl ConsentLife {
    /// When a consent of `consented_at` ends by itself.
    #[must_use]
    pub fn ends_at(self, consented_at: Moment) -> Option<Moment> {
        match self {
            Self::Open => None,
            Self::Days(days) => Some(consented_at.plus_seconds(i64::from(days) * 24 * 3600)),
            Self::Months(months) => months_later(consented_at, months),
        }
    }
}

/// The same day and time of day that many months on; the month's last day where it has no such day.
fn months_later(from: Moment, months: u16) -> Option<Moment> {
    let moment = OffsetDateTime::from_unix_timestamp(from.seconds()).ok()?.to_offset(UtcOffset::UTC);
    let count = moment.year() * 12 + i32::from(u8::from(moment.month())) - 1 + i32::from(months);
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, moment.day().min(month.length(year))).ok()?;
    let time: Time = moment.time();
    Some(Moment::from_seconds(date.with_time(time).assume_utc().unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn the_file_names_the_four() {
        for key in ["spotify", "google", "github", "discord"] {
            assert!(provider(key).unwrap().pkce, "{key}");
        }
        assert!(provider("nowhere").is_err() && provider("").is_err() && provider("Spotify").is_err());
        assert_eq!(provider("spotify").unwrap().consent, ConsentLife::Months(6));
        assert!(provider("github").unwrap().errors_in_200);
        for (key, beside) in [("spotify", false), ("google", false), ("github", false), ("discord", true)] {
            let found = provider(key).unwrap();
            assert_eq!((found.revokes_beside(), found.revoke_url.is_some()), (beside, key != "spotify"), "{key}");
        }
    }

    #[test]
    fn months_are_the_calendar_s() {
        let ends = |from: &str, months| ConsentLife::Months(months).ends_at(moment(from)).unwrap().to_rfc3339();
        assert_eq!(ends("2026-11-25T10:00:00Z", 6), "2027-05-25T10:00:00Z");
        assert_eq!(ends("2026-08-31T23:59:59Z", 6), "2027-02-28T23:59:59Z");
        assert_eq!(ends("2027-08-31T00:00:00Z", 6), "2028-02-29T00:00:00Z");
        assert_eq!(ends("2026-12-15T00:00:00Z", 12), "2027-12-15T00:00:00Z");
        assert_eq!(ConsentLife::Days(2).ends_at(moment("2026-11-25T10:00:00Z")), Some(moment("2026-11-27T10:00:00Z")));
        assert_eq!(ConsentLife::Open.ends_at(Moment::from_seconds(0)), None);
    }
}
