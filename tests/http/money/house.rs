//! A family of the demo over HTTP: its wallets, payments and decisions, and what they look like afterwards.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::{Options, SecondGateway};
use countersign_testkit::{Answer, Call, Client};
use serde_json::{Value, json};

use crate::world::World;

/// A running system and one family of it.
pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) family: u64,
    pub(crate) owner: Member,
    pub(crate) member: Member,
    folder: tempfile::TempDir,
}

/// Somebody of the family.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) token: String,
}

impl House {
    /// A system whose demo.json is kept, so that a second gateway can be started.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = Some(folder.path().to_owned());
        let world = World::of(Options { data, ephemeral: true, ..Options::default() }).await;
        let demo = serde_json::to_value(world.system.demo()).unwrap();
        let family = &demo["families"][0];
        let member = |name: &str| Member { token: family[name]["access_token"].as_str().unwrap().to_owned() };
        let (owner, member) = (member("owner"), member("member"));
        Self { family: family["id"].as_u64().unwrap(), owner, member, world, folder }
    }

    /// A client of the API.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.world.system.base_url())
    }

    /// A second gateway that reaches AWS at this address.
    pub(crate) async fn second_gateway(&self, aws_endpoint: &str) -> SecondGateway {
        let demo = self.folder.path().join("demo.json");
        SecondGateway::start(&demo, 0, Some(aws_endpoint.to_owned())).await.unwrap()
    }

    /// Sends a call that must be done; its body.
    pub(crate) async fn done(&self, call: &Call) -> Value {
        let answer: Answer = self.world.send(call).await;
        assert!((200..300).contains(&answer.status), "{}", answer.text());
        answer.json()
    }

    /// A new wallet with so much in it.
    pub(crate) async fn wallet(&self, opening: &str) -> u64 {
        let body = json!({ "family_id": self.family, "name": "Purse", "type": "card", "opening_balance": opening });
        let made = self.done(&Call::post("/api/v1/wallets", &body).bearer(&self.owner.token)).await;
        made["id"].as_u64().unwrap()
    }

    /// Somebody new who has joined with this role, invited by the owner.
    pub(crate) async fn joined(&self, role: &str) -> Member {
        let path = format!("/api/v1/families/{}/invitations", self.family);
        let invited = self.done(&Call::post(&path, &json!({ "role": role })).bearer(&self.owner.token)).await;
        let joiner = Member { token: self.world.newcomer().await.access_token };
        let accept = Call::post("/api/v1/invitations/accept", &json!({ "code": invited["code"] }));
        self.done(&accept.bearer(&joiner.token)).await;
        joiner
    }

    /// `PATCH /api/v1/families/{id}` by the owner: these are all rules from now on.
    pub(crate) fn rules(&self, rules: &Value) -> Call {
        let path = format!("/api/v1/families/{}", self.family);
        Call::new("PATCH", &path).json(&json!({ "rules": rules })).bearer(&self.owner.token)
    }

    /// `POST /api/v1/transactions`.
    pub(crate) fn pay(&self, who: &Member, from: Option<u64>, to: Option<u64>, amount: &str) -> Call {
        let body = json!({ "family_id": self.family, "from_wallet_id": from, "to_wallet_id": to, "amount": amount });
        Call::post("/api/v1/transactions", &body).bearer(&who.token)
    }

    /// An expense of the member's that waits.
    pub(crate) async fn waiting(&self, wallet: u64, amount: &str) -> u64 {
        let entered = self.done(&self.pay(&self.member, Some(wallet), None, amount)).await;
        assert_eq!(entered["status"], "pending_approval", "{entered}");
        entered["id"].as_u64().unwrap()
    }

    /// `/confirm`, `/reject` or `/cancel`.
    pub(crate) fn decide(&self, who: &Member, id: u64, how: &str) -> Call {
        Call::post(&format!("/api/v1/transactions/{id}/{how}"), &json!({})).bearer(&who.token)
    }

    /// `DELETE /api/v1/transactions/{id}` by the owner.
    pub(crate) fn reverse(&self, id: u64) -> Call {
        self.reverse_by(&self.owner, id)
    }

    /// The same by somebody else.
    pub(crate) fn reverse_by(&self, who: &Member, id: u64) -> Call {
        let call = Call::delete(&format!("/api/v1/transactions/{id}")).json(&json!({ "reason": "Brought back" }));
        call.bearer(&who.token)
    }

    /// A transaction as it is shown.
    pub(crate) async fn transaction(&self, id: u64) -> Value {
        self.done(&Call::get(&format!("/api/v1/transactions/{id}")).bearer(&self.owner.token)).await
    }

    /// What is in a wallet and what of it is available, in minor units.
    pub(crate) async fn balance(&self, wallet: u64) -> (i64, i64) {
        let path = format!("/api/v1/wallets?family_id={}", self.family);
        let wallets = self.done(&Call::get(&path).bearer(&self.owner.token)).await;
        let wallet = wallets["wallets"].as_array().unwrap().iter().find(|one| one["id"] == wallet).unwrap().clone();
        (minor(&wallet["balance"]), minor(&wallet["available"]))
    }

    /// Lets a transaction that waits end in so many milliseconds, by writing it so: nobody waits a day in a test.
    pub(crate) async fn ends_in(&self, id: u64, millis: u64) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_millis(millis);
        let at = || AttributeValue::N(now.as_millis().to_string());
        let client = aws_sdk_dynamodb::Client::new(&self.world.system.sdk_config());
        let table = &self.world.system.demo().table_name;
        let approval = self.transaction(id).await["approval_id"].as_u64().unwrap();
        let write = async |pk: String, sk: &str, update: &str| {
            let update = client.update_item().table_name(table).update_expression(update);
            let update = update.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk.to_owned()));
            update.expression_attribute_values(":at", at()).send().await.unwrap();
        };
        write(format!("MOVEMENT#{id}"), "MOVEMENT", "SET waiting.open_until = :at").await;
        write(format!("APPROVAL#{approval}"), "PROPOSAL", "SET open_until = :at").await;
        write(format!("APPROVAL#{approval}"), "STATE", "SET pending_at = :at").await;
    }

    /// Lets an invitation be over, in the family's list and by its code; none is good for less than a minute.
    pub(crate) async fn is_over(&self, invited: &Value) {
        let id = invited["id"].as_u64().unwrap();
        let code = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, invited["code"].as_str().unwrap().as_bytes());
        let keys = [
            (format!("FAMILY#{}", self.family), format!("INVITATION#{id:016}")),
            (format!("INVITATIONCODE#{}", hex::encode(code)), "INVITATION".to_owned()),
        ];
        let client = aws_sdk_dynamodb::Client::new(&self.world.system.sdk_config());
        for (pk, sk) in keys {
            let update = client.update_item().table_name(&self.world.system.demo().table_name);
            let update = update.key("pk", AttributeValue::S(pk)).key("sk", AttributeValue::S(sk));
            let update = update.condition_expression("attribute_exists(pk)").update_expression("SET live_until = :now");
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
            update.expression_attribute_values(":now", AttributeValue::N(now.to_string())).send().await.unwrap();
        }
    }

    /// Waits until its time is over: the schedule of the local system looks at what is due twice a second.
    pub(crate) async fn expire(&self, id: u64) {
        for _ in 0..100 {
            if self.transaction(id).await["status"] != "pending_approval" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{id} still waits");
    }

    /// How it ended.
    pub(crate) async fn ended(&self, id: u64) -> String {
        self.transaction(id).await["status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn stop(self) {
        self.world.stop().await;
    }
}

/// An amount as the API writes it, in minor units of a currency with two decimals.
pub(crate) fn minor(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}
