//! `/sign`: which key signs for the person at this moment, and the way to the app where they sign.

use countersign_core::{
    bot::{Answer, NotDone},
    messaging::{Button, Buttons, words::signing as words},
    signing::standing,
};

use crate::talk::Talk;

/// As the table of methods decides: the first filled slot, even when its session is over.
pub(crate) async fn sign(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let said = words::standing(talk.language, standing(talk.person(), &talk.facts.sessions, talk.now));
    let app = |url: &String| Buttons::row(vec![Button::mini_app(words::open_app(talk.language), url)]);
    let answer = talk.reply(said, talk.bot.mini_app_url.as_ref().map(app));
    talk.answer(answer).await
}
