//! Revocation by the client (RFC 7009).

use reqwest::StatusCode;

use crate::bench::{Bench, assert_refused, header};

#[tokio::test]
async fn a_refresh_token_goes_with_its_family() {
    let bench = Bench::start().await;
    let (tokens, bystander) = (bench.connected("spotify", &[]).await, bench.connected("spotify", &[]).await);
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    let response =
        bench.post("spotify", "revoke", &[("token", refresh_token), ("token_type_hint", "access_token")]).await;
    assert_eq!((response.status(), header(&response, "cache-control")), (StatusCode::OK, "no-store"));
    assert_refused(bench.refresh("spotify", &tokens["refresh_token"]).await, "invalid_grant");
    assert!(!bench.is_live("spotify", &tokens["access_token"]).await);
    assert!(bench.is_live("spotify", &bystander["access_token"]).await);
    // Again, or one that never was: as good as revoked.
    for token in [refresh_token, "made-up"] {
        assert_eq!(bench.post("spotify", "revoke", &[("token", token)]).await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn an_access_token_goes_alone() {
    let bench = Bench::start().await;
    let tokens = bench.connected("acme", &[]).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(bench.post("acme", "revoke", &[("token", access_token)]).await.status(), StatusCode::OK);
    assert!(!bench.is_live("acme", &tokens["access_token"]).await);
    assert_eq!(bench.refresh("acme", &tokens["refresh_token"]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn only_the_client_it_was_issued_to() {
    let bench = Bench::start().await;
    bench.add_client("acme", "other").await;
    let tokens = bench.connected("acme", &[]).await;
    let fields = [("token", tokens["refresh_token"].as_str().unwrap())];
    let response = bench.post_as("acme", "revoke", "other", &fields).await;
    assert_refused((response.status(), response.json().await.unwrap()), "invalid_grant");
    let response = bench.post_as("acme", "revoke", "nobody", &fields).await;
    assert_refused((response.status(), response.json().await.unwrap()), "invalid_client");
    let response = bench.post("acme", "revoke", &[]).await;
    assert_refused((response.status(), response.json().await.unwrap()), "invalid_request");
    assert!(bench.is_live("acme", &tokens["access_token"]).await);
}
