//! The table of methods: the first row that fits decides, even when its session is over.

use std::time::Duration;

use countersign_local::demo::DemoPerson;
use serde_json::{Value, json};

use crate::{
    signing_sessions::{SESSIONS, client, local, wallet},
    world::{Answered, World, fresh_account, payment, refused, text},
};

/// The two answers of somebody who has to log in again.
fn asks_for_login(answered: &Answered, method: &str) {
    assert_eq!(refused(answered, 401), "No active session");
    let problem = &answered.2;
    assert_eq!((problem["signing_method"].as_str(), problem["requires_login"].as_bool()), (Some(method), Some(true)));
}

async fn sign(world: &World, person: &DemoPerson) -> Answered {
    world.sign(&person.access_token, &payment(&fresh_account())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_of_the_demo_answers_its_method_on_every_route() {
    let world = World::start().await;
    let key = [("x-api-key", world.service("mini_app_backend").api_key)];
    let rows = [
        ("kms", "python_bot_kms", true),
        ("cloud", "python_bot_tg_cloud", true),
        ("legacy", "python_bot_legacy", true),
        ("old", "python_bot_legacy", false),
        ("new", "unknown", false),
        ("expired", "session_expired", false),
    ];
    for (name, method, signs) in rows {
        let person = world.named(name);
        assert_eq!(person.signing_method, method);
        let xdr = payment(&fresh_account());
        let body = json!({ "xdr": xdr, "telegram_id": person.telegram_id });
        let tma = [("authorization", world.tma(person.telegram_id))];
        let route = "/mini-app/sign-transaction";
        let answers = [
            world.post("/api/sign", Some(&person.access_token), &body).await,
            world.post("/sign", Some(&person.access_token), &body).await,
            world.ask(reqwest::Method::POST, route, &tma, Some(&body)).await,
            world.ask(reqwest::Method::POST, route, &key, Some(&body)).await,
        ];
        for answered in answers {
            if signs {
                assert_eq!((answered.0.as_u16(), text(&answered.2, "signing_method").as_str()), (200, method));
                assert_eq!(answered.2["success"].as_bool(), Some(name != "cloud"), "{name}: {}", answered.2);
            } else {
                asks_for_login(&answered, method);
            }
        }
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_over_hides_the_rows_below_and_an_ended_one_does_not() {
    let world = World::start().await;
    let person = world.newcomer().await;
    asks_for_login(&sign(&world, &person).await, "unknown");
    let token = person.access_token.as_str();
    world.session(token, &local("legacy")).await;
    assert_eq!(text(&sign(&world, &person).await.2, "signing_method"), "python_bot_legacy");
    let cloud = world.session(token, &client(&wallet(&world))).await;
    assert!(sign(&world, &person).await.2["stamp_request"].is_object(), "the cloud row comes before legacy");
    let brief = begin_for(&world, token, 1).await;
    assert_eq!(text(&sign(&world, &person).await.2, "signing_method"), "python_bot_kms");
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    asks_for_login(&sign(&world, &person).await, "session_expired");
    end(&world, token, &brief).await;
    assert!(sign(&world, &person).await.2["stamp_request"].is_object(), "an ended row is no row");
    end(&world, token, &cloud).await;
    assert_eq!(text(&sign(&world, &person).await.2, "signing_method"), "python_bot_legacy");
    world.stop().await;
}

async fn begin_for(world: &World, token: &str, seconds: i64) -> Value {
    let mut body = local("session_keys");
    body["expires_in"] = seconds.into();
    world.session(token, &body).await
}

async fn end(world: &World, token: &str, session: &Value) {
    let (status, _, answer) = world.delete(&format!("{SESSIONS}/{}", session["id"]), Some(token)).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mark_of_the_old_database_counts_where_nothing_else_does() {
    let world = World::start().await;
    let person = world.named("old");
    asks_for_login(&sign(&world, &person).await, "python_bot_legacy");
    let session = world.session(&person.access_token, &local("session_keys")).await;
    assert_eq!(text(&sign(&world, &person).await.2, "signing_method"), "python_bot_kms");
    end(&world, &person.access_token, &session).await;
    asks_for_login(&sign(&world, &person).await, "python_bot_legacy");
    world.stop().await;
}
