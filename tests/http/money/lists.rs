//! Lists: paged to the end, narrowed by nothing that is another family's, and no more reads than they need.

use countersign_testkit::Call;
use serde_json::{Value, json};

use super::{
    house::House,
    planned::{demo_id, refused},
};

fn of_other(house: &House, name: &str) -> u64 {
    let demo = serde_json::to_value(house.world.system.demo()).unwrap();
    demo["families"][1][name][0]["id"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_familys_ids_narrow_nothing_and_stand_in_no_rule() {
    let house = House::start().await;
    let list = |what: &str, id: u64| {
        let path = format!("/api/v1/transactions?family_id={}&{what}={id}", house.family);
        Call::get(&path).bearer(&house.member.token)
    };
    for (what, name) in [("wallet_id", "wallets"), ("category_id", "categories")] {
        refused(&house, &list(what, of_other(&house, name)), 404).await;
        refused(&house, &list(what, 99), 404).await;
        house.done(&list(what, demo_id(&house, &format!("/{name}/0/id")))).await;
    }
    for (what, name) in [("wallet_id", "wallets"), ("category_id", "categories")] {
        for id in [of_other(&house, name), 99] {
            refused(&house, &house.rules(&json!([{ what: id, "limit": "1.00" }])), 404).await;
        }
        let own = json!([{ what: demo_id(&house, &format!("/{name}/0/id")), "limit": "1.00" }]);
        house.done(&house.rules(&own)).await;
    }
    house.stop().await;
}

/// All pages of so many rows, one after the other; how many pages there were.
async fn pages(house: &House, path: &str, name: &str, limit: usize) -> (Vec<Value>, usize) {
    let (mut rows, mut cursor, mut count) = (Vec::new(), String::new(), 0);
    loop {
        let join = if path.contains('?') { '&' } else { '?' };
        let page = Call::get(&format!("{path}{join}limit={limit}{cursor}")).bearer(&house.owner.token);
        let page = house.done(&page).await;
        let found = page[name].as_array().unwrap();
        assert!(found.len() <= limit, "{page}");
        rows.extend(found.iter().cloned());
        count += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
        assert!(page.get("next_cursor").is_some() && count < 20, "it never ends");
    }
    (rows, count)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wallets_goals_invitations_and_what_comes_again_are_paged() {
    let house = House::start().await;
    let (family, by) = (house.family, |call: Call| call.bearer(&house.owner.token));
    for number in 0..3 {
        house.wallet("0.00").await;
        let goal = json!({ "family_id": family, "name": format!("Goal {number}"), "target": "1.00" });
        house.done(&by(Call::post("/api/v1/goals", &goal))).await;
        let invitations = format!("/api/v1/families/{family}/invitations");
        house.done(&by(Call::post(&invitations, &json!({ "role": "child" })))).await;
        let recurring = json!({
            "family_id": family, "from_wallet_id": demo_id(&house, "/wallets/0/id"), "amount": "1.00", "every": "month",
            "starts_on": "2099-01-01",
        });
        house.done(&by(Call::post("/api/v1/recurring", &recurring))).await;
    }
    for (path, name, rows) in [
        (format!("/api/v1/wallets?family_id={family}"), "wallets", 5),
        (format!("/api/v1/goals?family_id={family}"), "goals", 3),
        (format!("/api/v1/recurring?family_id={family}"), "recurring", 3),
        (format!("/api/v1/families/{family}/invitations"), "invitations", 3),
    ] {
        let (paged, count) = pages(&house, &path, name, 2).await;
        let (whole, one) = pages(&house, &path, name, 200).await;
        assert_eq!((whole.len(), one), (rows, 1), "{path}");
        assert_eq!((&paged, count), (&whole, rows.div_ceil(2)), "{path}");
        for bad in ["limit=0", "limit=201", "cursor=!"] {
            let join = if path.contains('?') { '&' } else { '?' };
            refused(&house, &by(Call::get(&format!("{path}{join}{bad}"))), 400).await;
        }
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rare_status_is_looked_for_in_few_reads() {
    let house = House::start().await;
    let main = demo_id(&house, "/wallets/0/id");
    let rejected = house.waiting(main, "600.00").await;
    house.done(&house.decide(&house.owner, rejected, "reject")).await;
    for _ in 0..60 {
        house.done(&house.pay(&house.member, Some(main), None, "0.01")).await;
    }
    let proxy = crate::bank::proxy::Proxy::start(&house.world.system.demo().aws_endpoint_url, 1).await;
    let gateway = house.second_gateway(proxy.url()).await;
    let client = countersign_testkit::Client::new(gateway.base_url());
    let path = format!("/api/v1/transactions?family_id={}&status=rejected&limit=1", house.family);
    let list = Call::get(&path).bearer(&house.member.token);
    client.send(&list).await.unwrap();
    let before = proxy.passed();
    let page = client.send(&list).await.unwrap().json();
    let calls = proxy.passed() - before;
    assert_eq!(page["transactions"][0]["id"], rejected, "{page}");
    assert!(calls <= 8, "{calls} calls to DynamoDB");
    gateway.stop().await;
    house.stop().await;
}
