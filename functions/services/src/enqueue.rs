//! `POST /enqueue_command`: a service tells the bot what to do, and may wait for the outcome.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use countersign_core::{
    ChatId, OutId, Refusal, TaskId,
    approval::Question,
    messaging::{BotCall, Origin, OutMessage, Task, TaskStatus, TaskType, read_task},
    policy::{self, ServicePermit},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::{Guard, KeptAnswer, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Services, ask,
    entry::Entered,
    task_view::{TaskProgress, wait_seconds},
};

const ENDPOINT: &str = "POST /enqueue_command";
/// How often fresh ids are drawn where one is taken: two of a millisecond are alike once in 4096.
const ID_TRIES: usize = 5;

/// What the bot is to do.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct Command {
    /// `send_message`, `edit_message`, `delete_message`, `send_photo`, `send_document`, `pin_message`, `set_chat_title`,
    /// `set_chat_description`, `get_chat`, `get_chat_member` or `ask`.
    r#type: String,
    /// The chat: a person's own has their Telegram id, a group's is negative.
    #[schema(value_type = i64)]
    chat_id: ChatId,
    /// What the type takes; see the documentation of each.
    #[serde(default = "nothing")]
    #[schema(value_type = Object)]
    payload: Value,
    /// How long to wait for the outcome, 0 to 25; 0 where nothing is said.
    wait_seconds: Option<u32>,
}

fn nothing() -> Value {
    json!({})
}

/// What a task does, read and within every limit.
enum Work {
    Call(BotCall),
    Question(Question),
}

/// Enqueue a command to the bot
///
/// The order of commands is kept per chat. With `Idempotency-Key` and `wait_seconds` a repeated request waits for the
/// first one's task and never makes a second.
#[utoipa::path(
    post, path = "/enqueue_command", tag = "tasks", request_body = Command,
    security(("service_key" = []), ("signed_request" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes the command once; kept 24 h")),
    responses(
        (status = 200, description = "Done, or failed with Telegram's reason", body = TaskProgress),
        (status = 202, description = "Queued", body = TaskProgress),
        (status = 400, description = "What is wrong with it", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "The role does not allow this type", body = ProblemDocument),
        (status = 422, description = "The Idempotency-Key was used for another request", body = ProblemDocument),
    )
)]
pub(crate) async fn enqueue_command(services: State<Arc<Services>>, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    entered.service_permit(ENDPOINT)?;
    let command: Command = call.object()?;
    let task_type = task_type(&command.r#type)?;
    let permit = policy::task_permit(&entered.caller, ENDPOINT, task_type)?;
    let seconds = wait_seconds(command.wait_seconds)?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(services.replayed_task(&permit, Answer::replay(record), &record.body, seconds).await?);
    }
    let (chat_id, payload) = (command.chat_id, command.payload);
    let work = match task_type {
        TaskType::Ask => Work::Question(ask::read(&services, payload, chat_id)?),
        _ => Work::Call(read_task(task_type, payload)?),
    };
    let enqueue = Enqueue { services: &services, entered: &entered, call: &call, permit: &permit };
    let (task, answer) = enqueue.commit(task_type, chat_id, &work).await?;
    let Some(task) = task else { return Ok(answer) };
    let task = services.wait_for(task, seconds).await;
    Ok(progress(&task)?)
}

fn task_type(word: &str) -> Result<TaskType, Refusal> {
    TaskType::parse(word).ok_or_else(|| {
        let known: Vec<_> = TaskType::ALL.iter().map(|known| known.as_str()).collect();
        Refusal::invalid(format!("type must be one of {}", known.join(", ")))
    })
}

/// 200 once it has ended, else 202.
fn progress(task: &Task) -> Result<Answer, Refusal> {
    let status = if task.status == TaskStatus::Queued { StatusCode::ACCEPTED } else { StatusCode::OK };
    Answer::new(status, &TaskProgress::of(task))
}

/// One command on its way into the table.
struct Enqueue<'a> {
    services: &'a Services,
    entered: &'a Entered,
    call: &'a Call,
    permit: &'a ServicePermit,
}

impl Enqueue<'_> {
    /// Commits the task with what does it and the idempotency record. No task: a twin was first, and this is its answer.
    async fn commit(
        &self,
        task_type: TaskType,
        chat_id: ChatId,
        work: &Work,
    ) -> Result<(Option<Task>, Answer), Refusal> {
        let mut tries = 0;
        loop {
            let task = self.task(task_type, chat_id);
            let answer = progress(&task)?;
            let kept = self.entered.kept(self.call, &answer);
            let committed = self.write(&task, work, kept.as_ref()).await;
            tries += 1;
            match committed {
                Ok(()) => return Ok((Some(task), answer)),
                Err(error) if is_taken(&error) && tries < ID_TRIES => {}
                Err(error) => {
                    let answer = self.services.answer(self.entered, self.call, Err(error), answer).await?;
                    return Ok((None, answer));
                }
            }
        }
    }

    fn task(&self, task_type: TaskType, chat_id: ChatId) -> Task {
        // Where a try had an id that is taken, the next is a moment later.
        let now = clock::now();
        Task {
            id: TaskId::fresh(now, clock::random()),
            service_id: self.permit.service_id(),
            task_type,
            chat_id,
            question: None,
            status: TaskStatus::Queued,
            result: None,
            reason: None,
            created_at: now,
            finished_at: None,
        }
    }

    async fn write(&self, task: &Task, work: &Work, kept: Option<&KeptAnswer<'_>>) -> Result<(), StoreError> {
        match work {
            Work::Question(question) => {
                ask::commit(self.services, self.entered, self.permit, task, question, kept).await
            }
            Work::Call(call) => {
                let message = OutMessage {
                    id: OutId::fresh(task.created_at, clock::random()),
                    chat_id: task.chat_id,
                    call: call.clone(),
                    origin: Origin::Task { service_id: task.service_id, task_id: task.id },
                    created_at: task.created_at,
                };
                self.services.store.commit_task(self.permit, task, &message, kept).await
            }
        }
    }
}

fn is_taken(error: &StoreError) -> bool {
    error.is_race() || error.failed(Guard::Task) || error.failed(Guard::Proposal)
}

impl Services {
    /// What a repeated request is answered: the first answer where it did not wait, else the task as it is by now.
    async fn replayed_task(
        &self,
        permit: &ServicePermit,
        first: Answer,
        body: &str,
        seconds: u32,
    ) -> Result<Answer, Refusal> {
        #[derive(Deserialize)]
        struct First {
            task_id: TaskId,
        }
        let id = serde_json::from_str::<First>(body).ok().filter(|_| seconds > 0).map(|first| first.task_id);
        let Some(id) = id else { return Ok(first) };
        let Some(task) = self.store.task(permit.service_id(), id).await? else { return Ok(first) };
        Ok(progress(&self.wait_for(task, seconds).await)?.again())
    }
}
