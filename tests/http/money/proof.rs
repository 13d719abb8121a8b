//! `prove-totals`: sound books are said to be sound, wrong sums are found and mended, and the mending is in the log.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_core::FamilyId;
use countersign_local::prove_totals;
use countersign_testkit::Call;

use super::house::House;

/// A house where all kinds of transactions were entered.
async fn lived_in() -> (House, u64) {
    let house = House::start().await;
    let (one, other) = (house.wallet("2000.00").await, house.wallet("0").await);
    let paid = house.done(&house.pay(&house.member, Some(one), Some(other), "40.00")).await;
    house.done(&house.pay(&house.member, Some(one), None, "12.34")).await;
    house.done(&house.pay(&house.owner, None, Some(other), "300.00")).await;
    house.done(&house.reverse(paid["id"].as_u64().unwrap())).await;
    for how in ["confirm", "reject"] {
        let id = house.waiting(one, "600.00").await;
        house.done(&house.decide(&house.owner, id, how)).await;
    }
    house.waiting(one, "700.00").await;
    (house, one)
}

async fn spoil(house: &House, sk: &str, update: &str, by: i64) {
    let client = aws_sdk_dynamodb::Client::new(&house.world.system.sdk_config());
    let table = &house.world.system.demo().table_name;
    let update = client.update_item().table_name(table).update_expression(update);
    let pk = AttributeValue::S(format!("FAMILY#{}", house.family));
    let update = update.key("pk", pk).key("sk", AttributeValue::S(sk.to_owned()));
    let update = if sk == "HEAD" { update.expression_attribute_names("#open", "open") } else { update };
    update.expression_attribute_values(":by", AttributeValue::N(by.to_string())).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sound_books_are_proved() {
    let (house, _) = lived_in().await;
    let family = FamilyId::new(house.family).unwrap();
    let proved = prove_totals(house.world.system.store(), family, false).await.unwrap();
    assert!(proved.is_sound() && proved.found.is_empty() && !proved.mended, "{proved:?}");
    assert!(proved.counted.0 >= 9 && proved.counted.1 >= 8, "{proved:?}");
    let nobody = FamilyId::new(1).unwrap();
    let refused = prove_totals(house.world.system.store(), nobody, false).await.unwrap_err();
    assert_eq!(refused.to_string(), "family 1 is not there");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_sums_are_found_mended_and_told() {
    let (house, wallet) = lived_in().await;
    let family = FamilyId::new(house.family).unwrap();
    let store = house.world.system.store();
    let before = house.balance(wallet).await;
    let month =
        &countersign_core::Moment::from_seconds(i64::try_from(crate::world::unix_seconds()).unwrap()).to_rfc3339()[..7];
    spoil(&house, &format!("WALLET#{wallet:016}"), "ADD balance_minor :by, held_minor :by", 7).await;
    spoil(&house, &format!("TOTAL#FAMILY#{month}#EUR#"), "ADD income_minor :by", -1).await;
    spoil(&house, &format!("TOTAL#WALLET#{month}#EUR#{wallet}"), "ADD movements :by", 1).await;
    spoil(&house, "HEAD", "SET #open = :by", 9).await;

    let found = prove_totals(store, family, false).await.unwrap();
    assert!(!found.is_sound() && found.found.len() == 4, "{found:?}");
    assert_ne!(house.balance(wallet).await, before, "it was only looked at");
    let mended = prove_totals(store, family, true).await.unwrap();
    assert!(mended.is_sound() && mended.mended && mended.found.len() == 4, "{mended:?}");
    assert_eq!(house.balance(wallet).await, before);
    let proved = prove_totals(store, family, false).await.unwrap();
    assert!(proved.is_sound() && proved.found.is_empty(), "{proved:?}");

    let path = format!("/api/v1/events?family_id={family}&limit=1");
    let events = house.done(&Call::get(&path).bearer(&house.owner.token)).await;
    let event = &events["events"][0];
    assert_eq!((event["kind"].as_str(), event["by"].as_str()), (Some("books.mended"), Some("system")), "{events}");
    assert_eq!(event["data"]["mended"].as_array().unwrap().len(), 4, "{events}");
    let path = format!("/api/v1/events/verify?family_id={family}");
    let proof = house.done(&Call::get(&path).bearer(&house.owner.token)).await;
    assert_eq!((proof["valid"].as_bool(), proof["complete"].as_bool()), (Some(true), Some(true)), "{proof}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_entry_is_found_and_left_for_people() {
    let (house, wallet) = lived_in().await;
    let family = FamilyId::new(house.family).unwrap();
    let store = house.world.system.store();
    let paid = house.done(&house.pay(&house.member, Some(wallet), None, "1.00")).await;
    let sk = format!("ENTRY#{wallet:016}#{:016}", paid["id"].as_u64().unwrap());
    spoil(&house, &sk, "ADD delta_minor :by", 50).await;
    for _ in 0..2 {
        let found = prove_totals(store, family, true).await.unwrap();
        assert!(!found.is_sound(), "{found:?}");
        assert!(found.found.iter().any(|difference| difference.to_string().contains("entries")), "{found:?}");
    }
    house.stop().await;
}
