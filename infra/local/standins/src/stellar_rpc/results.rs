//! Makes up what a transaction results in: one success of its own kind for each operation, and the frames around them.

use stellar_xdr::{
    AccountId, AccountMergeResult, AllowTrustResult, Asset, BeginSponsoringFutureReservesResult, BumpSequenceResult,
    ChangeTrustResult, ClaimClaimableBalanceResult, ClaimableBalanceId, ClawbackClaimableBalanceResult, ClawbackResult,
    CreateAccountResult, CreateClaimableBalanceResult, EndSponsoringFutureReservesResult, ExtendFootprintTtlResult,
    Hash, InflationResult, InnerTransactionResult, InnerTransactionResultExt, InnerTransactionResultPair,
    InnerTransactionResultResult, InvokeHostFunctionResult, LiquidityPoolDepositResult, LiquidityPoolWithdrawResult,
    ManageBuyOfferResult, ManageDataResult, ManageOfferSuccessResult, ManageOfferSuccessResultOffer,
    ManageSellOfferResult, MuxedAccount, Operation, OperationBody, OperationMetaV2, OperationResult, OperationResultTr,
    PathPaymentStrictReceiveResult, PathPaymentStrictReceiveResultSuccess, PathPaymentStrictSendResult,
    PathPaymentStrictSendResultSuccess, PaymentResult, PublicKey, RestoreFootprintResult, RevokeSponsorshipResult,
    SetOptionsResult, SetTrustLineFlagsResult, SimplePaymentResult, TransactionMeta, TransactionMetaV4,
    TransactionResult, TransactionResultExt, TransactionResultResult, Uint256, VecM,
};

use super::judge::{Sent, Verdict, key_of};

/// The result of a transaction that is not taken.
pub(super) fn refused(sent: &Sent, verdict: Verdict) -> TransactionResult {
    let result = match (verdict, &sent.bump) {
        (Verdict::Bump(result), _) | (Verdict::Transaction(result), None) => result,
        (Verdict::Transaction(result), Some(_)) => {
            TransactionResultResult::TxFeeBumpInnerFailed(inside(sent, inner(result)))
        }
    };
    framed(sent.least_fee(), result)
}

/// The result of a transaction that got into a ledger and did what it says.
pub(super) fn succeeded(sent: &Sent) -> TransactionResult {
    let results: Vec<_> = sent.transaction.operations.iter().map(success).collect();
    let results = results.try_into().unwrap_or_default();
    let result = match &sent.bump {
        None => TransactionResultResult::TxSuccess(results),
        Some(_) => TransactionResultResult::TxFeeBumpInnerSuccess(inside(
            sent,
            InnerTransactionResultResult::TxSuccess(results),
        )),
    };
    framed(sent.least_fee(), result)
}

/// The result of a transaction that got into a ledger and failed there: every operation, a payment for want of money.
pub(super) fn failed(sent: &Sent) -> TransactionResult {
    let results: Vec<_> = sent.transaction.operations.iter().map(failure).collect();
    let results = results.try_into().unwrap_or_default();
    let result = match &sent.bump {
        None => TransactionResultResult::TxFailed(results),
        Some(_) => {
            TransactionResultResult::TxFeeBumpInnerFailed(inside(sent, InnerTransactionResultResult::TxFailed(results)))
        }
    };
    framed(sent.least_fee(), result)
}

/// The result of a name as XDR has it (`txBAD_SEQ`), for faults on demand.
pub(super) fn named(name: &str) -> Option<TransactionResultResult> {
    Some(match name {
        "txTOO_EARLY" => TransactionResultResult::TxTooEarly,
        "txTOO_LATE" => TransactionResultResult::TxTooLate,
        "txMISSING_OPERATION" => TransactionResultResult::TxMissingOperation,
        "txBAD_SEQ" => TransactionResultResult::TxBadSeq,
        "txBAD_AUTH" => TransactionResultResult::TxBadAuth,
        "txINSUFFICIENT_BALANCE" => TransactionResultResult::TxInsufficientBalance,
        "txNO_ACCOUNT" => TransactionResultResult::TxNoAccount,
        "txINSUFFICIENT_FEE" => TransactionResultResult::TxInsufficientFee,
        "txBAD_AUTH_EXTRA" => TransactionResultResult::TxBadAuthExtra,
        "txINTERNAL_ERROR" => TransactionResultResult::TxInternalError,
        "txNOT_SUPPORTED" => TransactionResultResult::TxNotSupported,
        "txBAD_MIN_SEQ_AGE_OR_GAP" => TransactionResultResult::TxBadMinSeqAgeOrGap,
        "txMALFORMED" => TransactionResultResult::TxMalformed,
        "txSOROBAN_INVALID" => TransactionResultResult::TxSorobanInvalid,
        _ => return None,
    })
}

/// What happened, as the ledger keeps it: nothing but one empty place for each operation.
pub(super) fn meta(sent: &Sent) -> TransactionMeta {
    let operations = vec![OperationMetaV2::default(); sent.transaction.operations.len()];
    TransactionMeta::V4(TransactionMetaV4 {
        operations: operations.try_into().unwrap_or_default(),
        ..TransactionMetaV4::default()
    })
}

fn framed(fee_charged: i64, result: TransactionResultResult) -> TransactionResult {
    TransactionResult { fee_charged, result, ext: TransactionResultExt::V0 }
}

fn inside(sent: &Sent, result: InnerTransactionResultResult) -> InnerTransactionResultPair {
    InnerTransactionResultPair {
        transaction_hash: Hash(sent.hash),
        result: InnerTransactionResult { fee_charged: 0, result, ext: InnerTransactionResultExt::V0 },
    }
}

fn inner(result: TransactionResultResult) -> InnerTransactionResultResult {
    match result {
        TransactionResultResult::TxFailed(results) => InnerTransactionResultResult::TxFailed(results),
        TransactionResultResult::TxTooEarly => InnerTransactionResultResult::TxTooEarly,
        TransactionResultResult::TxTooLate => InnerTransactionResultResult::TxTooLate,
        TransactionResultResult::TxMissingOperation => InnerTransactionResultResult::TxMissingOperation,
        TransactionResultResult::TxBadSeq => InnerTransactionResultResult::TxBadSeq,
        TransactionResultResult::TxBadAuth => InnerTransactionResultResult::TxBadAuth,
        TransactionResultResult::TxNoAccount => InnerTransactionResultResult::TxNoAccount,
        // The rest is never said of a transaction inside a fee bump.
        _ => InnerTransactionResultResult::TxInternalError,
    }
}

fn failure(operation: &Operation) -> OperationResult {
    match operation.body {
        OperationBody::Payment(_) => OperationResult::OpInner(OperationResultTr::Payment(PaymentResult::Underfunded)),
        _ => OperationResult::OpExceededWorkLimit,
    }
}

/// An operation's success, of its own kind.
pub(super) fn success(operation: &Operation) -> OperationResult {
    OperationResult::OpInner(match &operation.body {
        OperationBody::CreateAccount(_) => OperationResultTr::CreateAccount(CreateAccountResult::Success),
        OperationBody::Payment(_) => OperationResultTr::Payment(PaymentResult::Success),
        OperationBody::SetOptions(_) => OperationResultTr::SetOptions(SetOptionsResult::Success),
        OperationBody::ChangeTrust(_) => OperationResultTr::ChangeTrust(ChangeTrustResult::Success),
        OperationBody::AllowTrust(_) => OperationResultTr::AllowTrust(AllowTrustResult::Success),
        OperationBody::AccountMerge(_) => OperationResultTr::AccountMerge(AccountMergeResult::Success(0)),
        OperationBody::Inflation => OperationResultTr::Inflation(InflationResult::Success(VecM::default())),
        OperationBody::ManageData(_) => OperationResultTr::ManageData(ManageDataResult::Success),
        OperationBody::BumpSequence(_) => OperationResultTr::BumpSequence(BumpSequenceResult::Success),
        OperationBody::BeginSponsoringFutureReserves(_) => {
            OperationResultTr::BeginSponsoringFutureReserves(BeginSponsoringFutureReservesResult::Success)
        }
        OperationBody::EndSponsoringFutureReserves => {
            OperationResultTr::EndSponsoringFutureReserves(EndSponsoringFutureReservesResult::Success)
        }
        OperationBody::RevokeSponsorship(_) => OperationResultTr::RevokeSponsorship(RevokeSponsorshipResult::Success),
        OperationBody::Clawback(_) => OperationResultTr::Clawback(ClawbackResult::Success),
        OperationBody::SetTrustLineFlags(_) => OperationResultTr::SetTrustLineFlags(SetTrustLineFlagsResult::Success),
        OperationBody::LiquidityPoolDeposit(_) => {
            OperationResultTr::LiquidityPoolDeposit(LiquidityPoolDepositResult::Success)
        }
        OperationBody::LiquidityPoolWithdraw(_) => {
            OperationResultTr::LiquidityPoolWithdraw(LiquidityPoolWithdrawResult::Success)
        }
        OperationBody::InvokeHostFunction(_) => {
            OperationResultTr::InvokeHostFunction(InvokeHostFunctionResult::Success(Hash::default()))
        }
        OperationBody::ExtendFootprintTtl(_) => {
            OperationResultTr::ExtendFootprintTtl(ExtendFootprintTtlResult::Success)
        }
        OperationBody::RestoreFootprint(_) => OperationResultTr::RestoreFootprint(RestoreFootprintResult::Success),
        body => exchange_success(body),
    })
}

/// The successes of offers, path payments and claimable balances, which say what was exchanged.
fn exchange_success(body: &OperationBody) -> OperationResultTr {
    let offer = || ManageOfferSuccessResult { offer: ManageOfferSuccessResultOffer::Deleted, ..Default::default() };
    match body {
        OperationBody::ManageSellOffer(_) => {
            OperationResultTr::ManageSellOffer(ManageSellOfferResult::Success(offer()))
        }
        OperationBody::CreatePassiveSellOffer(_) => {
            OperationResultTr::CreatePassiveSellOffer(ManageSellOfferResult::Success(offer()))
        }
        OperationBody::ManageBuyOffer(_) => OperationResultTr::ManageBuyOffer(ManageBuyOfferResult::Success(offer())),
        OperationBody::PathPaymentStrictReceive(path) => {
            let last = paid(&path.destination, &path.dest_asset, path.dest_amount);
            let success = PathPaymentStrictReceiveResultSuccess { last, ..Default::default() };
            OperationResultTr::PathPaymentStrictReceive(PathPaymentStrictReceiveResult::Success(success))
        }
        OperationBody::PathPaymentStrictSend(path) => {
            let last = paid(&path.destination, &path.dest_asset, path.dest_min);
            let success = PathPaymentStrictSendResultSuccess { last, ..Default::default() };
            OperationResultTr::PathPaymentStrictSend(PathPaymentStrictSendResult::Success(success))
        }
        OperationBody::CreateClaimableBalance(_) => {
            let id = ClaimableBalanceId::ClaimableBalanceIdTypeV0(Hash::default());
            OperationResultTr::CreateClaimableBalance(CreateClaimableBalanceResult::Success(id))
        }
        OperationBody::ClawbackClaimableBalance(_) => {
            OperationResultTr::ClawbackClaimableBalance(ClawbackClaimableBalanceResult::Success)
        }
        _ => OperationResultTr::ClaimClaimableBalance(ClaimClaimableBalanceResult::Success),
    }
}

fn paid(destination: &MuxedAccount, asset: &Asset, amount: i64) -> SimplePaymentResult {
    let destination = AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key_of(destination))));
    SimplePaymentResult { destination, asset: asset.clone(), amount }
}

#[cfg(test)]
mod tests {
    use stellar_xdr::{AllowTrustOp, Limited, Limits, OperationType, ReadXdr as _};

    use super::*;

    /// Zeros are a body of every kind but one.
    fn body_of(kind: OperationType) -> OperationBody {
        if kind == OperationType::AllowTrust {
            return OperationBody::AllowTrust(AllowTrustOp::default());
        }
        let bytes = [&(kind as i32).to_be_bytes()[..], &[0; 512]].concat();
        let mut reader = Limited::new(bytes.as_slice(), Limits { depth: 100, len: 1000 });
        OperationBody::read_xdr(&mut reader).unwrap_or_else(|error| panic!("{kind:?}: {error}"))
    }

    #[test]
    fn every_operation_succeeds_in_its_own_kind() {
        for kind in OperationType::VARIANTS {
            let body = body_of(kind);
            let OperationResult::OpInner(result) = success(&Operation { source_account: None, body }) else {
                panic!("no success for {kind:?}")
            };
            assert_eq!(result.discriminant(), kind);
        }
    }
}
