//! `GET /api/v1/me`: who the caller is, as the platform knows them, and what they may do.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Person,
    gate::{Caller, client_id},
    policy,
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument};
use serde::Serialize;

use crate::Services;

const ENDPOINT: &str = "GET /api/v1/me";

/// Who calls.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Me {
    /// A person.
    Person {
        /// The platform's id.
        user_id: u64,
        /// Telegram's id, where bound.
        telegram_id: Option<u64>,
        /// The platform role.
        role: String,
        /// The first name, as Telegram said last.
        #[serde(skip_serializing_if = "Option::is_none")]
        first_name: Option<String>,
        /// The username, as Telegram said last.
        #[serde(skip_serializing_if = "Option::is_none")]
        username: Option<String>,
        /// Since when they are known here.
        created_at: String,
        /// Commands of the bot that the role may use.
        telegram_commands: Vec<&'static str>,
    },
    /// A service.
    Service {
        /// Its id.
        id: u64,
        /// Its name.
        name: String,
        /// Its role.
        role: String,
        /// `X-Client-Id` of its signed requests.
        client_id: String,
        /// Tasks that it may enqueue.
        task_types: Vec<&'static str>,
        /// Whether it may name the person that it acts for.
        acts_for_people: bool,
    },
}

/// Show who is calling
#[utoipa::path(
    get, path = "/api/v1/me", tag = "services",
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    responses(
        (status = 200, description = "The person or the service", body = Me),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Unknown person", body = ProblemDocument),
    )
)]
pub(crate) async fn me(services: State<Arc<Services>>, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let me = match &entered.caller {
        Caller::Service { id, name, role, .. } => {
            entered.service_permit(ENDPOINT)?;
            let granted = policy::service_role(role);
            Me::Service {
                id: id.get(),
                name: name.clone(),
                role: role.clone(),
                client_id: client_id(*id),
                task_types: granted.map(|role| role.task_types.to_vec()).unwrap_or_default(),
                acts_for_people: granted.is_some_and(|role| role.acts_for_people),
            }
        }
        Caller::Person { .. } => {
            entered.person_permit(ENDPOINT)?;
            person(entered.person().ok_or_else(policy::unknown_person)?)
        }
    };
    Ok(Answer::ok(&me)?)
}

fn person(person: &Person) -> Me {
    Me::Person {
        user_id: person.user_id.get(),
        telegram_id: person.telegram_id.map(countersign_core::TelegramId::get),
        role: person.role.clone(),
        first_name: person.profile.first_name.clone(),
        username: person.profile.username.clone(),
        created_at: person.created_at.to_rfc3339(),
        telegram_commands: policy::person_role(&person.role)
            .map(|role| role.telegram_commands.to_vec())
            .unwrap_or_default(),
    }
}
