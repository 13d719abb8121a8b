//! Attacks from outside: every route, every credential, sealed material, secrets in wrong places, outages, hard stops.

mod canaries;
mod ciphertext;
mod credentials;
mod forgeries;
mod limits;
mod matrix;
mod outages;
mod outside;
mod process;
mod raw;
mod restart;
mod revocation;
mod routes;
mod surface;
mod table;

use countersign_local::demo::DemoPerson;
use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

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
        Self { person, session_id: session["id"].as_u64().unwrap() }
    }
}

/// Runs all of them at once.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
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
