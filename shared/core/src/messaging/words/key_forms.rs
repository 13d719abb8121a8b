//! The one-time form for a key: a page in a browser, in the language of whoever asked for it.

use super::{Language, date_time};
use crate::Moment;

/// The page's title.
#[must_use]
pub const fn title(language: Language, rotates: bool) -> &'static str {
    match (language, rotates) {
        (Language::English, false) => "Set up a bot",
        (Language::English, true) => "Replace the trading key",
        (Language::Russian, false) => "Настроить бота",
        (Language::Russian, true) => "Заменить торговый ключ",
    }
}

/// What is said above the fields.
#[must_use]
pub const fn advice(language: Language) -> &'static str {
    match language {
        Language::English => {
            "The key is sealed as soon as it arrives. Nobody can read it afterwards. Never send a key in a chat. The link is good for ten minutes."
        }
        Language::Russian => {
            "Ключ запечатывается сразу по прибытии, и прочитать его больше никто не может. Никогда не отправляйте ключ в чат. Ссылка действует десять минут."
        }
    }
}

/// Above the field of the key.
#[must_use]
pub const fn private_key(language: Language) -> &'static str {
    match language {
        Language::English => "Private key (Stellar S…, Solana base58, EVM hex)",
        Language::Russian => "Закрытый ключ (Stellar S…, Solana base58, EVM hex)",
    }
}

/// Above the field of the address.
#[must_use]
pub const fn address(language: Language) -> &'static str {
    match language {
        Language::English => "Its address, to be sure (not required)",
        Language::Russian => "Его адрес для проверки (не обязательно)",
    }
}

/// Above the field of the key's last day.
#[must_use]
pub fn last_day(language: Language, kept: Option<Moment>) -> String {
    match (language, kept.map(|end| date_time(language, end))) {
        (Language::English, None) => "The last day on which it is good, in UTC (not required)".to_owned(),
        (Language::Russian, None) => "Последний день, когда он действует, по UTC (не обязательно)".to_owned(),
        (Language::English, Some(end)) => {
            format!("The last day on which it is good, in UTC (without one: until {end})")
        }
        (Language::Russian, Some(end)) => {
            format!("Последний день, когда он действует, по UTC (если не указать: до {end})")
        }
    }
}

/// On the button.
#[must_use]
pub const fn send(language: Language) -> &'static str {
    match language {
        Language::English => "Seal the key",
        Language::Russian => "Запечатать ключ",
    }
}

/// After a bot was set up.
#[must_use]
pub const fn set_up(language: Language) -> &'static str {
    match language {
        Language::English => "The bot is set up and runs. You can close this page.",
        Language::Russian => "Бот настроен и работает. Страницу можно закрыть.",
    }
}

/// After a key was replaced.
#[must_use]
pub const fn rotated(language: Language) -> &'static str {
    match language {
        Language::English => "The key is replaced. All bots sign with the new one. You can close this page.",
        Language::Russian => "Ключ заменён. Все боты подписывают новым. Страницу можно закрыть.",
    }
}

/// Where the link is not good.
#[must_use]
pub const fn over(language: Language) -> &'static str {
    match language {
        Language::English => "This link is not valid any more. Ask the bot for a new one: /bots",
        Language::Russian => "Эта ссылка больше не действует. Попросите у бота новую: /bots",
    }
}
