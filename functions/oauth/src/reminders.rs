//! What is due of linked accounts: people are told once that a consent ends or has ended, or that a link did not come about.

use std::time::{Duration, Instant};

use countersign_core::{
    ConnectionId, Moment, OutId, Person, Refusal, Subject,
    connection::{Connection, Notice, Provider, Status, connect_data, provider},
    limits,
    messaging::{
        BotCall, Button, Buttons, Origin, OutMessage, Text,
        words::{Language, linked_accounts as words},
    },
};
use countersign_edge::clock;
use countersign_store::{DueConnection, DueOf, Guard, StoreError, Wanted};

use crate::{Links, subject::telegram_id};

/// How many due items one run looks at.
const ITEMS: i32 = 200;
/// After this long a run begins nothing more: the last one still ends within the function's minute.
const BEGINNING: Duration = Duration::from_secs(40);

/// What a run did, for the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Ran {
    /// How many were due.
    pub due: usize,
    /// How many could not be done now.
    pub failed: usize,
}

/// Does what is due.
///
/// # Errors
/// Where the table cannot be read.
pub async fn run(links: &Links) -> Result<Ran, Refusal> {
    run_at(links, clock::now()).await
}

/// Does what is due at this moment.
///
/// # Errors
/// As [`run`].
pub async fn run_at(links: &Links, now: Moment) -> Result<Ran, Refusal> {
    let (mut ran, begun) = (Ran::default(), Instant::now());
    for due in links.store.due_connections(now, ITEMS).await? {
        ran.due += 1;
        if begun.elapsed() >= BEGINNING {
            continue;
        }
        let done = match &due.what {
            DueOf::Connection { provider } => connection(links, due.subject, provider, now).await,
            DueOf::Redemption { code_name } => redemption(links, due.subject, code_name, now).await,
            DueOf::Revocation { connection_id } => replaced(links, due.subject, *connection_id, now).await,
        };
        if let Err(refusal) = done {
            ran.failed += 1;
            tracing::warn!(%refusal, reason = refusal.internal.as_deref(), "what was due was not done");
            put_off(links, &due, now).await;
        }
    }
    if ran.due > 0 {
        tracing::info!(due = ran.due, failed = ran.failed, "reminded");
    }
    Ok(ran)
}

/// The others have their turn. Where this fails it is the oldest again in the next run.
async fn put_off(links: &Links, due: &DueConnection, now: Moment) {
    if let Err(error) = links.store.put_off(due, now.plus_seconds(limits::OAUTH_PUT_OFF_SECONDS)).await {
        tracing::warn!(%error, "what was due was not put off");
    }
}

async fn replaced(links: &Links, subject: Subject, id: ConnectionId, now: Moment) -> Result<(), Refusal> {
    match links.store.replaced(subject, id).await? {
        Some(before) => links.revoke_replaced(subject, &before, now).await,
        None => Ok(()),
    }
}

async fn connection(links: &Links, subject: Subject, key: &str, now: Moment) -> Result<(), Refusal> {
    let Some(found) = links.store.connection(subject, key).await? else { return Ok(()) };
    if found.standing == Status::Revoked {
        return if found.sealed.is_some() { links.revoke(subject, &found, now).await } else { Ok(()) };
    }
    let Some(notice) = found.notice(now) else { return Ok(()) };
    let person = person(links, subject).await?;
    let told = told(subject, &person, &found, notice, now)?;
    let committed = match notice {
        Notice::Ends(days) => links.store.commit_reminded(subject, &found, days, &told).await,
        Notice::Ended => links.store.commit_ended(subject, &found, now, &told).await,
    };
    unless_faster(committed)
}

fn told(
    subject: Subject,
    person: &Person,
    connection: &Connection,
    notice: Notice,
    now: Moment,
) -> Result<OutMessage, Refusal> {
    let end = connection.ends_at.unwrap_or(now);
    message_of(subject, person, &connection.provider, now, |language, name| match notice {
        Notice::Ends(_) => words::consent_ends(language, name, connection.days_left(now), end),
        Notice::Ended => words::consent_ended(language, name),
    })
}

async fn redemption(links: &Links, subject: Subject, code_name: &str, now: Moment) -> Result<(), Refusal> {
    let Some(key) = links.store.redemption(subject, code_name).await? else { return Ok(()) };
    let person = person(links, subject).await?;
    let told = message_of(subject, &person, &key, now, words::interrupted)?;
    unless_faster(links.store.commit_redemption_lost(subject, code_name, &told).await)
}

/// Somebody else did it: then it is done.
fn unless_faster(committed: Result<(), StoreError>) -> Result<(), Refusal> {
    match committed {
        Err(error) if error.failed(Guard::Connection) || error.failed(Guard::Redemption) => Ok(()),
        other => Ok(other?),
    }
}

async fn person(links: &Links, subject: Subject) -> Result<Person, Refusal> {
    let facts = links.store.facts(&Wanted { subject: Some(subject), ..Wanted::default() }).await?;
    facts.person.ok_or_else(|| Refusal::internal("a linked account without its person"))
}

/// A message about the provider of this key, with the button that begins a new link; without it where the provider is gone.
fn message_of(
    subject: Subject,
    person: &Person,
    key: &str,
    now: Moment,
    say: impl FnOnce(Language, &str) -> Text,
) -> Result<OutMessage, Refusal> {
    match provider(key) {
        Ok(provider) => message(subject, person, provider, now, |language| say(language, provider.name)),
        Err(_) => written(subject, say(Language::of(&person.profile), key), None, now),
    }
}

/// A message to a person's own chat, with the button that begins a new link.
pub(crate) fn message(
    subject: Subject,
    person: &Person,
    provider: &Provider,
    now: Moment,
    say: impl FnOnce(Language) -> Text,
) -> Result<OutMessage, Refusal> {
    let language = Language::of(&person.profile);
    let button = Button::callback(words::connect_button(language, provider.name), connect_data(provider));
    written(subject, say(language), Some(Buttons::row(vec![button])), now)
}

fn written(subject: Subject, text: Text, buttons: Option<Buttons>, now: Moment) -> Result<OutMessage, Refusal> {
    let call = BotCall::SendMessage { text, buttons, reply_to: None, ask_reply: false, silent: false };
    let (id, chat_id) = (OutId::fresh(now, clock::random()), telegram_id(subject)?.into());
    Ok(OutMessage { id, chat_id, call, origin: Origin::Bot, created_at: now })
}
