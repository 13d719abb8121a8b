//! Notes that a person has blocked the bot, or lets it write again.

use countersign_core::bot::{Answer, NotDone};

use crate::talk::Talk;

pub(crate) async fn note(mut talk: Talk<'_>, is_blocked: bool) -> Result<Answer, NotDone> {
    talk.contact.block(is_blocked);
    talk.answer(Answer::Nothing).await
}
