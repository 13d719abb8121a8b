//! A group has become a supergroup: its open questions are put there.

use countersign_core::{
    ChatId,
    approval::Mint,
    bot::{Answer, NotDone},
};
use countersign_edge::clock;

use crate::talk::Talk;

/// Done again it finds nothing left to be moved.
pub(crate) async fn move_questions(talk: Talk<'_>, to: ChatId) -> Result<Answer, NotDone> {
    let from = talk.incoming.chat.id;
    let moved = talk.bot.store.move_questions(from, to, || Mint::new(clock::now(), clock::random)).await?;
    tracing::info!(from = from.get(), to = to.get(), questions = moved, "a group has become a supergroup");
    talk.answer(Answer::Nothing).await
}
