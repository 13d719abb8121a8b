//! How far a proposal is: who has answered what, and what came of it. Pure counting; nothing closes twice.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::proposal::{Kind, Proposal};
use crate::{ChatId, Moment, OutId, TelegramId, messaging::words::Language};

/// Whether answers still count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// They do.
    Open,
    /// It has its outcome.
    Closed,
}

/// One person's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who.
    pub telegram_id: TelegramId,
    /// Their name as it is shown.
    pub name: String,
    /// What, as the wire says it.
    pub answer: String,
    /// When.
    pub at: Moment,
}

/// How a proposal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// There was a sufficient answer.
    Answered,
    /// There was none in time.
    Expired,
    /// Nobody could be asked.
    Failed,
    /// Whoever asked took it back.
    Withdrawn,
}

/// What came of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// The answer that was sufficient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Why nobody could be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided or took it back, where it was not by a vote in Telegram: their name as it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// When.
    pub at: Moment,
}

/// A copy that was sent, as the state remembers it: enough to show the outcome there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Where.
    pub chat_id: ChatId,
    /// By which entry of the chat's outbox.
    pub out_id: OutId,
    /// In which language.
    #[serde(with = "super::spoken")]
    pub language: Language,
}

/// The state of a proposal. Only this engine makes a next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// One more with every change.
    pub version: u64,
    /// Whether answers still count.
    pub status: Status,
    /// The answers, in the order in which they counted.
    pub votes: Vec<Vote>,
    /// Who is asked by now.
    pub people: Vec<TelegramId>,
    /// Where the copies are.
    pub copies: Vec<Sent>,
    /// Whether the others have been asked too.
    #[serde(default)]
    pub escalated: bool,
    /// Whether those who have not answered were reminded.
    #[serde(default)]
    pub reminded: bool,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

impl State {
    /// The state of a proposal that nobody has answered yet.
    pub(super) fn new(proposal: &Proposal) -> Self {
        Self {
            version: 1,
            status: Status::Open,
            votes: Vec::new(),
            people: proposal.people.clone(),
            copies: Vec::new(),
            escalated: false,
            reminded: false,
            outcome: None,
        }
    }

    /// When something has to be done although nobody answers; none once it is closed.
    #[must_use]
    pub fn due_at(&self, proposal: &Proposal) -> Option<Moment> {
        let escalation = proposal.escalate.as_ref().filter(|_| !self.escalated).map(|escalate| escalate.at);
        let reminder = proposal.remind_at.filter(|_| !self.reminded);
        let next = escalation.into_iter().chain(reminder).fold(proposal.expires_at, Moment::min);
        (self.status == Status::Open).then_some(next)
    }

    /// The vote of a person.
    #[must_use]
    pub fn vote_of(&self, person: TelegramId) -> Option<&Vote> {
        self.votes.iter().find(|vote| vote.telegram_id == person)
    }

    /// The state with one more vote: closed where that makes an answer sufficient.
    pub(super) fn with(&self, proposal: &Proposal, vote: Vote) -> Self {
        let mut next = self.next();
        let at = vote.at;
        next.votes.push(vote);
        match next.sufficient(proposal) {
            Some(answer) => next.closed(Ending::Answered, Some(answer), None, at),
            None => next,
        }
    }

    /// The same state, one version further.
    pub(super) fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    pub(super) fn closed(self, ending: Ending, answer: Option<String>, reason: Option<String>, at: Moment) -> Self {
        Self { status: Status::Closed, outcome: Some(Outcome { ending, answer, reason, decided_by: None, at }), ..self }
    }

    /// How many gave this answer.
    #[must_use]
    pub fn count(&self, answer: &str) -> usize {
        self.votes.iter().filter(|vote| vote.answer == answer).count()
    }

    /// The answer that is sufficient now: as many people as the quorum gave it. Words differ, so answers in words count
    /// together and the last one completes them. An approval that can no longer come about is denied.
    fn sufficient(&self, proposal: &Proposal) -> Option<String> {
        let last = self.votes.last()?;
        let counted = match proposal.kind {
            Kind::Text => self.votes.len(),
            Kind::YesNo | Kind::Choice | Kind::Approval => self.count(&last.answer),
        };
        if counted >= proposal.quorum {
            return Some(last.answer.clone());
        }
        (proposal.kind == Kind::Approval && self.is_out_of_reach(proposal)).then(|| "deny".to_owned())
    }

    /// Too many have denied for the others to make the quorum, also with those who may be asked later.
    fn is_out_of_reach(&self, proposal: &Proposal) -> bool {
        if proposal.is_open_to_all() {
            return false;
        }
        let later = proposal.escalate.as_ref().filter(|_| !self.escalated);
        let people = self.people.len() + later.map_or(0, |later| later.people.len());
        people.saturating_sub(self.count("deny")) < proposal.quorum
    }

    /// What is told of it once it is closed: `{"outcome", "answer", "answers"}`.
    #[must_use]
    pub fn result(&self) -> Value {
        let ending = self.outcome.as_ref().map(|outcome| outcome.ending);
        json!({
            "outcome": if ending == Some(Ending::Answered) { "answered" } else { "expired" },
            "answer": self.outcome.as_ref().and_then(|outcome| outcome.answer.as_deref()),
            "answers": self.answers(),
        })
    }

    /// The answers as the wire shows them.
    #[must_use]
    pub fn answers(&self) -> Vec<Value> {
        let answer =
            |vote: &Vote| json!({ "telegram_id": vote.telegram_id, "answer": vote.answer, "at": vote.at.to_rfc3339() });
        self.votes.iter().map(answer).collect()
    }
}
