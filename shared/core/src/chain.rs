//! The event log of a family: each event bears the hash of the one before, so that none can be changed, lost or put in.

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{CategoryId, FamilyId, Moment};

/// What the hash of an event begins with: another form of event will have another.
const LABEL: &str = "countersign event v1";
/// What the first event of a family follows.
pub const START: &str = "";

/// How far the log of a family is: written with every event, and so the lock of whatever changes a family.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// How many events there are.
    pub seq: u64,
    /// The hash of the last one, lower-case hex; [`START`] where there is none.
    pub hash: String,
    /// How many transactions wait for a decision.
    #[serde(default)]
    pub open: u32,
    /// How many wallets there are, archived ones included.
    #[serde(default)]
    pub wallets: u32,
    /// Which categories have a budget: a payment for any other one has none to ask about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budgeted: Vec<CategoryId>,
}

/// What happened, as it is hashed: its JSON text is kept byte for byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventBody {
    /// The family.
    pub family_id: FamilyId,
    /// Its place in the log, from 1.
    pub seq: u64,
    /// When (RFC 3339).
    pub at: String,
    /// Who did it: [`Caller::scope`](crate::gate::Caller::scope), or `system`.
    pub by: String,
    /// What kind of thing: `transaction.executed`.
    pub kind: String,
    /// What else is to be known. Never a secret.
    pub data: Map<String, Value>,
}

/// An event in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the log, from 1.
    pub seq: u64,
    /// The hash of the one before.
    pub previous: String,
    /// [`EventBody`] as JSON text.
    pub body: String,
    /// SHA-256 over the label, `previous` and `body`, each on a line of its own; lower-case hex.
    pub hash: String,
}

/// What is wrong with a log, at the first event that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The place where it breaks.
    pub seq: u64,
    /// What does not fit.
    pub reason: &'static str,
}

impl Event {
    /// The event that follows the head.
    #[must_use]
    pub fn after(head: &Head, family_id: FamilyId, at: Moment, by: &str, kind: &str, data: Map<String, Value>) -> Self {
        let seq = head.seq + 1;
        let body = EventBody { family_id, seq, at: at.to_rfc3339(), by: by.to_owned(), kind: kind.to_owned(), data };
        let body = serde_json::to_string(&body).unwrap_or_default();
        let hash = hash(&head.hash, &body);
        Self { seq, previous: head.hash.clone(), body, hash }
    }

    /// What it says; none where the text is not of the form.
    #[must_use]
    pub fn read(&self) -> Option<EventBody> {
        serde_json::from_str(&self.body).ok()
    }
}

impl Head {
    /// The head once this event is written.
    #[must_use]
    pub fn with(&self, event: &Event) -> Self {
        Self { seq: event.seq, hash: event.hash.clone(), ..self.clone() }
    }
}

fn hash(previous: &str, body: &str) -> String {
    hex::encode(digest(&SHA256, format!("{LABEL}\n{previous}\n{body}").as_bytes()))
}

/// Proves that these events follow each other and the one before them (`seq`, `hash`), for this family. Answers the last.
///
/// # Errors
/// The first that does not fit.
pub fn prove(family_id: FamilyId, before: (u64, String), events: &[Event]) -> Result<(u64, String), Broken> {
    let mut last = before;
    for event in events {
        let wrong = |reason| Broken { seq: last.0 + 1, reason };
        if event.seq != last.0 + 1 {
            return Err(wrong("an event is missing"));
        }
        if event.previous != last.1 {
            return Err(wrong("it does not follow the event before"));
        }
        if event.hash != hash(&event.previous, &event.body) {
            return Err(wrong("it was changed"));
        }
        let body = event.read().ok_or_else(|| wrong("it is not readable"))?;
        if body.family_id != family_id || body.seq != event.seq {
            return Err(wrong("it is of another place"));
        }
        last = (event.seq, event.hash.clone());
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family() -> FamilyId {
        FamilyId::new(7).unwrap()
    }

    fn log() -> Vec<Event> {
        let mut head = Head::default();
        let mut events = Vec::new();
        for number in 0..4 {
            let data = Map::from_iter([("number".to_owned(), Value::from(number))]);
            let event = Event::after(&head, family(), Moment::from_seconds(number), "u:1", "test", data);
            head = head.with(&event);
            events.push(event);
        }
        events
    }

    fn start() -> (u64, String) {
        (0, START.to_owned())
    }

    #[test]
    fn a_whole_log_and_any_part_of_it_is_proved() {
        let events = log();
        let end = prove(family(), start(), &events).unwrap();
        assert_eq!(end.0, 4);
        let middle = (events[1].seq, events[1].hash.clone());
        assert_eq!(prove(family(), middle, &events[2..]).unwrap(), end);
    }

    #[test]
    fn whatever_is_changed_lost_put_in_or_moved_is_found() {
        let fails = |change: fn(&mut Vec<Event>), at: u64| {
            let mut events = log();
            change(&mut events);
            assert_eq!(prove(family(), start(), &events).unwrap_err().seq, at);
        };
        fails(|events| events[1].body = events[1].body.replace("u:1", "u:2"), 2);
        fails(|events| drop(events.remove(2)), 3);
        fails(|events| events.insert(2, events[1].clone()), 3);
        fails(|events| events.swap(1, 2), 2);
        fails(
            |events| {
                let body = events[2].body.replace("u:1", "u:2");
                events[2] = Event { hash: hash(&events[2].previous, &body), body, ..events[2].clone() };
            },
            4,
        );
        let other = FamilyId::new(8).unwrap();
        assert_eq!(prove(other, start(), &log()).unwrap_err().seq, 1);
    }
}
