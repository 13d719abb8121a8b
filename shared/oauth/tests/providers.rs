//! Our client at every provider, against the stand-in.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use countersign_core::{
    Secret,
    connection::{Provider, State, provider},
};
use countersign_local_control::{Cut, Fault};
use countersign_local_standins::oauth::{OAuthStandin, Provider as StandinProvider};
use countersign_oauth::{Granted, OauthClient, Outcome, Revocation, Settings};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const BASE_URL: &str = "http://127.0.0.1:3000";
const SECRET: &str = "s3cret %&+:é";
const NAMES: [&str; 4] = ["spotify", "google", "github", "discord"];

struct Bench {
    standin: OAuthStandin,
    client: OauthClient,
    http: reqwest::Client,
}

impl Bench {
    async fn start() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let callback = |name: &str| format!("{BASE_URL}/{name}/callback");
        let providers = NAMES.map(|name| StandinProvider::new(name, "app:one", SECRET, &[&callback(name)]));
        let standin = OAuthStandin::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), providers.into()).unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let client = OauthClient::new(settings(), BASE_URL, Some(standin.url()), http.clone()).unwrap();
        Self { standin, client, http }
    }

    /// A consented code and its verifier.
    async fn code(&self, provider: &Provider, random: u8) -> (Secret, Secret) {
        let state = State::from_random(&[random; 32]);
        let url = self.client.authorize_url(provider, &state).unwrap();
        let body = json!({ "authorize_url": url, "decision": "approve" }).to_string();
        let asked = self.http.post(format!("{}/_control/consent", self.standin.url())).body(body);
        let answer: Value = serde_json::from_str(&asked.send().await.unwrap().text().await.unwrap()).unwrap();
        let to = url::Url::parse(answer["redirect_to"].as_str().unwrap()).unwrap();
        assert_eq!(to.path(), format!("/{}/callback", provider.key));
        let value = |name: &str| to.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!(value("state"), state.as_str());
        (Secret::from(value("code")), self.client.verifiers().proof(&state).verifier)
    }

    async fn granted(&self, provider: &Provider, random: u8) -> Granted {
        let (code, verifier) = self.code(provider, random).await;
        granted(self.client.exchange(provider, &code, &verifier).await.unwrap())
    }

    fn fault(&self, fault: Fault) {
        self.standin.control().add_fault(fault);
    }
}

fn settings() -> Settings {
    let clients: serde_json::Map<_, _> = NAMES
        .map(|name| (name.to_owned(), json!({ "client_id": "app:one", "client_secret": SECRET })))
        .into_iter()
        .collect();
    serde_json::from_value(json!({ "pkce_secret": "p".repeat(32), "clients": clients })).unwrap()
}

fn granted(outcome: Outcome) -> Granted {
    match outcome {
        Outcome::Granted(granted) => granted,
        other => panic!("{}", other.word()),
    }
}

#[tokio::test]
async fn links_refreshes_and_revokes_at_every_provider() {
    let bench = Bench::start().await;
    for (index, name) in NAMES.into_iter().enumerate() {
        let provider = provider(name).unwrap();
        let first = bench.granted(provider, u8::try_from(index).unwrap()).await;
        assert_eq!(first.scopes, provider.scopes, "{name}");
        let Some(refresh) = &first.tokens.refresh else {
            assert_eq!((name, first.expires_in), ("github", None));
            let second = bench.granted(provider, 77).await;
            assert_eq!(bench.client.revoke(provider, &first.tokens).await, Revocation::Done);
            // GitHub ends the person's whole grant: another token of it is as dead, and nothing is left to be revoked.
            assert_eq!(bench.client.revoke(provider, &second.tokens).await, Revocation::Refused);
            assert!(
                bench.standin.world().grants().iter().all(|grant| grant.provider != name || grant.revoked.is_some())
            );
            continue;
        };
        let again = granted(bench.client.refresh(provider, refresh).await.unwrap());
        assert!(!again.tokens.access.matches(first.tokens.access.expose()), "{name}");
        let last = countersign_core::connection::TokenSet {
            access: again.tokens.access,
            refresh: Some(again.tokens.refresh.unwrap_or(Secret::new(refresh.expose().to_vec()))),
        };
        let revoked = bench.client.revoke(provider, &last).await;
        assert_eq!(revoked == Revocation::Done, provider.revoke_url.is_some(), "{name} {revoked:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code_wherever_it_stands() {
    let bench = Bench::start().await;
    for (name, code) in
        [("spotify", "invalid_grant"), ("github", "bad_verification_code"), ("discord", "invalid_grant")]
    {
        let provider = provider(name).unwrap();
        let (good, verifier) = bench.code(provider, 9).await;
        let refused = bench.client.exchange(provider, &Secret::from("made-up".to_owned()), &verifier).await.unwrap();
        let Outcome::Refused(refused) = refused else { panic!("{name}: {}", refused.word()) };
        assert_eq!(refused.code, code);
        assert!(refused.ends_grant());
        let wrong = Secret::from("v".repeat(43));
        let refused = bench.client.exchange(provider, &good, &wrong).await.unwrap();
        assert!(matches!(refused, Outcome::Refused(_)), "{name}: {}", refused.word());
    }
}

#[tokio::test]
async fn what_may_have_reached_the_provider_is_unknown() {
    let bench = Bench::start().await;
    let spotify = provider("spotify").unwrap();
    let cases = [
        (Fault::cut(Cut::After), "unknown"),
        (Fault::status(503), "unknown"),
        (Fault::status(200).body("<html>"), "unknown"),
        (Fault::status(429), "unavailable"),
        (Fault::status(400).body(json!({ "error": "temporarily_unavailable" })), "unavailable"),
    ];
    for (fault, expected) in cases {
        let (code, verifier) = bench.code(spotify, 3).await;
        bench.fault(fault.clone().matching("/token").times(1));
        let word = match bench.client.exchange(spotify, &code, &verifier).await.unwrap() {
            Outcome::Unknown(_) => "unknown",
            Outcome::Unavailable(_) => "unavailable",
            Outcome::Refused(_) => "refused",
            Outcome::Granted(_) => "granted",
        };
        assert_eq!(word, expected, "{fault:?}");
    }
    let gone = OauthClient::new(settings(), BASE_URL, Some("http://127.0.0.1:1"), bench.http.clone()).unwrap();
    let outcome = gone.refresh(spotify, &Secret::from("r".to_owned())).await.unwrap();
    assert!(matches!(outcome, Outcome::Unavailable(_)), "{}", outcome.word());
}

#[test]
fn the_authorize_url_says_what_the_file_says() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = OauthClient::new(settings(), "https://sign.example.org/", None, reqwest::Client::new()).unwrap();
    let google = provider("google").unwrap();
    let url = url::Url::parse(&client.authorize_url(google, &State::from_random(&[1; 32])).unwrap()).unwrap();
    assert!(url.as_str().starts_with("https://accounts.google.com/o/oauth2/v2/auth?"));
    let value = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    for (name, expected) in [
        ("redirect_uri", "https://sign.example.org/google/callback"),
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
        ("response_type", "code"),
    ] {
        assert_eq!(value(name).as_deref(), Some(expected));
    }
    assert_eq!(value("code_challenge").unwrap().len(), 43);
}

#[test]
fn settings_of_no_use_are_named() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let bad = |value: Value| {
        let settings: Settings = serde_json::from_value(value).unwrap();
        OauthClient::new(settings, BASE_URL, None, reqwest::Client::new()).err().unwrap().to_string()
    };
    assert!(bad(json!({ "pkce_secret": "short", "clients": {} })).contains("pkce_secret"));
    let client = json!({ "client_id": "a", "client_secret": "b" });
    assert!(bad(json!({ "pkce_secret": "p".repeat(32), "clients": { "nowhere": client } })).contains("providers.yaml"));
}
