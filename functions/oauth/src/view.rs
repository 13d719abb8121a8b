//! What is shown of a connection: never a token.

use countersign_core::{Moment, connection::Connection};
use serde::Serialize;

/// A linked account.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ConnectionView {
    /// The provider's name in paths.
    provider: String,
    /// What its person calls it, or null.
    name: Option<String>,
    /// `healthy`, `refresh_failing`, `needs_consent` or `revoked`.
    status: &'static str,
    /// What the provider granted.
    scopes: Vec<String>,
    /// When the person consented.
    consented_at: String,
    /// When the consent ends by itself, or null.
    expires_at: Option<String>,
}

impl ConnectionView {
    pub(crate) fn of(connection: &Connection, now: Moment) -> Self {
        Self {
            provider: connection.provider.clone(),
            name: connection.label.clone(),
            status: connection.status(now).as_str(),
            scopes: connection.scopes.clone(),
            consented_at: connection.consented_at.to_rfc3339(),
            expires_at: connection.ends_at.map(Moment::to_rfc3339),
        }
    }
}
