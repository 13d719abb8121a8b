//! Refuses envelopes that are well-formed XDR and yet no network would ever take: signing them helps only a forger.
//!
//! The rules are those of stellar-core that need no ledger (`checkValid`, `doCheckValid`), where refusing cannot hurt
//! somebody who is still building: a Soroban transaction may lack its resources, an inner transaction its fee.

use stellar_xdr::{ClaimPredicate, Claimant, Operation, OperationBody};

use crate::envelope::Body;
use crate::{AccountKey, Envelope, EnvelopeError, assets};

/// The most levels of a claim predicate, its leaf included (CAP-23).
const PREDICATE_LEVELS: u32 = 4;

/// Checks what was read.
///
/// # Errors
/// The [`EnvelopeError`] of the first rule that is broken.
pub(crate) fn check(envelope: &Envelope) -> Result<(), EnvelopeError> {
    if let Body::FeeBump(outer) = &envelope.body
        && outer.fee <= 0
    {
        return Err(EnvelopeError::Fee);
    }
    if !envelope.source_account().can_sign() || !envelope.fee_source().can_sign() {
        return Err(EnvelopeError::Source);
    }
    let operations = envelope.operations();
    if operations.is_empty() {
        return Err(EnvelopeError::NoOperations);
    }
    if operations.len() > 1 && operations.iter().any(is_soroban) {
        return Err(EnvelopeError::SorobanNotAlone);
    }
    operations.iter().try_for_each(check_operation)
}

fn is_soroban(operation: &Operation) -> bool {
    matches!(
        operation.body,
        OperationBody::InvokeHostFunction(_)
            | OperationBody::ExtendFootprintTtl(_)
            | OperationBody::RestoreFootprint(_)
    )
}

fn check_operation(operation: &Operation) -> Result<(), EnvelopeError> {
    if operation.source_account.as_ref().is_some_and(|source| !AccountKey::from(source).can_sign()) {
        return Err(EnvelopeError::Source);
    }
    if !assets::all_valid(&operation.body) {
        return Err(EnvelopeError::AssetCode);
    }
    if !amounts_valid(&operation.body) {
        return Err(EnvelopeError::Amount);
    }
    if predicates_valid(&operation.body) { Ok(()) } else { Err(EnvelopeError::ClaimPredicate) }
}

/// Whether no amount is negative, and none is zero where zero means nothing (an offer of zero removes the offer).
fn amounts_valid(body: &OperationBody) -> bool {
    match body {
        OperationBody::CreateAccount(op) => op.starting_balance >= 0,
        OperationBody::Payment(op) => op.amount > 0,
        OperationBody::PathPaymentStrictReceive(op) => op.send_max > 0 && op.dest_amount > 0,
        OperationBody::PathPaymentStrictSend(op) => op.send_amount > 0 && op.dest_min > 0,
        OperationBody::ManageSellOffer(op) => op.amount >= 0,
        OperationBody::ManageBuyOffer(op) => op.buy_amount >= 0,
        OperationBody::CreatePassiveSellOffer(op) => op.amount > 0,
        OperationBody::ChangeTrust(op) => op.limit >= 0,
        OperationBody::CreateClaimableBalance(op) => op.amount > 0,
        OperationBody::Clawback(op) => op.amount > 0,
        OperationBody::LiquidityPoolDeposit(op) => op.max_amount_a > 0 && op.max_amount_b > 0,
        OperationBody::LiquidityPoolWithdraw(op) => op.amount > 0 && op.min_amount_a >= 0 && op.min_amount_b >= 0,
        _ => true,
    }
}

fn predicates_valid(body: &OperationBody) -> bool {
    let OperationBody::CreateClaimableBalance(op) = body else { return true };
    op.claimants.iter().all(|Claimant::ClaimantTypeV0(claimant)| predicate_valid(&claimant.predicate, PREDICATE_LEVELS))
}

fn predicate_valid(predicate: &ClaimPredicate, levels: u32) -> bool {
    let Some(below) = levels.checked_sub(1) else { return false };
    match predicate {
        ClaimPredicate::Unconditional => true,
        ClaimPredicate::And(parts) | ClaimPredicate::Or(parts) => {
            parts.len() == 2 && parts.iter().all(|part| predicate_valid(part, below))
        }
        ClaimPredicate::Not(part) => part.as_ref().is_some_and(|part| predicate_valid(part, below)),
        ClaimPredicate::BeforeAbsoluteTime(seconds) | ClaimPredicate::BeforeRelativeTime(seconds) => *seconds >= 0,
    }
}
