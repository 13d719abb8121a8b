//! How every route begins and ends: who calls, their permit for a client's things, and the answer that is kept.

use countersign_core::{
    BotId, ClientId, KeyEventId, Moment, Refusal, Subject,
    gate::Caller,
    idempotency::{IdempotencyRecord, finished},
    keyring::{Bot, ClientPermit, KeyEvent, KeyHappening, RoleGrant, role_grant, unknown_bot, unknown_client},
    policy,
};
use countersign_edge::{Answer, Call, clock};
use countersign_store::{KeptAnswer, KeyScope, KeyringFacts, KeyringWanted, StoreError};

use crate::{Keys, entering::lost};

/// Who was let in, what they may do with which client's things, and what was read for it.
pub(crate) struct Entered {
    pub(crate) permit: ClientPermit,
    pub(crate) facts: KeyringFacts,
    pub(crate) now: Moment,
    scope: KeyScope,
}

/// Who was let in, before it is known what about.
pub(crate) struct Known {
    pub(crate) caller: Caller,
    pub(crate) subject: Option<Subject>,
    pub(crate) scope: KeyScope,
}

impl Keys {
    /// Lets a call in.
    ///
    /// # Errors
    /// 401 where it is not known who calls.
    pub(crate) async fn known(&self, call: &Call) -> Result<Known, Refusal> {
        let caller = self.gate.admit(call, &self.store).await?;
        let subject = caller.subject();
        let scope = match (subject, caller.service_id()) {
            (Some(subject), _) => KeyScope::Subject(subject),
            (None, Some(service)) => KeyScope::Service(service),
            (None, None) => return Err(policy::unknown_person()),
        };
        Ok(Known { caller, subject, scope })
    }

    /// Lets a call about a client in, with what is wanted of it.
    ///
    /// # Errors
    /// 401; 403 where the role does not grant it; 404 where the client is not there or another's.
    pub(crate) async fn enter(
        &self,
        call: &Call,
        id: &str,
        endpoint: &'static str,
        wanted: KeyringWanted<'_>,
    ) -> Result<Entered, Refusal> {
        let known = self.known(call).await?;
        self.entered(call, &known, id.parse().ok(), endpoint, wanted).await
    }

    /// The same about a bot: whose it is, is read first.
    ///
    /// # Errors
    /// As [`Keys::enter`].
    pub(crate) async fn enter_bot(
        &self,
        call: &Call,
        id: &str,
        endpoint: &'static str,
    ) -> Result<(Entered, Bot), Refusal> {
        let known = self.known(call).await?;
        self.entered_bot(call, &known, id, endpoint).await
    }

    /// The same once it is known who calls.
    ///
    /// # Errors
    /// As [`Keys::enter`].
    pub(crate) async fn entered_bot(
        &self,
        call: &Call,
        known: &Known,
        id: &str,
        endpoint: &'static str,
    ) -> Result<(Entered, Bot), Refusal> {
        let id: Option<BotId> = id.parse().ok();
        let client = match id {
            Some(id) => self.store.client_of_bot(id).await?,
            None => None,
        };
        let wanted = KeyringWanted { bot: id, ..KeyringWanted::default() };
        let hidden = |refusal: Refusal| if refusal == unknown_client() { unknown_bot() } else { refusal };
        let mut entered = self.entered(call, known, client, endpoint, wanted).await.map_err(hidden)?;
        let bot = entered.facts.bot.take().ok_or_else(unknown_bot)?;
        Ok((entered, bot))
    }

    /// Reads what is known of a client and what is wanted of it, and decides whether the caller may.
    ///
    /// # Errors
    /// As [`Keys::enter`].
    pub(crate) async fn entered(
        &self,
        call: &Call,
        known: &Known,
        client: Option<ClientId>,
        endpoint: &'static str,
        wanted: KeyringWanted<'_>,
    ) -> Result<Entered, Refusal> {
        let idempotency = call.idempotency().map(|key| (known.scope, key));
        let wanted = KeyringWanted { subject: known.subject, client, idempotency, ..wanted };
        let facts = self.store.keyring_facts(&wanted).await?;
        let permit = known.may(&facts, endpoint)?.of(facts.client.as_ref())?;
        Ok(Entered { permit, facts, now: clock::now(), scope: known.scope })
    }

    /// What is answered once a commit was tried. Where a twin with the same idempotency key was first, its answer is given.
    pub(crate) async fn answer(
        &self,
        entered: &Entered,
        call: &Call,
        committed: Result<(), StoreError>,
        answer: Answer,
    ) -> Result<Answer, Refusal> {
        match committed {
            Ok(()) => Ok(answer),
            Err(error) => Ok(Answer::replay(&self.twin(entered, call, error).await?)),
        }
    }

    /// What a twin with the same idempotency key has kept, where that is why a commit failed.
    ///
    /// # Errors
    /// Why the commit failed, where there is no twin.
    pub(crate) async fn twin(
        &self,
        entered: &Entered,
        call: &Call,
        error: StoreError,
    ) -> Result<IdempotencyRecord, Refusal> {
        let asked = call.idempotency().map(|key| (entered.scope, key));
        self.store.twin(asked, &error, entered.now).await?.ok_or_else(|| lost(error))
    }
}

impl Known {
    /// What the caller's role grants.
    ///
    /// # Errors
    /// 403 where it grants nothing; 404 for an unknown person.
    pub(crate) fn may(&self, facts: &KeyringFacts, endpoint: &'static str) -> Result<RoleGrant, Refusal> {
        role_grant(&self.caller, facts.person.as_ref(), endpoint)
    }
}

impl Entered {
    /// The finished record of the call's idempotency key.
    ///
    /// # Errors
    /// 422 where the key was used with another request.
    pub(crate) fn replayed(&self, call: &Call) -> Result<Option<&IdempotencyRecord>, Refusal> {
        finished(call.idempotency(), self.facts.idempotency.as_ref(), self.now)
    }

    /// The record that keeps an answer for the call's idempotency key.
    pub(crate) fn kept<'a>(&self, call: &'a Call, answer: &Answer) -> Option<KeptAnswer<'a>> {
        kept(call, self.scope, answer, self.now)
    }

    /// Something that happened to the client's key, or to a bot.
    pub(crate) fn event(&self, what: KeyHappening, bot: Option<BotId>) -> KeyEvent {
        event(self.permit.client_id(), self.permit.by(), what, bot, self.now)
    }
}

/// The record that keeps an answer for the call's idempotency key.
pub(crate) fn kept<'a>(call: &'a Call, scope: KeyScope, answer: &Answer, now: Moment) -> Option<KeptAnswer<'a>> {
    call.idempotency().map(|key| KeptAnswer { scope, key, record: answer.record(key, now) })
}

/// Something that happened.
pub(crate) fn event(client: ClientId, by: &str, what: KeyHappening, bot: Option<BotId>, now: Moment) -> KeyEvent {
    KeyEvent {
        id: KeyEventId::fresh(now, clock::random()),
        client_id: client,
        bot_id: bot,
        what,
        by: by.to_owned(),
        happened_at: now,
        key_version: None,
        detail: None,
    }
}
