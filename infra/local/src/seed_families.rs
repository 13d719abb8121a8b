//! The families of the demo: two, each with an owner, a member, two wallets and two categories; made by the routes that
//! everybody uses.

use countersign_core::{
    Person, Profile, TelegramId, UserId,
    gate::{Gate, NewToken},
};
use countersign_edge::clock;
use countersign_store::Store;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    LocalError,
    demo::{DemoFamily, DemoMember, DemoService, Named},
    signed,
};

/// How many there are.
const FAMILIES: usize = 2;
/// What lies in the first wallet of each.
const FIRST_WALLET: &str = "10000.00";
/// Above it a payment needs approval.
const THRESHOLD: &str = "500.00";
/// How long the demo's access tokens are good, in seconds.
const TOKEN_SECONDS: i64 = 24 * 3600;

/// The people of one family, as they are made up at first start.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MadeFamily {
    pub(crate) owner: MadeMember,
    pub(crate) member: MadeMember,
}

/// One of them.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MadeMember {
    pub(crate) name: String,
    pub(crate) user_id: UserId,
    pub(crate) telegram_id: TelegramId,
}

impl MadeFamily {
    /// Makes up the people of all families.
    pub(crate) fn all() -> Result<Vec<Self>, LocalError> {
        let names = [["Olga", "Max"], ["Nina", "Ivan"]];
        let mut families = Vec::with_capacity(FAMILIES);
        for (index, [owner, member]) in names.into_iter().enumerate() {
            let first = 2 * index as u64;
            families.push(Self { owner: MadeMember::new(owner, first)?, member: MadeMember::new(member, first + 1)? });
        }
        Ok(families)
    }

    /// Both of them.
    pub(crate) fn people(&self) -> [&MadeMember; 2] {
        [&self.owner, &self.member]
    }
}

impl MadeMember {
    fn new(name: &str, index: u64) -> Result<Self, LocalError> {
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

/// Seeds the families of one start.
pub(crate) struct Families<'a> {
    pub(crate) made: &'a [MadeFamily],
    pub(crate) gate: &'a Gate,
    pub(crate) store: &'a Store,
    pub(crate) http: &'a reqwest::Client,
    pub(crate) base_url: &'a str,
    /// Signs the calls: `REQUIRE_HMAC_VERIFICATION` may make that compulsory.
    pub(crate) signer: &'a DemoService,
}

impl Families<'_> {
    /// Makes the families that are not there.
    pub(crate) async fn seed(&self) -> Result<Vec<DemoFamily>, LocalError> {
        let mut families = Vec::with_capacity(self.made.len());
        for made in self.made {
            for member in made.people() {
                self.store.bootstrap().add_person(&person(member)).await.map_err(LocalError::refused)?;
            }
            families.push(self.family(made).await?);
        }
        Ok(families)
    }

    async fn family(&self, made: &MadeFamily) -> Result<DemoFamily, LocalError> {
        let (owner, member) = (self.shown(&made.owner), self.shown(&made.member));
        let mine = self.get("/api/v1/families", &owner.access_token).await?;
        let family = match mine.pointer("/families/0") {
            Some(family) => family.clone(),
            None => self.new_family(made, &owner, &member).await?,
        };
        let id = number(&family, "id")?;
        let wallets = self.get(&format!("/api/v1/wallets?family_id={id}"), &owner.access_token).await?;
        let categories = self.get(&format!("/api/v1/families/{id}/categories"), &owner.access_token).await?;
        let threshold = family.get("threshold").and_then(Value::as_str).unwrap_or(THRESHOLD).to_owned();
        let (wallets, categories) = (named(&wallets, "wallets")?, named(&categories, "categories")?);
        Ok(DemoFamily { id, threshold, owner, member, wallets, categories })
    }

    async fn new_family(
        &self,
        made: &MadeFamily,
        owner: &DemoMember,
        member: &DemoMember,
    ) -> Result<Value, LocalError> {
        let name = format!("{}'s family", made.owner.name);
        let body = json!({ "name": name, "currency": "EUR", "threshold": THRESHOLD, "your_name": made.owner.name });
        let family = self.post("/api/v1/families", &owner.access_token, &body).await?;
        let id = number(&family, "id")?;
        for (name, kind, opening) in [("Main", "bank", FIRST_WALLET), ("Savings", "savings", "0.00")] {
            let body = json!({ "family_id": id, "name": name, "type": kind, "opening_balance": opening });
            self.post("/api/v1/wallets", &owner.access_token, &body).await?;
        }
        for name in ["Groceries", "Home"] {
            let path = format!("/api/v1/families/{id}/categories");
            self.post(&path, &owner.access_token, &json!({ "name": name })).await?;
        }
        let invite = format!("/api/v1/families/{id}/invitations");
        let invited = self.post(&invite, &owner.access_token, &json!({ "role": "member" })).await?;
        let code = invited.get("code").and_then(Value::as_str).ok_or(LocalError::Seed("an invitation"))?;
        let body = json!({ "code": code, "your_name": made.member.name });
        self.post("/api/v1/invitations/accept", &member.access_token, &body).await?;
        Ok(family)
    }

    fn shown(&self, made: &MadeMember) -> DemoMember {
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

    async fn get(&self, path: &str, token: &str) -> Result<Value, LocalError> {
        let answer = self.http.get(format!("{}{path}", self.base_url)).bearer_auth(token).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value, LocalError> {
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

fn number(value: &Value, name: &'static str) -> Result<u64, LocalError> {
    value.get(name).and_then(Value::as_u64).ok_or(LocalError::Seed(name))
}

/// Ids and names of a list.
fn named(answer: &Value, list: &'static str) -> Result<Vec<Named>, LocalError> {
    let rows = answer.get(list).and_then(Value::as_array).ok_or(LocalError::Seed(list))?;
    let named = |row: &Value| {
        let name = row.get("name").and_then(Value::as_str).ok_or(LocalError::Seed(list))?;
        Ok(Named { id: number(row, "id")?, name: name.to_owned() })
    };
    rows.iter().map(named).collect()
}
