//! Buttons that are stale, foreign, used or forged do nothing, and say so.

use serde_json::{Value, json};

use super::{Crafted, ask, data_of, message, person, press, task, text};
use crate::world::World;

/// A question to two people, with the first one's message and its Yes.
async fn asked(world: &World, people: [i64; 2], words: &str) -> (u64, Value, String) {
    let id =
        ask(world, people[0], &json!({ "question": words, "kind": "yes_no", "quorum": 2, "people": people })).await;
    let shown = message(world, people[0], words).await;
    let data = data_of(world, people[0], words, "Yes").await;
    (id, shown, data)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_does_nothing() {
    let world = World::start().await;
    let people = [person(&world, 74_000_001, "Anna").await, person(&world, 74_000_002, "Boris").await];
    let eve = person(&world, 74_000_003, "Eve").await;
    let (id, shown, data) = asked(&world, people, "Sure?").await;
    assert!(data.len() <= 64 && data.starts_with("a."), "{data}");
    let good = Crafted {
        update_id: 960_000_001,
        from: people[0],
        chat: people[0],
        message_id: &shown["message_id"],
        text: text(&shown),
        data: &data,
    };
    let mut parts: Vec<&str> = data.split('.').collect();
    parts[3] = "AAAAAAAAAAAAAAAAAAAAAA";
    let (forged, other) = (parts.join("."), data.replacen(parts[1], "7", 1));
    let altered = format!("{} Really", text(&shown));
    let out_of_range = format!("{}.{}.9.{}", parts[0], parts[1], data.split('.').next_back().unwrap());
    for (crafted, words) in [
        (Crafted { update_id: 960_000_002, data: &forged, ..good }, "not valid"),
        (Crafted { update_id: 960_000_003, data: &other, ..good }, "not valid"),
        (Crafted { update_id: 960_000_004, data: "a.1", ..good }, "not valid"),
        (Crafted { update_id: 960_000_005, data: &out_of_range, ..good }, "not valid"),
        (Crafted { update_id: 960_000_006, chat: people[1], from: people[1], ..good }, "not valid"),
        (Crafted { update_id: 960_000_007, chat: eve, from: eve, ..good }, "not valid"),
        (Crafted { update_id: 960_000_008, from: eve, ..good }, "not for you"),
        (Crafted { update_id: 960_000_009, text: &altered, ..good }, "out of date"),
    ] {
        let told = crafted.deliver(&world).await;
        assert!(told.contains(words), "{}: {told}", crafted.update_id);
    }
    let told = good.deliver(&world).await;
    assert!(told.starts_with("Your answer counts: Yes. 1 of 2"), "{told}");
    assert_eq!(good.deliver(&world).await, "", "the same update again has no effect and no answer");
    let again = Crafted { update_id: 960_000_010, ..good };
    assert_eq!(again.deliver(&world).await, "You have already answered: Yes");
    assert_eq!(task(&world, id, 0).await["status"], "queued");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_outcome_a_press_learns_who_decided() {
    let world = World::start().await;
    let people = [person(&world, 74_100_001, "Anna").await, person(&world, 74_100_002, "Boris").await];
    let (id, shown, data) = asked(&world, people, "Done?").await;
    press(&world, people[0], people[0], &shown, "Yes").await;
    let second = message(&world, people[1], "Done?").await;
    press(&world, people[1], people[1], &second, "Yes").await;
    assert_eq!(task(&world, id, 20).await["status"], "done");
    let stale = Crafted {
        update_id: 961_000_001,
        from: people[0],
        chat: people[0],
        message_id: &shown["message_id"],
        text: text(&shown),
        data: &data,
    };
    let told = stale.deliver(&world).await;
    assert!(told.starts_with("This is already decided.") && told.contains("Anna and Boris"), "{told}");
    world.stop().await;
}
