//! What a request leaves in the log beside its answer: who called, and about whose things. The access log is made of it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use countersign_core::gate::Caller;
use serde::Serialize;

/// A request's trace: the corridor begins it, whoever learns something adds to it, and the corridor writes it down. Who was
/// said first to call stays.
#[derive(Clone, Debug, Default)]
pub struct Trace(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    caller: OnceLock<String>,
    families: Mutex<Vec<u64>>,
}

impl Trace {
    /// Says who calls: the gate does, once it knows.
    pub fn caller(&self, caller: &Caller) {
        self.called_by(caller.scope());
    }

    /// The same where the gate is not asked: `u:<user id>` of who logs in, `telegram`. Never anything that was not verified.
    pub fn called_by(&self, name: impl Into<String>) {
        let _first_stays = self.0.caller.set(name.into());
    }

    /// Says whose family's things are looked at or changed: the family's owner sees it. To be said once the caller is known to
    /// belong there, or anybody could fill another family's list. There may be several: the bot shows all of a person's.
    pub fn family(&self, id: impl Into<u64>) {
        let (id, mut families) = (id.into(), self.0.families.lock().unwrap_or_else(PoisonError::into_inner));
        if !families.contains(&id) {
            families.push(id);
        }
    }

    pub(crate) fn known_caller(&self) -> Option<&str> {
        self.0.caller.get().map(String::as_str)
    }

    pub(crate) fn known_families(&self) -> Vec<u64> {
        self.0.families.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The log's one line of a request, in the form that the log has it. It is left in the answer's extensions as well: Lambda drops
/// them, the local gateway, which has no log group, reads it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestLine {
    /// API Gateway's id of the request.
    pub request_id: String,
    /// When API Gateway received it, in milliseconds since the epoch: the same number as in its own line.
    pub epoch_millis: i64,
    /// Upper case.
    pub method: String,
    /// The route's form, or `-`; never the path, which may hold anything.
    pub route: String,
    /// The answer's.
    pub status: u16,
    /// `ok`, or the refusal's code.
    pub code: &'static str,
    /// Who called, where the gate let somebody in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// Whose family's things it was about; of several the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_id: Option<u64>,
    /// Where there are several, all of them, with commas between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_ids: Option<String>,
    /// How long it took here.
    pub millis: u64,
    /// What the line is: `request`.
    pub message: &'static str,
    /// Which code wrote it.
    pub target: &'static str,
}
