//! Greeting, help, language, and what is said where something cannot be done.

use super::{Language, Text, escape};
use crate::{
    RefusalKind,
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

/// A handler refused: why, as far as a person can use it. What the API says of it is English and for programs.
#[must_use]
pub const fn refused(language: Language, kind: RefusalKind) -> &'static str {
    match language {
        Language::English => refused_in_english(kind),
        Language::Russian => refused_in_russian(kind),
    }
}

const fn refused_in_english(kind: RefusalKind) -> &'static str {
    match kind {
        RefusalKind::Invalid => "That cannot be done: something in it is not as it must be.",
        RefusalKind::Unauthenticated => "That cannot be done: I do not know who you are. Write /start and try again.",
        RefusalKind::Forbidden => "That cannot be done: you are not allowed to.",
        RefusalKind::NotFound => "That cannot be done: what it is about is not there any more, or is not yours.",
        RefusalKind::MethodNotAllowed | RefusalKind::UnsupportedMedia => "That cannot be done here.",
        RefusalKind::Conflict => "That cannot be done: things have changed meanwhile. Look again, and try once more.",
        RefusalKind::TooLarge => "That cannot be done: it is too large.",
        RefusalKind::KeyReused => "That cannot be done: it was done before, in another way.",
        RefusalKind::Throttled => "That was too often in a short time. Try again a little later.",
        RefusalKind::Upstream | RefusalKind::Unavailable => {
            "That cannot be done at the moment. Try again a little later."
        }
        RefusalKind::Internal => "Something has failed on our side, and nothing was done. Try again a little later.",
    }
}

const fn refused_in_russian(kind: RefusalKind) -> &'static str {
    match kind {
        RefusalKind::Invalid => "Это сделать нельзя: что-то указано неверно.",
        RefusalKind::Unauthenticated => "Это сделать нельзя: я не знаю, кто вы. Напишите /start и попробуйте ещё раз.",
        RefusalKind::Forbidden => "Это сделать нельзя: у вас нет на это права.",
        RefusalKind::NotFound => "Это сделать нельзя: того, о чём речь, больше нет, или это не ваше.",
        RefusalKind::MethodNotAllowed | RefusalKind::UnsupportedMedia => "Здесь это сделать нельзя.",
        RefusalKind::Conflict => "Это сделать нельзя: за это время что-то изменилось. Проверьте и попробуйте ещё раз.",
        RefusalKind::TooLarge => "Это сделать нельзя: слишком большой объём.",
        RefusalKind::KeyReused => "Это сделать нельзя: это уже сделано, но иначе.",
        RefusalKind::Throttled => "Слишком много попыток за короткое время. Попробуйте немного позже.",
        RefusalKind::Upstream | RefusalKind::Unavailable => "Сейчас это сделать нельзя. Попробуйте немного позже.",
        RefusalKind::Internal => "У нас что-то сломалось, ничего не сделано. Попробуйте немного позже.",
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
                working_on_it(language).to_owned(),
                wrong_arguments(language, "x", "y").text,
                language_chosen(language).to_owned(),
                unknown_language(language),
                dead_button(language).to_owned(),
            ]
        };
        let kinds = [
            RefusalKind::Invalid,
            RefusalKind::Unauthenticated,
            RefusalKind::Forbidden,
            RefusalKind::NotFound,
            RefusalKind::MethodNotAllowed,
            RefusalKind::Conflict,
            RefusalKind::TooLarge,
            RefusalKind::UnsupportedMedia,
            RefusalKind::KeyReused,
            RefusalKind::Throttled,
            RefusalKind::Upstream,
            RefusalKind::Unavailable,
            RefusalKind::Internal,
        ];
        for kind in kinds {
            let (english, russian) = (refused(Language::English, kind), refused(Language::Russian, kind));
            let latin = |text: &str| text.replace("/start", "").contains(|letter: char| letter.is_ascii_alphabetic());
            assert!(latin(english) && !latin(russian), "{english} {russian}");
            assert!(english.chars().count() <= limits::PRESS_ANSWER_CHARS);
            assert!(russian.chars().count() <= limits::PRESS_ANSWER_CHARS, "it fits into the answer to a press");
        }
        let is_russian = |text: &String| text.chars().any(|letter| ('а'..='я').contains(&letter));
        for (english, russian) in said(Language::English).iter().zip(&said(Language::Russian)) {
            assert!(!is_russian(&english.replace("Русский", "")), "{english}");
            assert!(is_russian(&russian.replace("Русский", "")), "{russian}");
        }
    }
}
