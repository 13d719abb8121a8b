//! How wallets are made, changed and archived.

use serde_json::json;

use super::{
    movement::{Kind, Movement},
    posting,
    wallet::{NewWallet, Wallet, WalletKind},
};
use crate::{
    Moment, MovementId, Refusal,
    chain::Head,
    family::{Change, Family, FamilyPermit, FamilyWrite, Permission, unknown_family},
    limits,
};

/// What is changed of a wallet; what is not given stays.
#[derive(Clone, Debug, Default)]
pub struct WalletChange {
    /// The name, read.
    pub name: Option<String>,
    /// Whether it takes no new transactions.
    pub archived: Option<bool>,
    /// How far below zero it may go, in minor units.
    pub credit_minor: Option<i64>,
}

/// Makes a wallet, with what is in it: an entry that is no income.
///
/// # Errors
/// 400 for a credit limit of a wallet that is no credit; 403 where the permit is for another thing; 409 where the family has
/// too many.
pub fn new_wallet(
    permit: &FamilyPermit,
    head: &Head,
    family: &Family,
    new: NewWallet,
    opening: Option<(MovementId, i64)>,
    now: Moment,
) -> Result<(Change, Wallet), Refusal> {
    permit.check(family.id, Permission::ChangeWallets)?;
    credit(new.kind, new.credit_minor)?;
    if usize::try_from(head.wallets).unwrap_or(usize::MAX) >= limits::FAMILY_WALLETS {
        return Err(Refusal::conflict(format!("A family has at most {} wallets", limits::FAMILY_WALLETS)));
    }
    let mut wallet = Wallet::new(family.id, new, now);
    let mut change = Change::begin(permit, head, now);
    change.head.wallets = change.head.wallets.saturating_add(1);
    let told = json!({ "wallet_id": wallet.id, "name": wallet.name, "type": wallet.kind, "currency": wallet.currency });
    change.happened("wallet.created", told);
    change.write(FamilyWrite::WalletOwner(wallet.id));
    match opening.filter(|(_, minor)| *minor > 0) {
        None => change.write(FamilyWrite::Wallet(wallet.clone())),
        Some((id, amount_minor)) => {
            let movement = opened(permit, &wallet, id, amount_minor, now)?;
            posting::enter(&mut change, &movement);
            posting::execute(&mut change, &movement, None, Some(&wallet), now)?;
            change.happened("transaction.executed", posting::seen(&movement));
            wallet = change.wallet(wallet.id).cloned().unwrap_or(wallet);
        }
    }
    Ok((change, wallet))
}

fn opened(
    permit: &FamilyPermit,
    wallet: &Wallet,
    id: MovementId,
    amount_minor: i64,
    now: Moment,
) -> Result<Movement, Refusal> {
    Ok(Movement {
        id,
        family_id: wallet.family_id,
        kind: Kind::Opening,
        from_wallet_id: None,
        to_wallet_id: Some(wallet.id),
        amount_minor,
        currency: wallet.currency,
        category_id: None,
        description: None,
        made_by: permit.actor().ok_or_else(unknown_family)?,
        counts_for: None,
        made_at: now,
        waiting: None,
        reverses: None,
        reason: None,
        recurring_id: None,
    })
}

/// Changes a wallet.
///
/// # Errors
/// 400 for a credit limit of a wallet that is no credit; 403 where the permit is for another thing; 409 where it is archived
/// with money in it or held, and where it is further below zero than the new limit lets it be.
pub fn change_wallet(
    permit: &FamilyPermit,
    head: &Head,
    wallet: &Wallet,
    wanted: WalletChange,
    now: Moment,
) -> Result<(Change, Wallet), Refusal> {
    permit.check(wallet.family_id, Permission::ChangeWallets)?;
    let mut wallet = wallet.clone();
    if let Some(name) = wanted.name {
        wallet.name = name;
    }
    if let Some(minor) = wanted.credit_minor {
        credit(wallet.kind, minor)?;
        wallet.credit_minor = minor;
        if wallet.available_minor() < 0 {
            return Err(Refusal::conflict("The wallet is further below zero than that"));
        }
    }
    match wanted.archived {
        Some(true) if wallet.balance_minor != 0 || wallet.held_minor != 0 => {
            return Err(Refusal::conflict("A wallet is archived when it is empty and nothing of it is held")
                .with("balance", wallet.currency.format(wallet.balance_minor)));
        }
        Some(true) => wallet.archived_at = wallet.archived_at.or(Some(now)),
        Some(false) => wallet.archived_at = None,
        None => {}
    }
    let mut change = Change::begin(permit, head, now);
    let kind = if wanted.archived == Some(true) { "wallet.archived" } else { "wallet.changed" };
    change.happened(
        kind,
        json!({
            "wallet_id": wallet.id, "name": wallet.name, "archived": wallet.archived_at.is_some(),
            "credit_limit": wallet.currency.format(wallet.credit_minor),
        }),
    );
    change.write(FamilyWrite::Wallet(wallet.clone()));
    Ok((change, wallet))
}

fn credit(kind: WalletKind, minor: i64) -> Result<(), Refusal> {
    if minor == 0 || kind == WalletKind::Credit {
        return Ok(());
    }
    Err(Refusal::invalid("Only a wallet of type credit has a credit_limit"))
}
