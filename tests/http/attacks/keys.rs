//! What the routes of clients and bots are asked about, and how each is called.

use countersign_local::demo::DemoPerson;
use countersign_testkit::Call;
use serde_json::json;

use super::Holder;
use crate::{keys::StellarKey, world::World};

/// A client that the holder is: numbers that nobody has, unless they were made.
pub(crate) struct KeyThings {
    pub(crate) client_id: u64,
    pub(crate) bot_id: u64,
    pub(crate) runner_token_id: u64,
    /// Of the bot's runner.
    pub(crate) runner_token: String,
    /// The address of the client's key.
    pub(crate) address: String,
    secret: String,
    /// Somebody who is no client.
    pub(crate) person_id: u64,
    /// The code of a one-time form.
    pub(crate) form_code: String,
}

impl KeyThings {
    pub(crate) fn none() -> Self {
        let key = StellarKey::fresh();
        Self {
            client_id: 4_711,
            bot_id: 4_711,
            runner_token_id: 4_711,
            runner_token: "csb_4711_4711_4711_none".to_owned(),
            address: key.address,
            secret: key.secret,
            person_id: 4_711,
            form_code: "none".to_owned(),
        }
    }

    /// Whether this endpoint is about a client.
    pub(crate) fn are_of(endpoint: &str) -> bool {
        let path = endpoint.split_once(' ').unwrap().1;
        ["/clients", "/bots", "/keys"].iter().any(|part| path.starts_with(part))
    }

    /// A client that this person is, with what this endpoint is about.
    pub(crate) async fn made(world: &World, person: &DemoPerson, endpoint: &str) -> Self {
        let mut things = Self::none();
        let admin = world.admin().access_token;
        let posted = async |token: &str, path: &str, body: serde_json::Value| {
            let answer = world.send(&Call::post(path, &body).bearer(token)).await;
            assert_eq!(answer.status, 201, "{path}: {}", answer.text());
            answer.json()
        };
        if endpoint == "POST /clients" {
            things.person_id = world.newcomer().await.user_id;
            return things;
        }
        let client = posted(&admin, "/clients", json!({ "name": "Attacked", "user_id": person.user_id })).await;
        things.client_id = client["id"].as_u64().unwrap();
        let own = &person.access_token;
        let (path, client) = (endpoint.split_once(' ').unwrap().1, things.client_id);
        if path.starts_with("/keys/form") {
            let body = json!({ "purpose": "setup", "bot_type": "market_maker" });
            let form = posted(own, &format!("/clients/{client}/key-forms"), body).await;
            let (_, code) = form["url"].as_str().unwrap().split_once("code=").unwrap();
            things.form_code = code.to_owned();
        }
        let needs_key = path.contains("rotate-key") || path.contains("revoke-key") || path.contains("key-forms");
        if !needs_key && !(path.starts_with("/bots/{id}")) {
            return things;
        }
        let setup = json!({ "bot_type": "market_maker", "private_key": things.secret });
        let bot = posted(own, &format!("/clients/{client}/setup-bot"), setup).await;
        things.bot_id = bot["bot_id"].as_u64().unwrap();
        if path.contains("/start") {
            let stop = Call::post(&format!("/bots/{}/stop", things.bot_id), &json!({})).bearer(own);
            assert_eq!(world.send(&stop).await.status, 200);
        }
        let token = posted(own, &format!("/bots/{}/runner-tokens", things.bot_id), json!({})).await;
        things.runner_token_id = token["id"].as_u64().unwrap();
        things.runner_token = token["token"].as_str().unwrap().to_owned();
        if path.contains("/start") {
            let heard = Call::post(&format!("/bots/{}/heartbeat", things.bot_id), &json!({}));
            assert_eq!(world.send(&heard.bearer(&things.runner_token)).await.status, 200);
        }
        things
    }
}

/// A good call of a route of clients or bots.
pub(super) fn call(endpoint: &str, holder: &Holder) -> Call {
    let things = &holder.things.keys;
    let (client, bot) = (things.client_id, things.bot_id);
    let (method, path) = endpoint.split_once(' ').unwrap();
    let root = if path.starts_with("/clients") { client } else { bot };
    let path = path.replace("{id}", &root.to_string()).replace("{token_id}", &things.runner_token_id.to_string());
    let (fresh, call) = (StellarKey::fresh(), Call::new(method, &path));
    let wallet = |address: &str, secret: &str| json!({ "address": address, "private_key": secret });
    match endpoint {
        "POST /clients" => call.json(&json!({ "name": "Another", "user_id": things.person_id })),
        "POST /clients/import" => call.json(&json!({ "rows": [] })),
        "POST /clients/revoke-all" => call.json(&json!({ "reason": "A drill" })),
        "POST /clients/{id}/setup-bot" => call.json(&fresh.setup()),
        "PUT /clients/{id}/rotate-key" => call.json(&json!({ "private_key": fresh.secret })),
        "POST /clients/{id}/key-forms" => call.json(&json!({ "purpose": "rotate" })),
        "GET /keys/form" => Call::get(&format!("/keys/form?code={}", things.form_code)),
        "POST /keys/form" => {
            let body = format!("code={}&private_key={}&address={}", things.form_code, fresh.secret, fresh.address);
            call.body("application/x-www-form-urlencoded", body)
        }
        "POST /bots/create" => call.json(&json!({
            "client_id": client, "name": "maker", "bot_type": "market_maker", "config": {},
            "wallets": [wallet(&fresh.address, &fresh.secret)],
        })),
        "POST /bots/{id}/wallets" => call.json(&wallet(&things.address, &things.secret)),
        "PUT /bots/{id}/limits" => call.json(&json!({ "signatures_per_hour": 5 })),
        "POST /bots/{id}/sign" => call.json(&json!({ "transaction": crate::keys::payment(&things.address) })),
        "POST /bots/{id}/start"
        | "POST /bots/{id}/stop"
        | "POST /bots/{id}/runner-tokens"
        | "POST /bots/{id}/heartbeat" => call.json(&json!({})),
        _ => call,
    }
}
