//! How a question becomes a proposal with a copy for each chat, and how others are asked later.

use super::{
    Mint,
    button::text_hash,
    change::Change,
    proposal::{Asker, Copy, Kind, Proposal},
    request::Question,
    shown,
    state::{Sent, State},
};
use crate::{
    ApprovalId, ChatId, TelegramId,
    messaging::{BotCall, Buttons, Origin, OutMessage, Text, words::Language},
};

/// What a question needs beside itself to be asked.
pub struct Opening<'a> {
    /// The proposal's id.
    pub id: ApprovalId,
    /// Who asks.
    pub asker: Asker,
    /// Their name.
    pub asked_by: &'a str,
    /// In which language a person is asked.
    pub language_of: &'a dyn Fn(TelegramId) -> Language,
}

/// Puts a question: the proposal, its first state, and a copy and its message for every chat.
#[must_use]
pub fn open(question: Question, opening: &Opening<'_>, mint: &mut Mint) -> Change {
    let proposal = question.propose(opening, mint.now());
    let chats: Vec<(ChatId, Language)> = match proposal.group {
        Some(group) => {
            vec![(group, proposal.people.first().map_or_else(Language::default, |id| (opening.language_of)(*id)))]
        }
        None => proposal.people.iter().map(|id| (ChatId::from(*id), (opening.language_of)(*id))).collect(),
    };
    let state = State::new(&proposal);
    let mut change = Change::of(proposal, state, mint.now());
    ask(&mut change, &chats, mint);
    change
}

/// Asks the others too.
pub(super) fn escalate(proposal: Proposal, state: &State, mint: &mut Mint) -> Change {
    let later = proposal.escalate.as_ref().map(|later| later.people.clone()).unwrap_or_default();
    let mut next = state.next();
    next.escalated = true;
    next.people.extend(later.iter().map(|asked| asked.telegram_id));
    let mut change = Change::of(proposal, next, mint.now());
    let chats: Vec<_> = later.iter().map(|asked| (ChatId::from(asked.telegram_id), asked.language)).collect();
    ask(&mut change, &chats, mint);
    change
}

pub(super) fn ask(change: &mut Change, chats: &[(ChatId, Language)], mint: &mut Mint) {
    for (chat_id, language) in chats {
        let (out_id, token) = (mint.out(), mint.token());
        let proposal = &change.proposal;
        let shown = shown::asking(proposal, *language);
        let copy = Copy {
            approval_id: proposal.id,
            chat_id: *chat_id,
            out_id,
            token_hash: token.hash(),
            text_hash: text_hash(&shown.seen()),
            in_words: proposal.kind == Kind::Text,
            message_id: None,
            failed: None,
        };
        let call = message(proposal, shown.text(), shown::buttons(proposal, *language, &token));
        let origin = Origin::Copy { approval_id: proposal.id };
        change.messages.push(OutMessage { id: out_id, chat_id: *chat_id, call, origin, created_at: mint.now() });
        change.copies.push(copy);
        change.state.copies.push(Sent { chat_id: *chat_id, out_id, language: *language });
    }
}

/// In a group a forced reply would open everybody's keyboard; there the text asks for it.
fn message(proposal: &Proposal, text: Text, buttons: Option<Buttons>) -> BotCall {
    let ask_reply = proposal.kind == Kind::Text && proposal.group.is_none();
    BotCall::SendMessage { text, buttons, reply_to: None, ask_reply, silent: false }
}
