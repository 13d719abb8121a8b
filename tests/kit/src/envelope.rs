//! Envelopes to sign, and whether a signature is good: by Stellar's own types and another Ed25519 than the one that signs.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};
use stellar_strkey::ed25519::PublicKey;
use stellar_xdr::{
    Asset, FeeBumpTransaction, FeeBumpTransactionEnvelope, FeeBumpTransactionExt, FeeBumpTransactionInnerTx, Limits,
    Memo, MuxedAccount, Operation, OperationBody, PaymentOp, Preconditions, ReadXdr as _, SequenceNumber, TimeBounds,
    TimePoint, Transaction, TransactionEnvelope, TransactionExt, TransactionV0, TransactionV0Envelope,
    TransactionV0Ext, TransactionV1Envelope, Uint256, VecM, WriteXdr as _,
};

use crate::event;

/// Far more than any envelope here needs.
const LIMITS: Limits = Limits { depth: 200, len: 1024 * 1024 };
/// Network fee of one operation, in stroops.
const BASE_FEE: u32 = 100;

/// A payment of XLM, with another one to the fee wallet where that is asked for. Each one is a transaction of its own.
#[derive(Clone, Debug)]
pub struct Payment {
    source: [u8; 32],
    payments: Vec<(MuxedAccount, i64)>,
    sequence: i64,
}

impl Payment {
    /// One XLM from this account to one that nobody else pays.
    ///
    /// # Panics
    /// Where `source` is no `G…` account.
    #[must_use]
    pub fn from(source: &str) -> Self {
        Self { source: account(source), payments: Vec::new(), sequence: 41 }.to(&fresh_account(), 10_000_000)
    }

    /// One more payment, in stroops; to a `G…` or `M…` account.
    ///
    /// # Panics
    /// Where `destination` is neither.
    #[must_use]
    pub fn to(mut self, destination: &str, stroops: i64) -> Self {
        self.payments.push((destination.parse().expect("a test names an account"), stroops));
        self
    }

    /// With this sequence number.
    #[must_use]
    pub fn sequence(mut self, sequence: i64) -> Self {
        self.sequence = sequence;
        self
    }

    /// As it is written today.
    #[must_use]
    pub fn v1(&self) -> String {
        base64(&TransactionEnvelope::Tx(self.envelope()))
    }

    /// As it was written before protocol 13.
    #[must_use]
    pub fn v0(&self) -> String {
        let tx = TransactionV0 {
            source_account_ed25519: Uint256(self.source),
            fee: self.fee(),
            seq_num: SequenceNumber(self.sequence),
            time_bounds: Some(time_bounds()),
            memo: Memo::None,
            operations: self.operations(),
            ext: TransactionV0Ext::V0,
        };
        base64(&TransactionEnvelope::TxV0(TransactionV0Envelope { tx, signatures: VecM::default() }))
    }

    /// Inside a fee bump that another account pays for; the outer transaction is what is signed.
    ///
    /// # Panics
    /// Where `fee_source` is no account.
    #[must_use]
    pub fn fee_bump(&self, fee_source: &str) -> String {
        let tx = FeeBumpTransaction {
            fee_source: fee_source.parse().expect("a test names an account"),
            fee: i64::from(self.fee()) * 2 + i64::from(BASE_FEE) * 2,
            inner_tx: FeeBumpTransactionInnerTx::Tx(self.envelope()),
            ext: FeeBumpTransactionExt::V0,
        };
        base64(&TransactionEnvelope::TxFeeBump(FeeBumpTransactionEnvelope { tx, signatures: VecM::default() }))
    }

    fn envelope(&self) -> TransactionV1Envelope {
        let tx = Transaction {
            source_account: MuxedAccount::Ed25519(Uint256(self.source)),
            fee: self.fee(),
            seq_num: SequenceNumber(self.sequence),
            cond: Preconditions::Time(time_bounds()),
            memo: Memo::None,
            operations: self.operations(),
            ext: TransactionExt::V0,
        };
        TransactionV1Envelope { tx, signatures: VecM::default() }
    }

    fn fee(&self) -> u32 {
        BASE_FEE * u32::try_from(self.payments.len()).unwrap_or(u32::MAX)
    }

    fn operations<const MAX: u32>(&self) -> VecM<Operation, MAX> {
        let payment = |(destination, amount): &(MuxedAccount, i64)| {
            let payment = PaymentOp { destination: destination.clone(), asset: Asset::Native, amount: *amount };
            Operation { source_account: None, body: OperationBody::Payment(payment) }
        };
        let operations: Vec<Operation> = self.payments.iter().map(payment).collect();
        operations.try_into().expect("a test pays at most a hundred accounts at once")
    }
}

/// One XLM from this account, in base64.
///
/// # Panics
/// Where `source` is no `G…` account.
#[must_use]
pub fn payment_xdr(source: &str) -> String {
    Payment::from(source).v1()
}

/// A `G…` account that nobody has used.
///
/// # Panics
/// Where the system has no randomness.
#[must_use]
pub fn fresh_account() -> String {
    let pair = Ed25519KeyPair::generate().expect("the system has randomness");
    let bytes = pair.public_key().as_ref().try_into().expect("an Ed25519 public key has 32 bytes");
    PublicKey(bytes).to_string().as_str().to_owned()
}

/// The transaction's hash on a network.
///
/// # Errors
/// Where the text is no envelope.
pub fn hash(xdr: &str, passphrase: &str) -> Result<[u8; 32], String> {
    let envelope = TransactionEnvelope::from_xdr_base64(xdr, LIMITS).map_err(|error| error.to_string())?;
    let mut network = [0; 32];
    network.copy_from_slice(digest(&SHA256, passphrase.as_bytes()).as_ref());
    envelope.hash(network).map_err(|error| error.to_string())
}

/// Checks that `signed` is the transaction `unsigned`, with exactly one signature of `account`'s key, which is good.
///
/// # Errors
/// What is wrong with it.
///
/// # Panics
/// Where `account` is no `G…` account.
pub fn signed_by(signed: &str, unsigned: &str, passphrase: &str, account: &str) -> Result<(), String> {
    let wanted = hash(unsigned, passphrase)?;
    if hash(signed, passphrase)? != wanted {
        return Err("another transaction came back".to_owned());
    }
    let public_key = self::account(account);
    let [.., a, b, c, d] = public_key;
    let envelope = TransactionEnvelope::from_xdr_base64(signed, LIMITS).map_err(|error| error.to_string())?;
    let signatures = match &envelope {
        TransactionEnvelope::TxV0(envelope) => &envelope.signatures,
        TransactionEnvelope::Tx(envelope) => &envelope.signatures,
        TransactionEnvelope::TxFeeBump(envelope) => &envelope.signatures,
    };
    let own: Vec<_> = signatures.iter().filter(|given| given.hint.0 == [a, b, c, d]).collect();
    let [given] = own.as_slice() else {
        return Err(format!("{} signatures of the account's key", own.len()));
    };
    let verified = UnparsedPublicKey::new(&ED25519, public_key).verify(&wanted, given.signature.0.as_slice());
    verified.map_err(|_| "the signature does not verify".to_owned())
}

fn account(text: &str) -> [u8; 32] {
    PublicKey::from_string(text).expect("a test names an account").0
}

fn time_bounds() -> TimeBounds {
    TimeBounds { min_time: TimePoint(0), max_time: TimePoint(event::unix_seconds() + 300) }
}

fn base64(envelope: &TransactionEnvelope) -> String {
    envelope.to_xdr_base64(LIMITS).expect("a Vec takes every byte and a test's envelope is small")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTNET: &str = "Test SDF Network ; September 2015";

    #[test]
    fn every_form_is_read_and_an_unsigned_one_is_told() {
        let (source, other) = (fresh_account(), fresh_account());
        let payment = Payment::from(&source).to(&other, 1_000_000).sequence(7);
        for unsigned in [payment.v0(), payment.v1(), payment.fee_bump(&other)] {
            let told = signed_by(&unsigned, &unsigned, TESTNET, &source).unwrap_err();
            assert_eq!(told, "0 signatures of the account's key");
        }
        assert_eq!(hash(&payment.v0(), TESTNET), hash(&payment.v1(), TESTNET), "v0 hashes as the v1 it stands for");
        assert_ne!(hash(&payment_xdr(&source), TESTNET), hash(&payment_xdr(&source), TESTNET));
    }
}
