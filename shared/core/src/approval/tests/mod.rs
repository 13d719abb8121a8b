//! The engine as a whole, without a table: what counts, what closes, and that nothing does so twice.

mod any_order;
mod hour;
mod limits;
mod votes;

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::*;
use crate::{
    ApprovalId, ChatId, Moment, ServiceId, TaskId, TelegramId,
    messaging::{BotCall, ButtonAction, MessageRef, Origin, OutMessage, TaskStatus, words::Language},
};

const NOW: Moment = Moment::from_seconds(1_800_000_000);
const GROUP: i64 = -100;

fn random() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)
}

fn at(seconds: i64) -> Mint {
    Mint::new(NOW.plus_seconds(seconds), random)
}

fn person(id: u64) -> TelegramId {
    TelegramId::new(id).unwrap()
}

fn chat(id: i64) -> ChatId {
    ChatId::new(id).unwrap()
}

fn opened(question: Question) -> Change {
    let asker = Asker::Task { service_id: ServiceId::new(3).unwrap(), task_id: TaskId::new(4).unwrap() };
    let opening =
        Opening { id: ApprovalId::new(9).unwrap(), asker, asked_by: "Notifier", language_of: &|_| Language::English };
    open(question, &opening, &mut at(0))
}

fn asked(payload: Value, chat_id: i64) -> Change {
    opened(read_ask(payload, chat(chat_id)).unwrap())
}

fn approval(people: &[u64], quorum: usize) -> Change {
    opened(read_approval(json!({ "subject": "Pay?", "approvers": people, "quorum": quorum })).unwrap())
}

/// What a message of this change shows in a chat, and its buttons' data.
fn shown(message: &OutMessage) -> (String, Vec<String>) {
    let (BotCall::SendMessage { text, buttons, .. } | BotCall::EditMessage { text, buttons, .. }) = &message.call
    else {
        panic!("{message:?}")
    };
    let data = buttons.iter().flat_map(|buttons| buttons.0.iter().flatten()).map(|button| match &button.action {
        ButtonAction::Callback(data) => data.clone(),
        ButtonAction::Url(url) | ButtonAction::MiniApp(url) => panic!("{url}"),
    });
    let seen = text.text.replace("<b>", "").replace("</b>", "");
    (seen.replace("&quot;", "\"").replace("&amp;", "&"), data.collect())
}

/// The message under which tests press.
const PRESSED: i64 = 70;

/// A proposal as the table would hold it.
struct Held {
    proposal: Proposal,
    state: State,
    first: Change,
    closings: usize,
}

impl Held {
    fn new(first: Change) -> Self {
        Self { proposal: first.proposal.clone(), state: first.state.clone(), first, closings: 0 }
    }

    fn take(&mut self, change: &Change) {
        assert_eq!(change.state.version, self.state.version + 1);
        assert_eq!(change.proposal, self.proposal);
        self.closings += usize::from(change.closes());
        self.state = change.state.clone();
    }

    fn facts(&self, chat_id: i64) -> Facts {
        let copy = self.first.copies.iter().find(|copy| copy.chat_id == chat(chat_id)).cloned();
        Facts { proposal: Some(self.proposal.clone()), state: Some(self.state.clone()), copy }
    }

    fn press_as(&self, id: u64, chat_id: i64, choice: usize, text: Option<&str>, seconds: i64) -> Verdict {
        let sent = self.first.messages.iter().find(|message| message.chat_id == chat(chat_id));
        let (own, data) = sent.map(shown).unwrap_or_default();
        let data = data.get(choice).cloned().unwrap_or_else(|| "a.9.0.AAAAAAAAAAAAAAAAAAAAAA".into());
        let button = ButtonData::read(&data).unwrap();
        let text = text.unwrap_or(&own);
        judge(
            &self.facts(chat_id),
            &voter(id, chat_id),
            &Answering::Press { button: &button, text: Some(text), message_id: Some(PRESSED) },
            &mut at(seconds),
        )
    }

    /// A press that is committed where it counts; why not where it does not.
    fn press(&mut self, id: u64, chat_id: i64, choice: usize, seconds: i64) -> Result<Change, Why> {
        match self.press_as(id, chat_id, choice, None, seconds) {
            Verdict::Counted { change, .. } => {
                self.take(&change);
                Ok(*change)
            }
            Verdict::Refused { why, said } => {
                assert!(!said.is_empty());
                Err(why)
            }
        }
    }

    fn own(&mut self, id: u64, choice: usize) -> Result<Change, Why> {
        self.press(id, i64::try_from(id).unwrap(), choice, 1)
    }

    fn answer(&self) -> Option<&str> {
        self.state.outcome.as_ref().and_then(|outcome| outcome.answer.as_deref())
    }
}

fn voter(id: u64, chat_id: i64) -> Voter {
    Voter { telegram_id: person(id), name: format!("P{id}"), chat_id: chat(chat_id), language: Language::English }
}
