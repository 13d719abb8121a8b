//! What each role may do in its own family and in another one, as it is observed over HTTP, in a file under review.

use std::{env, fmt::Write as _, fs, path::Path};

use countersign_core::policy::person_role;
use countersign_testkit::Call;
use serde_json::json;

use crate::{
    attacks::families::{FamilyThings, call_of},
    world::World,
};

/// Set it to write the file anew; then read the difference.
const UPDATE: &str = "UPDATE_PERMISSION_MATRIX";
const ROLES: [&str; 4] = ["owner", "adult", "member", "child"];

/// Somebody who joins a family with this role.
async fn joined(world: &World, owner: &str, family_id: u64, role: &str) -> String {
    let path = format!("/api/v1/families/{family_id}/invitations");
    let invited = world.send(&Call::post(&path, &json!({ "role": role })).bearer(owner)).await.json();
    let joiner = world.newcomer().await;
    let accept = Call::post("/api/v1/invitations/accept", &json!({ "code": invited["code"] }));
    assert_eq!(world.send(&accept.bearer(&joiner.access_token)).await.status, 200);
    joiner.access_token
}

/// Routes that name a family, or something of one.
fn endpoints() -> Vec<&'static str> {
    let general = ["POST /api/v1/families", "GET /api/v1/families", "POST /api/v1/invitations/accept"];
    let mut found: Vec<&str> = person_role("user").unwrap().endpoints.to_vec();
    found.retain(|endpoint| FamilyThings::are_of(endpoint) && !general.contains(endpoint));
    found.sort_by_key(|endpoint| endpoint.split_once(' ').map(|(method, path)| (path, method)));
    found
}

/// What each role is answered, in the order of [`ROLES`]. Those who may least go first: a refusal changes nothing, so the same
/// things serve until somebody succeeds.
async fn cells(world: &World, endpoint: &str, others: &FamilyThings) -> Vec<String> {
    let owner = world.newcomer().await;
    let mut things = FamilyThings::made(world, &owner, endpoint).await;
    let mut cells = Vec::new();
    for role in ROLES.into_iter().rev() {
        let token = joined(world, &owner.access_token, things.family_id, role).await;
        let foreign = world.send(&call_of(endpoint, others).bearer(&token)).await;
        assert_eq!(foreign.status, 404, "{endpoint} by another family's {role}: {}", foreign.text());
        if endpoint.ends_with("/cancel") {
            things.enter_own(world, &token).await;
        }
        let mixed = statuses(world, endpoint, &things.with_one_of(others, endpoint), &token).await;
        let answer = world.send(&call_of(endpoint, &things).bearer(&token)).await;
        assert!(answer.status < 500, "{endpoint} by {role}: {}", answer.text());
        let done = answer.status < 400;
        // One foreign id among their own: not there, to whoever may do it at all.
        let hidden = |status: &u16| *status == 404 || !done && *status == 403;
        assert!(!mixed.is_empty() && mixed.iter().all(hidden), "{endpoint} by {role}: {mixed:?}");
        cells.insert(0, if done { "yes".to_owned() } else { answer.status.to_string() });
        if done && !endpoint.starts_with("GET ") && role != "owner" {
            things = FamilyThings::made(world, &owner, endpoint).await;
        }
    }
    cells
}

/// What the same call about each of these things is answered.
async fn statuses(world: &World, endpoint: &str, things: &[FamilyThings], token: &str) -> Vec<u16> {
    let mut statuses = Vec::with_capacity(things.len());
    for things in things {
        statuses.push(world.send(&call_of(endpoint, things).bearer(token)).await.status);
    }
    statuses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_matrix_of_family_roles_is_the_reviewed_one_and_others_see_nothing() {
    let world = World::start().await;
    let mut observed = String::from(
        "# What each role may do in its own family, as observed over HTTP: `yes`, or the status of the refusal. In another\n\
         # family every one of these is 404. Made by the tests: see matrix.rs.\n\n",
    );
    writeln!(observed, "{:<66}{}", "", ROLES.map(|role| format!("{role:<8}")).concat().trim_end()).unwrap();
    let stranger = world.newcomer().await;
    let others = FamilyThings::whole(&world, &stranger).await;
    for endpoint in endpoints() {
        let mut line = format!("{endpoint:<66}");
        let cells = cells(&world, endpoint, &others).await;
        for cell in cells {
            write!(line, "{cell:<8}").unwrap();
        }
        writeln!(observed, "{}", line.trim_end()).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("http/money/family_matrix.txt");
    if env::var_os(UPDATE).is_some() {
        fs::write(&path, &observed).unwrap();
    }
    let reviewed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(reviewed, observed, "family_matrix.txt differs: set {UPDATE}=1 to write it, then review it");
    world.stop().await;
}
