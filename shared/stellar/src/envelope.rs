//! One transaction envelope: what was read, the bytes that are signed, and the signatures beside them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_core::limits;
use stellar_xdr::{
    FeeBumpTransaction, FeeBumpTransactionInnerTx, Limited, Limits, Memo, Operation, Transaction, TransactionEnvelope,
    TransactionV0, WriteXdr as _,
};

use crate::network::sha256;
use crate::signatures::{Signatures, encoded_len};
use crate::{AccountKey, EnvelopeError, Network, canonical, soundness};

/// `ENVELOPE_TYPE_TX` and `KEY_TYPE_ED25519`: what a v0 transaction is hashed with in place of its own type.
const V1_WITH_ED25519_SOURCE: [u8; 8] = [0, 0, 0, 2, 0, 0, 0, 0];
/// XDR length of a union's discriminant, in bytes.
const DISCRIMINANT_BYTES: usize = 4;
/// Encoded length of the longest list of signatures, in bytes.
const SIGNATURES_BYTES: usize = 4 + limits::ENVELOPE_SIGNATURES * 72;

/// A transaction envelope that was read strictly, with its signatures.
///
/// Its `Debug` shows kind and counts alone: names and memos are other people's text.
#[derive(Clone)]
pub struct Envelope {
    pub(crate) body: Body,
    /// The canonical encoding up to, not including, the (outer) list of signatures.
    head: Vec<u8>,
    pub(crate) signatures: Signatures,
}

/// The transaction without its own signatures; a fee bump keeps its inner ones.
#[derive(Clone)]
pub(crate) enum Body {
    V0(TransactionV0),
    V1(Transaction),
    FeeBump(FeeBumpTransaction),
}

/// Which of the three forms of an envelope it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvelopeKind {
    /// `ENVELOPE_TYPE_TX_V0`, the form before protocol 13.
    V0,
    /// `ENVELOPE_TYPE_TX`.
    V1,
    /// `ENVELOPE_TYPE_TX_FEE_BUMP` (CAP-15).
    FeeBump,
}

impl EnvelopeKind {
    /// `v0`, `v1` or `fee_bump`, as records name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V0 => "v0",
            Self::V1 => "v1",
            Self::FeeBump => "fee_bump",
        }
    }
}

impl Envelope {
    /// Reads an envelope in its one canonical spelling and refuses what no network would ever take.
    ///
    /// Time and memory are bounded by [`limits::XDR_BYTES`] and [`limits::XDR_DEPTH`], whatever the text says.
    ///
    /// # Errors
    /// [`EnvelopeError`], whose text may be answered as it is.
    pub fn read(xdr_base64: &str) -> Result<Self, EnvelopeError> {
        let mut head = canonical::decode_base64(xdr_base64)?;
        let (body, signatures) = match canonical::decode_xdr(&head)? {
            TransactionEnvelope::TxV0(envelope) => (Body::V0(envelope.tx), envelope.signatures),
            TransactionEnvelope::Tx(envelope) => (Body::V1(envelope.tx), envelope.signatures),
            TransactionEnvelope::TxFeeBump(envelope) => (Body::FeeBump(envelope.tx), envelope.signatures),
        };
        head.truncate(head.len() - encoded_len(&signatures));
        let envelope = Self { body, head, signatures };
        soundness::check(&envelope)?;
        Ok(envelope)
    }

    /// The hash that is signed and that names the transaction: SHA-256 of network id, type and transaction.
    ///
    /// A v0 transaction hashes as the v1 transaction it stands for; a fee bump by its outer transaction.
    #[must_use]
    pub fn hash(&self, network: &Network) -> [u8; 32] {
        match &self.body {
            Body::V0(_) => {
                let transaction = self.head.get(DISCRIMINANT_BYTES..).unwrap_or_default();
                sha256(&[network.id(), &V1_WITH_ED25519_SOURCE, transaction])
            }
            Body::V1(_) | Body::FeeBump(_) => sha256(&[network.id(), &self.head]),
        }
    }

    /// The envelope with all its signatures, canonical XDR in base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        let mut bytes = Vec::with_capacity(self.head.len() + SIGNATURES_BYTES);
        bytes.extend_from_slice(&self.head);
        let limits = Limits { depth: limits::XDR_DEPTH, len: SIGNATURES_BYTES };
        self.signatures
            .write_xdr(&mut Limited::new(&mut bytes, limits))
            .expect("a Vec takes every byte and twenty signatures fit the limit");
        STANDARD.encode(bytes)
    }

    /// Which form the envelope has.
    #[must_use]
    pub const fn envelope_kind(&self) -> EnvelopeKind {
        match self.body {
            Body::V0(_) => EnvelopeKind::V0,
            Body::V1(_) => EnvelopeKind::V1,
            Body::FeeBump(_) => EnvelopeKind::FeeBump,
        }
    }

    /// The account the transaction runs for; the inner one of a fee bump. A muxed account gives its underlying key.
    #[must_use]
    pub fn source_account(&self) -> AccountKey {
        match &self.body {
            Body::V0(transaction) => AccountKey::new(transaction.source_account_ed25519.0),
            Body::V1(transaction) => AccountKey::from(&transaction.source_account),
            Body::FeeBump(outer) => AccountKey::from(&inner(outer).source_account),
        }
    }

    /// The account that pays the fee: the outer one of a fee bump, else the source.
    #[must_use]
    pub fn fee_source(&self) -> AccountKey {
        match &self.body {
            Body::FeeBump(outer) => AccountKey::from(&outer.fee_source),
            Body::V0(_) | Body::V1(_) => self.source_account(),
        }
    }

    /// The most the transaction may pay as network fee, in stroops; the outer fee of a fee bump. Never negative.
    #[must_use]
    pub fn fee_stroops(&self) -> i64 {
        match &self.body {
            Body::V0(transaction) => transaction.fee.into(),
            Body::V1(transaction) => transaction.fee.into(),
            Body::FeeBump(outer) => outer.fee,
        }
    }

    /// The sequence number the transaction uses up; the inner one of a fee bump.
    #[must_use]
    pub fn sequence(&self) -> i64 {
        match &self.body {
            Body::V0(transaction) => transaction.seq_num.0,
            Body::V1(transaction) => transaction.seq_num.0,
            Body::FeeBump(outer) => inner(outer).seq_num.0,
        }
    }

    /// The memo; the inner one of a fee bump. Text in it is any bytes.
    #[must_use]
    pub fn memo(&self) -> &Memo {
        match &self.body {
            Body::V0(transaction) => &transaction.memo,
            Body::V1(transaction) => &transaction.memo,
            Body::FeeBump(outer) => &inner(outer).memo,
        }
    }

    /// The operations, from 1 to 100; the inner ones of a fee bump.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        match &self.body {
            Body::V0(transaction) => &transaction.operations,
            Body::V1(transaction) => &transaction.operations,
            Body::FeeBump(outer) => &inner(outer).operations,
        }
    }

    /// How many operations there are.
    #[must_use]
    pub fn operation_count(&self) -> usize {
        self.operations().len()
    }
}

/// The transaction inside a fee bump.
pub(crate) fn inner(outer: &FeeBumpTransaction) -> &Transaction {
    let FeeBumpTransactionInnerTx::Tx(envelope) = &outer.inner_tx;
    &envelope.tx
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("kind", &self.envelope_kind())
            .field("operations", &self.operation_count())
            .field("signatures", &self.signatures.len())
            .finish_non_exhaustive()
    }
}
