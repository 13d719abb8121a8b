//! `/sessions`: the signing sessions that can sign for the person at this moment.

use countersign_core::{
    bot::{Answer, NotDone},
    messaging::words::sessions as words,
};

use crate::talk::Talk;

pub(crate) async fn list(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let said = words::listed(talk.language, &talk.facts.sessions, talk.now);
    talk.say(said).await
}
