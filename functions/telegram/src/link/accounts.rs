//! `/connections`, `/logout [provider]` and `/setname <name>`: what a person does with the accounts they have linked.

use countersign_core::{
    bot::{Answer, Command, NotDone},
    connection::{Connection, Provider, Status, provider},
    limits,
    messaging::words::linked_accounts as words,
};
use countersign_store::{Beside, Guard};

use crate::{link::login::is_named, talk::Talk};

pub(crate) async fn list(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let connections = talk.bot.store.connections(&talk.permit).await?;
    let said = words::listed(talk.language, &connections, talk.now);
    talk.say(said).await
}

pub(crate) async fn logout(talk: Talk<'_>, command: &Command) -> Result<Answer, NotDone> {
    let linked = linked(&talk).await?;
    let wanted = command.arguments.as_str();
    let meant = match linked.as_slice() {
        [only] if wanted.is_empty() => Some(only),
        several if !wanted.is_empty() => several.iter().find(|(_, provider)| is_named(provider, wanted)),
        [] => None,
        several => {
            let keys: Vec<&str> = several.iter().map(|(_, provider)| provider.key).collect();
            let said = words::which_to_disconnect(talk.language, &keys);
            return talk.say(said).await;
        }
    };
    match meant {
        Some((connection, provider)) => end(talk, connection, provider).await,
        None => not_linked(talk).await,
    }
}

/// Ends it here at once; the schedule tells the provider, so that the person need not wait for that.
async fn end(talk: Talk<'_>, connection: &Connection, provider: &Provider) -> Result<Answer, NotDone> {
    let revocation = (connection.sealed.is_some() && provider.revoke_url.is_some()).then_some(talk.now);
    let beside = Beside { kept: None, contact: Some(&talk.contact) };
    match talk.bot.store.commit_revoked(&talk.permit, connection, talk.now, revocation, beside).await {
        Ok(()) => Ok(talk.reply(words::disconnected(talk.language, provider.name), None)),
        Err(error) if error.failed(Guard::Connection) => not_linked(talk).await,
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn set_name(talk: Talk<'_>, command: &Command) -> Result<Answer, NotDone> {
    let name = command.arguments.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = (1..=limits::CONNECTION_NAME_CHARS).contains(&name.chars().count());
    if !fits || name.chars().any(char::is_control) {
        let said = words::how_to_name(talk.language);
        return talk.say(said).await;
    }
    // The one that was linked last: that is the one the bot has just asked to name.
    let linked = linked(&talk).await?;
    let Some((last, provider)) = linked.iter().max_by_key(|(connection, _)| connection.consented_at) else {
        return not_linked(talk).await;
    };
    let beside = Beside { kept: None, contact: Some(&talk.contact) };
    match talk.bot.store.commit_named(&talk.permit, last, &name, beside).await {
        Ok(()) => Ok(talk.reply(words::named(talk.language, provider.name, &name), None)),
        Err(error) if error.failed(Guard::Connection) => not_linked(talk).await,
        Err(error) => Err(error.into()),
    }
}

async fn not_linked(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let said = words::not_linked(talk.language);
    talk.say(said).await
}

/// The accounts that were not unlinked, with their providers.
async fn linked(talk: &Talk<'_>) -> Result<Vec<(Connection, &'static Provider)>, NotDone> {
    let connections = talk.bot.store.connections(&talk.permit).await?;
    let live = connections.into_iter().filter(|connection| connection.standing != Status::Revoked);
    Ok(live.filter_map(|connection| provider(&connection.provider).ok().map(|found| (connection, found))).collect())
}
