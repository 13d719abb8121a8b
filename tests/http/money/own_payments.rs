//! Nobody pays over the threshold alone: not under another's name, not with a second account, not in slices.

use countersign_testkit::Call;
use serde_json::{Value, json};

use super::{
    house::{House, Member},
    planned::{demo_id, owner_reads, refused},
    recurring::{began, change, entered, set, shown},
};
use crate::telegram::until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_changes_what_comes_again_pays_it_and_does_not_approve_it() {
    let house = House::start().await;
    let adult = house.joined("adult").await;
    let body = json!({ "amount": "100.00", "every": "month" });
    let set = house.done(&set(&house, &house.owner, &body)).await;
    let id = set["id"].as_u64().unwrap();
    let renamed = house.done(&change(&adult, id, &json!({ "description": "Rent", "paused": true }))).await;
    assert_eq!(renamed["made_by"], set["made_by"], "nothing is paid by that");
    let mut makers = Vec::new();
    for (who, what) in [
        (&adult, json!({ "paused": false })),
        (&house.owner, json!({ "amount": "120.00" })),
        (&adult, json!({ "ends_on": "2099-01-01" })),
        (&house.owner, json!({ "ends_on": null })),
        (&adult, json!({ "amount": "700.00" })),
    ] {
        makers.push(house.done(&change(who, id, &what)).await["made_by"].clone());
    }
    let (owner, adult_id) = (&set["made_by"], &makers[0]);
    assert_ne!(owner, adult_id);
    assert_eq!(makers.iter().collect::<Vec<_>>(), [adult_id, owner, adult_id, owner, adult_id]);
    began(&house, id, 0).await;
    until("it is entered", async || (shown(&house, id).await["runs"] == 1).then_some(())).await;
    let waits = entered(&house, id).await[0]["id"].as_u64().unwrap();
    refused(&house, &house.decide(&adult, waits, "confirm"), 403).await;
    house.done(&house.decide(&house.owner, waits, "confirm")).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_owner_gives_a_role_that_approves() {
    let house = House::start().await;
    let adult = house.joined("adult").await;
    let path = format!("/api/v1/families/{}/invitations", house.family);
    let by = |who: &Member, role: &str| Call::post(&path, &json!({ "role": role })).bearer(&who.token);
    for (role, status) in [("owner", 403), ("adult", 403), ("member", 201), ("child", 201)] {
        assert_eq!(house.world.send(&by(&adult, role)).await.status, status, "{role}");
    }
    // What an owner has given is not given any more once they are none.
    let invited = house.done(&by(&house.owner, "adult")).await;
    let heir = house.world.system.demo().families[0].member.user_id;
    let hand = Call::post(&format!("/api/v1/families/{}/owner", house.family), &json!({ "user_id": heir }));
    house.done(&hand.bearer(&house.owner.token)).await;
    let second = house.world.newcomer().await.access_token;
    let accept = |code: &Value| Call::post("/api/v1/invitations/accept", &json!({ "code": code })).bearer(&second);
    refused(&house, &accept(&invited["code"]), 404).await;
    let member = house.done(&by(&adult, "member")).await;
    house.done(&accept(&member["code"])).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_is_told_whom_an_adult_has_brought_in() {
    let house = House::start().await;
    let adult = house.joined("adult").await;
    let path = format!("/api/v1/families/{}/invitations", house.family);
    let invited = house.done(&Call::post(&path, &json!({ "role": "child" })).bearer(&adult.token)).await;
    let body = json!({ "code": invited["code"], "your_name": "Kim" });
    let joiner = house.world.newcomer().await.access_token;
    house.done(&Call::post("/api/v1/invitations/accept", &body).bearer(&joiner)).await;
    let told = async || owner_reads(&house).await.into_iter().find(|text| text.contains("has joined"));
    let told = until("the owner is told", told).await;
    assert!(told.starts_with("Kim has joined the family Olga's family, as: child."), "{told}");
    assert!(told.contains("Invited by: "), "{told}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reversals_in_slices_count_with_what_is_paid() {
    let house = House::start().await;
    let (wallet, adult) = (house.wallet("0.00").await, house.joined("adult").await);
    let mut incomes = Vec::new();
    for _ in 0..3 {
        incomes.push(house.done(&house.pay(&house.owner, None, Some(wallet), "200.00")).await["id"].as_u64().unwrap());
    }
    house.done(&house.rules(&json!([{ "window_days": 7, "limit": "500.00" }]))).await;
    let mut statuses = Vec::new();
    for income in incomes {
        statuses.push(house.world.send(&house.reverse_by(&adult, income)).await.status);
    }
    assert_eq!(statuses, [200, 200, 202]);
    let paid = house.done(&house.pay(&adult, Some(demo_id(&house, "/wallets/0/id")), None, "100.01")).await;
    assert_eq!(paid["status"], "pending_approval", "{paid}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_brought_back_into_an_archived_wallet() {
    let house = House::start().await;
    let wallet = house.wallet("5.00").await;
    let spent = house.done(&house.pay(&house.owner, Some(wallet), None, "5.00")).await["id"].as_u64().unwrap();
    house.done(&Call::delete(&format!("/api/v1/wallets/{wallet}")).bearer(&house.owner.token)).await;
    refused(&house, &house.reverse(spent), 409).await;
    let path = format!("/api/v1/wallets/{wallet}");
    house.done(&Call::new("PATCH", &path).json(&json!({ "archived": false })).bearer(&house.owner.token)).await;
    house.done(&house.reverse(spent)).await;
    house.stop().await;
}
