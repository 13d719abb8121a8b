//! What people do with linked accounts in the bot, and in whose name a service may begin one.

use countersign_testkit::Call;

use super::{chat, linked, person, press};
use crate::{
    telegram::{answered, heard, say},
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_named_and_shown() {
    let world = World::start().await;
    let person = linked(&world).await;
    assert!(answered(&world, person.telegram_id, "/setname").await.contains("/setname My music"));
    let said = answered(&world, person.telegram_id, "/setname <b>Mine</b> & yours").await;
    assert!(said.contains("<b>Mine</b> & yours"), "{said}");
    let shown = answered(&world, person.telegram_id, "/connections").await;
    assert!(shown.contains("Spotify") && shown.contains("<b>Mine</b> & yours") && shown.contains("works"), "{shown}");
    let (_, _, list) = world.get("/api/v1/connections", Some(&person.access_token)).await;
    assert_eq!(list["connections"][0]["name"], "<b>Mine</b> & yours");
    // The name stays when the same account is linked anew.
    let code = super::code(&world, &person).await;
    assert!(super::redeemed(&world, &person, &code).await.contains("connected"));
    assert!(answered(&world, person.telegram_id, "/connections").await.contains("<b>Mine</b>"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn login_offers_what_there_is() {
    let world = World::start().await;
    let person = person(&world).await;
    assert!(answered(&world, person.telegram_id, "/connections").await.contains("/login"));
    assert!(answered(&world, person.telegram_id, "/setname Mine").await.contains("not linked"));
    assert!(answered(&world, person.telegram_id, "/login nowhere").await.contains("spotify"));
    say(&world, person.telegram_id, "/login").await;
    let messages = heard(&world, chat(&person)).await;
    let offered = messages.last().unwrap()["buttons"].as_array().unwrap().clone();
    assert_eq!(offered.len(), 4);
    press(&world, &person, "GitHub").await;
    let message = heard(&world, chat(&person)).await.last().unwrap().clone();
    assert!(message["buttons"][0][0]["url"].as_str().unwrap().contains("/github/authorize?"), "{message}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_acts_for_people_begins_a_link_and_nobody_else_s() {
    let world = World::start().await;
    let person = person(&world).await;
    let path = format!("/api/v1/connections/spotify/authorize?telegram_id={}", person.telegram_id);
    let by = async |role: &str| {
        let key = world.service(role).api_key;
        world.send(&Call::post(&path, &serde_json::json!({})).api_key(&key)).await.status
    };
    assert_eq!((by("mini_app_backend").await, by("notifier").await, by("token_reader").await), (200, 403, 403));
    let other = world.newcomer().await;
    let foreign = Call::post(&path, &serde_json::json!({})).bearer(&other.access_token);
    assert_eq!(world.send(&foreign).await.status, 403);
    world.stop().await;
}
