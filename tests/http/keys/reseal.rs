//! Clients' keys go under a new KMS key while everything goes on: by the command, in a process of its own.

use std::{path::Path, process::Stdio};

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_local::{Options, SecondGateway, demo::DemoClient};
use countersign_testkit::{Call, Client};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use super::{RunningBot, StellarKey, bot, by, is_signed_by, new_client, payment};
use crate::world::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign-in-a-process");

/// A system on the old key, and what a deployment with the new one is told.
struct Moving {
    world: World,
    folder: TempDir,
    kms: aws_sdk_kms::Client,
    old: String,
    new: String,
}

impl Moving {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = Some(folder.path().to_owned());
        let world = World::of(Options { data, ephemeral: true, ..Options::default() }).await;
        let old = world.system.environment().required("SEALING_KEY_ID").unwrap().to_owned();
        let kms = aws_sdk_kms::Client::new(&world.system.sdk_config());
        let new = kms.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap();
        Self { world, folder, kms, old, new }
    }

    /// A deployment of the functions with the new key, which may know of the old one.
    async fn deployed(&self, previous: &str) -> SecondGateway {
        let told = self.folder.path().join("gateway.json");
        let mut told: Value = serde_json::from_slice(&std::fs::read(told).unwrap()).unwrap();
        told["environment"]["SEALING_KEY_ID"] = self.new.clone().into();
        told["environment"]["PREVIOUS_SEALING_KEY_IDS"] = previous.into();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("gateway.json"), told.to_string()).unwrap();
        SecondGateway::start(&folder.path().join("demo.json"), 0, None).await.unwrap()
    }

    /// Puts the sealed bytes of one client's key in place of another's, as whoever writes to the table might.
    async fn give_sealed_bytes(&self, from: u64, to: u64) {
        let table = aws_sdk_dynamodb::Client::new(&self.world.system.sdk_config());
        let name = &self.world.system.demo().table_name;
        let text = |text: String| AttributeValue::S(text);
        let key = |id: u64| [("pk", text(format!("CLIENT#{id}"))), ("sk", text("KEY".to_owned()))];
        let [(pk, pk_value), (sk, sk_value)] = key(from);
        let item = table.get_item().table_name(name).key(pk, pk_value).key(sk, sk_value).send().await.unwrap();
        let sealed = item.item.unwrap().remove("sealed").unwrap();
        let [(pk, pk_value), (sk, sk_value)] = key(to);
        let update = table.update_item().table_name(name).key(pk, pk_value).key(sk, sk_value);
        let update = update.update_expression("SET sealed = :sealed").expression_attribute_values(":sealed", sealed);
        update.send().await.unwrap();
    }

    /// `reseal`: whether nothing is left, and what it says.
    async fn reseal(&self, arguments: &[&str]) -> (bool, String) {
        reseal(&self.folder.path().join("demo.json"), &self.new, arguments).await
    }
}

async fn reseal(demo: &Path, key: &str, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(PROGRAM);
    command.env_clear().arg("reseal").arg("--demo").arg(demo).args(["--key", key]).args(arguments);
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A signature at another gateway.
async fn signs(gateway: &SecondGateway, world: &World, bot: &RunningBot, key: &StellarKey) -> bool {
    let unsigned = payment(&key.address);
    let answer = Client::new(gateway.base_url()).send(&bot.sign_call(&unsigned)).await.unwrap();
    let signed = answer.json()["signed_transaction"].as_str().unwrap_or_default().to_owned();
    answer.status == 200 && is_signed_by(world, &signed, &unsigned, &key.address)
}

async fn bots(world: &World, count: usize) -> Vec<(DemoClient, StellarKey, RunningBot)> {
    let mut made = Vec::new();
    for _ in 0..count {
        let (client, key) = (new_client(world).await, StellarKey::fresh());
        let bot = bot(world, &client, &key).await;
        made.push((client, key, bot));
    }
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_signs_before_while_and_after_the_keys_are_moved_and_without_the_old_key() {
    let moving = Moving::start().await;
    let bots = bots(&moving.world, 5).await;
    let (blind, deployed) = (moving.deployed("").await, moving.deployed(&moving.old).await);
    for (_, key, bot) in &bots {
        assert_eq!(bot.sign(&moving.world, &payment(&key.address)).await.status, 200, "the old deployment");
        assert!(signs(&deployed, &moving.world, bot, key).await, "the new one, which knows the old key");
        assert!(!signs(&blind, &moving.world, bot, key).await, "the control: it opens nothing of before");
    }
    let (sound, said) = moving.reseal(&["--dry-run"]).await;
    assert!(!sound && said.contains("5 left"), "{said}");
    for (client, ..) in &bots {
        let line = format!("client {} \"{}\", key 1: behind, under {}", client.id, client.name, moving.old);
        assert!(said.contains(&line), "{said}");
    }
    // It is stopped by a KMS key that nobody told of: nothing is moved, and it says under which keys they are.
    let (sound, said) = moving.reseal(&["--previous", &moving.new]).await;
    assert!(!sound && said.contains("0 resealed") && said.contains("5 left"), "{said}");
    // Bots go on signing at a gateway that opens every key anew, while the command runs.
    let signing = async {
        let mut good = 0;
        for round in 0..4 {
            let gateway = moving.deployed(&moving.old).await;
            for (_, key, bot) in &bots {
                assert!(signs(&gateway, &moving.world, bot, key).await, "round {round}");
                good += 1;
            }
            gateway.stop().await;
        }
        good
    };
    let old = moving.old.clone();
    let previous = ["--previous", old.as_str()];
    let ((sound, said), signed) = tokio::join!(moving.reseal(&previous), signing);
    assert!(sound && said.contains("5 resealed") && said.contains("0 left"), "{said}");
    assert_eq!(signed, 20);
    let (sound, said) = moving.reseal(&previous).await;
    assert!(sound && said.contains("0 resealed") && said.contains("0 left"), "{said}");
    moving.kms.disable_key().key_id(&moving.old).send().await.unwrap();
    let deletion = moving.kms.schedule_key_deletion().key_id(&moving.old).pending_window_in_days(7);
    deletion.send().await.unwrap();
    let last = moving.deployed("").await;
    for (_, key, bot) in &bots {
        assert!(signs(&last, &moving.world, bot, key).await, "without the old key");
    }
    for gateway in [blind, deployed, last] {
        gateway.stop().await;
    }
    moving.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_does_not_open_stops_no_other_and_what_is_done_stays_done() {
    let moving = Moving::start().await;
    let bots = bots(&moving.world, 3).await;
    // The sealed bytes of one client in place of another's: they do not open, and they are not moved either.
    let (from, to) = (bots[0].0.id, bots[1].0.id);
    moving.give_sealed_bytes(from, to).await;
    let (sound, said) = moving.reseal(&["--previous", &moving.old]).await;
    assert!(!sound && said.contains("2 resealed") && said.contains("1 left"), "{said}");
    assert!(said.contains(&format!("client {to} ")) && said.contains("cannot be resealed"), "{said}");
    // A rotation seals under the new key; run again, the command finds nothing to do but what does not open.
    let deployed = moving.deployed(&moving.old).await;
    let (client, new) = (&bots[1].0, StellarKey::fresh());
    let call = Call::new("PUT", &format!("/clients/{}/rotate-key", client.id)).bearer(&client.access_token);
    let rotated =
        Client::new(deployed.base_url()).send(&call.json(&json!({ "private_key": new.secret }))).await.unwrap();
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    let (sound, said) = moving.reseal(&[]).await;
    assert!(sound && said.contains("0 resealed") && said.contains("3 keys: 0 left"), "{said}");
    let revoked = by(&moving.world, &bots[2].0, "DELETE", "/clients/{client}/revoke-key", None).await;
    assert_eq!(revoked.status, 200, "{}", revoked.text());
    let (sound, said) = moving.reseal(&["--dry-run"]).await;
    assert!(sound && said.contains("2 keys: 0 left"), "a revoked key has no bytes: {said}");
    deployed.stop().await;
    moving.world.stop().await;
}
