//! Verifies and issues access tokens: HS256 JWTs of ours, and those of trusted outside issuers (RFC 7519, RFC 8725).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Serialize, de::DeserializeOwned};

use super::settings::{BadSettings, TokenSettings};
use super::token_claims::{IssuerClaim, OutsideClaims, OwnClaims, is_label};
use super::token_keys::{Choice, KeyRing, OutsideKey};
use crate::{Moment, TelegramId, UserId, limits};

/// Why a token is not good. For the log alone: the client reads one sentence for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// Longer than `limits::CREDENTIAL_BYTES`.
    #[error("token too long")]
    TooLong,
    /// Not three base64url parts, a header that is no JOSE header, or an algorithm that does not exist (`none`).
    #[error("token malformed")]
    Malformed,
    /// Another algorithm than HS256.
    #[error("token algorithm is not HS256")]
    Algorithm,
    /// A header field that we would have to understand (RFC 7515, section 4.1.11).
    #[error("token has critical header fields")]
    Critical,
    /// A `kid` that names no secret we have: perhaps a newer one than we have read.
    #[error("token names an unknown key")]
    UnknownKey,
    /// No `kid`, and no trusted issuer's `iss` either.
    #[error("token names no key")]
    NoKey,
    /// The signature is not of the secret that the token names.
    #[error("token signature is wrong")]
    Signature,
    /// A claim is missing, doubled, or of the wrong form.
    #[error("token claims are missing or malformed")]
    Claims,
    /// The secret is not the claimed issuer's.
    #[error("token issuer does not go with its key")]
    Issuer,
    /// Meant for somebody else.
    #[error("token is for another audience")]
    Audience,
    /// `exp` has come.
    #[error("token expired")]
    Expired,
    /// `nbf` or `iat` lies ahead.
    #[error("token is not valid yet")]
    NotYet,
    /// An outside issuer's `exp` lies more than `limits::OUTSIDE_TOKEN_SECONDS` ahead.
    #[error("outside token lives too long")]
    TooFarAhead,
}

/// Whose token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOrigin {
    /// Issued by us.
    Own,
    /// Issued by a trusted outside issuer: speaks for the person on signing routes alone.
    Outside,
}

/// The person a good token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBearer {
    /// Whose token it is.
    pub origin: TokenOrigin,
    /// Always there in ours, never taken from outside.
    pub user_id: Option<UserId>,
    /// Where bound; always there from outside.
    pub telegram_id: Option<TelegramId>,
    /// The login session (`sid`), by which it can be ended.
    pub session: Option<String>,
    /// The token's own name (`jti`).
    pub token_id: Option<String>,
    /// When the token ends.
    pub expires_at: Moment,
}

/// What a token of ours is to say.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// `sub`.
    pub user_id: UserId,
    /// `telegram_id`, where bound.
    pub telegram_id: Option<TelegramId>,
    /// `sid`: 1 to 128 of `A-Z a-z 0-9 . _ -`.
    pub session: &'a str,
    /// `jti`: the same form.
    pub token_id: &'a str,
    /// `exp`; `limits::ACCESS_TOKEN_SECONDS` from now where nothing is said.
    pub expires_at: Option<Moment>,
}

#[derive(Serialize)]
struct IssuedClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    telegram_id: Option<TelegramId>,
    sid: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

/// Verifies and issues access tokens; built once, because keys are prepared here.
pub struct AccessTokens {
    issuer: String,
    audience: String,
    keys: KeyRing,
    signing: (Header, EncodingKey),
}

impl AccessTokens {
    /// Prepares the keys.
    ///
    /// # Errors
    /// Without a key, with a short secret, or where a name, an issuer or a secret is not unique.
    pub fn new(settings: &TokenSettings) -> Result<Self, BadSettings> {
        let keys = KeyRing::new(settings)?;
        let first = settings.keys.first().ok_or(BadSettings("tokens need a key"))?;
        let header = Header { kid: Some(first.kid.clone()), ..Header::new(Algorithm::HS256) };
        Ok(Self {
            issuer: settings.issuer.clone(),
            audience: settings.audience.clone(),
            keys,
            signing: (header, EncodingKey::from_secret(first.secret.expose())),
        })
    }

    /// Whether the token could be good under a newer secret than we hold; then reading the secrets again is worth it.
    ///
    /// Anybody can write an unknown `kid`, so whoever reads again must bound how often.
    #[must_use]
    pub fn names_unknown_key(&self, token: &str) -> bool {
        Parts::of(token).and_then(|parts| self.choose(&parts)).err() == Some(TokenRefusal::UnknownKey)
    }

    /// The person the token speaks for at this moment. No leeway on `exp` and `nbf`.
    ///
    /// # Errors
    /// Why it is not good, for the log.
    pub fn verify(&self, token: &str, now: Moment) -> Result<TokenBearer, TokenRefusal> {
        let parts = Parts::of(token)?;
        match self.choose(&parts)? {
            Choice::Own(key) => self.own_bearer(parts.claims(key)?, now),
            Choice::Outside(keys) => self.verify_outside(&parts, &keys, now),
        }
    }

    /// Signs a new token with the first key.
    #[must_use]
    pub fn issue(&self, new: &NewToken<'_>, now: Moment) -> String {
        debug_assert!(is_label(new.session) && is_label(new.token_id), "sid and jti must be readable again");
        let expires_at = new.expires_at.unwrap_or_else(|| now.plus_seconds(limits::ACCESS_TOKEN_SECONDS));
        let claims = IssuedClaims {
            iss: &self.issuer,
            aud: &self.audience,
            sub: new.user_id.to_string(),
            telegram_id: new.telegram_id,
            sid: new.session,
            jti: new.token_id,
            iat: now.seconds(),
            exp: expires_at.seconds(),
        };
        let (header, key) = &self.signing;
        jsonwebtoken::encode(header, &claims, key).expect("an HMAC key signs HS256, and these claims are plain JSON")
    }

    /// The algorithm is looked at before anything else, the claims only after the signature.
    fn choose(&self, parts: &Parts<'_>) -> Result<Choice<'_>, TokenRefusal> {
        let header = &parts.header;
        if header.alg != Algorithm::HS256 {
            return Err(TokenRefusal::Algorithm);
        }
        if header.crit.is_some() {
            return Err(TokenRefusal::Critical);
        }
        self.keys.choose(header.kid.as_deref(), || parts.read::<IssuerClaim>().ok()?.iss)
    }

    fn own_bearer(&self, claims: OwnClaims, now: Moment) -> Result<TokenBearer, TokenRefusal> {
        if claims.iss != self.issuer {
            return Err(TokenRefusal::Issuer);
        }
        if !claims.aud.names(&self.audience) {
            return Err(TokenRefusal::Audience);
        }
        let expires_at = claims.good_until(now)?;
        Ok(TokenBearer {
            origin: TokenOrigin::Own,
            user_id: Some(claims.sub.0),
            telegram_id: claims.telegram_id.map(|id| id.0),
            session: claims.sid.map(|sid| sid.0),
            token_id: claims.jti.map(|jti| jti.0),
            expires_at,
        })
    }

    fn verify_outside(
        &self,
        parts: &Parts<'_>,
        keys: &[&OutsideKey],
        now: Moment,
    ) -> Result<TokenBearer, TokenRefusal> {
        let mut refusal = TokenRefusal::NoKey;
        for key in keys {
            match parts.claims::<OutsideClaims>(&key.key) {
                Ok(claims) => return self.outside_bearer(&claims, key, now),
                Err(why) => refusal = why,
            }
        }
        Err(refusal)
    }

    fn outside_bearer(
        &self,
        claims: &OutsideClaims,
        key: &OutsideKey,
        now: Moment,
    ) -> Result<TokenBearer, TokenRefusal> {
        if !self.keys.may_claim(key, claims.iss.as_deref()) {
            return Err(TokenRefusal::Issuer);
        }
        let named = |aud: &str| claims.aud.as_ref().is_none_or(|audience| audience.names(aud));
        if !named(&self.audience) && !key.aud.as_deref().is_some_and(named) {
            return Err(TokenRefusal::Audience);
        }
        let expires_at = claims.good_until(now)?;
        if expires_at.seconds() > now.seconds().saturating_add(limits::OUTSIDE_TOKEN_SECONDS) {
            return Err(TokenRefusal::TooFarAhead);
        }
        Ok(TokenBearer {
            origin: TokenOrigin::Outside,
            user_id: None,
            telegram_id: Some(claims.telegram_id.0),
            session: None,
            token_id: None,
            expires_at,
        })
    }
}

/// A token taken apart, once: header and signed text as they are, nothing verified. (The library's `decode` would read
/// the header again; it has a clock of its own and passes claims that are missing, so those are checked here anyway.)
struct Parts<'a> {
    header: Header,
    signed: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    /// RFC 7515, section 7.1: three parts.
    fn of(token: &'a str) -> Result<Self, TokenRefusal> {
        if token.len() > limits::CREDENTIAL_BYTES {
            return Err(TokenRefusal::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenRefusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenRefusal::Malformed)?;
        if claims.contains('.') {
            return Err(TokenRefusal::Malformed);
        }
        let header = URL_SAFE_NO_PAD.decode(header).ok().and_then(|json| serde_json::from_slice(&json).ok());
        Ok(Self { header: header.ok_or(TokenRefusal::Malformed)?, signed, claims, signature })
    }

    /// What it claims, once the signature is found to be this key's.
    fn claims<T: DeserializeOwned>(&self, key: &DecodingKey) -> Result<T, TokenRefusal> {
        match jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, Algorithm::HS256) {
            Ok(true) => self.read(),
            Ok(false) => Err(TokenRefusal::Signature),
            Err(_) => Err(TokenRefusal::Malformed),
        }
    }

    /// What it claims, whoever wrote it.
    fn read<T: DeserializeOwned>(&self) -> Result<T, TokenRefusal> {
        let json = URL_SAFE_NO_PAD.decode(self.claims).map_err(|_| TokenRefusal::Malformed)?;
        serde_json::from_slice(&json).map_err(|_| TokenRefusal::Claims)
    }
}
