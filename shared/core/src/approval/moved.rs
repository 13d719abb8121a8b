//! A group that asks becomes a supergroup, which is another chat to Telegram: the question is put there again.

use super::{
    Mint,
    change::Change,
    proposal::{Copy, Proposal},
    state::{State, Status},
};
use crate::{
    ChatId,
    messaging::{Origin, OutMessage},
};

/// The change that puts a copy's message, as it was sent or was to be sent, into the chat that its group has become; none where
/// nothing is asked there any more.
#[must_use]
pub fn moved(
    proposal: &Proposal,
    state: &State,
    copy: &Copy,
    message: &OutMessage,
    to: ChatId,
    mint: &mut Mint,
) -> Option<Change> {
    if state.status == Status::Closed || copy.chat_id == to {
        return None;
    }
    let (mut next, out_id) = (state.next(), mint.out());
    let sent = next.copies.iter_mut().find(|sent| sent.chat_id == copy.chat_id && sent.out_id == copy.out_id)?;
    (sent.chat_id, sent.out_id) = (to, out_id);
    let mut change = Change::of(proposal.clone(), next, mint.now());
    let origin = Origin::Copy { approval_id: proposal.id };
    let (call, created_at) = (message.call.clone(), mint.now());
    change.messages.push(OutMessage { id: out_id, chat_id: to, call, origin, created_at });
    change.copies.push(Copy { chat_id: to, out_id, message_id: None, failed: None, ..copy.clone() });
    change.moved_from = Some(copy.chat_id);
    Some(change)
}
