//! Who may do what, as it is observed over HTTP: a table in a file that is reviewed like code.

use std::{env, fmt::Write as _, fs, path::Path};

use countersign_testkit::Call;
use serde_json::json;

use super::{
    Holder,
    forgeries::Dress,
    outside::{outside_token, trust},
    surface::{Route, surface},
};
use crate::world::{World, unix_seconds};

/// Set it to write the file anew; then read the difference.
const UPDATE: &str = "UPDATE_PERMISSION_MATRIX";

/// Somebody who calls: the name of the column, whether they have things of their own, and what they bring.
struct Caller {
    name: String,
    is_admin: bool,
    dress: Box<dyn Fn(&Holder) -> Dress>,
}

impl Caller {
    fn new(name: impl Into<String>, dress: impl Fn(&Holder) -> Dress + 'static) -> Self {
        Self { name: name.into(), is_admin: false, dress: Box::new(dress) }
    }

    fn bearer(name: &str) -> Self {
        Self::new(name, |holder| {
            let token = holder.person.access_token.clone();
            Box::new(move |call: Call| call.bearer(&token))
        })
    }

    fn in_telegram(world: &World, name: &str) -> Self {
        let bot = world.system.demo().bot.token.clone();
        Self::new(name, move |holder| {
            let data = countersign_testkit::LaunchData::of(holder.person.telegram_id).signed(&bot);
            Box::new(move |call: Call| call.launch_data(&data))
        })
    }
}

fn callers(world: &World) -> Vec<Caller> {
    let mut callers = vec![
        Caller::new("nobody", |_| Box::new(|call| call)),
        Caller::bearer("user"),
        Caller::in_telegram(world, "user (tma)"),
        Caller { is_admin: true, ..Caller::bearer("admin") },
        Caller { is_admin: true, ..Caller::in_telegram(world, "admin (tma)") },
        Caller::new("outside token", |holder| {
            let claims = json!({ "telegram_id": holder.person.telegram_id, "exp": unix_seconds() + 60 });
            Box::new(move |call: Call| call.bearer(&outside_token(&claims)))
        }),
    ];
    for role in ["mini_app_backend", "notifier", "token_reader", "bot_runner"] {
        let (service, signer) = (world.service(role), world.service(role));
        callers.push(Caller::new(role, move |_| {
            let key = service.api_key.clone();
            Box::new(move |call: Call| call.api_key(&key))
        }));
        callers.push(Caller::new(format!("{role} (signed)"), move |_| {
            let (id, secret) = (signer.client_id.clone(), signer.client_secret.clone());
            Box::new(move |call: Call| call.signed(&id, &secret))
        }));
    }
    callers
}

/// `yes`, or the status of the refusal. Each cell is about things that nobody touched before.
async fn cell(world: &World, route: &Route, caller: &Caller) -> String {
    let holder = Holder::new(world).await;
    if caller.is_admin {
        let role =
            Call::new("PUT", &format!("/api/v1/roles/{}", holder.person.user_id)).json(&json!({ "role": "admin" }));
        assert_eq!(world.send(&role.bearer(&world.admin().access_token)).await.status, 200);
    }
    let holder = holder.with_things(world, &route.endpoint).await;
    let answer = world.send(&(caller.dress)(&holder)(route.call(&holder))).await;
    assert!(answer.status < 500, "{} by {}: {}", route.endpoint, caller.name, answer.text());
    if answer.status < 400 { "yes".to_owned() } else { answer.status.to_string() }
}

async fn observed(world: &World) -> String {
    let callers = callers(world);
    let mut routes = surface(world).await;
    routes.sort_by(|one, other| (one.path(), one.method()).cmp(&(other.path(), other.method())));
    let mut text = String::from(
        "# Who may do what, as observed over HTTP: `yes`, or the status of the refusal. Each caller asks for their own
# things; a service asks for a person's. Made by the tests: see matrix.rs.\n",
    );
    for caller in &callers {
        writeln!(text, "\n{}", caller.name).unwrap();
        for route in &routes {
            writeln!(text, "  {:<4} {}", cell(world, route, caller).await, route.endpoint).unwrap();
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_permission_matrix_is_the_reviewed_one() {
    let world = World::start().await;
    trust(&world).await;
    let observed = observed(&world).await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("http/attacks/permission_matrix.txt");
    if env::var_os(UPDATE).is_some() {
        fs::write(&path, &observed).unwrap();
    }
    let reviewed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(reviewed, observed, "permission_matrix.txt differs: set {UPDATE}=1 to write it, then review it");
    world.stop().await;
}
