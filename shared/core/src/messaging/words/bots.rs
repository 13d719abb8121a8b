//! `/bots`: a client's key and its bots, and the way to enter a key; and what is said to a key in a chat.

use super::{Language, Text, date, escape, fitting::fitting};
use crate::{
    Moment,
    keyring::{Bot, BotStatus, ClientKey, Heartbeat, KeyStanding},
};

/// To somebody who is no client.
#[must_use]
pub const fn no_client(language: Language) -> &'static str {
    match language {
        Language::English => "You are not a client yet. An admin makes you one.",
        Language::Russian => "Вы пока не клиент. Клиентом вас делает администратор.",
    }
}

/// The key and the bots of a client.
#[must_use]
pub fn list(language: Language, key: Option<&ClientKey>, bots: &[(Bot, Option<Heartbeat>)], now: Moment) -> Text {
    let mut lines = vec![key_line(language, key, now), String::new()];
    lines.extend(bots.iter().map(|(bot, heartbeat)| bot_line(language, bot, heartbeat.as_ref(), key, now)));
    if bots.is_empty() {
        lines.push(no_bots(language).to_owned());
    }
    lines.push(String::new());
    lines.push(advice(language).to_owned());
    let heading = match language {
        Language::English => "<b>Your bots</b>",
        Language::Russian => "<b>Ваши боты</b>",
    };
    Text::html(fitting(heading, lines))
}

const fn no_bots(language: Language) -> &'static str {
    match language {
        Language::English => "No bots yet.",
        Language::Russian => "Ботов пока нет.",
    }
}

const fn advice(language: Language) -> &'static str {
    match language {
        Language::English => "A key is entered on a page, never in a chat. The link is good for ten minutes, and once.",
        Language::Russian => "Ключ вводится на странице, никогда в чате. Ссылка действует десять минут и один раз.",
    }
}

fn key_line(language: Language, key: Option<&ClientKey>, now: Moment) -> String {
    let Some(key) = key else {
        return match language {
            Language::English => "🔑 No key yet.".to_owned(),
            Language::Russian => "🔑 Ключа пока нет.".to_owned(),
        };
    };
    let (address, version) = (escape(&key.facts.address), key.facts.version);
    let stands = match (language, key.standing, key.usable(now).is_ok()) {
        (Language::English, KeyStanding::Revoked, _) => ", revoked".to_owned(),
        (Language::Russian, KeyStanding::Revoked, _) => ", отозван".to_owned(),
        (Language::English, KeyStanding::Active, false) => ", past its date".to_owned(),
        (Language::Russian, KeyStanding::Active, false) => ", срок вышел".to_owned(),
        (_, KeyStanding::Active, true) => until(language, key.facts.ends_at),
    };
    match language {
        Language::English => format!("🔑 Key {version}{stands}\n<code>{address}</code>"),
        Language::Russian => format!("🔑 Ключ {version}{stands}\n<code>{address}</code>"),
    }
}

fn until(language: Language, end: Option<Moment>) -> String {
    let Some(end) = end else { return String::new() };
    match language {
        Language::English => format!(", good until {}", date(language, end)),
        Language::Russian => format!(", действует до {}", date(language, end)),
    }
}

fn bot_line(
    language: Language,
    bot: &Bot,
    heartbeat: Option<&Heartbeat>,
    key: Option<&ClientKey>,
    now: Moment,
) -> String {
    let late = heartbeat.is_some_and(|heartbeat| heartbeat.is_late(now));
    let (sign, status) = match (bot.status(key), language) {
        (BotStatus::Running, Language::English) if late => ("⚠️", "runs, not heard"),
        (BotStatus::Running, Language::Russian) if late => ("⚠️", "работает, не на связи"),
        (BotStatus::Running, Language::English) => ("🟢", "runs"),
        (BotStatus::Running, Language::Russian) => ("🟢", "работает"),
        (BotStatus::Created, Language::English) => ("⚪", "not started"),
        (BotStatus::Created, Language::Russian) => ("⚪", "не запущен"),
        (BotStatus::Stopping, Language::English) => ("🟡", "stopping"),
        (BotStatus::Stopping, Language::Russian) => ("🟡", "останавливается"),
        (BotStatus::Stopped, Language::English) => ("⚪", "stopped"),
        (BotStatus::Stopped, Language::Russian) => ("⚪", "остановлен"),
    };
    format!("{sign} {}: {status}", escape(&bot.name))
}

/// On the button that opens the form that replaces the key.
#[must_use]
pub const fn replace_button(language: Language) -> &'static str {
    match language {
        Language::English => "Replace the key",
        Language::Russian => "Заменить ключ",
    }
}

/// On the button that opens the form that sets up a bot of a type.
#[must_use]
pub fn set_up_button(language: Language, kind: &str) -> String {
    match language {
        Language::English => format!("Set up: {kind}"),
        Language::Russian => format!("Настроить: {kind}"),
    }
}

/// To whoever has written a key into the chat.
#[must_use]
pub const fn never_in_a_chat(language: Language) -> &'static str {
    match language {
        Language::English => {
            "That looks like a private key. I did not keep it, and I delete the message. Never send a key in a chat: treat this one as stolen and replace it. A key is entered on a page: /bots"
        }
        Language::Russian => {
            "Это похоже на закрытый ключ. Я его не сохранил и удаляю сообщение. Никогда не отправляйте ключ в чат: считайте этот украденным и замените его. Ключ вводится на странице: /bots"
        }
    }
}
