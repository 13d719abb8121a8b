//! The page of Telegram's stand-in, on which a person of the demo writes and presses: as it is served, and in a real browser.

use std::{path::Path, time::Duration};

use serde_json::json;

use crate::{
    foreign::{node, said_aloud},
    world::World,
};

/// Where the browser is; `.ci/run` sets it.
const CHROMIUM: &str = "TEST_CHROMIUM";
/// How long all of it may take, the browser's start included.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chat_page_comes_from_one_place() {
    let world = World::start().await;
    let url = format!("{}/_control/page", world.system.demo().standins.telegram.clone().unwrap());
    let answer = world.http.get(&url).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
    assert!(answer.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let page = answer.text().await.unwrap();
    assert!(page.contains("/_control") && !page.contains("://") && !page.contains("innerHTML"), "{page}");
    assert!(countersign_local::tour(world.system.demo()).contains(&url), "cargo run names it");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_talks_to_the_bot_in_a_browser() {
    let (Some(node), Some(chromium)) = (node(), std::env::var_os(CHROMIUM)) else {
        said_aloud(&[CHROMIUM], "the chat page NOT checked in a real browser");
        return;
    };
    let world = World::start().await;
    let given = json!({
        "telegram_url": world.system.demo().standins.telegram, "telegram_id": world.named("kms").telegram_id,
        "chromium": chromium.to_str().unwrap(),
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/chat_page.js");
    tokio::time::timeout(PATIENCE, node.run(&[script.as_os_str()], &given)).await.unwrap();
    world.stop().await;
}
