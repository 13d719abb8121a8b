//! Clients, their keys, their bots and their runners, over HTTP.

mod access;
mod bot_command;
mod bot_log;
mod chains;
mod entering;
mod forms;
mod import;
mod monitor;
mod other_libraries;
mod races;
mod reseal;
mod revoke_all;
mod revoke_all_entering;
mod revoking;
mod rotating;
mod runners;
mod signing;
mod unreadable;

use countersign_local::demo::DemoClient;
use countersign_stellar::{Envelope, Network, StellarSeed};
use countersign_testkit::{Answer, Call, payment_xdr};
use serde_json::{Value, json};

use crate::world::World;

/// A Stellar key of a test.
pub(crate) struct StellarKey {
    pub(crate) secret: String,
    pub(crate) address: String,
}

impl StellarKey {
    /// A fresh one.
    pub(crate) fn fresh() -> Self {
        let bytes: [u8; 32] = std::array::from_fn(|_| fastrand::u8(..));
        let seed = StellarSeed::from_secret(countersign_core::Secret::new(bytes.to_vec())).unwrap();
        let address = seed.public_key().to_strkey();
        Self { secret: countersign_stellar::secret_strkey(&bytes), address }
    }

    /// The body that sets up a bot with it.
    pub(crate) fn setup(&self) -> Value {
        json!({ "bot_type": "market_maker", "private_key": self.secret, "address": self.address })
    }
}

/// The first client of the demo, and the second.
pub(crate) fn clients(world: &World) -> [DemoClient; 2] {
    <[DemoClient; 2]>::try_from(world.system.demo().clients.clone()).unwrap()
}

/// A client that a test has made, for as many as it needs.
pub(crate) async fn new_client(world: &World) -> DemoClient {
    let person = world.newcomer().await;
    let body = json!({ "name": "Client", "user_id": person.user_id });
    let made = world.send(&Call::post("/clients", &body).bearer(&world.admin().access_token)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    DemoClient {
        id: made.json()["id"].as_u64().unwrap(),
        name: "Client".into(),
        user_id: person.user_id,
        telegram_id: person.telegram_id,
        access_token: person.access_token,
    }
}

/// What the client does with its own things.
pub(crate) async fn by(world: &World, client: &DemoClient, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let path = path.replace("{client}", &client.id.to_string());
    let call = Call::new(method, &path).bearer(&client.access_token);
    world.send(&body.map_or(call.clone(), |body| call.json(body))).await
}

/// A running bot of a client, with its runner's token.
pub(crate) struct RunningBot {
    pub(crate) id: u64,
    pub(crate) token: String,
}

/// Sets up a bot and gets its runner a token.
pub(crate) async fn bot(world: &World, client: &DemoClient, key: &StellarKey) -> RunningBot {
    bot_with(world, client, &key.setup()).await
}

/// The same of any body.
pub(crate) async fn bot_with(world: &World, client: &DemoClient, body: &Value) -> RunningBot {
    let made = by(world, client, "POST", "/clients/{client}/setup-bot", Some(body)).await;
    assert_eq!((made.status, made.json()["status"].as_str()), (201, Some("running")), "{}", made.text());
    let id = made.json()["bot_id"].as_u64().unwrap();
    RunningBot { id, token: token(world, client, id).await }
}

/// A new token for a bot's runner.
pub(crate) async fn token(world: &World, client: &DemoClient, bot: u64) -> String {
    let given = by(world, client, "POST", &format!("/bots/{bot}/runner-tokens"), Some(&json!({}))).await;
    assert_eq!(given.status, 201, "{}", given.text());
    given.field("token")
}

impl RunningBot {
    /// The runner asks for a signature.
    pub(crate) fn sign_call(&self, transaction: &str) -> Call {
        Call::post(&format!("/bots/{}/sign", self.id), &json!({ "transaction": transaction })).bearer(&self.token)
    }

    /// The same, sent.
    pub(crate) async fn sign(&self, world: &World, transaction: &str) -> Answer {
        world.send(&self.sign_call(transaction)).await
    }

    /// The runner says that it lives.
    pub(crate) async fn heartbeat(&self, world: &World) -> Answer {
        world.send(&Call::post(&format!("/bots/{}/heartbeat", self.id), &json!({})).bearer(&self.token)).await
    }
}

/// An unsigned payment of 1 XLM from this account.
pub(crate) fn payment(source: &str) -> String {
    payment_xdr(source)
}

/// Whether this is the envelope with a good signature of this account.
pub(crate) fn is_signed_by(world: &World, signed: &str, unsigned: &str, account: &str) -> bool {
    let passphrase = &world.system.demo().network_passphrase;
    countersign_testkit::signed_by(signed, unsigned, passphrase, account).is_ok()
}

/// The hash of an envelope, hex.
pub(crate) fn hash_of(world: &World, xdr: &str) -> String {
    hex::encode(Envelope::read(xdr).unwrap().hash(&Network::new(&world.system.demo().network_passphrase)))
}
