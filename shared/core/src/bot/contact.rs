//! A contact with the bot: what an update writes whatever else it does.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use crate::{
    Moment, Person, Profile, Subject, TelegramId, UpdateId, UserId,
    bot::{Incoming, Menu, Sender},
    gate::FromTelegram,
    messaging::{OutMessage, words::Language},
};

/// The role of somebody who was never here before.
pub const NEWCOMER: &str = "user";

/// The claim of an update, the person's record before and after it, and what is told in the chat besides the answer. It is
/// committed in the transaction of the update's effect (`Transaction::contact` in the store), or by itself where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    update_id: UpdateId,
    sender: TelegramId,
    at: Moment,
    before: Option<Person>,
    after: Person,
    told: Vec<OutMessage>,
}

impl Contact {
    /// The contact that this update is. Who was never here becomes a person with the id `fresh`.
    #[must_use]
    pub fn new(_: FromTelegram, incoming: &Incoming, before: Option<Person>, fresh: UserId, at: Moment) -> Self {
        let mut after = before.clone().unwrap_or_else(|| Person::new(fresh, Some(incoming.sender.id), NEWCOMER, at));
        note(&mut after.profile, &incoming.sender);
        Self { update_id: incoming.id, sender: incoming.sender.id, at, before, after, told: Vec::new() }
    }

    /// The same contact with more to tell.
    #[must_use]
    pub fn telling(&self, messages: Vec<OutMessage>) -> Self {
        let mut contact = self.clone();
        contact.told.extend(messages);
        contact
    }

    /// What the courier is to send, in this order.
    #[must_use]
    pub fn told(&self) -> &[OutMessage] {
        &self.told
    }

    /// The update that is claimed.
    #[must_use]
    pub fn update_id(&self) -> UpdateId {
        self.update_id
    }

    /// Whose record it is.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::Telegram(self.sender)
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> Moment {
        self.at
    }

    /// The person as they will be.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.after
    }

    /// They were never here before.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Their profile before, where it will be another.
    #[must_use]
    pub fn changed(&self) -> Option<&Profile> {
        self.before.as_ref().map(|before| &before.profile).filter(|before| **before != self.after.profile)
    }

    /// Their language.
    #[must_use]
    pub fn language(&self) -> Language {
        Language::of(&self.after.profile)
    }

    /// They choose a language.
    pub fn choose_language(&mut self, language: Language) {
        self.after.profile.language = Some(language.code().to_owned());
    }

    /// They block the bot, or let it write again.
    pub fn block(&mut self, is_blocked: bool) {
        self.after.profile.blocked_at = is_blocked.then_some(self.at);
    }

    /// Their chat is to have this menu; `usual` is what everybody with their app's language has. True where their chat
    /// must be told, which whoever asks then does in the same transaction.
    pub fn offer(&mut self, menu: &Menu, usual: &Menu) -> bool {
        let hash = || hex::encode(digest(&SHA256, json!(menu).to_string().as_bytes())).chars().take(16).collect();
        let wanted: Option<String> = (menu != usual).then(hash);
        if wanted == self.after.profile.menu {
            return false;
        }
        self.after.profile.menu = wanted;
        true
    }
}

fn note(profile: &mut Profile, sender: &Sender) {
    profile.first_name = Some(sender.first_name.clone()).filter(|name| !name.is_empty());
    profile.username.clone_from(&sender.username);
    profile.language_code.clone_from(&sender.language_code);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChatId,
        bot::{Chat, MenuEntry, What},
    };

    fn incoming(first_name: &str) -> Incoming {
        Incoming {
            id: UpdateId::new(1).unwrap(),
            sender: Sender {
                id: TelegramId::new(7).unwrap(),
                first_name: first_name.into(),
                username: None,
                language_code: Some("ru-RU".into()),
            },
            chat: Chat { id: ChatId::new(7).unwrap(), is_private: true },
            message_id: Some(3),
            what: What::Text { text: "x".into(), reply_to: None },
        }
    }

    fn contact(first_name: &str, before: Option<Person>) -> Contact {
        let fresh = UserId::new(99).unwrap();
        Contact::new(FromTelegram::IN_TEST, &incoming(first_name), before, fresh, Moment::from_seconds(5))
    }

    #[test]
    fn a_newcomer_becomes_a_person_and_a_known_one_stays_the_same() {
        let first = contact("Anna", None);
        assert!(first.is_new() && first.changed().is_none());
        assert_eq!((first.person().user_id.get(), first.person().role.as_str()), (99, "user"));
        let again = contact("Anna", Some(first.person().clone()));
        assert!(!again.is_new() && again.changed().is_none());
        let renamed = contact("Anya", Some(first.person().clone()));
        assert_eq!(renamed.changed().and_then(|before| before.first_name.as_deref()), Some("Anna"));
    }

    #[test]
    fn the_chosen_language_goes_before_the_apps() {
        let mut contact = contact("Anna", None);
        assert_eq!(contact.language(), Language::Russian);
        contact.choose_language(Language::English);
        assert_eq!(contact.language(), Language::English);
    }

    #[test]
    fn a_chat_is_told_its_menu_once() {
        let menu = |name: &str| vec![MenuEntry { command: name.into(), description: "x".into() }];
        let (mut contact, usual) = (contact("Anna", None), menu("help"));
        assert!(!contact.offer(&usual, &usual));
        assert!(contact.offer(&menu("deploy"), &usual));
        assert!(!contact.offer(&menu("deploy"), &usual));
        assert!(contact.offer(&menu("weather"), &usual));
        assert!(contact.offer(&usual, &usual) && contact.person().profile.menu.is_none());
    }
}
