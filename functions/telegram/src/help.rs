//! `/help`, and what is said where nothing else can be: the commands that the person may use.

use countersign_core::{
    bot::{Answer, Menu, NotDone},
    messaging::{
        Text,
        words::{Language, general as words},
    },
};

use crate::talk::Talk;

pub(crate) async fn help(talk: Talk<'_>) -> Result<Answer, NotDone> {
    with_menu(talk, words::help).await
}

/// A command that nobody knows.
pub(crate) async fn unknown(talk: Talk<'_>, name: &str) -> Result<Answer, NotDone> {
    with_menu(talk, |language, menu| words::unknown_command(language, name, menu)).await
}

/// Text that answers nothing.
pub(crate) async fn not_understood(talk: Talk<'_>) -> Result<Answer, NotDone> {
    with_menu(talk, words::not_understood).await
}

async fn with_menu(talk: Talk<'_>, say: impl FnOnce(Language, &Menu) -> Text) -> Result<Answer, NotDone> {
    let (language, menu) = (talk.language, talk.menu().await?);
    let said = if menu.is_empty() { Text::plain(words::nothing_allowed(language)) } else { say(language, &menu) };
    talk.say(said).await
}
