//! Stands in for Turnkey: checks stamps over the exact bytes, signs raw payloads with real Ed25519 keys, keeps activities.

mod activity;
mod control;
mod gate;
mod journal;
mod limits;
mod organization;
mod query;
mod refusal;
mod state;
mod submit;

use std::{io, path::PathBuf};

use axum::{Router, routing::post};
use countersign_local_control::Control;
use countersign_turnkey::{GET_ACTIVITY_PATH, LIST_ACTIVITIES_PATH, SIGN_RAW_PAYLOAD_PATH};
use tokio::net::TcpListener;

pub use activity::{Mode, Status, Summary};
pub use limits::RateLimits;
pub use organization::{AddError, AddedOrganization, NewOrganization};
pub use state::State;

use crate::served::Served;

/// Where a caller asks who it is.
const WHOAMI_PATH: &str = "/public/v1/query/whoami";

/// The stand-in, served.
pub struct TurnkeyStandin {
    served: Served,
    state: State,
}

impl TurnkeyStandin {
    /// Serves on this listener. With a path the organizations and activities are kept in that file (owner-only,
    /// because it holds keys), without one in memory.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not one of ours.
    pub fn start(listener: TcpListener, path: Option<PathBuf>) -> io::Result<Self> {
        let state = State::open(path)?;
        let served = Served::start(listener, router(state.clone()))?;
        Ok(Self { served, state })
    }

    /// Where it is served, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        self.served.url()
    }

    /// Its record and faults.
    #[must_use]
    pub fn control(&self) -> &Control {
        self.served.control()
    }

    /// What it knows.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Adds an organization, or a key and a wallet to one that is there.
    ///
    /// # Errors
    /// See [`AddError`].
    pub fn add_organization(&self, new: NewOrganization) -> Result<AddedOrganization, AddError> {
        self.state.add_organization(new)
    }

    /// Ends it; open requests have a moment to finish.
    pub async fn stop(self) {
        self.served.stop().await;
    }
}

/// Turnkey's routes and the stand-in's own control routes.
pub fn router(state: State) -> Router {
    Router::new()
        .route(SIGN_RAW_PAYLOAD_PATH, post(submit::sign_raw_payload))
        .route(GET_ACTIVITY_PATH, post(query::get_activity))
        .route(LIST_ACTIVITIES_PATH, post(query::list_activities))
        .route(WHOAMI_PATH, post(query::whoami))
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .fallback(refusal::no_such_path)
        .with_state(state.clone())
        .merge(control::router(state))
}
