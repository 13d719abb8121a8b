//! Reads Turnkey's answers: what became of an activity.

use serde::Deserialize;

use crate::SIGN_RAW_PAYLOAD_TYPE;

/// The answer says nothing that we can rely on; whether the activity ran is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not an activity as we know it: {0}")]
pub struct Unreadable(pub(crate) &'static str);

/// What became of an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Signed: the Ed25519 signature (r then s). Whoever uses it verifies it first.
    Signed([u8; 64]),
    /// Still running; ask again, or send the same body again.
    Pending {
        /// The activity's id.
        activity_id: String,
    },
    /// Others of the organization have to approve first.
    ConsensusNeeded {
        /// The activity's id.
        activity_id: String,
    },
    /// They said no: there is no signature and there will be none.
    Rejected {
        /// The activity's id.
        activity_id: String,
    },
    /// It failed: there is no signature and there will be none.
    Failed {
        /// gRPC's status code.
        code: i64,
        /// What the code means, in our words and fit for anyone to read; Turnkey's own text may name its ids.
        message: &'static str,
    },
}

/// One activity of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Its id.
    pub id: String,
    /// Turnkey's fingerprint of the request, as it gives it.
    pub fingerprint: Option<String>,
    /// The wallet it signs with, where the answer repeats the request.
    pub sign_with: Option<String>,
    /// The payload in hex, where the answer repeats the request.
    pub payload: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
}

impl Activity {
    /// Whether it signs this payload with this wallet: with Ed25519 every such activity has the same signature.
    #[must_use]
    pub fn is_for(&self, sign_with: &str, payload: &[u8; 32]) -> bool {
        self.sign_with.as_deref() == Some(sign_with)
            && self.payload.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(&hex::encode(payload)))
    }
}

/// Reads the answer of a submission or of a look-up by id.
///
/// # Errors
/// [`Unreadable`] where it is no raw-payload activity, or one that is completed without a whole signature.
pub fn read_activity(body: &[u8]) -> Result<Activity, Unreadable> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| Unreadable("not the expected JSON"))?;
    answer.activity.read()
}

/// Reads the answer of a look-up of many; those that are not readable raw-payload activities are left out.
///
/// # Errors
/// [`Unreadable`] where it is no list of activities.
pub fn read_activities(body: &[u8]) -> Result<Vec<Activity>, Unreadable> {
    let answer: ListAnswer = serde_json::from_slice(body).map_err(|_| Unreadable("not the expected JSON"))?;
    let readable = |value| serde_json::from_value::<RawActivity>(value).ok()?.read().ok();
    Ok(answer.activities.into_iter().filter_map(readable).collect())
}

#[derive(Deserialize)]
struct Answer {
    activity: RawActivity,
}

#[derive(Deserialize)]
struct ListAnswer {
    activities: Vec<serde_json::Value>,
}

/// Unknown members are passed over: Turnkey adds some now and then.
#[derive(Deserialize)]
struct RawActivity {
    id: String,
    status: String,
    #[serde(rename = "type")]
    kind: String,
    fingerprint: Option<String>,
    intent: Option<RawIntent>,
    result: Option<RawResult>,
    failure: Option<RawFailure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawIntent {
    sign_raw_payload_intent_v2: Option<RawSignIntent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSignIntent {
    sign_with: String,
    payload: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawResult {
    sign_raw_payload_result: Option<RawSignature>,
}

#[derive(Deserialize)]
struct RawSignature {
    r: String,
    s: String,
}

#[derive(Deserialize)]
struct RawFailure {
    code: i64,
}

impl RawActivity {
    fn read(self) -> Result<Activity, Unreadable> {
        if self.kind != SIGN_RAW_PAYLOAD_TYPE {
            return Err(Unreadable("another type of activity"));
        }
        let outcome = self.outcome()?;
        let intent = self.intent.and_then(|intent| intent.sign_raw_payload_intent_v2);
        let (sign_with, payload) = intent.map(|intent| (intent.sign_with, intent.payload)).unzip();
        Ok(Activity { id: self.id, fingerprint: self.fingerprint, sign_with, payload, outcome })
    }

    fn outcome(&self) -> Result<Outcome, Unreadable> {
        let activity_id = self.id.clone();
        match self.status.as_str() {
            "ACTIVITY_STATUS_COMPLETED" => self.signature().map(Outcome::Signed),
            "ACTIVITY_STATUS_CREATED" | "ACTIVITY_STATUS_PENDING" => Ok(Outcome::Pending { activity_id }),
            "ACTIVITY_STATUS_CONSENSUS_NEEDED" | "ACTIVITY_STATUS_AUTHENTICATORS_NEEDED" => {
                Ok(Outcome::ConsensusNeeded { activity_id })
            }
            "ACTIVITY_STATUS_REJECTED" => Ok(Outcome::Rejected { activity_id }),
            "ACTIVITY_STATUS_FAILED" => {
                let code = self.failure.as_ref().map_or(2, |failure| failure.code);
                Ok(Outcome::Failed { code, message: meaning(code) })
            }
            _ => Err(Unreadable("an unknown status")),
        }
    }

    fn signature(&self) -> Result<[u8; 64], Unreadable> {
        let result = self.result.as_ref().and_then(|result| result.sign_raw_payload_result.as_ref());
        let result = result.ok_or(Unreadable("completed without a result"))?;
        let mut signature = [0; 64];
        let (r, s) = signature.split_at_mut(32);
        for (text, half) in [(&result.r, r), (&result.s, s)] {
            hex::decode_to_slice(text, half).map_err(|_| Unreadable("a signature that is not twice 32 bytes"))?;
        }
        Ok(signature)
    }
}

/// What gRPC's status codes mean for a signature.
fn meaning(code: i64) -> &'static str {
    match code {
        3 => "Turnkey found the request not valid",
        5 => "Turnkey does not know this wallet or organization",
        7 => "Turnkey's policies do not permit this signature",
        8 => "Turnkey's quota for this organization is used up",
        9 => "Turnkey cannot sign in the wallet's present state",
        16 => "Turnkey does not accept this API key",
        _ => "Turnkey could not sign",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn activity(status: &str, more: &Value) -> Vec<u8> {
        let mut activity = json!({
            "id": "a-1", "organizationId": "o-1", "status": status, "type": SIGN_RAW_PAYLOAD_TYPE,
            "fingerprint": "sha256:00", "canApprove": false, "votes": [],
        });
        activity.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        json!({ "activity": activity }).to_string().into_bytes()
    }

    fn result(r: &str, s: &str) -> Value {
        json!({"result": {"signRawPayloadResult": {"r": r, "s": s, "v": "00"}}})
    }

    #[test]
    fn every_status_has_its_outcome() {
        let id = || "a-1".to_owned();
        for (status, expected) in [
            ("CREATED", Outcome::Pending { activity_id: id() }),
            ("PENDING", Outcome::Pending { activity_id: id() }),
            ("CONSENSUS_NEEDED", Outcome::ConsensusNeeded { activity_id: id() }),
            ("AUTHENTICATORS_NEEDED", Outcome::ConsensusNeeded { activity_id: id() }),
            ("REJECTED", Outcome::Rejected { activity_id: id() }),
        ] {
            let read = read_activity(&activity(&format!("ACTIVITY_STATUS_{status}"), &json!({}))).unwrap();
            assert_eq!(read.outcome, expected, "{status}");
            assert_eq!(read.fingerprint.as_deref(), Some("sha256:00"));
        }
        let failure = json!({"failure": {"code": 7, "message": "organization o-1 says no", "details": []}});
        let failed = read_activity(&activity("ACTIVITY_STATUS_FAILED", &failure)).unwrap().outcome;
        assert_eq!(
            failed,
            Outcome::Failed { code: 7, message: "Turnkey's policies do not permit this signature" },
            "Turnkey's own text is not passed on"
        );
    }

    #[test]
    fn a_signature_is_r_then_s() {
        let body = activity("ACTIVITY_STATUS_COMPLETED", &result(&"0a".repeat(32), &"0B".repeat(32)));
        let Outcome::Signed(signature) = read_activity(&body).unwrap().outcome else { panic!("not signed") };
        assert_eq!(signature[..32], [0x0a; 32]);
        assert_eq!(signature[32..], [0x0b; 32]);
    }

    #[test]
    fn what_cannot_be_relied_on_is_unreadable() {
        let whole = "0a".repeat(32);
        for more in
            [json!({}), json!({"result": {}}), result("", &whole), result(&whole[2..], &whole), result(&whole, "zz")]
        {
            assert!(read_activity(&activity("ACTIVITY_STATUS_COMPLETED", &more)).is_err(), "{more}");
        }
        let mut other = result(&whole, &whole);
        other["type"] = json!("ACTIVITY_TYPE_SIGN_TRANSACTION_V2");
        assert!(read_activity(&activity("ACTIVITY_STATUS_COMPLETED", &other)).is_err());
        assert!(read_activity(&activity("ACTIVITY_STATUS_NEWLY_INVENTED", &json!({}))).is_err());
        for body in [&b""[..], b"<html>", b"{}", b"[]", b"{\"activity\":null}"] {
            assert!(read_activity(body).is_err());
        }
    }

    #[test]
    fn a_list_is_searched_by_what_was_signed() {
        let whole = "0a".repeat(32);
        let intent = json!({"signRawPayloadIntentV2": {"signWith": "GABC", "payload": "AB".repeat(32)}});
        let list = json!({"activities": [
            {"id": "x", "status": "ACTIVITY_STATUS_COMPLETED", "type": "ACTIVITY_TYPE_CREATE_WALLET"},
            {"id": "y", "status": "ACTIVITY_STATUS_COMPLETED", "type": SIGN_RAW_PAYLOAD_TYPE, "intent": intent,
             "result": {"signRawPayloadResult": {"r": whole, "s": whole, "v": "00"}}},
        ]});
        let read = read_activities(list.to_string().as_bytes()).unwrap();
        assert_eq!(read.len(), 1);
        assert!(read[0].is_for("GABC", &[0xab; 32]));
        assert!(!read[0].is_for("GABD", &[0xab; 32]));
        assert!(!read[0].is_for("GABC", &[0xac; 32]));
        assert!(read_activities(b"{}").is_err());
    }
}
