//! The people of the demo: one per row of the table of methods, one whose session has expired, and an admin.
//!
//! Their sessions are made over HTTP, by the routes that everybody uses.

use countersign_core::{
    Person, Profile,
    gate::{Gate, NewToken},
};
use countersign_edge::clock;
use countersign_store::Store;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    LocalError,
    demo::{DemoPerson, DemoService, Wallet},
    seed::{MadePerson, MadeUp},
    seed_accounts, signed,
};

/// How long the demo's access tokens are good, in seconds.
const TOKEN_SECONDS: i64 = 24 * 3600;
/// How long the demo's signing sessions live, in seconds.
const SESSION_SECONDS: i64 = 90 * 24 * 3600;

/// Which row of the table of methods a person stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Row {
    SessionKeys,
    TelegramCloud,
    Legacy,
    OnlyMark,
    Nothing,
    Expired,
    Admin,
}

impl Row {
    pub(crate) const ALL: [Self; 7] = [
        Self::SessionKeys,
        Self::TelegramCloud,
        Self::Legacy,
        Self::OnlyMark,
        Self::Nothing,
        Self::Expired,
        Self::Admin,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SessionKeys => "kms",
            Self::TelegramCloud => "cloud",
            Self::Legacy => "legacy",
            Self::OnlyMark => "old",
            Self::Nothing => "new",
            Self::Expired => "expired",
            Self::Admin => "admin",
        }
    }

    const fn signing_method(self) -> &'static str {
        match self {
            Self::SessionKeys => "python_bot_kms",
            Self::TelegramCloud => "python_bot_tg_cloud",
            Self::Legacy | Self::OnlyMark => "python_bot_legacy",
            Self::Nothing | Self::Admin => "unknown",
            Self::Expired => "session_expired",
        }
    }

    const fn role(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            _ => "user",
        }
    }
}

/// Seeds the people of one start.
pub(crate) struct People<'a> {
    pub(crate) made: &'a MadeUp,
    pub(crate) gate: &'a Gate,
    pub(crate) store: &'a Store,
    pub(crate) http: &'a reqwest::Client,
    pub(crate) base_url: &'a str,
    /// Signs the calls: `REQUIRE_HMAC_VERIFICATION` may make that compulsory.
    pub(crate) signer: &'a DemoService,
}

impl People<'_> {
    /// Writes the people that are not there and gives each the session of their row.
    pub(crate) async fn seed(&self) -> Result<Vec<DemoPerson>, LocalError> {
        for made in &self.made.people {
            self.store.bootstrap().add_person(&person(made)).await.map_err(LocalError::refused)?;
        }
        let email = |made: &MadePerson| (made.user_id, format!("{}@example.test", made.row.name()));
        let accounts: Vec<_> = self.made.people.iter().map(email).collect();
        let admin = self.made.people.iter().find(|made| made.row == Row::Admin).map(|made| made.user_id);
        seed_accounts::seed(self.store, &self.made.password, &accounts, admin).await?;
        let mut people = Vec::new();
        for made in &self.made.people {
            let mut shown = self.shown(made);
            shown.stellar_public_key = self.account(made, &shown.access_token).await?;
            people.push(shown);
        }
        Ok(people)
    }

    fn shown(&self, made: &MadePerson) -> DemoPerson {
        let now = clock::now();
        let name = made.row.name();
        let token = NewToken {
            user_id: made.user_id,
            telegram_id: Some(made.telegram_id),
            session: "local",
            token_id: &format!("{name}-{}", now.millis()),
            expires_at: Some(now.plus_seconds(TOKEN_SECONDS)),
        };
        let cloud = (made.row == Row::TelegramCloud).then(|| self.made.wallets.first().cloned()).flatten();
        DemoPerson {
            user_id: made.user_id.get(),
            telegram_id: made.telegram_id.get(),
            email: format!("{name}@example.test"),
            password: Some(self.made.password.clone()),
            role: made.row.role().to_owned(),
            access_token: self.gate.tokens().issue(&token, now),
            signing_method: made.row.signing_method().to_owned(),
            stellar_public_key: None,
            telegram_cloud: cloud,
        }
    }

    /// The account of the person's session, which is made where it is not there.
    async fn account(&self, made: &MadePerson, token: &str) -> Result<Option<String>, LocalError> {
        match made.row {
            Row::SessionKeys => {
                self.session(token, json!({ "kind": "session_keys", "signer": "local" })).await.map(Some)
            }
            Row::TelegramCloud => match self.made.wallets.first() {
                Some(wallet) => {
                    let turnkey = without_private(wallet);
                    let body = json!({ "kind": "telegram_cloud", "signer": "client", "turnkey": turnkey });
                    self.session(token, body).await.map(Some)
                }
                None => Ok(None),
            },
            Row::Legacy => match self.made.wallets.get(1) {
                Some(wallet) => {
                    let body = json!({ "kind": "legacy", "signer": "turnkey", "turnkey": wallet });
                    self.session(token, body).await.map(Some)
                }
                None => self.session(token, json!({ "kind": "legacy", "signer": "local" })).await.map(Some),
            },
            Row::Expired => self.expired(made, token).await.map(Some),
            Row::OnlyMark | Row::Nothing | Row::Admin => Ok(None),
        }
    }

    async fn session(&self, token: &str, mut body: Value) -> Result<String, LocalError> {
        if let Some(account) = self.first_account(token, "live").await? {
            return Ok(account);
        }
        if let Some(fields) = body.as_object_mut() {
            fields.insert("expires_in".into(), SESSION_SECONDS.into());
        }
        let made = self.post("/api/v1/signing-sessions", token, &body).await?;
        text(&made, "stellar_public_key")
    }

    /// The row comes from the old database, where its session had ended before.
    async fn expired(&self, made: &MadePerson, token: &str) -> Result<String, LocalError> {
        if let Some(account) = self.first_account(token, "expired").await? {
            return Ok(account);
        }
        let (encrypted_secret, account) = self.made.old_row_key()?;
        let row = json!({
            "telegram_id": made.telegram_id, "authenticator_type": "session_keys",
            "encrypted_secret": encrypted_secret, "expires_at": clock::now().plus_seconds(-60).to_rfc3339(),
        });
        let admin = self.made.people.iter().find(|person| person.row == Row::Admin);
        let admin = admin.map(|admin| self.shown(admin).access_token).unwrap_or_default();
        let body = json!({ "rows": [row] });
        let answer = self.post("/api/v1/signing-sessions/import", &admin, &body).await?;
        match answer.pointer("/results/0/status").and_then(Value::as_str) {
            Some("imported") => Ok(account),
            _ => Err(LocalError::Seed("the import of an old row")),
        }
    }

    /// The account of the newest session, where it stands so.
    async fn first_account(&self, token: &str, wanted: &str) -> Result<Option<String>, LocalError> {
        let url = format!("{}/api/v1/signing-sessions?limit=1", self.base_url);
        let page: Value = self.http.get(url).bearer_auth(token).send().await?.error_for_status()?.json().await?;
        let first = page.pointer("/sessions/0");
        let usable = first.filter(|session| session.get("status").is_some_and(|status| status == wanted));
        usable.map(|session| text(session, "stellar_public_key")).transpose()
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value, LocalError> {
        let mut request = self.http.post(format!("{}{path}", self.base_url)).bearer_auth(token).json(body);
        for (name, value) in signed::headers(self.signer, &Method::POST, path, body.to_string().as_bytes()) {
            request = request.header(name, value);
        }
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

fn person(made: &MadePerson) -> Person {
    Person {
        user_id: made.user_id,
        telegram_id: Some(made.telegram_id),
        role: made.row.role().to_owned(),
        from_old_database: made.row == Row::OnlyMark,
        created_at: clock::now(),
        profile: Profile::default(),
    }
}

fn without_private(wallet: &Wallet) -> Value {
    json!({
        "organization_id": wallet.organization_id, "sign_with": wallet.sign_with,
        "api_public_key": wallet.api_public_key,
    })
}

fn text(value: &Value, name: &'static str) -> Result<String, LocalError> {
    value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(LocalError::Seed(name))
}
