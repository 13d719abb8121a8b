//! A session that ends or is replaced while the outcome of its signature is not known.

use reqwest::StatusCode;
use serde_json::json;

use super::{Bench, nothing_signed, unknown};
use crate::world::{refused, text};

impl Bench {
    async fn lost_answer(&self) -> String {
        let envelope = self.xdr();
        self.fault(json!({ "cut": "after" })).await;
        unknown(&self.sign(&envelope).await);
        envelope
    }

    async fn end_session(&self) {
        let (_, _, page) = self.world.get("/api/v1/signing-sessions", self.token()).await;
        let live = page["sessions"].as_array().unwrap().iter().find(|session| session["status"] == "live").unwrap();
        let path = format!("/api/v1/signing-sessions/{}", live["id"]);
        assert_eq!(self.world.delete(&path, self.token()).await.0, StatusCode::OK);
    }

    /// Logs in again at Turnkey: another API key for the same wallet.
    async fn new_key_for_the_same_wallet(&self, organization_id: &str) {
        let added = self.told("/_control/organizations", &json!({ "organization_id": organization_id })).await;
        assert_eq!(added["sign_with"], self.account());
        let body = json!({ "kind": "legacy", "signer": "turnkey", "turnkey": added });
        self.world.session(&self.person.access_token, &body).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_session_hands_out_nothing() {
    let bench = Bench::legacy().await;
    let known = bench.xdr();
    bench.signed(&bench.sign(&known).await, &known);
    let envelope = bench.lost_answer().await;
    let submitted = bench.submissions().await.len();
    bench.end_session().await;
    for envelope in [&envelope, &known] {
        let answered = bench.sign(envelope).await;
        assert_eq!(refused(&answered, 401), "No active session");
        nothing_signed(&answered);
    }
    assert_eq!(bench.submissions().await.len(), submitted);
    bench.sweep().await;
    assert_eq!((bench.submissions().await.len(), bench.outcomes(&envelope).await), (submitted, vec!["open".into()]));
    bench.past_freshness(&envelope).await;
    bench.sweep().await;
    assert_eq!(bench.outcomes(&envelope).await, ["lost"], "the key that could look is gone");
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_during_the_call_ends_it_for_the_next_one() {
    let bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "delay_ms": 1500 })).await;
    let end = async {
        bench.arrived(1).await;
        bench.end_session().await;
    };
    let (answered, ()) = tokio::join!(bench.sign(&envelope), end);
    // It was asked for, and committed, while the session lived.
    bench.signed(&answered, &envelope);
    bench.signed_once(&envelope, 1).await;
    assert_eq!(refused(&bench.sign(&envelope).await, 401), "No active session");
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_wallet_signs_anew_and_the_old_record_is_closed() {
    let mut bench = Bench::legacy().await;
    let envelope = bench.lost_answer().await;
    let wallet = bench.world.system.demo().turnkey.clone().unwrap();
    let body = json!({ "kind": "legacy", "signer": "turnkey", "turnkey": wallet });
    let session = bench.world.session(&bench.person.access_token, &body).await;
    bench.person.stellar_public_key = Some(text(&session, "stellar_public_key"));
    bench.signed(&bench.sign(&envelope).await, &envelope);
    assert_eq!(bench.outcomes(&envelope).await, ["lost", "signed"], "no record stays open for ever");
    let organizations: Vec<_> =
        bench.activities().await.iter().map(|activity| activity["organization_id"].clone()).collect();
    assert_eq!(organizations[1], wallet.organization_id.as_str());
    assert_ne!(organizations[0], organizations[1]);
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_key_for_the_same_wallet_looks_for_what_the_old_one_asked() {
    let bench = Bench::legacy().await;
    let envelope = bench.lost_answer().await;
    let organization_id = text(&bench.activities().await[0], "organization_id");
    bench.new_key_for_the_same_wallet(&organization_id).await;
    let signed = bench.signed(&bench.sign(&envelope).await, &envelope);
    bench.signed_once(&envelope, 2).await;
    bench.new_key_for_the_same_wallet(&organization_id).await;
    assert_eq!(bench.signed(&bench.sign(&envelope).await, &envelope), signed);
    bench.signed_once(&envelope, 2).await;
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_an_earlier_match_signs_by_itself() {
    let mut bench = Bench::legacy().await;
    let envelope = bench.lost_answer().await;
    let session = json!({ "kind": "session_keys", "signer": "local" });
    let session = bench.world.session(&bench.person.access_token, &session).await;
    bench.person.stellar_public_key = Some(text(&session, "stellar_public_key"));
    bench.person.signing_method = "python_bot_kms".into();
    bench.signed(&bench.sign(&envelope).await, &envelope);
    assert_eq!(bench.submissions().await.len(), 1);
    // The sweep still learns what became of the other one.
    bench.past_lease(&envelope).await;
    bench.sweep().await;
    assert_eq!(bench.intent(&envelope).await["state"], "signed");
    bench.world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idempotency_key_that_began_elsewhere_begins_nothing_else() {
    let mut bench = Bench::legacy().await;
    let envelope = bench.xdr();
    bench.fault(json!({ "cut": "after" })).await;
    unknown(&bench.sign_as(&envelope, "k-1").await.0);
    let other = bench.world.system.demo().turnkey.clone().unwrap();
    let sessions = [
        json!({ "kind": "legacy", "signer": "turnkey", "turnkey": other }),
        json!({ "kind": "session_keys", "signer": "local" }),
    ];
    for session in sessions {
        let session = bench.world.session(&bench.person.access_token, &session).await;
        let (answered, replayed) = bench.sign_as(&envelope, "k-1").await;
        refused(&answered, 409);
        nothing_signed(&answered);
        assert!(!replayed);
        bench.person.stellar_public_key = Some(text(&session, "stellar_public_key"));
    }
    assert_eq!(bench.submissions().await.len(), 1);
    bench.person.signing_method = "python_bot_kms".into();
    bench.signed(&bench.sign_as(&envelope, "k-2").await.0, &envelope);
    bench.world.stop().await;
}
