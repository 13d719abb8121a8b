//! `GET /api/v1/tasks/{id}` and `GET /api/v1/tasks`: a service's own tasks, looked at or waited for.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{Refusal, messaging::Task, policy::ServicePermit};
use countersign_edge::{Answer, Call, PageQuery, PathText, Problem, ProblemDocument};
use serde::{Deserialize, Serialize};

use crate::{
    Services,
    task_view::{TaskView, wait_seconds},
};

/// A page of tasks.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct TaskPage {
    /// Newest first.
    tasks: Vec<TaskView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct WaitQuery {
    wait_seconds: Option<u32>,
}

/// Show a task
///
/// With `wait_seconds` it answers as soon as the task has ended, at the latest after that time.
#[utoipa::path(
    get, path = "/api/v1/tasks/{id}", tag = "tasks",
    security(("service_key" = []), ("signed_request" = [])),
    params(
        ("id" = u64, Path, description = "The task's id"),
        ("wait_seconds" = Option<u32>, Query, description = "0 to 25; 0 where nothing is said"),
    ),
    responses(
        (status = 200, description = "The task, ended or not", body = TaskView),
        (status = 400, description = "A bad wait_seconds", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another service's", body = ProblemDocument),
    )
)]
pub(crate) async fn get(services: State<Arc<Services>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let permit = services.enter(&call).await?.service_permit("GET /api/v1/tasks/{id}")?;
    let query: WaitQuery = call.query()?;
    let seconds = wait_seconds(query.wait_seconds)?;
    let task = task(&services, &permit, &id.0).await?;
    let task = services.wait_for(task, seconds).await;
    Ok(Answer::ok(&TaskView::of(&task))?)
}

async fn task(services: &Services, permit: &ServicePermit, id: &str) -> Result<Task, Refusal> {
    let unknown = || Refusal::not_found("No such task");
    let id = id.parse().map_err(|_| unknown())?;
    services.store.task(permit.service_id(), id).await?.ok_or_else(unknown)
}

/// List tasks
#[utoipa::path(
    get, path = "/api/v1/tasks", tag = "tasks",
    security(("service_key" = []), ("signed_request" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = TaskPage),
        (status = 400, description = "A bad limit or cursor", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
    )
)]
pub(crate) async fn list(services: State<Arc<Services>>, call: Call) -> Result<Answer, Problem> {
    let permit = services.enter(&call).await?.service_permit("GET /api/v1/tasks")?;
    let query: PageQuery = call.query()?;
    let page = services.store.tasks(permit.service_id(), query.limit()?, query.cursor.as_deref()).await?;
    let tasks = page.items.iter().map(TaskView::of).collect();
    Ok(Answer::ok(&TaskPage { tasks, next_cursor: page.next_cursor })?)
}
