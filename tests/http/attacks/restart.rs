//! Stopped, killed, started again: what was answered is still there, and signs.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign_local::{LocalSystem, Options};
use countersign_testkit::{Call, Client, payment_xdr, signed_by};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{process::Process, table::Table};

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value}")).to_owned()
}

fn options(folder: &Path) -> Options {
    Options { data: Some(folder.to_owned()), ..Options::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_was_stopped_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let system = LocalSystem::start(options(folder.path())).await.unwrap();
    let first = serde_json::to_value(system.demo()).unwrap();
    let person = first["people"][0].clone();
    let (token, account) = (text(&person, "access_token"), text(&person, "stellar_public_key"));
    let xdr = payment_xdr(&account);
    let call = Call::post("/api/sign", &json!({ "xdr": xdr })).bearer(&token).idempotent("once");
    let answer = Client::new(system.base_url()).send(&call).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let list = Call::get("/api/v1/signing-sessions").bearer(&token);
    let sessions = Client::new(system.base_url()).send(&list).await.unwrap().json();
    let table = Table::at(&system.demo().aws_endpoint_url, &system.demo().table_name);
    let before = table.dump().await;
    system.stop().await;

    let path = folder.path().join("demo.json");
    fs::write(&path, "{}").unwrap();
    let system = LocalSystem::start(options(folder.path())).await.unwrap();
    let written: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(written, serde_json::to_value(system.demo()).unwrap(), "demo.json is written anew");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "it is its owner's alone");
    for name in ["jwt", "bot", "services", "import", "kms", "fee_wallet", "table_name"] {
        assert_eq!(written[name], first[name], "{name} changed");
    }
    assert_eq!(without_tokens(&written["people"]), without_tokens(&first["people"]));
    let table = Table::at(&system.demo().aws_endpoint_url, &system.demo().table_name);
    super::table::unchanged(&before, &table.dump().await);
    let client = Client::new(system.base_url());
    let again = client.send(&call).await.unwrap();
    assert_eq!((again.header("idempotent-replayed"), again.json()), (Some("true"), answer.json()));
    assert_eq!(client.send(&list).await.unwrap().json(), sessions);
    everybody_signs(&client, &written).await;
    system.stop().await;
}

fn without_tokens(people: &Value) -> Vec<Value> {
    let mut people = people.as_array().unwrap().clone();
    for person in &mut people {
        person.as_object_mut().unwrap().remove("access_token");
    }
    people
}

/// Whoever has a session signs with it, by the token that demo.json names now.
async fn everybody_signs(client: &Client, demo: &Value) {
    for (method, status) in
        [("python_bot_kms", 200), ("python_bot_tg_cloud", 200), ("python_bot_legacy", 200), ("session_expired", 401)]
    {
        let people = demo["people"].as_array().unwrap();
        let person = people.iter().find(|person| person["signing_method"] == method).unwrap();
        let (token, account) = (text(person, "access_token"), text(person, "stellar_public_key"));
        let xdr = payment_xdr(&account);
        let answer = client.send(&Call::post("/api/sign", &json!({ "xdr": xdr })).bearer(&token)).await.unwrap();
        assert_eq!((answer.status, answer.field("signing_method").as_str()), (status, method), "{}", answer.text());
        if answer.json()["success"] == true {
            signed_by(&answer.field("signed_xdr"), &xdr, &text(demo, "network_passphrase"), &account).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_stops_when_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path()).await;
    assert_eq!(process.send(&Call::get("/health")).await.status, 200);
    let took = process.terminate().await;
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert_only_for_its_owner(folder.path());
}

/// Secrets lie in these files.
fn assert_only_for_its_owner(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, metadata) = (entry.path(), entry.metadata().unwrap());
        assert_eq!(metadata.permissions().mode() & 0o077, 0, "{} is open to others", path.display());
        if metadata.is_dir() {
            assert_only_for_its_owner(&path);
        }
    }
}

/// Signs until the program is gone; the hashes that were answered.
async fn signs_until_it_is_gone(
    client: Client,
    token: String,
    account: String,
    count: Arc<AtomicUsize>,
) -> Vec<String> {
    let mut hashes = Vec::new();
    loop {
        let call = Call::post("/api/sign", &json!({ "xdr": payment_xdr(&account) })).bearer(&token);
        match client.send(&call).await {
            Ok(answer) if answer.status == 200 => {
                hashes.push(answer.field("hash"));
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(answer) => panic!("{}", answer.text()),
            Err(_) => return hashes,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_system_that_was_killed_while_it_signed_lost_nothing_that_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut answered = Vec::new();
    let mut telegram_id = 0;
    for round in 0..3 {
        let process = Process::start(folder.path()).await;
        let person = process.person("kms");
        telegram_id = person["telegram_id"].as_u64().unwrap();
        let (token, account) = (text(&person, "access_token"), text(&person, "stellar_public_key"));
        let (mut running, count) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
        for _ in 0..8 {
            let (client, count) = (process.client.clone(), count.clone());
            running.spawn(signs_until_it_is_gone(client, token.clone(), account.clone(), count));
        }
        for _ in 0..3_000 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            if count.load(Ordering::Relaxed) >= 50 {
                break;
            }
        }
        process.kill().await;
        let hashes: Vec<String> = running.join_all().await.into_iter().flatten().collect();
        println!("round {round}: {} answered before the kill", hashes.len());
        assert!(!hashes.is_empty(), "nothing was signed before the kill");
        answered.extend(hashes);
    }
    let process = Process::start(folder.path()).await;
    let table = Table::at(&text(&process.demo, "aws_endpoint_url"), &text(&process.demo, "table_name"));
    let records = table.of_person(telegram_id, "SIGNATURE#").await;
    for hash in &answered {
        let found = records.iter().filter(|item| super::table::text(item, "hash") == *hash).count();
        assert_eq!(found, 1, "{hash} was answered and is recorded {found} times");
    }
    // One that was committed and whose answer the kill cut off may be there beyond them: eight a round at most.
    assert!(records.len() <= answered.len() + 3 * 8, "{} records of {} answers", records.len(), answered.len());
    everybody_signs(&process.client, &process.demo).await;
}
