//! Reads the claims of a token strictly: one spelling of ids, numbers for times, nothing twice.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, de};

use super::access_token::TokenRefusal;
use crate::{Moment, TelegramId, UserId};

/// How far ahead of our clock an issuer's clock may be, in seconds.
const ISSUED_AHEAD_SECONDS: i64 = 5;
/// The longest `sid` and `jti`, in characters.
const LABEL_CHARS: usize = 128;

/// What a token of ours says. A role in it is not read: roles come from facts.
#[derive(Deserialize)]
pub(super) struct OwnClaims {
    pub(super) iss: String,
    pub(super) aud: Audience,
    pub(super) sub: Number<UserId>,
    #[serde(default)]
    pub(super) telegram_id: Option<Number<TelegramId>>,
    #[serde(default)]
    pub(super) sid: Option<Label>,
    #[serde(default)]
    pub(super) jti: Option<Label>,
    exp: NumericDate,
    #[serde(default)]
    nbf: Option<NumericDate>,
    #[serde(default)]
    iat: Option<NumericDate>,
}

/// What is read of an outside issuer's token; its `sub` is a number of theirs, not of ours.
#[derive(Deserialize)]
pub(super) struct OutsideClaims {
    #[serde(default)]
    pub(super) iss: Option<String>,
    #[serde(default)]
    pub(super) aud: Option<Audience>,
    pub(super) telegram_id: Number<TelegramId>,
    exp: NumericDate,
    #[serde(default)]
    nbf: Option<NumericDate>,
    #[serde(default)]
    iat: Option<NumericDate>,
}

/// The one claim that is looked at before the signature, to find the secret.
#[derive(Deserialize)]
pub(super) struct IssuerClaim {
    #[serde(default)]
    pub(super) iss: Option<String>,
}

impl OwnClaims {
    /// When the token ends, if it is good at this moment.
    pub(super) fn good_until(&self, now: Moment) -> Result<Moment, TokenRefusal> {
        good_until(self.exp, self.nbf, self.iat, now)
    }
}

impl OutsideClaims {
    /// When the token ends, if it is good at this moment.
    pub(super) fn good_until(&self, now: Moment) -> Result<Moment, TokenRefusal> {
        good_until(self.exp, self.nbf, self.iat, now)
    }
}

fn good_until(
    exp: NumericDate,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    now: Moment,
) -> Result<Moment, TokenRefusal> {
    let seconds = now.seconds();
    if exp.floor() <= seconds {
        return Err(TokenRefusal::Expired);
    }
    let begun = nbf.is_none_or(|nbf| nbf.ceil() <= seconds);
    let issued = iat.is_none_or(|iat| iat.ceil() <= seconds.saturating_add(ISSUED_AHEAD_SECONDS));
    if begun && issued { Ok(Moment::from_seconds(exp.floor())) } else { Err(TokenRefusal::NotYet) }
}

/// Seconds since the Unix epoch; fractions are allowed (RFC 7519, section 2) and rounded against the token.
#[derive(Clone, Copy)]
struct NumericDate(f64);

impl NumericDate {
    #[expect(clippy::cast_possible_truncation, reason = "read as 0 to 2^53, which both types hold exactly")]
    fn floor(self) -> i64 {
        self.0.floor() as i64
    }

    #[expect(clippy::cast_possible_truncation, reason = "read as 0 to 2^53, which both types hold exactly")]
    fn ceil(self) -> i64 {
        self.0.ceil() as i64
    }
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if (0.0..9_007_199_254_740_992.0).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(de::Error::custom("a time is a number of seconds from 0 to 2^53"))
        }
    }
}

/// One audience or a list of them (RFC 7519, section 4.1.3).
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(super) fn names(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }
}

/// A session's or a token's name, of characters that no store key is split at.
pub(super) struct Label(pub(super) String);

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if is_label(&text) { Ok(Self(text)) } else { Err(de::Error::custom("not a session's or token's name")) }
    }
}

/// 1 to 128 of `A-Z a-z 0-9 . _ -`.
pub(super) fn is_label(text: &str) -> bool {
    (1..=LABEL_CHARS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// An id as a JSON number or as the same digits in a string.
pub(super) struct Number<T>(pub(super) T);

impl<'de, T: TryFrom<u64> + FromStr> Deserialize<'de> for Number<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor(PhantomData)).map(Self)
    }
}

struct NumberVisitor<T>(PhantomData<T>);

impl<T: TryFrom<u64> + FromStr> de::Visitor<'_> for NumberVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id from 1 to 2^53 - 1")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        T::try_from(number).map_err(|_| E::custom("an id is from 1 to 2^53 - 1"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|_| E::custom("an id is from 1 to 2^53 - 1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_two_forms_and_one_spelling() {
        for good in ["42", "\"42\""] {
            assert_eq!(serde_json::from_str::<Number<UserId>>(good).unwrap().0.get(), 42, "{good}");
        }
        for bad in [
            "0",
            "-1",
            "42.0",
            "4.2e1",
            "\"042\"",
            "\"+42\"",
            "\" 42\"",
            "\"42 \"",
            "null",
            "true",
            "[42]",
            "9007199254740992",
        ] {
            assert!(serde_json::from_str::<Number<UserId>>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn fractions_of_a_second_count_against_the_token() {
        let date = |text| serde_json::from_str::<NumericDate>(text).unwrap();
        let now = Moment::from_seconds(100);
        assert!(good_until(date("101"), None, None, now).is_ok());
        assert_eq!(good_until(date("100.9"), None, None, now), Err(TokenRefusal::Expired));
        assert_eq!(good_until(date("101"), Some(date("100.1")), None, now), Err(TokenRefusal::NotYet));
        assert!(good_until(date("101"), Some(date("100")), Some(date("105")), now).is_ok());
        assert_eq!(good_until(date("101"), None, Some(date("105.1")), now), Err(TokenRefusal::NotYet));
        for bad in ["\"101\"", "-1", "1e99", "null", "[]"] {
            assert!(serde_json::from_str::<NumericDate>(bad).is_err(), "{bad}");
        }
    }
}
