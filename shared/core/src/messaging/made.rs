//! Who has made a message in a chat, and so who may change it: a service its own ones alone.

use serde::{Deserialize, Serialize};

use super::{Origin, OutMessage};
use crate::ServiceId;

/// The maker of a message that the house has sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The service whose task made it; none for the bot's own messages and questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_id: Option<ServiceId>,
}

impl Made {
    /// The bot's own.
    pub const BY_THE_BOT: Self = Self { service_id: None };

    /// Who makes this message; none where it makes none.
    #[must_use]
    pub fn by(message: &OutMessage) -> Option<Self> {
        if message.call.is_idempotent() {
            return None;
        }
        Some(match message.origin {
            Origin::Task { service_id, .. } => Self { service_id: Some(service_id) },
            Origin::Bot | Origin::Copy { .. } => Self::BY_THE_BOT,
        })
    }

    /// Whether this message may be edited, deleted or pinned by whoever asks for `origin`. What a question shows is what is
    /// decided: no service touches it, nor what another one has said.
    #[must_use]
    pub fn may_be_changed_by(self, origin: Origin) -> bool {
        match origin {
            Origin::Task { service_id, .. } => self.service_id == Some(service_id),
            Origin::Bot | Origin::Copy { .. } => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ApprovalId, ChatId, Moment, OutId, TaskId,
        messaging::{BotCall, MessageRef},
    };

    fn task(service: u64) -> Origin {
        Origin::Task { service_id: ServiceId::new(service).unwrap(), task_id: TaskId::new(1).unwrap() }
    }

    fn made(origin: Origin, call: BotCall) -> Option<Made> {
        let (id, chat_id) = (OutId::new(1).unwrap(), ChatId::new(7).unwrap());
        Made::by(&OutMessage { id, chat_id, call, origin, created_at: Moment::from_seconds(0) })
    }

    #[test]
    fn a_service_changes_its_own_messages_alone() {
        let question = Origin::Copy { approval_id: ApprovalId::new(1).unwrap() };
        let own = made(task(1), BotCall::say("x")).unwrap();
        assert!(
            own.may_be_changed_by(task(1)) && !own.may_be_changed_by(task(2)) && own.may_be_changed_by(Origin::Bot)
        );
        for origin in [Origin::Bot, question] {
            assert!(!made(origin, BotCall::say("x")).unwrap().may_be_changed_by(task(1)), "{origin:?}");
        }
        assert_eq!(made(task(1), BotCall::DeleteMessage { message: MessageRef::Id(3) }), None, "an edit makes nothing");
    }
}
