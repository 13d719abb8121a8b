//! `/report`, `/budget` and `/goals` in the bot.

use countersign_testkit::Call;
use reqwest::Method;
use serde_json::json;

use super::{chat, people};
use crate::{
    money::house::House,
    telegram::{answered, control, heard, say, stranger, texts, until},
};

/// An expense of the owner's for the first category.
async fn spend(house: &House, amount: &str) {
    let family = house.world.system.demo().families[0].clone();
    let body = json!({
        "family_id": house.family, "from_wallet_id": family.wallets[0].id, "amount": amount,
        "category_id": family.categories[0].id,
    });
    house.done(&Call::post("/api/v1/transactions", &body).bearer(&house.owner.token)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_one_picture_with_its_sums_in_words() {
    let house = House::start().await;
    let [owner, _] = people(&house);
    spend(&house, "84.00").await;
    say(&house.world, owner, "/report").await;
    let photo = async || heard(&house.world, chat(owner)).await.into_iter().find(|message| message["photo"] == true);
    let shown = until("the picture", photo).await;
    let caption = shown["text"].as_str().unwrap();
    assert!(caption.starts_with("Olga's family: ") && caption.ends_with("\nExpenses: 84.00 EUR"), "{caption}");
    // Twenty deliveries of one update send one picture.
    let update = json!({ "update_id": 983_000_001, "message": {
        "message_id": 1, "date": 1, "text": "/report 2026-01", "chat": { "id": owner, "type": "private" },
        "from": { "id": owner, "is_bot": false, "first_name": "Olga", "language_code": "en" },
    } });
    let again = json!({ "update": update, "times": 20, "parallel": true });
    control(&house.world, Method::POST, "/deliver", Some(&again)).await;
    control(&house.world, Method::POST, "/deliver", Some(&json!({ "update": update }))).await;
    let said = answered(&house.world, owner, "/report soon").await;
    assert!(said.starts_with("Name a month like 20"), "{said}");
    until("the second picture", async || {
        texts(&house.world, chat(owner))
            .await
            .iter()
            .any(|said| said.contains("January 2026\nNo transactions"))
            .then_some(())
    })
    .await;
    let photos = heard(&house.world, chat(owner)).await.into_iter().filter(|message| message["photo"] == true).count();
    assert_eq!(photos, 2);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn budgets_and_goals_are_told_in_words() {
    let house = House::start().await;
    let [_, member] = people(&house);
    let said = answered(&house.world, member, "/budget").await;
    assert!(said.contains("Olga's family\nNo budgets yet: set them in the app."), "{said}");
    assert!(answered(&house.world, member, "/goals").await.ends_with("No goals yet: set them in the app."));
    let category = house.world.system.demo().families[0].categories[0].id;
    let budget = json!({ "family_id": house.family, "category_id": category, "limit": "100" });
    house.done(&Call::new("PUT", "/api/v1/budgets").json(&budget).bearer(&house.owner.token)).await;
    let goal = json!({ "family_id": house.family, "name": "Bicycle <red>", "target": "1200" });
    house.done(&Call::post("/api/v1/goals", &goal).bearer(&house.owner.token)).await;
    spend(&house, "50").await;
    let said = answered(&house.world, member, "/budget").await;
    assert!(said.contains("\nGroceries: 50.00 of 100.00 EUR, 50 %, 50.00 EUR left"), "{said}");
    let said = answered(&house.world, member, "/goals").await;
    assert!(said.contains("\nBicycle <red>: 0.00 of 1200.00 EUR, 0 %"), "{said}");
    let nobody = stranger(&house.world, 68_800_001, Some("ru")).await;
    for command in ["/report", "/budget", "/goals"] {
        let said = answered(&house.world, nobody, command).await;
        assert!(said.starts_with("Вы пока не состоите в семье."), "{said}");
    }
    house.stop().await;
}
