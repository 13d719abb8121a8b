//! `POST /api/v1/wallets`: a new wallet, with what is in it.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    FamilyId, MovementId, Refusal, WalletId,
    family::{self, Permission, unknown_family},
    ledger::{NewWallet, WalletKind, new_wallet},
    money::{AmountText, Currency},
};
use countersign_edge::{Answer, Call, Problem, ProblemDocument, clock};
use countersign_store::{Along, Undone};
use serde::Deserialize;

use super::view::WalletView;
use crate::{Money, entry};

/// A new wallet, as a request says it.
#[derive(Deserialize)]
struct WalletForm {
    family_id: FamilyId,
    name: String,
    r#type: String,
    currency: Option<String>,
    opening_balance: Option<AmountText>,
    credit_limit: Option<AmountText>,
}

/// A new wallet.
#[allow(dead_code, reason = "describes `WalletForm` to the OpenAPI document")]
#[derive(utoipa::ToSchema)]
pub(crate) struct WalletBody {
    /// Whose.
    family_id: u64,
    /// 1 to 64 characters.
    name: String,
    /// `cash`, `bank`, `card`, `savings` or `credit`.
    r#type: String,
    /// ISO 4217; the family's where nothing is said.
    currency: Option<String>,
    /// What is in it: no income, and reversed by a payment only.
    #[schema(example = "100.00")]
    opening_balance: Option<String>,
    /// How far below zero a credit may go.
    #[schema(example = "500.00")]
    credit_limit: Option<String>,
}

/// Make a wallet
#[utoipa::path(
    post, path = "/api/v1/wallets", tag = "wallets", request_body = WalletBody,
    security(("access_token" = []), ("launch_data" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h")),
    responses(
        (status = 201, description = "The wallet", body = WalletView),
        (status = 400, description = "A bad name, type, currency or amount", body = ProblemDocument),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "A family that is not there, or another's", body = ProblemDocument),
        (status = 409, description = "Too many wallets", body = ProblemDocument),
    )
)]
pub(crate) async fn create(money: State<Arc<Money>>, call: Call) -> Result<Answer, Problem> {
    let entered = money.enter(&call, "POST /api/v1/wallets").await?;
    let form: WalletForm = call.object()?;
    Ok(money.in_turn(&entered, &call, || attempt(&money, &entered, &call, &form)).await?)
}

async fn attempt(money: &Money, entered: &entry::Entered, call: &Call, form: &WalletForm) -> Result<Answer, Undone> {
    let found = money.store.family_facts(&entered.wanted(call, Some(form.family_id))).await?;
    entered.platform(found.person.as_ref())?;
    if let Some(answer) = entry::replayed(call, form.family_id, &found)? {
        return Ok(answer);
    }
    let permit = entered.permit(found.person.as_ref(), found.family.as_ref(), Permission::ChangeWallets)?;
    call.trace().family(form.family_id);
    let (family, now) = (found.family.as_ref().ok_or_else(unknown_family)?, clock::now());
    let (new, opening) = form.read(family.currency, WalletId::fresh(now, clock::random()))?;
    let opening = opening.map(|minor| (MovementId::fresh(now, clock::random()), minor));
    let (change, wallet) = new_wallet(&permit, &found.head, family, new, opening, now)?;
    let answer = Answer::created(&WalletView::of(&wallet))?;
    let kept = entry::kept(call, entered.scope(), &answer, now);
    money.store.commit_family(&change, Along { kept: kept.as_ref(), contact: None }).await?;
    Ok(answer)
}

impl WalletForm {
    fn read(&self, usual: Currency, id: WalletId) -> Result<(NewWallet, Option<i64>), Refusal> {
        let currency = self.currency.as_deref().map(Currency::read).transpose()?.unwrap_or(usual);
        let minor = |amount: &Option<AmountText>| amount.as_ref().map(|amount| currency.minor_of(amount)).transpose();
        let new = NewWallet {
            id,
            name: family::name("name", &self.name)?,
            kind: WalletKind::read(&self.r#type)?,
            currency,
            credit_minor: minor(&self.credit_limit)?.unwrap_or(0),
        };
        Ok((new, minor(&self.opening_balance)?))
    }
}
