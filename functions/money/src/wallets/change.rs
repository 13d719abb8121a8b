//! `PATCH` and `DELETE /api/v1/wallets/{id}`: a wallet's name, limit, and whether it takes new transactions.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Refusal, WalletId,
    family::{self, Permission},
    ledger::{WalletChange, change_wallet, unknown_wallet},
    money::AmountText,
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument, clock};
use countersign_store::{Along, FamilyWanted, Undone};
use serde::Deserialize;

use super::view::WalletView;
use crate::{Money, entry};

/// What changes of a wallet, as a request says it.
#[derive(Default, Deserialize)]
struct ChangeForm {
    name: Option<String>,
    archived: Option<bool>,
    credit_limit: Option<AmountText>,
}

/// What changes; what is not given stays.
#[allow(dead_code, reason = "describes `ChangeForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct WalletChangeBody {
    /// 1 to 64 characters.
    name: Option<String>,
    /// Whether it takes no new transactions.
    archived: Option<bool>,
    /// How far below zero a credit may go.
    #[schema(example = "500.00")]
    credit_limit: Option<String>,
}

/// Change a wallet
#[utoipa::path(
    patch, path = "/api/v1/wallets/{id}", tag = "wallets", request_body = WalletChangeBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("id" = u64, Path, description = "The wallet")),
    responses(
        (status = 200, description = "The wallet", body = WalletView),
        (status = 400, description = "A bad name or amount", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "Archived with money in it, or below a new limit", body = ProblemDocument),
    )
)]
pub(crate) async fn change(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "PATCH /api/v1/wallets/{id}").await?;
    let form: ChangeForm = call.object()?;
    Ok(money.change_wallet(&entered, &call, &id.0, &form).await?)
}

/// Archive a wallet
///
/// It must be empty, and nothing of it held. Its transactions stay.
#[utoipa::path(
    delete, path = "/api/v1/wallets/{id}", tag = "wallets",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The wallet"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "The wallet", body = WalletView),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "Not empty, with `balance`", body = ProblemDocument),
    )
)]
pub(crate) async fn archive(money: State<Arc<Money>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "DELETE /api/v1/wallets/{id}").await?;
    let form = ChangeForm { archived: Some(true), ..ChangeForm::default() };
    Ok(money.change_wallet(&entered, &call, &id.0, &form).await?)
}

impl Money {
    async fn change_wallet(
        &self,
        entered: &entry::Entered,
        call: &Call,
        id: &str,
        form: &ChangeForm,
    ) -> Result<Answer, Refusal> {
        let (person, _) = self.store.person_and_key(entered.subject, None).await?;
        entered.platform(person.as_ref())?;
        let id: WalletId = id.parse().map_err(|_| unknown_wallet())?;
        let family = self.store.family_of_wallet(id).await?.ok_or_else(unknown_wallet)?;
        self.in_turn(entered, call, || attempt(self, entered, call, (family, id), form)).await
    }
}

async fn attempt(
    money: &Money,
    entered: &entry::Entered,
    call: &Call,
    (family_id, id): (countersign_core::FamilyId, WalletId),
    form: &ChangeForm,
) -> Result<Answer, Undone> {
    let wanted = FamilyWanted { wallets: vec![id], ..entered.wanted(call, Some(family_id)) };
    let found = money.store.family_facts(&wanted).await?;
    if let Some(answer) = entry::replayed(call, family_id, &found)? {
        return Ok(answer);
    }
    let is_in = found.family.as_ref().zip(found.person.as_ref());
    if is_in.is_none_or(|(family, person)| family.member(person.user_id).is_none()) {
        return Err(unknown_wallet().into());
    }
    let permit = entered.permit(found.person.as_ref(), found.family.as_ref(), Permission::ChangeWallets)?;
    call.trace().family(family_id);
    let (wallet, now) = (found.wallet(Some(id)).ok_or_else(unknown_wallet)?, clock::now());
    let credit = form.credit_limit.as_ref().map(|amount| wallet.currency.minor_of(amount)).transpose()?;
    let name = form.name.as_deref().map(|name| family::name("name", name)).transpose()?;
    let wanted = WalletChange { name, archived: form.archived, credit_minor: credit };
    let (change, wallet) = change_wallet(&permit, &found.head, &wallet, wanted, now)?;
    let answer = Answer::ok(&WalletView::of(&wallet))?;
    let kept = entry::kept(call, entered.scope(), &answer, now);
    money.store.commit_family(&change, Along { kept: kept.as_ref(), contact: None }).await?;
    Ok(answer)
}
