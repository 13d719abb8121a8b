//! Lists and single sessions: newest first, a page at a time, the caller's own and nobody else's.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{SESSIONS, local};
use crate::world::{World, refused, text};

async fn page(world: &World, token: &str, query: &str) -> (Vec<Value>, Option<String>) {
    let (status, _, page) = world.get(&format!("{SESSIONS}{query}"), Some(token)).await;
    assert_eq!(status.as_u16(), 200, "{page}");
    let names: BTreeSet<_> = page.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["sessions", "next_cursor"]));
    (page["sessions"].as_array().unwrap().clone(), page["next_cursor"].as_str().map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_follow_each_other_newest_first_without_gap_or_repeat() {
    let world = World::start().await;
    let (person, other) = (world.newcomer().await, world.newcomer().await);
    let token = person.access_token.as_str();
    let mut begun = BTreeSet::new();
    for _ in 0..53 {
        begun.insert(world.session(token, &local("session_keys")).await["id"].as_u64().unwrap());
    }
    world.session(&other.access_token, &local("session_keys")).await;
    for (limit, pages) in [(7, 8), (53, 1), (200, 1), (50, 2)] {
        let (mut seen, mut cursor, mut count) = (Vec::new(), String::new(), 0);
        loop {
            let (sessions, next) = page(&world, token, &format!("?limit={limit}{cursor}")).await;
            seen.extend(sessions.iter().map(|session| session["id"].as_u64().unwrap()));
            count += 1;
            let Some(next) = next else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(count, pages, "{limit} a page");
        assert!(seen.is_sorted_by(|a, b| a > b), "not newest first: {seen:?}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), begun, "{limit}");
    }
    let (first, next) = page(&world, token, "").await;
    assert_eq!((first.len(), next.is_some()), (50, true), "fifty where nothing is said");
    let live = first.iter().filter(|session| text(session, "status") == "live").count();
    assert_eq!((live, text(&first[0], "status")), (1, "live".into()));
    assert!(!first.iter().any(|session| session.to_string().contains("sealed")), "{first:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_limits_and_cursors_are_told() {
    let world = World::start().await;
    let person = world.newcomer().await;
    for limit in ["0", "201", "-1", "abc", "1.5", "", "99999999999", "1&limit=2"] {
        refused(&world.get(&format!("{SESSIONS}?limit={limit}"), Some(&person.access_token)).await, 400);
    }
    for cursor in ["%25", "abc", "!!!!", "MA", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk", "%00", ""] {
        let detail = refused(&world.get(&format!("{SESSIONS}?cursor={cursor}"), Some(&person.access_token)).await, 400);
        assert!(detail.contains("cursor"), "{cursor}: {detail}");
    }
    refused(&world.get(&format!("{SESSIONS}?telegram_id=abc"), Some(&person.access_token)).await, 400);
    refused(&world.get(SESSIONS, None).await, 401);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_session_is_shown_to_its_person_alone() {
    let world = World::start().await;
    let (person, other) = (world.newcomer().await, world.newcomer().await);
    let session = world.session(&person.access_token, &local("legacy")).await;
    let path = format!("{SESSIONS}/{}", session["id"]);
    let (status, _, shown) = world.get(&path, Some(&person.access_token)).await;
    assert_eq!((status.as_u16(), text(&shown, "status")), (200, "live".into()));
    for (name, value) in session.as_object().unwrap() {
        assert_eq!(&shown[name], value, "{name}");
    }
    let (_, _, page) = world.get(SESSIONS, Some(&person.access_token)).await;
    assert_eq!(page["sessions"][0], shown, "a list shows the same");
    let theirs = refused(&world.get(&path, Some(&other.access_token)).await, 404);
    assert_eq!(theirs, refused(&world.get(&format!("{SESSIONS}/1"), Some(&other.access_token)).await, 404));
    refused(&world.delete(&path, Some(&other.access_token)).await, 404);
    let (_, _, still) = world.get(&path, Some(&person.access_token)).await;
    assert_eq!(still, shown, "another's wish ends nothing");
    for id in ["0", "-1", "01", "abc", "9007199254740992", "99999999999999999999", "1%23", "%2e%2e", "1.0"] {
        let path = format!("{SESSIONS}/{id}");
        refused(&world.get(&path, Some(&person.access_token)).await, 404);
        refused(&world.delete(&path, Some(&person.access_token)).await, 404);
    }
    world.stop().await;
}
