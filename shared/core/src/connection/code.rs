//! The provider's code between the callback and the person: sealed, ten minutes, under a random id of which a hash is kept.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{Moment, Sealed, TelegramId, limits};

/// The id that goes through the person's browser into `/start`: 43 characters of base64url. It cannot be printed.
pub struct CodeId(String);

/// What is stored under an id's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCode {
    /// [`CodeId::name`].
    pub name: String,
    /// Which provider gave it.
    pub provider: String,
    /// Who asked, and alone may redeem it.
    pub telegram_id: TelegramId,
    /// The code and its verifier, sealed.
    pub sealed: Sealed,
    /// When the provider gave it: the moment of the consent.
    pub consented_at: Moment,
}

/// What a `/start <code_id>` is.
#[derive(Debug, PartialEq, Eq)]
pub enum Redemption<'a> {
    /// The person who asked, in time: take it.
    Own(&'a StoredCode),
    /// Another person: destroy it.
    Foreign(&'a StoredCode),
    /// Unknown, taken or over.
    Gone,
}

impl CodeId {
    /// Of 256 random bits.
    #[must_use]
    pub fn from_random(random: &[u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// Reads what a person sent; nothing that we never gave.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// The text, for the deep link.
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

impl StoredCode {
    /// From then on it is gone, whether it was removed or not.
    #[must_use]
    pub fn live_until(&self) -> Moment {
        self.consented_at.plus_seconds(limits::OAUTH_CODE_SECONDS)
    }
}

impl<'a> Redemption<'a> {
    /// Judges who sent which stored code when.
    #[must_use]
    pub fn of(stored: Option<&'a StoredCode>, telegram_id: TelegramId, now: Moment) -> Self {
        match stored.filter(|stored| stored.live_until() > now) {
            None => Self::Gone,
            Some(stored) if stored.telegram_id == telegram_id => Self::Own(stored),
            Some(stored) => Self::Foreign(stored),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_person_who_asked_redeems_in_time() {
        let now = Moment::from_seconds(1_800_000_000);
        let (seven, eight) = (TelegramId::new(7).unwrap(), TelegramId::new(8).unwrap());
        let stored = StoredCode {
            name: CodeId::from_random(&[1; 32]).name(),
            provider: "spotify".into(),
            telegram_id: seven,
            sealed: Sealed::new(vec![1]),
            consented_at: now,
        };
        let judged = |who, seconds| Redemption::of(Some(&stored), who, now.plus_seconds(seconds));
        assert_eq!(judged(seven, 599), Redemption::Own(&stored));
        assert_eq!(judged(eight, 599), Redemption::Foreign(&stored));
        assert_eq!((judged(seven, 600), judged(eight, 600)), (Redemption::Gone, Redemption::Gone));
        assert_eq!(Redemption::of(None, seven, now), Redemption::Gone);
    }

    #[test]
    fn an_id_fits_a_start_parameter() {
        let id = CodeId::from_random(&[250; 32]);
        assert!(
            id.as_str().len() <= 64 && id.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        );
        assert_eq!(CodeId::read(id.as_str()).unwrap().name(), id.name());
        assert!(CodeId::read("short").is_none());
    }
}
