//! Binding a chat to an account on the website, as `/bind` and its confirmation say it.

use super::{Language, Text, duration, escape};

/// The code, and how long it is good.
#[must_use]
pub fn code(language: Language, code: &str, seconds: i64) -> Text {
    let (code, good_for) = (escape(code), duration(language, seconds));
    Text::html(match language {
        Language::English => format!(
            "Your code: <code>{code}</code>\n\n\
             Type it on the website, where you are logged in, within {good_for}. It works once, and only for this chat.\n\n\
             Did you not ask for it on a website of ours? Then give it to nobody: whoever types it gets this chat."
        ),
        Language::Russian => format!(
            "Ваш код: <code>{code}</code>\n\n\
             Введите его на сайте, где вы вошли в аккаунт. Срок действия: {good_for}. Код работает один раз и только для \
             этого чата.\n\n\
             Если вы не собирались вводить код на нашем сайте, никому его не сообщайте: кто введёт код, получит этот чат."
        ),
    })
}

/// The chat is bound.
#[must_use]
pub fn bound(language: Language) -> Text {
    Text::plain(match language {
        Language::English => "This chat is now bound to your account on the website.",
        Language::Russian => "Этот чат теперь привязан к вашему аккаунту на сайте.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_can_be_copied_and_its_time_is_said() {
        let text = code(Language::English, "7K3MQX2A", 600).text;
        assert!(text.contains("<code>7K3MQX2A</code>") && text.contains("10\u{a0}minutes"), "{text}");
        let text = code(Language::Russian, "7K3MQX2A", 600).text;
        assert!(text.contains("<code>7K3MQX2A</code>") && text.contains("10\u{a0}минут"), "{text}");
    }
}
