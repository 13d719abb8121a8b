//! The Turnkey stand-in as its clients meet it: stamped by Turnkey's own stamper, over HTTP.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::{
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use countersign_local_control::{Cut, Fault};
use countersign_local_standins::turnkey::{NewOrganization, RateLimits, TurnkeyStandin};
use countersign_turnkey::{
    Outcome, SIGN_RAW_PAYLOAD_PATH, SignRawPayload, SubmitError, Turnkey, get_activity_body, list_activities_body,
};
use ed25519_dalek::{Signature, VerifyingKey};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use turnkey_api_key_stamper::{Stamp as _, TurnkeyP256ApiKey};

const PAYLOAD: [u8; 32] = [7; 32];

struct Bench {
    standin: TurnkeyStandin,
    http: Client,
    client: Turnkey,
    key: TurnkeyP256ApiKey,
    organization_id: String,
    sign_with: String,
}

fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

impl Bench {
    async fn start() -> Self {
        Self::start_at(None).await
    }

    async fn start_at(path: Option<PathBuf>) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let standin = TurnkeyStandin::start(listener, path).unwrap();
        let key = TurnkeyP256ApiKey::generate();
        let api_public_key = Some(hex::encode(key.compressed_public_key()));
        let added = standin.add_organization(NewOrganization { api_public_key, ..Default::default() }).unwrap();
        assert!(added.api_private_key.is_none());
        let http = Client::new();
        let client = Turnkey::new(standin.url(), || Client::builder().build());
        let (organization_id, sign_with) = (added.organization_id, added.sign_with);
        Self { standin, http, client, key, organization_id, sign_with }
    }

    fn body_at(&self, timestamp_ms: u64) -> Vec<u8> {
        SignRawPayload {
            organization_id: &self.organization_id,
            sign_with: &self.sign_with,
            payload: &PAYLOAD,
            timestamp_ms,
        }
        .body()
    }

    fn stamp(&self, body: &[u8]) -> String {
        self.key.stamp(body).unwrap().value
    }

    async fn submit(&self, body: &[u8]) -> Result<Outcome, SubmitError> {
        self.client.submit(body, &self.stamp(body)).await
    }

    /// Posts these bytes, stamped, and gives the raw answer.
    async fn post(&self, path: &str, body: &[u8]) -> (StatusCode, Value) {
        self.post_stamped(path, body, Some(&self.stamp(body))).await
    }

    async fn post_stamped(&self, path: &str, body: &[u8], stamp: Option<&str>) -> (StatusCode, Value) {
        let mut request = self.http.post(format!("{}{path}", self.standin.url())).body(body.to_vec());
        if let Some(stamp) = stamp {
            request = request.header("X-Stamp", stamp);
        }
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    async fn control(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let url = format!("{}/_control/{path}", self.standin.url());
        let response = self.http.request(method, url).body(body.to_string()).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or(Value::Null))
    }

    fn assert_signed(&self, outcome: &Outcome) {
        let Outcome::Signed(signature) = outcome else { panic!("not signed: {outcome:?}") };
        let key = stellar_strkey::ed25519::PublicKey::from_string(&self.sign_with).unwrap();
        let key = VerifyingKey::from_bytes(&key.0).unwrap();
        key.verify_strict(&PAYLOAD, &Signature::from_bytes(signature)).unwrap();
    }
}

#[tokio::test]
async fn signs_with_the_wallets_key() {
    let bench = Bench::start().await;
    bench.assert_signed(&bench.submit(&bench.body_at(now_ms())).await.unwrap());
    let (status, answer) = bench.post(SIGN_RAW_PAYLOAD_PATH, &bench.body_at(now_ms() - 1)).await;
    assert_eq!(status, StatusCode::OK);
    let activity = &answer["activity"];
    assert_eq!(activity["status"], "ACTIVITY_STATUS_COMPLETED");
    assert_eq!(activity["organizationId"], bench.organization_id);
    assert_eq!(activity["intent"]["signRawPayloadIntentV2"]["payload"], hex::encode(PAYLOAD));
    assert_eq!(activity["result"]["signRawPayloadResult"]["v"], "00");
    assert!(activity["fingerprint"].as_str().unwrap().starts_with("sha256:"));
}

#[tokio::test]
async fn the_same_body_is_one_activity_signed_once() {
    let bench = Bench::start().await;
    let body = bench.body_at(now_ms());
    let first = bench.submit(&body).await.unwrap();
    assert_eq!(bench.submit(&body).await.unwrap(), first);
    // The answer is lost, the work is done; the retry finds it.
    let lost = bench.body_at(now_ms() + 1);
    bench.standin.control().add_fault(Fault::cut(Cut::After));
    assert!(matches!(bench.submit(&lost).await, Err(SubmitError::Unknown { .. })));
    assert_eq!(bench.submit(&lost).await.unwrap(), first, "Ed25519 gives the same signature for another activity");
    let activities = bench.standin.state().activities();
    let counts: Vec<_> = activities.iter().map(|activity| (activity.submissions, activity.signatures)).collect();
    assert_eq!(counts, [(2, 1), (2, 1)]);
}

#[tokio::test]
async fn refuses_stamps_that_are_not_good() {
    let bench = Bench::start().await;
    let body = bench.body_at(now_ms());
    let stranger = TurnkeyP256ApiKey::generate();
    let other = bench.standin.add_organization(NewOrganization::default()).unwrap();
    let spaced = [body.as_slice(), b" "].concat();
    for (stamp, needle) in [
        (None, "without a stamp"),
        (Some(String::new()), "could not extract"),
        (Some("{}".to_owned()), "could not extract"),
        (Some(stranger.stamp(&body).unwrap().value), "could not find public key"),
        (Some(bench.stamp(&spaced)), "could not verify"),
    ] {
        let (status, answer) = bench.post_stamped(SIGN_RAW_PAYLOAD_PATH, &body, stamp.as_deref()).await;
        assert_eq!((status, &answer["code"]), (StatusCode::UNAUTHORIZED, &json!(16)), "{needle}");
        assert!(answer["message"].as_str().unwrap().contains(needle), "{answer}");
        assert!(answer["details"].is_array());
    }
    // A key of one organization is nothing in another.
    let elsewhere =
        String::from_utf8(body.clone()).unwrap().replace(&bench.organization_id, &other.organization_id).into_bytes();
    assert_eq!(bench.post(SIGN_RAW_PAYLOAD_PATH, &elsewhere).await.0, StatusCode::UNAUTHORIZED);
    let two = bench.http.post(bench.client.url(SIGN_RAW_PAYLOAD_PATH)).body(body.clone());
    let two = two.header("X-Stamp", bench.stamp(&body)).header("X-Stamp", bench.stamp(&body));
    assert_eq!(two.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert!(bench.standin.state().activities().is_empty(), "nothing of this was signed");
}

#[tokio::test]
async fn refuses_requests_that_are_not_right() {
    let bench = Bench::start().await;
    let good: Value = serde_json::from_slice(&bench.body_at(now_ms())).unwrap();
    let change = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let mut without = good.clone();
    without["parameters"].as_object_mut().unwrap().remove("encoding");
    let mut unknown = good.clone();
    unknown["surprise"] = json!(1);
    for bad in [
        change("/type", json!("ACTIVITY_TYPE_SIGN_RAW_PAYLOAD")),
        change("/timestampMs", json!(now_ms())),
        change("/timestampMs", json!((now_ms() - 3_601_000).to_string())),
        change("/timestampMs", json!((now_ms() + 120_000).to_string())),
        change("/organizationId", json!("not-a-uuid")),
        change("/parameters/payload", json!("abc")),
        change("/parameters/payload", json!("")),
        change("/parameters/encoding", json!("PAYLOAD_ENCODING_EIP712")),
        change("/parameters/hashFunction", json!("HASH_FUNCTION_SHA256")),
        without,
        unknown,
        json!("text"),
    ] {
        let (status, answer) = bench.post(SIGN_RAW_PAYLOAD_PATH, bad.to_string().as_bytes()).await;
        assert_eq!((status, &answer["code"]), (StatusCode::BAD_REQUEST, &json!(3)), "{bad}: {answer}");
    }
    for missing in [
        change("/organizationId", json!("00000000-0000-4000-8000-000000000000")),
        change("/parameters/signWith", json!("GAAA")),
    ] {
        let (status, answer) = bench.post(SIGN_RAW_PAYLOAD_PATH, missing.to_string().as_bytes()).await;
        assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &json!(5)), "{answer}");
    }
    assert_eq!(bench.post("/public/v1/submit/no_such_thing", b"{}").await.0, StatusCode::NOT_FOUND);
    let got = bench.http.get(bench.client.url(SIGN_RAW_PAYLOAD_PATH)).send().await.unwrap();
    assert_eq!(got.json::<Value>().await.unwrap()["code"], 12);
    assert!(bench.standin.state().activities().is_empty());
}

#[tokio::test]
async fn activities_go_as_asked() {
    let bench = Bench::start().await;
    for (step, (status, is_expected)) in [
        ("PENDING", (|outcome| matches!(outcome, Outcome::Pending { .. })) as fn(&Outcome) -> bool),
        ("CREATED", |outcome| matches!(outcome, Outcome::Pending { .. })),
        ("CONSENSUS_NEEDED", |outcome| matches!(outcome, Outcome::ConsensusNeeded { .. })),
        ("REJECTED", |outcome| matches!(outcome, Outcome::Rejected { .. })),
        ("FAILED", |outcome| matches!(outcome, Outcome::Failed { code: 13, .. })),
    ]
    .into_iter()
    .enumerate()
    {
        let mode = json!({"status": format!("ACTIVITY_STATUS_{status}"), "count": 1});
        assert_eq!(bench.control(Method::POST, "activity_mode", mode).await.0, StatusCode::CREATED);
        let body = bench.body_at(now_ms() - step as u64);
        let outcome = bench.submit(&body).await.unwrap();
        assert!(is_expected(&outcome), "{status}: {outcome:?}");
        assert_eq!(bench.submit(&body).await.unwrap(), outcome, "{status}: the same body, the same activity");
    }
    bench.assert_signed(&bench.submit(&bench.body_at(now_ms() - 100)).await.unwrap());
    for bad in [
        json!({"status": "ACTIVITY_STATUS_SUPER"}),
        json!({}),
        json!({"status": "ACTIVITY_STATUS_PENDING", "count": 0}),
    ] {
        assert_eq!(bench.control(Method::POST, "activity_mode", bad).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_pending_activity_completes_later() {
    let bench = Bench::start().await;
    let mode = json!({"status": "ACTIVITY_STATUS_PENDING", "complete_after_ms": 150});
    bench.control(Method::POST, "activity_mode", mode).await;
    let body = bench.body_at(now_ms());
    let Outcome::Pending { activity_id } = bench.submit(&body).await.unwrap() else { panic!("not pending") };
    let query = get_activity_body(&bench.organization_id, &activity_id);
    let looked = bench.client.get_activity(&query, &bench.stamp(&query)).await.unwrap();
    assert_eq!(looked.outcome, Outcome::Pending { activity_id: activity_id.clone() });
    tokio::time::sleep(Duration::from_millis(200)).await;
    bench.assert_signed(&bench.submit(&body).await.unwrap());
    let looked = bench.client.get_activity(&query, &bench.stamp(&query)).await.unwrap();
    bench.assert_signed(&looked.outcome);
    assert!(looked.is_for(&bench.sign_with, &PAYLOAD));
    assert_eq!(bench.standin.state().activities()[0].signatures, 1);
}

#[tokio::test]
async fn people_decide_by_control() {
    let bench = Bench::start().await;
    let mode = json!({"status": "ACTIVITY_STATUS_CONSENSUS_NEEDED", "count": 2});
    bench.control(Method::POST, "activity_mode", mode).await;
    let now = now_ms();
    let (yes, no) = (bench.body_at(now), bench.body_at(now - 1));
    for (body, status) in [(&yes, "ACTIVITY_STATUS_COMPLETED"), (&no, "ACTIVITY_STATUS_REJECTED")] {
        let Outcome::ConsensusNeeded { activity_id } = bench.submit(body).await.unwrap() else {
            panic!("no consensus")
        };
        let path = format!("activities/{activity_id}");
        let (code, shown) = bench.control(Method::POST, &path, json!({"status": status})).await;
        assert_eq!((code, shown["status"].as_str()), (StatusCode::OK, Some(status)));
        let again = bench.control(Method::POST, &path, json!({"status": "ACTIVITY_STATUS_PENDING"})).await;
        assert_eq!(again.0, StatusCode::CONFLICT);
    }
    bench.assert_signed(&bench.submit(&yes).await.unwrap());
    assert!(matches!(bench.submit(&no).await.unwrap(), Outcome::Rejected { .. }));
    let unknown = bench.control(Method::POST, "activities/x", json!({"status": "ACTIVITY_STATUS_PENDING"})).await;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
    let (_, listed) = bench.control(Method::GET, "activities", json!({})).await;
    assert_eq!(listed["activities"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn looks_up_only_its_own() {
    let bench = Bench::start().await;
    for age in 0..3 {
        bench.submit(&bench.body_at(now_ms() - 10 * age)).await.unwrap();
    }
    let ids: Vec<_> = bench.standin.state().activities().into_iter().map(|activity| activity.id).collect();
    let list = async |limit, after: Option<&str>| {
        let body = list_activities_body(&bench.organization_id, limit, after);
        let found = bench.client.list_activities(&body, &bench.stamp(&body)).await.unwrap();
        found.into_iter().map(|activity| activity.id).collect::<Vec<_>>()
    };
    assert_eq!(list(10, None).await, [ids[2].clone(), ids[1].clone(), ids[0].clone()], "newest first");
    assert_eq!(list(1, Some(&ids[2])).await, [ids[1].clone()]);

    let other = Bench::start().await;
    let added = bench.standin.add_organization(NewOrganization {
        api_public_key: Some(hex::encode(other.key.compressed_public_key())),
        ..Default::default()
    });
    let foreign = get_activity_body(&added.unwrap().organization_id, &ids[0]);
    let stamp = other.stamp(&foreign);
    let (status, answer) = bench.post_stamped("/public/v1/query/get_activity", &foreign, Some(&stamp)).await;
    assert_eq!((status, &answer["code"]), (StatusCode::NOT_FOUND, &json!(5)));

    let who = json!({"organizationId": bench.organization_id}).to_string();
    let (status, answer) = bench.post("/public/v1/query/whoami", who.as_bytes()).await;
    assert_eq!((status, answer["organizationId"].as_str()), (StatusCode::OK, Some(bench.organization_id.as_str())));
    assert!(answer["userId"].is_string() && answer["username"].is_string());
}

#[tokio::test]
async fn asks_for_fewer_requests() {
    let bench = Bench::start().await;
    let limits = json!({"sub_organization_per_second": 1, "plan_per_second": 60, "bucket_seconds": 2});
    assert_eq!(bench.control(Method::POST, "limits", limits).await.0, StatusCode::OK);
    let body = bench.body_at(now_ms());
    for _ in 0..2 {
        bench.submit(&body).await.unwrap();
    }
    let throttled = SubmitError::Throttled { retry_after_seconds: Some(1) };
    assert_eq!(bench.submit(&body).await, Err(throttled.clone()));
    assert_eq!(bench.post(SIGN_RAW_PAYLOAD_PATH, &body).await.1["code"], 8);
    bench.standin.state().set_limits(RateLimits { plan_per_second: 1.0, bucket_seconds: 1.0, ..Default::default() });
    bench.submit(&body).await.unwrap();
    assert_eq!(bench.submit(&body).await, Err(throttled));
    assert_eq!(bench.control(Method::POST, "limits", json!({"plan_per_second": 0})).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn organizations_are_made_over_http() {
    let bench = Bench::start().await;
    let (status, made) = bench.control(Method::POST, "organizations", json!({})).await;
    assert_eq!(status, StatusCode::CREATED);
    let (public, private) = (made["api_public_key"].as_str().unwrap(), made["api_private_key"].as_str().unwrap());
    let key = TurnkeyP256ApiKey::from_strings(private, Some(public)).unwrap();
    let body = SignRawPayload {
        organization_id: made["organization_id"].as_str().unwrap(),
        sign_with: made["sign_with"].as_str().unwrap(),
        payload: &PAYLOAD,
        timestamp_ms: now_ms(),
    }
    .body();
    let outcome = bench.client.submit(&body, &key.stamp(&body).unwrap().value).await.unwrap();
    assert!(matches!(outcome, Outcome::Signed(_)));

    let secret = stellar_strkey::ed25519::PrivateKey([9; 32]).as_unredacted().to_string().to_string();
    let asked = json!({"organization_id": made["organization_id"], "api_public_key": public, "stellar_secret": secret});
    let (_, again) = bench.control(Method::POST, "organizations", asked.clone()).await;
    let address = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
    assert_eq!(again["sign_with"], stellar_strkey::ed25519::PublicKey(address).to_string().as_str());
    assert!(again.get("api_private_key").is_none());
    assert_eq!(bench.control(Method::POST, "organizations", asked).await.1, again, "asked again, nothing changes");

    let (_, listed) = bench.control(Method::GET, "organizations", json!({})).await;
    assert_eq!(listed["organizations"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(&secret));
    for bad in [
        json!({"organization_id": "x"}),
        json!({"api_public_key": "02"}),
        json!({"stellar_secret": "S"}),
        json!({"api_private_key": "00"}),
    ] {
        assert_eq!(bench.control(Method::POST, "organizations", bad).await.0, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn remembers_in_an_owner_only_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("turnkey.json");
    let bench = Bench::start_at(Some(path.clone())).await;
    let body = bench.body_at(now_ms());
    let first = bench.submit(&body).await.unwrap();
    let Bench { standin, key, organization_id, sign_with, .. } = bench;
    standin.stop().await;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    // A crash in the middle of a line loses that line alone.
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}{{\"activity\":{{\"id\"")).unwrap();
    let again = Bench::start_at(Some(path.clone())).await;
    let again = Bench { key, organization_id, sign_with, ..again };
    assert_eq!(again.submit(&body).await.unwrap(), first);
    let activities = again.standin.state().activities();
    assert_eq!((activities.len(), activities[0].submissions, activities[0].signatures), (1, 2, 1));

    std::fs::write(&path, "not ours\n").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    assert!(TurnkeyStandin::start(listener, Some(path)).is_err());
}
