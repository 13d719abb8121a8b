//! Contacts with the bot: the claim that gives an update one effect, and the person's record that it makes or mends.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::{
    Moment, Person, Profile, UpdateId,
    bot::{Contact, NotDone},
    limits,
    messaging::Delivery,
};
use serde_json::json;

use crate::{
    Guard, Store, StoreError,
    items::{item, item_until},
    keys,
    transaction::{Transaction, Values, number},
};

impl Transaction<'_> {
    /// Claims an update of Telegram's: it has one effect, the one of this transaction.
    pub(crate) fn claim_update(self, id: UpdateId, now: Moment) -> Result<Self, StoreError> {
        let until = now.plus_seconds(limits::UPDATE_KEPT_SECONDS);
        let claim = item_until(&keys::update(id), "update", json!({ "at": now }), until)?;
        Ok(self.put(Guard::Update, claim, Some("attribute_not_exists(pk)"), vec![]))
    }

    /// Adds a contact: the claim of its update, what it tells, and the person who is new or known by another name now. It touches
    /// the person's record, so nothing else of the transaction may. (`/bind` may give the Telegram id to another user id.)
    pub(crate) fn contact(self, contact: &Contact) -> Result<Self, StoreError> {
        let mut claimed = self.claim_update(contact.update_id(), contact.at())?;
        for message in contact.told() {
            claimed = claimed.tell(message)?;
        }
        let (key, person) = (keys::person(contact.subject()), contact.person());
        if contact.is_new() {
            let claim = json!({ "subject": contact.subject().to_string() });
            let (record, claim) = (item(&key, "person", person)?, item(&keys::user(person.user_id), "user", claim)?);
            let not_there = Some("attribute_not_exists(pk)");
            return Ok(claimed.put(Guard::Contact, record, not_there, vec![]).put(
                Guard::Contact,
                claim,
                not_there,
                vec![],
            ));
        }
        let Some(before) = contact.changed() else { return Ok(claimed) };
        let (update, mut values) = changes(before, person);
        values.push((":user_id", number(person.user_id)));
        Ok(claimed.update(Guard::Contact, &key, &update, "user_id = :user_id", values))
    }
}

impl Store {
    /// Commits a contact that has no other effect than what it tells; `delivery`: a command on its way to its service.
    ///
    /// # Errors
    /// [`Guard::Update`] where the update was handled before; [`Guard::Contact`] where the person's record changed.
    pub async fn commit_contact(&self, contact: &Contact, delivery: Option<&Delivery>) -> Result<(), StoreError> {
        let transaction = Transaction::new(self).contact(contact)?;
        match delivery {
            Some(delivery) => transaction.deliver(delivery)?.commit().await,
            None => transaction.commit().await,
        }
    }
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Condition(Guard::Update) => Self::Repeated,
            StoreError::Condition(Guard::Contact | Guard::Conversation) => Self::Changed,
            other => Self::Refused(other.into()),
        }
    }
}

/// Only what changed is written: two messages at the same moment do not undo each other.
fn changes(before: &Profile, person: &Person) -> (String, Values) {
    let after = &person.profile;
    let text = |value: &Option<String>| value.clone().map(AttributeValue::S);
    let moment = |value: Option<Moment>| value.map(|at| number(at.millis()));
    let (mut set, mut remove, mut values) = (Vec::new(), Vec::new(), Values::new());
    for (name, placeholder, before, after) in [
        ("chosen_language", ":chosen_language", text(&before.language), text(&after.language)),
        ("language_code", ":language_code", text(&before.language_code), text(&after.language_code)),
        ("first_name", ":first_name", text(&before.first_name), text(&after.first_name)),
        ("username", ":username", text(&before.username), text(&after.username)),
        ("blocked_at", ":blocked_at", moment(before.blocked_at), moment(after.blocked_at)),
        ("menu", ":menu", text(&before.menu), text(&after.menu)),
    ] {
        match after {
            after if after == before => {}
            None => remove.push(name),
            Some(value) => {
                set.push(format!("{name} = {placeholder}"));
                values.push((placeholder, value));
            }
        }
    }
    let part = |verb: &str, list: String| if list.is_empty() { list } else { format!("{verb} {list}") };
    let update = [part("SET", set.join(", ")), part("REMOVE", remove.join(", "))];
    (update.join(" ").trim().to_owned(), values)
}

#[cfg(test)]
mod tests {
    use countersign_core::UserId;

    use super::*;

    #[test]
    fn only_what_changed_is_written() {
        let before = Profile { first_name: Some("Anna".into()), menu: Some("x".into()), ..Profile::default() };
        let mut person = Person::new(UserId::new(1).unwrap(), None, "user", Moment::from_seconds(0));
        person.profile = Profile { first_name: Some("Anya".into()), username: Some("a".into()), ..Profile::default() };
        let (update, values) = changes(&before, &person);
        assert_eq!(update, "SET first_name = :first_name, username = :username REMOVE menu");
        assert_eq!(values.len(), 2);
        person.profile = Profile::default();
        assert_eq!(changes(&before, &person).0, "REMOVE first_name, menu");
    }
}
