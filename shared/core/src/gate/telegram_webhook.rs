//! Tells Telegram's webhook calls from everybody else's by the secret token that Telegram sends along.

use http::HeaderMap;

use super::settings::BadSettings;
use super::signed_request::only;
use crate::Secret;

/// The header that carries it.
pub const SECRET_TOKEN: &str = "x-telegram-bot-api-secret-token";

/// Proof that a call is Telegram's own. Only the gate makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FromTelegram(());

impl FromTelegram {
    pub(super) const GATE: Self = Self(());

    /// For this crate's own unit tests.
    #[cfg(test)]
    pub(crate) const IN_TEST: Self = Self(());
}

/// The secret token as it was given to Telegram's `setWebhook`.
pub struct WebhookSecret(Secret);

impl WebhookSecret {
    /// Takes it over.
    ///
    /// # Errors
    /// Not 16 to 256 of `A-Z a-z 0-9 _ -` (Telegram allows from 1; one that can be guessed is none).
    pub fn new(secret: Secret) -> Result<Self, BadSettings> {
        let bytes = secret.expose();
        let fits = (16..=256).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if fits { Ok(Self(secret)) } else { Err(BadSettings("the webhook secret is 16 to 256 of A-Z a-z 0-9 _ -")) }
    }

    /// Whether the header is there exactly once and right, compared in constant time.
    #[must_use]
    pub fn verify(&self, headers: &HeaderMap) -> bool {
        only(headers, SECRET_TOKEN).is_some_and(|token| self.0.matches(token.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(SECRET_TOKEN, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn only_the_secret_opens() {
        let webhook = WebhookSecret::new(Secret::from("webhook-secret_0123".to_owned())).unwrap();
        assert!(webhook.verify(&headers(&["webhook-secret_0123"])));
        for bad in [
            &[][..],
            &[""],
            &["webhook-secret_0124"],
            &["webhook-secret_012"],
            &["webhook-secret_01234"],
            &["WEBHOOK-SECRET_0123"],
            &["webhook-secret_0123", "webhook-secret_0123"],
        ] {
            assert!(!webhook.verify(&headers(bad)), "{bad:?}");
        }
    }

    #[test]
    fn weak_secrets_are_no_setting() {
        for bad in ["", "short", "with spaces in it!", &"a".repeat(257)] {
            assert!(WebhookSecret::new(Secret::from(bad.to_owned())).is_err(), "{bad}");
        }
    }
}
