//! An answer in words to a question that the bot has put in this chat.

use std::ops::ControlFlow;

use countersign_core::{
    approval::{Answering, Facts},
    bot::{Answer, NotDone},
    limits,
    messaging::{BotCall, OutState, Text},
};
use countersign_store::{Prompt, Store, StoreError};

use crate::{
    press::{Voted, vote},
    talk::Talk,
};

/// Takes a text as the answer to an open question. Where it answers none the talk goes on.
///
/// A reply answers the question that it replies to; in private a text that is no reply answers the newest one.
pub(crate) async fn answer_text<'a>(
    talk: Talk<'a>,
    text: &str,
    reply_to: Option<i64>,
) -> Result<ControlFlow<Answer, Talk<'a>>, NotDone> {
    let chat = talk.incoming.chat;
    if !chat.is_private && reply_to.is_none() {
        return Ok(ControlFlow::Continue(talk));
    }
    let store = &talk.bot.store;
    let prompts = store.prompts(chat.id, limits::OPEN_PROMPTS).await?;
    let Some(prompt) = meant(&prompts, reply_to) else { return Ok(ControlFlow::Continue(talk)) };
    let facts = store.approval_facts(prompt.approval_id, chat.id).await?;
    if prompt.message_id.is_none() && !may_be_seen(store, &facts).await? {
        return Ok(ControlFlow::Continue(talk));
    }
    let answer = match vote(&talk, prompt.approval_id, facts, &Answering::Words(text)).await? {
        Voted::Counts(said) => Answer::Say(reply(&talk, said)),
        Voted::Not(said) => {
            let answer = Answer::Say(reply(&talk, said));
            talk.answer(answer).await?
        }
    };
    Ok(ControlFlow::Break(answer))
}

/// The question that is answered. One whose message is not sent yet cannot be meant while there is another.
fn meant(prompts: &[Prompt], reply_to: Option<i64>) -> Option<Prompt> {
    let found = match reply_to {
        Some(_) => prompts.iter().find(|prompt| prompt.message_id == reply_to),
        None => prompts.iter().find(|prompt| prompt.message_id.is_some()).or(prompts.first()),
    };
    found.copied()
}

/// Whether the question may stand in the chat although it is not known under which number: its courier has not come back
/// yet, or will not. One that still waits in its queue was read by nobody.
async fn may_be_seen(store: &Store, facts: &Facts) -> Result<bool, StoreError> {
    let Some(copy) = facts.copy.as_ref() else { return Ok(false) };
    let sent = store.out(copy.chat_id, copy.out_id).await?;
    Ok(sent.is_some_and(|sent| !matches!(sent.state, OutState::Queued | OutState::Failed)))
}

/// In a group it is said as a reply, so that it is plain to whom.
fn reply(talk: &Talk<'_>, said: String) -> BotCall {
    let reply_to = talk.incoming.message_id.filter(|_| !talk.incoming.chat.is_private);
    BotCall::SendMessage { text: Text::plain(said), buttons: None, reply_to, ask_reply: false, silent: false }
}
