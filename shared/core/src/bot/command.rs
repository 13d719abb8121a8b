//! The one list of the bot's own commands, and how a message is read as a command.

use crate::limits;

/// Where a command may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In any chat.
    Anywhere,
    /// Only where nobody else reads along: its answer is the person's own business.
    Private,
}

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident $name:literal $place:ident;)+) => {
        /// A command of the bot's own; services add theirs (see `COMMANDS` in the store).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum BotCommand {
            $($(#[$doc])* $variant,)+
        }

        impl BotCommand {
            /// All of them, in the order of menus.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name, without the slash: as infra/permissions.yaml and Telegram write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The same with the slash: under this name a permit is given.
            #[must_use]
            pub const fn slashed(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!("/", $name),)+
                }
            }

            /// Where it may be written.
            #[must_use]
            pub const fn place(self) -> Place {
                match self {
                    $(Self::$variant => Place::$place,)+
                }
            }
        }
    };
}

commands! {
    /// Greets, or redeems what a link to the bot carries.
    Start "start" Anywhere;
    /// Lists the commands.
    Help "help" Anywhere;
    /// Links an account.
    Login "login" Private;
    /// Ends a link.
    Logout "logout" Private;
    /// Lists linked accounts.
    Connections "connections" Private;
    /// Names a linked account.
    SetName "setname" Private;
    /// Binds the chat to a platform account.
    Bind "bind" Private;
    /// Shows the wallets of the person's families.
    Balance "balance" Private;
    /// Moves money.
    Pay "pay" Private;
    /// Lists what waits for a decision.
    Pending "pending" Private;
    /// Shows a month's money as a picture.
    Report "report" Private;
    /// Shows the budgets.
    Budget "budget" Private;
    /// Shows the goals.
    Goals "goals" Private;
    /// Shows a client's key and bots, and the way to enter a key.
    Bots "bots" Private;
    /// Shows which key signs for the person.
    Sign "sign" Private;
    /// Lists the person's signing sessions.
    Sessions "sessions" Private;
    /// Chooses the language.
    Language "language" Anywhere;
}

impl BotCommand {
    /// The command of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.name() == name)
    }
}

/// A command as it was written: `/name@bot arguments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// Lower case, 1 to 32 of `a-z 0-9 _`.
    pub name: String,
    /// The bot that it is addressed to, where it names one.
    pub addressed: Option<&'a str>,
    /// What follows, trimmed; may have several lines.
    pub arguments: &'a str,
}

/// Reads a message as a command; none where it is not one. Telegram's own clients take upper case for lower case.
#[must_use]
pub fn read_command(text: &str) -> Option<Named<'_>> {
    let rest = text.strip_prefix('/')?;
    let (word, arguments) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let (name, addressed) = match word.split_once('@') {
        Some((name, bot)) => (name, Some(bot)),
        None => (word, None),
    };
    let fits = (1..=limits::COMMAND_NAME_CHARS).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    fits.then(|| Named { name: name.to_ascii_lowercase(), addressed, arguments: arguments.trim() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_as_telegram_writes_them() {
        let read = |text: &'static str| {
            read_command(text).map(|named| (named.name.clone(), named.addressed.unwrap_or(""), named.arguments))
        };
        assert_eq!(read("/start"), Some(("start".into(), "", "")));
        assert_eq!(read("/Start@Our_bot  abc-_ "), Some(("start".into(), "Our_bot", "abc-_")));
        assert_eq!(read("/setname\nMy music"), Some(("setname".into(), "", "My music")));
        for other in ["", "/", "start", " /start", "//start", "/s-t", "/@bot", "/пуск", "/a.b c"] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(read_command(&format!("/{}", "a".repeat(33))), None);
    }

    #[test]
    fn every_command_is_found_by_its_name() {
        for command in BotCommand::ALL {
            assert_eq!(BotCommand::named(command.name()), Some(*command));
            assert_eq!(command.slashed(), format!("/{}", command.name()));
        }
        assert_eq!(BotCommand::named("weather"), None);
    }
}
