//! `PUT` and `GET /api/v1/services/{id}/commands`: the commands that a service gives the bot.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal, ServiceId, limits,
    policy::unknown_service,
    services::{ServiceCommand, read_commands},
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::{Guard, OwnedCommand, StoreError};
use serde::Serialize;

use crate::Services;

const PUT: &str = "PUT /api/v1/services/{id}/commands";
const GET: &str = "GET /api/v1/services/{id}/commands";

/// A service's commands.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct CommandsView {
    /// By name.
    #[schema(value_type = Vec<CommandBody>)]
    commands: Vec<ServiceCommand>,
}

/// A command, for the OpenAPI document.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "documents the body; core's ServiceCommand reads it")]
pub(crate) struct CommandBody {
    /// Without the slash: 1 to 32 of `a-z 0-9 _`, and neither the bot's own nor another service's.
    command: String,
    /// 1 to 256 characters; people read it in their menu.
    description: String,
    /// Where the command is delivered to, https.
    url: String,
    /// Platform roles of people who may use it.
    roles: Vec<String>,
    /// JSON schema (draft 2020-12) of the words behind the command, an array of strings; at most 4096 bytes,
    /// without `$ref`, `$dynamicRef` and `unevaluated…`.
    #[schema(value_type = Option<Object>)]
    arguments_schema: Option<serde_json::Value>,
}

/// Replace a service's commands
///
/// By an admin, or by the service itself. The list replaces the one before; an empty one takes all away.
#[utoipa::path(
    put, path = "/api/v1/services/{id}/commands", tag = "services", request_body = Vec<CommandBody>,
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(
        ("id" = u64, Path, description = "The service's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "The list as it is now", body = CommandsView),
        (status = 400, description = "Which command is wrong, and how", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, disabled, or another service", body = ProblemDocument),
        (status = 409, description = "Another service's command has this name, or the list changed meanwhile",
            body = ProblemDocument),
    )
)]
pub(crate) async fn put(services: State<Arc<Services>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let permit = entered.permit_over(id.0.parse().ok(), PUT)?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(Answer::replay(record));
    }
    let mut commands = read_commands(call.json()?)?;
    services.check_urls(&commands)?;
    commands.sort_by(|one, other| one.command.cmp(&other.command));
    let id = permit.service_id();
    let seen = services.store.command_list(id).await?;
    free(&services.store.commands().await?, id, &commands)?;
    let answer = Answer::ok(&CommandsView { commands: commands.clone() })?;
    let kept = entered.kept(&call, &answer);
    match services.store.commit_commands(&permit, &seen, &commands, kept.as_ref()).await {
        Err(error) if error.failed(Guard::Service) => Err(unknown_service().because(error.to_string()).into()),
        committed => Ok(services.answer(&entered, &call, named(committed)?, answer).await?),
    }
}

impl Services {
    /// The form and the host as it is written; where the host leads is looked at whenever it is called.
    fn check_urls(&self, commands: &[ServiceCommand]) -> Result<(), Refusal> {
        for (index, command) in commands.iter().enumerate() {
            let bad = |bad| Refusal::invalid(format!("commands[{index}]: url cannot be used: {bad}"));
            self.rules.check(&command.url).map_err(bad)?;
        }
        Ok(())
    }
}

/// A name that was taken at the same moment.
fn named(committed: Result<(), StoreError>) -> Result<Result<(), StoreError>, Refusal> {
    match committed {
        Err(error) if error.failed(Guard::Command) => {
            Err(Refusal::conflict("Another service's command has one of these names").because(error.to_string()))
        }
        other => Ok(other),
    }
}

/// Says which name is taken, and that there is an end to all. The commit holds it.
fn free(all: &[OwnedCommand], id: ServiceId, commands: &[ServiceCommand]) -> Result<(), Refusal> {
    let others = || all.iter().filter(|owned| owned.service_id != id);
    let taken = |command: &&ServiceCommand| others().any(|owned| owned.command.command == command.command);
    if let Some(command) = commands.iter().find(taken) {
        return Err(Refusal::conflict(format!("/{} is another service's", command.command)));
    }
    if others().count() + commands.len() > limits::COMMANDS_OF_SERVICES {
        let most = limits::COMMANDS_OF_SERVICES;
        return Err(Refusal::conflict(format!("All services together have at most {most} commands")));
    }
    Ok(())
}

/// Show a service's commands
///
/// To an admin, or to the service itself.
#[utoipa::path(
    get, path = "/api/v1/services/{id}/commands", tag = "services",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(("id" = u64, Path, description = "The service's id")),
    responses(
        (status = 200, description = "Its commands", body = CommandsView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another service", body = ProblemDocument),
    )
)]
pub(crate) async fn get(services: State<Arc<Services>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let permit = entered.permit_over(id.0.parse().ok(), GET)?;
    services.store.listed_service(&permit).await?.ok_or_else(unknown_service)?;
    let all = services.store.commands().await?;
    let own = all.into_iter().filter(|owned| owned.service_id == permit.service_id());
    Ok(Answer::ok(&CommandsView { commands: own.map(|owned| owned.command).collect() })?)
}
