//! Tasks of services: written with the message that does them, finished with its end.

use countersign_core::{
    ApprovalId, ChatId, Moment, ServiceId, TaskId, limits,
    messaging::{OutMessage, Task, TaskQuestion, TaskStatus, TaskType},
    policy::ServicePermit,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Guard, KeptAnswer, Page, Store, StoreError,
    items::{item, read},
    keys,
    lists::{read_cursor, write_cursor},
    transaction::{Transaction, number, text},
};

/// A task as it is stored, its attributes named around DynamoDB's reserved words.
#[derive(Serialize, Deserialize)]
struct TaskItem {
    id: TaskId,
    service_id: ServiceId,
    task_type: TaskType,
    chat_id: ChatId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approval_id: Option<ApprovalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open_until: Option<Moment>,
    task_status: TaskStatus,
    /// JSON text: what Telegram answers may hold anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_result: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task_reason: Option<String>,
    created_at: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_at: Option<Moment>,
}

impl From<&Task> for TaskItem {
    fn from(task: &Task) -> Self {
        Self {
            id: task.id,
            service_id: task.service_id,
            task_type: task.task_type,
            chat_id: task.chat_id,
            approval_id: task.question.map(|question| question.approval_id),
            open_until: task.question.map(|question| question.open_until),
            task_status: task.status,
            task_result: task.result.as_ref().map(Value::to_string),
            task_reason: task.reason.clone(),
            created_at: task.created_at,
            finished_at: task.finished_at,
        }
    }
}

impl TryFrom<TaskItem> for Task {
    type Error = StoreError;

    fn try_from(item: TaskItem) -> Result<Self, StoreError> {
        let result = item.task_result.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Self {
            id: item.id,
            service_id: item.service_id,
            task_type: item.task_type,
            chat_id: item.chat_id,
            question: item
                .approval_id
                .zip(item.open_until)
                .map(|(approval_id, open_until)| TaskQuestion { approval_id, open_until }),
            status: item.task_status,
            result: result.map_err(|error| StoreError::Unreadable(format!("a task's result: {error}")))?,
            reason: item.task_reason,
            created_at: item.created_at,
            finished_at: item.finished_at,
        })
    }
}

impl Store {
    /// Writes a task and the message that does it.
    ///
    /// # Errors
    /// [`Guard::Task`] or [`Guard::Out`] where an id is taken, [`Guard::Idempotency`] where a twin was first.
    pub async fn commit_task(
        &self,
        _permit: &ServicePermit,
        task: &Task,
        message: &OutMessage,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        Transaction::new(self).put_task(task)?.tell(message)?.keep(kept)?.commit().await
    }

    /// Reads a task of this service.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn task(&self, service_id: ServiceId, id: TaskId) -> Result<Option<Task>, StoreError> {
        let found = self.get(&keys::task(service_id, id)).await?;
        found.map(|found| read::<TaskItem>(found, "task")?.try_into()).transpose()
    }

    /// The tasks of this service, newest first.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor of another list.
    pub async fn tasks(
        &self,
        service_id: ServiceId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page<Task>, StoreError> {
        let start = cursor.map(read_cursor).transpose()?.map(|id| keys::task(service_id, id));
        let (found, more) = self.newest(&keys::service(service_id).pk, keys::TASK_PREFIX, limit, start).await?;
        let items: Vec<Task> = found
            .into_iter()
            .map(|found| read::<TaskItem>(found, "task")?.try_into())
            .collect::<Result<_, StoreError>>()?;
        let next_cursor = items.last().filter(|_| more).map(|last| write_cursor(last.id));
        Ok(Page { items, next_cursor })
    }
}

impl Transaction<'_> {
    /// Adds a task.
    pub(crate) fn put_task(self, task: &Task) -> Result<Self, StoreError> {
        let record = item(&keys::task(task.service_id, task.id), "task", TaskItem::from(task))?;
        Ok(self.put(Guard::Task, record, Some("attribute_not_exists(pk)"), vec![]))
    }

    /// Ends a task that is still queued: exactly once.
    pub(crate) fn finish_task(
        self,
        service_id: ServiceId,
        id: TaskId,
        status: TaskStatus,
        result: Option<&Value>,
        reason: Option<&str>,
        at: Moment,
    ) -> Result<Self, StoreError> {
        let mut values = vec![
            (":queued", text(TaskStatus::Queued.as_str())),
            (":status", text(status.as_str())),
            (":at", number(at.millis())),
            (":until", number(at.plus_seconds(limits::TASK_KEPT_SECONDS).seconds())),
        ];
        let mut update = String::from("SET task_status = :status, finished_at = :at, expires_at = :until");
        if let Some(result) = result {
            update.push_str(", task_result = :result");
            values.push((":result", text(result.to_string())));
        }
        if let Some(reason) = reason {
            update.push_str(", task_reason = :reason");
            values.push((":reason", text(reason)));
        }
        Ok(self.update(Guard::Task, &keys::task(service_id, id), &update, "task_status = :queued", values))
    }
}
