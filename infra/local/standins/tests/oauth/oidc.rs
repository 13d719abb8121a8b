//! OpenID providers and the two quirks that clients trip over: Google's offline access and GitHub's answers.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::JwkSet};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, CLIENT, SECRET, answer_in, form, header, redemption};

const OFFLINE: [(&str, &str); 1] = [("access_type", "offline")];

async fn get(bench: &Bench, url: &str) -> (StatusCode, Value) {
    let response = bench.http.get(url).send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

#[tokio::test]
async fn an_id_token_is_proven_by_the_published_key() {
    let bench = Bench::start().await;
    let (_, says) = get(&bench, &bench.url("/google/.well-known/openid-configuration")).await;
    assert_eq!(says["issuer"], bench.url("/google"));
    assert_eq!(says["token_endpoint"], bench.url("/google/token"));
    assert_eq!(says["code_challenge_methods_supported"], json!(["S256"]));
    let (_, keys) = get(&bench, says["jwks_uri"].as_str().unwrap()).await;
    assert!(keys["keys"][0].get("d").is_none());
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let asked = [("scope", "openid profile"), ("nonce", "n-1"), ("access_type", "offline")];
    let tokens = bench.connected("google", &asked).await;
    let claims = |token: &Value| {
        let token = token["id_token"].as_str().unwrap().to_owned();
        let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
        let mut rules = Validation::new(Algorithm::ES256);
        rules.set_audience(&[CLIENT]);
        rules.set_issuer(&[bench.url("/google")]);
        let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
        jsonwebtoken::decode::<Value>(&token, &key, &rules).unwrap().claims
    };
    let first = claims(&tokens);
    assert_eq!((&first["nonce"], &first["name"]), (&json!("n-1"), &json!("alex")));
    let info: Value = bench.userinfo("google", &tokens["access_token"]).await.json().await.unwrap();
    assert_eq!((&info["sub"], &info["id"]), (&first["sub"], &first["sub"]));
    // A refreshed one speaks of the same person, without the nonce.
    let (_, again) = bench.refresh("google", &tokens["refresh_token"]).await;
    let again = claims(&again);
    assert_eq!((&again["sub"], again.get("nonce")), (&first["sub"], None));
    assert!(bench.connected("google", &[("scope", "email")]).await.get("id_token").is_none());
}

#[tokio::test]
async fn only_an_openid_provider_is_one() {
    let bench = Bench::start().await;
    for path in ["/acme/.well-known/openid-configuration", "/acme/jwks", "/nobody/jwks"] {
        assert_eq!(get(&bench, &bench.url(path)).await.0, StatusCode::NOT_FOUND);
    }
    let tokens = bench.connected("acme", &[("scope", "openid")]).await;
    assert!(tokens.get("id_token").is_none());
    // It names itself in the redirect (RFC 9207), also when it says no.
    let iss = bench.url("/google");
    for (url, decision) in [
        (bench.authorize_url("google", &[]), "approve"),
        (bench.authorize_url("google", &[]), "deny"),
        (bench.authorize_url("google", &[("response_type", "token")]), "approve"),
    ] {
        assert_eq!(answer_in(&bench.consent(&url, decision).await, "iss").as_deref(), Some(&*iss));
    }
    let to = bench.consent(&bench.authorize_url("acme", &[]), "approve").await;
    assert_eq!(answer_in(&to, "iss"), None);
}

#[tokio::test]
async fn google_gives_a_refresh_token_once_unless_asked_again() {
    let bench = Bench::start().await;
    let has_refresh = async |changes| bench.connected("google", changes).await.get("refresh_token").is_some();
    assert!(!has_refresh(&[]).await);
    assert!(!has_refresh(&[("access_type", "online")]).await);
    assert!(has_refresh(&OFFLINE).await);
    assert!(!has_refresh(&OFFLINE).await);
    assert!(has_refresh(&[("access_type", "offline"), ("prompt", "consent")]).await);
    // Once the person withdrew, the next consent is a first one.
    bench.control("grants/revoke", json!({ "provider": "google" })).await;
    assert!(has_refresh(&OFFLINE).await);
}

#[tokio::test]
async fn github_answers_in_its_own_way() {
    let bench = Bench::start().await;
    let code = bench.code("github", &[("scope", "read:user gist")]).await;
    let response = bench.post("github", "token", &redemption(&code)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(header(&response, "content-type").starts_with("application/x-www-form-urlencoded"));
    let text = response.text().await.unwrap();
    let field = |name: &str| answer_in(&format!("http://x/?{text}"), name);
    assert_eq!((field("token_type").as_deref(), field("scope").as_deref()), (Some("bearer"), Some("read:user,gist")));
    assert_eq!((field("expires_in"), field("refresh_token")), (None, None));
    let access_token = json!(field("access_token").unwrap());
    bench.advance(10_000 * 86_400).await;
    let info: Value = bench.userinfo("github", &access_token).await.json().await.unwrap();
    assert!(info["id"].is_u64() && info["login"] == "alex", "{info}");
}

#[tokio::test]
async fn github_refuses_with_200_and_its_own_names() {
    let bench = Bench::start().await;
    let ask = async |accept: &str, secret: &str, fields: &[(&str, &str)]| {
        let mut fields = fields.to_vec();
        fields.extend([("client_id", CLIENT), ("client_secret", secret)]);
        let request = bench.http.post(bench.url("/github/token")).header("accept", accept);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(form(&fields)).send().await.unwrap();
        assert_eq!((response.status(), header(&response, "www-authenticate")), (StatusCode::OK, ""));
        response.text().await.unwrap()
    };
    let code = bench.code("github", &[]).await;
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", "made-up")];
    let elsewhere =
        redemption(&code).map(|(name, value)| (name, if name == "redirect_uri" { "http://x" } else { value }));
    for (secret, fields, error) in [
        ("wrong", &redemption(&code)[..], "incorrect_client_credentials"),
        (SECRET, &redemption("made-up")[..], "bad_verification_code"),
        (SECRET, &refresh[..], "bad_refresh_token"),
        (SECRET, &elsewhere[..], "redirect_uri_mismatch"),
    ] {
        let as_json: Value = serde_json::from_str(&ask("application/json", secret, fields).await).unwrap();
        if error != "redirect_uri_mismatch" {
            assert!(ask("*/*", secret, fields).await.starts_with(&format!("error={error}&")), "{error}");
        }
        assert_eq!(as_json["error"], error);
    }
}
