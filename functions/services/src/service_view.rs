//! What is shown of a service: its record always, its credentials once.

use countersign_core::{
    Moment, Refusal, ServiceId,
    gate::{ClientSecrets, StoredService, client_id},
};
use countersign_store::ListedService;
use serde::{Deserialize, Serialize};

/// A service, never its secrets.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ServiceView {
    /// Its id.
    id: u64,
    /// Its name.
    name: String,
    /// Its role.
    role: String,
    /// `active` or `disabled`.
    status: &'static str,
    /// `X-Client-Id` of its signed requests.
    client_id: String,
    /// How many sets of credentials are live: two while they are rotated.
    live_keys: usize,
    /// When it was made.
    created_at: String,
    /// When it last called, within an hour; null: never.
    last_used_at: Option<String>,
}

impl ServiceView {
    pub(crate) fn of(listed: &ListedService) -> Self {
        let service = &listed.service;
        Self {
            id: service.id.get(),
            name: service.name.clone(),
            role: service.role.clone(),
            status: if service.disabled { "disabled" } else { "active" },
            client_id: client_id(service.id),
            live_keys: if service.disabled { 0 } else { service.client_versions.len() },
            created_at: listed.entry.created_at.to_rfc3339(),
            last_used_at: service.last_used_at.map(Moment::to_rfc3339),
        }
    }
}

/// A service whose credentials are shown: once, and again only for the same `Idempotency-Key`.
///
/// What is kept for a key is this without its secrets; they are derived again.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct IssuedService {
    /// Its id.
    #[schema(value_type = u64)]
    id: ServiceId,
    /// Its name.
    name: String,
    /// Its role.
    role: String,
    /// Which set of credentials these are.
    version: u32,
    /// How many sets are live.
    live_keys: usize,
    /// For `X-Api-Key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    /// For `X-Client-Id`.
    client_id: String,
    /// Signs requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Verifies what is delivered to the service (Standard Webhooks).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webhook_secret: Option<String>,
}

impl IssuedService {
    /// The newest set, without its secrets.
    pub(crate) fn of(service: &StoredService) -> Self {
        Self {
            id: service.id,
            name: service.name.clone(),
            role: service.role.clone(),
            version: service.client_versions.first().copied().unwrap_or_default(),
            live_keys: service.client_versions.len(),
            api_key: None,
            client_id: client_id(service.id),
            client_secret: None,
            webhook_secret: None,
        }
    }

    /// The same from what was kept for an idempotency key.
    ///
    /// # Errors
    /// 500 where it is not of this form.
    pub(crate) fn of_kept(body: &str) -> Result<Self, Refusal> {
        serde_json::from_str(body).map_err(|error| Refusal::internal(format!("a kept answer: {error}")))
    }

    /// With its secrets.
    ///
    /// # Errors
    /// 503 where the gate has no master of client secrets.
    pub(crate) fn revealed(self, secrets: &ClientSecrets) -> Result<Self, Refusal> {
        let missing = || Refusal::unavailable("the gate has no master of client secrets");
        let text = |secret: countersign_core::Secret| secret.expose_str().map(str::to_owned).ok_or_else(missing);
        let (key, _) = secrets.service_key(self.id, self.version).ok_or_else(missing)?;
        let client = secrets.derive(&self.client_id, self.version).ok_or_else(missing)?;
        let webhook = secrets.webhook_secret(self.id, self.version).ok_or_else(missing)?;
        Ok(Self {
            api_key: Some(text(key)?),
            client_secret: Some(text(client)?),
            webhook_secret: Some(text(webhook)?),
            ..self
        })
    }
}
