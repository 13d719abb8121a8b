//! What is shown of a task, and how a request waits for one.

use std::time::Duration;

use countersign_core::{
    Refusal,
    approval::Mint,
    limits,
    messaging::{Task, TaskStatus},
};
use countersign_edge::clock;
use serde::Serialize;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};

use crate::Services;

/// The first pause between two looks at a task; a message is out within a few hundred milliseconds.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest one.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How far a task is.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TaskProgress {
    /// Its id.
    task_id: u64,
    /// `queued`, `done` or `failed`.
    status: &'static str,
    /// Once done: what Telegram answered, or how the question ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    /// Once failed: why, in Telegram's words where it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A task.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TaskView {
    #[serde(flatten)]
    progress: TaskProgress,
    /// What it does.
    r#type: &'static str,
    /// Where.
    chat_id: i64,
    /// When it was asked for.
    created_at: String,
    /// When it ended, or null.
    finished_at: Option<String>,
}

impl TaskProgress {
    pub(crate) fn of(task: &Task) -> Self {
        Self {
            task_id: task.id.get(),
            status: task.status.as_str(),
            result: task.result.clone(),
            reason: task.reason.clone(),
        }
    }
}

impl TaskView {
    pub(crate) fn of(task: &Task) -> Self {
        Self {
            progress: TaskProgress::of(task),
            r#type: task.task_type.as_str(),
            chat_id: task.chat_id.get(),
            created_at: task.created_at.to_rfc3339(),
            finished_at: task.finished_at.map(|at| at.to_rfc3339()),
        }
    }
}

/// How long a request may wait.
///
/// # Errors
/// 400 for more than [`limits::WAIT_MOST_SECONDS`].
pub(crate) fn wait_seconds(asked: Option<u32>) -> Result<u32, Refusal> {
    let seconds = asked.unwrap_or(0);
    if seconds > limits::WAIT_MOST_SECONDS {
        return Err(Refusal::invalid(format!("wait_seconds must be 0 to {}", limits::WAIT_MOST_SECONDS)));
    }
    Ok(seconds)
}

impl Services {
    /// Looks at a task until it has ended or the time is up: pauses grow, so that the longest wait is some thirty reads.
    /// A read that fails is not told: the task is there, and the next look may succeed.
    pub(crate) async fn wait_for(&self, mut task: Task, seconds: u32) -> Task {
        let end = Instant::now() + Duration::from_secs(seconds.into());
        let mut pause = FIRST_PAUSE;
        task = self.settled(task).await;
        while task.status == TaskStatus::Queued && Instant::now() + pause < end {
            sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
            match timeout_at(end, self.store.task(task.service_id, task.id)).await {
                Ok(Ok(Some(found))) => task = self.settled(found).await,
                Ok(Err(error)) => tracing::warn!(%error, "a task that is waited for was not read"),
                Ok(Ok(None)) | Err(_) => {}
            }
        }
        task
    }

    /// A question whose time is over ends now: whoever looks need not wait for the schedule. Where that fails the schedule
    /// does it.
    async fn settled(&self, task: Task) -> Task {
        let Some(approval_id) = task.lapsed_question(clock::now()) else { return task };
        let mint = || Mint::new(clock::now(), clock::random);
        match self.store.attend_approval(approval_id, mint).await {
            Ok(_) => match self.store.task(task.service_id, task.id).await {
                Ok(Some(ended)) => ended,
                _ => task,
            },
            Err(error) => {
                tracing::warn!(approval = %approval_id, %error, "a question past its end was not closed");
                task
            }
        }
    }
}
