//! What the tests of budgets, goals, reports and recurring transactions share: the demo's family, its categories, its chats.

use countersign_testkit::Call;
use serde_json::{Value, json};

use super::house::{House, Member};
use crate::telegram::texts;

/// An id of the demo's first family: `/wallets/0/id`.
pub(crate) fn demo_id(house: &House, pointer: &str) -> u64 {
    let demo = serde_json::to_value(house.world.system.demo()).unwrap();
    demo["families"][0].pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("no {pointer}"))
}

/// The owner of the demo's other family.
pub(crate) fn stranger(house: &House) -> Member {
    let demo = serde_json::to_value(house.world.system.demo()).unwrap();
    Member { token: demo["families"][1]["owner"]["access_token"].as_str().unwrap().to_owned() }
}

/// An expense of a category.
pub(crate) fn spend(house: &House, who: &Member, wallet: u64, category: Option<u64>, amount: &str) -> Call {
    let body =
        json!({ "family_id": house.family, "from_wallet_id": wallet, "amount": amount, "category_id": category });
    Call::post("/api/v1/transactions", &body).bearer(&who.token)
}

/// The current month of UTC, as `2026-11`.
pub(crate) fn this_month() -> String {
    let now = countersign_core::Moment::from_seconds(crate::world::unix_seconds().try_into().unwrap());
    countersign_core::ledger::Month::of(now).to_string()
}

/// What the owner reads in Telegram.
pub(crate) async fn owner_reads(house: &House) -> Vec<String> {
    let chat = i64::try_from(demo_id(house, "/owner/telegram_id")).unwrap();
    texts(&house.world, chat).await
}

/// Sends a call that must be refused so; what is said.
pub(crate) async fn refused(house: &House, call: &Call, status: u16) -> Value {
    let answer = house.world.send(call).await;
    assert_eq!(answer.status, status, "{}", answer.text());
    answer.json()
}
