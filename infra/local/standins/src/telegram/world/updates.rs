//! What the bot is told: updates in rising order, waiting for its webhook or for getUpdates.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use super::{
    deliveries::{Job, Lane, Queued, Retries, Told, Webhook},
    now_seconds,
};

/// How many finished updates, and answers of the webhook, are kept for looking at.
const KEPT: usize = 1_000;
/// Updates that a bot gets only if it asks for them.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// What becomes of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Fate {
    Pending,
    Delivered,
    /// Given up after the last try.
    Lost,
    /// Confirmed by getUpdates.
    Polled,
    Dropped,
}

struct Record {
    lane: Lane,
    update: Value,
    tries: u32,
    status: Option<u16>,
    fate: Fate,
    first: Option<oneshot::Sender<Told>>,
}

/// All updates.
pub(in crate::telegram) struct Updates {
    next_id: i64,
    records: BTreeMap<i64, Record>,
    busy: BTreeSet<Lane>,
    webhook: Option<Webhook>,
    pub(in crate::telegram) allowed: Vec<String>,
    pub(in crate::telegram) retries: Retries,
    last_error: Option<(u64, String)>,
    answers: VecDeque<Value>,
    /// Counts calls of getUpdates: a newer one ends the older.
    pub(in crate::telegram) polls: u64,
}

impl Updates {
    pub(super) fn new(next_id: i64) -> Self {
        Self {
            next_id,
            records: BTreeMap::new(),
            busy: BTreeSet::new(),
            webhook: None,
            allowed: Vec::new(),
            retries: Retries::default(),
            last_error: None,
            answers: VecDeque::new(),
            polls: 0,
        }
    }

    /// A new update of this kind, unless the bot does not want the kind.
    pub(in crate::telegram) fn add(&mut self, kind: &str, content: Value, lane: Lane) -> Option<Queued> {
        let wanted = if self.allowed.is_empty() {
            !ON_REQUEST.contains(&kind)
        } else {
            self.allowed.iter().any(|allowed| allowed == kind)
        };
        if !wanted {
            return None;
        }
        let id = self.take_id();
        let update = json!({ "update_id": id, kind: content });
        let (told, first) = oneshot::channel();
        let told = self.webhook.is_some().then_some(told);
        let record = Record { lane, update, tries: 0, status: None, fate: Fate::Pending, first: told };
        self.records.insert(id, record);
        self.forget_old();
        Some(Queued { id, first })
    }

    /// An id that no other update has.
    pub(in crate::telegram) fn take_id(&mut self) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    fn forget_old(&mut self) {
        if self.records.len() > KEPT {
            let old = self.records.iter().find(|(_, record)| record.fate != Fate::Pending).map(|(id, _)| *id);
            old.and_then(|id| self.records.remove(&id));
        }
    }

    pub(in crate::telegram) fn webhook(&self) -> Option<&Webhook> {
        self.webhook.as_ref()
    }

    /// Sets or removes the webhook; without one nobody waits for a delivery.
    pub(in crate::telegram) fn set_webhook(&mut self, webhook: Option<Webhook>) {
        if webhook.is_none() {
            self.release_waiting();
        }
        self.webhook = webhook;
        self.last_error = None;
    }

    /// Lets those go who wait for a first delivery.
    pub(in crate::telegram) fn release_waiting(&mut self) {
        for record in self.records.values_mut() {
            record.first = None;
        }
    }

    pub(in crate::telegram) fn drop_pending(&mut self) {
        for record in self.records.values_mut().filter(|record| record.fate == Fate::Pending) {
            (record.fate, record.first) = (Fate::Dropped, None);
        }
    }

    fn pending(&self) -> impl DoubleEndedIterator<Item = (&i64, &Record)> {
        self.records.iter().filter(|(_, record)| record.fate == Fate::Pending)
    }

    /// The lanes that have something to send and nobody sending it, which the caller now does.
    pub(in crate::telegram) fn take_idle_lanes(&mut self) -> Vec<Lane> {
        if self.webhook.is_none() {
            return Vec::new();
        }
        let waiting: BTreeSet<Lane> = self.pending().map(|(_, record)| record.lane).collect();
        let idle: Vec<Lane> = waiting.difference(&self.busy).copied().collect();
        self.busy.extend(&idle);
        idle
    }

    /// The next update of a lane; with none the lane is idle again.
    pub(in crate::telegram) fn next_job(&mut self, lane: Lane) -> Option<Job> {
        let next = self.webhook.clone().and_then(|webhook| {
            let (id, record) = self.pending().find(|(_, record)| record.lane == lane)?;
            Some(Job { id: *id, update: record.update.clone(), tries: record.tries, webhook, retries: self.retries })
        });
        if next.is_none() {
            self.busy.remove(&lane);
        }
        next
    }

    /// Notes how a delivery went.
    pub(in crate::telegram) fn sent(&mut self, job: &Job, told: Told) {
        let delivered = told.status.is_some_and(|status| (200..300).contains(&status));
        if !delivered {
            let words = told.status.map(|status| format!("Wrong response from the webhook: {status}"));
            let words = words.or_else(|| told.error.clone()).unwrap_or_default();
            self.last_error = Some((now_seconds(), words));
        }
        let Some(record) = self.records.get_mut(&job.id) else { return };
        record.tries += 1;
        record.status = told.status;
        if record.fate == Fate::Pending && delivered {
            record.fate = Fate::Delivered;
        } else if record.fate == Fate::Pending && record.tries >= job.retries.tries {
            record.fate = Fate::Lost;
        }
        if let Some(first) = record.first.take() {
            let _ = first.send(told);
        }
    }

    /// Notes a method that the webhook answered with, and why it was refused.
    pub(in crate::telegram) fn answered(&mut self, update_id: i64, method: &str, error: Option<String>) {
        if self.answers.len() == KEPT {
            self.answers.pop_front();
        }
        self.answers.push_back(json!({
            "update_id": update_id, "method": method, "ok": error.is_none(), "error": error,
        }));
    }

    pub(in crate::telegram) fn answers(&self) -> &VecDeque<Value> {
        &self.answers
    }

    /// Confirms the updates before `offset` (a negative one counts from the end) and gives those that wait.
    pub(in crate::telegram) fn poll(&mut self, offset: i64, limit: usize) -> Vec<Value> {
        let back = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        let before = if offset < 0 { self.pending().nth_back(back - 1).map(|(id, _)| *id) } else { Some(offset) };
        if let Some(before) = before {
            let pending = self.records.range_mut(..before).filter(|(_, record)| record.fate == Fate::Pending);
            pending.for_each(|(_, record)| record.fate = Fate::Polled);
        }
        self.pending().take(limit).map(|(_, record)| record.update.clone()).collect()
    }

    /// An update that was made before.
    pub(in crate::telegram) fn update(&self, id: i64) -> Option<&Value> {
        self.records.get(&id).map(|record| &record.update)
    }

    /// All updates, for the control route.
    pub(in crate::telegram) fn json(&self) -> Value {
        let shown = self.records.iter().map(|(id, record)| {
            json!({
                "update_id": id, "state": record.fate, "tries": record.tries, "webhook_status": record.status,
                "update": record.update,
            })
        });
        Value::Array(shown.collect())
    }

    /// A `WebhookInfo` object.
    pub(in crate::telegram) fn webhook_info(&self) -> Value {
        let mut info = Map::from_iter([
            ("url".to_owned(), json!(self.webhook.as_ref().map(|webhook| &webhook.url).map_or("", String::as_str))),
            ("has_custom_certificate".to_owned(), json!(false)),
            ("pending_update_count".to_owned(), json!(self.pending().count())),
        ]);
        let mut set = |name: &str, value: Value| info.insert(name.to_owned(), value);
        if let Some(webhook) = &self.webhook {
            set("max_connections", json!(webhook.max_connections));
        }
        if let Some((date, words)) = &self.last_error {
            set("last_error_date", json!(date));
            set("last_error_message", json!(words));
        }
        if !self.allowed.is_empty() {
            set("allowed_updates", json!(self.allowed));
        }
        Value::Object(info)
    }
}
