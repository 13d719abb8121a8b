//! The auth door: who a person is, and which Telegram account is theirs.

mod confirm;
mod issued;
mod login;
mod mini_app;
mod pair;
mod passwords;
mod refresh;
mod register;
mod sessions;
mod slow;
mod start;
mod state;

pub use passwords::Passwords;
pub use state::Auth;

countersign_edge::doors! {
    Auth;
    post "/api/v1/auth/register" register::register;
    post "/api/v1/auth/login" login::login;
    post "/api/v1/auth/refresh" refresh::refresh;
    post "/api/v1/auth/logout" sessions::logout;
    get "/api/v1/auth/sessions" sessions::list;
    delete "/api/v1/auth/sessions/{id}" sessions::end;
    post "/api/v1/auth/telegram/start" start::start;
    post "/api/v1/auth/telegram/confirm" confirm::confirm;
    post "/api/v1/auth/telegram/mini-app" mini_app::mini_app;
}
