//! Greeting, help, language, and what is said where something cannot be done.

use super::{Language, Text, escape};
use crate::{
    bot::{Menu, MenuEntry},
    limits,
};

/// Stands for commands that one message has no room for; Telegram's own menu shows them.
const MORE: &str = "\n\u{2026}";

/// The greeting of `/start`.
#[must_use]
pub fn welcome(language: Language, first_name: Option<&str>) -> Text {
    let name = first_name.map(|name| format!(", <b>{}</b>", escape(name))).unwrap_or_default();
    Text::html(match language {
        Language::English => format!(
            "Hello{name}! I ask you before something is done in your name, and I tell you what has happened.\n\n\
             /help shows what I can do."
        ),
        Language::Russian => format!(
            "Здравствуйте{name}! Я спрашиваю вас, прежде чем что-то делать от вашего имени, и рассказываю, что произошло.\n\n\
             /help покажет, что я умею."
        ),
    })
}

/// The answer to `/help`: the commands that the person may use.
#[must_use]
pub fn help(language: Language, menu: &Menu) -> Text {
    let heading = match language {
        Language::English => "This is what I can do:",
        Language::Russian => "Вот что я умею:",
    };
    Text::html(listed(heading, menu))
}

/// The answer to a command that nobody knows.
#[must_use]
pub fn unknown_command(language: Language, name: &str, menu: &Menu) -> Text {
    let name = escape(name);
    Text::html(listed(
        &match language {
            Language::English => format!("I do not know the command /{name}. This is what I can do:"),
            Language::Russian => format!("Я не знаю команды /{name}. Вот что я умею:"),
        },
        menu,
    ))
}

/// The answer to text that answers nothing.
#[must_use]
pub fn not_understood(language: Language, menu: &Menu) -> Text {
    Text::html(listed(
        match language {
            Language::English => "I understand commands, and answers to my questions. This is what I can do:",
            Language::Russian => "Я понимаю команды и ответы на мои вопросы. Вот что я умею:",
        },
        menu,
    ))
}

/// As many commands as fit: of a message that is too long nothing would be shown.
fn listed(heading: &str, menu: &Menu) -> String {
    let units = |text: &str| text.encode_utf16().count();
    let mut text = format!("{heading}\n");
    for MenuEntry { command, description } in menu {
        let line = format!("\n/{} \u{2013} {}", escape(command), escape(description));
        if units(&text) + units(&line) + units(MORE) > limits::MESSAGE_UNITS {
            text.push_str(MORE);
            break;
        }
        text.push_str(&line);
    }
    text
}

/// The person's role does not grant this command.
#[must_use]
pub fn not_allowed(language: Language, name: &str) -> Text {
    let name = escape(name);
    Text::html(match language {
        Language::English => format!("Your role does not allow the command /{name}."),
        Language::Russian => format!("Ваша роль не разрешает команду /{name}."),
    })
}

/// The person's role grants nothing at all.
#[must_use]
pub fn nothing_allowed(language: Language) -> &'static str {
    match language {
        Language::English => "Your role does not allow you to use this bot.",
        Language::Russian => "Ваша роль не позволяет пользоваться этим ботом.",
    }
}

/// A command whose answer is nobody else's business was written in a group.
#[must_use]
pub fn only_in_private(language: Language, name: &str) -> Text {
    let name = escape(name);
    Text::html(match language {
        Language::English => format!("Others read along here. Please send /{name} to me in our own chat."),
        Language::Russian => format!("Здесь читают и другие. Отправьте /{name} мне в личном чате."),
    })
}

/// A handler refused; `public` is the refusal's own public text, which is English.
#[must_use]
pub fn refused(language: Language, public: &str) -> Text {
    Text::plain(refused_plainly(language, public))
}

/// The same for the answer to a press.
#[must_use]
pub fn refused_plainly(language: Language, public: &str) -> String {
    let public = public.trim_end_matches('.');
    match language {
        Language::English => format!("That cannot be done: {public}."),
        Language::Russian => format!("Это сделать нельзя: {public}."),
    }
}

/// A service's command was handed to the service.
#[must_use]
pub fn working_on_it(language: Language) -> &'static str {
    match language {
        Language::English => "Working on it\u{2026}",
        Language::Russian => "Выполняю\u{2026}",
    }
}

/// The arguments of a service's command are not as the service wants them.
#[must_use]
pub fn wrong_arguments(language: Language, name: &str, description: &str) -> Text {
    let (name, description) = (escape(name), escape(description));
    Text::html(match language {
        Language::English => format!("What follows /{name} is not what it takes.\n/{name} \u{2013} {description}"),
        Language::Russian => format!("После /{name} ожидается другое.\n/{name} \u{2013} {description}"),
    })
}

/// Which languages there are: asked in all of them, because the reader may know only one.
#[must_use]
pub fn choose_language() -> &'static str {
    "Choose your language.\nВыберите язык."
}

/// The language was chosen.
#[must_use]
pub fn language_chosen(language: Language) -> &'static str {
    match language {
        Language::English => "I speak English with you now.",
        Language::Russian => "Теперь я говорю с вами по-русски.",
    }
}

/// A language that the bot does not speak.
#[must_use]
pub fn unknown_language(language: Language) -> String {
    let known =
        Language::ALL.map(|known| format!("/language {} \u{2013} {}", known.code(), known.own_name())).join("\n");
    match language {
        Language::English => format!("I do not speak that language. I speak:\n{known}"),
        Language::Russian => format!("Я не говорю на этом языке. Я говорю на таких:\n{known}"),
    }
}

/// A press whose button means nothing any more.
#[must_use]
pub fn dead_button(language: Language) -> &'static str {
    match language {
        Language::English => "This button no longer does anything.",
        Language::Russian => "Эта кнопка больше не работает.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu() -> Menu {
        let entry =
            |command: &str, description: &str| MenuEntry { command: command.into(), description: description.into() };
        vec![entry("help", "Show what I can do"), entry("deploy", "Builds & deploys <all>")]
    }

    #[test]
    fn what_others_wrote_is_no_markup() {
        let welcome = welcome(Language::English, Some("<b>Eve</b>"));
        assert!(welcome.html && welcome.text.starts_with("Hello, <b>&lt;b&gt;Eve&lt;/b&gt;</b>!"), "{}", welcome.text);
        assert_eq!(
            help(Language::English, &menu()).text,
            "This is what I can do:\n\n/help – Show what I can do\n/deploy – Builds &amp; deploys &lt;all&gt;"
        );
    }

    #[test]
    fn a_long_list_fits_into_a_message() {
        let entry = |index| MenuEntry { command: format!("command_{index}"), description: "&".repeat(256) };
        let long: Menu = (0..limits::MENU_COMMANDS).map(entry).collect();
        let said = help(Language::Russian, &long).text;
        assert!(said.encode_utf16().count() <= limits::MESSAGE_UNITS && said.ends_with(MORE), "{said}");
        assert!(said.contains("/command_1 ") && !help(Language::English, &menu()).text.contains(MORE));
    }

    #[test]
    fn every_sentence_is_in_both_languages() {
        let said = |language| {
            [
                welcome(language, None).text,
                help(language, &menu()).text,
                unknown_command(language, "x", &menu()).text,
                not_understood(language, &menu()).text,
                not_allowed(language, "x").text,
                nothing_allowed(language).to_owned(),
                only_in_private(language, "x").text,
                refused(language, "x").text,
                working_on_it(language).to_owned(),
                wrong_arguments(language, "x", "y").text,
                language_chosen(language).to_owned(),
                unknown_language(language),
                dead_button(language).to_owned(),
            ]
        };
        let is_russian = |text: &String| text.chars().any(|letter| ('а'..='я').contains(&letter));
        for (english, russian) in said(Language::English).iter().zip(&said(Language::Russian)) {
            assert!(!is_russian(&english.replace("Русский", "")), "{english}");
            assert!(is_russian(&russian.replace("Русский", "")), "{russian}");
        }
    }
}
