//! Menus: everybody is offered what everybody may use, in their language; whose role or language differs has their own.

use reqwest::Method;
use serde_json::{Value, json};

use super::{control, group, say, stranger, until};
use crate::world::World;

const EVERYBODY: [&str; 17] = [
    "start",
    "help",
    "login",
    "logout",
    "connections",
    "setname",
    "bind",
    "balance",
    "pay",
    "pending",
    "report",
    "budget",
    "goals",
    "bots",
    "sign",
    "sessions",
    "language",
];

pub(super) async fn menu(world: &World, telegram_id: u64, chat: Option<i64>) -> Vec<(String, String)> {
    let place = chat.map(|chat| format!("?chat_id={chat}")).unwrap_or_default();
    let offered = control(world, Method::GET, &format!("/people/{telegram_id}/commands{place}"), None).await;
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let entries = offered["commands"].as_array().unwrap().iter();
    entries.map(|entry| (text(entry, "command"), text(entry, "description"))).collect()
}

fn names(menu: &[(String, String)]) -> Vec<&str> {
    menu.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_usual_menus_are_there_from_the_start() {
    let world = World::start().await;
    let english = stranger(&world, 66_000_001, Some("fr")).await;
    let russian = stranger(&world, 66_000_002, Some("ru")).await;
    assert_eq!(names(&menu(&world, english, None).await), EVERYBODY);
    assert_eq!(menu(&world, english, None).await[1].1, "Show what I can do");
    assert_eq!(menu(&world, russian, None).await[1].1, "Показать, что я умею");
    let chat = group(&world, -1_000_000_066, &[english]).await;
    assert_eq!(names(&menu(&world, english, Some(chat)).await), ["start", "help", "language"], "in groups");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_chose_another_language_has_its_menu() {
    let world = World::start().await;
    let person = stranger(&world, 66_100_001, Some("en")).await;
    say(&world, person, "/language ru").await;
    let shown = async |words: &str| (menu(&world, person, None).await[1].1 == words).then_some(());
    until("the Russian menu", async || shown("Показать, что я умею").await).await;
    say(&world, person, "/language en").await;
    until("the English menu again", async || shown("Show what I can do").await).await;
    let all = control(&world, Method::GET, "/commands", None).await;
    let own = json!({ "type": "chat", "chat_id": person });
    let kept = all["commands"].as_array().unwrap().iter().find(|menu| menu["scope"] == own);
    assert!(
        kept.is_none_or(|menu| menu["commands"] == json!([])),
        "an own menu that is the usual one is taken away: {all}"
    );
    world.stop().await;
}
