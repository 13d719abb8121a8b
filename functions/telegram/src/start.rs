//! `/start`: greets. What a link to the bot carries is redeemed by the file of what it is: an account's code, an invitation.

use countersign_core::{
    bot::{Answer, Command, NotDone},
    messaging::words::general as words,
};

use crate::{link, money, talk::Talk};

pub(crate) async fn start(talk: Talk<'_>, command: &Command) -> Result<Answer, NotDone> {
    if money::is_invitation(&command.arguments) {
        return money::join(talk, &command.arguments).await;
    }
    if !command.arguments.is_empty() {
        return link::redeem(talk, &command.arguments).await;
    }
    let said = words::welcome(talk.language, talk.person().profile.first_name.as_deref());
    talk.say(said).await
}
