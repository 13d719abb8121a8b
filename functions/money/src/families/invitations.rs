//! `/api/v1/families/{id}/invitations`: a one-time code, as a link into the bot; shown once, kept only as a hash.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    FamilyId, InvitationId, Moment, Refusal, UserId,
    family::{Family, FamilyPermit, FamilyRole, Invitation, InvitationCode, Permission, Step},
    idempotency::{IdempotencyRecord, finished},
    limits,
};
use countersign_edge::{Answer, Call, PageQuery, PathPair, PathText, Problem, ProblemDocument, clock};
use countersign_store::{FamilyFacts, KeptAnswer, Page};
use serde::{Deserialize, Serialize};

use super::step::Wanted;
use crate::{Money, entry};

/// Who is invited.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct InvitationBody {
    /// `owner` or `adult` by an owner alone; `member` or `child` by an adult too.
    #[schema(value_type = String)]
    role: FamilyRole,
    /// Seconds, 60 to 2592000; a week where nothing is said.
    expires_in: Option<i64>,
}

/// An invitation with its code, which is never shown again.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Invited {
    /// Its id.
    id: u64,
    /// As what.
    role: &'static str,
    /// Good once, for whoever brings it first.
    code: String,
    /// The same as a link into the bot.
    link: String,
    /// From then on it is good for nothing.
    expires_at: String,
}

/// An open invitation.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct InvitationView {
    /// Its id.
    id: u64,
    /// As what.
    role: &'static str,
    /// Who invites.
    invited_by: u64,
    /// When.
    created_at: String,
    /// From then on it is good for nothing.
    expires_at: String,
}

/// Open invitations.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Invitations {
    /// Oldest first.
    invitations: Vec<InvitationView>,
    /// For the next page, or null.
    next_cursor: Option<String>,
}

/// What an answer is made of: the code itself is not kept.
#[derive(Serialize, Deserialize)]
struct MadeOf {
    id: InvitationId,
    role: FamilyRole,
    live_until: Moment,
}

struct Inviting<'a> {
    money: &'a Money,
    family: FamilyId,
    made_of: MadeOf,
}

impl Inviting<'_> {
    fn code(&self, id: InvitationId) -> Result<InvitationCode, Refusal> {
        let none = || Refusal::unavailable("invitations need a client master");
        self.money.gate.gate().clients().invitation(self.family, id).ok_or_else(none)
    }

    fn shown(&self, made_of: &MadeOf) -> Result<Answer, Refusal> {
        let code = self.code(made_of.id)?;
        Answer::created(&Invited {
            id: made_of.id.get(),
            role: made_of.role.as_str(),
            code: code.expose().to_owned(),
            link: format!("https://t.me/{}?start={}", self.money.bot_username, code.expose()),
            expires_at: made_of.live_until.to_rfc3339(),
        })
    }
}

impl Wanted for Inviting<'_> {
    fn step(&self, family: &Family, actor: UserId, now: Moment) -> Result<Step, Refusal> {
        let made_of = &self.made_of;
        Ok(Step::Invite(Invitation {
            id: made_of.id,
            family_id: family.id,
            role: made_of.role,
            code_hash: self.code(made_of.id)?.hash(),
            invited_by: actor,
            created_at: now,
            live_until: made_of.live_until,
        }))
    }

    fn answer(&self, _: &Family) -> Result<Answer, Refusal> {
        self.shown(&self.made_of)
    }

    fn kept<'a>(
        &self,
        call: &'a Call,
        entered: &entry::Entered,
        _: &Answer,
        now: Moment,
    ) -> Result<Option<KeptAnswer<'a>>, Refusal> {
        let Some(key) = call.idempotency() else { return Ok(None) };
        let body = serde_json::to_string(&self.made_of).map_err(|error| Refusal::internal(error.to_string()))?;
        Ok(Some(KeptAnswer { scope: entered.scope(), key, record: IdempotencyRecord::finished(key, 201, body, now) }))
    }

    fn replayed(&self, call: &Call, family: FamilyId, facts: &FamilyFacts) -> Result<Option<Answer>, Refusal> {
        let record = finished(call.idempotency(), facts.idempotency.as_ref(), clock::now())?;
        let Some(record) = record.filter(|record| record.status < 400) else {
            return entry::replayed(call, family, facts);
        };
        call.trace().family(family);
        let made_of = serde_json::from_str(&record.body).map_err(|error| Refusal::internal(error.to_string()))?;
        Ok(Some(self.shown(&made_of)?.again()))
    }

    /// One more is refused where too many are open.
    async fn holds(&self, money: &Money, permit: &FamilyPermit, now: Moment) -> Result<(), Refusal> {
        let open = money.store.invitations(permit).await?;
        if open.iter().filter(|invitation| invitation.live_until > now).count() < limits::OPEN_INVITATIONS {
            return Ok(());
        }
        Err(Refusal::conflict(format!("{} invitations are open already", limits::OPEN_INVITATIONS)))
    }
}

/// Invite somebody
///
/// By an owner, or as a member or a child by an adult. The code is shown once; the link opens the bot with it. Other owners are
/// told in Telegram once somebody has joined.
#[utoipa::path(
    post, path = "/api/v1/families/{id}/invitations", tag = "families", request_body = InvitationBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The family"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 201, description = "The invitation with its code", body = Invited),
        (status = 400, description = "A bad role or time", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "Too many are open", body = ProblemDocument),
    )
)]
pub(crate) async fn create(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let endpoint = "POST /api/v1/families/{id}/invitations";
    let entered = money.enter(&call, endpoint).await?;
    let body: InvitationBody = call.object()?;
    let seconds = body.expires_in.unwrap_or(limits::INVITATION_SECONDS);
    if !(60..=limits::INVITATION_MOST_SECONDS).contains(&seconds) {
        let most = limits::INVITATION_MOST_SECONDS;
        return Err(Refusal::invalid(format!("expires_in must be 60 to {most} seconds")).into());
    }
    let (family, now) = (entry::family_id(&id.0)?, clock::now());
    let id = InvitationId::fresh(now, clock::random());
    let made_of = MadeOf { id, role: body.role, live_until: now.plus_seconds(seconds) };
    let wanted = Inviting { money: &money, family, made_of };
    Ok(money.step(&entered, &call, family, &wanted).await?)
}

/// List open invitations
#[utoipa::path(
    get, path = "/api/v1/families/{id}/invitations", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The family"),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 where nothing is said"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses(
        (status = 200, description = "The invitations, without their codes", body = Invitations),
        (status = 400, description = "A bad parameter", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn list(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let endpoint = "GET /api/v1/families/{id}/invitations";
    let (permit, _) = money.reader(&call, endpoint, || entry::family_id(&id.0), Permission::Invite).await?;
    let page: PageQuery = call.query()?;
    let (limit, now) = (page.limit()?, clock::now());
    let found = money.store.invitations(&permit).await?;
    let live = found.iter().filter(|invitation| invitation.live_until > now);
    let Page { items, next_cursor } = Page::of(live, |invitation| invitation.id.get(), limit, page.cursor.as_deref())?;
    let view = |invitation: &Invitation| InvitationView {
        id: invitation.id.get(),
        role: invitation.role.as_str(),
        invited_by: invitation.invited_by.get(),
        created_at: invitation.created_at.to_rfc3339(),
        expires_at: invitation.live_until.to_rfc3339(),
    };
    Ok(Answer::ok(&Invitations { invitations: items.into_iter().map(view).collect(), next_cursor })?)
}

struct TakingBack(Invitation);

impl Wanted for TakingBack {
    fn step(&self, _: &Family, _: UserId, _: Moment) -> Result<Step, Refusal> {
        Ok(Step::TakeBack(self.0.clone()))
    }

    fn answer(&self, _: &Family) -> Result<Answer, Refusal> {
        Answer::ok(&serde_json::json!({ "id": self.0.id, "taken_back": true }))
    }
}

/// Take an invitation back
#[utoipa::path(
    delete, path = "/api/v1/families/{id}/invitations/{invitation_id}", tag = "families",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The family"),
        ("invitation_id" = u64, Path, description = "The invitation"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "It is good for nothing any more"),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, used, or another's", body = ProblemDocument),
    )
)]
pub(crate) async fn take_back(money: State<Arc<Money>>, path: PathPair, call: Call) -> Result<Answer, Problem> {
    let endpoint = "DELETE /api/v1/families/{id}/invitations/{invitation_id}";
    let entered = money.enter(&call, endpoint).await?;
    let family = entry::family_id(&path.0)?;
    let idempotency = call.idempotency().map(|key| (entered.scope(), key));
    let (person, record) = money.store.person_and_key(entered.subject, idempotency).await?;
    entered.platform(person.as_ref())?;
    if let Some(answer) = entry::answered(&call, record.as_ref())? {
        call.trace().family(family);
        return Ok(answer);
    }
    let (person, found) = money.store.person_and_family(entered.subject, family).await?;
    let permit = entered.permit(person.as_ref(), found.as_ref(), Permission::Invite)?;
    let id: Option<InvitationId> = path.1.parse().ok();
    let open = money.store.invitations(&permit).await?;
    let invitation = open.into_iter().find(|invitation| Some(invitation.id) == id);
    let invitation = invitation.ok_or_else(|| Refusal::not_found("No such invitation"))?;
    Ok(money.step(&entered, &call, family, &TakingBack(invitation)).await?)
}
