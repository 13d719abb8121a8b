//! Stands in for OAuth 2 and OpenID providers, several at once: consent page, codes bound by PKCE, token families, revocation.

mod authorize;
mod calendar;
mod client_auth;
mod code;
mod consent;
mod control;
mod discovery;
mod form;
mod github_grant;
mod grants;
mod opaque;
mod page;
mod pkce;
mod provider;
mod refusal;
mod signer;
mod summary;
mod token;
mod userinfo;
mod world;

use std::io;

use axum::{
    Router,
    routing::{delete, get, post},
};
use countersign_local_control::Control;
use tokio::net::TcpListener;

pub use opaque::token_hash;
pub use provider::{
    ACCESS_SECONDS, CODE_SECONDS, ClientAuth, NewClient, Provider, RefreshTokens, Rotation, Rules, SetupError,
};
pub use summary::{GrantSummary, TokenKind, TokenState, TokenSummary};
pub use world::{Decision, World};

use crate::served::Served;

/// The stand-in, served.
pub struct OAuthStandin {
    served: Served,
    world: World,
}

impl OAuthStandin {
    /// Serves these providers on this listener, each below `/{name}`.
    ///
    /// # Errors
    /// When the listener's own address cannot be read, a provider is not taken (see [`SetupError`]), or no signing
    /// key can be made.
    pub fn start(listener: TcpListener, providers: Vec<Provider>) -> io::Result<Self> {
        let world = World::new(&format!("http://{}", listener.local_addr()?))?;
        for provider in providers {
            world.add_provider(provider).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        }
        let served = Served::start(listener, router(world.clone()))?;
        Ok(Self { served, world })
    }

    /// Where it is served, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.served.url()
    }

    /// Its record and faults. A request's label is its path: `/spotify/token`.
    #[must_use]
    pub fn control(&self) -> &Control {
        self.served.control()
    }

    /// Its providers, grants, tokens and clock.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Ends it; open requests have a moment to finish.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}

/// Each provider's routes below its name, and the stand-in's own control routes.
pub fn router(world: World) -> Router {
    Router::new()
        .route("/{provider}/authorize", get(consent::ask).post(consent::decide))
        .route("/{provider}/token", post(token::token))
        .route("/{provider}/revoke", post(token::revoke))
        .route("/{provider}/applications/{client_id}/grant", delete(github_grant::revoke))
        .route("/{provider}/userinfo", get(userinfo::userinfo))
        .route("/{provider}/.well-known/openid-configuration", get(discovery::configuration))
        .route("/{provider}/jwks", get(discovery::keys))
        .with_state(world.clone())
        .merge(control::router(world))
}
