//! Envelopes taken apart and put together with Stellar's own types, to check what the functions made of them.

#![allow(dead_code, reason = "each module of this target takes what it needs")]

use stellar_xdr::{
    BytesM, DecoratedSignature, FeeBumpTransaction, FeeBumpTransactionEnvelope, FeeBumpTransactionExt,
    FeeBumpTransactionInnerTx, Limits, Memo, MuxedAccount, Operation, OperationBody, Preconditions, ReadXdr as _,
    SequenceNumber, Signature, SignatureHint, Transaction, TransactionEnvelope, TransactionExt, TransactionV1Envelope,
    VecM, WriteXdr as _,
};

/// Far more than any envelope here needs.
const LIMITS: Limits = Limits { depth: 500, len: 1024 * 1024 };

/// Reads an envelope.
pub(crate) fn read(xdr: &str) -> TransactionEnvelope {
    TransactionEnvelope::from_xdr_base64(xdr, LIMITS).unwrap()
}

/// Writes an envelope.
pub(crate) fn write(envelope: &TransactionEnvelope) -> String {
    envelope.to_xdr_base64(LIMITS).unwrap()
}

/// The (outer) signatures as hints and signatures in hex, in their order.
pub(crate) fn signatures(xdr: &str) -> Vec<(String, String)> {
    let mut envelope = read(xdr);
    let pair =
        |given: &DecoratedSignature| (hex::encode(given.hint.0), hex::encode(Vec::from(given.signature.0.clone())));
    list(&mut envelope).iter().map(pair).collect()
}

/// The same envelope without its (outer) signatures.
pub(crate) fn unsigned(xdr: &str) -> String {
    with_signatures(xdr, Vec::new())
}

/// The same envelope with as many made-up signatures.
pub(crate) fn with_strangers(xdr: &str, count: u8) -> String {
    let stranger = |number| DecoratedSignature {
        hint: SignatureHint([number, 0, 0, 1]),
        signature: Signature(BytesM::try_from(vec![number; 64]).unwrap()),
    };
    with_signatures(xdr, (0..count).map(stranger).collect())
}

/// The same envelope with one signature that carries this hint and is none of its key.
pub(crate) fn with_forged(xdr: &str, hint: [u8; 4]) -> String {
    let signature = Signature(BytesM::try_from(vec![7; 64]).unwrap());
    with_signatures(xdr, vec![DecoratedSignature { hint: SignatureHint(hint), signature }])
}

/// This (v1) envelope inside a fee bump that another account pays for.
pub(crate) fn bumped(xdr: &str, payer: &str) -> String {
    let TransactionEnvelope::Tx(inner) = read(xdr) else { panic!("not a v1 envelope") };
    let tx = FeeBumpTransaction {
        fee_source: payer.parse::<MuxedAccount>().unwrap(),
        fee: i64::from(inner.tx.fee) * 4,
        inner_tx: FeeBumpTransactionInnerTx::Tx(inner),
        ext: FeeBumpTransactionExt::V0,
    };
    write(&TransactionEnvelope::TxFeeBump(FeeBumpTransactionEnvelope { tx, signatures: VecM::default() }))
}

/// A transaction of these operations.
pub(crate) fn of(source: &str, bodies: Vec<OperationBody>) -> String {
    let operations = bodies.into_iter().map(|body| Operation { source_account: None, body }).collect::<Vec<_>>();
    let tx = Transaction {
        source_account: source.parse::<MuxedAccount>().unwrap(),
        fee: 100 * u32::try_from(operations.len()).unwrap(),
        seq_num: SequenceNumber(41),
        cond: Preconditions::None,
        memo: Memo::None,
        operations: operations.try_into().unwrap(),
        ext: TransactionExt::V0,
    };
    write(&TransactionEnvelope::Tx(TransactionV1Envelope { tx, signatures: VecM::default() }))
}

fn with_signatures(xdr: &str, signatures: Vec<DecoratedSignature>) -> String {
    let mut envelope = read(xdr);
    *list(&mut envelope) = signatures.try_into().unwrap();
    write(&envelope)
}

fn list(envelope: &mut TransactionEnvelope) -> &mut VecM<DecoratedSignature, 20> {
    match envelope {
        TransactionEnvelope::TxV0(envelope) => &mut envelope.signatures,
        TransactionEnvelope::Tx(envelope) => &mut envelope.signatures,
        TransactionEnvelope::TxFeeBump(envelope) => &mut envelope.signatures,
    }
}
