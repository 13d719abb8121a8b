//! Which key signs for a person at this moment, as `/sign` says it.

use super::{Language, Text, date_time, escape, sessions};
use crate::signing::{Session, SessionKind, Standing, method};

/// How the person stands: the session that signs, or what is missing and what helps.
#[must_use]
pub fn standing(language: Language, standing: Standing<'_>) -> Text {
    match standing {
        Standing::Live(session) => signs(language, session),
        Standing::None(method) => Text::plain(missing(language, method)),
    }
}

fn signs(language: Language, session: &Session) -> Text {
    let (kind, signer) =
        (sessions::kind(language, session.kind), sessions::signer(language, session.material.signer()));
    let (until, key) = (date_time(language, session.live_until), escape(&session.stellar_public_key));
    let method = session.kind.signing_method();
    Text::html(match language {
        Language::English => format!(
            "This key signs for you:\n<code>{key}</code>\n\n<b>{kind}</b>, {signer}\nMethod: <code>{method}</code>\nUntil: {until}"
        ),
        Language::Russian => format!(
            "За вас подписывает этот ключ:\n<code>{key}</code>\n\n<b>{kind}</b>, {signer}\nСпособ: <code>{method}</code>\n\
             Срок: до {until}"
        ),
    })
}

/// By the wire's `signing_method` of whoever has no live session.
fn missing(language: Language, wire: &str) -> &'static str {
    match (language, wire) {
        (Language::English, method::SESSION_EXPIRED) => {
            "Your signing session is over: no key signs for you. Begin a new session in the app."
        }
        (Language::Russian, method::SESSION_EXPIRED) => {
            "Ваш сеанс подписи закончился, за вас не подписывает ни один ключ. Начните новый сеанс в приложении."
        }
        (Language::English, wire) if wire == SessionKind::Legacy.signing_method() => {
            "You come from the old system and have no key here yet. Log in to the app again, then it signs for you."
        }
        (Language::Russian, wire) if wire == SessionKind::Legacy.signing_method() => {
            "Вы пришли из старой системы, ключа здесь у вас ещё нет. Войдите в приложение снова, и подпись заработает."
        }
        (Language::English, _) => {
            "No key signs for you.\n\nDo you have an account on the website? Bind this chat to it with /bind: its keys then \
             sign for you here as well. Otherwise begin a signing session in the app."
        }
        (Language::Russian, _) => {
            "За вас не подписывает ни один ключ.\n\nУ вас есть аккаунт на сайте? Привяжите к нему этот чат командой /bind: \
             его ключи будут подписывать и здесь. Если нет, начните сеанс подписи в приложении."
        }
    }
}

/// The button that opens the mini-app.
#[must_use]
pub const fn open_app(language: Language) -> &'static str {
    match language {
        Language::English => "Open the app",
        Language::Russian => "Открыть приложение",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Moment, SessionId, signing::Material};

    #[test]
    fn the_key_its_method_and_its_end_are_said() {
        let session = Session {
            id: SessionId::new(1).unwrap(),
            kind: SessionKind::SessionKeys,
            stellar_public_key: "GA<".into(),
            created_at: Moment::from_seconds(0),
            live_until: Moment::parse_rfc3339("2026-12-01T07:30:00Z").unwrap(),
            material: Material::Kms("arn".into()),
        };
        assert_eq!(
            standing(Language::English, Standing::Live(&session)).text,
            "This key signs for you:\n<code>GA&lt;</code>\n\n<b>Session key</b>, signed by AWS KMS\n\
             Method: <code>python_bot_kms</code>\nUntil: 1 December 2026, 07:30 UTC"
        );
        assert!(standing(Language::Russian, Standing::Live(&session)).text.starts_with("За вас подписывает"));
    }

    #[test]
    fn each_way_of_having_no_key_is_told_apart() {
        for language in Language::ALL {
            let said = [method::SESSION_EXPIRED, SessionKind::Legacy.signing_method(), method::UNKNOWN]
                .map(|wire| standing(language, Standing::None(wire)).text);
            assert!(said[2].contains("/bind") && !said[0].contains("/bind") && said[0] != said[1], "{said:?}");
        }
    }
}
