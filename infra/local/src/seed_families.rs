//! The families of the demo: two, each with an owner, a member, two wallets and two categories; made by the routes that
//! everybody uses.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    LocalError,
    demo::{DemoFamily, DemoMember, Named},
    seed_members::{MadeMember, Seeding, number},
};

/// How many there are.
const FAMILIES: usize = 2;
/// What lies in the first wallet of each.
const FIRST_WALLET: &str = "10000.00";
/// Above it a payment needs approval.
const THRESHOLD: &str = "500.00";

/// The people of one family, as they are made up at first start.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MadeFamily {
    pub(crate) owner: MadeMember,
    pub(crate) member: MadeMember,
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

/// Makes the families that are not there.
pub(crate) async fn families(seeding: &Seeding<'_>, made: &[MadeFamily]) -> Result<Vec<DemoFamily>, LocalError> {
    let mut families = Vec::with_capacity(made.len());
    for made in made {
        for member in made.people() {
            seeding.add(member).await?;
        }
        families.push(seeding.family(made).await?);
    }
    Ok(families)
}

impl Seeding<'_> {
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
