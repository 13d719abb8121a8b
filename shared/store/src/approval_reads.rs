//! What is read of questions and approvals: for a vote, for whoever asked, and what is due.

use countersign_core::{
    ApprovalId, ChatId, Moment, Person, Subject, TelegramId,
    approval::{Copy, Facts, Proposal, State},
};
use serde::Deserialize;

use crate::{
    Store, StoreError,
    items::read,
    keys::{self, Key, PENDING_APPROVALS, PENDING_INDEX, PENDING_PK, PK, SK},
    table::Item,
    transaction::{number, text},
};

/// A proposal with all that is known of it.
#[derive(Clone, Debug)]
pub struct Approval {
    /// What is asked.
    pub proposal: Proposal,
    /// How far it is.
    pub state: State,
    /// Its copies.
    pub copies: Vec<Copy>,
    /// The chats of those copies that were not sent since it was last looked at.
    pub marked: Vec<ChatId>,
}

/// A question of a chat that is answered in words.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Prompt {
    /// Which.
    pub approval_id: ApprovalId,
    /// The message that shows it, once it is sent.
    #[serde(default)]
    pub message_id: Option<i64>,
}

impl Store {
    /// What a vote from this chat is judged by, with one `BatchGetItem`.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn approval_facts(&self, id: ApprovalId, chat: ChatId) -> Result<Facts, StoreError> {
        let mut facts = Facts::default();
        for item in self.get_batch(&vote_keys(id, chat)).await? {
            take(&mut facts, item)?;
        }
        Ok(facts)
    }

    /// A proposal and its state; none where there is no such one.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn approval(&self, id: ApprovalId) -> Result<Option<(Proposal, State)>, StoreError> {
        let mut facts = Facts::default();
        for item in self.get_batch(&[keys::approval_proposal(id), keys::approval_state(id)]).await? {
            take(&mut facts, item)?;
        }
        Ok(facts.proposal.zip(facts.state))
    }

    /// A proposal with its copies; none where there is no such one.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn approval_with_copies(&self, id: ApprovalId) -> Result<Option<Approval>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk"))
            .expression_attribute_values(":pk", text(keys::approval_partition(id)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let (mut facts, mut copies, mut marked) = (Facts::default(), Vec::new(), Vec::new());
        for item in answer.items.unwrap_or_default() {
            let is_marked = item.contains_key(PENDING_PK);
            take(&mut facts, item)?;
            if let Some(copy) = facts.copy.take() {
                marked.extend(is_marked.then_some(copy.chat_id));
                copies.push(copy);
            }
        }
        let found = facts.proposal.zip(facts.state);
        Ok(found.map(|(proposal, state)| Approval { proposal, state, copies, marked }))
    }

    /// Those of these people who are known here, in no order, with one `BatchGetItem`.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn people_in_telegram(&self, people: &[TelegramId]) -> Result<Vec<Person>, StoreError> {
        let keys: Vec<Key> = people.iter().map(|id| keys::person(Subject::Telegram(*id))).collect();
        let found = if keys.is_empty() { Vec::new() } else { self.get_batch(&keys).await? };
        found.into_iter().map(|item| read(item, "person")).collect()
    }

    /// Proposals about which something is due at this moment, those first that have waited longest.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn due_approvals(&self, now: Moment, most: usize) -> Result<Vec<ApprovalId>, StoreError> {
        let mut found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PENDING_INDEX)
            .key_condition_expression("pending_pk = :pk AND pending_at <= :now")
            .expression_attribute_values(":pk", text(PENDING_APPROVALS))
            .expression_attribute_values(":now", number(now.millis()))
            .into_paginator()
            .items()
            .send();
        let mut ids = Vec::new();
        while ids.len() < most
            && let Some(item) = found.next().await
        {
            let key = Key::of(&item.map_err(|error| StoreError::from_sdk(&error))?);
            ids.extend(key.and_then(|key| keys::approval_of(&key.pk)).filter(|id| !ids.contains(id)));
        }
        Ok(ids)
    }

    /// The open questions of a chat that are answered in words, newest first, at most `most`.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn prompts(&self, chat: ChatId, most: u16) -> Result<Vec<Prompt>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression(format!("{PK} = :pk AND begins_with({SK}, :prefix)"))
            .expression_attribute_values(":pk", text(keys::chat_partition(chat)))
            .expression_attribute_values(":prefix", text(keys::PROMPT_PREFIX))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(i32::from(most))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        answer.items.unwrap_or_default().into_iter().map(|item| read(item, "prompt")).collect()
    }
}

/// What a vote from a chat is judged by.
pub(crate) fn vote_keys(id: ApprovalId, chat: ChatId) -> [Key; 3] {
    [keys::approval_proposal(id), keys::approval_state(id), keys::approval_copy(id, chat)]
}

/// Takes one item of a proposal's partition. Votes are in the state as well.
pub(crate) fn take(facts: &mut Facts, item: Item) -> Result<(), StoreError> {
    let sk = item.get(SK).and_then(|sk| sk.as_s().ok()).map(String::as_str).unwrap_or_default();
    match sk.split('#').next().unwrap_or_default() {
        "PROPOSAL" => facts.proposal = Some(read(item, "proposal")?),
        "STATE" => facts.state = Some(read(item, "approval_state")?),
        "COPY" => facts.copy = Some(read(item, "copy")?),
        _ => {}
    }
    Ok(())
}
