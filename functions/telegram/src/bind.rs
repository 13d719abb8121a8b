//! `/bind`: a code that the person types on the website, where they are logged in.

use countersign_core::{
    Refusal,
    binding::StoredBindCode,
    bot::{Answer, NotDone},
    limits,
    messaging::{BotCall, words::binding as words},
};
use countersign_edge::clock;

use crate::talk::Talk;

/// The code goes back in the response alone: it is stored nowhere, and no outbox keeps it.
pub(crate) async fn bind(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let (gate, chat) = (talk.bot.gate.gate(), talk.incoming.sender.id);
    let (code, stored) = StoredBindCode::fresh(gate.clients(), chat, clock::random(), talk.now)
        .ok_or_else(|| Refusal::unavailable("codes need a client master"))?;
    talk.bot.store.commit_bind_code(&talk.contact, chat, &stored).await?;
    let said = words::code(talk.language, code.expose(), limits::BIND_CODE_SECONDS);
    Ok(Answer::Say(BotCall::say(said)))
}
