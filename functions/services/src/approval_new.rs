//! `POST /api/v1/approvals`: people are asked to approve or deny, in Telegram.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Person, Refusal,
    approval::{Asker, Change, Question, read_approval},
    gate::Caller,
    messaging::words::Language,
    policy::{Permit, ServicePermit},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument};
use countersign_store::{Guard, KeptAnswer, MayAsk, StoreError};
use serde_json::Value;

use crate::{Services, approval_view::ApprovalView, ask, entry::Entered};

const ENDPOINT: &str = "POST /api/v1/approvals";
/// How often fresh ids are drawn where one is taken: two of a millisecond are alike once in 4096.
const ID_TRIES: usize = 5;

/// The body, for the OpenAPI document.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "documents the body; core's read_approval reads it")]
pub(crate) struct NewApproval {
    /// What is to be approved, 1 to 1000 UTF-16 units.
    subject: String,
    /// What else is to be known, at most 2000 UTF-16 units.
    details: Option<String>,
    /// Telegram ids of 1 to 20 people.
    approvers: Vec<u64>,
    /// For a service: a group that is asked instead of each approver in private; only the approvers' presses count.
    chat_id: Option<i64>,
    /// How many must approve; 1 where nothing is said. It is denied once they can no longer come together.
    quorum: Option<usize>,
    /// Seconds, 5 to 2592000; a day where nothing is said.
    expires_in: Option<i64>,
    /// Who is asked as well where nobody has decided by then.
    escalate: Option<EscalateBody>,
    /// For a service: where the outcome is posted, signed as Standard Webhooks says.
    callback_url: Option<String>,
}

/// Who is asked later.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "documents the body; core's read_approval reads it")]
pub(crate) struct EscalateBody {
    /// When, before it expires.
    after_seconds: i64,
    /// Telegram ids of 1 to 20 people who are not asked already.
    people: Vec<u64>,
}

/// Who asks, with the proof that they may.
enum By {
    Service(ServicePermit),
    Person(Permit, Box<Person>),
}

/// Ask for an approval
///
/// Each approver gets a message with Approve and Deny. The first sufficient answer decides; then every message shows the
/// outcome.
#[utoipa::path(
    post, path = "/api/v1/approvals", tag = "approvals", request_body = NewApproval,
    security(("access_token" = []), ("launch_data" = []), ("service_key" = []), ("signed_request" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 201, description = "Asked", body = ApprovalView),
        (status = 400, description = "What is wrong with it", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 409, description = "Too many approvals of this person are open", body = ProblemDocument),
    )
)]
pub(crate) async fn create(services: State<Arc<Services>>, call: Call) -> Result<Answer, Problem> {
    let entered = services.enter(&call).await?;
    let by = By::of(&entered)?;
    if let Some(record) = entered.replayed(&call)? {
        return Ok(Answer::replay(record));
    }
    let question = read_approval(call.json::<Value>()?)?;
    by.may_ask(&question)?;
    services.check_callback(&question)?;
    Ok(commit(&services, &entered, &call, &by, &question).await?)
}

async fn commit(
    services: &Services,
    entered: &Entered,
    call: &Call,
    by: &By,
    question: &Question,
) -> Result<Answer, Refusal> {
    let mut tries = 0;
    loop {
        let change = services.opened(question, by.asker(), by.name(&entered.caller)).await?;
        let answer = Answer::created(&ApprovalView::of(&change.proposal, &change.state, change.at))?;
        let committed = by.write(services, &change, entered.kept(call, &answer).as_ref()).await;
        tries += 1;
        match committed {
            Err(error) if (error.is_race() || error.failed(Guard::Proposal)) && tries < ID_TRIES => {}
            Err(error) if error.failed(Guard::OpenApprovals) => {
                let most = countersign_core::limits::OPEN_APPROVALS_PER_PERSON;
                return Err(Refusal::conflict(format!("At most {most} approvals of a person may be open")));
            }
            committed => return services.answer(entered, call, committed, answer).await,
        }
    }
}

impl By {
    fn of(entered: &Entered) -> Result<Self, Refusal> {
        if let Caller::Service { .. } = entered.caller {
            return Ok(Self::Service(entered.service_permit(ENDPOINT)?));
        }
        let permit = entered.person_permit(ENDPOINT)?;
        let person = entered.person().cloned().ok_or_else(countersign_core::policy::unknown_person)?;
        Ok(Self::Person(permit, Box::new(person)))
    }

    /// The bot speaks in groups, and posts to addresses, for services alone.
    fn may_ask(&self, question: &Question) -> Result<(), Refusal> {
        match self {
            Self::Person(..) if question.group().is_some() => Err(Refusal::forbidden("chat_id is for services")),
            Self::Person(..) if question.callback_url().is_some() => {
                Err(Refusal::forbidden("callback_url is for services"))
            }
            Self::Person(..) | Self::Service(_) => Ok(()),
        }
    }

    fn asker(&self) -> Asker {
        match self {
            Self::Service(permit) => Asker::Service { service_id: permit.service_id() },
            Self::Person(_, person) => Asker::Person {
                user_id: person.user_id,
                telegram_id: person.telegram_id,
                language: Language::of(&person.profile),
            },
        }
    }

    fn name<'a>(&'a self, caller: &'a Caller) -> &'a str {
        match self {
            Self::Service(_) => ask::service_name(caller),
            Self::Person(_, person) => person.profile.first_name.as_deref().unwrap_or_default(),
        }
    }

    async fn write(
        &self,
        services: &Services,
        change: &Change,
        kept: Option<&KeptAnswer<'_>>,
    ) -> Result<(), StoreError> {
        let by = match self {
            Self::Service(permit) => MayAsk::Service(permit),
            Self::Person(permit, _) => MayAsk::Person(permit),
        };
        services.store.commit_proposal(by, change, None, kept).await
    }
}
