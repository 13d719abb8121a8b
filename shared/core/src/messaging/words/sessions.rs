//! Signing sessions, as `/sessions` shows them.

use super::{Forms, Language, Text, counted, date_time, escape};
use crate::{
    Moment,
    signing::{Session, SessionKind, SignerKind},
};

const SESSIONS: Forms = Forms {
    english: ["signing session", "signing sessions"],
    russian: ["сеанс подписи", "сеанса подписи", "сеансов подписи"],
};

/// The sessions that can sign at this moment, or that there is none.
#[must_use]
pub fn listed(language: Language, sessions: &[Session], now: Moment) -> Text {
    let mut live: Vec<&Session> = sessions.iter().filter(|session| session.live_until > now).collect();
    live.sort_by_key(|session| std::cmp::Reverse(session.id));
    let count = counted(language, live.len().try_into().unwrap_or(u64::MAX), &SESSIONS);
    if live.is_empty() {
        return Text::plain(match language {
            Language::English => "You have no live signing session.",
            Language::Russian => "У вас нет действующих сеансов подписи.",
        });
    }
    let lines: Vec<String> = live.iter().map(|session| line(language, session)).collect();
    let heading = match language {
        Language::English => format!("You have {count}:"),
        Language::Russian => format!("У вас {count}:"),
    };
    Text::html(format!("{heading}\n\n{}", lines.join("\n\n")))
}

fn line(language: Language, session: &Session) -> String {
    let (kind, signer) = (kind(language, session.kind), signer(language, session.material.signer()));
    let (until, key) = (date_time(language, session.live_until), escape(&session.stellar_public_key));
    match language {
        Language::English => format!("<b>{kind}</b>, {signer}\nuntil {until}\n<code>{key}</code>"),
        Language::Russian => format!("<b>{kind}</b>, {signer}\nдо {until}\n<code>{key}</code>"),
    }
}

pub(super) const fn kind(language: Language, kind: SessionKind) -> &'static str {
    match (language, kind) {
        (Language::English, SessionKind::SessionKeys) => "Session key",
        (Language::English, SessionKind::TelegramCloud) => "Key in Telegram's cloud",
        (Language::English, SessionKind::Legacy) => "Session of the old system",
        (Language::Russian, SessionKind::SessionKeys) => "Сеансовый ключ",
        (Language::Russian, SessionKind::TelegramCloud) => "Ключ в облаке Telegram",
        (Language::Russian, SessionKind::Legacy) => "Сеанс старой системы",
    }
}

pub(super) const fn signer(language: Language, signer: SignerKind) -> &'static str {
    match (language, signer) {
        (Language::English, SignerKind::Local) => "signed here",
        (Language::English, SignerKind::Turnkey) => "signed by Turnkey",
        (Language::English, SignerKind::Kms) => "signed by AWS KMS",
        (Language::English, SignerKind::Client) => "signed on your device",
        (Language::Russian, SignerKind::Local) => "подпись здесь",
        (Language::Russian, SignerKind::Turnkey) => "подпись в Turnkey",
        (Language::Russian, SignerKind::Kms) => "подпись в AWS KMS",
        (Language::Russian, SignerKind::Client) => "подпись на вашем устройстве",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SessionId, signing::Material};

    fn session(id: u64, live_until: &str) -> Session {
        Session {
            id: SessionId::new(id).unwrap(),
            kind: SessionKind::SessionKeys,
            stellar_public_key: format!("G{id}"),
            created_at: Moment::from_seconds(0),
            live_until: Moment::parse_rfc3339(live_until).unwrap(),
            material: Material::Kms("arn".into()),
        }
    }

    #[test]
    fn live_sessions_are_listed_newest_first() {
        let now = Moment::parse_rfc3339("2026-11-21T05:10:00Z").unwrap();
        let over = session(3, "2026-11-21T05:10:00Z");
        let sessions = [session(1, "2026-11-22T00:00:00Z"), over.clone(), session(2, "2026-12-01T07:30:00Z")];
        assert_eq!(
            listed(Language::English, &sessions, now).text,
            "You have 2\u{a0}signing sessions:\n\n\
             <b>Session key</b>, signed by AWS KMS\nuntil 1 December 2026, 07:30 UTC\n<code>G2</code>\n\n\
             <b>Session key</b>, signed by AWS KMS\nuntil 22 November 2026, 00:00 UTC\n<code>G1</code>"
        );
        assert!(listed(Language::Russian, &sessions, now).text.starts_with("У вас 2\u{a0}сеанса подписи:"));
        assert_eq!(listed(Language::English, &[over], now).text, "You have no live signing session.");
    }
}
