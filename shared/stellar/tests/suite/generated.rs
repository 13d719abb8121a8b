//! The vectors two other implementations agree on: hash, signature and signed envelope byte for byte.

use countersign_stellar::{AccountKey, Appended, Envelope, EnvelopeKind, Network, parse_secret};
use stellar_xdr::{DecoratedSignature, Limits, ReadXdr as _, TransactionEnvelope};

use crate::vectors::{GENERATED, Generated, bytes};

fn sign(case: &Generated) -> (Envelope, [u8; 32]) {
    let mut envelope = Envelope::read(&case.unsigned_xdr).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let hash = envelope.hash(&Network::new(&case.passphrase));
    for given in &case.signatures {
        let seed = parse_secret(&given.secret).unwrap();
        let key = seed.public_key();
        assert_eq!(key.to_strkey(), given.public_key, "{}", case.name);
        let signature = seed.sign(&hash);
        assert_eq!(signature, bytes(&given.signature_hex), "{}", case.name);
        assert_eq!(envelope.append_signature(key.as_bytes(), &hash, &signature), Ok(Appended::Added), "{}", case.name);
        assert_eq!(envelope.append_signature(key.as_bytes(), &hash, &signature), Ok(Appended::AlreadyThere));
        assert_eq!(envelope.signature_of(key.as_bytes(), &hash), Some(signature), "{}", case.name);
        assert_eq!(hex::encode(&key.as_bytes()[28..]), given.hint, "{}", case.name);
    }
    (envelope, hash)
}

#[test]
fn hash_signature_and_signed_envelope_are_those_of_the_sdks() {
    for case in GENERATED.iter() {
        let (envelope, hash) = sign(case);
        assert_eq!(hex::encode(hash), case.hash, "{}", case.name);
        assert_eq!(envelope.to_base64(), case.signed_xdr, "{}", case.name);
    }
}

#[test]
fn the_signed_envelope_reads_back_with_its_signatures_known() {
    for case in GENERATED.iter() {
        let (signed, hash) = sign(case);
        let read = Envelope::read(&case.signed_xdr).unwrap();
        assert_eq!(hex::encode(read.hash(&Network::new(&case.passphrase))), case.hash, "{}", case.name);
        assert_eq!(read.signature_count(), signed.signature_count());
        for given in &case.signatures {
            let key = AccountKey::from_strkey(&given.public_key).unwrap();
            assert_eq!(read.signature_of(key.as_bytes(), &hash), Some(bytes(&given.signature_hex)), "{}", case.name);
            assert_eq!(read.signature_of(key.as_bytes(), &[0; 32]), None, "{}", case.name);
        }
    }
}

/// The parts are compared with what the XDR library says of the same text.
#[test]
fn the_parts_are_those_of_the_transaction() {
    for case in GENERATED.iter() {
        let envelope = Envelope::read(&case.signed_xdr).unwrap();
        let limits = Limits { depth: 200, len: 200_000 };
        let (kind, transaction, fee_source, fee, signatures): (
            _,
            stellar_xdr::Transaction,
            _,
            i64,
            Vec<DecoratedSignature>,
        ) = match TransactionEnvelope::from_xdr_base64(&case.signed_xdr, limits).unwrap() {
            TransactionEnvelope::TxV0(e) => {
                let transaction = stellar_xdr::Transaction::from(e.tx);
                let fee = transaction.fee.into();
                ("TX_V0", transaction.clone(), transaction.source_account, fee, e.signatures.into())
            }
            TransactionEnvelope::Tx(e) => {
                ("TX", e.tx.clone(), e.tx.source_account, e.tx.fee.into(), e.signatures.into())
            }
            TransactionEnvelope::TxFeeBump(e) => {
                let stellar_xdr::FeeBumpTransactionInnerTx::Tx(inner) = e.tx.inner_tx;
                ("TX_FEE_BUMP", inner.tx, e.tx.fee_source, e.tx.fee, e.signatures.into())
            }
        };
        assert_eq!(case.envelope_type, kind, "{}", case.name);
        let own = match envelope.envelope_kind() {
            EnvelopeKind::V0 => "TX_V0",
            EnvelopeKind::V1 => "TX",
            EnvelopeKind::FeeBump => "TX_FEE_BUMP",
        };
        assert_eq!(own, kind);
        assert_eq!(envelope.source_account(), AccountKey::from(&transaction.source_account), "{}", case.name);
        assert_eq!(envelope.fee_source(), AccountKey::from(&fee_source), "{}", case.name);
        assert_eq!(envelope.fee_stroops(), fee, "{}", case.name);
        assert_eq!(envelope.sequence(), transaction.seq_num.0, "{}", case.name);
        assert_eq!(envelope.memo(), &transaction.memo, "{}", case.name);
        assert_eq!(envelope.operations(), transaction.operations.as_slice(), "{}", case.name);
        assert_eq!(envelope.operation_count(), transaction.operations.len(), "{}", case.name);
        assert_eq!(envelope.signature_count(), signatures.len(), "{}", case.name);
    }
}
