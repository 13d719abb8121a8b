//! Accounts: registered, logged in, slowed down; nobody learns whether an address is known.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;

use super::{LOGIN, REGISTER};
use crate::world::{Answered, World, text};

const PASSWORD: &str = "correct horse battery";

async fn register(world: &World, email: &str) -> Answered {
    world.post(REGISTER, None, &json!({ "email": email, "password": PASSWORD, "name": "Ann" })).await
}

async fn login(world: &World, email: &str, password: &str) -> Answered {
    world.post(LOGIN, None, &json!({ "email": email, "password": password })).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_registers_is_logged_in_and_logs_in_again() {
    let world = World::start().await;
    let (status, headers, pair) = register(&world, "Ann@Example.org").await;
    assert_eq!((status, &pair["expires_in"]), (StatusCode::CREATED, &json!(900)), "{pair}");
    assert_eq!(headers["cache-control"], "no-store");
    let (_, _, me) = world.get("/api/v1/me", Some(&text(&pair, "access_token"))).await;
    assert_eq!((&me["user_id"], me["first_name"].as_str()), (&pair["user_id"], Some("Ann")));
    let (status, _, again) = login(&world, "ann@example.ORG", PASSWORD).await;
    assert_eq!((status, &again["user_id"]), (StatusCode::OK, &pair["user_id"]), "{again}");
    let mut names: Vec<&String> = again.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["access_token", "expires_in", "refresh_token", "user_id"]);
    let (status, _, taken) = register(&world, "ANN@example.org").await;
    assert_eq!(status, StatusCode::CONFLICT, "{taken}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_register_one_address_and_one_has_it() {
    let world = World::start().await;
    let answers = futures_util::future::join_all((0..20).map(|_| register(&world, "one@example.org"))).await;
    let made = answers.iter().filter(|answer| answer.0 == StatusCode::CREATED).count();
    assert_eq!(made, 1, "{:?}", answers.iter().map(|answer| answer.0).collect::<Vec<_>>());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_replays_the_registration_to_whoever_knows_the_password() {
    let world = World::start().await;
    let call = async |password: &str| {
        let body = json!({ "email": "key@example.org", "password": password });
        let headers = [("idempotency-key", "once".to_owned())];
        world.ask(reqwest::Method::POST, REGISTER, &headers, Some(&body)).await
    };
    let (first, again, other) = (call(PASSWORD).await, call(PASSWORD).await, call("another password").await);
    assert_eq!((first.0, again.0), (StatusCode::CREATED, StatusCode::CREATED), "{}", again.2);
    assert_eq!((&first.2, &again.1["idempotent-replayed"]), (&again.2, &"true".parse().unwrap()));
    assert_eq!(other.0, StatusCode::CONFLICT, "{}", other.2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_address_and_a_wrong_password_look_the_same() {
    let world = World::start().await;
    // Each try of an address of its own: none is slowed down, and each is as cold as the other.
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..15 {
        let known = format!("known{round}@example.org");
        register(&world, &known).await;
        let mut both = [(0, known), (1, format!("nobody{round}@example.org"))];
        // Which goes first changes: neither is always the one that finds the machine warm.
        if round % 2 == 1 {
            both.reverse();
        }
        for (index, email) in &both {
            let begun = Instant::now();
            let (status, headers, problem) = login(&world, email, "wrong horse").await;
            times[*index].push(begun.elapsed());
            assert_eq!(
                (status, problem["detail"].as_str()),
                (StatusCode::UNAUTHORIZED, Some("Wrong e-mail or password"))
            );
            assert!(headers.contains_key("www-authenticate"));
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64()
    };
    let [wrong, unknown] = &mut times;
    let ratio = median(wrong) / median(unknown);
    println!("wrong to unknown: {ratio:.2}");
    assert!((0.6..1.65).contains(&ratio), "they differ by {ratio}: one side does more than the other");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_slow_down_and_a_success_forgets_them() {
    let world = World::start().await;
    register(&world, "slow@example.org").await;
    for round in 0..2 {
        for _ in 0..5 {
            assert_eq!(login(&world, "slow@example.org", "wrong horse").await.0, StatusCode::UNAUTHORIZED, "{round}");
        }
        if round == 0 {
            assert_eq!(login(&world, "slow@example.org", PASSWORD).await.0, StatusCode::OK);
        }
    }
    assert_eq!(login(&world, "slow@example.org", "wrong horse").await.0, StatusCode::UNAUTHORIZED, "the sixth");
    let (status, headers, problem) = login(&world, "slow@example.org", PASSWORD).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{problem}");
    assert!(headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() <= 3);
    assert_eq!(
        login(&world, "other@example.org", "wrong horse").await.0,
        StatusCode::UNAUTHORIZED,
        "others are not slowed"
    );
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(login(&world, "slow@example.org", PASSWORD).await.0, StatusCode::OK);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registering_somebodys_address_again_and_again_slows_their_login_by_nothing() {
    let world = World::start().await;
    register(&world, "victim@example.org").await;
    for _ in 0..15 {
        let (status, _, problem) = register(&world, "victim@example.org").await;
        assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    }
    let (status, _, problem) = login(&world, "victim@example.org", PASSWORD).await;
    assert_eq!(status, StatusCode::OK, "{problem}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_guesses_at_once_are_no_more_than_the_free_ones() {
    let world = World::start().await;
    register(&world, "target@example.org").await;
    let guesses = (0..50).map(|guess| {
        let world = &world;
        async move { login(world, "target@example.org", &format!("wrong horse {guess}")).await.0 }
    });
    let answers = futures_util::future::join_all(guesses).await;
    let judged = answers.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count();
    assert!((1..=6).contains(&judged), "{judged} guesses were judged");
    assert!(answers.iter().all(|status| [401, 429].contains(&status.as_u16())), "{answers:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_addresses_and_passwords_are_told_what_is_wrong() {
    let world = World::start().await;
    for (email, password) in [
        ("ann", PASSWORD),
        ("", PASSWORD),
        ("ann@example.org", "short"),
        ("ann@example.org", "ANN@example.org"),
        ("ann@example.org", &"x".repeat(129)),
    ] {
        let (status, _, problem) = world.post(REGISTER, None, &json!({ "email": email, "password": password })).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{email} {problem}");
    }
    assert_eq!(login(&world, "not an address", PASSWORD).await.0, StatusCode::UNAUTHORIZED);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_password_and_no_token_is_stored_or_answered() {
    let world = World::start().await;
    let (_, _, pair) = register(&world, "canary@example.org").await;
    let (_, _, wrong) = login(&world, "canary@example.org", "canary-wrong-password").await;
    assert!(!wrong.to_string().contains("canary"), "{wrong}");
    let stored = format!("{:?}", crate::attacks::table::Table::of(&world).dump().await);
    let (access, refresh) = (text(&pair, "access_token"), text(&pair, "refresh_token"));
    // `csr_<user>_<login>_` comes before it, and it may hold the same sign.
    let random = refresh.splitn(4, '_').last().unwrap();
    for secret in [PASSWORD, "canary-wrong-password", &access, &refresh, random] {
        assert!(!stored.contains(secret), "{secret} is stored");
    }
    assert!(stored.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_bound_to_telegram_logs_in_as_before() {
    let world = World::start().await;
    let (_, _, pair) = register(&world, "bound@example.org").await;
    let chat = 65_400_001;
    let code = super::code(&world, chat).await;
    let (status, _, bound) = super::confirm(&world, &text(&pair, "access_token"), &code, chat).await;
    assert_eq!(status, StatusCode::OK, "{bound}");
    let (status, _, again) = login(&world, "bound@example.org", PASSWORD).await;
    assert_eq!((status, &again["user_id"]), (StatusCode::OK, &pair["user_id"]), "{again}");
    let (_, _, me) = world.get("/api/v1/me", Some(&text(&again, "access_token"))).await;
    assert_eq!(me["telegram_id"], chat);
    let refresh = json!({ "refresh_token": pair["refresh_token"] });
    assert_eq!(world.post(super::REFRESH, None, &refresh).await.0, StatusCode::OK, "the login from before moved along");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_people_behind_one_address_log_in_at_once() {
    let world = World::start().await;
    let emails: Vec<String> = (0..12).map(|index| format!("crowd{index}@example.org")).collect();
    for email in &emails {
        assert_eq!(register(&world, email).await.0, StatusCode::CREATED);
    }
    for round in 0..4 {
        let answers = futures_util::future::join_all(emails.iter().map(|email| login(&world, email, PASSWORD))).await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.0.as_u16()).collect();
        assert!(statuses.iter().all(|status| *status == 200), "round {round}: {statuses:?}");
    }
    world.stop().await;
}
