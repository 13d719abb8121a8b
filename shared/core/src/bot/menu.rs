//! Which commands a person is offered: those that their role grants, of the bot's own and of services.

use serde::{Deserialize, Serialize};

use crate::{
    bot::{BotCommand, Place},
    limits,
    messaging::words::{self, Language},
    policy::{Role, person_role},
};

/// A service's command as menus need it.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    /// Its name, without the slash.
    pub name: &'a str,
    /// What the service says of it.
    pub description: &'a str,
    /// The roles that may use it.
    pub roles: &'a [String],
}

/// One line of a menu: as `setMyCommands` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuEntry {
    /// The name, without the slash.
    pub command: String,
    /// What it does, 1 to 256 characters.
    pub description: String,
}

/// A menu.
pub type Menu = Vec<MenuEntry>;

impl Role {
    /// Whether people of this role may use this command of the bot's own.
    #[must_use]
    pub fn may_use(&self, command: BotCommand) -> bool {
        self.telegram_commands.contains(&command.name())
    }

    /// Whether people of this role may use a command that is open to these roles.
    #[must_use]
    pub fn is_one_of(&self, roles: &[String]) -> bool {
        roles.iter().any(|role| self.includes.contains(&role.as_str()))
    }
}

/// The menu of a role. An unknown role is offered nothing; `in_groups` leaves out what is not for others' eyes.
#[must_use]
pub fn menu(role: &str, services: &[Offered<'_>], in_groups: bool, language: Language) -> Menu {
    let Some(role) = person_role(role) else { return Menu::new() };
    let fits = |command: &BotCommand| role.may_use(*command) && (!in_groups || command.place() == Place::Anywhere);
    let own = BotCommand::ALL.iter().copied().filter(fits).map(|command| MenuEntry {
        command: command.name().to_owned(),
        description: words::commands::description(language, command).to_owned(),
    });
    let theirs = services.iter().filter(|offered| role.is_one_of(offered.roles)).map(|offered| MenuEntry {
        command: offered.name.to_owned(),
        description: offered.description.chars().take(limits::COMMAND_DESCRIPTION_CHARS).collect(),
    });
    own.chain(theirs).take(limits::MENU_COMMANDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(menu: &Menu) -> Vec<&str> {
        menu.iter().map(|entry| entry.command.as_str()).collect()
    }

    #[test]
    fn a_role_is_offered_what_it_may_use() {
        let everything: Vec<_> = BotCommand::ALL.iter().map(|command| command.name()).collect();
        assert_eq!(names(&menu("user", &[], false, Language::English)), everything);
        assert_eq!(names(&menu("user", &[], true, Language::English)), ["start", "help", "language"]);
        assert!(menu("nobody", &[], false, Language::English).is_empty());
    }

    #[test]
    fn commands_of_services_follow_for_their_roles() {
        let (users, admins) = (["user".to_owned()], ["admin".to_owned()]);
        let deploy = Offered { name: "deploy", description: "Deploys", roles: &admins };
        let weather = Offered { name: "weather", description: "Tells the weather", roles: &users };
        let offered = [deploy, weather];
        assert_eq!(names(&menu("user", &offered, true, Language::English)), ["start", "help", "language", "weather"]);
        let admin = menu("admin", &offered, true, Language::Russian);
        assert_eq!(names(&admin), ["start", "help", "language", "deploy", "weather"]);
    }
}
