//! Telegram on one machine: a stand-in with the demo's bot and people, unless a real bot's token is configured.

use countersign_edge::Environment;
use countersign_local_standins::telegram::{Bot, NewPerson, TelegramStandin};
use tokio::net::TcpListener;

use crate::{
    LocalError,
    seed::{BOT_USERNAME, MadeUp},
};

/// The real Telegram.
const TELEGRAM: &str = "https://api.telegram.org";

/// Whose bot, and where. Variables: `BOT_TOKEN` (with `BOT_USERNAME`) uses the real Telegram, `TELEGRAM_API_URL` another.
pub(crate) struct Configured {
    /// The token; the made-up bot's where none is configured.
    pub(crate) token: String,
    /// The address; none: the stand-in's.
    pub(crate) address: Option<String>,
}

impl Configured {
    pub(crate) fn of(environment: &Environment, made: &MadeUp) -> Self {
        let real = environment.optional("BOT_TOKEN");
        let address = environment.optional("TELEGRAM_API_URL").or(real.map(|_| TELEGRAM));
        Self { token: real.unwrap_or(&made.bot_token).to_owned(), address: address.map(str::to_owned) }
    }
}

/// Starts the stand-in; everybody of the demo has opened the chat with the bot.
pub(crate) fn start(listener: TcpListener, made: &MadeUp) -> Result<TelegramStandin, LocalError> {
    let bot = Bot { token: made.bot_token.clone(), username: BOT_USERNAME.to_owned() };
    let standin = TelegramStandin::start(listener, bot)?;
    for person in &made.people {
        let telegram_id = i64::try_from(person.telegram_id.get()).map_err(|_| LocalError::Seed("a person's id"))?;
        let name = person.row.name();
        let person = NewPerson {
            telegram_id,
            first_name: Some(name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect()),
            username: Some(format!("{name}_of_the_demo")),
            language_code: Some("en".to_owned()),
            ..NewPerson::default()
        };
        standin.add_person(person).map_err(LocalError::Seed)?;
    }
    for member in made.families.iter().flat_map(|family| family.people()).chain(&made.clients) {
        let telegram_id = i64::try_from(member.telegram_id.get()).map_err(|_| LocalError::Seed("a person's id"))?;
        let person = NewPerson {
            telegram_id,
            first_name: Some(member.name.clone()),
            language_code: Some("en".to_owned()),
            ..NewPerson::default()
        };
        standin.add_person(person).map_err(LocalError::Seed)?;
    }
    Ok(standin)
}
