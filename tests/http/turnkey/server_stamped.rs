//! A key sealed here stamps: one intent, one body, one activity, whatever Turnkey answers.

use std::time::Instant;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Bench, hash_hex, mini_app, nothing_signed, unknown};
use crate::{
    world::{Payment, refused, unix_seconds},
    xdr,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_signs_with_the_exact_body_and_writes_all_of_it_down() {
    let bench = Bench::legacy().await;
    let (envelope, before) = (bench.xdr(), unix_seconds());
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 1).await;
    let body: Value = serde_json::from_str(bench.submissions().await[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["type"], "ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2");
    assert_eq!(body["parameters"]["signWith"], bench.account());
    assert_eq!(body["parameters"]["payload"], hash_hex(&envelope));
    let made: u64 = body["timestampMs"].as_str().unwrap().parse().unwrap();
    assert!((before * 1000..=(unix_seconds() + 1) * 1000).contains(&made), "{body}");
    let intent = bench.intent(&envelope).await;
    assert_eq!(intent["state"], "signed");
    assert!(intent.get("pending_pk").is_none(), "a closed intent is in no index: {intent}");
    let event = &bench.events(&envelope).await[0];
    for (name, expected) in [("kind", "legacy"), ("signer", "turnkey"), ("key", bench.account()), ("fee_stroops", "0")]
    {
        assert_eq!(event[name], expected, "{event}");
    }
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_transaction_has_the_same_signature_however_it_is_asked_for() {
    let bench = Bench::legacy().await;
    let payment = Payment::from(bench.account());
    let (v1, v0) = (payment.v1(), payment.v0());
    let first = bench.signed(&bench.sign(&v1).await, &v1);
    for _ in 0..3 {
        assert_eq!(bench.signed(&bench.sign(&v1).await, &v1), first);
    }
    let old_form = bench.signed(&bench.sign(&v0).await, &v0);
    assert_eq!(xdr::signatures(&old_form), xdr::signatures(&first), "v0 has the hash of its v1");
    let service = bench.world.service("mini_app_backend");
    let call = mini_app(bench.person.telegram_id, &v1).api_key(&service.api_key);
    assert_eq!(bench.world.send(&call).await.field("signed_xdr"), first);
    bench.signed_once(&v1, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_that_is_there_already_asks_nobody() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    let signed = bench.signed(&bench.sign(&envelope).await, &envelope);
    assert_eq!(bench.signed(&bench.sign(&signed).await, &envelope), signed, "not doubled");
    let full = xdr::with_strangers(&bench.xdr(), 20);
    assert_eq!(refused(&bench.sign(&full).await, 400), "Invalid XDR: too many signatures");
    assert_eq!(bench.submissions().await.len(), 1);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fee_is_reported_as_for_every_signer() {
    let bench = Bench::legacy().await;
    let fee_wallet = bench.world.system.demo().fee_wallet.clone();
    let envelope = Payment::from(bench.account()).to(&fee_wallet, 5_000_001).v1();
    for (include_fee, fee, stroops) in
        [(false, 0.500_000_1, "5000001"), (true, 0.0, "0"), (false, 0.500_000_1, "5000001")]
    {
        let body = json!({ "xdr": envelope, "include_fee": include_fee });
        let answered = bench.world.post("/api/sign", bench.token(), &body).await;
        bench.signed(&answered, &envelope);
        assert_eq!((answered.2["fee"].as_f64(), answered.2["fee_stroops"].as_str()), (Some(fee), Some(stroops)));
    }
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pending_activity_is_waited_for_and_then_asked_for() {
    let bench = Bench::legacy().await;
    let quick = bench.xdr();
    bench.next_completes_after(400).await;
    bench.signed(&bench.sign(&quick).await, &quick);
    assert_eq!(bench.activities().await[0]["signatures"], 1);
    assert_eq!(bench.outcomes(&quick).await, ["signed"]);

    let slow = Bench::legacy().await;
    let envelope = slow.xdr();
    slow.next_activities("PENDING", 1).await;
    unknown(&slow.sign(&envelope).await);
    let intent = slow.intent(&envelope).await;
    assert_eq!((&intent["state"], &intent["activity_id"]), (&json!("unknown"), &slow.activities().await[0]["id"]));
    assert_eq!(slow.outcomes(&envelope).await, ["open"]);
    slow.becomes("COMPLETED").await;
    let submitted = slow.submissions().await.len();
    slow.signed(&slow.sign(&envelope).await, &envelope);
    slow.signed_once(&envelope, submitted + 1).await;
    bench.world.stop().await;
    slow.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_pending_activity_is_bounded() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.next_activities("PENDING", 1).await;
    bench.fault(json!({ "delay_ms": 9_000, "skip": 1 })).await;
    let begun = Instant::now();
    unknown(&bench.sign(&envelope).await);
    assert!(begun.elapsed().as_secs() < 6, "{:?}", begun.elapsed());
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_is_waited_for_with_202() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.next_activities("CONSENSUS_NEEDED", 1).await;
    for _ in 0..2 {
        let ((status, headers, answer), replayed) = bench.sign_as(&envelope, "k-consent").await;
        assert_eq!((status, replayed), (StatusCode::ACCEPTED, false), "{answer}");
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!((&answer["success"], &answer["outcome"]), (&json!(false), &json!("pending")), "{answer}");
        assert_eq!(answer["hash"], hash_hex(&envelope));
        assert_eq!(bench.outcomes(&envelope).await, ["open"]);
    }
    bench.becomes("COMPLETED").await;
    let (answered, replayed) = bench.sign_as(&envelope, "k-consent").await;
    let signed = bench.signed(&answered, &envelope);
    assert!(!replayed);
    let (answered, replayed) = bench.sign_as(&envelope, "k-consent").await;
    assert_eq!((bench.signed(&answered, &envelope), replayed), (signed, true));
    bench.signed_once(&envelope, 3).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consent_that_is_refused_later_closes_the_record() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.next_activities("CONSENSUS_NEEDED", 1).await;
    assert_eq!(bench.sign(&envelope).await.0, StatusCode::ACCEPTED);
    bench.becomes("REJECTED").await;
    let answered = bench.sign(&envelope).await;
    assert_eq!(refused(&answered, 403), "The signature was rejected at Turnkey");
    nothing_signed(&answered);
    assert_eq!(bench.outcomes(&envelope).await, ["failed"]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_for_good_is_kept_and_replayed() {
    for (mode, status) in [("REJECTED", 403), ("FAILED", 502)] {
        let bench = Bench::legacy().await;
        let envelope = bench.xdr();
        bench.next_activities(mode, 1).await;
        let (first, replayed) = bench.sign_as(&envelope, "k-failed").await;
        refused(&first, status);
        nothing_signed(&first);
        assert_eq!((first.2["outcome"].as_str(), replayed), (Some("failed"), false));
        let (again, replayed) = bench.sign_as(&envelope, "k-failed").await;
        refused(&again, status);
        assert_eq!((again.2, replayed), (first.2, true));
        assert_eq!((bench.submissions().await.len(), bench.outcomes(&envelope).await), (1, vec!["failed".into()]));
        // A new wish is a new activity, with a record of its own.
        bench.signed(&bench.sign(&envelope).await, &envelope);
        assert_eq!(bench.outcomes(&envelope).await, ["failed", "signed"]);
        assert_eq!(bench.activities().await.len(), 2);
        bench.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_removed_at_turnkey_is_told_without_its_words() {
    for status in [400, 401, 403, 404] {
        let bench = Bench::legacy().await;
        let envelope = bench.xdr();
        let message = "could not find public key in organization organizationId=7c9e publicKey=02ab";
        bench.fault(json!({ "status": status, "body": { "code": 16, "message": message } })).await;
        let (answered, _) = bench.sign_as(&envelope, "k-removed").await;
        assert_eq!(refused(&answered, 502), "Turnkey refused the request");
        nothing_signed(&answered);
        let (answered, replayed) = bench.sign_as(&envelope, "k-removed").await;
        assert_eq!((answered.0.as_u16(), replayed), (502, true));
        assert_eq!((bench.submissions().await.len(), bench.activities().await.len()), (1, 0));
        assert_eq!(bench.outcomes(&envelope).await, ["failed"]);
        bench.signed(&bench.sign(&envelope).await, &envelope);
        bench.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_by_another_key_is_handed_to_nobody() {
    let bench = Bench::legacy().await;
    let other = bench.world.signer(None).await;
    let envelope = bench.xdr();
    let (_, _, answer) = bench.world.sign(&other.access_token, &envelope).await;
    let (_, foreign) = xdr::signatures(answer["signed_xdr"].as_str().unwrap())[0].clone();
    let activity = json!({ "activity": {
        "id": "a-1", "status": "ACTIVITY_STATUS_COMPLETED", "type": "ACTIVITY_TYPE_SIGN_RAW_PAYLOAD_V2",
        "result": { "signRawPayloadResult": { "r": &foreign[..64], "s": &foreign[64..], "v": "00" } },
    } });
    bench.fault(json!({ "status": 200, "body": activity })).await;
    let (answered, _) = bench.sign_as(&envelope, "k-foreign").await;
    assert_eq!(refused(&answered, 502), "The wallet at Turnkey signed with another key than the session's");
    nothing_signed(&answered);
    let intent = bench.intent(&envelope).await;
    assert_eq!((&intent["state"], intent.get("signature")), (&json!("failed"), None));
    assert!(!answered.2.to_string().contains(&foreign[..64]));
    assert_eq!(bench.outcomes(&envelope).await, ["failed"]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttling_is_waited_out_or_passed_on() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "status": 429, "count": 2 })).await;
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 3).await;

    let long = bench.xdr();
    bench.fault(json!({ "status": 429, "headers": { "retry-after": "7" } })).await;
    let answered = bench.sign(&long).await;
    refused(&answered, 503);
    assert_eq!((&answered.1["retry-after"], &answered.2["outcome"]), (&"7".parse().unwrap(), &json!("failed")));
    assert_eq!((bench.submissions().await.len(), bench.outcomes(&long).await), (4, vec!["failed".into()]));
    bench.signed(&bench.sign(&long).await, &long);
    assert_eq!(bench.outcomes(&long).await, ["failed", "signed"]);

    let often = bench.xdr();
    bench.fault(json!({ "status": 429, "count": 3 })).await;
    refused(&bench.sign(&often).await, 503);
    bench.signed(&bench.sign(&often).await, &often);
    assert_eq!(bench.activities().await.len(), 3, "a throttled request makes no activity");
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn turnkeys_own_rate_limit_is_passed_on() {
    let bench = Bench::legacy().await;
    bench.told("/_control/limits", &json!({ "sub_organization_per_second": 0.01, "bucket_seconds": 100.0 })).await;
    let (first, second) = (bench.xdr(), bench.xdr());
    bench.signed(&bench.sign(&first).await, &first);
    let begun = Instant::now();
    let answered = bench.sign(&second).await;
    refused(&answered, 503);
    nothing_signed(&answered);
    assert!(begun.elapsed().as_secs() < 10, "its Retry-After is obeyed a few times, not for ever");
    assert_eq!(bench.submissions().await.len(), 4);
    assert_eq!(bench.activities().await.len(), 1);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_make_one_activity() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "delay_ms": 300 })).await;
    let answers = join_all((0..20).map(|_| bench.sign(&envelope))).await;
    let mut signed = 0;
    for answered in &answers {
        match answered.0.as_u16() {
            200 => {
                bench.signed(answered, &envelope);
                signed += 1;
            }
            _ => {
                refused(answered, 409);
                assert!(answered.1.contains_key("retry-after"), "{}", answered.2);
            }
        }
    }
    assert!(signed >= 1, "{answers:?}");
    bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}
