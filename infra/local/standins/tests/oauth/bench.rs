//! What the tests share: a stand-in with every provider, a browser that follows nothing, a client that speaks plain HTTP.

use countersign_local_standins::oauth::{OAuthStandin, Provider};
use reqwest::{Client, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

pub(crate) const CALLBACK: &str = "http://127.0.0.1:3000/spotify/callback";
pub(crate) const CALLBACK_WITH_QUERY: &str = "http://127.0.0.1:3000/back?tenant=1";
/// Both need form encoding before they go into a Basic header.
pub(crate) const CLIENT: &str = "app:one+";
pub(crate) const SECRET: &str = "s3cret %&+:é";
/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const STATE: &str = "st/+ &=é";

pub(crate) type Pairs<'a> = &'a [(&'a str, &'a str)];

pub(crate) struct Bench {
    pub(crate) standin: OAuthStandin,
    /// Follows no redirect.
    pub(crate) http: Client,
}

impl Bench {
    /// Spotify, Google, GitHub, Discord and a plain `acme`, each with the same client.
    pub(crate) async fn start() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let names = ["spotify", "google", "github", "discord", "acme"];
        let uris = [CALLBACK, CALLBACK_WITH_QUERY];
        let providers = names.map(|name| Provider::new(name, CLIENT, SECRET, &uris));
        let standin = OAuthStandin::start(listener, providers.into()).unwrap();
        Self { standin, http: Client::builder().redirect(Policy::none()).build().unwrap() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.standin.url())
    }

    /// A request in order, with these parameters set, or left out where the value is empty.
    pub(crate) fn authorize_url(&self, provider: &str, changes: Pairs<'_>) -> String {
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", CALLBACK),
            ("state", STATE),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for &(name, value) in changes {
            pairs.retain(|(there, _)| *there != name);
            pairs.extend((!value.is_empty()).then_some((name, value)));
        }
        Url::parse_with_params(&self.url(&format!("/{provider}/authorize")), pairs).unwrap().into()
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let response =
            self.http.post(self.url(&format!("/_control/{path}"))).body(body.to_string()).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    /// Where the browser goes, by the control route.
    pub(crate) async fn consent(&self, authorize_url: &str, decision: &str) -> String {
        let (status, body) =
            self.control("consent", json!({"authorize_url": authorize_url, "decision": decision})).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["redirect_to"].as_str().unwrap().to_owned()
    }

    /// A code for a request with these changes.
    pub(crate) async fn code(&self, provider: &str, changes: Pairs<'_>) -> String {
        let to = self.consent(&self.authorize_url(provider, changes), "approve").await;
        answer_in(&to, "code").unwrap_or_else(|| panic!("no code in {to}"))
    }

    /// Posts a form as the client, in the way the provider wants it.
    pub(crate) async fn post(&self, provider: &str, endpoint: &str, fields: Pairs<'_>) -> Response {
        self.post_as(provider, endpoint, CLIENT, fields).await
    }

    pub(crate) async fn post_as(&self, provider: &str, endpoint: &str, client: &str, fields: Pairs<'_>) -> Response {
        let mut fields = fields.to_vec();
        let mut request = self.http.post(self.url(&format!("/{provider}/{endpoint}")));
        if provider == "github" {
            fields.extend([("client_id", client), ("client_secret", SECRET)]);
        } else {
            request = request.basic_auth(encoded(client), Some(encoded(SECRET)));
        }
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(form(&fields)).send().await.unwrap()
    }

    /// The token endpoint's status and JSON.
    pub(crate) async fn token(&self, provider: &str, fields: Pairs<'_>) -> (StatusCode, Value) {
        let response = self.post(provider, "token", fields).await;
        (response.status(), response.json().await.unwrap())
    }

    pub(crate) async fn redeem(&self, provider: &str, code: &str) -> (StatusCode, Value) {
        self.token(provider, &redemption(code)).await
    }

    pub(crate) async fn refresh(&self, provider: &str, token: &Value) -> (StatusCode, Value) {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())];
        self.token(provider, &fields).await
    }

    /// Consent and redemption; the token answer.
    pub(crate) async fn connected(&self, provider: &str, changes: Pairs<'_>) -> Value {
        let (status, tokens) = self.redeem(provider, &self.code(provider, changes).await).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        tokens
    }

    pub(crate) async fn userinfo(&self, provider: &str, token: &Value) -> Response {
        let request = self.http.get(self.url(&format!("/{provider}/userinfo")));
        request.bearer_auth(token.as_str().unwrap()).send().await.unwrap()
    }

    pub(crate) async fn is_live(&self, provider: &str, token: &Value) -> bool {
        self.userinfo(provider, token).await.status() == StatusCode::OK
    }

    pub(crate) async fn advance(&self, seconds: u64) {
        assert_eq!(self.control("clock", json!({ "advance_seconds": seconds })).await.0, StatusCode::OK);
    }

    pub(crate) async fn set_rules(&self, provider: &str, rules: Value) {
        let (status, body) = self.control(&format!("providers/{provider}"), rules).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    /// Adds a second client with the same secret.
    pub(crate) async fn add_client(&self, provider: &str, client_id: &str) {
        let client = json!({
            "provider": provider, "client_id": client_id, "client_secret": SECRET, "redirect_uris": [CALLBACK]
        });
        assert_eq!(self.control("clients", client).await.0, StatusCode::CREATED);
    }
}

pub(crate) fn redemption(code: &str) -> [(&str, &str); 4] {
    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)]
}

pub(crate) fn form(pairs: Pairs<'_>) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A parameter of the redirect.
pub(crate) fn answer_in(to: &str, name: &str) -> Option<String> {
    let url = Url::parse(to).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

pub(crate) fn assert_refused((status, body): (StatusCode, Value), error: &str) {
    let wanted = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    assert_eq!((status, body["error"].as_str()), (wanted, Some(error)), "{body}");
}
