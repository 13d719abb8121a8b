//! The one-time `state` of an authorization request (RFC 6749, 10.12): bound to a person, ten minutes, kept as a hash.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{Moment, Refusal, TelegramId, limits};

/// A state as it stands in the URL. It cannot be printed.
pub struct State(String);

/// What is stored under a state's hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredState {
    /// The provider that was asked.
    pub provider: String,
    /// Who asked: the only one for whom the answer is good.
    pub telegram_id: TelegramId,
    /// From then on it is gone, whether it was removed or not, in milliseconds.
    pub live_until: Moment,
}

impl State {
    /// Of 256 random bits.
    #[must_use]
    pub fn from_random(random: &[u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// Reads what came back; nothing that we never gave.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text, for the URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name under which it is stored: its SHA-256, lower-case hex.
    #[must_use]
    pub fn name(&self) -> String {
        hex::encode(digest(&SHA256, self.0.as_bytes()))
    }
}

impl StoredState {
    /// A state of this person for this provider, made now.
    #[must_use]
    pub fn new(provider: &str, telegram_id: TelegramId, now: Moment) -> Self {
        let live_until = now.plus_seconds(limits::OAUTH_STATE_SECONDS);
        Self { provider: provider.to_owned(), telegram_id, live_until }
    }

    /// Checks a stored state at its use; the answer does not tell the reasons apart.
    ///
    /// # Errors
    /// 400 where there is none, it is over, or another provider's answer carries it.
    pub fn check(stored: Option<Self>, provider: &str, now: Moment) -> Result<Self, Refusal> {
        let live = stored.filter(|stored| stored.live_until > now && stored.provider == provider);
        live.ok_or_else(unknown_state)
    }
}

/// 400: unknown, used or expired.
#[must_use]
pub fn unknown_state() -> Refusal {
    Refusal::invalid("Invalid or expired state. Please try /login again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_form_is_read() {
        let state = State::from_random(&[255; 32]);
        assert_eq!(State::read(state.as_str()).unwrap().name(), state.name());
        for bad in ["", "a", &"A".repeat(44), &"A".repeat(42), "with space", &"/".repeat(43)] {
            assert!(State::read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_state_is_for_its_provider_and_ten_minutes() {
        let now = Moment::from_seconds(1_800_000_000);
        let stored = StoredState::new("spotify", TelegramId::new(7).unwrap(), now);
        assert!(StoredState::check(Some(stored.clone()), "spotify", now.plus_seconds(599)).is_ok());
        assert!(StoredState::check(Some(stored.clone()), "spotify", now.plus_seconds(600)).is_err());
        assert!(StoredState::check(Some(stored), "google", now).is_err());
        assert!(StoredState::check(None, "spotify", now).is_err());
    }
}
