//! People of the demo who are made up at first start, and how the seed speaks for them: by the routes that everybody uses.

use countersign_core::{
    Person, Profile, TelegramId, UserId,
    gate::{Gate, NewToken},
};
use countersign_edge::clock;
use countersign_store::Store;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    LocalError,
    demo::{DemoMember, DemoService},
    signed,
};

/// How long the demo's access tokens are good, in seconds.
const TOKEN_SECONDS: i64 = 24 * 3600;

/// A person.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MadeMember {
    pub(crate) name: String,
    pub(crate) user_id: UserId,
    pub(crate) telegram_id: TelegramId,
}

impl MadeMember {
    /// A new one; `index` keeps those of one start apart.
    pub(crate) fn new(name: &str, index: u64) -> Result<Self, LocalError> {
        let later =
            countersign_core::Moment::from_millis(clock::now().millis() + 100 + i64::try_from(index).unwrap_or(0));
        let telegram_id = TelegramId::new(6_000_000_000 + (clock::random() % 100_000_000) * 10 + index);
        Ok(Self {
            name: name.to_owned(),
            user_id: UserId::fresh(later, clock::random()),
            telegram_id: telegram_id.ok_or(LocalError::Seed("a member's id"))?,
        })
    }
}

/// What the seed of one start speaks with.
pub(crate) struct Seeding<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) store: &'a Store,
    pub(crate) http: &'a reqwest::Client,
    pub(crate) base_url: &'a str,
    /// Signs the calls: `REQUIRE_HMAC_VERIFICATION` may make that compulsory.
    pub(crate) signer: &'a DemoService,
}

impl Seeding<'_> {
    /// Writes a person who is not there yet.
    pub(crate) async fn add(&self, member: &MadeMember) -> Result<(), LocalError> {
        self.store.bootstrap().add_person(&person(member)).await.map(drop).map_err(LocalError::refused)
    }

    /// A person with a token of today.
    pub(crate) fn shown(&self, made: &MadeMember) -> DemoMember {
        let now = clock::now();
        let token = NewToken {
            user_id: made.user_id,
            telegram_id: Some(made.telegram_id),
            session: "local",
            token_id: &format!("{}-{}", made.name.to_lowercase(), now.millis()),
            expires_at: Some(now.plus_seconds(TOKEN_SECONDS)),
        };
        DemoMember {
            user_id: made.user_id.get(),
            telegram_id: made.telegram_id.get(),
            name: made.name.clone(),
            access_token: self.gate.tokens().issue(&token, now),
        }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Result<Value, LocalError> {
        let answer = self.http.get(format!("{}{path}", self.base_url)).bearer_auth(token).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value, LocalError> {
        let mut request = self.http.post(format!("{}{path}", self.base_url)).bearer_auth(token).json(body);
        for (name, value) in signed::headers(self.signer, &Method::POST, path, body.to_string().as_bytes()) {
            request = request.header(name, value);
        }
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

fn person(made: &MadeMember) -> Person {
    let profile = Profile { first_name: Some(made.name.clone()), ..Profile::default() };
    Person { profile, ..Person::new(made.user_id, Some(made.telegram_id), "user", clock::now()) }
}

/// A number of an answer.
pub(crate) fn number(value: &Value, name: &'static str) -> Result<u64, LocalError> {
    value.get(name).and_then(Value::as_u64).ok_or(LocalError::Seed(name))
}
