//! Turns credentials and stored hashes into a `Caller`. Only the gate can make one.
//!
//! The edge reads what a request presents ([`Presented::read`]), the store reads the record of the service it names
//! ([`Presented::service_id`]), and [`Gate::admit`] verifies both. Whoever is told no is not told why; the log is.

mod access_token;
mod caller;
mod client_secret;
mod derived;
mod digest;
mod launch_data;
mod launch_fields;
mod presented;
mod runner;
mod service_key;
mod settings;
mod signed_request;
mod telegram_webhook;
mod token_claims;
mod token_keys;

use http::HeaderMap;
use serde::{Deserialize, Serialize};

pub use access_token::{AccessTokens, NewToken, TokenBearer, TokenOrigin, TokenRefusal};
pub use caller::{Caller, PersonOrigin, Seal};
pub use client_secret::{ClientSecrets, client_id, read_client_id};
pub use launch_data::{LaunchData, LaunchDataCheck, LaunchDataRefusal};
pub use presented::{API_KEY, Presented};
pub use runner::{Runner, RunnerIds};
pub use service_key::{KeyHash, PresentedKey, mint};
pub use settings::{
    BadSettings, GateSettings, LaunchDataSettings, NamedSecret, TelegramKey, ThirdPartySettings, TokenSettings,
    TrustedIssuer,
};
pub use signed_request::{CLIENT_ID, ReplayClaim, SIGNATURE, SignedRequest, TIMESTAMP, message};
pub use telegram_webhook::{FromTelegram, SECRET_TOKEN, WebhookSecret};

use crate::{Moment, Refusal, ServiceId};
use presented::{Credential, bad_authorization, bad_credentials, bad_token};

/// What is stored of a service. Keys and versions beyond the first two are not looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredService {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// Its one role, a key of `services` in infra/permissions.yaml.
    pub role: String,
    /// Hashes of its live keys: one, or two while its key is rotated.
    pub key_hashes: Vec<KeyHash>,
    /// Live versions of its client secret: one, or two while it is rotated.
    pub client_versions: Vec<u32>,
    /// The newest version that there ever was: none comes twice.
    #[serde(default)]
    pub last_version: u32,
    /// When it last called, within an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Moment>,
    /// Nothing of it is good any more.
    #[serde(default)]
    pub disabled: bool,
}

/// A caller who was let in, and what must be claimed before anything is done for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Who calls.
    pub caller: Caller,
    /// Whose client signed the request, where it is signed.
    pub signed_by: Option<ServiceId>,
    /// There where the request is signed: a claim that is taken already is a replay, and 401 ([`replayed`]).
    pub replay_claim: Option<ReplayClaim>,
}

/// 401: the replay claim of the request is taken.
#[must_use]
pub fn replayed() -> Refusal {
    bad_credentials("signed request replayed")
}

/// Verifies every credential; built once, because keys are prepared here, and again when secrets have changed.
pub struct Gate {
    tokens: AccessTokens,
    launch_data: Option<LaunchDataCheck>,
    clients: ClientSecrets,
    webhook: Option<WebhookSecret>,
    require_signed_requests: bool,
}

impl Gate {
    /// Prepares the keys.
    ///
    /// # Errors
    /// Names the setting that is of no use.
    pub fn new(settings: GateSettings) -> Result<Self, BadSettings> {
        Ok(Self {
            tokens: AccessTokens::new(&settings.tokens)?,
            launch_data: settings.launch_data.as_ref().map(LaunchDataCheck::new).transpose()?,
            clients: ClientSecrets::new(&settings.client_masters)?,
            webhook: settings.webhook_secret.map(WebhookSecret::new).transpose()?,
            require_signed_requests: settings.require_signed_requests,
        })
    }

    /// Issues access tokens.
    #[must_use]
    pub fn tokens(&self) -> &AccessTokens {
        &self.tokens
    }

    /// Derives client secrets.
    #[must_use]
    pub fn clients(&self) -> &ClientSecrets {
        &self.clients
    }

    /// Whether a token names a secret that we do not hold: reading the secrets again may help. Anybody can bring this
    /// about, so whoever reads again must bound how often.
    #[must_use]
    pub fn names_unknown_key(&self, presented: &Presented) -> bool {
        match &presented.credential {
            Some(Credential::Token(token)) => {
                token.expose_str().is_some_and(|text| self.tokens.names_unknown_key(text))
            }
            _ => false,
        }
    }

    /// Verifies what is presented. `service` is the stored record of [`Presented::service_id`], where there is one; an
    /// unknown service takes as long as a wrong key.
    ///
    /// A signed request is the service itself, unless it comes beside a token or launch data: then the person remains
    /// the caller, and any live client may have signed. A signature that is there must be right even where none is
    /// asked for.
    ///
    /// # Errors
    /// 401; the public text does not tell why.
    pub fn admit(
        &self,
        presented: &Presented,
        service: Option<&StoredService>,
        now: Moment,
    ) -> Result<Admitted, Refusal> {
        if presented.is_empty() {
            return Err(bad_authorization("no credential"));
        }
        let person = self.person(presented, now)?;
        let service = self.service(presented, service, now)?;
        if self.require_signed_requests && presented.changes_state && presented.signed.is_none() {
            return Err(compulsory());
        }
        let signed = presented.signed.as_ref();
        let caller = match (person, service) {
            (Some(person), _) => person,
            (None, Some(service)) => service_caller(service),
            (None, None) => return Err(bad_authorization("no credential")),
        };
        Ok(Admitted {
            caller,
            signed_by: signed.map(SignedRequest::service_id),
            replay_claim: signed.map(SignedRequest::replay_claim),
        })
    }

    /// Judges a call of a route that anybody may call: who calls does not matter, but a signature that is there must be
    /// right, and there must be one where signed requests are compulsory. Gives what is to be claimed, as
    /// [`Gate::admit`] does.
    ///
    /// # Errors
    /// 401; the public text does not tell why.
    pub fn admit_public(
        &self,
        presented: &Presented,
        service: Option<&StoredService>,
        now: Moment,
    ) -> Result<Option<ReplayClaim>, Refusal> {
        self.service(presented, service, now)?;
        match &presented.signed {
            None if self.require_signed_requests && presented.changes_state => Err(compulsory()),
            signed => Ok(signed.as_ref().map(SignedRequest::replay_claim)),
        }
    }

    /// Lets Telegram's own webhook calls in.
    ///
    /// # Errors
    /// 401 where the secret token is missing, doubled or wrong, or none is configured.
    pub fn admit_telegram(&self, headers: &HeaderMap) -> Result<FromTelegram, Refusal> {
        match &self.webhook {
            Some(secret) if secret.verify(headers) => Ok(FromTelegram::GATE),
            Some(_) => Err(bad_credentials("webhook secret missing or wrong")),
            None => Err(bad_credentials("webhook secret not configured")),
        }
    }

    fn person(&self, presented: &Presented, now: Moment) -> Result<Option<Caller>, Refusal> {
        match &presented.credential {
            Some(Credential::Token(token)) => {
                let text = token.expose_str().ok_or_else(|| bad_token("token is no text"))?;
                let bearer = self.tokens.verify(text, now).map_err(|why| bad_token(why.to_string()))?;
                Ok(Some(token_caller(bearer)))
            }
            Some(Credential::LaunchData(text)) => {
                let check = self.launch_data.as_ref().ok_or_else(|| bad_credentials("launch data not configured"))?;
                let text = text.expose_str().ok_or_else(|| bad_credentials("launch data is no text"))?;
                let launch_data = check.verify(text, now).map_err(|why| bad_credentials(why.to_string()))?;
                Ok(Some(launch_caller(launch_data)))
            }
            Some(Credential::ServiceKey(_) | Credential::NoKey) | None => Ok(None),
        }
    }

    /// The service that proved itself; `None` where none is named. Both proofs are made before either is judged, with
    /// or without a record.
    fn service<'a>(
        &self,
        presented: &Presented,
        stored: Option<&'a StoredService>,
        now: Moment,
    ) -> Result<Option<&'a StoredService>, Refusal> {
        if let Some(Credential::NoKey) = &presented.credential {
            return Err(bad_credentials("X-Api-Key doubled or malformed"));
        }
        let Some(id) = presented.service_id() else {
            return Ok(None);
        };
        let live = stored.filter(|stored| stored.id == id && !stored.disabled);
        let key_is_right = match &presented.credential {
            Some(Credential::ServiceKey(key)) => key.verify(live.map_or(&[], |live| &live.key_hashes)),
            _ => true,
        };
        let signature_is_right = presented
            .signed
            .as_ref()
            .is_none_or(|signed| signed.verify(&self.clients, live.map_or(&[], |live| &live.client_versions), now));
        match (live, key_is_right, signature_is_right) {
            (Some(live), true, true) => Ok(Some(live)),
            (None, ..) => Err(bad_credentials(format!("service {id} unknown or disabled"))),
            (_, false, _) => Err(bad_credentials(format!("key of service {id} wrong"))),
            (_, _, false) => Err(bad_credentials(format!("signature of service {id} wrong or not timely"))),
        }
    }
}

fn compulsory() -> Refusal {
    bad_credentials("a signed request is compulsory here")
}

fn token_caller(bearer: TokenBearer) -> Caller {
    Caller::Person {
        user_id: bearer.user_id,
        telegram_id: bearer.telegram_id,
        origin: match bearer.origin {
            TokenOrigin::Own => PersonOrigin::AccessToken,
            TokenOrigin::Outside => PersonOrigin::OutsideToken,
        },
        session: bearer.session,
        token_id: bearer.token_id,
        expires_at: Some(bearer.expires_at),
        launch_data: None,
        seal: Seal::GATE,
    }
}

fn launch_caller(launch_data: LaunchData) -> Caller {
    Caller::Person {
        user_id: None,
        telegram_id: Some(launch_data.telegram_id),
        origin: PersonOrigin::LaunchData,
        session: None,
        token_id: None,
        expires_at: None,
        launch_data: Some(Box::new(launch_data)),
        seal: Seal::GATE,
    }
}

fn service_caller(service: &StoredService) -> Caller {
    Caller::Service { id: service.id, name: service.name.clone(), role: service.role.clone(), seal: Seal::GATE }
}
