//! All four signers: the signature verifies, a record names the key by its public half, and no key is handed out.

use countersign_local::demo::{DemoPerson, Wallet};
use serde_json::{Value, json};
use turnkey_api_key_stamper::{Stamp as _, TurnkeyP256ApiKey};

use crate::{
    signing_sessions::{client, kms, local, turnkey, wallet},
    table::attribute,
    world::{Payment, TESTNET, World, signed_by, text},
};

/// Stamps as the mini-app does, with the key that it finds in Telegram's cloud storage.
fn stamp(wallet: &Wallet, body: &str) -> String {
    let public = Some(wallet.api_public_key.as_str());
    let key = TurnkeyP256ApiKey::from_strings(wallet.api_private_key.as_str(), public).unwrap();
    key.stamp(body.as_bytes()).unwrap().value
}

/// Signs and, where a stamp is asked for, stamps and repeats.
async fn sign(world: &World, person: &DemoPerson, xdr: &str) -> Value {
    let (status, _, answer) = world.sign(&person.access_token, xdr).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    let Some(request) = answer.get("stamp_request") else { return answer };
    assert_eq!((answer["success"].as_bool(), answer.get("signed_xdr")), (Some(false), None));
    assert_eq!(text(&answer, "signing_method"), "python_bot_tg_cloud");
    assert!(text(request, "url").ends_with("/public/v1/submit/sign_raw_payload"), "{request}");
    assert!(text(request, "expires_at").ends_with('Z'), "{request}");
    let body = json!({ "xdr": xdr, "stamp": stamp(&wallet(world), &text(request, "body")) });
    let (status, _, answer) = world.post("/api/sign", Some(&person.access_token), &body).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_signs_every_form_of_envelope_and_is_recorded() {
    let world = World::start().await;
    let wallet = wallet(&world);
    let signers = [
        ("local", local("session_keys")),
        ("turnkey", turnkey("legacy", &wallet)),
        ("kms", kms(&world.system.demo().kms.signing_key_id)),
        ("client", client(&wallet)),
    ];
    for (signer, body) in signers {
        let person = world.newcomer().await;
        let session = world.session(&person.access_token, &body).await;
        let account = text(&session, "stellar_public_key");
        let made = Payment::from(&account).to(&world.system.demo().fee_wallet, 1_000_000);
        for (form, xdr) in
            [("v1", made.v1()), ("v0", Payment::from(&account).v0()), ("fee_bump", made.fee_bump(&account))]
        {
            let before = world.signatures(person.telegram_id).await;
            let answer = sign(&world, &person, &xdr).await;
            assert_eq!(answer["success"].as_bool(), Some(true), "{signer} {form}: {answer}");
            assert_eq!(text(&answer, "signing_method"), text(&session, "signing_method"));
            signed_by(&text(&answer, "signed_xdr"), &xdr, TESTNET, &account).unwrap();
            assert!(world.signatures(person.telegram_id).await > before, "{signer} {form} is not recorded");
            recorded(&world, &person, &answer, [signer, form, &account]).await;
        }
    }
    world.stop().await;
}

/// The record: who, which key by its name, transaction hash, fee, outcome.
async fn recorded(world: &World, person: &DemoPerson, answer: &Value, [signer, form, account]: [&str; 3]) {
    let records = world.items(person.telegram_id, "SIGNATURE#").await;
    let hash = text(answer, "hash");
    let of_this: Vec<_> = records.iter().filter(|record| attribute(record, "hash") == hash).collect();
    assert_eq!(of_this.len(), 1, "{signer} {form}: one record of a transaction");
    let shown = ["signer", "envelope", "key"].map(|name| attribute(of_this[0], name));
    assert_eq!(shown, [signer, form, account]);
    assert_eq!(attribute(of_this[0], "fee_stroops"), text(answer, "fee_stroops"));
    assert!(!attribute(of_this[0], "by").is_empty() && !attribute(of_this[0], "outcome").is_empty());
    assert_eq!(attribute(of_this[0], "endpoint"), "POST /api/sign");
}
