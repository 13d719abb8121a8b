//! Judges a transaction before it is taken, in stellar-core's order: shape, time, fee, sequence, signatures, balance.

use ed25519_dalek::{Signature, VerifyingKey};
use stellar_xdr::{
    DecoratedSignature, FeeBumpTransactionInnerTx, MuxedAccount, OperationResult, Preconditions, TimeBounds,
    Transaction, TransactionEnvelope, TransactionResultResult, TransactionV1Envelope,
};

use super::{BASE_FEE, accounts::Accounts};

/// An envelope in one form: what is sent, and who pays where that is another.
pub(super) struct Sent {
    pub(super) transaction: Transaction,
    signatures: Vec<DecoratedSignature>,
    /// What the transaction's own signatures sign.
    pub(super) hash: [u8; 32],
    pub(super) bump: Option<Bump>,
}

/// A fee bump around a transaction.
pub(super) struct Bump {
    fee_source: [u8; 32],
    fee: i64,
    signatures: Vec<DecoratedSignature>,
    /// What the fee source signs, and what the whole is known by.
    pub(super) hash: [u8; 32],
}

/// Why it is not taken: of the transaction itself, or of the fee bump around it.
pub(super) enum Verdict {
    Transaction(TransactionResultResult),
    Bump(TransactionResultResult),
}

/// The moment it is judged at.
pub(super) struct Moment {
    /// Seconds since the Unix epoch.
    pub(super) unix_seconds: u64,
    /// The ledger it would get into.
    pub(super) ledger: u32,
}

impl Sent {
    /// From an envelope; a v0 one counts as the v1 one it stands for.
    pub(super) fn new(envelope: TransactionEnvelope, network_id: [u8; 32]) -> Result<Self, stellar_xdr::Error> {
        let hash = envelope.hash(network_id)?;
        match envelope {
            TransactionEnvelope::TxV0(v0) => {
                Ok(Self { transaction: v0.tx.into(), signatures: v0.signatures.into(), hash, bump: None })
            }
            TransactionEnvelope::Tx(v1) => {
                Ok(Self { transaction: v1.tx, signatures: v1.signatures.into(), hash, bump: None })
            }
            TransactionEnvelope::TxFeeBump(bump) => {
                let FeeBumpTransactionInnerTx::Tx(TransactionV1Envelope { tx, signatures }) = bump.tx.inner_tx;
                let fee_source = key_of(&bump.tx.fee_source);
                let inner_hash = tx.hash(network_id)?;
                let bump = Bump { fee_source, fee: bump.tx.fee, signatures: bump.signatures.into(), hash };
                Ok(Self { transaction: tx, signatures: signatures.into(), hash: inner_hash, bump: Some(bump) })
            }
        }
    }

    /// What the whole is known by.
    pub(super) fn known_by(&self) -> [u8; 32] {
        self.bump.as_ref().map_or(self.hash, |bump| bump.hash)
    }

    /// Whose sequence number it takes.
    pub(super) fn source(&self) -> [u8; 32] {
        key_of(&self.transaction.source_account)
    }

    /// Who pays.
    pub(super) fn payer(&self) -> [u8; 32] {
        self.bump.as_ref().map_or_else(|| self.source(), |bump| bump.fee_source)
    }

    /// What it costs where nobody outbids it, in stroops.
    pub(super) fn least_fee(&self) -> i64 {
        let operations = self.operations() + i64::from(self.bump.is_some());
        operations.max(1).saturating_mul(i64::from(BASE_FEE))
    }

    fn operations(&self) -> i64 {
        i64::try_from(self.transaction.operations.len()).unwrap_or(i64::MAX)
    }

    /// Judges it; nothing where it may be taken.
    pub(super) fn judge(&self, accounts: &mut Accounts, moment: &Moment) -> Option<Verdict> {
        if let Some(verdict) = self.bump.as_ref().and_then(|bump| self.judge_bump(bump, accounts)) {
            return Some(Verdict::Bump(verdict));
        }
        self.judge_transaction(accounts, moment).map(Verdict::Transaction)
    }

    fn judge_bump(&self, bump: &Bump, accounts: &mut Accounts) -> Option<TransactionResultResult> {
        // The bump must bid at least as much for each operation as the transaction inside did.
        let inside = i128::from(self.transaction.fee) * i128::from(self.operations() + 1);
        let underbids = i128::from(bump.fee) * i128::from(self.operations().max(1)) < inside;
        if bump.fee < self.least_fee() || underbids {
            return Some(TransactionResultResult::TxInsufficientFee);
        }
        let payer = accounts.get(bump.fee_source);
        if payer.missing {
            return Some(TransactionResultResult::TxNoAccount);
        }
        if !is_signed_by(bump.fee_source, &bump.hash, &bump.signatures) {
            return Some(TransactionResultResult::TxBadAuth);
        }
        (payer.balance < bump.fee).then_some(TransactionResultResult::TxInsufficientBalance)
    }

    fn judge_transaction(&self, accounts: &mut Accounts, moment: &Moment) -> Option<TransactionResultResult> {
        let transaction = &self.transaction;
        if transaction.operations.is_empty() {
            return Some(TransactionResultResult::TxMissingOperation);
        }
        if let Some(verdict) = judge_time(&transaction.cond, moment) {
            return Some(verdict);
        }
        let fee = i64::from(transaction.fee);
        if self.bump.is_none() && fee < self.least_fee() {
            return Some(TransactionResultResult::TxInsufficientFee);
        }
        let account = accounts.sender(self.source(), transaction.seq_num.0);
        if account.missing {
            return Some(TransactionResultResult::TxNoAccount);
        }
        if !takes_sequence(account.sequence, transaction) {
            return Some(TransactionResultResult::TxBadSeq);
        }
        if !is_signed_by(self.source(), &self.hash, &self.signatures) {
            return Some(TransactionResultResult::TxBadAuth);
        }
        if self.bump.is_none() && account.balance < fee {
            return Some(TransactionResultResult::TxInsufficientBalance);
        }
        self.judge_operations()
    }

    /// Every operation's own source has to sign too.
    fn judge_operations(&self) -> Option<TransactionResultResult> {
        let judged = self.transaction.operations.iter().map(|operation| {
            let source = operation.source_account.as_ref().map_or_else(|| self.source(), key_of);
            is_signed_by(source, &self.hash, &self.signatures)
        });
        let judged: Vec<bool> = judged.collect();
        if judged.iter().all(|signed| *signed) {
            return None;
        }
        let results = judged.into_iter().zip(self.transaction.operations.iter()).map(|(signed, operation)| {
            if signed { super::results::success(operation) } else { OperationResult::OpBadAuth }
        });
        let results: Vec<_> = results.collect();
        Some(TransactionResultResult::TxFailed(results.try_into().unwrap_or_default()))
    }
}

/// The key behind an account, muxed or not.
pub(super) fn key_of(account: &MuxedAccount) -> [u8; 32] {
    match account {
        MuxedAccount::Ed25519(key) => key.0,
        MuxedAccount::MuxedEd25519(muxed) => muxed.ed25519.0,
    }
}

fn judge_time(conditions: &Preconditions, moment: &Moment) -> Option<TransactionResultResult> {
    let (time, ledgers) = match conditions {
        Preconditions::None => (None, None),
        Preconditions::Time(time) => (Some(time), None),
        Preconditions::V2(v2) => (v2.time_bounds.as_ref(), v2.ledger_bounds.as_ref()),
    };
    let TimeBounds { min_time, max_time } = time.cloned().unwrap_or_default();
    let (min_ledger, max_ledger) = ledgers.map_or((0, 0), |bounds| (bounds.min_ledger, bounds.max_ledger));
    if min_time.0 > moment.unix_seconds || min_ledger > moment.ledger {
        return Some(TransactionResultResult::TxTooEarly);
    }
    // 0 is no bound; the ledger's bound is exclusive (CAP-21).
    let time_is_over = max_time.0 != 0 && max_time.0 < moment.unix_seconds;
    let ledgers_are_over = max_ledger != 0 && max_ledger <= moment.ledger;
    (time_is_over || ledgers_are_over).then_some(TransactionResultResult::TxTooLate)
}

fn takes_sequence(current: i64, transaction: &Transaction) -> bool {
    let wanted = transaction.seq_num.0;
    match &transaction.cond {
        Preconditions::V2(v2) if v2.min_seq_num.is_some() => {
            let least = v2.min_seq_num.as_ref().map_or(i64::MAX, |least| least.0);
            current >= least && current < wanted
        }
        _ => current.checked_add(1) == Some(wanted),
    }
}

fn is_signed_by(key: [u8; 32], hash: &[u8; 32], signatures: &[DecoratedSignature]) -> bool {
    let [.., a, b, c, d] = key;
    let Ok(verifying) = VerifyingKey::from_bytes(&key) else { return false };
    signatures.iter().filter(|signature| signature.hint.0 == [a, b, c, d]).any(|signature| {
        Signature::from_slice(&signature.signature.0)
            .is_ok_and(|signature| verifying.verify_strict(hash, &signature).is_ok())
    })
}
