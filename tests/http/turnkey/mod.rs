//! The remote signers from outside: what a client, Turnkey and the table see of one signature, whatever goes wrong.

mod client_stamped;
mod control;
mod repeat;
mod server_stamped;
mod session_change;
mod sweep;
mod table;
mod unknown;

use countersign_local::demo::DemoPerson;
use countersign_testkit::{Call, hash};
use reqwest::StatusCode;
use serde_json::{Value, json};
use turnkey_api_key_stamper::{Stamp as _, TurnkeyP256ApiKey};

use crate::world::{Answered, TESTNET, World, payment, signed_by};

/// A system of its own and a person of it who signs at Turnkey.
struct Bench {
    world: World,
    person: DemoPerson,
}

impl Bench {
    /// The person whose API key is sealed here.
    async fn legacy() -> Self {
        Self::of("legacy").await
    }

    /// The person whose API key is in Telegram's cloud storage.
    async fn cloud() -> Self {
        Self::of("cloud").await
    }

    async fn of(name: &str) -> Self {
        let world = World::start().await;
        let person = world.named(name);
        Self { world, person }
    }

    fn account(&self) -> &str {
        self.person.stellar_public_key.as_deref().unwrap()
    }

    /// A transaction that nobody has seen.
    fn xdr(&self) -> String {
        payment(self.account())
    }

    fn token(&self) -> Option<&str> {
        Some(&self.person.access_token)
    }

    async fn sign(&self, xdr: &str) -> Answered {
        self.world.sign(&self.person.access_token, xdr).await
    }

    /// With an idempotency key; true where the answer is a replay.
    async fn sign_as(&self, xdr: &str, key: &str) -> (Answered, bool) {
        self.keyed(&json!({ "xdr": xdr }), key).await
    }

    async fn keyed(&self, body: &Value, key: &str) -> (Answered, bool) {
        let token = format!("Bearer {}", self.person.access_token);
        let headers = [("authorization", token), ("idempotency-key", key.to_owned())];
        let answered = self.world.ask(reqwest::Method::POST, "/api/sign", &headers, Some(body)).await;
        let replayed = answered.1.get("idempotent-replayed").is_some_and(|value| value == "true");
        (answered, replayed)
    }

    async fn stamped(&self, xdr: &str, stamp: &str) -> Answered {
        self.world.post("/api/sign", self.token(), &json!({ "xdr": xdr, "stamp": stamp })).await
    }

    /// The body that the person is asked to stamp.
    async fn asked_to_stamp(&self, xdr: &str) -> String {
        let (status, _, answer) = self.sign(xdr).await;
        assert_eq!((status, &answer["success"]), (StatusCode::OK, &json!(false)), "{answer}");
        assert_eq!(answer["signing_method"], "python_bot_tg_cloud");
        assert!(answer.get("signed_xdr").is_none(), "{answer}");
        answer["stamp_request"]["body"].as_str().unwrap().to_owned()
    }

    /// The person's own stamp, as the mini-app makes it.
    fn stamp(&self, body: &str) -> String {
        let wallet = self.person.telegram_cloud.as_ref().unwrap();
        stamp_with(&wallet.api_private_key, body)
    }

    /// The signed envelope of an answer that is right in every part.
    #[track_caller]
    fn signed(&self, (status, _, answer): &Answered, xdr: &str) -> String {
        assert_eq!((*status, &answer["success"]), (StatusCode::OK, &json!(true)), "{answer}");
        assert_eq!(answer["signing_method"], self.person.signing_method.as_str());
        assert_eq!(answer["hash"], hash_hex(xdr));
        let signed = answer["signed_xdr"].as_str().unwrap();
        signed_by(signed, xdr, TESTNET, self.account()).unwrap();
        signed.to_owned()
    }

    /// That Turnkey signed this once, from bodies that are all alike, and that the table says so.
    async fn signed_once(&self, xdr: &str, submissions: usize) {
        let activities = self.activities().await;
        assert_eq!(activities.len(), 1, "{activities:?}");
        assert_eq!(activities[0]["signatures"], 1, "{activities:?}");
        let bodies: Vec<Value> = self.submissions().await.into_iter().map(|request| request["body"].clone()).collect();
        assert_eq!(bodies.len(), submissions, "{bodies:?}");
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
        assert_eq!(bodies[0], self.intent(xdr).await["body"]);
        assert_eq!(self.outcomes(xdr).await, ["signed"]);
    }
}

fn hash_hex(xdr: &str) -> String {
    hex::encode(hash(xdr, TESTNET).unwrap())
}

fn stamp_with(private_key: &str, body: &str) -> String {
    let key = TurnkeyP256ApiKey::from_strings(private_key, None).unwrap();
    key.stamp(body.as_bytes()).unwrap().value
}

/// An answer that hands out nothing: no signature, nothing of the inside.
#[track_caller]
fn nothing_signed((_, _, answer): &Answered) {
    let text = answer.to_string();
    for word in ["signed_xdr", "publicKey", "organization", "DynamoDB", "AccessDenied", "arn:aws"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

/// A 503 with `Retry-After` that says the outcome is not known.
#[track_caller]
fn unknown(answered: &Answered) {
    crate::world::refused(answered, 503);
    assert_eq!(answered.2["outcome"], "unknown", "{}", answered.2);
    nothing_signed(answered);
}

/// A call of the mini-app's route.
fn mini_app(telegram_id: u64, xdr: &str) -> Call {
    Call::post("/mini-app/sign-transaction", &json!({ "telegram_id": telegram_id, "xdr": xdr }))
}
