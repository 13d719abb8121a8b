//! What is written down of a signature: who, which key by name, transaction hash, fee, outcome.

use serde::{Deserialize, Serialize};

use crate::{
    Moment, SessionId, SignatureId,
    signing::{SessionKind, SignerKind},
};

/// How a signature ended. A pending one is closed by a second record, exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The intent is committed; an outside signer is being asked.
    Pending,
    /// The signature exists and may be handed out.
    Signed,
    /// It was there already, in the envelope or by an earlier event, and was handed out again.
    Repeated,
    /// Known not to exist.
    Failed,
    /// Never learnt, and no way left to learn it.
    Lost,
}

/// The event of one signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureRecord {
    /// Its id; sorts by creation.
    pub id: SignatureId,
    /// When.
    pub at: Moment,
    /// Who asked: [`crate::gate::Caller::scope`].
    pub by: String,
    /// The endpoint that was called.
    pub endpoint: String,
    /// The session whose key signs.
    pub session_id: SessionId,
    /// The session's slot.
    pub kind: SessionKind,
    /// What stands behind it.
    pub signer: SignerKind,
    /// The key's name: the Stellar public key.
    pub key: String,
    /// The transaction's hash, lower-case hex.
    pub hash: String,
    /// `v0`, `v1` or `fee_bump`.
    pub envelope: String,
    /// What the client called it.
    pub action_type: String,
    /// What the envelope pays natively to the fee wallet, in stroops, decimal: a sum may pass 64 bits.
    pub fee_stroops: String,
    /// Whether the caller accounts for that fee itself.
    pub include_fee: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// The request's id.
    pub request_id: String,
}
