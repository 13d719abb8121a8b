//! Everything that one commit writes, decided: the store adds nothing to it and leaves nothing out.

use serde_json::Value;

use super::{
    proposal::{Copy, Proposal},
    state::{State, Status, Vote},
};
use crate::{
    ChatId, Moment, OutId, ServiceId, TaskId,
    messaging::{Delivery, OutMessage, TaskStatus},
};

/// How a task ends together with its question.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskEnd {
    /// Whose.
    pub service_id: ServiceId,
    /// Which.
    pub task_id: TaskId,
    /// Done or failed.
    pub status: TaskStatus,
    /// The result of one that is done.
    pub result: Option<Value>,
    /// Why it failed.
    pub reason: Option<String>,
}

/// A copy whose message was not known until somebody pressed its button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenCopy {
    /// Where.
    pub chat_id: ChatId,
    /// By which entry of the chat's outbox.
    pub out_id: OutId,
    /// Telegram's number of the message.
    pub message_id: i64,
}

/// What follows from a question, a vote or the hour. Only the engine makes one: it is the proof that it may be written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The proposal, as it was and stays.
    pub proposal: Proposal,
    /// The state as it shall be: its version one above the one that was read, or 1.
    pub state: State,
    /// The vote that brings it about.
    pub vote: Option<Vote>,
    /// The copy that the vote has shown to be there.
    pub seen: Option<SeenCopy>,
    /// The chat whose copy one of the new ones replaces.
    pub moved_from: Option<ChatId>,
    /// New copies.
    pub copies: Vec<Copy>,
    /// Messages to Telegram.
    pub messages: Vec<OutMessage>,
    /// The task that ends.
    pub task: Option<TaskEnd>,
    /// What is delivered to the service.
    pub delivery: Option<Delivery>,
    /// When.
    pub at: Moment,
}

impl Change {
    pub(super) fn of(proposal: Proposal, state: State, at: Moment) -> Self {
        let (copies, messages) = (Vec::new(), Vec::new());
        Self {
            proposal,
            state,
            vote: None,
            seen: None,
            moved_from: None,
            copies,
            messages,
            task: None,
            delivery: None,
            at,
        }
    }

    /// Whether it closes the proposal.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.state.status == Status::Closed
    }
}
