//! Tells a client, and those who act for every client, of something that concerns a key or a bot: each once, in their language.

use countersign_core::{
    Moment, OutId, Person,
    keyring::{Client, KeyNotice},
    limits,
    messaging::{
        BotCall, Origin, OutMessage,
        words::{Language, keys as words},
    },
};
use countersign_edge::clock;
use countersign_store::{Store, StoreError};

/// The messages that tell of it; they are committed with what they tell of. With `admins`, those who act for every client are
/// told as well.
pub(crate) async fn messages(
    store: &Store,
    client: Option<&Client>,
    notice: &KeyNotice,
    admins: bool,
    now: Moment,
) -> Result<Vec<OutMessage>, StoreError> {
    let own: Vec<_> = client.iter().map(|client| client.user_id).collect();
    let own = store.people_of(&own).await?;
    let others = if admins { store.admins(limits::ADMINS_TOLD).await? } else { Vec::new() };
    let others = others.into_iter().filter(|admin| own.iter().all(|person| person.user_id != admin.user_id));
    let name = client.map(|client| client.name.as_str());
    let to_own = own.iter().filter_map(|person| message(person, notice, None, now));
    let mut told: Vec<OutMessage> = to_own.collect();
    told.extend(others.filter_map(|admin| message(&admin, notice, name, now)));
    Ok(told)
}

/// The same for what must be done whoever can be told of it: where nobody can be read, that is logged.
pub(crate) async fn messages_if_any(
    store: &Store,
    client: Option<&Client>,
    notice: &KeyNotice,
    admins: bool,
    now: Moment,
) -> Vec<OutMessage> {
    messages(store, client, notice, admins, now).await.unwrap_or_else(|error| {
        tracing::error!(%error, "it is not known whom to tell of a key");
        Vec::new()
    })
}

/// A message to a person's own chat; none where they are not in Telegram.
fn message(person: &Person, notice: &KeyNotice, client: Option<&str>, now: Moment) -> Option<OutMessage> {
    let chat_id = person.telegram_id?.into();
    let call = BotCall::say(words::notice(Language::of(&person.profile), notice, client));
    let id = OutId::fresh(now, clock::random());
    Some(OutMessage { id, chat_id, call, origin: Origin::Bot, created_at: now })
}
