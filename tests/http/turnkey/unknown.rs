//! Answers that never come and commits that fail: nothing is handed out, and the next call finds what became of it.

use std::time::Duration;

use serde_json::json;

use super::{Bench, nothing_signed, unknown};
use crate::world::refused;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_found_with_the_same_body() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "cut": "after" })).await;
    unknown(&bench.sign(&envelope).await);
    assert_eq!(bench.intent(&envelope).await["state"], "unknown");
    assert_eq!(bench.outcomes(&envelope).await, ["open"]);
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 2).await;
    assert_eq!(bench.activities().await[0]["submissions"], 2);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_never_arrived_is_sent_as_it_was() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "cut": "before" })).await;
    unknown(&bench.sign(&envelope).await);
    assert_eq!(bench.activities().await.len(), 0);
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 2).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_answer_of_turnkeys_is_unknown() {
    let bodies = [
        json!("<html>502 from somebody in between</html>"),
        json!({ "activity": { "id": "a", "status": "ACTIVITY_STATUS_NEW", "type": "ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2" } }),
        json!({ "activity": { "id": "a", "status": "ACTIVITY_STATUS_COMPLETED", "type": "ACTIVITY_TYPE_CREATE_WALLET" } }),
        json!({}),
    ];
    let bench = Bench::legacy().await;
    for fault in bodies.map(|body| json!({ "body": body })).into_iter().chain(
        [500, 502, 503, 408, 302]
            .map(|status| json!({ "status": status, "body": { "message": "AccessDenied organization 7c9e" } })),
    ) {
        let envelope = bench.xdr();
        let before = bench.activities().await.len();
        bench.fault(fault).await;
        unknown(&bench.sign(&envelope).await);
        bench.signed(&bench.sign(&envelope).await, &envelope);
        assert_eq!(bench.activities().await.len(), before + 1);
        assert_eq!(bench.outcomes(&envelope).await, ["signed"]);
    }
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_time_out_is_unknown() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "delay_ms": 11_000 })).await;
    unknown(&bench.sign(&envelope).await);
    bench.signed(&bench.sign(&envelope).await, &envelope);
    // The first body arrives at last, and finds the activity that is there.
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if bench.activities().await[0]["submissions"] == 2 {
            break;
        }
    }
    bench.signed_once(&envelope, 2).await;
    assert_eq!(bench.activities().await[0]["submissions"], 2);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_stays_unknown_while_looking_fails() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "cut": "after" })).await;
    unknown(&bench.sign(&envelope).await);
    for fault in
        [json!({ "status": 401 }), json!({ "status": 429 }), json!({ "cut": "before" }), json!({ "status": 500 })]
    {
        bench.fault(fault).await;
        unknown(&bench.sign(&envelope).await);
        assert_eq!(bench.outcomes(&envelope).await, ["open"], "a refusal now says nothing of what was before");
    }
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 6).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_one_can_turn_out_to_be_refused() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.next_activities("FAILED", 1).await;
    bench.fault(json!({ "cut": "after" })).await;
    unknown(&bench.sign(&envelope).await);
    let answered = bench.sign(&envelope).await;
    refused(&answered, 502);
    nothing_signed(&answered);
    assert_eq!(bench.outcomes(&envelope).await, ["failed"]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_first_commit_turnkey_is_not_called() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.commit_refused(0).await;
    let answered = bench.sign(&envelope).await;
    refused(&answered, 503);
    nothing_signed(&answered);
    bench.turnkey_was_not_called().await;
    assert!(bench.intent(&envelope).await.is_null());
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_kms_nothing_is_begun() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.refused_by_aws("TrentService.Decrypt", 0).await;
    let answered = bench.sign(&envelope).await;
    refused(&answered, 503);
    nothing_signed(&answered);
    bench.turnkey_was_not_called().await;
    assert!(bench.intent(&envelope).await.is_null() && bench.events(&envelope).await.is_empty());
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_signature_leaves_without_the_commit_of_its_outcome() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.commit_refused(1).await;
    let answered = bench.sign(&envelope).await;
    refused(&answered, 503);
    nothing_signed(&answered);
    let intent = bench.intent(&envelope).await;
    assert_eq!((&intent["state"], intent.get("signature")), (&json!("pending"), None));
    refused(&bench.sign(&envelope).await, 409);
    bench.past_lease(&envelope).await;
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 2).await;
    bench.world.stop().await;
}

/// What a crash between the commit and the call leaves behind: an intent, and nothing at Turnkey.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_before_the_call_is_made_good_after_the_lease() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.commit_refused(1).await;
    bench.fault(json!({ "cut": "before" })).await;
    refused(&bench.sign(&envelope).await, 503);
    assert_eq!((bench.activities().await.len(), &bench.intent(&envelope).await["state"]), (0, &json!("pending")));
    refused(&bench.sign(&envelope).await, 409);
    bench.past_lease(&envelope).await;
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 2).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_no_failure() {
    for skip in [0, 1] {
        let bench = Bench::legacy().await;
        let envelope = bench.xdr();
        bench.commit_unanswered(skip).await;
        bench.signed(&bench.sign(&envelope).await, &envelope);
        bench.signed_once(&envelope, 1).await;
        bench.world.stop().await;
    }
}

/// On Lambda an invocation goes on when its client is gone; the local gateway does the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_hangs_up_finds_its_signature_later() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "delay_ms": 2000 })).await;
    let call = countersign_testkit::Call::post("/api/sign", &json!({ "xdr": envelope }));
    let (client, call) = (bench.client(), call.bearer(&bench.person.access_token));
    let waiting = tokio::spawn(async move { client.send(&call).await });
    bench.arrived(1).await;
    waiting.abort();
    assert!(waiting.await.is_err_and(|error| error.is_cancelled()));
    refused(&bench.sign(&envelope).await, 409);
    for _ in 0..100 {
        if bench.intent(&envelope).await["state"] == "signed" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}
