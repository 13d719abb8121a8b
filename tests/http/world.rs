//! One running system for a test: its people, services and credentials, and calls to it over HTTP.

#![allow(dead_code, reason = "each module of this target takes what it needs")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use countersign_core::{Moment, Person, TelegramId, UserId};
use countersign_local::{
    LocalSystem, Options,
    demo::{DemoPerson, DemoService},
};
use countersign_testkit::{Answer, Call, Client, LaunchData, signature};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

pub(crate) use countersign_testkit::{Payment, fresh_account, payment_xdr as payment, signed_by};

/// Stellar's test network: what a system signs for where nothing is said.
pub(crate) const TESTNET: &str = "Test SDF Network ; September 2015";
/// No request of a test may take longer.
const PATIENCE: Duration = Duration::from_secs(35);

/// A running system in memory, with a client of it.
pub(crate) struct World {
    pub(crate) system: LocalSystem,
    pub(crate) http: reqwest::Client,
    client: Client,
}

/// What every call answers.
pub(crate) type Answered = (StatusCode, HeaderMap, Value);

impl World {
    /// A system of its own, as `cargo run -- --ephemeral` starts it.
    pub(crate) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same with variables, such as `NETWORK_PASSPHRASE` or `REQUIRE_HMAC_VERIFICATION`.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        let mut options = Options::default();
        for (name, value) in variables {
            options.environment = options.environment.with(name, *value);
        }
        Self::of(options).await
    }

    /// A system as these options say.
    pub(crate) async fn of(options: Options) -> Self {
        let system = LocalSystem::start(options).await.unwrap();
        // The client of the kit installs the TLS provider, without which the second one cannot be built.
        let client = Client::new(system.base_url());
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        Self { client, http: http.build().unwrap(), system }
    }

    /// The first person of the demo for whom signing answers this method.
    pub(crate) fn person(&self, signing_method: &str) -> DemoPerson {
        let people = &self.system.demo().people;
        people.iter().find(|person| person.signing_method == signing_method).unwrap().clone()
    }

    /// A person of the demo by name: `kms`, `cloud`, `legacy`, `old`, `new`, `expired` or `admin`.
    pub(crate) fn named(&self, name: &str) -> DemoPerson {
        let email = format!("{name}@example.test");
        self.system.demo().people.iter().find(|person| person.email == email).unwrap().clone()
    }

    /// The admin of the demo.
    pub(crate) fn admin(&self) -> DemoPerson {
        self.named("admin")
    }

    /// The service of the demo with this role.
    pub(crate) fn service(&self, role: &str) -> DemoService {
        self.system.demo().services.iter().find(|service| service.role == role).unwrap().clone()
    }

    /// A person who was just registered and has nothing yet.
    pub(crate) async fn newcomer(&self) -> DemoPerson {
        let (user_id, telegram_id) = (random_id(), random_id());
        let person = Person {
            user_id: UserId::new(user_id).unwrap(),
            telegram_id: TelegramId::new(telegram_id),
            role: "user".into(),
            from_old_database: false,
            created_at: Moment::from_seconds(i64::try_from(unix_seconds()).unwrap()),
            profile: countersign_core::Profile::default(),
        };
        assert!(self.system.store().bootstrap().add_person(&person).await.unwrap());
        DemoPerson {
            user_id,
            telegram_id,
            email: format!("{user_id}@example.test"),
            password: None,
            role: "user".into(),
            access_token: self.token(user_id, Some(telegram_id)),
            signing_method: "unknown".into(),
            stellar_public_key: None,
            telegram_cloud: None,
        }
    }

    /// An access token as the platform issues it, good for a quarter of an hour.
    pub(crate) fn token(&self, user_id: u64, telegram_id: Option<u64>) -> String {
        let (jwt, now) = (&self.system.demo().jwt, unix_seconds());
        let mut claims = json!({
            "sub": user_id.to_string(), "sid": "test", "jti": random_id().to_string(),
            "iss": jwt.issuer, "aud": jwt.audience, "iat": now, "exp": now + 900,
        });
        if let Some(telegram_id) = telegram_id {
            claims["telegram_id"] = telegram_id.into();
        }
        self.token_of(&claims)
    }

    /// These claims, signed with the platform's secret.
    pub(crate) fn token_of(&self, claims: &Value) -> String {
        let jwt = &self.system.demo().jwt;
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        header.kid = Some(jwt.kid.clone());
        let key = jsonwebtoken::EncodingKey::from_secret(jwt.secret.as_bytes());
        jsonwebtoken::encode(&header, claims, &key).unwrap()
    }

    /// `Authorization` of a mini-app: launch data of this person, made now, signed with the bot's token.
    pub(crate) fn tma(&self, telegram_id: u64) -> String {
        format!("tma {}", LaunchData::of(telegram_id).signed(&self.system.demo().bot.token))
    }

    /// The three headers of a signed request, made now.
    pub(crate) fn signed_headers(
        &self,
        service: &DemoService,
        method: &str,
        target: &str,
        body: &[u8],
    ) -> [(&'static str, String); 3] {
        let now = unix_seconds();
        let signature = signature(&service.client_secret, method, target, now, body);
        [("x-client-id", service.client_id.clone()), ("x-timestamp", now.to_string()), ("x-signature", signature)]
    }

    /// A call of the kit, as it is.
    pub(crate) async fn send(&self, call: &Call) -> Answer {
        self.client.send(call).await.unwrap()
    }

    /// POST of JSON with a Bearer token, or with nothing.
    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answered {
        self.ask(Method::POST, path, &bearer(token), Some(body)).await
    }

    /// GET with a Bearer token, or with nothing.
    pub(crate) async fn get(&self, path: &str, token: Option<&str>) -> Answered {
        self.ask(Method::GET, path, &bearer(token), None).await
    }

    /// DELETE with a Bearer token, or with nothing.
    pub(crate) async fn delete(&self, path: &str, token: Option<&str>) -> Answered {
        self.ask(Method::DELETE, path, &bearer(token), None).await
    }

    /// Any method, any headers.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Option<&Value>,
    ) -> Answered {
        let mut request = self.http.request(method, format!("{}{path}", self.system.base_url()));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        (status, headers, serde_json::from_slice(&body).unwrap_or_default())
    }

    /// Begins a signing session of this form; the answer.
    pub(crate) async fn session(&self, token: &str, body: &Value) -> Value {
        let (status, _, session) = self.post("/api/v1/signing-sessions", Some(token), body).await;
        assert_eq!(status, StatusCode::CREATED, "{session}");
        session
    }

    /// A newcomer whose session has this Stellar secret, or one that is made there.
    pub(crate) async fn signer(&self, secret: Option<&str>) -> DemoPerson {
        let mut person = self.newcomer().await;
        let mut body = json!({ "kind": "session_keys", "signer": "local" });
        if let Some(secret) = secret {
            body["stellar_secret"] = secret.into();
        }
        let session = self.session(&person.access_token, &body).await;
        person.stellar_public_key = Some(text(&session, "stellar_public_key"));
        person
    }

    /// `POST /api/sign`.
    pub(crate) async fn sign(&self, token: &str, xdr: &str) -> Answered {
        self.post("/api/sign", Some(token), &json!({ "xdr": xdr })).await
    }

    /// Stops the system; a test that forgets it leaves that to the end of its runtime.
    pub(crate) async fn stop(self) {
        drop((self.http, self.client));
        self.system.stop().await;
    }
}

fn bearer(token: Option<&str>) -> Vec<(&'static str, String)> {
    token.map(|token| ("authorization", format!("Bearer {token}"))).into_iter().collect()
}

/// A string member; fails where it is none.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name}: {value}")).to_owned()
}

/// Checks that an answer is a problem of this status in every part (RFC 9457 and the contract); its `detail`.
#[track_caller]
pub(crate) fn refused((status, headers, problem): &Answered, expected: u16) -> String {
    assert_eq!(status.as_u16(), expected, "{problem}");
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!(header("content-type"), Some("application/problem+json"), "{problem}");
    assert_eq!(problem["status"].as_u64(), Some(expected.into()), "{problem}");
    let detail = text(problem, "detail");
    assert!([&detail, &text(problem, "title")].contains(&&text(problem, "error")), "{problem}");
    assert!(!text(problem, "type").is_empty() && !text(problem, "instance").is_empty(), "{problem}");
    assert_eq!(header("www-authenticate").is_some(), expected == 401, "{problem}");
    assert!(header("retry-after").is_some() || !matches!(expected, 429 | 503), "{problem}");
    detail
}

/// Far from the ids that the platform makes of the time.
fn random_id() -> u64 {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    (u64::from_be_bytes(bytes) >> 13) | 1
}

/// Now, in seconds since the epoch.
pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_world_has_its_people_and_services() {
        let world = World::start().await;
        let (status, _, health) = world.get("/health", None).await;
        assert_eq!((status.as_u16(), health["status"].as_str()), (200, Some("ok")));
        assert_eq!(world.person("python_bot_kms").email, world.named("kms").email);
        assert_eq!((world.admin().role.as_str(), world.service("notifier").role.as_str()), ("admin", "notifier"));
        let newcomer = world.newcomer().await;
        let (status, _, page) = world.get("/api/v1/signing-sessions", Some(&newcomer.access_token)).await;
        assert_eq!((status, page), (StatusCode::OK, json!({ "sessions": [], "next_cursor": null })));
        world.stop().await;
    }
}
