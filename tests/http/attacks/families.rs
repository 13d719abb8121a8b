//! What the routes of families are asked about, and how each is called.

use countersign_local::demo::DemoPerson;
use countersign_testkit::Call;
use serde_json::{Value, json};

use super::Holder;
use crate::world::World;

/// A family that the holder owns: numbers that nobody has, unless they were made.
#[derive(Clone)]
pub(crate) struct FamilyThings {
    pub(crate) family_id: u64,
    pub(crate) wallet_id: u64,
    pub(crate) empty_wallet_id: u64,
    pub(crate) category_id: u64,
    pub(crate) invitation_id: u64,
    /// The code of another family's invitation.
    pub(crate) code: String,
    /// Another member.
    pub(crate) member_id: u64,
    /// A transaction that is executed.
    pub(crate) executed_id: u64,
    /// One that the other member entered and that waits.
    pub(crate) theirs_id: u64,
    /// One that the holder entered and that waits.
    pub(crate) own_id: u64,
    /// What the family saves for.
    pub(crate) goal_id: u64,
    /// Something that comes again, from 2099 on.
    pub(crate) recurring_id: u64,
}

impl FamilyThings {
    pub(crate) fn none() -> Self {
        Self {
            family_id: 4_711,
            wallet_id: 4_711,
            empty_wallet_id: 4_711,
            category_id: 4_711,
            invitation_id: 4_711,
            code: format!("inv_{}", "A".repeat(43)),
            member_id: 4_711,
            executed_id: 4_711,
            theirs_id: 4_711,
            own_id: 4_711,
            goal_id: 4_711,
            recurring_id: 4_711,
        }
    }

    /// These things with one that is another family's, for each of those that a call of this endpoint names.
    pub(crate) fn with_one_of(&self, others: &Self, endpoint: &str) -> Vec<Self> {
        let put: [fn(&mut Self, &Self); 11] = [
            |own, others| own.family_id = others.family_id,
            |own, others| own.wallet_id = others.wallet_id,
            |own, others| own.empty_wallet_id = others.empty_wallet_id,
            |own, others| own.category_id = others.category_id,
            |own, others| own.invitation_id = others.invitation_id,
            |own, others| own.member_id = others.member_id,
            |own, others| own.executed_id = others.executed_id,
            |own, others| own.theirs_id = others.theirs_id,
            |own, others| own.own_id = others.own_id,
            |own, others| own.goal_id = others.goal_id,
            |own, others| own.recurring_id = others.recurring_id,
        ];
        let written = |things: &Self| format!("{:?}", call_of(endpoint, things));
        let mixed = put.map(|put| {
            let mut mixed = self.clone();
            put(&mut mixed, others);
            mixed
        });
        mixed.into_iter().filter(|mixed| written(mixed) != written(self)).collect()
    }

    /// One more transaction that waits, entered by this person: what they may take back.
    pub(crate) async fn enter_own(&mut self, world: &World, token: &str) {
        let body = json!({ "family_id": self.family_id, "from_wallet_id": self.wallet_id, "amount": "700.00" });
        self.own_id = id(&made(world, token, "/api/v1/transactions", &body).await);
    }

    /// Whether this endpoint is about a family.
    pub(crate) fn are_of(endpoint: &str) -> bool {
        let path = endpoint.split_once(' ').unwrap().1;
        ["families", "wallets", "transactions", "events", "invitations", "budgets", "goals", "reports", "recurring"]
            .iter()
            .any(|part| path.starts_with(&format!("/api/v1/{part}")))
    }

    /// A family of this person's, with everything in it.
    pub(crate) async fn whole(world: &World, person: &DemoPerson) -> Self {
        Self::with(world, person, &|_| true).await
    }

    /// A family of this person's, with what this endpoint is about.
    pub(crate) async fn made(world: &World, person: &DemoPerson, endpoint: &str) -> Self {
        if matches!(endpoint, "POST /api/v1/families" | "GET /api/v1/families") {
            return Self::none();
        }
        let (method, path) = endpoint.split_once(' ').unwrap();
        let decides = path.ends_with("/confirm") || path.ends_with("/reject");
        let reads_list = method == "GET" && !path.ends_with("{id}");
        let needs = |thing: &str| match thing {
            "member" => path.contains("members") || path.ends_with("/owner") || decides,
            "invitation" => path.ends_with("{invitation_id}"),
            "code" => path.ends_with("/accept"),
            "wallet" => path.contains("wallets") || path.contains("transactions") || path.contains("recurring"),
            "category" => path.contains("categories/") || path.ends_with("budgets"),
            "budget" => endpoint == "DELETE /api/v1/budgets",
            "executed" => path.ends_with("transactions/{id}"),
            "theirs" => decides,
            "own" => path.ends_with("/cancel"),
            "goal" => path.contains("goals/"),
            "recurring" => path.contains("recurring/"),
            _ => panic!("{thing}"),
        };
        Self::with(world, person, &|thing| !reads_list && needs(thing)).await
    }

    async fn with(world: &World, person: &DemoPerson, needs: &(dyn Fn(&str) -> bool + Sync)) -> Self {
        let owner = &person.access_token;
        let family_id = id(&made(world, owner, "/api/v1/families", &json!({ "name": "Attacked" })).await);
        let mut things = Self { family_id, ..Self::none() };
        let invitations = format!("/api/v1/families/{family_id}/invitations");
        let other = world.newcomer().await;
        if needs("member") {
            let invited = made(world, owner, &invitations, &json!({ "role": "member" })).await;
            let accept = "/api/v1/invitations/accept";
            made(world, &other.access_token, accept, &json!({ "code": invited["code"] })).await;
            things.member_id = other.user_id;
        }
        if needs("invitation") {
            things.invitation_id = id(&made(world, owner, &invitations, &json!({ "role": "member" })).await);
        }
        if needs("code") {
            let token = &other.access_token;
            let elsewhere = id(&made(world, token, "/api/v1/families", &json!({ "name": "Other" })).await);
            let invitations = format!("/api/v1/families/{elsewhere}/invitations");
            let strange = made(world, token, &invitations, &json!({ "role": "child" })).await;
            things.code = strange["code"].as_str().unwrap().to_owned();
        }
        things.fill(world, owner, &other, needs).await;
        things
    }

    async fn fill(&mut self, world: &World, owner: &str, other: &DemoPerson, needs: &(dyn Fn(&str) -> bool + Sync)) {
        let family_id = self.family_id;
        if needs("wallet") {
            let wallet = |opening: &str| json!({ "family_id": family_id, "name": "Purse", "type": "cash", "opening_balance": opening });
            self.wallet_id = id(&made(world, owner, "/api/v1/wallets", &wallet("5000.00")).await);
            self.empty_wallet_id = id(&made(world, owner, "/api/v1/wallets", &wallet("0.00")).await);
        }
        if needs("category") {
            let categories = format!("/api/v1/families/{family_id}/categories");
            self.category_id = id(&made(world, owner, &categories, &json!({ "name": "Food" })).await);
        }
        if needs("budget") {
            let budget = json!({ "family_id": family_id, "category_id": self.category_id, "limit": "300.00" });
            let budget = Call::new("PUT", "/api/v1/budgets").json(&budget).bearer(owner);
            assert_eq!(world.send(&budget).await.status, 200);
        }
        let wallet = self.wallet_id;
        let pay = |amount: &str| json!({ "family_id": family_id, "from_wallet_id": wallet, "amount": amount });
        let transactions = "/api/v1/transactions";
        if needs("executed") {
            self.executed_id = id(&made(world, owner, transactions, &pay("10.00")).await);
        }
        if needs("theirs") {
            self.theirs_id = id(&made(world, &other.access_token, transactions, &pay("600.00")).await);
        }
        if needs("own") {
            self.own_id = id(&made(world, owner, transactions, &pay("700.00")).await);
        }
        if needs("goal") {
            let goal = json!({ "family_id": family_id, "name": "Bicycle", "target": "1000.00" });
            self.goal_id = id(&made(world, owner, "/api/v1/goals", &goal).await);
        }
        if needs("recurring") {
            self.recurring_id = id(&made(world, owner, "/api/v1/recurring", &recurring(family_id, wallet)).await);
        }
    }
}

async fn made(world: &World, token: &str, path: &str, body: &Value) -> Value {
    let answer = world.send(&Call::post(path, body).bearer(token)).await;
    assert!(answer.status < 300, "{path}: {}", answer.text());
    answer.json()
}

fn id(made: &Value) -> u64 {
    made["id"].as_u64().unwrap()
}

/// A call of a family's route about the holder's own things.
pub(super) fn call(endpoint: &str, holder: &Holder) -> Call {
    call_of(endpoint, &holder.things.family)
}

/// The same about these things.
pub(crate) fn call_of(endpoint: &str, things: &FamilyThings) -> Call {
    let FamilyThings { family_id, wallet_id, empty_wallet_id, category_id, member_id, .. } = things;
    let (method, path) = endpoint.split_once(' ').unwrap();
    let family = format!("/api/v1/families/{family_id}");
    let of = |path: &str| format!("{path}?family_id={family_id}");
    let transaction = |id: u64, how: &str| format!("/api/v1/transactions/{id}{how}");
    let with = |path: &str, body: Value| Call::new(method, path).json(&body);
    match endpoint {
        "POST /api/v1/families" => with(path, json!({ "name": "New" })),
        "GET /api/v1/families" => Call::get(path),
        "GET /api/v1/families/{id}" => Call::get(&family),
        "PATCH /api/v1/families/{id}" => with(&family, json!({ "threshold": "100.00" })),
        "DELETE /api/v1/families/{id}" => Call::delete(&family),
        "POST /api/v1/families/{id}/owner" => with(&format!("{family}/owner"), json!({ "user_id": member_id })),
        "PATCH /api/v1/families/{id}/members/{user_id}" => {
            with(&format!("{family}/members/{member_id}"), json!({ "role": "adult" }))
        }
        "DELETE /api/v1/families/{id}/members/{user_id}" => Call::delete(&format!("{family}/members/{member_id}")),
        "POST /api/v1/families/{id}/invitations" => with(&format!("{family}/invitations"), json!({ "role": "child" })),
        "GET /api/v1/families/{id}/invitations" => Call::get(&format!("{family}/invitations")),
        "DELETE /api/v1/families/{id}/invitations/{invitation_id}" => {
            Call::delete(&format!("{family}/invitations/{}", things.invitation_id))
        }
        "POST /api/v1/invitations/accept" => with(path, json!({ "code": things.code })),
        "POST /api/v1/families/{id}/categories" => with(&format!("{family}/categories"), json!({ "name": "Rent" })),
        "GET /api/v1/families/{id}/categories" => Call::get(&format!("{family}/categories")),
        "PATCH /api/v1/families/{id}/categories/{category_id}" => {
            with(&format!("{family}/categories/{category_id}"), json!({ "name": "Meals" }))
        }
        "DELETE /api/v1/families/{id}/categories/{category_id}" => {
            Call::delete(&format!("{family}/categories/{category_id}"))
        }
        "GET /api/v1/families/{id}/access-log" => Call::get(&format!("{family}/access-log")),
        "GET /api/v1/wallets" => Call::get(&of(path)),
        "POST /api/v1/wallets" => with(path, json!({ "family_id": family_id, "name": "Purse", "type": "cash" })),
        "PATCH /api/v1/wallets/{id}" => with(&format!("/api/v1/wallets/{wallet_id}"), json!({ "name": "Till" })),
        "DELETE /api/v1/wallets/{id}" => Call::delete(&format!("/api/v1/wallets/{empty_wallet_id}")),
        "POST /api/v1/transactions" => {
            with(path, json!({ "family_id": family_id, "from_wallet_id": wallet_id, "amount": "1.00" }))
        }
        "GET /api/v1/transactions" => Call::get(&of(path)),
        "GET /api/v1/transactions/{id}" => Call::get(&transaction(things.executed_id, "")),
        "POST /api/v1/transactions/{id}/confirm" => with(&transaction(things.theirs_id, "/confirm"), json!({})),
        "POST /api/v1/transactions/{id}/reject" => with(&transaction(things.theirs_id, "/reject"), json!({})),
        "POST /api/v1/transactions/{id}/cancel" => with(&transaction(things.own_id, "/cancel"), json!({})),
        "DELETE /api/v1/transactions/{id}" => with(&transaction(things.executed_id, ""), json!({ "reason": "Wrong" })),
        "GET /api/v1/events" | "GET /api/v1/events/verify" => Call::get(&of(path)),
        other => planned(other, things),
    }
}

fn recurring(family_id: u64, wallet_id: u64) -> Value {
    let amount = "9.99";
    json!({
        "family_id": family_id, "from_wallet_id": wallet_id, "amount": amount, "every": "month", "starts_on": "2099-01-01",
    })
}

/// The same for what is planned and counted.
fn planned(endpoint: &str, things: &FamilyThings) -> Call {
    let FamilyThings { family_id, wallet_id, category_id, goal_id, recurring_id, .. } = things;
    let (method, path) = endpoint.split_once(' ').unwrap();
    let of = |path: &str| format!("{path}?family_id={family_id}");
    let with = |path: &str, body: Value| Call::new(method, path).json(&body);
    let (goal, one) = (format!("/api/v1/goals/{goal_id}"), format!("/api/v1/recurring/{recurring_id}"));
    match endpoint {
        "PUT /api/v1/budgets" => {
            with(path, json!({ "family_id": family_id, "category_id": category_id, "limit": "10.00" }))
        }
        "GET /api/v1/budgets" | "GET /api/v1/goals" | "GET /api/v1/recurring" => Call::get(&of(path)),
        "DELETE /api/v1/budgets" => Call::delete(&format!("{}&category_id={category_id}", of(path))),
        "POST /api/v1/goals" => with(path, json!({ "family_id": family_id, "name": "Sea", "target": "100.00" })),
        "PATCH /api/v1/goals/{id}" => with(&goal, json!({ "name": "Mountains" })),
        "DELETE /api/v1/goals/{id}" => Call::delete(&goal),
        "POST /api/v1/goals/{id}/contributions" => with(&format!("{goal}/contributions"), json!({ "amount": "1.00" })),
        "POST /api/v1/recurring" => with(path, recurring(*family_id, *wallet_id)),
        "PATCH /api/v1/recurring/{id}" => with(&one, json!({ "description": "Rent" })),
        "DELETE /api/v1/recurring/{id}" => Call::delete(&one),
        "GET /api/v1/reports" => Call::get(&format!("{}&by=month", of(path))),
        other => panic!("{other} is not attacked: say here how it is called"),
    }
}
