//! Binding a person to Telegram: the code of a chat, the tries, and the one transaction that makes two records one.
//!
//! Records are kept under the Telegram id where there is one. So a person who had none moves: their record, the claim of
//! their id and their logins. What ended before (sessions, signatures) stays where it was written.

use countersign_core::{
    Moment, Person, Subject, TelegramId, UserId,
    binding::{Bind, StoredBindCode},
    bot::Contact,
    idempotency::{IdempotencyKey, IdempotencyRecord},
    limits,
    messaging::OutMessage,
    policy::{Permit, ServicePermit},
    signing::SessionKind,
};
use serde_json::json;

use crate::{
    Guard, KeptAnswer, KeyScope, Store, StoreError,
    items::{item, item_until, read},
    keys::{self, Key, PK, SK},
    transaction::{Transaction, Values, number, text},
};

/// What a bare record may have beside it: nothing that anybody would miss.
const BARE: &[&str] = &["PERSON", "BINDTRIES", "IDEMPOTENCY", "LOGIN", "USER"];
/// More items than this beside a record, and it is not bare.
const BARE_ITEMS: i32 = 100;

/// What a binding depends on, read in one round trip.
#[derive(Debug, Default)]
pub struct BindingFacts {
    /// Who is logged in.
    pub me: Option<Person>,
    /// Whoever has the Telegram account; the same person where they are bound to it already.
    pub there: Option<Person>,
    /// The code of the chat.
    pub code: Option<StoredBindCode>,
    /// Signing sessions fill a slot of a person without Telegram.
    pub has_sessions: bool,
    /// The idempotency record.
    pub idempotency: Option<IdempotencyRecord>,
}

/// A binding to commit.
#[derive(Debug)]
pub struct Binding<'a> {
    /// Whose Telegram account it is.
    pub telegram_id: TelegramId,
    /// The record that was read.
    pub me: &'a Person,
    /// The record as it shall be.
    pub bound: &'a Person,
    /// What was decided.
    pub bind: Bind,
    /// The code that is used up.
    pub code: &'a StoredBindCode,
    /// When.
    pub at: Moment,
    /// What the chat is told.
    pub told: &'a OutMessage,
    /// The answer to keep.
    pub kept: Option<KeptAnswer<'a>>,
}

impl Store {
    /// Keeps a new code of a chat in place of the one before, for a contact with the bot.
    ///
    /// # Errors
    /// As [`Store::commit_contact`].
    pub async fn commit_bind_code(
        &self,
        contact: &Contact,
        chat: TelegramId,
        code: &StoredBindCode,
    ) -> Result<(), StoreError> {
        Transaction::new(self).contact(contact)?.bind_code(chat, code)?.commit().await
    }

    /// The same for a service that is a bot.
    ///
    /// # Errors
    /// [`Guard::Idempotency`] where a twin was first.
    pub async fn commit_bind_code_for(
        &self,
        _permit: &ServicePermit,
        chat: TelegramId,
        code: &StoredBindCode,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        Transaction::new(self).bind_code(chat, code)?.keep(kept)?.commit().await
    }

    /// Reads everything that a binding depends on.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn binding_facts(
        &self,
        subject: Subject,
        chat: TelegramId,
        key: Option<&IdempotencyKey>,
    ) -> Result<BindingFacts, StoreError> {
        let (mine, theirs, code) =
            (keys::person(subject), keys::person(Subject::Telegram(chat)), keys::bind_code(chat));
        let kept = key.map(|key| keys::idempotency(KeyScope::Subject(subject), &key.name));
        let slots = SessionKind::ALL.map(|kind| keys::slot(subject, kind));
        let mut wanted = vec![mine.clone(), code.clone()];
        wanted.extend(Some(theirs.clone()).filter(|theirs| *theirs != mine));
        wanted.extend(kept.clone());
        wanted.extend(slots.clone());
        let mut facts = BindingFacts::default();
        for found in self.get_batch(&wanted).await? {
            let key = Key::of(&found).ok_or_else(|| StoreError::Unreadable("an item without a key".into()))?;
            if key == mine {
                facts.me = Some(read(found, "person")?);
            } else if key == theirs {
                facts.there = Some(read(found, "person")?);
            } else if key == code {
                facts.code = Some(read(found, "bind_code")?);
            } else if Some(&key) == kept.as_ref() {
                facts.idempotency = Some(read(found, "idempotency")?);
            } else {
                facts.has_sessions = true;
            }
        }
        if mine == theirs {
            facts.there.clone_from(&facts.me);
        }
        Ok(facts)
    }

    /// Counts a try; false where there were enough of them for now. It is counted before the code is looked at, so that
    /// parallel tries count as well.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn count_bind_try(&self, permit: &Permit, now: Moment) -> Result<bool, StoreError> {
        let key = keys::bind_tries(permit.subject());
        // Twice: another try may begin the count between the two.
        for _ in 0..2 {
            let one_more =
                vec![(":one", number(1)), (":most", number(limits::BIND_TRIES)), (":now", number(now.millis()))];
            let counted = Transaction::new(self)
                .update(Guard::BindCode, &key, "ADD tries :one", "tries < :most AND counted_until > :now", one_more)
                .commit()
                .await;
            match counted {
                Ok(()) => return Ok(true),
                Err(error) if error.failed(Guard::BindCode) => {}
                Err(error) => return Err(error),
            }
            let until = now.plus_seconds(limits::BIND_CODE_SECONDS);
            let first = item_until(&key, "bind_tries", json!({ "tries": 1, "counted_until": until }), until)?;
            let over = "attribute_not_exists(pk) OR counted_until <= :now";
            let begun = Transaction::new(self)
                .put(Guard::BindCode, first, Some(over), vec![(":now", number(now.millis()))])
                .commit()
                .await;
            match begun {
                Ok(()) => return Ok(true),
                Err(error) if error.failed(Guard::BindCode) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Whether of a person there is nothing but the record that a first contact makes, and what nobody would miss.
    ///
    /// What a later door keeps of a person is unknown here, and so makes them more than bare.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn is_bare(&self, telegram_id: TelegramId, user_id: UserId) -> Result<bool, StoreError> {
        let partitions = [keys::subject_partition(Subject::Telegram(telegram_id)), keys::user(user_id).pk];
        for partition in partitions {
            if !self.holds_only(partition, BARE).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn holds_only(&self, partition: String, kinds: &[&str]) -> Result<bool, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk"))
            .expression_attribute_values(":pk", text(partition))
            .projection_expression(format!("{PK}, {SK}"))
            .consistent_read(true)
            .limit(BARE_ITEMS)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let known = |key: Key| key.sk.split('#').next().is_some_and(|kind| kinds.contains(&kind));
        let all_known = answer.items().iter().all(|item| Key::of(item).is_some_and(known));
        Ok(all_known && answer.last_evaluated_key.is_none())
    }

    /// Binds: the code is used up, and the records are one, or nothing happened.
    ///
    /// # Errors
    /// [`Guard::BindCode`] where the code was used or replaced; [`Guard::Person`], [`Guard::User`], [`Guard::Session`] or
    /// [`Guard::Login`] where either side changed since it was read; [`Guard::Idempotency`] where a twin was first.
    pub async fn commit_binding(&self, permit: &Permit, binding: &Binding<'_>) -> Result<(), StoreError> {
        let mine = permit.subject();
        let (nonce, now) = (number(binding.code.nonce), number(binding.at.millis()));
        let live = vec![(":nonce", nonce), (":now", now)];
        let used = Transaction::new(self)
            .delete(
                Guard::BindCode,
                &keys::bind_code(binding.telegram_id),
                "nonce = :nonce AND live_until > :now",
                live,
            )
            .delete(Guard::BindCode, &keys::bind_tries(mine), "attribute_exists(pk)", vec![]);
        let bound = match binding.bind {
            Bind::Already => used.rename(mine, binding)?,
            Bind::Fresh | Bind::Merge(_) => {
                let logins = self.logins(mine, limits::LOGINS_MOVED).await?;
                used.move_person(mine, binding)?.move_logins(mine, binding.telegram_id, &logins)?
            }
        };
        bound.tell(binding.told)?.keep(binding.kept.as_ref())?.commit().await
    }
}

impl Transaction<'_> {
    fn bind_code(self, chat: TelegramId, code: &StoredBindCode) -> Result<Self, StoreError> {
        let record = item_until(&keys::bind_code(chat), "bind_code", code, code.live_until)?;
        Ok(self.put(Guard::BindCode, record, None, vec![]))
    }

    fn rename(self, mine: Subject, binding: &Binding<'_>) -> Result<Self, StoreError> {
        let record = item(&keys::person(mine), "person", binding.bound)?;
        Ok(self.put(Guard::Person, record, Some(SAME), same(binding.me)))
    }

    /// The record goes from `u:` to `t:`, and the claims of the ids say where it is. No signing session may be on either
    /// side: its key is sealed for its subject.
    fn move_person(self, mine: Subject, binding: &Binding<'_>) -> Result<Self, StoreError> {
        let there = Subject::Telegram(binding.telegram_id);
        let record = item(&keys::person(there), "person", binding.bound)?;
        let gone = self.delete(Guard::Person, &keys::person(mine), SAME, same(binding.me));
        let moved = match binding.bind {
            Bind::Merge(before) => {
                let values = vec![(":user_id", number(before)), (":role", text("user"))];
                gone.put(Guard::User, record, Some(SAME), values)
                    .point(before, json!({ "subject": there.to_string(), "merged_into": binding.me.user_id }))?
            }
            Bind::Fresh | Bind::Already => gone.put(Guard::User, record, Some("attribute_not_exists(pk)"), vec![]),
        };
        let pointed = moved.point(binding.me.user_id, json!({ "subject": there.to_string() }))?;
        let slots = [mine, there].into_iter().flat_map(|side| SessionKind::ALL.map(|kind| keys::slot(side, kind)));
        Ok(slots.fold(pointed, |transaction, slot| {
            transaction.check(Guard::Session, &slot, "attribute_not_exists(pk)", vec![])
        }))
    }

    /// Where the records of a user id are from now on.
    fn point(self, id: UserId, record: serde_json::Value) -> Result<Self, StoreError> {
        Ok(self.put(Guard::User, item(&keys::user(id), "user", record)?, Some("attribute_exists(pk)"), vec![]))
    }

    fn move_logins(
        self,
        mine: Subject,
        there: TelegramId,
        logins: &[countersign_core::login::Login],
    ) -> Result<Self, StoreError> {
        logins.iter().try_fold(self, |transaction, login| {
            transaction.remove_login(mine, login).add_login(Subject::Telegram(there), login)
        })
    }
}

/// The person's record is of the same id and role as it was read: a role that was changed meanwhile is not undone.
const SAME: &str = "user_id = :user_id AND #role = :role";

fn same(person: &Person) -> Values {
    vec![(":user_id", number(person.user_id)), (":role", text(person.role.as_str()))]
}
