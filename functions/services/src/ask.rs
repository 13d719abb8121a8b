//! A task of type `ask`: the question is put by the approval engine, in the transaction that makes the task.

use std::collections::HashMap;

use countersign_core::{
    ApprovalId, ChatId, Refusal, TelegramId,
    approval::{Asker, Change, Mint, Opening, Question, open, read_ask},
    gate::Caller,
    messaging::{Task, TaskQuestion, words::Language},
    policy::ServicePermit,
};
use countersign_edge::clock;
use countersign_store::{KeptAnswer, MayAsk, StoreError};
use serde_json::Value;

use crate::{Services, entry::Entered};

/// Reads the payload of a task of type `ask`.
///
/// # Errors
/// 400 naming the field and the limit.
pub(crate) fn read(services: &Services, payload: Value, chat: ChatId) -> Result<Question, Refusal> {
    let question = read_ask(payload, chat)?;
    services.check_callback(&question)?;
    Ok(question)
}

/// Commits the task, the proposal and its messages.
///
/// # Errors
/// As `Store::commit_proposal`.
pub(crate) async fn commit(
    services: &Services,
    entered: &Entered,
    permit: &ServicePermit,
    task: &Task,
    question: &Question,
    kept: Option<&KeptAnswer<'_>>,
) -> Result<(), StoreError> {
    let asker = Asker::Task { service_id: task.service_id, task_id: task.id };
    let change = services.opened(question, asker, service_name(&entered.caller)).await?;
    let question = TaskQuestion { approval_id: change.proposal.id, open_until: change.proposal.expires_at };
    let task = Task { question: Some(question), ..task.clone() };
    services.store.commit_proposal(MayAsk::Service(permit), &change, Some(&task), kept).await
}

/// The name of a service that asks, as people see it.
pub(crate) fn service_name(caller: &Caller) -> &str {
    match caller {
        Caller::Service { name, .. } => name,
        Caller::Person { .. } => "",
    }
}

impl Services {
    /// The change that puts a question: each person is asked in their own language, which one read tells.
    pub(crate) async fn opened(&self, question: &Question, asker: Asker, asked_by: &str) -> Result<Change, StoreError> {
        let people = self.store.people_in_telegram(&question.everybody()).await?;
        let languages: HashMap<TelegramId, Language> =
            people.iter().filter_map(|person| Some((person.telegram_id?, Language::of(&person.profile)))).collect();
        let language_of = |person| languages.get(&person).copied().unwrap_or_default();
        let now = clock::now();
        let id = ApprovalId::fresh(now, clock::random());
        let opening = Opening { id, asker, asked_by, language_of: &language_of };
        Ok(open(question.clone(), &opening, &mut Mint::new(now, clock::random)))
    }

    /// Whether the outcome may be posted to where the question says.
    ///
    /// # Errors
    /// 400 with what is wrong with the address.
    pub(crate) fn check_callback(&self, question: &Question) -> Result<(), Refusal> {
        let Some(url) = question.callback_url() else { return Ok(()) };
        let checked = self.rules.check(url);
        checked.map(|_| ()).map_err(|bad| Refusal::invalid(format!("callback_url cannot be used: {bad}")))
    }
}
