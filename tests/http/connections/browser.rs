//! The same way in a real browser on a phone's screen, where CI has one: `tests/browser/linked_account.js` drives it.

use std::{path::Path, time::Duration};

use serde_json::json;

use super::person;
use crate::{
    foreign::{node, said_aloud},
    world::World,
};

/// Where the browser is; `.ci/run` sets it.
const CHROMIUM: &str = "TEST_CHROMIUM";
/// How long all of it may take, the browser's start included.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_browser_is_led_to_the_bot_and_reads_why_not() {
    let (Some(node), Some(chromium)) = (node(), std::env::var_os(CHROMIUM)) else {
        said_aloud(&[CHROMIUM], "linked accounts NOT checked in a real browser");
        return;
    };
    let world = World::start().await;
    let person = person(&world).await;
    let demo = world.system.demo();
    let given = json!({
        "base_url": world.system.base_url(), "oauth_url": world.system.oauth().url(),
        "telegram_url": demo.standins.telegram, "bot_username": demo.bot.username,
        "access_token": person.access_token, "telegram_id": person.telegram_id,
        "chromium": chromium.to_str().unwrap(),
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/linked_account.js");
    tokio::time::timeout(PATIENCE, node.run(&[script.as_os_str()], &given)).await.unwrap();
    world.stop().await;
}
