//! Attacks from outside: every route, every credential, sealed material, secrets in wrong places, outages, hard stops.

mod canaries;
mod ciphertext;
mod credentials;
pub(crate) mod families;
mod forgeries;
mod keys;
mod limits;
mod linked;
mod matrix;
mod outages;
mod outside;
mod process;
mod raw;
mod restart;
mod revocation;
mod routes;
mod surface;
pub(crate) mod table;

use countersign_local::demo::DemoPerson;
use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

use families::FamilyThings;
use keys::KeyThings;

use crate::world::{World, payment};

/// Words that name the inside. None of them may be in an answer that refuses.
const INSIDE: [&str; 19] = [
    "127.0.0.1",
    "::",
    ".rs",
    "arn:",
    "backtrace",
    "boto",
    "countersign_",
    "dispatch failure",
    "DynamoDB",
    "dynoxide",
    "Exception",
    "panicked",
    "RequestId",
    "serde",
    "SLOT#",
    "SUBJECT#",
    "TransactWrite",
    "TrentService",
    "unwrap",
];

/// Checks that an answer is a refusal of this status in every part (RFC 9457 and the contract's section on errors).
#[track_caller]
fn refused(answer: &Answer, status: u16) -> Value {
    let (text, problem) = (answer.text(), answer.json());
    assert_eq!(answer.status, status, "{text}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{text}");
    for name in ["type", "title", "detail", "instance", "error"] {
        assert!(problem[name].as_str().is_some_and(|value| !value.is_empty()), "{name}: {text}");
    }
    assert_eq!(problem["status"], status, "{text}");
    assert!(problem["error"] == problem["detail"] || problem["error"] == problem["title"], "{text}");
    assert_eq!(problem["instance"].as_str(), answer.header("x-request-id"), "{text}");
    assert_eq!(answer.header("www-authenticate").is_some(), status == 401, "{text}");
    let seconds = answer.header("retry-after").map(|seconds| seconds.parse::<u32>().unwrap());
    assert!(seconds.is_some_and(|seconds| seconds > 0) || !matches!(status, 429 | 503), "{text}");
    for word in INSIDE {
        assert!(!text.contains(word), "{word} is in {text}");
    }
    problem
}

/// A refusal without what differs from request to request.
fn without_instance(mut problem: Value) -> Value {
    problem.as_object_mut().unwrap().remove("instance");
    problem
}

/// Checks that an answer is a signature of this person's key over this envelope.
#[track_caller]
fn signed(world: &World, answer: &Answer, unsigned: &str, person: &DemoPerson) {
    assert_eq!((answer.status, answer.json()["success"].as_bool()), (200, Some(true)), "{}", answer.text());
    let passphrase = &world.system.demo().network_passphrase;
    let account = person.stellar_public_key.as_deref().unwrap();
    countersign_testkit::signed_by(&answer.field("signed_xdr"), unsigned, passphrase, account).unwrap();
}

/// `POST /api/sign` of a payment from this person's account, with their token.
fn sign_call(person: &DemoPerson) -> Call {
    sign_with(person, &payment(person.stellar_public_key.as_deref().unwrap()))
}

/// `POST /api/sign` of this envelope, with this person's token.
fn sign_with(person: &DemoPerson, xdr: &str) -> Call {
    Call::post("/api/sign", &json!({ "xdr": xdr })).bearer(&person.access_token)
}

/// A person with a session of their own, and its id.
struct Holder {
    person: DemoPerson,
    session_id: u64,
    things: Things,
}

/// What the routes of services are asked about: numbers that nobody has, unless they were made.
struct Things {
    /// The demo's service that may enqueue.
    notifier_id: u64,
    /// A task of it, which has ended.
    task_id: u64,
    /// Another service.
    service_id: u64,
    /// Another person.
    user_id: u64,
    /// An approval that the holder asked for.
    approval_id: u64,
    /// A login of theirs.
    login_id: u64,
    /// The address and the password of somebody's account.
    account: (String, String),
    /// Good once, where it was made.
    refresh_token: String,
    /// A family that they own.
    family: families::FamilyThings,
    /// A client that they are.
    keys: keys::KeyThings,
}

impl Things {
    fn none(world: &World) -> Self {
        let notifier_id = world.service("notifier").id;
        let person = world.system.demo().people.first().unwrap();
        Self {
            notifier_id,
            task_id: 4_711,
            service_id: 4_711,
            user_id: 4_711,
            approval_id: 4_711,
            login_id: 4_711,
            account: (person.email.clone(), person.password.clone().unwrap()),
            refresh_token: "csr_1_1_none".to_owned(),
            family: FamilyThings::none(),
            keys: KeyThings::none(),
        }
    }

    /// Those that this endpoint is about.
    async fn made(world: &World, person: &DemoPerson, endpoint: &str) -> Self {
        let made = async |call: Call, id: &str| {
            let answer = world.send(&call).await;
            answer.json()[id].as_u64().unwrap_or_else(|| panic!("{}", answer.text()))
        };
        let none = Self::none(world);
        match endpoint.split_once(' ').unwrap().1 {
            "/api/v1/tasks/{id}" => {
                let task = json!({ "type": "get_chat", "chat_id": person.telegram_id, "wait_seconds": 20 });
                let task = Call::post("/enqueue_command", &task).api_key(&world.service("notifier").api_key);
                Self { task_id: made(task, "task_id").await, ..none }
            }
            "/api/v1/services/{id}" | "/api/v1/services/{id}/rotate-key" => {
                let service = Call::post("/api/v1/services", &json!({ "name": "Attacked", "role": "bot_runner" }));
                Self { service_id: made(service.bearer(&world.admin().access_token), "id").await, ..none }
            }
            "/api/v1/roles/{user_id}" => Self { user_id: world.newcomer().await.user_id, ..none },
            "/api/v1/approvals/{id}" => {
                let approval = json!({ "subject": "Attacked?", "approvers": [person.telegram_id] });
                let approval = Call::post("/api/v1/approvals", &approval).bearer(&person.access_token);
                Self { approval_id: made(approval, "approval_id").await, ..none }
            }
            "/api/v1/auth/refresh" => {
                let (email, password) = &none.account;
                let login = Call::post("/api/v1/auth/login", &json!({ "email": email, "password": password }));
                let refresh_token = world.send(&login).await.field("refresh_token");
                Self { refresh_token, ..none }
            }
            "/api/v1/auth/sessions/{id}" => {
                let tma = world.tma(person.telegram_id);
                let login = Call::post("/api/v1/auth/telegram/mini-app", &json!({})).header("authorization", &tma);
                assert_eq!(world.send(&login).await.status, 200);
                let sessions = Call::get("/api/v1/auth/sessions").header("authorization", tma);
                let login_id = world.send(&sessions).await.json()["sessions"][0]["id"].as_u64().unwrap();
                Self { login_id, ..none }
            }
            "/api/v1/connections/{provider}" | "/api/v1/connections/{provider}/token" => {
                crate::connections::person_in_telegram(world, person).await;
                crate::connections::link(world, person).await;
                none
            }
            _ if KeyThings::are_of(endpoint) => Self { keys: KeyThings::made(world, person, endpoint).await, ..none },
            _ if FamilyThings::are_of(endpoint) => {
                Self { family: FamilyThings::made(world, person, endpoint).await, ..none }
            }
            _ => none,
        }
    }
}

impl Holder {
    /// A newcomer whose key was made by the house.
    async fn new(world: &World) -> Self {
        Self::with(world, &json!({ "kind": "session_keys", "signer": "local" })).await
    }

    /// A newcomer with this session.
    async fn with(world: &World, body: &Value) -> Self {
        let mut person = world.newcomer().await;
        let session = world.session(&person.access_token, body).await;
        person.stellar_public_key = session["stellar_public_key"].as_str().map(str::to_owned);
        Self { person, session_id: session["id"].as_u64().unwrap(), things: Things::none(world) }
    }

    /// The same with what this endpoint is asked about.
    async fn with_things(self, world: &World, endpoint: &str) -> Self {
        Self { things: Things::made(world, &self.person, endpoint).await, ..self }
    }
}

/// Runs all of them at once.
pub(crate) async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, done) in running.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
