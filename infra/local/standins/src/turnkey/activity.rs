//! Activities: what was asked, what became of it, and how Turnkey shows it.

use countersign_turnkey::{SIGN_RAW_PAYLOAD_TYPE, STAMP_SCHEME};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::organization::Wallet;

/// Turnkey's states of an activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Taken, not begun.
    #[serde(rename = "ACTIVITY_STATUS_CREATED")]
    Created,
    /// Running.
    #[serde(rename = "ACTIVITY_STATUS_PENDING")]
    Pending,
    /// Signed.
    #[serde(rename = "ACTIVITY_STATUS_COMPLETED")]
    Completed,
    /// Not signed, and never will be.
    #[serde(rename = "ACTIVITY_STATUS_FAILED")]
    Failed,
    /// Others have to approve.
    #[serde(rename = "ACTIVITY_STATUS_CONSENSUS_NEEDED")]
    ConsensusNeeded,
    /// Others said no.
    #[serde(rename = "ACTIVITY_STATUS_REJECTED")]
    Rejected,
}

impl Status {
    /// Whether it stays as it is.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Rejected)
    }
}

/// How the next activities go; asked for with `POST /_control/activity_mode`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mode {
    /// The state they begin in.
    pub status: Status,
    /// How many activities.
    #[serde(default = "one")]
    pub count: u32,
    /// When one that is not final completes by itself, in milliseconds; without it, only when told to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete_after_ms: Option<u64>,
}

fn one() -> u32 {
    1
}

/// An activity as `/_control/activities` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub organization_id: String,
    /// Lower-case hex SHA-256 of the submitted body.
    pub fingerprint: String,
    /// Its state.
    pub status: Status,
    /// How often the same body came.
    pub submissions: u32,
    /// How often it was signed: 0 or 1.
    pub signatures: u32,
}

/// An activity.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Activity {
    pub(super) id: String,
    pub(super) organization_id: String,
    pub(super) fingerprint: String,
    pub(super) status: Status,
    pub(super) ask: Ask,
    pub(super) vote: Vote,
    pub(super) created_ms: u64,
    pub(super) updated_ms: u64,
    pub(super) complete_at_ms: Option<u64>,
    pub(super) signature: Option<String>,
    pub(super) submissions: u32,
    pub(super) signatures: u32,
}

/// What is to be signed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Ask {
    pub(super) sign_with: String,
    pub(super) payload: String,
    pub(super) encoding: String,
    pub(super) hash_function: String,
}

/// Who asked for it, and by which stamp.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Vote {
    pub(super) user_id: String,
    pub(super) public_key: String,
}

impl Ask {
    /// The bytes to sign, where the payload is what its encoding says.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let bytes = match self.encoding.as_str() {
            "PAYLOAD_ENCODING_HEXADECIMAL" => {
                hex::decode(self.payload.strip_prefix("0x").unwrap_or(&self.payload)).ok()?
            }
            "PAYLOAD_ENCODING_TEXT_UTF8" => self.payload.clone().into_bytes(),
            _ => return None,
        };
        (!bytes.is_empty()).then_some(bytes)
    }
}

impl Activity {
    /// Completes it: signs, unless it is signed already.
    pub(super) fn complete(&mut self, wallet: &Wallet, now_ms: u64) {
        if self.signature.is_none() {
            self.signature = self.ask.bytes().and_then(|bytes| wallet.sign(&bytes)).map(hex::encode);
            self.signatures += 1;
        }
        self.status = if self.signature.is_some() { Status::Completed } else { Status::Failed };
        self.updated_ms = now_ms;
    }

    /// Whether it was to complete by itself by now.
    pub(super) fn is_due(&self, now_ms: u64) -> bool {
        !self.status.is_final() && self.complete_at_ms.is_some_and(|at| at <= now_ms)
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            id: self.id.clone(),
            organization_id: self.organization_id.clone(),
            fingerprint: self.fingerprint.clone(),
            status: self.status,
            submissions: self.submissions,
            signatures: self.signatures,
        }
    }

    /// As Turnkey shows it.
    pub(super) fn show(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "organizationId": self.organization_id,
            "status": self.status,
            "type": SIGN_RAW_PAYLOAD_TYPE,
            "intent": {"signRawPayloadIntentV2": self.ask},
            "result": self.result(),
            "votes": [{
                "id": format!("{}-1", self.id),
                "userId": self.vote.user_id,
                "activityId": self.id,
                "selection": "VOTE_SELECTION_APPROVED",
                "publicKey": self.vote.public_key,
                "scheme": STAMP_SCHEME,
                "createdAt": timestamp(self.created_ms),
            }],
            "fingerprint": format!("sha256:{}", self.fingerprint),
            "canApprove": self.status == Status::ConsensusNeeded,
            "canReject": self.status == Status::ConsensusNeeded,
            "createdAt": timestamp(self.created_ms),
            "updatedAt": timestamp(self.updated_ms),
        });
        if let (Status::Failed, Some(members)) = (self.status, shown.as_object_mut()) {
            let failure = json!({"code": 13, "message": "the signer failed, as it was asked to", "details": []});
            members.insert("failure".to_owned(), failure);
        }
        shown
    }

    fn result(&self) -> Value {
        let halves = self.signature.as_deref().and_then(|signature| signature.split_at_checked(64));
        match halves {
            Some((r, s)) if self.status == Status::Completed => {
                json!({"signRawPayloadResult": {"r": r, "s": s, "v": "00"}})
            }
            _ => json!({}),
        }
    }
}

fn timestamp(ms: u64) -> Value {
    json!({"seconds": (ms / 1000).to_string(), "nanos": (ms % 1000 * 1_000_000).to_string()})
}
