//! Another client's things are not there, whatever is asked about them.

use countersign_testkit::Call;
use serde_json::json;

use super::{StellarKey, bot, clients};
use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_client_and_a_stranger_see_nothing_and_do_nothing() {
    let world = World::start().await;
    let ([client, other], key, new) = (clients(&world), StellarKey::fresh(), StellarKey::fresh());
    let bot = bot(&world, &client, &key).await;
    let stranger = world.newcomer().await;
    let (c, b) = (client.id, bot.id);
    let body = json!({ "private_key": new.secret, "bot_type": "market_maker" });
    let calls = [
        Call::get(&format!("/clients/{c}")),
        Call::get(&format!("/clients/{c}/bot-options")),
        Call::post(&format!("/clients/{c}/setup-bot"), &body),
        Call::new("PUT", &format!("/clients/{c}/rotate-key")).json(&body),
        Call::delete(&format!("/clients/{c}/revoke-key")),
        Call::get(&format!("/clients/{c}/key-versions")),
        Call::get(&format!("/clients/{c}/key-uses")),
        Call::get(&format!("/clients/{c}/key-events")),
        Call::get(&format!("/bots?client_id={c}")),
        Call::get(&format!("/bots/{b}")),
        Call::post(&format!("/bots/{b}/start"), &json!({})),
        Call::post(&format!("/bots/{b}/stop"), &json!({})),
        Call::new("PUT", &format!("/bots/{b}/limits")).json(&json!({})),
        Call::get(&format!("/bots/{b}/health")),
        Call::get(&format!("/bots/{b}/log")),
        Call::post(&format!("/bots/{b}/runner-tokens"), &json!({})),
        Call::get(&format!("/bots/{b}/runner-tokens")),
        Call::delete(&format!("/bots/{b}/runner-tokens/1")),
    ];
    for call in calls {
        let mut answers = Vec::new();
        for token in [&other.access_token, &stranger.access_token] {
            let answer = world.send(&call.clone().bearer(token)).await;
            assert_eq!(answer.status, 404, "{call:?}: {}", answer.text());
            answers.push(answer.json()["detail"].clone());
        }
        assert_eq!(answers[0], answers[1]);
    }
    let runner = super::RunningBot { id: bot.id, token: bot.token.clone() };
    assert_eq!(runner.sign(&world, &super::payment(&key.address)).await.status, 200, "nothing of it was done");
    world.stop().await;
}
