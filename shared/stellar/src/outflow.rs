//! How many XLM a transaction takes out of an account, as far as that can be read from it.

use stellar_xdr::{Asset, ManageBuyOfferOp, OperationBody, SetOptionsOp};

use crate::{AccountKey, Envelope};

impl Envelope {
    /// The most stroops that leave this account: what its operations pay, offer and lock away, and the fee where it pays.
    ///
    /// None where that cannot be read: the account is merged into another, a contract is called, or its signers or
    /// thresholds change, so that others move what is left. Reserves do not count: they stay the account's own.
    #[must_use]
    pub fn native_outflow(&self, account: &AccountKey) -> Option<u128> {
        let fee = if self.fee_source() == *account { stroops(self.fee_stroops())? } else { 0 };
        let source = self.source_account();
        self.operations().iter().try_fold(fee, |sum, operation| {
            let actor = operation.source_account.as_ref().map_or(source, AccountKey::from);
            sum.checked_add(taken(&operation.body, actor == *account)?)
        })
    }
}

/// What one operation takes out of the account; `is_its_own`: the account is the operation's source.
fn taken(body: &OperationBody, is_its_own: bool) -> Option<u128> {
    match body {
        // A contract moves what any of its signed authorisations lets it.
        OperationBody::InvokeHostFunction(_) => None,
        _ if !is_its_own => Some(0),
        OperationBody::AccountMerge(_) => None,
        OperationBody::SetOptions(options) => {
            if changes_signers(options) {
                None
            } else {
                Some(0)
            }
        }
        OperationBody::CreateAccount(create) => stroops(create.starting_balance),
        OperationBody::Payment(payment) => native(&payment.asset, payment.amount),
        OperationBody::PathPaymentStrictReceive(path) => native(&path.send_asset, path.send_max),
        OperationBody::PathPaymentStrictSend(path) => native(&path.send_asset, path.send_amount),
        OperationBody::ManageSellOffer(offer) => native(&offer.selling, offer.amount),
        OperationBody::CreatePassiveSellOffer(offer) => native(&offer.selling, offer.amount),
        OperationBody::ManageBuyOffer(offer) => bought(offer),
        OperationBody::CreateClaimableBalance(balance) => native(&balance.asset, balance.amount),
        // The pool is named by its hash alone. Its assets are in order and XLM is before every other: only a can be it.
        OperationBody::LiquidityPoolDeposit(deposit) => stroops(deposit.max_amount_a),
        OperationBody::ChangeTrust(_)
        | OperationBody::AllowTrust(_)
        | OperationBody::Inflation
        | OperationBody::ManageData(_)
        | OperationBody::BumpSequence(_)
        | OperationBody::ClaimClaimableBalance(_)
        | OperationBody::BeginSponsoringFutureReserves(_)
        | OperationBody::EndSponsoringFutureReserves
        | OperationBody::RevokeSponsorship(_)
        | OperationBody::Clawback(_)
        | OperationBody::ClawbackClaimableBalance(_)
        | OperationBody::SetTrustLineFlags(_)
        | OperationBody::LiquidityPoolWithdraw(_)
        | OperationBody::ExtendFootprintTtl(_)
        | OperationBody::RestoreFootprint(_) => Some(0),
    }
}

const fn changes_signers(options: &SetOptionsOp) -> bool {
    options.signer.is_some()
        || options.master_weight.is_some()
        || options.low_threshold.is_some()
        || options.med_threshold.is_some()
        || options.high_threshold.is_some()
}

fn native(asset: &Asset, amount: i64) -> Option<u128> {
    if *asset == Asset::Native { stroops(amount) } else { Some(0) }
}

/// An offer to buy so much at a price in what is sold: at most their product is sold, rounded up.
fn bought(offer: &ManageBuyOfferOp) -> Option<u128> {
    if offer.selling != Asset::Native {
        return Some(0);
    }
    let [amount, n, d] = [offer.buy_amount, offer.price.n.into(), offer.price.d.into()].map(stroops);
    let d = d.filter(|d| *d > 0)?;
    Some(amount?.checked_mul(n?)?.div_ceil(d))
}

fn stroops(amount: i64) -> Option<u128> {
    amount.try_into().ok()
}

#[cfg(test)]
#[path = "outflow_tests.rs"]
mod tests;
