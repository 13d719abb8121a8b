//! What is missing, slow or wrong below the house: what does not need it goes on, and nothing is signed that is not recorded.

use std::time::{Duration, Instant};

use countersign_local_control::{Cut, Fault};
use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

use super::{Holder, join_all, outside, refused, sign_call, sign_with, signed, table::Table};
use crate::world::{World, payment};

/// More faults than any test calls.
const ALWAYS: u32 = 10_000;
const KMS: &str = "TrentService";
const TABLE: &str = "DynamoDB_20120810";
/// `/health` looks again after a second.
const HEALTH: Duration = Duration::from_millis(1_100);

/// An AWS service's exception as its JSON protocol writes it.
fn exception(status: u16, name: &str) -> Fault {
    Fault::status(status).body(json!({ "__type": name, "message": "made up" })).header("x-amzn-errortype", name)
}

/// A cancelled transaction with these reasons, in the order of its writes.
fn cancelled(codes: &[&str]) -> Fault {
    let reasons: Vec<Value> = codes.iter().map(|code| json!({ "Code": code, "Message": "made up" })).collect();
    let name = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    Fault::status(400).body(json!({ "__type": name, "Message": "made up", "CancellationReasons": reasons }))
}

fn break_(world: &World, fault: Fault) {
    world.system.aws().control().add_fault(fault);
}

fn mend(world: &World) {
    world.system.aws().control().clear_faults();
}

async fn health(world: &World) -> (String, Value) {
    tokio::time::sleep(HEALTH).await;
    let answer = world.send(&Call::get("/health")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    (answer.field("status"), answer.json()["checks"].clone())
}

/// 503 with `Retry-After`, soon, and nothing recorded.
async fn unavailable(world: &World, call: &Call, why: &str) -> Answer {
    let begun = Instant::now();
    let answer = world.send(call).await;
    assert_eq!(answer.status, 503, "{why}: {}", answer.text());
    refused(&answer, 503);
    assert!(begun.elapsed() < Duration::from_secs(12), "{why}: {:?}", begun.elapsed());
    answer
}

async fn signs(world: &World, holder: &Holder) {
    let unsigned = payment(holder.person.stellar_public_key.as_deref().unwrap());
    signed(world, &world.send(&sign_with(&holder.person, &unsigned)).await, &unsigned, &holder.person);
}

/// Everything that KMS may do instead of answering.
fn of_kms() -> Vec<(&'static str, Fault)> {
    let mut faults = vec![
        ("an empty 500", Fault::status(500)),
        ("an empty 503", Fault::status(503)),
        ("cut", Fault::cut(Cut::Before)),
        ("cut after", Fault::cut(Cut::After)),
        ("a page", Fault::status(200).body("<html>a page</html>")),
        ("nothing", Fault::status(200).body(json!({}))),
    ];
    for name in [
        "KMSInternalException",
        "DependencyTimeoutException",
        "ThrottlingException",
        "LimitExceededException",
        "DisabledException",
        "KMSInvalidStateException",
        "KeyUnavailableException",
        "AccessDeniedException",
        "ExpiredTokenException",
        "UnrecognizedClientException",
    ] {
        faults.push((name, exception(400, name)));
    }
    faults
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_kms_nothing_cold_is_signed_and_the_rest_serves() {
    let world = World::start().await;
    let table = Table::of(&world);
    let (cold, warm) = (Holder::new(&world).await, Holder::new(&world).await);
    signs(&world, &warm).await;
    for (why, fault) in of_kms() {
        break_(&world, fault.matching(KMS).times(ALWAYS));
        unavailable(&world, &sign_call(&cold.person), why).await;
        unavailable(&world, &sign_call(&cold.person).idempotent("k"), why).await;
        signs(&world, &warm).await;
        mend(&world);
    }
    assert_eq!(table.signatures(cold.person.telegram_id).await, 0);
    assert!(table.of_person(cold.person.telegram_id, "IDEMPOTENCY#").await.is_empty(), "a 503 was kept");
    break_(&world, Fault::status(500).matching(KMS).times(ALWAYS));
    let token = &cold.person.access_token;
    let create = Call::post("/api/v1/signing-sessions", &json!({ "kind": "legacy", "signer": "local" }));
    unavailable(&world, &create.bearer(token), "sealing").await;
    for path in ["/api/v1/signing-sessions".to_owned(), format!("/api/v1/signing-sessions/{}", cold.session_id)] {
        assert_eq!(world.send(&Call::get(&path).bearer(token)).await.status, 200);
    }
    for page in ["/docs", "/docs/swagger-ui-bundle.js", "/openapi.json"] {
        assert_eq!(world.send(&Call::get(page)).await.status, 200);
    }
    assert_eq!(health(&world).await, ("degraded".into(), json!({ "table": "ok", "kms": "unavailable" })));
    mend(&world);
    assert_eq!(health(&world).await.0, "ok");
    signs(&world, &cold).await;
    let end = Call::delete(&format!("/api/v1/signing-sessions/{}", cold.session_id)).bearer(token);
    break_(&world, Fault::status(500).matching(KMS).times(ALWAYS));
    assert_eq!(world.send(&end).await.status, 200, "a session ends without KMS");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kms_that_does_not_answer_is_not_waited_for_long() {
    let world = World::start().await;
    let cold = Holder::new(&world).await;
    break_(&world, Fault::delay(Duration::from_secs(60)).matching(KMS).times(8));
    unavailable(&world, &sign_call(&cold.person), "no answer").await;
    let begun = Instant::now();
    assert_eq!(health(&world).await.0, "degraded");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    mend(&world);
    signs(&world, &cold).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_answer_of_kms_is_not_seen() {
    let world = World::start().await;
    for fault in [Fault::status(500), Fault::cut(Cut::Before), exception(400, "ThrottlingException")] {
        let cold = Holder::new(&world).await;
        break_(&world, fault.matching("TrentService.Decrypt"));
        signs(&world, &cold).await;
        assert!(world.system.aws().control().faults().is_empty(), "the fault did not strike");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealing_key_that_is_off_or_going_is_a_503() {
    let world = World::start().await;
    let table = Table::of(&world);
    let kms = aws_sdk_kms::Client::new(&world.system.sdk_config());
    let key = world.system.environment().required("SEALING_KEY_ID").unwrap();
    let cold = Holder::new(&world).await;
    kms.disable_key().key_id(key).send().await.unwrap();
    unavailable(&world, &sign_call(&cold.person), "disabled").await;
    assert_eq!(health(&world).await.1["kms"], "unavailable");
    kms.enable_key().key_id(key).send().await.unwrap();
    signs(&world, &cold).await;
    let cold = Holder::new(&world).await;
    kms.schedule_key_deletion().key_id(key).pending_window_in_days(7).send().await.unwrap();
    unavailable(&world, &sign_call(&cold.person), "going to be deleted").await;
    assert_eq!(table.signatures(cold.person.telegram_id).await, 0);
    kms.cancel_key_deletion().key_id(key).send().await.unwrap();
    kms.enable_key().key_id(key).send().await.unwrap();
    signs(&world, &cold).await;
    // A rotation is no outage: what was sealed before still opens.
    let cold = Holder::new(&world).await;
    kms.rotate_key_on_demand().key_id(key).send().await.unwrap();
    signs(&world, &cold).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_table_nobody_is_let_through() {
    let world = World::start().await;
    let (holder, service) = (Holder::new(&world).await, world.service("mini_app_backend"));
    signs(&world, &holder).await;
    let list = format!("/api/v1/signing-sessions?telegram_id={}", holder.person.telegram_id);
    let calls = |token: &str| {
        [
            sign_call(&holder.person),
            Call::get(&list).bearer(token),
            Call::get(&list).api_key(&service.api_key),
            Call::delete(&format!("/api/v1/signing-sessions/{}", holder.session_id)).bearer(token),
            Call::post("/api/v1/signing-sessions", &json!({ "kind": "legacy", "signer": "local" })).bearer(token),
        ]
    };
    let faults = [
        Fault::status(500),
        Fault::cut(Cut::Before),
        exception(400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"),
        exception(400, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"),
        exception(400, "com.amazon.coral.service#AccessDeniedException"),
        exception(500, "com.amazonaws.dynamodb.v20120810#InternalServerError"),
        Fault::status(200).body("not JSON"),
    ];
    for fault in faults {
        break_(&world, fault.clone().matching(TABLE).times(ALWAYS));
        for call in calls(&holder.person.access_token) {
            unavailable(&world, &call, &format!("{fault:?}")).await;
        }
        refused(&world.send(&Call::get(&list)).await, 401);
        refused(&world.send(&Call::get(&list).bearer("a.b.c")).await, 401);
        mend(&world);
    }
    break_(&world, Fault::status(500).matching(TABLE).times(ALWAYS));
    assert_eq!(health(&world).await, ("degraded".into(), json!({ "table": "unavailable", "kms": "ok" })));
    assert_eq!(world.send(&Call::get("/docs/index.html")).await.status, 200);
    mend(&world);
    assert_eq!(health(&world).await.0, "ok");
    signs(&world, &holder).await;
    Table::of(&world).drop_table().await;
    assert_eq!(health(&world).await.1["table"], "unavailable");
    unavailable(&world, &sign_call(&holder.person), "no table").await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_whose_commit_fails_does_not_leave_the_house() {
    let world = World::start().await;
    let table = Table::of(&world);
    let holder = Holder::new(&world).await;
    let faults = [
        Fault::status(500),
        Fault::cut(Cut::Before),
        exception(400, "com.amazonaws.dynamodb.v20120810#ThrottlingException"),
        cancelled(&["None", "ThrottlingError"]),
        cancelled(&["TransactionConflict", "None"]),
        cancelled(&["None", "ValidationError"]),
    ];
    for fault in faults {
        break_(&world, fault.clone().matching("TransactWriteItems").times(ALWAYS));
        let answer = unavailable(&world, &sign_call(&holder.person).idempotent("k"), &format!("{fault:?}")).await;
        assert!(!answer.text().contains("signed_xdr"));
        mend(&world);
    }
    assert_eq!(table.signatures(holder.person.telegram_id).await, 0);
    let answer = world.send(&sign_call(&holder.person).idempotent("k")).await;
    assert_eq!((answer.status, answer.header("idempotent-replayed")), (200, None), "{}", answer.text());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttling_and_conflicts_are_waited_out() {
    let world = World::start().await;
    let table = Table::of(&world);
    let prefixed = |name: &str| format!("com.amazonaws.dynamodb.v20120810#{name}");
    let faults = [
        (exception(400, &prefixed("ProvisionedThroughputExceededException")), "BatchGetItem", 2),
        (exception(400, &prefixed("RequestLimitExceeded")), "BatchGetItem", 2),
        (exception(400, "com.amazon.coral.availability#ThrottlingException"), "BatchGetItem", 2),
        (exception(500, &prefixed("InternalServerError")), "BatchGetItem", 2),
        (Fault::cut(Cut::After), "BatchGetItem", 2),
        (exception(400, &prefixed("ProvisionedThroughputExceededException")), "TransactWriteItems", 2),
        (exception(400, &prefixed("TransactionInProgressException")), "TransactWriteItems", 2),
        (cancelled(&["TransactionConflict", "None"]), "TransactWriteItems", 4),
        (cancelled(&["None", "TransactionConflict"]), "TransactWriteItems", 4),
        (cancelled(&["None", "ProvisionedThroughputExceeded"]), "TransactWriteItems", 3),
        (cancelled(&["ThrottlingError", "ThrottlingError"]), "TransactWriteItems", 3),
    ];
    for (fault, operation, times) in faults {
        let holder = Holder::new(&world).await;
        break_(&world, fault.clone().matching(operation).times(times));
        signs(&world, &holder).await;
        assert!(world.system.aws().control().faults().is_empty(), "{fault:?} did not strike {times} times");
        assert_eq!(table.signatures(holder.person.telegram_id).await, 1, "{fault:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_dynamodb_left_out_are_asked_for_again() {
    let world = World::start().await;
    let (holder, control) = (Holder::new(&world).await, world.system.aws().control());
    let call = sign_call(&holder.person);
    control.clear_requests();
    assert_eq!(world.send(&call).await.status, 200);
    let read = control.requests().into_iter().find(|request| request.label.ends_with("BatchGetItem")).unwrap();
    let asked: Value = serde_json::from_str(&read.body).unwrap();
    let left_out = json!({ "Responses": {}, "UnprocessedKeys": asked["RequestItems"] });
    break_(&world, Fault::status(200).body(left_out.clone()).matching("BatchGetItem").times(3));
    assert_eq!(world.send(&call).await.status, 200, "a person must not look unknown because DynamoDB was busy");
    break_(&world, Fault::status(200).body(left_out).matching("BatchGetItem").times(ALWAYS));
    unavailable(&world, &call, "nothing is ever processed").await;
    world.stop().await;
}

/// The answer of the commit is lost after it: the client must see a success, and the table one of everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_lost_after_the_commit_is_a_success_and_one_record() {
    let world = World::start().await;
    let table = Table::of(&world);
    let lost = || break_(&world, Fault::cut(Cut::After).matching("TransactWriteItems"));
    for key in [None, Some("k-1")] {
        let holder = Holder::new(&world).await;
        let (id, token) = (holder.person.telegram_id, holder.person.access_token.as_str());
        let keyed = |call: Call| key.map_or(call.clone(), |key| call.idempotent(key));
        lost();
        let call = keyed(sign_call(&holder.person));
        let first = world.send(&call).await;
        assert_eq!((first.status, table.signatures(id).await), (200, 1), "{key:?}: {}", first.text());
        if key.is_some() {
            assert_eq!(world.send(&call).await.json(), first.json());
            assert_eq!(table.signatures(id).await, 1);
        }
        lost();
        let create = Call::post("/api/v1/signing-sessions", &json!({ "kind": "legacy", "signer": "local" }));
        let made = world.send(&keyed(create.bearer(token))).await;
        assert_eq!(made.status, 201, "{key:?}: {}", made.text());
        assert_eq!(table.of_person(id, "SESSION#").await.len(), 2, "{key:?}");
        lost();
        let end = Call::delete(&format!("/api/v1/signing-sessions/{}", made.json()["id"])).bearer(token);
        let ended = world.send(&keyed(end)).await;
        assert_eq!((ended.status, ended.field("status").as_str()), (200, "ended"), "{}", ended.text());
        assert_eq!(table.of_person(id, "SLOT#").await.len(), 1, "{key:?}");
        assert!(world.system.aws().control().faults().is_empty());
    }
    world.stop().await;
}

/// The commit went through, its answer was lost, and DynamoDB says for a while that it is still at it. The client may
/// be told to come back, but there is one record, and the same key finds it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_is_said_to_run_still_is_not_made_twice() {
    let world = World::start().await;
    let table = Table::of(&world);
    let running = "com.amazonaws.dynamodb.v20120810#TransactionInProgressException";
    for times in 1..=6 {
        let holder = Holder::new(&world).await;
        break_(&world, Fault::cut(Cut::After).matching("TransactWriteItems"));
        break_(&world, exception(400, running).matching("TransactWriteItems").times(times));
        let call = sign_call(&holder.person).idempotent("k");
        let answer = world.send(&call).await;
        mend(&world);
        assert!(matches!(answer.status, 200 | 503), "{times}: {}", answer.text());
        assert_eq!(table.signatures(holder.person.telegram_id).await, 1, "{times} times in progress");
        let again = world.send(&call).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")), "{}", again.text());
        assert_eq!(table.signatures(holder.person.telegram_id).await, 1, "{times} times in progress");
    }
    world.stop().await;
}

/// A signed request whose claim was written and whose answer was lost is our own first write, not a replay.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_whose_answer_was_lost_is_no_replay() {
    let world = World::start().await;
    let (holder, service) = (Holder::new(&world).await, world.service("mini_app_backend"));
    let list = format!("/api/v1/signing-sessions?telegram_id={}", holder.person.telegram_id);
    for operation in ["PutItem", "TransactWriteItems"] {
        break_(&world, Fault::cut(Cut::After).matching(operation));
    }
    let call = Call::get(&list).signed(&service.client_id, &service.client_secret);
    let answer = world.send(&call).await;
    mend(&world);
    assert_eq!(answer.status, 200, "{}", answer.text());
    refused(&world.send(&call).await, 401);
    // Where the claim cannot be written nobody is let in.
    for operation in ["PutItem", "TransactWriteItems"] {
        break_(&world, Fault::status(500).matching(operation).times(ALWAYS));
    }
    let call = Call::get(&format!("{list}&limit=2")).signed(&service.client_id, &service.client_secret);
    unavailable(&world, &call, "the claim is not written").await;
    mend(&world);
    let once = (0..10).map(|_| world.send(&call));
    let passed = join_all(once).await.into_iter().filter(|answer| answer.status == 200).count();
    assert_eq!(passed, 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_secrets_manager_what_was_read_stays_good() {
    let world = World::start().await;
    let holder = Holder::new(&world).await;
    for fault in [Fault::status(500), Fault::cut(Cut::Before), Fault::status(200).body(json!({ "SecretString": "{}" }))]
    {
        break_(&world, fault.matching("secretsmanager").times(ALWAYS));
        tokio::time::sleep(Duration::from_millis(5_200)).await;
        let claims = json!({ "telegram_id": holder.person.telegram_id, "exp": crate::world::unix_seconds() + 60 });
        let unknown = outside::outside_token(&claims);
        refused(&world.send(&Call::get("/api/v1/signing-sessions").bearer(&unknown)).await, 401);
        signs(&world, &holder).await;
        let rows = json!({ "rows": [{ "telegram_id": 4_711 }] });
        let import = Call::post("/api/v1/signing-sessions/import", &rows).bearer(&world.admin().access_token);
        unavailable(&world, &import, "the import's secret").await;
        assert_eq!(health(&world).await.0, "ok");
        mend(&world);
    }
    assert!(Table::of(&world).of_person(4_711, "").await.is_empty());
    world.stop().await;
}
