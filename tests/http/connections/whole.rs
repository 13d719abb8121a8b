//! The whole way, with a browser that follows what it is told.

use reqwest::{StatusCode, header};
use serde_json::Value;

use super::{back, chat, login, person, redeemed, status, token};
use crate::{telegram::heard, world::World};

/// What stands between these two in a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split_once(before).and_then(|(_, rest)| rest.split_once(after)).unwrap().0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_links_an_account() {
    let world = World::start().await;
    let person = person(&world).await;
    let url = login(&world, &person).await;
    assert!(url.contains("code_challenge_method=S256") && url.contains("state="), "{url}");
    // The provider's page, and its form, as a browser without any cookie of ours sees them.
    let page = world.http.get(&url).send().await.unwrap().text().await.unwrap();
    let (action, secret) = (between(&page, "action=\"", "\""), between(&page, "name=\"page\" value=\"", "\""));
    let form = [("page", secret), ("user", "alex"), ("decision", "approve")];
    let posted = world.http.post(format!("{}{action}", world.system.oauth().url())).form(&form).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::SEE_OTHER, "{action} {secret}");
    let callback = posted.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert!(callback.starts_with(&format!("{}/spotify/callback?", world.system.base_url())), "{callback}");
    let (found, code) = back(&world, &callback).await;
    let code = code.unwrap();
    assert_eq!(found, StatusCode::FOUND);
    assert!(code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
    // Nothing is alive before the person is back in Telegram.
    assert_eq!(token(&world, &person).await.status, 404);
    let said = redeemed(&world, &person, &code).await;
    assert_eq!(said, "Your Spotify account is connected. Set a name for it with /setname.");
    assert_eq!(status(&world, &person).await.as_deref(), Some("healthy"));
    let given = token(&world, &person).await;
    assert_eq!(given.status, 200, "{}", given.text());
    let given = given.json();
    assert_eq!((given["provider"].as_str(), given["token_type"].as_str()), (Some("spotify"), Some("Bearer")));
    let userinfo = format!("{}/spotify/userinfo", world.system.oauth().url());
    let user = world.http.get(userinfo).bearer_auth(given["access_token"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(user.status(), StatusCode::OK);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_provider_of_the_file_can_be_linked() {
    let world = World::start().await;
    let person = person(&world).await;
    for provider in ["spotify", "google", "github", "discord"] {
        let path = format!("/api/v1/connections/{provider}/authorize");
        let (answered, _, begun) = world.post(&path, Some(&person.access_token), &Value::Null).await;
        assert_eq!(answered, StatusCode::OK, "{begun}");
        let to = super::decided(&world, begun["authorize_url"].as_str().unwrap(), "approve").await;
        let code = back(&world, &to).await.1.unwrap();
        assert!(redeemed(&world, &person, &code).await.contains("connected"), "{provider}");
    }
    let (_, _, list) = world.get("/api/v1/connections", Some(&person.access_token)).await;
    let connections = list["connections"].as_array().unwrap();
    assert_eq!(connections.len(), 4);
    for connection in connections {
        assert_eq!(connection["status"], "healthy", "{connection}");
        // Spotify alone ends a consent by date: six months after it.
        assert_eq!(connection["expires_at"].is_string(), connection["provider"] == "spotify", "{connection}");
    }
    assert!(heard(&world, chat(&person)).await.len() >= 4);
    world.stop().await;
}
