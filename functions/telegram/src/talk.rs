//! What a handler is given: who wrote what, the facts, and how to say something so that it is said once.

use std::sync::Arc;

use countersign_core::{
    FamilyId, Moment, OutId, Person, Refusal,
    bot::{Answer, Contact, Incoming, Menu, NotDone, Press, What},
    messaging::{
        BotCall, Buttons, Delivery, MessageRef, Origin, OutMessage, Text,
        words::{Language, general as words},
    },
    policy::Permit,
};
use countersign_edge::{Trace, clock};
use countersign_store::{Facts, OwnedCommand};

use crate::{Bot, menus};

/// One update on its way through a handler. A handler commits exactly once: by [`Talk::say`] or one of its kin, or by a
/// verb of the store that takes the contact along (`Transaction::contact`). Until then nothing is written.
pub(crate) struct Talk<'a> {
    pub(crate) bot: &'a Bot,
    pub(crate) incoming: &'a Incoming,
    /// What the update leaves in the access log.
    pub(crate) trace: &'a Trace,
    /// The claim of the update, and the person.
    pub(crate) contact: Contact,
    /// What was read for it: the signing sessions for `/sessions`, a service's command.
    pub(crate) facts: Facts,
    /// For the person themself: of the command where it is one of the bot's own.
    pub(crate) permit: Permit,
    pub(crate) language: Language,
    pub(crate) now: Moment,
}

impl Talk<'_> {
    /// The person as they will be once this is committed.
    pub(crate) fn person(&self) -> &Person {
        self.contact.person()
    }

    /// Says that the person looks at or changes things of a family that they belong to: its owner sees it.
    pub(crate) fn looks_at(&self, family: FamilyId) {
        self.trace.called_by(format!("u:{}", self.person().user_id));
        self.trace.family(family);
    }

    /// The commands that the person may use in this chat.
    pub(crate) async fn menu(&self) -> Result<Menu, Refusal> {
        let services = self.services().await?;
        Ok(menus::of_role(&self.person().role, &services, !self.incoming.chat.is_private, self.language))
    }

    /// Commits the contact alone, and says this.
    pub(crate) async fn say(self, text: impl Into<Text>) -> Result<Answer, NotDone> {
        let answer = self.reply(text, None);
        self.answer(answer).await
    }

    /// An answer to the person's message: in a group it is plain to whom.
    pub(crate) fn reply(&self, text: impl Into<Text>, buttons: Option<Buttons>) -> Answer {
        let reply_to = self.incoming.message_id.filter(|_| !self.incoming.chat.is_private);
        let text = text.into();
        Answer::Say(BotCall::SendMessage { text, buttons, reply_to, ask_reply: false, silent: false })
    }

    /// What the chat shows next, with the contact to commit. After a press it takes the place of the message whose button it was;
    /// a body holds one method, so the courier answers the press.
    pub(crate) fn show(&self, text: impl Into<Text>, buttons: Option<Buttons>) -> (Contact, Answer) {
        let What::Press(press) = &self.incoming.what else { return (self.contact.clone(), self.reply(text, buttons)) };
        let answered = BotCall::AnswerPress { query_id: press.query_id.clone(), text: None, is_alert: false };
        let contact = self.contact.telling(self.messages([answered]));
        (contact, Answer::Say(in_place_of(press, text.into(), buttons)))
    }

    /// As [`Talk::show`] the other way round: the body answers the press, and what must not be lost with it comes by the courier.
    pub(crate) fn show_surely(&self, press: &Press, text: Text) -> (Contact, Answer) {
        let contact = self.contact.telling(self.messages([in_place_of(press, text, None)]));
        (contact, Answer::Pressed { text: String::new(), is_alert: false })
    }

    /// Commits the contact alone, and answers this.
    pub(crate) async fn answer(self, answer: Answer) -> Result<Answer, NotDone> {
        self.commit(answer, Vec::new(), None).await
    }

    /// Commits the contact with more messages in this chat, which the courier sends, and answers this.
    pub(crate) async fn answer_and_tell(self, answer: Answer, calls: Vec<BotCall>) -> Result<Answer, NotDone> {
        self.commit(answer, calls, None).await
    }

    /// Commits the contact with a delivery to a service, and answers this.
    pub(crate) async fn answer_and_deliver(self, answer: Answer, delivery: &Delivery) -> Result<Answer, NotDone> {
        self.commit(answer, Vec::new(), Some(delivery)).await
    }

    async fn commit(
        mut self,
        answer: Answer,
        calls: Vec<BotCall>,
        delivery: Option<&Delivery>,
    ) -> Result<Answer, NotDone> {
        let menu = self.offer_menu().await?;
        let contact = self.contact.telling(self.messages(menu.into_iter().chain(calls)));
        self.bot.store.commit_contact(&contact, delivery).await?;
        Ok(answer)
    }

    /// The person's own chat shows the commands that they may use, in the language that they read. Everybody's menu, as it
    /// was registered, is right for most; who needs another is given it at the next contact after it changed.
    async fn offer_menu(&mut self) -> Result<Option<BotCall>, Refusal> {
        if !self.incoming.chat.is_private || self.person().profile.blocked_at.is_some() {
            return Ok(None);
        }
        let services = self.services().await?;
        let person = self.person();
        let app = Language::of_app(&person.profile).unwrap_or_default();
        let usual = menus::of_role(countersign_core::bot::NEWCOMER, &[], false, app);
        let wanted = menus::of_role(&person.role, &services, false, self.contact.language());
        if !self.contact.offer(&wanted, &usual) {
            return Ok(None);
        }
        let commands = if wanted == usual { Menu::new() } else { wanted };
        Ok(Some(BotCall::SetCommands { commands }))
    }

    async fn services(&self) -> Result<Arc<[OwnedCommand]>, Refusal> {
        self.bot.menus.commands(&self.bot.store, self.facts.commands_revision.as_deref()).await
    }

    /// Messages of this chat, in order; their ids all differ.
    fn messages(&self, calls: impl IntoIterator<Item = BotCall>) -> Vec<OutMessage> {
        let (chat_id, created_at) = (self.incoming.chat.id, self.now);
        let first = OutId::fresh(self.now, clock::random()).get();
        let message = |(id, call)| OutMessage { id, chat_id, call, origin: Origin::Bot, created_at };
        (first..).map_while(OutId::new).zip(calls).map(message).collect()
    }

    /// Says that a service was asked.
    pub(crate) fn working_on_it(&self) -> Answer {
        self.reply(words::working_on_it(self.language), None)
    }
}

/// In place of the message whose button was pressed, where Telegram still says which; else a new one.
fn in_place_of(press: &Press, text: Text, buttons: Option<Buttons>) -> BotCall {
    match press.message_id {
        Some(id) => BotCall::EditMessage { message: MessageRef::Id(id), text, buttons },
        None => BotCall::SendMessage { text, buttons, reply_to: None, ask_reply: false, silent: false },
    }
}
