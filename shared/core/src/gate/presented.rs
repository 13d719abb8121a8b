//! What a request presents to show who calls: read strictly, verified later.

use http::{HeaderMap, Method, header::AUTHORIZATION};

use super::service_key::PresentedKey;
use super::signed_request::{SignedRequest, only};
use crate::{Refusal, Secret, ServiceId};

/// Carries a service key.
pub const API_KEY: &str = "x-api-key";

/// What existing clients read where the `Authorization` header is missing, doubled, empty or of another scheme.
const BAD_AUTHORIZATION: &str = "Missing or invalid Authorization header";
/// What existing clients read where anything is wrong with a Bearer token.
const BAD_TOKEN: &str = "Invalid JWT token";
/// What a client reads of every other credential that is not good. It does not tell why.
const BAD_CREDENTIALS: &str = "Invalid credentials";

/// 401: the `Authorization` header is of no use.
pub(super) fn bad_authorization(why: &'static str) -> Refusal {
    Refusal::unauthenticated(BAD_AUTHORIZATION).because(why)
}

/// 401: the token is not good.
pub(super) fn bad_token(why: impl Into<String>) -> Refusal {
    Refusal::unauthenticated(BAD_TOKEN).because(why)
}

/// 401: another credential is not good.
pub(super) fn bad_credentials(why: impl Into<String>) -> Refusal {
    Refusal::unauthenticated(BAD_CREDENTIALS).because(why)
}

/// The credential of identity; a request has one at most.
pub(super) enum Credential {
    /// `Authorization: Bearer`.
    Token(Secret),
    /// `Authorization: tma`.
    LaunchData(Secret),
    /// `X-Api-Key`.
    ServiceKey(PresentedKey),
    /// `X-Api-Key`, doubled or malformed. It is refused by the gate: a route that takes no key says so in its own words.
    NoKey,
}

/// What a request presents, of the right form and not yet verified.
pub struct Presented {
    pub(super) credential: Option<Credential>,
    pub(super) signed: Option<SignedRequest>,
    pub(super) changes_state: bool,
}

impl Presented {
    /// Reads the credentials of a request. `target` is the request target exactly as sent (path, and `?` and raw query
    /// where there is one), `body` the raw body; both are looked at only where the request is signed.
    ///
    /// A request without any credential is read, too: [`super::Gate::admit`] refuses it.
    ///
    /// # Errors
    /// 401 for another header that is doubled or malformed, for two credentials of identity, and where key and signature name
    /// different services.
    pub fn read(headers: &HeaderMap, method: &Method, target: &str, body: &[u8]) -> Result<Self, Refusal> {
        let credential = match (read_authorization(headers)?, read_api_key(headers)) {
            (Some(_), Some(_)) => return Err(bad_credentials("more than one credential")),
            (authorization, None) => authorization,
            (None, key) => key,
        };
        let signed = SignedRequest::read(headers, method, target, body).map_err(bad_credentials)?;
        if let (Some(Credential::ServiceKey(key)), Some(signed)) = (&credential, &signed)
            && key.service_id() != signed.service_id()
        {
            return Err(bad_credentials("key and signature name different services"));
        }
        let changes_state = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
        Ok(Self { credential, signed, changes_state })
    }

    /// The service whose record the gate needs; named by the request, not proven.
    #[must_use]
    pub fn service_id(&self) -> Option<ServiceId> {
        match (&self.credential, &self.signed) {
            (Some(Credential::ServiceKey(key)), _) => Some(key.service_id()),
            (_, Some(signed)) => Some(signed.service_id()),
            _ => None,
        }
    }

    /// The service that calls by itself; none where a person does, whoever may have signed the request beside them.
    #[must_use]
    pub fn only_service(&self) -> Option<ServiceId> {
        match &self.credential {
            Some(Credential::Token(_) | Credential::LaunchData(_)) => None,
            Some(Credential::ServiceKey(_) | Credential::NoKey) | None => self.service_id(),
        }
    }

    /// Holds a route to `Authorization: Bearer`.
    ///
    /// # Errors
    /// 401 with the fixed text where there is another credential or none.
    pub fn only_token(&self) -> Result<(), Refusal> {
        match &self.credential {
            Some(Credential::Token(_)) => Ok(()),
            _ => Err(bad_authorization("the route takes a token alone")),
        }
    }

    /// Holds a route to launch data and services.
    ///
    /// # Errors
    /// 401 where there is a token.
    pub fn no_token(&self) -> Result<(), Refusal> {
        match &self.credential {
            Some(Credential::Token(_)) => Err(bad_authorization("the route takes no token")),
            _ => Ok(()),
        }
    }

    /// Whether there is no credential at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.credential.is_none() && self.signed.is_none()
    }
}

fn read_authorization(headers: &HeaderMap) -> Result<Option<Credential>, Refusal> {
    if !headers.contains_key(AUTHORIZATION) {
        return Ok(None);
    }
    let value = only(headers, AUTHORIZATION.as_str())
        .ok_or_else(|| bad_authorization("Authorization doubled or no visible ASCII"))?;
    let (scheme, credentials) =
        value.split_once(' ').ok_or_else(|| bad_authorization("Authorization without credentials"))?;
    // A gateway may join doubled headers with a comma; neither a token nor percent-encoded fields hold a space.
    if credentials.is_empty() || !credentials.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(bad_authorization("Authorization without credentials or with more than one"));
    }
    let secret = Secret::from(credentials.to_owned());
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(Credential::Token(secret)))
    } else if scheme.eq_ignore_ascii_case("tma") {
        Ok(Some(Credential::LaunchData(secret)))
    } else {
        Err(bad_authorization("Authorization of another scheme"))
    }
}

fn read_api_key(headers: &HeaderMap) -> Option<Credential> {
    headers.contains_key(API_KEY).then(|| {
        let key = only(headers, API_KEY).and_then(PresentedKey::read);
        key.map_or(Credential::NoKey, Credential::ServiceKey)
    })
}
