//! What people are told of trading keys and bots.

use super::{Forms, Language, Text, counted, date_time, escape};
use crate::{Moment, keyring::KeyNotice};

const BOTS: Forms = Forms { english: ["bot", "bots"], russian: ["бот", "бота", "ботов"] };
const DAYS: Forms = Forms { english: ["day", "days"], russian: ["день", "дня", "дней"] };
const MINUTES: Forms =
    Forms { english: ["minute", "minutes"], russian: ["минуту", "минуты", "минут"] };
const CLIENTS: Forms =
    Forms { english: ["client", "clients"], russian: ["клиент", "клиента", "клиентов"] };
const KEYS: Forms = Forms { english: ["key", "keys"], russian: ["ключ", "ключа", "ключей"] };

/// One thing to tell; `client` is the client's name where somebody else is told.
#[must_use]
pub fn notice(language: Language, notice: &KeyNotice, client: Option<&str>) -> Text {
    let whose = client.map(|name| match language {
        Language::English => format!("Client {}\n", escape(name)),
        Language::Russian => format!("Клиент {}\n", escape(name)),
    });
    let said = of_key(language, notice).unwrap_or_else(|| of_bot(language, notice));
    Text::html(format!("{}{said}", whose.unwrap_or_default()))
}

/// What is told of a key, with its address; none for what is told of a bot.
fn of_key(language: Language, notice: &KeyNotice) -> Option<String> {
    let (said, address) = match (notice, language) {
        (KeyNotice::Entered { address }, Language::English) => ("🔑 A trading key was entered.".to_owned(), address),
        (KeyNotice::Entered { address }, Language::Russian) => ("🔑 Торговый ключ введён.".to_owned(), address),
        (KeyNotice::Rotated { address, ends_at }, _) => (rotated(language, *ends_at), address),
        (KeyNotice::NewEnd { address, ends_at }, Language::English) => {
            (format!("📅 The trading key ends on {} now.", date_time(language, *ends_at)), address)
        }
        (KeyNotice::NewEnd { address, ends_at }, Language::Russian) => {
            (format!("📅 Торговый ключ теперь действует до {}.", date_time(language, *ends_at)), address)
        }
        (KeyNotice::Revoked { address, bots }, _) => (revoked(language, *bots), address),
        (KeyNotice::Expires { address, days }, Language::English) => {
            let left = counted(language, (*days).into(), &DAYS);
            (format!("⏳ The trading key ends in {left}. Replace it before: /bots"), address)
        }
        (KeyNotice::Expires { address, days }, Language::Russian) => {
            let left = counted(language, (*days).into(), &DAYS);
            (format!("⏳ Срок торгового ключа: ещё {left}. Замените его до этого: /bots"), address)
        }
        (KeyNotice::Expired { address }, Language::English) => {
            ("⌛ The trading key has ended. Nothing signs with it any more.".to_owned(), address)
        }
        (KeyNotice::Expired { address }, Language::Russian) => {
            ("⌛ Срок торгового ключа вышел. Им больше ничего не подписывается.".to_owned(), address)
        }
        _ => return None,
    };
    Some(format!("{said}\n<code>{}</code>", escape(address)))
}

fn rotated(language: Language, ends_at: Option<Moment>) -> String {
    match (language, ends_at.map(|end| date_time(language, end))) {
        (Language::English, Some(end)) => {
            format!("🔑 The trading key was replaced. All bots sign with the new one, which ends on {end}.")
        }
        (Language::English, None) => {
            "🔑 The trading key was replaced. All bots sign with the new one, which does not end by date.".to_owned()
        }
        (Language::Russian, Some(end)) => {
            format!("🔑 Торговый ключ заменён. Все боты подписывают новым, он действует до {end}.")
        }
        (Language::Russian, None) => {
            "🔑 Торговый ключ заменён. Все боты подписывают новым, его срок не ограничен.".to_owned()
        }
    }
}

fn revoked(language: Language, bots: usize) -> String {
    let count = u64::try_from(bots).unwrap_or(u64::MAX);
    match (language, bots) {
        (Language::English, 0) => "⛔ The trading key was revoked. Nothing signs with it any more.".to_owned(),
        (Language::English, _) => {
            let bots = counted(language, count, &BOTS);
            format!("⛔ The trading key was revoked. Nothing signs with it any more; {bots} must stop.")
        }
        (Language::Russian, 0) => "⛔ Торговый ключ отозван. Им больше ничего не подписывается.".to_owned(),
        (Language::Russian, _) => {
            let bots = counted(language, count, &BOTS);
            format!("⛔ Торговый ключ отозван. Им больше ничего не подписывается; остановить: {bots}.")
        }
    }
}

/// What is told of a bot, or of all keys together.
fn of_bot(language: Language, notice: &KeyNotice) -> String {
    match (notice, language) {
        (KeyNotice::HeartbeatLate { bot, minutes }, _) => late(language, bot, *minutes),
        (KeyNotice::HeartbeatBack { bot }, Language::English) => format!("✅ {} is heard again.", escape(bot)),
        (KeyNotice::HeartbeatBack { bot }, Language::Russian) => format!("✅ {} снова на связи.", escape(bot)),
        (KeyNotice::StopOverdue { bot }, Language::English) => {
            format!("🛑 {} has not stopped in time. It can sign nothing; look at its runner.", escape(bot))
        }
        (KeyNotice::StopOverdue { bot }, Language::Russian) => {
            format!(
                "🛑 {} не остановился вовремя. Подписать он ничего не может; проверьте, где он запущен.",
                escape(bot)
            )
        }
        (KeyNotice::Stopped { bot }, Language::English) => format!("✅ {} has stopped.", escape(bot)),
        (KeyNotice::Stopped { bot }, Language::Russian) => format!("✅ {} остановился.", escape(bot)),
        (KeyNotice::KmsUnhealthy, Language::English) => {
            "⚠️ Keys cannot be opened: KMS does not answer. Bots wait.".to_owned()
        }
        (KeyNotice::KmsUnhealthy, Language::Russian) => {
            "⚠️ Ключи не открываются: KMS не отвечает. Боты ждут.".to_owned()
        }
        (KeyNotice::KmsHealthy, Language::English) => "✅ Keys can be opened again: KMS answers.".to_owned(),
        (KeyNotice::KmsHealthy, Language::Russian) => "✅ Ключи снова открываются: KMS отвечает.".to_owned(),
        (KeyNotice::AllRevoked { keys, bots }, _) => all_revoked(language, *keys, *bots),
        (KeyNotice::AllRevokedBut { keys, bots, left }, _) => all_revoked_but(language, *keys, *bots, *left),
        _ => String::new(),
    }
}

fn late(language: Language, bot: &str, minutes: i64) -> String {
    let minutes = counted(language, u64::try_from(minutes).unwrap_or(0), &MINUTES);
    match language {
        Language::English => format!("⚠️ {} has not been heard for {minutes}.", escape(bot)),
        Language::Russian => format!("⚠️ {} не выходит на связь {minutes}.", escape(bot)),
    }
}

fn all_revoked(language: Language, keys: usize, bots: usize) -> String {
    let count = |number: usize, forms| counted(language, u64::try_from(number).unwrap_or(u64::MAX), forms);
    let (keys, bots) = (count(keys, &KEYS), count(bots, &BOTS));
    match language {
        Language::English => format!("⛔ All trading keys are revoked: {keys}, {bots}."),
        Language::Russian => format!("⛔ Все торговые ключи отозваны: {keys}, {bots}."),
    }
}

fn all_revoked_but(language: Language, keys: usize, bots: usize, left: usize) -> String {
    let count = |number: usize, forms| counted(language, u64::try_from(number).unwrap_or(u64::MAX), forms);
    let (keys, bots, left) = (count(keys, &KEYS), count(bots, &BOTS), count(left, &CLIENTS));
    match language {
        Language::English => format!(
            "⛔ Trading keys are revoked: {keys}, {bots}. The records of {left} cannot be written yet: nothing signs with their \
             keys, and each minute it is tried again. Look at keys-monitor."
        ),
        Language::Russian => format!(
            "⛔ Торговые ключи отозваны: {keys}, {bots}. Ещё не записано: {left}; этими ключами ничего не подписывается, попытка \
             повторяется каждую минуту. Проверьте keys-monitor."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_forms_and_names_are_escaped() {
        let late = |minutes| KeyNotice::HeartbeatLate { bot: "<b>".into(), minutes };
        let english = notice(Language::English, &late(1), Some("A & B")).text;
        assert_eq!(english, "Client A &amp; B\n⚠️ &lt;b&gt; has not been heard for 1\u{a0}minute.");
        let russian = notice(Language::Russian, &late(3), None).text;
        assert_eq!(russian, "⚠️ &lt;b&gt; не выходит на связь 3\u{a0}минуты.");
        let revoked = KeyNotice::Revoked { address: "G".into(), bots: 21 };
        assert!(notice(Language::Russian, &revoked, None).text.contains("21\u{a0}бот."));
    }

    #[test]
    fn a_rotation_says_when_the_new_key_ends() {
        let rotated = |ends_at| KeyNotice::Rotated { address: "G".into(), ends_at };
        let dated = notice(Language::English, &rotated(Some(Moment::from_seconds(1_800_000_000))), None).text;
        assert!(dated.contains("which ends on 15 January 2027, 08:00 UTC"), "{dated}");
        let endless = notice(Language::English, &rotated(None), None).text;
        assert!(endless.contains("does not end by date"), "{endless}");
    }

    #[test]
    fn everything_is_said_in_every_language() {
        let address = || "G".to_owned();
        let notices = [
            KeyNotice::Entered { address: address() },
            KeyNotice::Rotated { address: address(), ends_at: None },
            KeyNotice::Rotated { address: address(), ends_at: Some(Moment::from_seconds(1_800_000_000)) },
            KeyNotice::NewEnd { address: address(), ends_at: Moment::from_seconds(1_800_000_000) },
            KeyNotice::Revoked { address: address(), bots: 0 },
            KeyNotice::Expires { address: address(), days: 7 },
            KeyNotice::Expired { address: address() },
            KeyNotice::HeartbeatLate { bot: address(), minutes: 2 },
            KeyNotice::HeartbeatBack { bot: address() },
            KeyNotice::StopOverdue { bot: address() },
            KeyNotice::Stopped { bot: address() },
            KeyNotice::KmsUnhealthy,
            KeyNotice::KmsHealthy,
            KeyNotice::AllRevoked { keys: 2, bots: 5 },
            KeyNotice::AllRevokedBut { keys: 2, bots: 5, left: 1 },
        ];
        for said in &notices {
            let (english, russian) = (notice(Language::English, said, None), notice(Language::Russian, said, None));
            assert!(english.text.len() > 10 && russian.text.len() > 10 && english != russian, "{said:?}");
        }
    }
}
