//! `/balance` and `/pending`: only what is one's own family's, and only what one may do about it.

use super::{chat, last, people};
use crate::{
    approvals::{Crafted, labels, message, press},
    money::house::House,
    telegram::{answered, group, heard, say_in, stranger, texts, until},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_balance_says_what_is_held_back() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    let said = answered(&house.world, member, "/balance").await;
    assert_eq!(said, "Olga's family\nMain: 10000.00 EUR\nSavings: 0.00 EUR");
    let main = house.world.system.demo().families[0].wallets[0].id;
    house.waiting(main, "600").await;
    message(&house.world, chat(owner), "600.00 EUR").await;
    let said = answered(&house.world, owner, "/balance").await;
    assert!(said.contains("Main: 10000.00 EUR (9400.00 EUR available)\n"), "{said}");
    answered(&house.world, owner, "/language ru").await;
    let said = answered(&house.world, owner, "/balance").await;
    assert!(said.contains("Main: 10000.00 EUR (доступно 9400.00 EUR)"), "{said}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_in_no_family_is_told_how_to_begin() {
    let house = House::start().await;
    let nobody = stranger(&house.world, 68_000_001, Some("en")).await;
    for command in ["/balance", "/pending"] {
        let said = answered(&house.world, nobody, command).await;
        assert!(said.starts_with("You are in no family yet."), "{said}");
        assert!(!said.contains("Olga"), "{said}");
    }
    let chat = group(&house.world, -1_000_000_068, &[people(&house)[0]]).await;
    say_in(&house.world, chat, people(&house)[0], "/balance").await;
    assert!(texts(&house.world, chat).await[0].contains("in our own chat"), "others read along in groups");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_approves_is_led_to_the_message_with_the_buttons() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    assert_eq!(answered(&house.world, owner, "/pending").await, "Nothing waits.");
    let wallet = house.wallet("1000").await;
    let id = house.waiting(wallet, "600").await;
    message(&house.world, chat(owner), "Max wants to pay 600.00 EUR").await;
    let said = answered(&house.world, owner, "/pending").await;
    assert!(said.starts_with("This waits for a decision:\n\n1. 600.00 EUR, Max\nfrom Purse\nuntil "), "{said}");
    let list = last(&house.world, owner).await;
    assert_eq!(labels(&list), ["Decide 1"]);
    press(&house.world, chat(owner), chat(owner), &list, "Decide 1").await;
    message(&house.world, chat(owner), "Decide by the buttons of this message").await;
    // A member who gets hold of the button's data still may not.
    let data = format!("m.s.{id}");
    let crafted = Crafted {
        update_id: 980_000_001,
        from: chat(member),
        chat: chat(member),
        message_id: &list["message_id"],
        text: "x",
        data: &data,
    };
    assert!(crafted.deliver(&house.world).await.starts_with("You may not do this"));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ones_own_is_taken_back_once_and_by_nobody_else() {
    let house = House::start().await;
    let [owner, member] = people(&house);
    let wallet = house.wallet("1000").await;
    let id = house.waiting(wallet, "600").await;
    message(&house.world, chat(owner), "600.00 EUR").await;
    let said = answered(&house.world, member, "/pending").await;
    assert!(said.contains("1. 600.00 EUR, you\nfrom Purse\n"), "{said}");
    let list = last(&house.world, member).await;
    assert_eq!(labels(&list), ["Take back 1"]);
    let data = format!("m.c.{id}");
    let by = |update_id, from| Crafted {
        update_id,
        from,
        chat: from,
        message_id: &list["message_id"],
        text: "x",
        data: &data,
    };
    assert!(by(980_100_001, chat(owner)).deliver(&house.world).await.starts_with("You may not do this"));
    let stranger = stranger(&house.world, 68_100_001, Some("en")).await;
    assert!(by(980_100_002, chat(stranger)).deliver(&house.world).await.starts_with("You may not do this"));
    assert_eq!(house.balance(wallet).await, (100_000, 40_000));
    let told = press(&house.world, chat(member), chat(member), &list, "Take back 1").await;
    assert_eq!(told, "Taken back: 600.00 EUR. What was held for it is free again.");
    assert_eq!((house.ended(id).await.as_str(), house.balance(wallet).await), ("cancelled", (100_000, 100_000)));
    message(&house.world, chat(owner), "Taken back by Max").await;
    let again = by(980_100_003, chat(member)).deliver(&house.world).await;
    assert_eq!(again, "This was taken back already. Nothing was changed.");
    for bad in ["m.c.7", "m.c.x", "m.x.1", "m."] {
        let crafted = Crafted {
            data: bad,
            ..by(980_200_000 + bad.len() as u64 + u64::from(bad.as_bytes()[bad.len() - 1]), chat(member))
        };
        let told = crafted.deliver(&house.world).await;
        assert!(!told.is_empty() && !told.starts_with("Taken back"), "{bad}: {told}");
    }
    let shown = until("no button is left", async || {
        let said = heard(&house.world, chat(owner)).await;
        said.into_iter().find(|message| message["text"].as_str().unwrap().contains("Taken back by Max"))
    });
    assert!(labels(&shown.await).is_empty());
    house.stop().await;
}
