//! Families over HTTP: made, joined by an invitation that is good once, left, handed over, closed.

use countersign_testkit::Call;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::house::House;

async fn invite(house: &House, role: &str) -> Value {
    let path = format!("/api/v1/families/{}/invitations", house.family);
    house.done(&Call::post(&path, &json!({ "role": role })).bearer(&house.owner.token)).await
}

fn accept(token: &str, code: &Value) -> Call {
    Call::post("/api/v1/invitations/accept", &json!({ "code": code, "your_name": "Ann" })).bearer(token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_bring_one_code_and_one_joins() {
    let house = House::start().await;
    let invited = invite(&house, "adult").await;
    let code = invited["code"].as_str().unwrap();
    assert!(invited["link"].as_str().unwrap().ends_with(&format!("?start={code}")) && code.len() <= 64);
    let mut racing = JoinSet::new();
    for _ in 0..20 {
        let token = house.world.newcomer().await.access_token;
        let (client, call) = (house.client(), accept(&token, &invited["code"]));
        racing.spawn(async move { client.send(&call).await.unwrap().status });
    }
    let statuses = racing.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 404)), "{statuses:?}");
    let family = format!("/api/v1/families/{}", house.family);
    let shown = house.done(&Call::get(&family).bearer(&house.owner.token)).await;
    assert_eq!(shown["members"].as_array().unwrap().len(), 3);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_kept_as_a_hash_and_shown_again_only_to_its_key() {
    let house = House::start().await;
    let path = format!("/api/v1/families/{}/invitations", house.family);
    let call = || Call::post(&path, &json!({ "role": "child" })).bearer(&house.owner.token).idempotent("one");
    let (first, again) = (house.done(&call()).await, house.done(&call()).await);
    assert_eq!(first, again);
    let code = first["code"].as_str().unwrap();
    let listed = house.world.send(&Call::get(&path).bearer(&house.owner.token)).await;
    assert_eq!(listed.json()["invitations"].as_array().unwrap().len(), 1);
    assert!(!listed.text().contains(code));
    let stored = format!("{:?}", crate::attacks::table::Table::of(&house.world).dump().await);
    assert!(!stored.contains(code) && !stored.contains(&code[4..]), "a code is not stored");
    let taken = format!("{path}/{}", first["id"]);
    house.done(&Call::delete(&taken).bearer(&house.owner.token)).await;
    let late = house.world.newcomer().await;
    assert_eq!(house.world.send(&accept(&late.access_token, &first["code"])).await.status, 404);
    assert_eq!(house.world.send(&Call::delete(&taken).bearer(&house.owner.token)).await.status, 404);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_whose_time_is_over_is_good_for_nothing() {
    let house = House::start().await;
    let (invited, good) = (invite(&house, "adult").await, invite(&house, "child").await);
    house.is_over(&invited).await;
    let late = house.world.newcomer().await;
    let refused = house.world.send(&accept(&late.access_token, &invited["code"])).await;
    assert_eq!((refused.status, &refused.json()["detail"]), (404, &json!("The invitation is not good any more")));
    let path = format!("/api/v1/families/{}/invitations", house.family);
    let listed = house.done(&Call::get(&path).bearer(&house.owner.token)).await;
    let ids: Vec<&Value> = listed["invitations"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [&good["id"]], "{listed}");
    house.done(&accept(&late.access_token, &good["code"])).await;
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gives_a_role_above_their_own() {
    let house = House::start().await;
    let adult = house.world.newcomer().await.access_token;
    house.done(&accept(&adult, &invite(&house, "adult").await["code"])).await;
    let invitations = format!("/api/v1/families/{}/invitations", house.family);
    let by = |token: &str, role: &str| Call::post(&invitations, &json!({ "role": role })).bearer(token);
    assert_eq!(house.world.send(&by(&adult, "owner")).await.status, 403);
    assert_eq!(house.world.send(&by(&adult, "member")).await.status, 201);
    assert_eq!(house.world.send(&by(&house.member.token, "child")).await.status, 403);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_owner_stays_until_the_family_is_handed_over() {
    let house = House::start().await;
    let demo = house.world.system.demo().families[0].clone();
    let family = format!("/api/v1/families/{}", house.family);
    let member = |id: u64| format!("{family}/members/{id}");
    let (owner, heir) = (demo.owner.user_id, demo.member.user_id);
    let by = |call: Call, token: &str| call.bearer(token);
    let send = async |call: Call| house.world.send(&call).await;
    assert_eq!(send(by(Call::delete(&member(owner)), &house.owner.token)).await.status, 409);
    let demoted = Call::new("PATCH", &member(owner)).json(&json!({ "role": "adult" }));
    assert_eq!(send(by(demoted, &house.owner.token)).await.status, 409);
    assert_eq!(send(by(Call::delete(&member(owner)), &house.member.token)).await.status, 403);
    let hand = Call::post(&format!("{family}/owner"), &json!({ "user_id": heir }));
    assert_eq!(send(by(hand, &house.owner.token)).await.status, 200);
    assert_eq!(send(by(Call::delete(&member(owner)), &house.owner.token)).await.status, 200, "an adult may leave");
    assert_eq!(send(by(Call::get(&family), &house.owner.token)).await.status, 404, "and sees nothing any more");
    let mine = house.done(&Call::get("/api/v1/families").bearer(&house.owner.token)).await;
    assert_eq!(mine["families"], json!([]));
    assert_eq!(send(by(Call::delete(&family), &house.member.token)).await.status, 200);
    let wallet = demo.wallets[0].id;
    let pay = house.pay(&house.member, Some(wallet), None, "1.00");
    assert_eq!(send(pay).await.status, 409, "a closed family is only read");
    assert_eq!(send(by(Call::get(&family), &house.member.token)).await.status, 200);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_family_is_not_closed_while_something_waits() {
    let house = House::start().await;
    let wallet = house.world.system.demo().families[0].wallets[0].id;
    let waits = house.waiting(wallet, "600.00").await;
    let close = Call::delete(&format!("/api/v1/families/{}", house.family)).bearer(&house.owner.token);
    assert_eq!(house.world.send(&close).await.status, 409);
    house.done(&house.decide(&house.owner, waits, "reject")).await;
    assert_eq!(house.world.send(&close).await.status, 200);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wallets_and_categories_are_archived_and_take_nothing_new() {
    let house = House::start().await;
    let wallet = house.wallet("5.00").await;
    let path = format!("/api/v1/wallets/{wallet}");
    let archive = || Call::delete(&path).bearer(&house.owner.token);
    assert_eq!(house.world.send(&archive()).await.status, 409, "there is money in it");
    house.done(&house.pay(&house.owner, Some(wallet), None, "5.00")).await;
    assert!(house.done(&archive()).await["archived_at"].is_string());
    assert_eq!(house.world.send(&house.pay(&house.owner, None, Some(wallet), "1.00")).await.status, 409);
    let list = async |more: &str| {
        let path = format!("/api/v1/wallets?family_id={}{more}", house.family);
        house.done(&Call::get(&path).bearer(&house.owner.token)).await["wallets"].as_array().unwrap().len()
    };
    assert_eq!((list("").await, list("&archived=true").await), (2, 3));
    let category = house.world.system.demo().families[0].categories[0].id;
    let archived = format!("/api/v1/families/{}/categories/{category}", house.family);
    house.done(&Call::delete(&archived).bearer(&house.owner.token)).await;
    let from = house.world.system.demo().families[0].wallets[0].id;
    let body = json!({ "family_id": house.family, "from_wallet_id": from, "amount": 1, "category_id": category });
    let refused = house.world.send(&Call::post("/api/v1/transactions", &body).bearer(&house.owner.token)).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn launch_data_opens_the_same_family() {
    let house = House::start().await;
    let member = house.world.system.demo().families[0].member.clone();
    let tma = house.world.tma(member.telegram_id);
    let mine = house.done(&Call::get("/api/v1/families").header("authorization", &tma)).await;
    assert_eq!(
        (&mine["families"][0]["id"], mine["families"][0]["role"].as_str()),
        (&json!(house.family), Some("member"))
    );
    let wallet = house.world.system.demo().families[0].wallets[0].id;
    let body = json!({ "family_id": house.family, "from_wallet_id": wallet, "amount": "3.00" });
    let paid = Call::post("/api/v1/transactions", &body).header("authorization", &tma);
    assert_eq!(house.done(&paid).await["status"], "executed");
    house.stop().await;
}
