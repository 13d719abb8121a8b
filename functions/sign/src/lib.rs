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

/// One list of routes: what is served, and what is documented. The document is left out of the function's binary, where
/// building it would cost size and time at every cold start.
macro_rules! doors {
    ($($method:ident $path:literal $handler:path;)+) => {
        /// The routes of this door, as they are deployed and as the local system serves them.
        pub fn router(sign: Arc<Sign>) -> Router {
            let router = Router::new()$(.route($path, axum::routing::$method($handler)))+;
            countersign_edge::corridor::around(router.with_state(sign))
        }

        /// What this door adds to the OpenAPI document.
        #[must_use]
        pub fn openapi() -> OpenApi {
            OpenApiRouter::<Arc<Sign>>::new()$(.routes(routes!($handler)))+.into_openapi()
        }
    };
}

doors! {
    post "/api/sign" api_sign::api_sign;
    post "/sign" api_sign::sign;
    post "/mini-app/sign-transaction" mini_app::sign_transaction;
    post "/api/v1/signing-sessions" session_new::create;
    get "/api/v1/signing-sessions" session_list::list;
    get "/api/v1/signing-sessions/{id}" session_list::get;
    delete "/api/v1/signing-sessions/{id}" session_end::end;
    post "/api/v1/signing-sessions/import" import::import;
    get "/health" health::health;
}
