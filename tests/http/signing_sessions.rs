//! `/api/v1/signing-sessions`: begun for every signer, shown without secrets, replaced, ended and expired at once.

mod acting;
mod create;
mod ending;
mod kms;
mod list;
mod refused;

use countersign_local::demo::Wallet;
use serde_json::{Value, json};

use crate::world::World;

/// The route.
pub(crate) const SESSIONS: &str = "/api/v1/signing-sessions";

/// The wallet of the demo that nobody uses.
pub(crate) fn wallet(world: &World) -> Wallet {
    world.system.demo().turnkey.clone().unwrap()
}

/// A session that Turnkey signs for.
pub(crate) fn turnkey(kind: &str, wallet: &Wallet) -> Value {
    json!({
        "kind": kind, "signer": "turnkey",
        "turnkey": {
            "organization_id": wallet.organization_id, "sign_with": wallet.sign_with,
            "api_public_key": wallet.api_public_key, "api_private_key": wallet.api_private_key,
        },
    })
}

/// A session whose API key is with the person.
pub(crate) fn client(wallet: &Wallet) -> Value {
    let mut body = turnkey("telegram_cloud", wallet);
    body["signer"] = "client".into();
    body["turnkey"].as_object_mut().unwrap().remove("api_private_key");
    body
}

/// A session with a KMS key.
pub(crate) fn kms(key_id: &str) -> Value {
    json!({ "kind": "session_keys", "signer": "kms", "kms_key_id": key_id })
}

/// A session with a local key that is made there.
pub(crate) fn local(kind: &str) -> Value {
    json!({ "kind": kind, "signer": "local" })
}

/// A secret seed and its account.
pub(crate) fn key_pair(seed: [u8; 32]) -> (String, String) {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
    let secret = stellar_strkey::ed25519::PrivateKey(seed).as_unredacted().to_string().as_str().to_owned();
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let public = stellar_strkey::ed25519::PublicKey(pair.public_key().as_ref().try_into().unwrap());
    (secret, public.to_string().as_str().to_owned())
}
