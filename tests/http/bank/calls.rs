//! What a worker of the bank asks for, and what it knows of each call afterwards: done, refused, or unknown.

use countersign_testkit::{Answer, Call};
use serde_json::{Value, json};

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Act {
    /// A transfer, an income or an expense.
    Pay { from: Option<u64>, to: Option<u64>, minor: i64, category: Option<u64> },
    /// Approving what waits.
    Confirm(u64),
    /// Rejecting it.
    Reject(u64),
    /// Taking back what one has entered oneself.
    Cancel(u64),
    /// Reversing what was executed.
    Reverse(u64),
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// 2xx, with its body.
    Done(Value),
    /// 4xx: nothing was done.
    Refused(u16, String),
    /// No answer, or 5xx: it may have been done.
    Unknown,
}

/// A call with its idempotency key, and what is known of it.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) act: Act,
    pub(super) family: u64,
    pub(super) by: u64,
    pub(super) token: String,
    pub(super) key: String,
    pub(super) outcome: Outcome,
    /// How often it was sent.
    pub(super) times: u32,
}

impl Sent {
    /// The call, the same each time it is sent.
    pub(super) fn call(&self) -> Call {
        let reason = json!({ "reason": self.key });
        let call = match &self.act {
            Act::Pay { from, to, minor, category } => Call::post(
                "/api/v1/transactions",
                &json!({
                    "family_id": self.family, "from_wallet_id": from, "to_wallet_id": to, "amount": amount(*minor),
                    "category_id": category, "description": self.key,
                }),
            ),
            Act::Confirm(id) => {
                Call::post(&format!("/api/v1/transactions/{id}/confirm"), &json!({ "confirmation_token": null }))
            }
            Act::Reject(id) => Call::post(&format!("/api/v1/transactions/{id}/reject"), &reason),
            Act::Cancel(id) => Call::post(&format!("/api/v1/transactions/{id}/cancel"), &reason),
            Act::Reverse(id) => Call::delete(&format!("/api/v1/transactions/{id}")).json(&reason),
        };
        call.bearer(&self.token).idempotent(&self.key)
    }

    /// Writes down what came of sending it once more. An answer stands: the same key is never answered otherwise.
    pub(super) fn came(&mut self, outcome: Outcome) {
        self.times += 1;
        assert_eq!(self.outcome, Outcome::Unknown, "{} was answered already", self.key);
        self.outcome = outcome;
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.outcome == Outcome::Unknown
    }

    pub(super) fn done(&self) -> Option<&Value> {
        match &self.outcome {
            Outcome::Done(body) => Some(body),
            _ => None,
        }
    }
}

impl Outcome {
    /// What an answer means, or that none came.
    pub(super) fn of(answer: Option<Answer>) -> Self {
        match answer {
            Some(answer) if (200..300).contains(&answer.status) => Self::Done(answer.json()),
            Some(answer) if (400..500).contains(&answer.status) => Self::Refused(answer.status, answer.text()),
            _ => Self::Unknown,
        }
    }
}

/// Minor units of a currency with two decimals, as a client writes them.
pub(super) fn amount(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}
