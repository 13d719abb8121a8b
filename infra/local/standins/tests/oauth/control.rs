//! The stand-in's own control routes.

use countersign_local_control::{Cut, Fault};
use countersign_local_standins::oauth::{OAuthStandin, Provider, SetupError, TokenState, token_hash};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::bench::{Bench, CALLBACK, SECRET, STATE, answer_in, redemption};

async fn listed(bench: &Bench, path: &str) -> String {
    let response = bench.http.get(bench.url(&format!("/_control/{path}"))).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.text().await.unwrap()
}

#[tokio::test]
async fn consent_takes_only_what_a_browser_would_bring_here() {
    let bench = Bench::start().await;
    let good = bench.authorize_url("spotify", &[]);
    let to = bench.consent(&good, "approve").await;
    assert!(to.starts_with(&format!("{CALLBACK}?code=")) && answer_in(&to, "state").as_deref() == Some(STATE));
    let port = bench.standin.url().rsplit(':').next().unwrap().to_owned();
    for (url, status) in [
        ("not a url".to_owned(), StatusCode::BAD_REQUEST),
        (good.replace("127.0.0.1", "127.0.0.2"), StatusCode::BAD_REQUEST),
        (good.replace(&format!(":{port}/"), "/"), StatusCode::BAD_REQUEST),
        (good.replace("/authorize?", "/token?"), StatusCode::BAD_REQUEST),
        (good.replace("/spotify/", "/nobody/"), StatusCode::NOT_FOUND),
        (bench.authorize_url("spotify", &[("client_id", "nobody")]), StatusCode::BAD_REQUEST),
        (bench.authorize_url("spotify", &[("redirect_uri", "http://evil/")]), StatusCode::BAD_REQUEST),
    ] {
        let (answer, body) = bench.control("consent", json!({"authorize_url": url, "decision": "approve"})).await;
        assert_eq!((answer, body["error"].is_string()), (status, true), "{url}: {body}");
        assert!(body.get("redirect_to").is_none());
    }
    for body in [
        json!({"authorize_url": good, "decision": "perhaps"}),
        json!({ "authorize_url": good }),
        json!({"authorize_url": good, "decision": "approve", "user": "x".repeat(65)}),
        json!({"authorize_url": good, "decision": "approve", "person": "x"}),
    ] {
        assert_eq!(bench.control("consent", body).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn tokens_are_shown_by_hash_alone() {
    let bench = Bench::start().await;
    let tokens = bench.connected("acme", &[("scope", "read")]).await;
    let (_, next) = bench.refresh("acme", &tokens["refresh_token"]).await;
    let text = listed(&bench, "tokens").await;
    for secret in [&tokens["access_token"], &tokens["refresh_token"], &next["access_token"], &next["refresh_token"]] {
        assert!(!text.contains(secret.as_str().unwrap()));
        assert!(text.contains(&token_hash(secret.as_str().unwrap())));
    }
    let shown: Value = serde_json::from_str(&text).unwrap();
    let grant = &shown["grants"][0];
    assert_eq!((&grant["refreshes"], &grant["user"], &grant["scopes"]), (&json!(1), &json!("alex"), &json!(["read"])));
    let states: Vec<_> = shown["tokens"].as_array().unwrap().iter().map(|token| token["state"].clone()).collect();
    assert_eq!(states, ["rotated", "live", "live", "live"]);
    assert_eq!(bench.standin.world().tokens()[0].state, TokenState::Rotated);
    let providers = listed(&bench, "providers").await;
    assert!(providers.contains(CALLBACK) && !providers.contains("s3cret"), "{providers}");
}

#[tokio::test]
async fn providers_and_clients_can_be_added_while_it_runs() {
    let bench = Bench::start().await;
    let mut new = json!({
        "name": "gitlab", "client_id": "x", "client_secret": SECRET, "redirect_uris": [CALLBACK],
        "rules": {"scopes": ["read_user"], "access_seconds": 7200, "rotates": "never"}
    });
    assert_eq!(bench.control("providers", new.clone()).await.0, StatusCode::CREATED);
    bench.add_client("gitlab", crate::bench::CLIENT).await;
    let tokens = bench.connected("gitlab", &[("scope", "read_user")]).await;
    assert_eq!(tokens["expires_in"], 7_200);
    for (name, value) in [
        ("name", json!("_control")),
        ("name", json!("a/b")),
        ("name", json!("")),
        ("client_secret", json!("")),
        ("redirect_uris", json!(["/relative"])),
        ("redirect_uris", json!(["http://h/x#fragment"])),
        ("rules", json!({"unheard": 1})),
    ] {
        let kept = new[name].take();
        new[name] = value;
        assert_eq!(bench.control("providers", new.clone()).await.0, StatusCode::BAD_REQUEST, "{name} {new}");
        new[name] = kept;
    }
    let client = json!({"provider": "nobody", "client_id": "x", "client_secret": "y", "redirect_uris": []});
    assert_eq!(bench.control("clients", client).await.0, StatusCode::NOT_FOUND);
    assert_eq!(bench.control("providers/nobody", json!({})).await.0, StatusCode::NOT_FOUND);
    assert_eq!(bench.control("providers/acme", json!({"rotates": "daily"})).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_bad_provider_does_not_start() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let provider = Provider::new("Acme", "x", "y", &[]);
    let error = OAuthStandin::start(listener, vec![provider]).err().unwrap();
    assert_eq!(error.to_string(), SetupError::Name.to_string());
}

#[tokio::test]
async fn the_clock_only_goes_ahead() {
    let bench = Bench::start().await;
    let (status, body) = bench.control("clock", json!({ "advance_seconds": 86_400 })).await;
    assert_eq!((status, &body["ahead_seconds"]), (StatusCode::OK, &json!(86_400)));
    assert_eq!(bench.control("clock", json!({ "advance_seconds": -1 })).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(bench.control("clock", json!({})).await.0, StatusCode::BAD_REQUEST);
    let shown: Value = serde_json::from_str(&listed(&bench, "clock").await).unwrap();
    assert_eq!(shown["ahead_seconds"], 86_400);
    assert!(shown["now"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn an_answer_that_is_cut_was_still_given() {
    let bench = Bench::start().await;
    let code = bench.code("acme", &[]).await;
    bench.standin.control().add_fault(Fault::cut(Cut::After).matching("/acme/token"));
    let request = bench.http.post(bench.url("/acme/token"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let mut fields = redemption(&code).to_vec();
    fields.extend([("client_id", crate::bench::CLIENT), ("client_secret", SECRET)]);
    assert!(request.body(crate::bench::form(&fields)).send().await.is_err());
    assert_eq!(bench.standin.world().grants().len(), 1);
    assert_eq!(bench.standin.control().count("/acme/token"), 1);
    bench.standin.stop().await;
}
