//! Codes: good once, for one client, redirect URI and verifier, for ten minutes.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, CALLBACK_WITH_QUERY, VERIFIER, assert_refused, header, redemption};

#[tokio::test]
async fn answers_with_tokens_that_nobody_stores() {
    let bench = Bench::start().await;
    let code = bench.code("spotify", &[("scope", "streaming")]).await;
    let response = bench.post("spotify", "token", &redemption(&code)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "cache-control"), "no-store");
    assert_eq!(header(&response, "pragma"), "no-cache");
    assert!(header(&response, "content-type").starts_with("application/json"));
    let tokens: Value = response.json().await.unwrap();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3_600)));
    assert_eq!(tokens["scope"], "streaming");
    assert!(tokens["access_token"] != tokens["refresh_token"] && tokens["refresh_token"].is_string());
    assert!(bench.is_live("spotify", &tokens["access_token"]).await);
    // Only at its own provider.
    assert!(!bench.is_live("acme", &tokens["access_token"]).await);
}

#[tokio::test]
async fn a_code_used_twice_ends_what_it_gave() {
    let bench = Bench::start().await;
    let code = bench.code("acme", &[]).await;
    let (_, tokens) = bench.redeem("acme", &code).await;
    assert!(bench.is_live("acme", &tokens["access_token"]).await);
    assert_refused(bench.redeem("acme", &code).await, "invalid_grant");
    assert!(!bench.is_live("acme", &tokens["access_token"]).await);
    assert_refused(bench.refresh("acme", &tokens["refresh_token"]).await, "invalid_grant");
    let grants = bench.standin.world().grants();
    assert_eq!(grants[0].revoked, Some("its code was used twice"));
}

#[tokio::test]
async fn of_twenty_at_once_one_gets_tokens() {
    let bench = Bench::start().await;
    let code = bench.code("acme", &[]).await;
    let fields = redemption(&code);
    let all = (0..20).map(|_| bench.post("acme", "token", &fields));
    let all: Vec<_> = futures_util::future::join_all(all).await;
    let won = all.iter().filter(|response| response.status() == StatusCode::OK).count();
    let lost = all.iter().filter(|response| response.status() == StatusCode::BAD_REQUEST).count();
    assert_eq!((won, lost), (1, 19));
    assert_eq!(bench.standin.world().grants().len(), 1);
}

#[tokio::test]
async fn another_client_or_provider_gets_nothing_and_burns_nothing() {
    let bench = Bench::start().await;
    bench.add_client("acme", "other").await;
    let code = bench.code("acme", &[]).await;
    let answer = bench.post_as("acme", "token", "other", &redemption(&code)).await;
    assert_refused((answer.status(), answer.json().await.unwrap()), "invalid_grant");
    assert_refused(bench.redeem("discord", &code).await, "invalid_grant");
    assert_refused(bench.redeem("acme", "made-up").await, "invalid_grant");
    assert_eq!(bench.redeem("acme", &code).await.0, StatusCode::OK);
}

#[tokio::test]
async fn wrong_proof_burns_the_code() {
    let bench = Bench::start().await;
    let other = "~".repeat(43);
    for (name, value) in [("code_verifier", &*other), ("redirect_uri", CALLBACK_WITH_QUERY)] {
        let code = bench.code("acme", &[]).await;
        let wrong = redemption(&code).map(|(key, right)| (key, if key == name { value } else { right }));
        assert_refused(bench.token("acme", &wrong).await, "invalid_grant");
        assert_refused(bench.redeem("acme", &code).await, "invalid_grant");
    }
    assert!(bench.standin.world().tokens().is_empty());
}

#[tokio::test]
async fn what_is_missing_or_malformed_burns_nothing() {
    let bench = Bench::start().await;
    let code = bench.code("acme", &[]).await;
    for missing in ["grant_type", "code", "redirect_uri", "code_verifier"] {
        let fields: Vec<_> = redemption(&code).into_iter().filter(|(name, _)| *name != missing).collect();
        assert_refused(bench.token("acme", &fields).await, "invalid_request");
        // An empty value is as good as none.
        let fields = redemption(&code).map(|(name, value)| (name, if name == missing { "" } else { value }));
        assert_refused(bench.token("acme", &fields).await, "invalid_request");
    }
    for kind in ["password", "client_credentials", "implicit"] {
        let fields = redemption(&code).map(|(name, value)| (name, if name == "grant_type" { kind } else { value }));
        assert_refused(bench.token("acme", &fields).await, "unsupported_grant_type");
    }
    let mut twice = redemption(&code).to_vec();
    twice.push(("code_verifier", VERIFIER));
    assert_refused(bench.token("acme", &twice).await, "invalid_request");
    assert_eq!(bench.redeem("acme", &code).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes_or_as_configured() {
    let bench = Bench::start().await;
    let (early, late) = (bench.code("acme", &[]).await, bench.code("acme", &[]).await);
    bench.advance(595).await;
    assert_eq!(bench.redeem("acme", &early).await.0, StatusCode::OK);
    bench.advance(5).await;
    assert_refused(bench.redeem("acme", &late).await, "invalid_grant");
    bench.set_rules("acme", json!({ "code_seconds": 30 })).await;
    let short = bench.code("acme", &[]).await;
    bench.advance(30).await;
    assert_refused(bench.redeem("acme", &short).await, "invalid_grant");
}
