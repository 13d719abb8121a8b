//! Linked accounts: what `/login`, `/logout`, `/connections`, `/setname` and the deep link say, and the reminders.

use super::{Forms, Language, Text, counted, date_time, escape};
use crate::{
    Moment,
    connection::{Connection, Status, provider},
    limits,
};

const DAYS: Forms = Forms { english: ["day", "days"], russian: ["день", "дня", "дней"] };

/// Which account is to be linked; the buttons say which there are.
#[must_use]
pub fn choose(language: Language) -> &'static str {
    match language {
        Language::English => "Which account do you want to link?",
        Language::Russian => "Какой аккаунт подключить?",
    }
}

/// There is nothing to link to.
#[must_use]
pub fn none_offered(language: Language) -> &'static str {
    match language {
        Language::English => "No account can be linked here.",
        Language::Russian => "Здесь нельзя подключить ни одного аккаунта.",
    }
}

/// A provider that is not offered; `offered` are the words that `/login` takes.
#[must_use]
pub fn unknown(language: Language, offered: &[&str]) -> String {
    let offered = offered.join(", ");
    match language {
        Language::English => format!("I do not know that provider. I know: {offered}."),
        Language::Russian => format!("Я не знаю такого провайдера. Я знаю: {offered}."),
    }
}

/// Above the button that opens the provider's page.
#[must_use]
pub fn open_page(language: Language, provider: &str) -> Text {
    let (provider, minutes) = (escape(provider), limits::OAUTH_STATE_SECONDS / 60);
    Text::html(match language {
        Language::English => format!(
            "Open {provider}'s page and allow the access. You come back here by yourself.\n\n\
             The link is for you alone and good for {minutes} minutes."
        ),
        Language::Russian => format!(
            "Откройте страницу {provider} и разрешите доступ. Вы вернётесь сюда сами.\n\n\
             Ссылка только для вас и действует {minutes} минут."
        ),
    })
}

/// The button that opens the provider's page.
#[must_use]
pub fn connect_button(language: Language, provider: &str) -> String {
    match language {
        Language::English => format!("Connect {provider}"),
        Language::Russian => format!("Подключить {provider}"),
    }
}

/// An account was linked.
#[must_use]
pub fn connected(language: Language, provider: &str) -> Text {
    let provider = escape(provider);
    Text::html(match language {
        Language::English => format!("Your {provider} account is connected. Set a name for it with /setname."),
        Language::Russian => format!("Ваш аккаунт {provider} подключён. Назовите его командой /setname."),
    })
}

/// The code is unknown, was taken, or is over. The English sentence is the contract's.
#[must_use]
pub fn bad_code(language: Language) -> &'static str {
    match language {
        Language::English => "Invalid or expired authorization code. Please try /login again.",
        Language::Russian => "Код авторизации недействителен или истёк. Попробуйте /login ещё раз.",
    }
}

/// The code was another person's. The English sentence is the contract's.
#[must_use]
pub fn foreign_code(language: Language) -> &'static str {
    match language {
        Language::English => "Security error: Authorization code mismatch.",
        Language::Russian => "Ошибка безопасности: код авторизации не ваш.",
    }
}

/// The provider did not take the code.
#[must_use]
pub fn refused(language: Language, provider: &str) -> Text {
    let provider = escape(provider);
    Text::html(match language {
        Language::English => format!("{provider} refused to connect the account. Please try /login again."),
        Language::Russian => format!("{provider} не разрешает подключить аккаунт. Попробуйте /login ещё раз."),
    })
}

/// Nothing is known of what the provider did with the code, which is good once.
#[must_use]
pub fn interrupted(language: Language, provider: &str) -> Text {
    let provider = escape(provider);
    Text::html(match language {
        Language::English => {
            format!("{provider} did not answer, so the account is not connected. Please try /login again.")
        }
        Language::Russian => {
            format!("{provider} не отвечает, поэтому аккаунт не подключён. Попробуйте /login ещё раз.")
        }
    })
}

/// The consent is over before its date, or has no date.
#[must_use]
pub fn consent_over(language: Language, provider: &str) -> Text {
    let provider = escape(provider);
    Text::html(match language {
        Language::English => format!(
            "{provider} no longer lets me use your account. Whatever relies on it stands still until you connect it again."
        ),
        Language::Russian => format!(
            "{provider} больше не разрешает мне доступ к вашему аккаунту. Всё, что на нём держится, стоит, пока вы не \
             подключите его снова."
        ),
    })
}

/// The consent ends by date.
#[must_use]
pub fn consent_ends(language: Language, provider: &str, days: u32, end: Moment) -> Text {
    let (provider, left, end) = (escape(provider), counted(language, days.into(), &DAYS), date_time(language, end));
    Text::html(match language {
        Language::English => format!(
            "Your consent at {provider} ends in {left}, on {end}. Connect the account again before, and nothing stops."
        ),
        Language::Russian => format!(
            "Ваше разрешение в {provider} заканчивается через {left}: {end}. Подключите аккаунт заново до этого, и ничего не \
             остановится."
        ),
    })
}

/// The consent has ended by date.
#[must_use]
pub fn consent_ended(language: Language, provider: &str) -> Text {
    let provider = escape(provider);
    Text::html(match language {
        Language::English => {
            format!("Your consent at {provider} has ended. Connect the account again to go on using it.")
        }
        Language::Russian => {
            format!("Ваше разрешение в {provider} закончилось. Подключите аккаунт заново, чтобы продолжить.")
        }
    })
}

/// The accounts that are linked, or that there is none.
#[must_use]
pub fn listed(language: Language, connections: &[Connection], now: Moment) -> Text {
    if connections.is_empty() {
        return Text::plain(match language {
            Language::English => "No account is linked. Link one with /login.",
            Language::Russian => "Ни один аккаунт не подключён. Подключите его командой /login.",
        });
    }
    let lines: Vec<String> = connections.iter().map(|connection| line(language, connection, now)).collect();
    let heading = match language {
        Language::English => "Your linked accounts:",
        Language::Russian => "Ваши подключённые аккаунты:",
    };
    Text::html(format!("{heading}\n\n{}", lines.join("\n\n")))
}

fn line(language: Language, connection: &Connection, now: Moment) -> String {
    let name = escape(provider_name(&connection.provider));
    let label = connection.label.as_deref().map(|label| format!(" \u{2013} {}", escape(label))).unwrap_or_default();
    let status = status(language, connection.status(now));
    let live = matches!(connection.status(now), Status::Healthy | Status::RefreshFailing);
    let end = connection.ends_at.filter(|_| live).map(|end| match language {
        Language::English => format!("\nuntil {}", date_time(language, end)),
        Language::Russian => format!("\nдо {}", date_time(language, end)),
    });
    format!("<b>{name}</b>{label}\n{status}{}", end.unwrap_or_default())
}

const fn status(language: Language, status: Status) -> &'static str {
    match (language, status) {
        (Language::English, Status::Healthy) => "works",
        (Language::English, Status::RefreshFailing) => "the provider does not answer at the moment",
        (Language::English, Status::NeedsConsent) => "must be connected again: /login",
        (Language::English, Status::Revoked) => "was disconnected",
        (Language::Russian, Status::Healthy) => "работает",
        (Language::Russian, Status::RefreshFailing) => "провайдер сейчас не отвечает",
        (Language::Russian, Status::NeedsConsent) => "нужно подключить заново: /login",
        (Language::Russian, Status::Revoked) => "отключён",
    }
}

/// The provider's name as people read it.
#[must_use]
pub fn provider_name(key: &str) -> &str {
    provider(key).map_or(key, |provider| provider.name)
}

/// An account was unlinked.
#[must_use]
pub fn disconnected(language: Language, provider: &str) -> Text {
    let provider = escape(provider);
    Text::html(match language {
        Language::English => format!("Your {provider} account is disconnected. I have thrown its keys away."),
        Language::Russian => format!("Ваш аккаунт {provider} отключён. Я выбросил его ключи."),
    })
}

/// There is no such account to unlink or to name.
#[must_use]
pub fn not_linked(language: Language) -> &'static str {
    match language {
        Language::English => "That account is not linked. /connections shows those that are.",
        Language::Russian => "Этот аккаунт не подключён. /connections покажет подключённые.",
    }
}

/// Several accounts are linked: which is meant; `linked` are the words that `/logout` takes.
#[must_use]
pub fn which_to_disconnect(language: Language, linked: &[&str]) -> String {
    let lines: String = linked.iter().map(|key| format!("\n/logout {key}")).collect();
    match language {
        Language::English => format!("Which account do you want to disconnect?{lines}"),
        Language::Russian => format!("Какой аккаунт отключить?{lines}"),
    }
}

/// An account has its name.
#[must_use]
pub fn named(language: Language, provider: &str, name: &str) -> Text {
    let (provider, name) = (escape(provider), escape(name));
    Text::html(match language {
        Language::English => format!("Your {provider} account is now called <b>{name}</b>."),
        Language::Russian => format!("Ваш аккаунт {provider} теперь называется <b>{name}</b>."),
    })
}

/// How `/setname` is used.
#[must_use]
pub fn how_to_name(language: Language) -> String {
    let most = limits::CONNECTION_NAME_CHARS;
    match language {
        Language::English => format!("Write the name behind the command, at most {most} characters: /setname My music"),
        Language::Russian => format!("Напишите имя после команды, не больше {most} символов: /setname Моя музыка"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ConnectionId, Sealed,
        connection::{Connection, NewConnection, provider},
    };

    const NOW: Moment = Moment::from_seconds(1_795_000_000);

    fn connection(key: &str) -> Connection {
        let new = NewConnection { consented_at: NOW, expires_in: Some(3600), refreshable: true, scopes: vec![] };
        let id = ConnectionId::new(1).unwrap();
        Connection::open(id, provider(key).unwrap(), new, Sealed::new(vec![1]), NOW)
    }

    #[test]
    fn the_contract_s_sentences_are_kept_to_the_letter() {
        let english = Language::English;
        assert_eq!(bad_code(english), "Invalid or expired authorization code. Please try /login again.");
        assert_eq!(foreign_code(english), "Security error: Authorization code mismatch.");
        assert!(
            connected(english, "Spotify").text.contains("connected")
                && connected(english, "x").text.contains("/setname")
        );
    }

    #[test]
    fn accounts_are_listed_with_their_names() {
        let mut spotify = connection("spotify");
        spotify.label = Some("<Mine>".into());
        let mut google = connection("google");
        google.standing = Status::Revoked;
        let listed = |language| listed(language, &[spotify.clone(), google.clone()], NOW).text;
        assert_eq!(
            listed(Language::English),
            format!(
                "Your linked accounts:\n\n<b>Spotify</b> – &lt;Mine&gt;\nworks\nuntil {}\n\n<b>Google</b>\nwas disconnected",
                date_time(Language::English, spotify.ends_at.unwrap())
            )
        );
        assert!(listed(Language::Russian).contains("отключён"));
    }

    #[test]
    fn days_have_their_forms() {
        let said = |language, days| consent_ends(language, "Spotify", days, NOW).text;
        assert!(said(Language::English, 1).contains("in 1\u{a0}day,"));
        assert!(said(Language::English, 30).contains("in 30\u{a0}days,"));
        assert!(said(Language::Russian, 7).contains("через 7\u{a0}дней"));
        assert!(said(Language::Russian, 1).contains("через 1\u{a0}день"));
    }

    #[test]
    fn every_sentence_is_in_both_languages() {
        let said = |language| {
            [
                choose(language).to_owned(),
                none_offered(language).to_owned(),
                unknown(language, &["x"]),
                open_page(language, "X").text,
                connect_button(language, "X"),
                connected(language, "X").text,
                bad_code(language).to_owned(),
                foreign_code(language).to_owned(),
                refused(language, "X").text,
                interrupted(language, "X").text,
                consent_over(language, "X").text,
                consent_ends(language, "X", 7, NOW).text,
                consent_ended(language, "X").text,
                listed(language, &[], NOW).text,
                disconnected(language, "X").text,
                not_linked(language).to_owned(),
                which_to_disconnect(language, &["x"]),
                named(language, "X", "y").text,
                how_to_name(language),
            ]
        };
        let is_russian = |text: &String| text.chars().any(|letter| ('а'..='я').contains(&letter));
        for (english, russian) in said(Language::English).iter().zip(&said(Language::Russian)) {
            assert!(!is_russian(english), "{english}");
            assert!(is_russian(russian), "{russian}");
        }
    }
}
