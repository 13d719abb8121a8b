//! The key stays with the person: a body is handed out, its stamp is checked, and exactly that body goes to Turnkey, once.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use turnkey_api_key_stamper::TurnkeyP256ApiKey;

use super::{Bench, hash_hex, nothing_signed, stamp_with, unknown};
use crate::world::{Payment, refused};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_handed_out_and_stays_the_same() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let (_, _, answer) = bench.sign(&envelope).await;
    let asked = &answer["stamp_request"];
    assert!(asked["url"].as_str().unwrap().ends_with("/public/v1/submit/sign_raw_payload"), "{asked}");
    let made = bench.intent(&envelope).await["made_at"].as_i64().unwrap();
    let until = countersign_core::Moment::parse_rfc3339(asked["expires_at"].as_str().unwrap()).unwrap();
    assert_eq!(until.millis(), made + 300_000);
    let body: Value = serde_json::from_str(asked["body"].as_str().unwrap()).unwrap();
    let wallet = bench.person.telegram_cloud.clone().unwrap();
    assert_eq!(body["organizationId"], wallet.organization_id.as_str());
    assert_eq!(body["parameters"]["signWith"], wallet.sign_with.as_str());
    assert_eq!(body["parameters"]["payload"], hash_hex(&envelope));
    assert_eq!(bench.sign(&envelope).await.2, answer);
    assert_eq!(bench.intent(&envelope).await["state"], "awaiting_stamp");
    bench.turnkey_was_not_called().await;
    assert!(bench.events(&envelope).await.is_empty(), "nothing is signed yet");
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_persons_stamp_signs_once() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let body = bench.asked_to_stamp(&envelope).await;
    let stamp = bench.stamp(&body);
    let signed = bench.signed(&bench.stamped(&envelope, &stamp).await, &envelope);
    let submitted = &bench.submissions().await[0];
    assert_eq!((submitted["body"].as_str(), submitted["headers"]["x-stamp"].as_str()), (Some(&*body), Some(&*stamp)));
    // The same stamp, and another one over the same body: the signature that is there.
    for stamp in [stamp.clone(), bench.stamp(&body)] {
        assert_eq!(bench.signed(&bench.stamped(&envelope, &stamp).await, &envelope), signed);
    }
    bench.signed_once(&envelope, 1).await;
    let event = &bench.events(&envelope).await[0];
    assert_eq!((&event["kind"], &event["signer"]), (&json!("telegram_cloud"), &json!("client")));
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_stands_for_the_call_that_is_signed() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let ((_, _, asked), replayed) = bench.sign_as(&envelope, "k-1").await;
        assert!(!replayed, "{asked}");
        bodies.push(asked["stamp_request"]["body"].as_str().unwrap().to_owned());
    }
    assert_eq!(bodies[0], bodies[1], "one body is handed out");
    let stamped = json!({ "xdr": envelope, "stamp": bench.stamp(&bodies[0]) });
    let (first, replayed) = bench.keyed(&stamped, "k-1").await;
    let signed = bench.signed(&first, &envelope);
    assert!(!replayed);
    let (again, replayed) = bench.keyed(&stamped, "k-1").await;
    assert_eq!((bench.signed(&again, &envelope), replayed), (signed, true));
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

/// A token alone gets no signature, not even one that is there: the stamp is asked for again, over the same body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_again_without_a_stamp_it_is_not_signed_again() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let body = bench.asked_to_stamp(&envelope).await;
    bench.signed(&bench.stamped(&envelope, &bench.stamp(&body)).await, &envelope);
    bench.past_stamping(&envelope).await;
    let (_, _, answer) = bench.sign(&envelope).await;
    assert_eq!((&answer["success"], &answer["stamp_request"]["body"]), (&json!(false), &json!(body)), "{answer}");
    let until = countersign_core::Moment::parse_rfc3339(answer["stamp_request"]["expires_at"].as_str().unwrap());
    assert!(until.unwrap().seconds() > i64::try_from(crate::world::unix_seconds()).unwrap(), "{answer}");
    bench.signed(&bench.stamped(&envelope, &bench.stamp(&body)).await, &envelope);
    for wrong in ["", "e30", &stamp_with(&other_key(&bench), &body)] {
        let answered = bench.stamped(&envelope, wrong).await;
        refused(&answered, 400);
        nothing_signed(&answered);
    }
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stamp_that_is_not_the_persons_over_this_body_is_refused() {
    let bench = Bench::cloud().await;
    let (envelope, other) = (bench.xdr(), bench.xdr());
    let body = bench.asked_to_stamp(&envelope).await;
    let other_body = bench.asked_to_stamp(&other).await;
    let strange = TurnkeyP256ApiKey::generate();
    let strange = turnkey_api_key_stamper::Stamp::stamp(&strange, body.as_bytes()).unwrap().value;
    let good = bench.stamp(&body);
    let wrong = [
        String::new(),
        "garbage".to_owned(),
        "stamp\u{0}\r\nX-Evil: 1".to_owned(),
        "☃".to_owned(),
        good[..good.len() - 4].to_owned(),
        format!("{good}="),
        "A".repeat(4_000),
        "A".repeat(100_000),
        strange,
        stamp_with(&other_key(&bench), &body),
        bench.stamp(&other_body),
        bench.stamp(&format!("{body} ")),
    ];
    for stamp in &wrong {
        let answered = bench.stamped(&envelope, stamp).await;
        let detail = refused(&answered, 400);
        assert!(stamp.len() < 4 || !detail.contains(stamp), "{detail}");
        nothing_signed(&answered);
    }
    bench.turnkey_was_not_called().await;
    for not_text in [json!(7), json!({ "publicKey": "02" }), json!([good])] {
        let body = json!({ "xdr": envelope, "stamp": not_text });
        refused(&bench.world.post("/api/sign", bench.token(), &body).await, 400);
    }
    bench.signed(&bench.stamped(&envelope, &good).await, &envelope);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

/// The key of the other wallet of the demo.
fn other_key(bench: &Bench) -> String {
    bench.world.system.demo().turnkey.clone().unwrap().api_private_key
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_persons_token_does_not_reach_the_body() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let stamp = bench.stamp(&bench.asked_to_stamp(&envelope).await);
    let wallet = bench.world.system.demo().turnkey.clone().unwrap();
    let other = bench.world.newcomer().await;
    let turnkey = json!({
        "organization_id": wallet.organization_id, "sign_with": wallet.sign_with, "api_public_key": wallet.api_public_key,
    });
    let session = json!({ "kind": "telegram_cloud", "signer": "client", "turnkey": turnkey });
    bench.world.session(&other.access_token, &session).await;
    let body = json!({ "xdr": envelope, "stamp": stamp });
    refused(&bench.world.post("/api/sign", Some(&other.access_token), &body).await, 409);
    assert!(bench.world.sign(&other.access_token, &envelope).await.2["stamp_request"]["body"].is_string());
    refused(&bench.world.post("/api/sign", Some(&other.access_token), &body).await, 400);
    bench.turnkey_was_not_called().await;
    bench.signed(&bench.stamped(&envelope, &stamp).await, &envelope);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_stamped_calls_forward_one_body() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let stamp = bench.stamp(&bench.asked_to_stamp(&envelope).await);
    bench.fault(json!({ "delay_ms": 200 })).await;
    let answers = join_all((0..20).map(|_| bench.stamped(&envelope, &stamp))).await;
    let mut signed = 0;
    for answered in &answers {
        if answered.0 == StatusCode::OK {
            bench.signed(answered, &envelope);
            signed += 1;
        } else {
            refused(answered, 409);
        }
    }
    assert!(signed >= 1);
    bench.signed(&bench.stamped(&envelope, &stamp).await, &envelope);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_who_ask_are_asked_to_stamp_one_body() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let bodies = join_all((0..20).map(|_| bench.asked_to_stamp(&envelope))).await;
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    bench.signed(&bench.stamped(&envelope, &bench.stamp(&bodies[0])).await, &envelope);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stamp_that_comes_too_late_needs_a_new_body() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    refused(&bench.stamped(&envelope, "e30").await, 409);
    let old = bench.asked_to_stamp(&envelope).await;
    bench.past_stamping(&envelope).await;
    let answered = bench.stamped(&envelope, &bench.stamp(&old)).await;
    refused(&answered, 409);
    nothing_signed(&answered);
    bench.turnkey_was_not_called().await;
    let new = bench.asked_to_stamp(&envelope).await;
    assert_ne!(new, old);
    refused(&bench.stamped(&envelope, &bench.stamp(&old)).await, 400);
    bench.signed(&bench.stamped(&envelope, &bench.stamp(&new)).await, &envelope);
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_found_with_the_persons_own_stamp() {
    for cut in ["before", "after"] {
        let bench = Bench::cloud().await;
        let envelope = bench.xdr();
        let stamp = bench.stamp(&bench.asked_to_stamp(&envelope).await);
        bench.fault(json!({ "cut": cut })).await;
        unknown(&bench.stamped(&envelope, &stamp).await);
        refused(&bench.stamped(&envelope, "garbage").await, 400);
        bench.signed(&bench.stamped(&envelope, &stamp).await, &envelope);
        bench.signed_once(&envelope, 2).await;
        bench.world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_needs_a_new_body() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let old = bench.asked_to_stamp(&envelope).await;
    bench.next_activities("FAILED", 1).await;
    let answered = bench.stamped(&envelope, &bench.stamp(&old)).await;
    refused(&answered, 502);
    refused(&bench.stamped(&envelope, &bench.stamp(&old)).await, 409);
    let new = bench.asked_to_stamp(&envelope).await;
    assert_ne!(new, old);
    bench.signed(&bench.stamped(&envelope, &bench.stamp(&new)).await, &envelope);
    assert_eq!(bench.outcomes(&envelope).await, ["failed", "signed"]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stamped_call_is_replayed_and_the_request_for_a_stamp_is_not_kept() {
    let bench = Bench::cloud().await;
    let fee_wallet = bench.world.system.demo().fee_wallet.clone();
    let envelope = Payment::from(bench.account()).to(&fee_wallet, 10_000_000).v1();
    let asked = json!({ "xdr": envelope, "include_fee": true });
    let ((_, _, answer), _) = bench.keyed(&asked, "k-1").await;
    let body = answer["stamp_request"]["body"].as_str().unwrap();
    let stamped = json!({ "xdr": envelope, "include_fee": true, "stamp": bench.stamp(body) });
    let (first, replayed) = bench.keyed(&stamped, "k-1").await;
    bench.signed(&first, &envelope);
    assert_eq!((first.2["fee"].as_f64(), replayed), (Some(0.0), false));
    let (again, replayed) = bench.keyed(&stamped, "k-1").await;
    assert_eq!((again.2, replayed), (first.2, true));
    let plain = json!({ "xdr": envelope, "stamp": bench.stamp(body) });
    refused(&bench.keyed(&plain, "k-1").await.0, 422);
    assert_eq!(bench.world.post("/api/sign", bench.token(), &plain).await.2["fee"].as_f64(), Some(1.0));
    bench.signed_once(&envelope, 1).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_signature_leaves_without_the_commit_of_its_outcome() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let stamp = bench.stamp(&bench.asked_to_stamp(&envelope).await);
    bench.commit_refused(1).await;
    let answered = bench.stamped(&envelope, &stamp).await;
    refused(&answered, 503);
    nothing_signed(&answered);
    refused(&bench.stamped(&envelope, &stamp).await, 409);
    bench.past_lease(&envelope).await;
    bench.signed(&bench.stamped(&envelope, &stamp).await, &envelope);
    bench.signed_once(&envelope, 2).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_of_the_server_knows_the_persons_key() {
    let bench = Bench::cloud().await;
    let envelope = bench.xdr();
    let body = bench.asked_to_stamp(&envelope).await;
    bench.signed(&bench.stamped(&envelope, &bench.stamp(&body)).await, &envelope);
    let wallet = bench.person.telegram_cloud.clone().unwrap();
    for item in bench.items("").await {
        assert!(!item.to_string().contains(&wallet.api_private_key), "{item}");
        assert!(item.get("sealed").is_none(), "{item}");
    }
    let turnkey = json!({
        "organization_id": wallet.organization_id, "sign_with": wallet.sign_with,
        "api_public_key": wallet.api_public_key, "api_private_key": wallet.api_private_key,
    });
    let session = json!({ "kind": "telegram_cloud", "signer": "client", "turnkey": turnkey });
    refused(&bench.world.post("/api/v1/signing-sessions", bench.token(), &session).await, 400);
    bench.world.stop().await;
}
