//! Refresh tokens: rotation, families, what ends them, and the life of access tokens.

use countersign_local_standins::oauth::{TokenKind, TokenState, token_hash};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, SECRET, assert_refused, header};

const DAY: u64 = 86_400;

#[tokio::test]
async fn a_provider_that_never_rotates() {
    let bench = Bench::start().await;
    bench.set_rules("acme", json!({ "rotates": "never" })).await;
    let tokens = bench.connected("acme", &[]).await;
    for _ in 0..3 {
        let (status, again) = bench.refresh("acme", &tokens["refresh_token"]).await;
        assert_eq!((status, again.get("refresh_token")), (StatusCode::OK, None));
        assert_ne!(again["access_token"], tokens["access_token"]);
        assert!(bench.is_live("acme", &again["access_token"]).await);
    }
    // A refresh does not end the access token before it.
    assert!(bench.is_live("acme", &tokens["access_token"]).await);
    assert_eq!(bench.standin.world().grants()[0].refreshes, 3);
}

#[tokio::test]
async fn a_provider_that_rotates_now_and_then() {
    let bench = Bench::start().await;
    let tokens = bench.connected("spotify", &[]).await;
    let (_, first) = bench.refresh("spotify", &tokens["refresh_token"]).await;
    assert!(first.get("refresh_token").is_none());
    let (_, second) = bench.refresh("spotify", &tokens["refresh_token"]).await;
    assert!(second["refresh_token"].is_string());
    let (status, _) = bench.refresh("spotify", &second["refresh_token"]).await;
    assert_eq!(status, StatusCode::OK);
    assert_refused(bench.refresh("spotify", &tokens["refresh_token"]).await, "invalid_grant");
}

#[tokio::test]
async fn a_rotated_token_used_again_ends_the_family() {
    let bench = Bench::start().await;
    let bystander = bench.connected("acme", &[]).await;
    let tokens = bench.connected("acme", &[]).await;
    let (status, next) = bench.refresh("acme", &tokens["refresh_token"]).await;
    assert_eq!(status, StatusCode::OK);
    let (_, last) = bench.refresh("acme", &next["refresh_token"]).await;
    assert!(bench.is_live("acme", &last["access_token"]).await);
    assert_refused(bench.refresh("acme", &tokens["refresh_token"]).await, "invalid_grant");
    assert_refused(bench.refresh("acme", &last["refresh_token"]).await, "invalid_grant");
    for dead in [&tokens, &next, &last] {
        assert!(!bench.is_live("acme", &dead["access_token"]).await);
    }
    assert!(bench.is_live("acme", &bystander["access_token"]).await);
    let grant = &bench.standin.world().grants()[1];
    assert_eq!((grant.refreshes, grant.reuses), (2, 2));
    assert_eq!(grant.revoked, Some("a rotated refresh token was used again"));
}

#[tokio::test]
async fn of_twenty_refreshes_at_once_one_works_and_the_family_ends() {
    let bench = Bench::start().await;
    let tokens = bench.connected("acme", &[]).await;
    let all = futures_util::future::join_all((0..20).map(|_| bench.refresh("acme", &tokens["refresh_token"]))).await;
    assert_eq!(all.iter().filter(|(status, _)| *status == StatusCode::OK).count(), 1);
    let grant = &bench.standin.world().grants()[0];
    assert_eq!((grant.refreshes, grant.reuses, grant.revoked.is_some()), (1, 19, true));
}

#[tokio::test]
async fn a_refresh_may_ask_for_less_never_for_more() {
    let bench = Bench::start().await;
    bench.set_rules("acme", json!({ "rotates": "never" })).await;
    let tokens = bench.connected("acme", &[("scope", "read write")]).await;
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let refresh = |scope| {
        let bench = &bench;
        async move {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("scope", scope)];
            bench.token("acme", &fields).await
        }
    };
    assert_eq!(refresh("read").await.1["scope"], "read");
    assert_eq!(refresh("").await.1["scope"], "read write");
    assert_refused(refresh("read admin").await, "invalid_scope");
    assert_refused(refresh("read  write").await, "invalid_scope");
    assert_eq!(bench.standin.world().grants()[0].refreshes, 2);
}

#[tokio::test]
async fn a_refresh_token_is_its_clients_alone() {
    let bench = Bench::start().await;
    bench.add_client("acme", "other").await;
    let tokens = bench.connected("acme", &[]).await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let response = bench.post_as("acme", "token", "other", &fields).await;
    assert_refused((response.status(), response.json().await.unwrap()), "invalid_grant");
    assert_refused(bench.refresh("discord", &tokens["refresh_token"]).await, "invalid_grant");
    assert_refused(bench.refresh("acme", &json!("made-up")).await, "invalid_grant");
    assert_refused(bench.refresh("acme", &tokens["access_token"]).await, "invalid_grant");
    assert_refused(bench.token("acme", &[("grant_type", "refresh_token")]).await, "invalid_request");
    assert_eq!(bench.refresh("acme", &tokens["refresh_token"]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_consent_ends_after_six_months_however_often_it_was_refreshed() {
    let bench = Bench::start().await;
    let mut refresh_token = bench.connected("spotify", &[]).await["refresh_token"].clone();
    for _ in 0..6 {
        bench.advance(30 * DAY).await;
        let (status, again) = bench.refresh("spotify", &refresh_token).await;
        assert_eq!(status, StatusCode::OK, "{again}");
        refresh_token = again.get("refresh_token").unwrap_or(&refresh_token).clone();
    }
    // Six months are 181 to 184 days.
    bench.advance(4 * DAY).await;
    assert_refused(bench.refresh("spotify", &refresh_token).await, "invalid_grant");
    let state = state_of(&bench, &refresh_token);
    assert_eq!(state, (TokenKind::Refresh, TokenState::Expired));
    // A new consent is good for six months again; other providers never end it.
    let tokens = bench.connected("spotify", &[]).await;
    assert_eq!(bench.refresh("spotify", &tokens["refresh_token"]).await.0, StatusCode::OK);
    let tokens = bench.connected("acme", &[]).await;
    bench.advance(2_000 * DAY).await;
    assert_eq!(bench.refresh("acme", &tokens["refresh_token"]).await.0, StatusCode::OK);
}

fn state_of(bench: &Bench, token: &Value) -> (TokenKind, TokenState) {
    let hash = token_hash(token.as_str().unwrap());
    let tokens = bench.standin.world().tokens();
    let token = tokens.iter().find(|token| token.hash == hash).unwrap();
    (token.kind, token.state)
}

#[tokio::test]
async fn an_access_token_lives_as_long_as_it_says() {
    let bench = Bench::start().await;
    let tokens = bench.connected("acme", &[]).await;
    bench.advance(3_595).await;
    assert!(bench.is_live("acme", &tokens["access_token"]).await);
    bench.advance(5).await;
    let response = bench.userinfo("acme", &tokens["access_token"]).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(header(&response, "www-authenticate"), "Bearer realm=\"acme\", error=\"invalid_token\"");
    let bare = bench.http.get(bench.url("/acme/userinfo")).send().await.unwrap();
    assert_eq!(header(&bare, "www-authenticate"), "Bearer realm=\"acme\"");
    // Shorter from now on, and over at once.
    bench.set_rules("acme", json!({ "access_seconds": 5 })).await;
    let (_, short) = bench.refresh("acme", &tokens["refresh_token"]).await;
    assert_eq!(short["expires_in"], 5);
    assert!(bench.is_live("acme", &short["access_token"]).await);
    let (_, body) = bench.control("tokens/expire", json!({"provider": "acme", "user": "alex"})).await;
    assert_eq!(body, json!({ "expired": 1 }));
    assert!(!bench.is_live("acme", &short["access_token"]).await);
    assert_eq!(state_of(&bench, &short["access_token"]), (TokenKind::Access, TokenState::Expired));
    assert_eq!(bench.refresh("acme", &short["refresh_token"]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_person_withdraws_at_the_provider() {
    let bench = Bench::start().await;
    let connect = async |user: &str| {
        let url = bench.authorize_url("acme", &[]);
        let body = json!({"authorize_url": url, "decision": "approve", "user": user});
        let to = bench.control("consent", body).await.1["redirect_to"].as_str().unwrap().to_owned();
        bench.redeem("acme", &crate::bench::answer_in(&to, "code").unwrap()).await.1
    };
    let (maria, igor) = (connect("maria").await, connect("igor").await);
    let revoke = |body| bench.control("grants/revoke", body);
    assert_eq!(revoke(json!({"provider": "acme", "user": "maria"})).await.1, json!({ "revoked": 1 }));
    assert_refused(bench.refresh("acme", &maria["refresh_token"]).await, "invalid_grant");
    assert!(!bench.is_live("acme", &maria["access_token"]).await);
    assert!(bench.is_live("acme", &igor["access_token"]).await);
    assert_eq!(revoke(json!({"provider": "acme"})).await.1, json!({ "revoked": 1 }));
    assert!(!bench.is_live("acme", &igor["access_token"]).await);
    assert_eq!(revoke(json!({"provider": "nobody"})).await.0, StatusCode::NOT_FOUND);
    let grants = bench.standin.world().grants();
    assert!(grants.iter().all(|grant| grant.revoked == Some("the person withdrew it")));
    assert!(!format!("{grants:?}{:?}", bench.standin.world().tokens()).contains(SECRET));
}
