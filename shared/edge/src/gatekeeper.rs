//! Keeps the gate: reads its secrets from Secrets Manager, again when they age or a token names a newer one.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use aws_config::SdkConfig;
use axum::http::HeaderMap;
use countersign_core::{
    Refusal,
    gate::{Admitted, Caller, FromTelegram, Gate, GateSettings, ReplayClaim, Runner, StoredService, replayed},
    keyring::RunnerToken,
    limits,
    registry::Registry,
};

use crate::{Call, Environment, Secrets, clock, start::Error};

/// How old the secrets may be before they are read again.
const AGE: Duration = Duration::from_secs(300);
/// How long a token that names an unknown secret must wait for the next read: anybody can bring such a token.
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_secs(5);

/// How long a request waits for its service's last use to be written down.
const LAST_USE_PATIENCE: Duration = Duration::from_millis(250);

/// The gate with its secrets.
pub struct GateKeeper {
    secrets: Secrets,
    secret_id: String,
    require_signed_requests: bool,
    held: RwLock<Held>,
}

struct Held {
    gate: Arc<Gate>,
    since: Instant,
}

impl GateKeeper {
    /// Reads the secrets. Variables: `GATE_SECRET_ID`, `REQUIRE_HMAC_VERIFICATION`.
    ///
    /// # Errors
    /// Where they cannot be read or are of no use.
    pub async fn load(aws: &SdkConfig, environment: &Environment) -> Result<Self, Error> {
        let secrets = Secrets::new(aws);
        let secret_id = environment.required("GATE_SECRET_ID")?.to_owned();
        let require_signed_requests = environment.switch("REQUIRE_HMAC_VERIFICATION")?;
        let gate = read(&secrets, &secret_id, require_signed_requests).await?;
        let held = RwLock::new(Held { gate: Arc::new(gate), since: Instant::now() });
        Ok(Self { secrets, secret_id, require_signed_requests, held })
    }

    /// The client that reads its secrets, for the function's other ones.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Lets a call in. Where a service is named its record is read, and a signed request is claimed.
    ///
    /// # Errors
    /// 401, without telling why; 503 where the record cannot be read or the claim not written.
    pub async fn admit(&self, call: &Call, registry: &impl Registry) -> Result<Caller, Refusal> {
        let service = match call.presented().service_id() {
            Some(id) => registry.service(id).await?,
            None => None,
        };
        self.admit_service(call, service.as_ref(), registry).await
    }

    /// The same where the record of the service that the call names was read with other facts.
    ///
    /// # Errors
    /// As [`GateKeeper::admit`].
    pub async fn admit_service(
        &self,
        call: &Call,
        service: Option<&StoredService>,
        registry: &impl Registry,
    ) -> Result<Caller, Refusal> {
        let Admitted { caller, replay_claim, .. } = self.verified(call, service).await?;
        call.trace().caller(&caller);
        call.well_formed()?;
        claim(call, replay_claim.as_ref(), registry).await?;
        if let Some(service) = service.filter(|service| caller.service_id() == Some(service.id)) {
            note_use(service, registry).await;
        }
        Ok(caller)
    }

    /// Lets a bot's runner in. `token` is the record that its credential names, where there is one.
    ///
    /// # Errors
    /// As [`GateKeeper::admit`].
    pub async fn admit_runner(
        &self,
        call: &Call,
        token: Option<&RunnerToken>,
        registry: &impl Registry,
    ) -> Result<Runner, Refusal> {
        let service = match call.presented().service_id() {
            Some(id) => registry.service(id).await?,
            None => None,
        };
        let gate = self.current_gate().await;
        let runner = gate.admit_runner(call.presented(), token, service.as_ref(), clock::now())?;
        call.trace().called_by(runner.scope());
        call.well_formed()?;
        claim(call, runner.replay_claim(), registry).await?;
        Ok(runner)
    }

    /// Lets anybody in whose request is not signed wrongly.
    ///
    /// # Errors
    /// 401 for a signature that is wrong or replayed, or missing where signed requests are compulsory; 400 for an
    /// idempotency key that is none; 503 where the service's record cannot be read or the claim not written.
    pub async fn admit_public(&self, call: &Call, registry: &impl Registry) -> Result<(), Refusal> {
        let service = match call.presented().service_id() {
            Some(id) => registry.service(id).await?,
            None => None,
        };
        let gate = self.current_gate().await;
        let replay_claim = gate.admit_public(call.presented(), service.as_ref(), clock::now())?;
        call.well_formed()?;
        claim(call, replay_claim.as_ref(), registry).await
    }

    /// Lets Telegram's own calls in.
    ///
    /// # Errors
    /// 401, without telling why.
    pub async fn admit_telegram(&self, headers: &HeaderMap) -> Result<FromTelegram, Refusal> {
        let (mut gate, age) = self.held();
        if age >= AGE {
            gate = self.read_again(gate).await;
        }
        gate.admit_telegram(headers)
    }

    /// The gate, for secrets that are derived.
    #[must_use]
    pub fn gate(&self) -> Arc<Gate> {
        self.held().0
    }

    /// The same, with secrets that are not too old: for whoever has let nobody in before.
    pub async fn current_gate(&self) -> Arc<Gate> {
        let (gate, age) = self.held();
        if age >= AGE { self.read_again(gate).await } else { gate }
    }

    /// Verifies with the gate that is held; where a token names a key that it does not know, with one read again.
    async fn verified(&self, call: &Call, service: Option<&StoredService>) -> Result<Admitted, Refusal> {
        let (mut gate, age) = self.held();
        if age >= AGE {
            gate = self.read_again(gate).await;
        }
        let verified = gate.admit(call.presented(), service, clock::now());
        if verified.is_err() && age >= UNKNOWN_KEY_PAUSE && gate.names_unknown_key(call.presented()) {
            return self.read_again(gate).await.admit(call.presented(), service, clock::now());
        }
        verified
    }

    /// Where the secrets cannot be read the gate that is held stays good.
    async fn read_again(&self, gate: Arc<Gate>) -> Arc<Gate> {
        match read(&self.secrets, &self.secret_id, self.require_signed_requests).await {
            Ok(fresh) => self.hold(Arc::new(fresh)),
            Err(error) => {
                tracing::error!(%error, "the gate's secrets were not read again");
                self.hold(gate)
            }
        }
    }

    fn held(&self) -> (Arc<Gate>, Duration) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&held.gate), held.since.elapsed())
    }

    fn hold(&self, gate: Arc<Gate>) -> Arc<Gate> {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        *held = Held { gate: Arc::clone(&gate), since: Instant::now() };
        gate
    }
}

/// A signature is good once.
async fn claim(call: &Call, replay_claim: Option<&ReplayClaim>, registry: &impl Registry) -> Result<(), Refusal> {
    match replay_claim {
        Some(claim) if !registry.claim(claim, call.request_id()).await? => Err(replayed()),
        _ => Ok(()),
    }
}

/// Once an hour and service: what is written is no condition of the answer, so it is not waited for long.
async fn note_use(service: &StoredService, registry: &impl Registry) {
    let now = clock::now();
    if service.last_used_at.is_none_or(|last| last.plus_seconds(limits::LAST_USE_SECONDS) <= now) {
        let _late = tokio::time::timeout(LAST_USE_PATIENCE, registry.used(service.id, now)).await;
    }
}

/// What the log may say of a secret that cannot be used: never its content.
async fn read(secrets: &Secrets, secret_id: &str, require_signed_requests: bool) -> Result<Gate, Error> {
    let text = secrets.text(secret_id).await?;
    let mut settings: GateSettings = serde_json::from_slice(text.expose())
        .map_err(|error| format!("the gate's secret, line {}: not of its form", error.line()))?;
    settings.require_signed_requests = require_signed_requests;
    Ok(Gate::new(settings)?)
}
