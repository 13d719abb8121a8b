//! The linked accounts' door: authorize, callback, connections, access tokens for services.
//!
//! Tokens come alive elsewhere: by `/start <code_id>` in the bot. Here a person asks for a link, the provider sends their
//! browser back, services get fresh access tokens, and `reminders` runs on a schedule.

mod authorize;
mod callback;
mod list;
mod page;
mod refresh;
pub mod reminders;
mod revoke;
mod state;
mod subject;
mod token;
mod unlink;
mod view;

pub use state::{Links, Oauth};

countersign_edge::doors! {
    Oauth;
    post "/api/v1/connections/{provider}/authorize" authorize::authorize;
    get "/spotify/callback" callback::spotify;
    get "/{provider}/callback" callback::callback;
    get "/api/v1/connections" list::list;
    delete "/api/v1/connections/{provider}" unlink::unlink;
    get "/api/v1/connections/{provider}/token" token::token;
}
