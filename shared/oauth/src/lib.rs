//! Speaks OAuth 2 to the providers of infra/providers.yaml: authorize URL, exchange, refresh, revoke. It does not decide.

mod client;
mod outcome;
mod revoke;
mod settings;
mod transport;

pub use client::OauthClient;
pub use outcome::{Granted, Outcome, Refused, Revocation};
pub use settings::{BadSettings, ClientSettings, Settings};
