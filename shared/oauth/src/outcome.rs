//! What became of a request to a provider. Only `Unknown` leaves open whether the provider acted.

use countersign_core::connection::TokenSet;

/// The longest error code that is kept, in characters.
const CODE_CHARS: usize = 64;

/// What became of an exchange or a refresh.
pub enum Outcome {
    /// Tokens.
    Granted(Granted),
    /// The provider says no (RFC 6749, 5.2).
    Refused(Refused),
    /// It did not act: not reached, or asked to come later.
    Unavailable(&'static str),
    /// Its answer was lost or cannot be read: it may have acted.
    Unknown(&'static str),
}

/// What was granted. It holds secrets, so it cannot be printed.
pub struct Granted {
    /// The tokens; a refresh that brings no new refresh token has none here.
    pub tokens: TokenSet,
    /// How long the access token is good, in seconds.
    pub expires_in: Option<u64>,
    /// What was granted; empty where the provider does not say.
    pub scopes: Vec<String>,
}

/// A provider's error code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// `invalid_grant` and the like, of visible ASCII.
    pub code: String,
}

/// What became of a revocation (RFC 7009).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The provider has done it, or the token was no longer good.
    Done,
    /// The provider has no revocation endpoint.
    NotPossible,
    /// It refuses; asking again would not help.
    Refused,
    /// It was not reached, or its answer was lost. Asking again does no harm.
    Unknown,
}

impl Refused {
    pub(crate) fn new(code: &str) -> Self {
        Self { code: code.chars().filter(char::is_ascii_graphic).take(CODE_CHARS).collect() }
    }

    /// Whether the grant itself is over, and not our client or this one request. `bad_refresh_token` and
    /// `bad_verification_code` are GitHub's words.
    #[must_use]
    pub fn ends_grant(&self) -> bool {
        matches!(self.code.as_str(), "invalid_grant" | "bad_refresh_token" | "bad_verification_code")
    }

    /// Whether it only means "not now" (RFC 6749, 4.1.2.1; some providers say it at the token endpoint as well).
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.code.as_str(), "temporarily_unavailable" | "server_error" | "slow_down")
    }
}

impl Outcome {
    /// In a word, for the log.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Granted(_) => "granted",
            Self::Refused(refused) => &refused.code,
            Self::Unavailable(why) | Self::Unknown(why) => why,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dead_grant_ends_a_connection() {
        for (code, ends, passing) in [
            ("invalid_grant", true, false),
            ("bad_refresh_token", true, false),
            ("invalid_client", false, false),
            ("temporarily_unavailable", false, true),
        ] {
            let refused = Refused::new(code);
            assert_eq!((refused.ends_grant(), refused.is_passing()), (ends, passing), "{code}");
        }
        assert_eq!(Refused::new("a b\n\u{e9}c").code, "abc");
        assert_eq!(Refused::new(&"x".repeat(100)).code.len(), CODE_CHARS);
    }
}
