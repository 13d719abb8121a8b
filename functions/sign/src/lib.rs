//! The signing door: signatures and the sessions behind them.

mod account;
mod api_sign;
mod health;
mod import;
mod import_row;
mod look;
mod mini_app;
mod outcome;
mod remote;
mod session_end;
mod session_list;
mod session_new;
mod session_view;
mod settle;
mod sign_request;
mod signing;
mod state;
pub mod sweep;

pub use state::{Sign, Signers};

use std::sync::Arc;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this door, as they are deployed and as the local system serves them.
pub fn router(sign: Arc<Sign>) -> Router {
    countersign_edge::corridor::around(routes().with_state(sign).into())
}

/// What this door adds to the OpenAPI document.
#[must_use]
pub fn openapi() -> OpenApi {
    routes().into_openapi()
}

fn routes() -> OpenApiRouter<Arc<Sign>> {
    OpenApiRouter::new()
        .routes(routes!(api_sign::api_sign))
        .routes(routes!(api_sign::sign))
        .routes(routes!(mini_app::sign_transaction))
        .routes(routes!(session_new::create, session_list::list))
        .routes(routes!(session_list::get, session_end::end))
        .routes(routes!(import::import))
        .routes(routes!(health::health))
}
