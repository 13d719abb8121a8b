//! `POST /api/v1/families`: whoever makes a family owns it.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    FamilyId, Refusal, UserId,
    family::{self, NewFamily},
    limits,
    money::{AmountText, Currency},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::{Along, Undone};
use serde::Deserialize;

use super::view::FamilyView;
use crate::{Money, entry};

/// A new family, as a request says it.
#[derive(Deserialize)]
struct FamilyForm {
    name: String,
    currency: Option<String>,
    #[serde(default, deserialize_with = "given")]
    threshold: Option<AmountText>,
    your_name: Option<String>,
}

/// A new family.
#[allow(dead_code, reason = "describes `FamilyForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct FamilyBody {
    /// 1 to 64 characters.
    name: String,
    /// ISO 4217; EUR where nothing is said.
    currency: Option<String>,
    /// A payment above it needs approval; 500 where nothing is said; null: none does.
    #[schema(example = "500.00")]
    threshold: Option<String>,
    /// The caller's name there; as Telegram says it where nothing is said.
    your_name: Option<String>,
}

/// An amount that may be null: absent and null are different things.
pub(super) fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<AmountText>, D::Error> {
    AmountText::deserialize(deserializer).map(Some)
}

/// Reads a threshold: null is none.
pub(super) fn threshold(currency: Currency, given: &AmountText) -> Result<Option<i64>, Refusal> {
    if given.as_str() == "null" { Ok(None) } else { currency.minor_of(given).map(Some) }
}

/// Make a family
#[utoipa::path(
    post, path = "/api/v1/families", tag = "families", request_body = FamilyBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 201, description = "The family", body = FamilyView),
        (status = 400, description = "A bad name, currency or threshold", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 409, description = "Too many families", body = ProblemDocument),
    )
)]
pub(crate) async fn create(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/families").await?;
    let form: FamilyForm = call.object()?;
    Ok(money.in_turn(&entered, &call, || attempt(&money, &entered, &call, &form)).await?)
}

async fn attempt(money: &Money, entered: &entry::Entered, call: &Call, form: &FamilyForm) -> Result<Answer, Undone> {
    let idempotency = call.idempotency().map(|key| (entered.scope(), key));
    let (person, record) = money.store.person_and_key(entered.subject, idempotency).await?;
    let (platform, owner) = entered.platform(person.as_ref())?;
    if let Some(answer) = entry::answered(call, record.as_ref())? {
        return Ok(answer);
    }
    if money.store.families_of(&platform, owner).await?.len() >= limits::FAMILIES_OF_PERSON {
        let most = limits::FAMILIES_OF_PERSON;
        return Err(Refusal::conflict(format!("One person is in at most {most} families")).into());
    }
    let now = clock::now();
    let usual = person.as_ref().and_then(|person| person.profile.first_name.clone());
    let new = form.read(FamilyId::fresh(now, clock::random()), owner, usual)?;
    call.trace().family(new.id);
    let (change, family) = family::create(&platform, new, now);
    let answer = Answer::created(&FamilyView::of(&family, owner))?;
    let kept = entry::kept(call, entered.scope(), &answer, now);
    money.store.commit_family(&change, Along { kept: kept.as_ref(), contact: None }).await?;
    Ok(answer)
}

impl FamilyForm {
    fn read(&self, id: FamilyId, owner: UserId, usual: Option<String>) -> Result<NewFamily, Refusal> {
        let currency = Currency::read(self.currency.as_deref().unwrap_or("EUR"))?;
        let unit = 10_i64.saturating_pow(currency.scale());
        let threshold_minor = match &self.threshold {
            Some(given) => threshold(currency, given)?,
            None => Some(limits::FAMILY_THRESHOLD_UNITS.saturating_mul(unit)),
        };
        Ok(NewFamily {
            id,
            name: family::name("name", &self.name)?,
            currency,
            threshold_minor,
            owner,
            owner_name: own_name(self.your_name.as_deref(), usual)?,
        })
    }
}

/// What somebody is called in a family.
pub(super) fn own_name(given: Option<&str>, usual: Option<String>) -> Result<String, Refusal> {
    match given {
        Some(given) => family::name("your_name", given),
        None => {
            Ok(usual.and_then(|name| family::name("your_name", &name).ok()).unwrap_or_else(|| "Somebody".to_owned()))
        }
    }
}
