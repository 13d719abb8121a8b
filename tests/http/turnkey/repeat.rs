//! Idempotency keys over an outside system: replayed once the outcome is known, looked up until then, never run twice.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Bench, unknown};
use crate::world::refused;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_answer_is_not_kept_and_the_known_one_is() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "cut": "after" })).await;
    let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
    unknown(&answered);
    assert!(!replayed);
    let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
    bench.signed(&answered, &envelope);
    assert!(!replayed);
    let first = answered.2;
    for _ in 0..2 {
        let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
        assert_eq!((&answered.2, replayed), (&first, true));
    }
    refused(&bench.sign_as(&bench.xdr(), "k-1").await.0, 422);
    bench.signed_once(&envelope, 2).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_first_runs_the_others_wait() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "delay_ms": 2000 })).await;
    let second = async {
        bench.arrived(1).await;
        (bench.sign_as(&envelope, "k-1").await.0, bench.sign(&envelope).await, bench.sign_as(&envelope, "k-2").await.0)
    };
    let ((first, _), (same_key, no_key, other_key)) = tokio::join!(bench.sign_as(&envelope, "k-1"), second);
    let signed = bench.signed(&first, &envelope);
    for late in [&same_key, &no_key, &other_key] {
        refused(late, 409);
        assert!(late.1.contains_key("retry-after"), "{}", late.2);
    }
    let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
    assert_eq!((bench.signed(&answered, &envelope), replayed), (signed.clone(), true));
    assert_eq!(bench.signed(&bench.sign(&envelope).await, &envelope), signed);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_whose_request_was_throttled_may_be_used_again() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "status": 429, "headers": { "retry-after": "60" } })).await;
    let (answered, _) = bench.sign_as(&envelope, "k-1").await;
    refused(&answered, 503);
    let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
    let signed = bench.signed(&answered, &envelope);
    assert!(!replayed, "it certainly had not run");
    let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
    assert_eq!((bench.signed(&answered, &envelope), replayed), (signed, true));
    assert_eq!(bench.outcomes(&envelope).await, ["failed", "signed"]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_whose_request_crashed_is_looked_up() {
    for crash in ["before", "after"] {
        let bench = Bench::legacy().await;
        let envelope = bench.xdr();
        bench.commit_refused(1).await;
        bench.fault(json!({ "cut": crash })).await;
        refused(&bench.sign_as(&envelope, "k-1").await.0, 503);
        refused(&bench.sign_as(&envelope, "k-1").await.0, 409);
        bench.past_lease(&envelope).await;
        let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
        let signed = bench.signed(&answered, &envelope);
        assert!(!replayed);
        let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
        assert_eq!((bench.signed(&answered, &envelope), replayed), (signed, true));
        bench.signed_once(&envelope, 2).await;
        bench.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_kept_also_where_the_signature_was_there() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.signed(&bench.sign(&envelope).await, &envelope);
    let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
    let signed = bench.signed(&answered, &envelope);
    assert!(!replayed);
    let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
    assert_eq!((bench.signed(&answered, &envelope), replayed), (signed, true));
    refused(&bench.sign_as(&bench.xdr(), "k-1").await.0, 422);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_answered_after_somebody_else_learnt_the_outcome() {
    let bench = Bench::legacy().await;
    let (found, gone) = (bench.xdr(), bench.xdr());
    bench.fault(json!({ "cut": "after", "count": 2 })).await;
    unknown(&bench.sign_as(&found, "k-found").await.0);
    bench.next_activities("REJECTED", 1).await;
    unknown(&bench.sign_as(&gone, "k-gone").await.0);
    bench.signed(&bench.sign(&found).await, &found);
    refused(&bench.sign(&gone).await, 403);
    let (answered, _) = bench.sign_as(&found, "k-found").await;
    bench.signed(&answered, &found);
    assert!(bench.sign_as(&found, "k-found").await.1);
    // What this key asked for has failed: it is told, and not run again.
    let (first, _) = bench.sign_as(&gone, "k-gone").await;
    refused(&first, 502);
    let (again, replayed) = bench.sign_as(&gone, "k-gone").await;
    assert_eq!((again.2, replayed), (first.2, true));
    assert_eq!(bench.activities().await.len(), 2);
    assert_eq!(
        (bench.outcomes(&found).await, bench.outcomes(&gone).await),
        (vec!["signed".into()], vec!["failed".into()])
    );
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_with_one_key_make_one_activity() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    let body = json!({ "xdr": envelope });
    let calls = (0..20).map(|_| bench.keyed(&body, "k-1"));
    let answers = join_all(calls).await;
    let mut signed: Vec<Value> = Vec::new();
    for (answered, _) in &answers {
        if answered.0 == 200 {
            bench.signed(answered, &envelope);
            signed.push(answered.2.clone());
        } else {
            refused(answered, 409);
        }
    }
    assert!(!signed.is_empty() && signed.iter().all(|answer| *answer == signed[0]));
    assert!(bench.sign_as(&envelope, "k-1").await.1);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}
