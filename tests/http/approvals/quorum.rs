//! Several approvers: as many as are needed, and one outcome however close the presses are.

use serde_json::{Value, json};

use super::{approval, ask, labels, message, person, press, seen, task, text};
use crate::{telegram::until, world::World};

/// The approval once it is closed.
async fn closed(world: &World, approval: &Value) -> Value {
    until("the approval is closed", async || {
        let seen = seen(world, approval).await;
        (seen["status"] == "closed").then_some(seen)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_three_approve_and_every_copy_shows_it() {
    let world = World::start().await;
    let people = [
        person(&world, 73_000_001, "Anna").await,
        person(&world, 73_000_002, "Boris").await,
        person(&world, 73_000_003, "Clara").await,
    ];
    let body = json!({ "subject": "Pay 5 XLM?", "details": "to GABC", "approvers": people, "quorum": 2 });
    let asked = approval(&world, &body).await;
    assert_eq!((asked["status"].as_str(), asked["outcome"].is_null()), (Some("open"), true), "{asked}");
    let first = message(&world, people[0], "Pay 5 XLM?").await;
    assert_eq!(labels(&first), ["Approve", "Deny"]);
    assert!(text(&first).contains("to GABC") && text(&first).contains("2\u{a0}approvals are needed."), "{first}");
    let told = press(&world, people[0], people[0], &first, "Approve").await;
    assert_eq!(told, "Your answer counts: Approve. 1 of 2 so far.");
    assert_eq!(seen(&world, &asked).await["status"], "open");
    let third = message(&world, people[2], "Pay 5 XLM?").await;
    press(&world, people[2], people[2], &third, "Approve").await;
    let outcome = closed(&world, &asked).await;
    assert_eq!((outcome["outcome"].as_str(), outcome["answers"].as_array().unwrap().len()), (Some("approved"), 2));
    for chat in people {
        let after = message(&world, chat, "Approved by Anna and Clara").await;
        assert!(labels(&after).is_empty() && text(&after).contains(" UTC"), "{after}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_denies_and_two_can_no_longer_come_together() {
    let world = World::start().await;
    let people = [person(&world, 73_100_001, "Anna").await, person(&world, 73_100_002, "Boris").await];
    let asked = approval(&world, &json!({ "subject": "Pay?", "approvers": people, "quorum": 2 })).await;
    let first = message(&world, people[0], "Pay?").await;
    press(&world, people[0], people[0], &first, "Deny").await;
    assert_eq!(closed(&world, &asked).await["outcome"], "denied");
    message(&world, people[1], "Denied by Anna").await;
    world.stop().await;
}

/// Twenty rounds: both press at the same moment, Approve and Deny. One decides, the other is told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_approvers_at_the_same_instant_close_once() {
    let world = World::start().await;
    let (anna, boris) = (person(&world, 73_200_001, "Anna").await, person(&world, 73_200_002, "Boris").await);
    for round in 0..20 {
        let question = format!("Round {round}!");
        let payload = json!({ "question": question, "kind": "yes_no", "people": [anna, boris] });
        let id = ask(&world, anna, &payload).await;
        let (at_anna, at_boris) = tokio::join!(message(&world, anna, &question), message(&world, boris, &question));
        let (first, second) =
            tokio::join!(press(&world, anna, anna, &at_anna, "Yes"), press(&world, boris, boris, &at_boris, "No"));
        let done = task(&world, id, 20).await;
        let answers = done["result"]["answers"].as_array().unwrap();
        assert_eq!(answers.len(), 1, "round {round}: {done}");
        let (winner, loser) = if answers[0]["telegram_id"] == anna { (first, second) } else { (second, first) };
        assert!(winner.starts_with("Your answer: "), "round {round}: {winner}");
        assert!(loser.starts_with("This is already decided."), "round {round}: {loser}");
        let outcome = format!("{question}\n\nAsked by");
        for chat in [anna, boris] {
            until("the copy shows the outcome", async || {
                let shown = message(&world, chat, &outcome).await;
                (labels(&shown).is_empty() && text(&shown).contains("Answered by")).then_some(())
            })
            .await;
        }
    }
    world.stop().await;
}

/// All of twenty press at once: as many count as are needed, and no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_presses_at_once_as_many_count_as_are_needed() {
    let world = World::start().await;
    let mut people = Vec::new();
    for index in 0..20 {
        people.push(person(&world, 73_300_001 + index, "Anna").await);
    }
    let asked = approval(&world, &json!({ "subject": "All?", "approvers": people, "quorum": 5 })).await;
    let pressing = people.iter().map(|chat| async {
        let shown = message(&world, *chat, "All?").await;
        press(&world, *chat, *chat, &shown, "Approve").await
    });
    let told = futures_util::future::join_all(pressing).await;
    let outcome = closed(&world, &asked).await;
    assert_eq!((outcome["outcome"].as_str(), outcome["answers"].as_array().unwrap().len()), (Some("approved"), 5));
    assert_eq!(told.iter().filter(|told| told.starts_with("Your answer")).count(), 5, "{told:?}");
    world.stop().await;
}
