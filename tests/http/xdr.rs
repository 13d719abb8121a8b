//! Envelopes taken apart and put together with Stellar's own types, to check what the functions made of them.

#![allow(dead_code, reason = "each module of this target takes what it needs")]

use stellar_xdr::{
    BytesM, DecoratedSignature, Limits, ReadXdr as _, Signature, SignatureHint, TransactionEnvelope, VecM,
    WriteXdr as _,
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
