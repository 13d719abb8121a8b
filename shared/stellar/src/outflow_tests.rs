//! Each operation that takes XLM out, and each that hides how much.

use stellar_xdr::{
    AlphaNum4, AssetCode4, ClaimPredicate, Claimant, ClaimantV0, CreateAccountOp, CreateClaimableBalanceOp,
    FeeBumpTransaction, FeeBumpTransactionEnvelope, FeeBumpTransactionExt, FeeBumpTransactionInnerTx,
    InvokeHostFunctionOp, Limits, LiquidityPoolDepositOp, ManageSellOfferOp, Memo, MuxedAccount, Operation,
    PathPaymentStrictReceiveOp, PathPaymentStrictSendOp, PaymentOp, Preconditions, Price, SequenceNumber, Transaction,
    TransactionEnvelope, TransactionExt, TransactionV1Envelope, Uint256, WriteXdr as _,
};

use super::*;

const FEE: u128 = 300;

/// Public keys that stand on the curve and can sign.
fn key(number: u8) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(&[number; 32]).verifying_key().to_bytes()
}

fn muxed(number: u8) -> MuxedAccount {
    MuxedAccount::Ed25519(Uint256(key(number)))
}

fn account(number: u8) -> AccountKey {
    AccountKey::new(key(number))
}

fn usd() -> Asset {
    Asset::CreditAlphanum4(AlphaNum4 { asset_code: AssetCode4(*b"USD\0"), issuer: issuer() })
}

fn issuer() -> stellar_xdr::AccountId {
    stellar_xdr::AccountId(stellar_xdr::PublicKey::PublicKeyTypeEd25519(Uint256(key(9))))
}

fn transaction(operations: Vec<(Option<u8>, OperationBody)>) -> TransactionV1Envelope {
    let operations: Vec<_> =
        operations.into_iter().map(|(source, body)| Operation { source_account: source.map(muxed), body }).collect();
    TransactionV1Envelope {
        tx: Transaction {
            source_account: muxed(1),
            fee: u32::try_from(FEE).unwrap(),
            seq_num: SequenceNumber(1),
            cond: Preconditions::None,
            memo: Memo::None,
            operations: operations.try_into().unwrap(),
            ext: TransactionExt::V0,
        },
        signatures: vec![].try_into().unwrap(),
    }
}

fn read(envelope: &TransactionEnvelope) -> Envelope {
    Envelope::read(&envelope.to_xdr_base64(Limits::none()).unwrap()).unwrap()
}

fn of(operations: Vec<(Option<u8>, OperationBody)>) -> Envelope {
    read(&TransactionEnvelope::Tx(transaction(operations)))
}

fn alone(body: OperationBody) -> Option<u128> {
    of(vec![(None, body)]).native_outflow(&account(1)).map(|sum| sum - FEE)
}

fn payment(asset: Asset, amount: i64) -> OperationBody {
    OperationBody::Payment(PaymentOp { destination: muxed(2), asset, amount })
}

#[test]
fn payments_of_xlm_count_and_those_of_others_do_not() {
    assert_eq!(alone(payment(Asset::Native, 70)), Some(70));
    assert_eq!(alone(payment(usd(), 70)), Some(0));
    let created = CreateAccountOp { destination: issuer(), starting_balance: 55 };
    assert_eq!(alone(OperationBody::CreateAccount(created)), Some(55));
}

#[test]
fn a_path_counts_the_most_it_may_send() {
    let receive = |send_asset| {
        OperationBody::PathPaymentStrictReceive(PathPaymentStrictReceiveOp {
            send_asset,
            send_max: 900,
            destination: muxed(2),
            dest_asset: usd(),
            dest_amount: 1,
            path: vec![].try_into().unwrap(),
        })
    };
    assert_eq!(alone(receive(Asset::Native)), Some(900));
    assert_eq!(alone(receive(usd())), Some(0));
    let send = PathPaymentStrictSendOp {
        send_asset: Asset::Native,
        send_amount: 800,
        destination: muxed(2),
        dest_asset: usd(),
        dest_min: 1,
        path: vec![].try_into().unwrap(),
    };
    assert_eq!(alone(OperationBody::PathPaymentStrictSend(send)), Some(800));
}

#[test]
fn offers_count_what_they_sell_of_xlm() {
    let price = Price { n: 7, d: 3 };
    let sell = |selling, buying| {
        let op = ManageSellOfferOp { selling, buying, amount: 10, price: price.clone(), offer_id: 0 };
        OperationBody::ManageSellOffer(op)
    };
    assert_eq!(alone(sell(Asset::Native, usd())), Some(10));
    assert_eq!(alone(sell(usd(), Asset::Native)), Some(0));
    let buy = |d| {
        let price = Price { n: 7, d };
        let op = ManageBuyOfferOp { selling: Asset::Native, buying: usd(), buy_amount: 10, price, offer_id: 0 };
        OperationBody::ManageBuyOffer(op)
    };
    assert_eq!(alone(buy(3)), Some(24), "70/3, rounded up");
    assert_eq!(alone(buy(0)), None);
}

#[test]
fn what_is_locked_away_counts() {
    let claimant = ClaimantV0 { destination: issuer(), predicate: ClaimPredicate::Unconditional };
    let balance = |asset| {
        OperationBody::CreateClaimableBalance(CreateClaimableBalanceOp {
            asset,
            amount: 33,
            claimants: vec![Claimant::ClaimantTypeV0(claimant.clone())].try_into().unwrap(),
        })
    };
    assert_eq!(alone(balance(Asset::Native)), Some(33));
    assert_eq!(alone(balance(usd())), Some(0));
    let deposit = LiquidityPoolDepositOp {
        max_amount_a: 44,
        max_amount_b: 5,
        min_price: Price { n: 1, d: 1 },
        max_price: Price { n: 1, d: 1 },
        ..LiquidityPoolDepositOp::default()
    };
    assert_eq!(alone(OperationBody::LiquidityPoolDeposit(deposit)), Some(44));
}

#[test]
fn what_hands_the_account_over_cannot_be_read() {
    assert_eq!(alone(OperationBody::AccountMerge(muxed(2))), None);
    assert_eq!(alone(OperationBody::InvokeHostFunction(InvokeHostFunctionOp::default())), None);
    let options: [fn(&mut SetOptionsOp); 5] = [
        |op| op.master_weight = Some(0),
        |op| op.low_threshold = Some(1),
        |op| op.med_threshold = Some(1),
        |op| op.high_threshold = Some(1),
        |op| op.signer = Some(stellar_xdr::Signer::default()),
    ];
    for change in options {
        let mut op = SetOptionsOp::default();
        change(&mut op);
        assert_eq!(alone(OperationBody::SetOptions(op)), None);
    }
    assert_eq!(alone(OperationBody::SetOptions(SetOptionsOp::default())), Some(0));
}

#[test]
fn each_operation_counts_for_its_own_source() {
    let envelope = of(vec![
        (None, payment(Asset::Native, 5)),
        (Some(3), payment(Asset::Native, 70)),
        (Some(1), payment(Asset::Native, 900)),
        (Some(4), OperationBody::AccountMerge(muxed(1))),
    ]);
    assert_eq!(envelope.native_outflow(&account(1)), Some(905 + FEE));
    assert_eq!(envelope.native_outflow(&account(3)), Some(70));
    assert_eq!(envelope.native_outflow(&account(4)), None);
    assert_eq!(envelope.native_outflow(&account(5)), Some(0));
}

#[test]
fn a_fee_bump_is_paid_by_its_own_source() {
    let inner = transaction(vec![(None, payment(Asset::Native, 5))]);
    let envelope = read(&TransactionEnvelope::TxFeeBump(FeeBumpTransactionEnvelope {
        tx: FeeBumpTransaction {
            fee_source: muxed(6),
            fee: 4000,
            inner_tx: FeeBumpTransactionInnerTx::Tx(inner),
            ext: FeeBumpTransactionExt::V0,
        },
        signatures: vec![].try_into().unwrap(),
    }));
    assert_eq!(envelope.native_outflow(&account(1)), Some(5));
    assert_eq!(envelope.native_outflow(&account(6)), Some(4000));
}

#[test]
fn a_hundred_of_the_largest_payments_are_still_a_number() {
    let envelope = of(vec![(None, payment(Asset::Native, i64::MAX)); 100]);
    assert_eq!(envelope.native_outflow(&account(1)), Some(u128::from(i64::MAX.unsigned_abs()) * 100 + FEE));
}
