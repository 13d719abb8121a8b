//! The log of a bot says why it stopped: what happened to its client's key stands between its own lines.

use serde_json::{Value, json};

use super::{StellarKey, bot, by, clients};
use crate::world::World;

fn lines(page: &Value) -> Vec<(u64, String)> {
    let line = |event: &Value| (event["id"].as_u64().unwrap(), event["what"].as_str().unwrap().to_owned());
    page["events"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_to_the_key_stands_in_the_log_of_each_bot_since_it_was_made() {
    let world = World::start().await;
    let ([client, _], key, next) = (clients(&world), StellarKey::fresh(), StellarKey::fresh());
    let first = bot(&world, &client, &key).await;
    let body = json!({ "private_key": next.secret });
    assert_eq!(by(&world, &client, "PUT", "/clients/{client}/rotate-key", Some(&body)).await.status, 200);
    let second = bot(&world, &client, &next).await;
    assert_eq!(by(&world, &client, "DELETE", "/clients/{client}/revoke-key", None).await.status, 200);
    assert_eq!(first.heartbeat(&world).await.json()["stop"], json!(true));
    let log = async |id: u64, query: &str| {
        let page = by(&world, &client, "GET", &format!("/bots/{id}/log{query}"), None).await;
        assert_eq!(page.status, 200, "{}", page.text());
        page.json()
    };
    let whole = log(first.id, "").await;
    let whats: Vec<String> = lines(&whole).into_iter().map(|(_, what)| what).collect();
    assert_eq!(whats[..3], ["stop_acknowledged", "key_revoked", "key_rotated"], "{whole}");
    assert!(whats.contains(&"bot_created".to_owned()) && whole["next_cursor"].is_null(), "{whole}");
    let newer = log(second.id, "").await;
    let whats: Vec<String> = lines(&newer).into_iter().map(|(_, what)| what).collect();
    assert_eq!(whats[0], "key_revoked");
    assert!(!whats.iter().any(|what| what == "key_rotated" || what == "stop_acknowledged"), "{newer}");
    // Page by page it is the same, whichever of the two a page ends in.
    for limit in 1..=3 {
        let (mut all, mut query) = (Vec::new(), format!("?limit={limit}"));
        loop {
            let page = log(first.id, &query).await;
            assert!(lines(&page).len() <= limit, "{page}");
            all.extend(lines(&page));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("?limit={limit}&cursor={cursor}");
        }
        assert_eq!(all, lines(&whole), "by {limit}");
    }
    world.stop().await;
}
