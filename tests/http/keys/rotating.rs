//! A key is rotated: staged, proven, switched in one write, and the one before is gone.

use countersign_local_control::{Cut, Fault};
use serde_json::json;

use super::{StellarKey, bot, bot_with, by, clients, is_signed_by, payment};
use crate::{
    attacks::table::{Table, text},
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_write_changes_what_every_bot_signs_with() {
    let world = World::start().await;
    let ([client, _], old, new) = (clients(&world), StellarKey::fresh(), StellarKey::fresh());
    let bots = [bot(&world, &client, &old).await, bot(&world, &client, &old).await];
    let body = json!({ "private_key": new.secret, "address": new.address });
    let rotated = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await;
    let expected = json!({ "version": 2, "address": new.address, "bots_updated": 2 });
    assert_eq!((rotated.status, rotated.json()), (200, expected), "{}", rotated.text());
    for bot in &bots {
        let unsigned = payment(&new.address);
        let signed = bot.sign(&world, &unsigned).await;
        assert!(is_signed_by(&world, &signed.field("signed_transaction"), &unsigned, &new.address));
        assert_eq!(signed.field("address"), new.address);
    }
    // Sent again it says the same; the old key does not come back, for nobody.
    assert_eq!(by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await.json(), rotated.json());
    let back = json!({ "private_key": old.secret });
    let refused = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&back)).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    let versions = by(&world, &client, "GET", "/clients/{client}/key-versions", None).await.json();
    let statuses: Vec<_> = versions["versions"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, [json!("current"), json!("retired")], "{versions}");
    // Of the old key nothing sealed is left, and nothing is staged.
    let items = Table::of(&world).dump().await;
    let sealed =
        items.iter().filter(|((pk, _), item)| *pk == format!("CLIENT#{}", client.id) && item.contains("\"sealed\""));
    assert_eq!(sealed.count(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_that_broke_off_goes_on_where_it_was() {
    let world = World::start().await;
    let ([client, _], old, new) = (clients(&world), StellarKey::fresh(), StellarKey::fresh());
    let bot = bot(&world, &client, &old).await;
    let body = json!({ "private_key": new.secret });
    // The stage commits; the proof does not come about, because KMS is away.
    let cut = Fault::cut(Cut::Before).matching("Decrypt").times(10);
    world.system.aws().control().add_fault(cut);
    let broken = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await;
    assert_eq!(broken.status, 503, "{}", broken.text());
    world.system.aws().control().clear_faults();
    let unsigned = payment(&old.address);
    let signed = bot.sign(&world, &unsigned).await;
    assert!(is_signed_by(&world, &signed.field("signed_transaction"), &unsigned, &old.address), "the old one signs on");
    let rotated = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await;
    assert_eq!((rotated.status, rotated.json()["version"].as_u64()), (200, Some(2)), "{}", rotated.text());
    // The answer of the switch is lost: the same request says that it is done.
    let next = json!({ "private_key": StellarKey::fresh().secret });
    let lost = Fault::cut(Cut::After).matching("TransactWriteItems").times(10);
    world.system.aws().control().add_fault(lost);
    let broken = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&next)).await;
    world.system.aws().control().clear_faults();
    assert!(matches!(broken.status, 200 | 503), "{}", broken.text());
    let rotated = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&next)).await;
    assert_eq!((rotated.status, rotated.json()["version"].as_u64()), (200, Some(3)), "{}", rotated.text());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_current_key_is_moved() {
    let world = World::start().await;
    let ([client, _], key) = (clients(&world), StellarKey::fresh());
    let day = |days: i64| {
        let now = i64::try_from(crate::world::unix_seconds()).unwrap();
        countersign_core::Moment::from_seconds(now + days * 86_400).to_rfc3339()
    };
    let (first, second) = (day(20), day(100));
    let mut setup = key.setup();
    setup["expires_at"] = json!(first);
    let bot = bot_with(&world, &client, &setup).await;
    let shown = async || {
        let client_key = by(&world, &client, "GET", "/clients/{client}", None).await.json()["key"].clone();
        let versions = by(&world, &client, "GET", "/clients/{client}/key-versions", None).await.json();
        assert_eq!((versions["versions"].as_array().unwrap().len(), &client_key["version"]), (1, &json!(1)));
        assert_eq!(versions["versions"][0]["expires_at"], client_key["expires_at"]);
        client_key["expires_at"].clone()
    };
    assert_eq!(shown().await, json!(first));
    setup["expires_at"] = json!(second);
    let refused = by(&world, &client, "POST", "/clients/{client}/setup-bot", Some(&setup)).await;
    assert_eq!(refused.status, 409, "not by the way: {}", refused.text());
    let body = json!({ "private_key": key.secret, "expires_at": second });
    for _ in 0..2 {
        let moved = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await;
        assert_eq!((moved.status, moved.json()["version"].as_u64()), (200, Some(1)), "{}", moved.text());
        assert_eq!(shown().await, json!(second));
    }
    let undated = json!({ "private_key": key.secret });
    assert_eq!(by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&undated)).await.status, 200);
    assert_eq!(shown().await, json!(second), "without a date it stays");
    let events = by(&world, &client, "GET", "/clients/{client}/key-events", None).await.json();
    let changes = events["events"].as_array().unwrap().iter().filter(|event| event["what"] == "key_expiry_changed");
    let details: Vec<_> = changes.map(|event| event["detail"].as_str().unwrap().to_owned()).collect();
    assert_eq!(details, [format!("until {second}, before: {first}")], "once, though sent twice");
    // The next warning is due thirty days before the new end.
    let record = Table::of(&world).items().await;
    let record = record
        .iter()
        .find(|item| text(item, "sk") == "KEY" && item["pk"].as_s().unwrap().ends_with(&client.id.to_string()));
    let due: i64 = record.unwrap()["pending_at"].as_n().unwrap().parse().unwrap();
    let end = countersign_core::Moment::parse_rfc3339(&second).unwrap();
    assert_eq!(due, end.plus_seconds(-30 * 86_400).millis());
    assert_eq!(bot.sign(&world, &payment(&key.address)).await.status, 200);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_ends_by_its_date() {
    let world = World::start().await;
    let ([client, _], old, new) = (clients(&world), StellarKey::fresh(), StellarKey::fresh());
    let bot = bot(&world, &client, &old).await;
    for wrong in ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "tomorrow"] {
        let body = json!({ "private_key": new.secret, "expires_at": wrong });
        assert_eq!(
            by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await.status,
            400,
            "{wrong}"
        );
    }
    let soon = countersign_core::Moment::from_seconds(i64::try_from(crate::world::unix_seconds()).unwrap() + 3);
    let body = json!({ "private_key": new.secret, "expires_at": soon.to_rfc3339() });
    let rotated = by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    assert_eq!(bot.sign(&world, &payment(&new.address)).await.status, 200);
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    let refused = bot.sign(&world, &payment(&new.address)).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let shown = by(&world, &client, "GET", "/clients/{client}", None).await.json();
    assert_eq!(shown["key"]["status"], json!("expired"));
    world.stop().await;
}
