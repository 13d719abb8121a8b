//! Platform roles: given by an admin, good from the next request on, and never without an admin left.

use countersign_local::demo::DemoPerson;
use countersign_testkit::{Answer, Call};
use serde_json::json;

use super::{SERVICES, by_admin, put, refused};
use crate::world::World;

fn role(person: &DemoPerson, role: &str) -> Call {
    put(&format!("/api/v1/roles/{}", person.user_id), &json!({ "role": role }))
}

async fn by(world: &World, person: &DemoPerson, call: Call) -> Answer {
    world.send(&call.bearer(&person.access_token)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_counts_at_once() {
    let world = World::start().await;
    let person = world.newcomer().await;
    refused(&by(&world, &person, Call::get(SERVICES)).await, 403);
    let given = by_admin(&world, role(&person, "admin").idempotent("promote")).await;
    assert_eq!((given.status, given.json()), (200, json!({ "user_id": person.user_id, "role": "admin" })));
    assert_eq!(by(&world, &person, Call::get(SERVICES)).await.status, 200);
    assert_eq!(by(&world, &person, Call::get("/api/v1/me")).await.field("role"), "admin");
    assert_eq!(by_admin(&world, role(&person, "user")).await.status, 200);
    refused(&by(&world, &person, Call::get(SERVICES)).await, 403);
    // A replay changes nothing.
    let replayed = by_admin(&world, role(&person, "admin").idempotent("promote")).await;
    assert_eq!((replayed.header("idempotent-replayed"), replayed.json()), (Some("true"), given.json()));
    refused(&by(&world, &person, Call::get(SERVICES)).await, 403);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_admin_gives_roles_and_never_their_own() {
    let world = World::start().await;
    let (person, admin) = (world.newcomer().await, world.admin());
    refused(&by(&world, &person, role(&person, "admin")).await, 403);
    refused(&by_admin(&world, role(&admin, "user")).await, 409);
    refused(&by_admin(&world, role(&admin, "admin")).await, 409);
    refused(&by_admin(&world, role(&person, "notifier")).await, 400);
    refused(&by_admin(&world, put("/api/v1/roles/4711", &json!({ "role": "user" }))).await, 404);
    refused(&by_admin(&world, put("/api/v1/roles/x", &json!({ "role": "user" }))).await, 404);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_admins_cannot_remove_each_other() {
    let world = World::start().await;
    for round in 0..8 {
        let (one, other) = (world.newcomer().await, world.newcomer().await);
        for person in [&one, &other] {
            assert_eq!(by_admin(&world, role(person, "admin")).await.status, 200);
        }
        let (by_one, by_other) =
            tokio::join!(by(&world, &one, role(&other, "user")), by(&world, &other, role(&one, "user")));
        let mut statuses = [by_one.status, by_other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403], "round {round}: {} {}", by_one.text(), by_other.text());
    }
    world.stop().await;
}
