//! `/pay`: a conversation with buttons, or one line; what does not fit does nothing and says so; one confirmation pays once.

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::json;

use super::{chat, last, people};
use crate::{
    approvals::{Crafted, labels, message, press, text},
    money::house::House,
    telegram::{answered, control, say, stranger, texts, until},
};

/// The first wallet: what is in it and what of it is available.
async fn main(house: &House) -> (i64, i64) {
    house.balance(house.world.system.demo().families[0].wallets[0].id).await
}

/// Presses a button of the bot's last message; that message as it is then, or the new last one. The press itself is answered, too.
async fn choose(house: &House, person: u64, button: &str) -> String {
    let shown = last(&house.world, person).await;
    press(&house.world, chat(person), chat(person), &shown, button).await;
    until("the message changes", async || {
        let now = last(&house.world, person).await;
        (now != shown).then(|| text(&now).to_owned())
    })
    .await
}

/// The data of a button of the conversation that stands in somebody's chat, `behind` steps ago.
async fn data(house: &House, person: u64, behind: u64, choice: &str) -> String {
    let get = house.world.dynamodb().get_item().table_name(&house.world.system.demo().table_name);
    let get = get.key("pk", AttributeValue::S(format!("CHAT#{person}")));
    let item = get.key("sk", AttributeValue::S("CONVERSATION".into())).send().await.unwrap().item.unwrap();
    let version: u64 = item["version"].as_n().unwrap().parse().unwrap();
    format!("p.{}.{}.{choice}", version - behind, item["nonce"].as_s().unwrap())
}

fn pressed<'a>(update_id: u64, person: u64, message_id: &'a serde_json::Value, data: &'a str) -> Crafted<'a> {
    Crafted { update_id, from: chat(person), chat: chat(person), message_id, text: "x", data }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn question_by_question_money_is_paid() {
    let house = House::start().await;
    let [_, member] = people(&house);
    assert_eq!(answered(&house.world, member, "/pay").await, "From which wallet?");
    assert_eq!(labels(&last(&house.world, member).await), ["Main: 10000.00 EUR", "Savings: 0.00 EUR", "Cancel"]);
    assert_eq!(choose(&house, member, "Main: 10000.00 EUR").await, "From: Main\nWhere to?");
    assert_eq!(labels(&last(&house.world, member).await), ["Pay out", "→ Savings", "Cancel"]);
    assert_eq!(choose(&house, member, "Pay out").await, "From: Main\nWhat for?");
    assert_eq!(labels(&last(&house.world, member).await), ["No category", "Groceries", "Home", "Cancel"]);
    assert!(choose(&house, member, "Groceries").await.ends_with("How much? Write an amount, like 12.50."));
    let said = answered(&house.world, member, "twelve").await;
    assert!(said.starts_with("That is no amount in EUR."), "{said}");
    let said = answered(&house.world, member, "12,5").await;
    assert_eq!(said, "From: Main\nFor: Groceries\nAmount: 12.50 EUR\nIs this right?");
    assert_eq!(main(&house).await, (1_000_000, 1_000_000), "nothing is paid yet");
    let said = choose(&house, member, "Confirm").await;
    assert_eq!(said, "From: Main\nFor: Groceries\nAmount: 12.50 EUR\n✅ Done.");
    assert!(labels(&last(&house.world, member).await).is_empty());
    assert_eq!(main(&house).await, (998_750, 998_750));
    // An amount that nobody asks for is not understood.
    assert!(answered(&house.world, member, "12,5").await.starts_with("I understand commands"));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_one_line_and_over_the_threshold_the_owner_is_asked() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    let said = answered(&house.world, member, "/pay 600 hom").await;
    assert!(said.ends_with("Amount: 600\nFrom which wallet?"), "{said}");
    let said = choose(&house, member, "Main: 10000.00 EUR").await;
    assert_eq!(
        said,
        "From: Main\nFor: Home\nAmount: 600.00 EUR\nThis needs approval. I shall ask Olga.\nIs this right?"
    );
    assert!(choose(&house, member, "Confirm").await.contains("⏳ Waits for approval until "));
    assert_eq!(main(&house).await, (1_000_000, 940_000), "it is held");
    let asked = message(&house.world, chat(owner), "Max wants to pay 600.00 EUR").await;
    assert!(text(&asked).contains("Category: Home") && text(&asked).contains("Left after it: 9400.00 EUR"), "{asked}");
    press(&house.world, chat(owner), chat(owner), &asked, "Approve").await;
    message(&house.world, chat(member), "✅ Approved by Olga, ").await;
    assert_eq!(main(&house).await, (940_000, 940_000));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_wallet_does_not_hold_is_said_and_asked_for_again() {
    let house = House::start().await;
    let [owner, _] = people(&house);
    answered(&house.world, owner, "/pay 20000 a new <car>").await;
    choose(&house, owner, "Main: 10000.00 EUR").await;
    let said = choose(&house, owner, "No category").await;
    assert!(said.starts_with("Not enough money in Main: 10000.00 EUR available."), "{said}");
    assert!(said.contains("Note: a new <car>\nHow much?"), "{said}");
    let said = answered(&house.world, owner, "5 EUR").await;
    assert!(said.contains("Amount: 5.00 EUR"), "{said}");
    choose(&house, owner, "Confirm").await;
    assert_eq!(main(&house).await, (999_500, 999_500));
    answered(&house.world, owner, "/language ru").await;
    assert!(answered(&house.world, owner, "/pay x").await.contains("/pay 12.50 продукты"));
    answered(&house.world, owner, "/pay").await;
    choose(&house, owner, "Main: 9995.00 EUR").await;
    assert_eq!(
        choose(&house, owner, "→ Savings").await,
        "Откуда: Main\nКуда: Savings\nСколько? Напишите сумму, например 12.50."
    );
    answered(&house.world, owner, "95").await;
    assert!(choose(&house, owner, "Подтвердить").await.ends_with("✅ Готово."));
    let savings = house.world.system.demo().families[0].wallets[1].id;
    assert_eq!((main(&house).await.0, house.balance(savings).await.0), (990_000, 9_500));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stale_foreign_and_forged_buttons_do_nothing_and_say_so() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    let nobody = stranger(&house.world, 68_900_001, Some("en")).await;
    say(&house.world, nobody, "/start").await;
    answered(&house.world, member, "/pay 5 home").await;
    choose(&house, member, "Main: 10000.00 EUR").await;
    let shown = last(&house.world, member).await["message_id"].clone();
    let (good, old) = (data(&house, member, 0, "y").await, data(&house, member, 1, "o").await);
    let mut parts: Vec<&str> = good.split('.').collect();
    parts[2] = "AAAAAAAAAAA";
    let (forged, unfit) = (parts.join("."), data(&house, member, 0, "w7").await);
    answered(&house.world, owner, "/pay").await;
    for (update_id, person, data, words) in [
        (984_000_001, member, old.as_str(), "This button is of an earlier step."),
        (984_000_002, member, &forged, "This button is not valid here."),
        (984_000_003, member, "p.1", "This button is not valid here."),
        (984_000_004, member, &unfit, "That is not there to be chosen any more."),
        (984_000_005, owner, &good, "This button is not valid here."),
        (984_000_006, nobody, &good, "This payment has ended"),
    ] {
        let told = pressed(update_id, person, &shown, data).deliver(&house.world).await;
        assert!(told.starts_with(words) && (told.contains("Nothing was done")), "{update_id}: {told}");
    }
    assert_eq!(main(&house).await, (1_000_000, 1_000_000));
    assert_eq!(choose(&house, member, "Cancel").await, "Cancelled: nothing was paid.");
    let told = pressed(984_000_007, member, &shown, &good).deliver(&house.world).await;
    assert!(told.starts_with("This payment has ended"), "{told}");
    assert_eq!(main(&house).await, (1_000_000, 1_000_000));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_often_it_is_confirmed_it_is_paid_once() {
    let house = House::start().await;
    let [_, member] = people(&house);
    answered(&house.world, member, "/pay 5 home").await;
    choose(&house, member, "Main: 10000.00 EUR").await;
    let (shown, good) = (last(&house.world, member).await["message_id"].clone(), data(&house, member, 0, "y").await);
    let updates: Vec<_> = (0..3).map(|index| pressed(984_100_001 + index, member, &shown, &good).update()).collect();
    let deliver = async |update: &serde_json::Value, times: u32| {
        let again = json!({ "update": update, "times": times, "parallel": true });
        control(&house.world, Method::POST, "/deliver", Some(&again)).await
    };
    tokio::join!(deliver(&updates[0], 8), deliver(&updates[1], 8), deliver(&updates[2], 8));
    for update in &updates {
        assert_eq!(deliver(update, 1).await["webhook_statuses"], json!([200]));
    }
    assert_eq!(main(&house).await, (999_500, 999_500));
    let done = message(&house.world, chat(member), "✅ Done.").await;
    assert_eq!(last(&house.world, member).await, done);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_it_is_paid_is_said_even_where_the_answer_to_the_press_is_lost() {
    let house = House::start().await;
    let [_, member] = people(&house);
    answered(&house.world, member, "/pay 5 home").await;
    choose(&house, member, "Main: 10000.00 EUR").await;
    let (shown, good) = (last(&house.world, member).await["message_id"].clone(), data(&house, member, 0, "y").await);
    // Whoever delivers this throws the body of the answer away.
    let update = pressed(984_300_001, member, &shown, &good).update();
    let secret = [("x-telegram-bot-api-secret-token", house.world.system.demo().bot.webhook_secret.clone())];
    let (status, _, body) = house.world.ask(Method::POST, "/telegram/webhook", &secret, Some(&update)).await;
    assert_eq!((status.as_u16(), &body["method"]), (200, &json!("answerCallbackQuery")));
    message(&house.world, chat(member), "✅ Done.").await;
    assert_eq!(main(&house).await, (999_500, 999_500));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_no_family_cannot_pay_and_a_conversation_has_its_time() {
    let house = House::start().await;
    let [_, member] = people(&house);
    let nobody = stranger(&house.world, 68_950_001, Some("en")).await;
    assert!(answered(&house.world, nobody, "/pay").await.starts_with("You are in no family yet."));
    answered(&house.world, member, "/pay 5 home").await;
    choose(&house, member, "Main: 10000.00 EUR").await;
    let (shown, good) = (last(&house.world, member).await["message_id"].clone(), data(&house, member, 0, "y").await);
    let write = house.world.dynamodb().update_item().table_name(&house.world.system.demo().table_name);
    let write = write.key("pk", AttributeValue::S(format!("CHAT#{member}")));
    let write = write.key("sk", AttributeValue::S("CONVERSATION".into())).update_expression("SET live_until = :then");
    write.expression_attribute_values(":then", AttributeValue::N("1000".into())).send().await.unwrap();
    let told = pressed(984_200_001, member, &shown, &good).deliver(&house.world).await;
    assert!(told.starts_with("This payment has ended, or its time is over."), "{told}");
    assert_eq!(main(&house).await, (1_000_000, 1_000_000));
    let before = texts(&house.world, chat(member)).await.len();
    assert_eq!(answered(&house.world, member, "/pay").await, "From which wallet?");
    assert_eq!(texts(&house.world, chat(member)).await.len(), before + 1);
    house.stop().await;
}
