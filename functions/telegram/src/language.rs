//! `/language`: what the bot speaks with this person, by word or by button.

use countersign_core::{
    bot::{Answer, Command, NotDone, Press},
    messaging::{
        Button, Buttons,
        words::{Language, general as words},
    },
};

use crate::talk::Talk;

/// What the data of a language's button begins with.
const BUTTON: &str = "l.";

pub(crate) async fn choose(mut talk: Talk<'_>, command: &Command) -> Result<Answer, NotDone> {
    if command.arguments.is_empty() {
        let question = talk.reply(words::choose_language(), Some(buttons()));
        return talk.answer(question).await;
    }
    let Some(language) = Language::read(&command.arguments) else {
        let said = words::unknown_language(talk.language);
        return talk.say(said).await;
    };
    talk.contact.choose_language(language);
    talk.say(words::language_chosen(language)).await
}

fn buttons() -> Buttons {
    let button = |language: Language| Button::callback(language.own_name(), format!("{BUTTON}{}", language.code()));
    Buttons::row(Language::ALL.map(button).to_vec())
}

/// The language that a button is for; none where it is another's button.
pub(crate) fn of_button(press: &Press) -> Option<Language> {
    press.data.strip_prefix(BUTTON).and_then(Language::read)
}

/// A press of such a button counts for whoever pressed it.
pub(crate) async fn pressed(mut talk: Talk<'_>, language: Language) -> Result<Answer, NotDone> {
    talk.contact.choose_language(language);
    talk.answer(Answer::Pressed { text: words::language_chosen(language).to_owned(), is_alert: false }).await
}
