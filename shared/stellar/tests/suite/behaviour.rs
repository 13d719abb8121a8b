//! Signing, paying and refusing, on envelopes built for the one question each test asks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_core::{Secret, limits};
use countersign_stellar::{AccountKey, Appended, Envelope, EnvelopeError, Network, StellarSeed};
use stellar_xdr::{
    AccountId, AlphaNum4, Asset, AssetCode4, BytesM, ClaimPredicate, Claimant, ClaimantV0, ContractExecutable,
    ContractIdPreimage, CreateAccountOp, CreateClaimableBalanceOp, CreateContractArgs, DecoratedSignature,
    FeeBumpTransaction, FeeBumpTransactionEnvelope, FeeBumpTransactionExt, FeeBumpTransactionInnerTx, HostFunction,
    InvokeHostFunctionOp, Limits, Memo, MuxedAccount, MuxedAccountMed25519, Operation, OperationBody, PaymentOp,
    Preconditions, PublicKey, SequenceNumber, Signature, SignatureHint, Transaction, TransactionEnvelope,
    TransactionExt, TransactionV0, TransactionV0Envelope, TransactionV0Ext, TransactionV1Envelope, Uint256, VecM,
    WriteXdr,
};

const WALLET: [u8; 32] = [0x11; 32];
const SOURCE: [u8; 32] = [0x22; 32];

fn seed(byte: u8) -> StellarSeed {
    StellarSeed::from_secret(Secret::new(vec![byte; 32])).unwrap()
}

fn network() -> Network {
    Network::new("Test SDF Network ; September 2015")
}

fn encode(envelope: &impl WriteXdr) -> String {
    envelope.to_xdr_base64(Limits { depth: 500, len: 500_000 }).unwrap()
}

fn transaction(bodies: Vec<OperationBody>) -> Transaction {
    let operations: Vec<_> = bodies.into_iter().map(|body| Operation { source_account: None, body }).collect();
    Transaction {
        source_account: MuxedAccount::Ed25519(Uint256(SOURCE)),
        fee: 100,
        seq_num: SequenceNumber(7),
        cond: Preconditions::None,
        memo: Memo::None,
        operations: operations.try_into().unwrap(),
        ext: TransactionExt::V0,
    }
}

fn v1(bodies: Vec<OperationBody>) -> TransactionV1Envelope {
    TransactionV1Envelope { tx: transaction(bodies), signatures: VecM::default() }
}

fn text(bodies: Vec<OperationBody>) -> String {
    encode(&TransactionEnvelope::Tx(v1(bodies)))
}

fn v0_text(bodies: Vec<OperationBody>) -> String {
    let tx = transaction(bodies);
    encode(&TransactionEnvelope::TxV0(TransactionV0Envelope {
        tx: TransactionV0 {
            source_account_ed25519: Uint256(SOURCE),
            fee: tx.fee,
            seq_num: tx.seq_num,
            time_bounds: None,
            memo: tx.memo,
            operations: tx.operations,
            ext: TransactionV0Ext::V0,
        },
        signatures: VecM::default(),
    }))
}

fn fee_bump_text(bodies: Vec<OperationBody>, fee: i64) -> String {
    encode(&TransactionEnvelope::TxFeeBump(FeeBumpTransactionEnvelope {
        tx: FeeBumpTransaction {
            fee_source: MuxedAccount::Ed25519(Uint256([0x33; 32])),
            fee,
            inner_tx: FeeBumpTransactionInnerTx::Tx(v1(bodies)),
            ext: FeeBumpTransactionExt::V0,
        },
        signatures: VecM::default(),
    }))
}

fn muxed(key: [u8; 32]) -> MuxedAccount {
    MuxedAccount::MuxedEd25519(MuxedAccountMed25519 { id: 9, ed25519: Uint256(key) })
}

fn account_id(key: [u8; 32]) -> AccountId {
    AccountId(PublicKey::PublicKeyTypeEd25519(Uint256(key)))
}

fn pay(destination: MuxedAccount, asset: Asset, amount: i64) -> OperationBody {
    OperationBody::Payment(PaymentOp { destination, asset, amount })
}

fn pay_native(key: [u8; 32], amount: i64) -> OperationBody {
    pay(MuxedAccount::Ed25519(Uint256(key)), Asset::Native, amount)
}

fn dollar() -> Asset {
    Asset::CreditAlphanum4(AlphaNum4 { asset_code: AssetCode4(*b"USD\0"), issuer: account_id(SOURCE) })
}

fn read(text: &str) -> Envelope {
    Envelope::read(text).unwrap()
}

fn refusal(text: &str) -> EnvelopeError {
    Envelope::read(text).unwrap_err()
}

#[test]
fn the_fee_is_the_sum_of_what_reaches_the_wallet_natively() {
    let bodies = || {
        vec![
            pay_native(WALLET, 1_000_000),
            pay(muxed(WALLET), Asset::Native, 20),
            OperationBody::CreateAccount(CreateAccountOp { destination: account_id(WALLET), starting_balance: 3 }),
            pay_native(SOURCE, 500),
            pay(MuxedAccount::Ed25519(Uint256(WALLET)), dollar(), 9_999),
        ]
    };
    for text in [text(bodies()), v0_text(bodies()), fee_bump_text(bodies(), 400)] {
        assert_eq!(read(&text).native_paid_to(&AccountKey::new(WALLET)), 1_000_023);
        assert_eq!(read(&text).native_paid_to(&AccountKey::new(SOURCE)), 500);
        assert_eq!(read(&text).native_paid_to(&AccountKey::new([9; 32])), 0);
    }
}

#[test]
fn a_hundred_greatest_payments_do_not_overflow() {
    let envelope = read(&text((0..100).map(|_| pay_native(WALLET, i64::MAX)).collect()));
    assert_eq!(envelope.native_paid_to(&AccountKey::new(WALLET)), 100 * u128::from(i64::MAX.unsigned_abs()));
}

#[test]
fn the_three_forms_name_their_accounts_fee_and_kind() {
    let bodies = || vec![pay_native(WALLET, 1)];
    let forms = [
        (text(bodies()), "v1", SOURCE, 100),
        (v0_text(bodies()), "v0", SOURCE, 100),
        (fee_bump_text(bodies(), 4_000_000_000_000), "fee_bump", [0x33; 32], 4_000_000_000_000),
    ];
    for (text, kind, payer, fee) in forms {
        let envelope = read(&text);
        assert_eq!(envelope.envelope_kind().as_str(), kind);
        assert_eq!(envelope.source_account(), AccountKey::new(SOURCE));
        assert_eq!(envelope.fee_source(), AccountKey::new(payer));
        assert_eq!((envelope.fee_stroops(), envelope.sequence(), envelope.operation_count()), (fee, 7, 1));
    }
}

#[test]
fn v0_hashes_as_v1_and_a_fee_bump_as_itself() {
    let bodies = || vec![pay_native(WALLET, 1)];
    let hash = |text: &str| read(text).hash(&network());
    assert_eq!(hash(&v0_text(bodies())), hash(&text(bodies())));
    assert_ne!(hash(&fee_bump_text(bodies(), 400)), hash(&text(bodies())));
    assert_ne!(read(&text(bodies())).hash(&Network::new("another")), hash(&text(bodies())));
}

/// y = 2 has no x on the curve.
const OFF_THE_CURVE: [u8; 32] =
    [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

#[test]
fn nothing_is_signed_whose_source_nobody_could_sign_for() {
    let seed = seed(1);
    let key = *seed.public_key().as_bytes();
    let mut of_nobody = v1(vec![pay_native(WALLET, 1)]);
    of_nobody.tx.source_account = MuxedAccount::Ed25519(Uint256(OFF_THE_CURVE));
    let mut inside = v1(vec![pay_native(WALLET, 1)]);
    let mut operations = Vec::from(inside.tx.operations);
    operations[0].source_account = Some(MuxedAccount::Ed25519(Uint256(OFF_THE_CURVE)));
    inside.tx.operations = operations.try_into().unwrap();
    for envelope in [of_nobody, inside] {
        let mut envelope = read(&encode(&TransactionEnvelope::Tx(envelope)));
        assert_eq!(envelope.may_be_signed_by(&key), Err(EnvelopeError::Source));
        let hash = envelope.hash(&network());
        assert_eq!(envelope.append_signature(&key, &hash, &seed.sign(&hash)), Err(EnvelopeError::Source));
        assert_eq!(envelope.signature_count(), 0);
    }
    assert_eq!(read(&text(vec![pay_native(WALLET, 1)])).may_be_signed_by(&key), Ok(()));
}

#[test]
fn a_contract_for_an_asset_names_one() {
    let made_for = |code: &[u8; 4]| {
        let asset = Asset::CreditAlphanum4(AlphaNum4 { asset_code: AssetCode4(*code), issuer: account_id(WALLET) });
        text(vec![OperationBody::InvokeHostFunction(InvokeHostFunctionOp {
            host_function: HostFunction::CreateContract(CreateContractArgs {
                contract_id_preimage: ContractIdPreimage::Asset(asset),
                executable: ContractExecutable::StellarAsset,
            }),
            auth: VecM::default(),
        })])
    };
    assert!(Envelope::read(&made_for(b"USD\0")).is_ok());
    assert_eq!(refusal(&made_for(b"U\0D\0")), EnvelopeError::AssetCode);
}

#[test]
fn twenty_signatures_fit_and_no_more_but_one_of_them_may_come_again() {
    let mut envelope = read(&text(vec![pay_native(WALLET, 1)]));
    let hash = envelope.hash(&network());
    for byte in 1..=20 {
        assert!(envelope.room_for_signature());
        let seed = seed(byte);
        assert_eq!(
            envelope.append_signature(seed.public_key().as_bytes(), &hash, &seed.sign(&hash)),
            Ok(Appended::Added)
        );
    }
    assert!(!envelope.room_for_signature());
    let full = envelope.to_base64();
    let (known, late) = (seed(20), seed(21));
    let again = envelope.append_signature(known.public_key().as_bytes(), &hash, &known.sign(&hash));
    assert_eq!(again, Ok(Appended::AlreadyThere));
    let refused = envelope.append_signature(late.public_key().as_bytes(), &hash, &late.sign(&hash));
    assert_eq!(refused, Err(EnvelopeError::TooManySignatures));
    assert_eq!(envelope.to_base64(), full);
    assert_eq!(read(&full).signature_count(), 20);
}

#[test]
fn twenty_one_signatures_are_not_read() {
    let text = text(vec![pay_native(WALLET, 1)]);
    let mut bytes = STANDARD.decode(text).unwrap();
    bytes.truncate(bytes.len() - 4);
    bytes.extend(21_u32.to_be_bytes());
    bytes.extend((0..21).flat_map(|_| [[0; 4], [0; 4]].concat()));
    assert_eq!(refusal(&STANDARD.encode(bytes)), EnvelopeError::Malformed);
}

/// Signatures may be of any length up to 64 bytes (hash(x) preimages, for one) and keep their place and padding.
#[test]
fn strange_signatures_of_others_are_kept_as_they_are() {
    let mut envelope = v1(vec![pay_native(WALLET, 1)]);
    let seed = seed(5);
    let mine = seed.public_key();
    let hint = SignatureHint(mine.as_bytes()[28..].try_into().unwrap());
    let others: Vec<_> = [0, 1, 2, 3, 4, 33, 63, 64]
        .into_iter()
        .map(|length| DecoratedSignature {
            hint: hint.clone(),
            signature: Signature(BytesM::try_from(vec![0xab; length]).unwrap()),
        })
        .collect();
    envelope.signatures = others.clone().try_into().unwrap();
    let mut signed = read(&encode(&TransactionEnvelope::Tx(envelope.clone())));
    let hash = signed.hash(&network());
    assert_eq!(signed.signature_of(mine.as_bytes(), &hash), None);
    assert_eq!(signed.append_signature(mine.as_bytes(), &hash, &seed.sign(&hash)), Ok(Appended::Added));
    let last = DecoratedSignature { hint, signature: Signature(BytesM::try_from(seed.sign(&hash)).unwrap()) };
    envelope.signatures = others.into_iter().chain([last]).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(signed.to_base64(), encode(&TransactionEnvelope::Tx(envelope)));
}

#[test]
fn an_equal_signature_is_not_doubled_even_where_it_does_not_verify() {
    let mut envelope = read(&text(vec![pay_native(WALLET, 1)]));
    let hash = envelope.hash(&network());
    assert_eq!(envelope.append_signature(&SOURCE, &hash, &[7; 64]), Ok(Appended::Added));
    assert_eq!(envelope.append_signature(&SOURCE, &hash, &[7; 64]), Ok(Appended::AlreadyThere));
    assert_eq!(envelope.signature_of(&SOURCE, &hash), None);
    assert_eq!(envelope.signature_count(), 1);
}

#[test]
fn a_fee_bump_is_signed_outside_and_its_inside_left_alone() {
    let mut envelope = read(&fee_bump_text(vec![pay_native(WALLET, 1)], 400));
    let (hash, seed) = (envelope.hash(&network()), seed(8));
    assert_eq!(envelope.append_signature(seed.public_key().as_bytes(), &hash, &seed.sign(&hash)), Ok(Appended::Added));
    let unsigned = fee_bump_text(vec![pay_native(WALLET, 1)], 400);
    let (before, after) = (STANDARD.decode(unsigned).unwrap(), STANDARD.decode(envelope.to_base64()).unwrap());
    assert_eq!(before[..before.len() - 4], after[..before.len() - 4]);
    assert_eq!(after.len(), before.len() + 72);
}

#[test]
fn base64_has_one_spelling() {
    let good = text(vec![pay_native(WALLET, 1)]);
    assert!(good.ends_with('='));
    let bare = good.trim_end_matches('=');
    let mut loose = bare.to_owned();
    loose.replace_range(loose.len() - 1.., "B");
    let padding = &good[bare.len()..];
    for bad in [
        bare.to_owned(),
        loose + padding,
        format!(" {good}"),
        format!("{good}\n"),
        good.replace('A', "-"),
        good.clone() + "=",
    ] {
        assert_eq!(refusal(&bad), EnvelopeError::NotBase64, "{bad}");
    }
}

#[test]
fn the_size_limit_comes_before_anything_else() {
    let zeros = |bytes: usize| STANDARD.encode(vec![0; bytes]);
    assert_eq!(refusal(&zeros(limits::XDR_BYTES + 1)), EnvelopeError::TooLarge);
    assert_eq!(refusal(&zeros(limits::XDR_BYTES + 4)), EnvelopeError::TooLarge);
    assert_eq!(refusal(&"*".repeat(10_000_000)), EnvelopeError::TooLarge);
    assert_ne!(refusal(&zeros(limits::XDR_BYTES)), EnvelopeError::TooLarge);
}

#[test]
fn a_boolean_is_zero_or_one() {
    let claim = |value: u32| {
        let mut bytes = STANDARD.decode(text(vec![soroban_bool()])).unwrap();
        let at = bytes.windows(8).position(|window| window == [0, 0, 0, 0, 0, 0, 0, 1]).unwrap();
        let at = bytes[at..].windows(4).rposition(|window| window == [0, 0, 0, 1]).unwrap() + at;
        bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
        STANDARD.encode(bytes)
    };
    assert!(Envelope::read(&claim(1)).is_ok());
    assert_eq!(refusal(&claim(2)), EnvelopeError::NotCanonical);
}

fn soroban_bool() -> OperationBody {
    use stellar_xdr::{
        ContractId, Hash, HostFunction, InvokeContractArgs, InvokeHostFunctionOp, ScAddress, ScSymbol, ScVal,
    };
    OperationBody::InvokeHostFunction(InvokeHostFunctionOp {
        host_function: HostFunction::InvokeContract(InvokeContractArgs {
            contract_address: ScAddress::Contract(ContractId(Hash([0x77; 32]))),
            function_name: ScSymbol("f".try_into().unwrap()),
            args: vec![ScVal::Bool(true)].try_into().unwrap(),
        }),
        auth: VecM::default(),
    })
}

#[test]
fn soroban_stands_alone() {
    assert!(Envelope::read(&text(vec![soroban_bool()])).is_ok());
    let both = vec![soroban_bool(), pay_native(WALLET, 1)];
    assert_eq!(refusal(&text(both)), EnvelopeError::SorobanNotAlone);
}

#[test]
fn what_can_never_be_valid_is_not_read() {
    assert_eq!(refusal(&text(vec![])), EnvelopeError::NoOperations);
    assert_eq!(refusal(&text(vec![pay_native(WALLET, 0)])), EnvelopeError::Amount);
    assert_eq!(refusal(&fee_bump_text(vec![pay_native(WALLET, 1)], -1)), EnvelopeError::Fee);
    assert_eq!(refusal(&fee_bump_text(vec![pay_native(WALLET, 0)], 400)), EnvelopeError::Amount);
    assert_eq!(refusal(&v0_text(vec![pay_native(WALLET, -5)])), EnvelopeError::Amount);
    let unborn = CreateAccountOp { destination: account_id(WALLET), starting_balance: -1 };
    assert_eq!(refusal(&text(vec![OperationBody::CreateAccount(unborn)])), EnvelopeError::Amount);
    let mut weak = v1(vec![pay_native(WALLET, 1)]);
    weak.tx.operations =
        vec![Operation { source_account: Some(muxed([0; 32])), body: pay_native(WALLET, 1) }].try_into().unwrap();
    assert_eq!(refusal(&encode(&TransactionEnvelope::Tx(weak))), EnvelopeError::Source);
}

#[test]
fn claim_predicates_have_their_parts_and_four_levels() {
    let read_with = |predicate| {
        let claimant = Claimant::ClaimantTypeV0(ClaimantV0 { destination: account_id(WALLET), predicate });
        let claimants = vec![claimant].try_into().unwrap();
        let op = CreateClaimableBalanceOp { asset: Asset::Native, amount: 1, claimants };
        Envelope::read(&text(vec![OperationBody::CreateClaimableBalance(op)])).err()
    };
    let leaf = || ClaimPredicate::BeforeRelativeTime(0);
    let and = |parts: Vec<_>| ClaimPredicate::And(parts.try_into().unwrap());
    let not = |part| ClaimPredicate::Not(Some(Box::new(part)));
    let refused = Some(EnvelopeError::ClaimPredicate);
    assert_eq!(read_with(and(vec![leaf(), not(not(ClaimPredicate::Unconditional))])), None);
    assert_eq!(read_with(and(vec![leaf(), not(not(not(leaf())))])), refused);
    assert_eq!(read_with(and(vec![leaf()])), refused);
    assert_eq!(read_with(ClaimPredicate::Or(VecM::default())), refused);
    assert_eq!(read_with(ClaimPredicate::Not(None)), refused);
    assert_eq!(read_with(ClaimPredicate::BeforeAbsoluteTime(-1)), refused);
}
