//! A code is taken once, by the person who asked, in time; and what happens when the provider says no, or nothing.

use countersign_local_control::{Cut, Fault};

use super::{GONE, MISMATCH, asked, chat, code, person, redeemed, status};
use crate::{
    telegram::{heard, say, texts},
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_works_once() {
    let world = World::start().await;
    let person = person(&world).await;
    let code = code(&world, &person).await;
    assert!(redeemed(&world, &person, &code).await.contains("connected"));
    assert_eq!(redeemed(&world, &person, &code).await, GONE);
    assert_eq!(redeemed(&world, &person, "unheard-of").await, GONE);
    assert_eq!(asked(&world, "authorization_code"), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_redemptions_at_once_have_one_winner() {
    let world = World::start().await;
    let person = person(&world).await;
    let code = code(&world, &person).await;
    let before = heard(&world, chat(&person)).await.len();
    let start = format!("/start {code}");
    futures_util::future::join_all((0..20).map(|_| say(&world, person.telegram_id, &start))).await;
    let said = texts(&world, chat(&person)).await.split_off(before);
    assert_eq!(said.iter().filter(|text| text.contains("connected")).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|text| *text == GONE).count(), 19, "{said:?}");
    assert_eq!(asked(&world, "authorization_code"), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_person_s_code_is_destroyed() {
    let world = World::start().await;
    let (owner, thief) = (person(&world).await, person(&world).await);
    let code = code(&world, &owner).await;
    assert_eq!(redeemed(&world, &thief, &code).await, MISMATCH);
    assert_eq!(redeemed(&world, &owner, &code).await, GONE);
    assert_eq!(redeemed(&world, &thief, &code).await, GONE);
    assert_eq!(asked(&world, "authorization_code"), 0);
    assert_eq!((status(&world, &owner).await, status(&world, &thief).await), (None, None));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_whose_time_is_over_is_refused_whether_it_was_removed_or_not() {
    let world = World::start().await;
    let person = person(&world).await;
    let code = code(&world, &person).await;
    world.age("OAUTHCODE#", "consented_at").await;
    assert_eq!(redeemed(&world, &person, &code).await, GONE);
    assert_eq!(asked(&world, "authorization_code"), 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_refuses_or_does_not_answer_is_asked_once() {
    let world = World::start().await;
    let person = person(&world).await;
    let refusal = Fault::status(400).body(serde_json::json!({ "error": "invalid_grant" }));
    for (fault, words) in [
        (refusal, "refused"),
        (Fault::cut(Cut::After), "did not answer"),
        (Fault::status(503), "did not answer"),
        (Fault::cut(Cut::Before), "did not answer"),
    ] {
        let code = code(&world, &person).await;
        let before = asked(&world, "authorization_code");
        world.system.oauth().control().add_fault(fault.matching("/token"));
        let said = redeemed(&world, &person, &code).await;
        assert!(said.contains(words) && said.contains("/login"), "{said}");
        assert!(asked(&world, "authorization_code") <= before + 1);
        world.system.oauth().control().clear_faults();
        assert_eq!(redeemed(&world, &person, &code).await, GONE);
        assert_eq!(status(&world, &person).await, None);
        assert!(world.items(person.telegram_id, "REDEMPTION#").await.is_empty());
    }
    world.stop().await;
}
