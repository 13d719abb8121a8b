//! The auth door: who a person is, and which Telegram account is theirs.

mod confirm;
mod issued;
mod mini_app;
mod start;
mod state;

pub use state::Auth;

countersign_edge::doors! {
    Auth;
    post "/api/v1/auth/telegram/start" start::start;
    post "/api/v1/auth/telegram/confirm" confirm::confirm;
    post "/api/v1/auth/telegram/mini-app" mini_app::mini_app;
}
