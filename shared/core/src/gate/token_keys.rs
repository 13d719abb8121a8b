//! Finds the secret that a token names. A secret and its issuer belong together: neither is good with another.

use jsonwebtoken::DecodingKey;

use super::access_token::TokenRefusal;
use super::settings::{BadSettings, TokenSettings, TrustedIssuer, check_name, check_secret};

/// All secrets that verify tokens, prepared once.
pub(super) struct KeyRing {
    own: Vec<OwnKey>,
    outside: Vec<OutsideKey>,
    issuer: String,
}

struct OwnKey {
    kid: String,
    key: DecodingKey,
}

/// The secret of a trusted outside issuer.
pub(super) struct OutsideKey {
    kid: Option<String>,
    iss: Option<String>,
    /// The audience that its tokens may name beside ours.
    pub(super) aud: Option<String>,
    pub(super) key: DecodingKey,
}

/// Whose secret a token is checked with.
pub(super) enum Choice<'a> {
    /// One of ours.
    Own(&'a DecodingKey),
    /// Those of one outside issuer: one by `kid`, more than one only where its `iss` has two entries.
    Outside(Vec<&'a OutsideKey>),
}

impl KeyRing {
    pub(super) fn new(settings: &TokenSettings) -> Result<Self, BadSettings> {
        check(settings)?;
        let own = settings
            .keys
            .iter()
            .map(|named| OwnKey { kid: named.kid.clone(), key: DecodingKey::from_secret(named.secret.expose()) });
        let outside = settings.trusted_issuers.iter().map(|trusted| OutsideKey {
            kid: trusted.kid.clone(),
            iss: trusted.iss.clone(),
            aud: trusted.aud.clone(),
            key: DecodingKey::from_secret(trusted.secret.expose()),
        });
        Ok(Self { own: own.collect(), outside: outside.collect(), issuer: settings.issuer.clone() })
    }

    /// By `kid`; without one, or with one that names nobody's secret, by `iss`: that finds outside issuers alone, and with a
    /// `kid` of its library's making only one that is known by no other.
    pub(super) fn choose(
        &self,
        kid: Option<&str>,
        iss: impl FnOnce() -> Option<String>,
    ) -> Result<Choice<'_>, TokenRefusal> {
        let Some(kid) = kid else {
            return self.issued(iss(), |_| true).ok_or(TokenRefusal::NoKey);
        };
        if let Some(own) = self.own.iter().find(|own| own.kid == kid) {
            return Ok(Choice::Own(&own.key));
        }
        if let Some(named) = self.outside.iter().find(|key| key.kid.as_deref() == Some(kid)) {
            return Ok(Choice::Outside(vec![named]));
        }
        self.issued(iss(), |key| key.kid.is_none()).ok_or(TokenRefusal::UnknownKey)
    }

    fn issued(&self, iss: Option<String>, also: impl Fn(&OutsideKey) -> bool) -> Option<Choice<'_>> {
        let iss = iss?;
        let keys: Vec<_> = self.outside.iter().filter(|key| key.is(&iss) && also(key)).collect();
        (!keys.is_empty()).then_some(Choice::Outside(keys))
    }

    /// Whether a token under this outside secret may claim this issuer.
    pub(super) fn may_claim(&self, key: &OutsideKey, iss: Option<&str>) -> bool {
        match (iss, key.iss.as_deref()) {
            (None, _) => true,
            (Some(claimed), Some(own)) => claimed == own,
            (Some(claimed), None) => claimed != self.issuer && !self.outside.iter().any(|other| other.is(claimed)),
        }
    }
}

impl OutsideKey {
    fn is(&self, iss: &str) -> bool {
        self.iss.as_deref() == Some(iss)
    }
}

fn check(settings: &TokenSettings) -> Result<(), BadSettings> {
    if settings.issuer.is_empty() || settings.audience.is_empty() {
        return Err(BadSettings("tokens need an issuer and an audience"));
    }
    if settings.keys.is_empty() {
        return Err(BadSettings("tokens need a key"));
    }
    for trusted in &settings.trusted_issuers {
        check_trusted(trusted, settings)?;
    }
    check_names(settings)?;
    check_secrets(settings)
}

fn check_trusted(trusted: &TrustedIssuer, settings: &TokenSettings) -> Result<(), BadSettings> {
    if trusted.kid.is_none() && trusted.iss.is_none() {
        return Err(BadSettings("a trusted issuer is known by its kid or its iss"));
    }
    if trusted.iss.as_ref().is_some_and(|iss| iss.is_empty() || *iss == settings.issuer) {
        return Err(BadSettings("a trusted issuer has an iss of its own"));
    }
    Ok(())
}

fn check_names(settings: &TokenSettings) -> Result<(), BadSettings> {
    let own = settings.keys.iter().map(|named| named.kid.as_str());
    let outside = settings.trusted_issuers.iter().filter_map(|trusted| trusted.kid.as_deref());
    let mut seen = std::collections::BTreeSet::new();
    for kid in own.chain(outside) {
        check_name(kid)?;
        if !seen.insert(kid) {
            return Err(BadSettings("each kid names one secret"));
        }
    }
    Ok(())
}

fn check_secrets(settings: &TokenSettings) -> Result<(), BadSettings> {
    let own = settings.keys.iter().map(|named| &named.secret);
    let outside = settings.trusted_issuers.iter().map(|trusted| &trusted.secret);
    let mut seen: Vec<&crate::Secret> = Vec::new();
    for secret in own.chain(outside) {
        check_secret(secret)?;
        if seen.iter().any(|other| other.matches(secret.expose())) {
            return Err(BadSettings("no two names and no two issuers share a secret"));
        }
        seen.push(secret);
    }
    Ok(())
}
