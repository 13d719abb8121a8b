//! Binding a person to Telegram: a short code goes from the chat to the website, once, and the two records become one.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Moment, Person, Refusal, Secret, TelegramId, UserId, gate::ClientSecrets, limits};

/// Crockford's alphabet: no I, L, O and U, so that what is read aloud or typed is not mistaken.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Five bits each: 40 bits, of which a person may try five in ten minutes.
const SYMBOLS: usize = 8;
/// What whoever brings a wrong, used or old code reads; it does not tell which.
const BAD_CODE: &str = "Invalid or expired code";

/// A code that people type. It is never stored.
pub struct BindCode(Secret);

impl BindCode {
    /// Of the low 40 bits of a cryptographic random source.
    #[must_use]
    pub fn of(random: u64) -> Self {
        let symbol = |index: usize| {
            let bits = usize::try_from((random >> (5 * index)) & 31).unwrap_or_default();
            ALPHABET.get(bits).copied().unwrap_or(b'0')
        };
        Self(Secret::new((0..SYMBOLS).map(symbol).collect()))
    }

    /// Reads what a person typed: in either case, with spaces and hyphens, with O for 0 and I or L for 1.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > 4 * SYMBOLS {
            return None;
        }
        let mut symbols = Zeroizing::new(Vec::with_capacity(SYMBOLS));
        for letter in text.chars().filter(|letter| !matches!(letter, ' ' | '-')) {
            let symbol = match letter.to_ascii_uppercase() {
                'O' => b'0',
                'I' | 'L' => b'1',
                other => u8::try_from(other).ok().filter(|byte| ALPHABET.contains(byte))?,
            };
            symbols.push(symbol);
        }
        (symbols.len() == SYMBOLS).then(|| Self(Secret::new(std::mem::take(&mut symbols))))
    }

    /// Its eight characters, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_str().unwrap_or_default()
    }
}

/// What is stored of the one live code of a chat: nothing that it could be read from without a master.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredBindCode {
    /// What [`ClientSecrets::bind_code`] makes it of.
    pub nonce: u64,
    /// It is good until then, whether TTL has run or not.
    pub live_until: Moment,
}

impl StoredBindCode {
    /// A code that is good from now on, and what is stored of it; `None` without a master.
    #[must_use]
    pub fn fresh(secrets: &ClientSecrets, chat: TelegramId, random: u64, now: Moment) -> Option<(BindCode, Self)> {
        let stored = Self { nonce: random, live_until: now.plus_seconds(limits::BIND_CODE_SECONDS) };
        secrets.bind_code(chat, random).map(|code| (code, stored))
    }

    /// Judges what was typed, in constant time.
    ///
    /// # Errors
    /// 400; it does not tell what is wrong.
    pub fn judge<'a>(
        stored: Option<&'a Self>,
        secrets: &ClientSecrets,
        chat: TelegramId,
        typed: &BindCode,
        now: Moment,
    ) -> Result<&'a Self, Refusal> {
        let live = stored.filter(|stored| stored.live_until > now).ok_or_else(bad_code)?;
        let same = |code: &BindCode| code.0.matches(typed.0.expose());
        if secrets.bind_codes(chat, live.nonce).iter().any(same) { Ok(live) } else { Err(bad_code()) }
    }
}

/// 400: the code is wrong, used or old.
#[must_use]
pub fn bad_code() -> Refusal {
    Refusal::invalid(BAD_CODE)
}

/// What is known of both sides.
#[derive(Clone, Copy, Debug)]
pub struct BindFacts<'a> {
    /// Who is logged in.
    pub me: &'a Person,
    /// They have signing sessions, whose keys are sealed for whoever they are now.
    pub has_sessions: bool,
    /// The Telegram account that they have shown to be theirs.
    pub telegram_id: TelegramId,
    /// Whoever has it until now.
    pub there: Option<&'a Person>,
    /// Of them there is nothing but the record that the bot or the mini-app made at first contact.
    pub there_is_bare: bool,
}

/// What binding means for the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bind {
    /// They are bound already: only the names change.
    Already,
    /// Nobody was there.
    Fresh,
    /// The bare record of this user id is merged into mine.
    Merge(UserId),
}

impl BindFacts<'_> {
    /// Decides.
    ///
    /// # Errors
    /// 409 where either account is another's, or where signing sessions would be lost.
    pub fn decide(&self) -> Result<Bind, Refusal> {
        match (self.me.telegram_id, self.there) {
            (Some(mine), Some(there)) if mine == self.telegram_id && there.user_id == self.me.user_id => {
                return Ok(Bind::Already);
            }
            (Some(_), _) => {
                return Err(Refusal::conflict("This account is bound to another Telegram account"));
            }
            (None, _) => {}
        }
        if self.has_sessions {
            return Err(Refusal::conflict(
                "End your signing sessions first: their keys are sealed for the account without Telegram",
            ));
        }
        match self.there {
            None => Ok(Bind::Fresh),
            Some(there) if self.there_is_bare && there.role == "user" && !there.from_old_database => {
                Ok(Bind::Merge(there.user_id))
            }
            Some(_) => Err(Refusal::conflict("This Telegram account belongs to another account")),
        }
    }

    /// My record as it shall be.
    #[must_use]
    pub fn bound(&self, first_name: Option<&str>, username: Option<&str>) -> Person {
        let mut bound = self.me.clone();
        if let (None, Some(there)) = (self.me.telegram_id, self.there) {
            bound.profile = there.profile.clone();
        }
        bound.telegram_id = Some(self.telegram_id);
        let or = |said: Option<&str>, known: Option<String>| said.map(str::to_owned).or(known);
        bound.profile.first_name = or(first_name, bound.profile.first_name.take());
        bound.profile.username = or(username, bound.profile.username.take());
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RefusalKind, gate::NamedSecret};

    const NOW: Moment = Moment::from_seconds(1_800_000_000);

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = BindCode::of(0b00001_00000_00001_00000_11111_00010_00001_00000);
        assert_eq!(code.expose(), "012Z0101");
        for typed in ["012Z0101", "o1 2z-oioI", "OL2Z OLOL", "012z-0101"] {
            assert_eq!(BindCode::read(typed).unwrap().expose(), "012Z0101", "{typed}");
        }
        for bad in ["", "012Z010", "012Z01011", "012U0101", "012Z010é", "012Z0101                                  "] {
            assert!(BindCode::read(bad).is_none(), "{bad}");
        }
        assert_eq!(BindCode::of(u64::MAX).expose(), "ZZZZZZZZ");
    }

    #[test]
    fn a_code_is_good_for_its_chat_until_its_time() {
        let named = NamedSecret { kid: "a".into(), secret: Secret::new(vec![1; 32]) };
        let (secrets, chat) = (ClientSecrets::new(&[named]).unwrap(), TelegramId::new(7).unwrap());
        let (code, stored) = StoredBindCode::fresh(&secrets, chat, 99, NOW).unwrap();
        let judge = |chat, typed: &str, now| {
            StoredBindCode::judge(Some(&stored), &secrets, chat, &BindCode::read(typed).unwrap(), now).is_ok()
        };
        let (last, over) =
            (NOW.plus_seconds(limits::BIND_CODE_SECONDS - 1), NOW.plus_seconds(limits::BIND_CODE_SECONDS));
        assert!(judge(chat, code.expose(), NOW) && judge(chat, &code.expose().to_lowercase(), last));
        assert!(!judge(chat, code.expose(), over) && !judge(chat, "00000000", NOW));
        assert!(!judge(TelegramId::new(8).unwrap(), code.expose(), NOW));
        assert!(StoredBindCode::judge(None, &secrets, chat, &code, NOW).is_err());
    }

    fn person(user_id: u64, telegram_id: Option<u64>) -> Person {
        Person::new(UserId::new(user_id).unwrap(), telegram_id.and_then(TelegramId::new), "user", NOW)
    }

    fn decide(
        me: &Person,
        has_sessions: bool,
        there: Option<&Person>,
        there_is_bare: bool,
    ) -> Result<Bind, RefusalKind> {
        let telegram_id = TelegramId::new(7).unwrap();
        let facts = BindFacts { me, has_sessions, telegram_id, there, there_is_bare };
        facts.decide().map_err(|refusal| refusal.kind)
    }

    #[test]
    fn whose_account_it_becomes() {
        let (unbound, bound, elsewhere) = (person(1, None), person(1, Some(7)), person(1, Some(8)));
        let (other, conflict) = (person(2, Some(7)), Err(RefusalKind::Conflict));
        assert_eq!(decide(&unbound, false, None, false), Ok(Bind::Fresh));
        assert_eq!(decide(&unbound, false, Some(&other), true), Ok(Bind::Merge(other.user_id)));
        assert_eq!(decide(&unbound, false, Some(&other), false), conflict);
        assert_eq!(decide(&unbound, true, None, false), conflict);
        assert_eq!(decide(&bound, true, Some(&bound), false), Ok(Bind::Already));
        assert_eq!(decide(&elsewhere, false, None, false), conflict);
        assert_eq!(decide(&elsewhere, false, Some(&other), true), conflict);
        let admin = Person { role: "admin".into(), ..other.clone() };
        let old = Person { from_old_database: true, ..other };
        assert_eq!(decide(&unbound, false, Some(&admin), true), conflict);
        assert_eq!(decide(&unbound, false, Some(&old), true), conflict);
    }

    #[test]
    fn my_id_and_role_stay_and_the_bots_knowledge_comes_along() {
        let me = Person { role: "admin".into(), ..person(1, None) };
        let mut there = person(2, Some(7));
        there.profile.language = Some("ru".into());
        there.profile.username = Some("anna".into());
        let telegram_id = TelegramId::new(7).unwrap();
        let facts = BindFacts { me: &me, has_sessions: false, telegram_id, there: Some(&there), there_is_bare: true };
        let bound = facts.bound(Some("Anna"), None);
        assert_eq!((bound.user_id, bound.role.as_str(), bound.telegram_id), (me.user_id, "admin", Some(telegram_id)));
        assert_eq!(bound.profile.language.as_deref(), Some("ru"));
        assert_eq!(
            (bound.profile.first_name.as_deref(), bound.profile.username.as_deref()),
            (Some("Anna"), Some("anna"))
        );
    }
}
