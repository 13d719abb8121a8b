//! Stands in for Telegram's Bot API: chats in memory, webhook deliveries, the refusals a bot meets. HTML and MarkdownV2
//! are read as Telegram reads them (the old `Markdown` is not); bots here see all messages of their groups.

mod call;
mod control;
mod delivery;
mod keyboard;
mod limits;
mod methods;
mod page;
mod params;
mod picture;
mod refusal;
mod state;
mod text;
mod world;

use std::{fmt, io};

use axum::{Router, routing::get};
use countersign_local_control::Control;
use tokio::net::TcpListener;

pub use limits::{Flood, Rate, RateLimits};
pub use refusal::Refusal;
pub use world::{GroupKind, NewChat, NewPerson, Retries, Standing};

use crate::served::Served;
use state::State;
use world::World;

/// The bot that the stand-in serves.
#[derive(Clone)]
pub struct Bot {
    /// Its token: its id, `:`, and a secret.
    pub token: String,
    /// Its username, without `@`.
    pub username: String,
}

impl fmt::Debug for Bot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bot").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The stand-in, served.
pub struct TelegramStandin {
    served: Served,
    state: State,
}

impl TelegramStandin {
    /// Serves this bot on this listener.
    ///
    /// # Errors
    /// When the token does not begin with a bot's id and `:`, or the listener is not listening.
    pub fn start(listener: TcpListener, bot: Bot) -> io::Result<Self> {
        let world = World::new(bot)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a bot token is a number, `:` and a secret"))?;
        let state = State::new(world).map_err(io::Error::other)?;
        let served = Served::start(listener, router(state.clone()))?;
        Ok(Self { served, state })
    }

    /// Where it is served, without a slash at the end: what a client takes as the API's address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.served.url()
    }

    /// Its record and faults.
    #[must_use]
    pub fn control(&self) -> &Control {
        self.served.control()
    }

    /// Sets the webhook, as `setWebhook` would.
    ///
    /// # Errors
    /// As `setWebhook` refuses: an address or a secret that Telegram does not take.
    pub fn set_webhook(&self, url: &str, secret: &str) -> Result<(), Refusal> {
        methods::webhook::set(&self.state, url, Some(secret), None)?;
        self.state.deliver();
        Ok(())
    }

    /// Adds a person, or changes what is known of one; their chat with the bot is open unless `started` is false.
    ///
    /// # Errors
    /// When the id is not a person's.
    pub fn add_person(&self, person: NewPerson) -> Result<(), &'static str> {
        self.state.world().add_person(person).map(|_| ())
    }

    /// Makes a group, or changes one, and gives its id.
    ///
    /// # Errors
    /// When the id is not a group's, or a member's id not a person's.
    pub fn add_chat(&self, chat: NewChat) -> Result<i64, &'static str> {
        self.state.world().add_chat(chat)
    }

    /// Ends it; open requests have a moment to finish, deliveries end at once.
    pub async fn stop(self) {
        self.state.stop();
        self.served.stop().await;
    }
}

/// The bot's routes, the stand-in's own control routes, and the page over them.
fn router(state: State) -> Router {
    Router::new()
        .route("/_control/page", get(page::page))
        .fallback(call::answer)
        .with_state(state.clone())
        .merge(control::router(state))
}
