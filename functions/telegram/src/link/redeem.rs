//! `/start <code_id>`: the person who asked takes the provider's code, once, and its tokens come alive.

use countersign_core::{
    ConnectionId, SealContext, Secret,
    bot::{Answer, NotDone},
    connection::{CodeId, Connection, NewConnection, Provider, Redemption, StoredCode, provider, split},
    messaging::words::linked_accounts as words,
};
use countersign_edge::clock;
use countersign_oauth::{Granted, Outcome};
use countersign_store::Guard;
use countersign_vault::Sealer;

use crate::{link::Links, talk::Talk};

/// How often a new connection is written where the table does not answer: its code is used up by then.
const COMMITS: usize = 3;

pub(crate) async fn redeem(talk: Talk<'_>, code_id: &str) -> Result<Answer, NotDone> {
    let store = &talk.bot.store;
    let found = match CodeId::read(code_id) {
        Some(id) => store.oauth_code(&id.name()).await?,
        None => None,
    };
    match (Redemption::of(found.as_ref(), talk.incoming.sender.id, talk.now), &talk.bot.links) {
        (Redemption::Own(code), Some(links)) => own(&talk, links, code).await,
        (Redemption::Foreign(code), _) => match store.commit_destroyed(code, &talk.contact).await {
            Ok(()) => Ok(talk.reply(words::foreign_code(talk.language), None)),
            Err(error) if error.failed(Guard::OauthCode) => bad_code(talk).await,
            Err(error) => Err(error.into()),
        },
        (Redemption::Own(_), None) | (Redemption::Gone, _) => bad_code(talk).await,
    }
}

async fn bad_code(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let said = words::bad_code(talk.language);
    talk.say(said).await
}

/// What is ready before the code is taken: from then on nothing may be missing that can be had before.
struct Taking<'a> {
    code: &'a StoredCode,
    provider: &'static Provider,
    id: ConnectionId,
    sealer: Sealer,
}

async fn own(talk: &Talk<'_>, links: &Links, code: &StoredCode) -> Result<Answer, NotDone> {
    let (store, subject) = (&talk.bot.store, talk.contact.subject());
    let (id, provider) = (ConnectionId::fresh(talk.now, clock::random()), provider(&code.provider)?);
    let sealer = links.vault.sealer(SealContext::oauth_token(subject, id)).await.map_err(refused)?;
    let opened = links.vault.reveal_token(&SealContext::oauth_code(subject, &code.name), &code.sealed).await;
    let opened = opened.map_err(refused)?;
    match store.commit_taken(&talk.permit, code, &talk.contact).await {
        Ok(()) => {}
        Err(error) if error.failed(Guard::OauthCode) => {
            // Somebody was faster: this very person, with another update.
            store.commit_contact(&talk.contact, None).await?;
            return Ok(talk.reply(words::bad_code(talk.language), None));
        }
        Err(error) => return Err(error.into()),
    }
    let outcome = exchange(links, provider, &opened).await;
    tracing::info!(provider = provider.key, outcome = outcome.word(), "exchanged");
    Ok(taken(talk, Taking { code, provider, id, sealer }, outcome).await)
}

async fn exchange(links: &Links, provider: &Provider, opened: &Secret) -> Outcome {
    let Some((code, verifier)) = split(opened) else { return Outcome::Unavailable("a code that is not of our form") };
    let asked = links.client.exchange(provider, &code, &verifier).await;
    asked.unwrap_or(Outcome::Unavailable("the provider is no longer offered"))
}

/// The update is claimed and the code is used up: whatever happens now, the person hears of it once. Where nothing is said
/// here the schedule does, because the redemption stands open.
async fn taken(talk: &Talk<'_>, taking: Taking<'_>, outcome: Outcome) -> Answer {
    let (language, name) = (talk.language, taking.provider.name);
    let said = match outcome {
        Outcome::Granted(granted) => return connected(talk, taking, granted).await,
        Outcome::Refused(_) => words::refused(language, name),
        Outcome::Unavailable(_) | Outcome::Unknown(_) => words::interrupted(language, name),
    };
    match talk.bot.store.commit_no_connection(&talk.permit, &taking.code.name).await {
        Ok(()) => talk.reply(said, None),
        Err(error) => {
            tracing::warn!(%error, "a redemption was not closed");
            Answer::Nothing
        }
    }
}

async fn connected(talk: &Talk<'_>, taking: Taking<'_>, granted: Granted) -> Answer {
    let Taking { code, provider, id, sealer } = taking;
    let sealed = granted.tokens.to_secret().and_then(|secret| sealer.seal(&secret).ok());
    let Some(sealed) = sealed else {
        tracing::error!(provider = provider.key, "tokens that cannot be sealed");
        return Answer::Nothing;
    };
    let new = NewConnection {
        consented_at: code.consented_at,
        expires_in: granted.expires_in,
        refreshable: granted.tokens.refresh.is_some(),
        scopes: granted.scopes,
    };
    let connection = Connection::open(id, provider, new, sealed, clock::now());
    if commit(talk, connection, code).await {
        return talk.reply(words::connected(talk.language, provider.name), None);
    }
    Answer::Nothing
}

/// True where the connection is there. It keeps the name that the person gave to the one in whose place it comes.
async fn commit(talk: &Talk<'_>, mut connection: Connection, code: &StoredCode) -> bool {
    let (store, subject) = (&talk.bot.store, talk.contact.subject());
    for _ in 0..COMMITS {
        let committed = match store.connection(subject, &connection.provider).await {
            Ok(Some(before)) if before.connection_id == connection.connection_id => return true,
            Ok(before) => {
                connection.label = before.as_ref().and_then(|before| before.label.clone());
                store.commit_connection(&talk.permit, &connection, before.as_ref(), &code.name).await
            }
            Err(error) => Err(error),
        };
        match committed {
            Ok(()) => return true,
            // The schedule has told the person to begin again; or an earlier try of ours went through unheard.
            Err(error) if error.failed(Guard::Redemption) => break,
            Err(error) => tracing::warn!(%error, "a new connection was not written"),
        }
    }
    let stored = store.connection(subject, &connection.provider).await;
    stored.is_ok_and(|stored| stored.is_some_and(|stored| stored.connection_id == connection.connection_id))
}

fn refused(error: countersign_vault::VaultError) -> NotDone {
    NotDone::Refused(error.into())
}
