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

countersign_edge::doors! {
    Sign;
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
