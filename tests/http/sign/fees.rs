//! `fee` and `fee_stroops`: what the envelope pays natively to the fee wallet, exact, and 0 where the caller accounts for it.

use serde_json::{Value, json};
use stellar_xdr::{
    AlphaNum4, Asset, AssetCode4, CreateAccountOp, MuxedAccount, OperationBody, PathPaymentStrictSendOp, PaymentOp,
    Uint256, VecM,
};

use crate::{
    world::{Payment, World, fresh_account, text},
    xdr,
};

async fn fee(world: &World, token: &str, xdr: &str, include_fee: Option<bool>) -> (f64, String) {
    let mut body = json!({ "xdr": xdr });
    if let Some(include_fee) = include_fee {
        body["include_fee"] = include_fee.into();
    }
    let (status, _, answer) = world.post("/api/sign", Some(token), &body).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    assert!(answer["fee"].is_f64(), "a number of XLM: {answer}");
    (answer["fee"].as_f64().unwrap(), text(&answer, "fee_stroops"))
}

fn raw(account: &str) -> [u8; 32] {
    stellar_strkey::ed25519::PublicKey::from_string(account).unwrap().0
}

fn muxed(account: &str) -> String {
    let muxed = stellar_strkey::ed25519::MuxedAccount { ed25519: raw(account), id: 7 };
    muxed.to_string().as_str().to_owned()
}

fn plain(account: &str) -> MuxedAccount {
    MuxedAccount::Ed25519(Uint256(raw(account)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_paid_to_the_fee_wallet_is_told_in_every_form() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let (token, account) = (person.access_token.as_str(), person.stellar_public_key.clone().unwrap());
    let wallet = world.system.demo().fee_wallet.clone();
    let cases = [
        (Payment::from(&account), 0.0, "0"),
        (Payment::from(&account).to(&wallet, 1_000_000), 0.1, "1000000"),
        (Payment::from(&account).to(&wallet, 1), 1e-7, "1"),
        (Payment::from(&account).to(&wallet, 2_000_000).to(&wallet, 1_000_000), 0.3, "3000000"),
        (Payment::from(&account).to(&muxed(&wallet), 12_345_678), 1.234_567_8, "12345678"),
        (Payment::from(&account).to(&fresh_account(), 5_000_000), 0.0, "0"),
        (Payment::from(&account).to(&wallet, i64::MAX), 922_337_203_685.477_6, "9223372036854775807"),
    ];
    for (made, xlm, stroops) in cases {
        for xdr in [made.v1(), made.v0(), made.fee_bump(&account)] {
            // v0 has no muxed accounts for sources, but for destinations it has.
            assert_eq!(fee(&world, token, &xdr, None).await, (xlm, stroops.to_owned()));
            assert_eq!(fee(&world, token, &xdr, Some(false)).await, (xlm, stroops.to_owned()));
            assert_eq!(fee(&world, token, &xdr, Some(true)).await, (0.0, "0".to_owned()));
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_paid_natively_counts_and_a_sum_may_pass_64_bits() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let (token, account) = (person.access_token.as_str(), person.stellar_public_key.clone().unwrap());
    let wallet = plain(&world.system.demo().fee_wallet);
    let issuer = MuxedAccount::Ed25519(Uint256(raw(&fresh_account()))).account_id();
    let other = Asset::CreditAlphanum4(AlphaNum4 { asset_code: AssetCode4(*b"XLM\0"), issuer });
    let pay = |asset: &Asset, amount| {
        OperationBody::Payment(PaymentOp { destination: wallet.clone(), asset: asset.clone(), amount })
    };
    let create = OperationBody::CreateAccount(CreateAccountOp {
        destination: wallet.clone().account_id(),
        starting_balance: 7_000_000,
    });
    let path = OperationBody::PathPaymentStrictSend(PathPaymentStrictSendOp {
        send_asset: Asset::Native,
        send_amount: 9_000_000,
        destination: wallet.clone(),
        dest_asset: other.clone(),
        dest_min: 1,
        path: VecM::default(),
    });
    let cases = [
        (vec![pay(&other, 5_000_000)], "0"),
        (vec![path], "0"),
        (vec![pay(&other, 5), pay(&Asset::Native, 11), pay(&Asset::Native, 31)], "42"),
        (vec![create], "7000000"),
        (vec![pay(&Asset::Native, i64::MAX); 100], "922337203685477580700"),
    ];
    for (bodies, stroops) in cases {
        assert_eq!(fee(&world, token, &xdr::of(&account, bodies), None).await.1, stroops);
    }
    world.stop().await;
}

/// Everything that a client reads of an answer, in its own form.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_answer_has_the_contracts_fields() {
    let world = World::start().await;
    let person = world.signer(None).await;
    let made = Payment::from(person.stellar_public_key.as_deref().unwrap());
    let (_, headers, answer) = world.sign(&person.access_token, &made.v1()).await;
    assert_eq!(headers["content-type"], "application/json");
    let names: Vec<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["fee", "fee_stroops", "hash", "signed_xdr", "signing_method", "success"]);
    assert_eq!(answer["success"], Value::Bool(true));
    let hash = text(&answer, "hash");
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()));
    world.stop().await;
}
