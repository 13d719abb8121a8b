//! Accounts and their logins: made, tried, renewed, ended; and the first admin.

use countersign_core::{
    LoginId, Moment, Person, Subject, TelegramId, UserId,
    account::{Account, Email, Tries},
    login::Login,
    policy::Permit,
};
use serde_json::json;

use crate::{
    Guard, KeptAnswer, Store, StoreError,
    items::{item, item_until, kind_of, read},
    keys::{self, Key, account as of},
    people::Bootstrap,
    transaction::{Transaction, Values, number, text},
};

const NEW: Option<&str> = Some("attribute_not_exists(pk)");

/// What a login by password depends on.
#[derive(Clone, Debug, Default)]
pub struct AccountFacts {
    /// The account of the address.
    pub account: Option<Account>,
    /// Tries of the account; none where there are none.
    pub of_account: Option<Tries>,
    /// Tries from the caller's network.
    pub of_address: Option<Tries>,
}

/// How an operator names a person.
#[derive(Clone, Debug)]
pub enum NamedPerson {
    /// By the address of their account.
    Email(Email),
    /// By their Telegram id: they have written to the bot.
    Telegram(TelegramId),
}

/// One more try, counted from where it comes and, where it is a login, of the account.
#[derive(Clone, Copy, Debug)]
pub struct Try<'a> {
    /// The account's address.
    pub email: &'a Email,
    /// The caller's network.
    pub address: &'a str,
    /// What was read of the account's tries, and what they are now; none where it is no guess at its password.
    pub of_account: Option<(Option<Tries>, Tries)>,
    /// The same from the network.
    pub of_address: (Option<Tries>, Tries),
}

/// A new account.
#[derive(Clone, Copy, Debug)]
pub struct NewAccount<'a> {
    /// The account.
    pub account: &'a Account,
    /// The person.
    pub person: &'a Person,
    /// Their first login.
    pub login: &'a Login,
}

impl Store {
    /// What a login by password depends on, with one `BatchGetItem`.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn account_facts(&self, email: &Email, address: &str) -> Result<AccountFacts, StoreError> {
        let (account, of_account, of_address) = (of::account(email), of::tries(email), of::tries_from(address));
        let mut facts = AccountFacts::default();
        for item in self.get_batch(&[account, of_account.clone(), of_address]).await? {
            let is_of_account = Key::of(&item).as_ref() == Some(&of_account);
            match (kind_of(&item), is_of_account) {
                ("account", _) => facts.account = Some(read(item, "account")?),
                (_, true) => facts.of_account = Some(read(item, "tries")?),
                (_, false) => facts.of_address = Some(read(item, "tries")?),
            }
        }
        Ok(facts)
    }

    /// Counts a try, before it is known how it ends.
    ///
    /// # Errors
    /// [`Guard::Tries`] where another try was counted meanwhile.
    pub async fn count_try(&self, one: &Try<'_>) -> Result<(), StoreError> {
        let mut transaction = Transaction::new(self);
        if let Some(of_account) = one.of_account {
            transaction = transaction.count(&of::tries(one.email), of_account)?;
        }
        transaction.count(&of::tries_from(one.address), one.of_address)?.commit().await
    }

    /// Forgets the tries of an account. It is no condition of the answer.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn forget_tries(&self, email: &Email) -> Result<(), StoreError> {
        Transaction::new(self).delete(Guard::Tries, &of::tries(email), ALWAYS, vec![]).commit().await
    }

    /// Takes back the one try from the address that was no failure. Others try from there at the same moment: it is one less,
    /// whatever the count is by now. Where none is counted any more there is none to take back.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn take_back_try(&self, address: &str) -> Result<(), StoreError> {
        let (update, values) =
            ("SET blocked_until = :open ADD #count :less", vec![(":open", number(0)), (":less", number(-1))]);
        let key = of::tries_from(address);
        let taken = Transaction::new(self).update(Guard::Tries, &key, update, "#count > :open", values).commit().await;
        taken.or_else(|error| if error.failed(Guard::Tries) { Ok(()) } else { Err(error) })
    }

    /// Makes an account with its person and their first login.
    ///
    /// # Errors
    /// [`Guard::Account`] where the address has one; [`Guard::Person`], [`Guard::User`], [`Guard::Login`] where an id is taken;
    /// [`Guard::Idempotency`] where a twin was first.
    pub async fn commit_account(&self, new: &NewAccount<'_>, kept: Option<&KeptAnswer<'_>>) -> Result<(), StoreError> {
        let subject = Subject::User(new.person.user_id);
        let account = item(&of::account(&new.account.email), "account", new.account)?;
        Transaction::new(self)
            .put(Guard::Account, account, NEW, vec![])
            .add_person(subject, new.person)?
            .add_login(subject, new.login)?
            .keep(kept)?
            .commit()
            .await
    }

    /// Writes the same password with today's parameters.
    ///
    /// # Errors
    /// [`Guard::Account`] where it was changed meanwhile.
    pub async fn commit_rehash(&self, before: &Account, password_hash: &str) -> Result<(), StoreError> {
        let values = vec![(":before", text(&before.password_hash)), (":hash", text(password_hash))];
        let (update, condition) = ("SET password_hash = :hash", "password_hash = :before");
        let key = of::account(&before.email);
        Transaction::new(self).update(Guard::Account, &key, update, condition, values).commit().await
    }

    /// Begins a login of somebody who has shown who they are.
    ///
    /// # Errors
    /// [`Guard::Person`] where the record moved meanwhile; [`Guard::Login`] where the id is taken; [`Guard::Idempotency`].
    pub async fn commit_password_login(
        &self,
        subject: Subject,
        login: &Login,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let same = vec![(":user_id", number(login.user_id))];
        Transaction::new(self)
            .check(Guard::Person, &keys::person(subject), "user_id = :user_id", same)
            .add_login(subject, login)?
            .keep(kept)?
            .commit()
            .await
    }

    /// A login with its person.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn login(&self, subject: Subject, id: LoginId) -> Result<(Option<Person>, Option<Login>), StoreError> {
        let (mut person, mut login) = (None, None);
        for item in self.get_batch(&[keys::person(subject), keys::login(subject, id)]).await? {
            match kind_of(&item) {
                "person" => person = Some(read(item, "person")?),
                _ => login = Some(read(item, "login")?),
            }
        }
        Ok((person, login))
    }

    /// Writes a login with its next refresh token.
    ///
    /// # Errors
    /// [`Guard::Login`] where another one was faster, or it has ended.
    pub async fn commit_renewal(&self, subject: Subject, before: &Login, after: &Login) -> Result<(), StoreError> {
        let record = item_until(&keys::login(subject, after.id), "login", after, after.live_until)?;
        let values = vec![(":generation", number(before.generation))];
        Transaction::new(self).put(Guard::Login, record, Some("generation = :generation"), values).commit().await
    }

    /// Ends a login whose refresh token was stolen.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn end_stolen_login(&self, subject: Subject, id: LoginId) -> Result<(), StoreError> {
        Transaction::new(self).delete(Guard::Login, &keys::login(subject, id), ALWAYS, vec![]).commit().await
    }

    /// Ends one of a person's own logins; false where it is not there.
    ///
    /// # Errors
    /// [`Guard::Idempotency`] where a twin was first.
    pub async fn end_login(
        &self,
        permit: &Permit,
        id: LoginId,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<bool, StoreError> {
        let key = keys::login(permit.subject(), id);
        let ended = Transaction::new(self).delete(Guard::Login, &key, "attribute_exists(pk)", vec![]);
        match ended.keep(kept)?.commit().await {
            Err(error) if error.failed(Guard::Login) => Ok(false),
            other => other.map(|()| true),
        }
    }

    /// The logins of a person that are live, newest first.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn live_logins(&self, permit: &Permit, user: UserId, now: Moment) -> Result<Vec<Login>, StoreError> {
        let found = self.logins(permit.subject(), countersign_core::limits::LOGINS_SHOWN).await?;
        Ok(found.into_iter().filter(|login| login.user_id == user && login.live_until > now).collect())
    }
}

/// A condition that always holds.
const ALWAYS: &str = "attribute_exists(pk) OR attribute_not_exists(pk)";

impl Transaction<'_> {
    fn count(self, key: &Key, (before, after): (Option<Tries>, Tries)) -> Result<Self, StoreError> {
        let record = item_until(key, "tries", after, Moment::from_millis(after.forgotten_at))?;
        let (condition, values): (&str, Values) = match before {
            None => ("attribute_not_exists(pk)", vec![]),
            Some(before) => (
                "#count = :count AND blocked_until = :until",
                vec![(":count", number(before.count)), (":until", number(before.blocked_until))],
            ),
        };
        Ok(self.put(Guard::Tries, record, Some(condition), values))
    }
}

impl Bootstrap<'_> {
    /// Gives a person of the seed an account; false where the address has one.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn add_account(&self, account: &Account) -> Result<bool, StoreError> {
        self.store().put_new(item(&of::account(&account.email), "account", account)?).await
    }

    /// Notes that there is an admin: from then on none is made by [`Bootstrap::first_admin`].
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn note_admin(&self, user: UserId) -> Result<bool, StoreError> {
        self.store().put_new(item(&of::first_admin(), "first_admin", json!({ "user_id": user }))?).await
    }

    /// Makes this person the first admin; none where nobody is known by that name.
    ///
    /// # Errors
    /// [`Guard::Actor`] where there is an admin already.
    pub async fn first_admin(&self, named: &NamedPerson) -> Result<Option<UserId>, StoreError> {
        let store = self.store();
        let Some((subject, user)) = self.named(named).await? else { return Ok(None) };
        let claim = item(&of::first_admin(), "first_admin", json!({ "user_id": user }))?;
        let values = vec![(":role", text("admin")), (":user_id", number(user))];
        Transaction::new(store)
            .put(Guard::Actor, claim, NEW, vec![])
            .update(Guard::Person, &keys::person(subject), "SET #role = :role", "user_id = :user_id", values)
            .in_directory(user, "admin")?
            .commit()
            .await?;
        Ok(Some(user))
    }

    async fn named(&self, named: &NamedPerson) -> Result<Option<(Subject, UserId)>, StoreError> {
        let store = self.store();
        match named {
            NamedPerson::Email(email) => {
                let Some(found) = store.get(&of::account(email)).await? else { return Ok(None) };
                let user = read::<Account>(found, "account")?.user_id;
                Ok(store.subject_of(user).await?.map(|subject| (subject, user)))
            }
            NamedPerson::Telegram(id) => {
                let subject = Subject::Telegram(*id);
                let found = store.get(&keys::person(subject)).await?;
                let person = found.map(|found| read::<Person>(found, "person")).transpose()?;
                Ok(person.map(|person| (subject, person.user_id)))
            }
        }
    }
}
