//! `DELETE /clients/{id}/revoke-key`: from that commit on nothing signs, however many bots there are.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::{
    Moment,
    keyring::{BotStatus, ClientKey, KeyEvent, KeyHappening, KeyNotice, Stop, revoked},
};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::{FoundBots, KeyringAlong, KeyringWanted, Undone};
use serde::Serialize;

use crate::{Keys, entry::Known, telling, view::StopView};

const ENDPOINT: &str = "DELETE /clients/{id}/revoke-key";

/// A key that was revoked.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Revoked {
    /// `true`.
    revoked: bool,
    /// How far the stop of each bot is.
    bots: Vec<StopView>,
    /// `true` where the bots could not be read, which is no reason to revoke later: ask again for `bots`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    bots_unread: bool,
}

/// Revoke a client's key
///
/// By the client itself or an admin. Nothing signs with it any more once this is answered, and its sealed bytes are gone. Running
/// bots are asked to stop; sent again, the same request says how far they are.
#[utoipa::path(
    delete, path = "/clients/{id}/revoke-key", tag = "clients",
    security(("access_token" = []), ("launch_data" = [])),
    params(
        ("id" = u64, Path, description = "The client"),
        ("Idempotency-Key" = Option<String>, Header, description = "Replays the first answer; kept 24 h"),
    ),
    responses(
        (status = 200, description = "Revoked", body = Revoked),
        (status = 401, description = "No or bad credential", body = ProblemDocument),
        (status = 403, description = "Not allowed", body = ProblemDocument),
        (status = 404, description = "Not there, or another's", body = ProblemDocument),
        (status = 409, description = "There is no key, or it changed meanwhile", body = ProblemDocument),
    )
)]
pub(crate) async fn revoke(keys: State<Arc<Keys>>, id: PathText, call: Call) -> Result<Answer, Problem> {
    let known = keys.known(&call).await?;
    Ok(keys.store.in_turn(|| keys.revoke(&call, &known, &id.0)).await?)
}

impl Keys {
    async fn revoke(&self, call: &Call, known: &Known, id: &str) -> Result<Answer, Undone> {
        let wanted = KeyringWanted { without_revoke_all: true, ..KeyringWanted::default() };
        let entered = self.entered(call, known, id.parse().ok(), ENDPOINT, wanted).await?;
        if let Some(record) = entered.replayed(call)? {
            return Ok(Answer::replay(record));
        }
        let (permit, now, seen) = (&entered.permit, entered.now, entered.facts.key());
        let next = revoked(seen, permit.by(), now)?;
        // The revocation waits for nothing but the key's own record: bots and people only say what is told of it.
        let found = self.store.found_bots_of(permit.client_id()).await.inspect_err(
            |error| tracing::error!(%error, client = %permit.client_id(), "the bots of a client cannot be read"),
        );
        let (bots_unread, found) = (found.is_err(), found.unwrap_or_default());
        let stops = stops(&found, next.as_ref().or(seen), now);
        let answer = Answer::ok(&Revoked { revoked: true, bots: stops, bots_unread })?;
        let (Some(seen), Some(next)) = (seen, &next) else { return Ok(answer) };
        let running = found.bots.iter().filter(|bot| bot.status(Some(seen)) == BotStatus::Running).count();
        let notice = KeyNotice::Revoked { address: seen.facts.address.clone(), bots: running };
        let client = entered.facts.client.as_ref();
        let messages = telling::messages_if_any(&self.store, client, &notice, true, now).await;
        let event = KeyEvent {
            key_version: Some(seen.facts.version),
            detail: Some(format!("{running} bots were running")),
            ..entered.event(KeyHappening::Revoked, None)
        };
        let kept = entered.kept(call, &answer);
        let along = KeyringAlong { events: &[event], messages: &messages, kept: kept.as_ref(), form: None };
        self.store.commit_key_revoked(permit, seen, next, along).await?;
        Ok(answer)
    }
}

/// How far each bot's stop is, oldest first. Of one that cannot be read it is known that it was asked, and no more.
fn stops(found: &FoundBots, key: Option<&ClientKey>, now: Moment) -> Vec<StopView> {
    let read = found.bots.iter().map(|bot| (bot.id, bot.stop(key, now)));
    let mut stops: Vec<_> = read.chain(found.unreadable.iter().map(|id| (*id, Stop::Requested))).collect();
    stops.sort_by_key(|(id, _)| *id);
    stops.into_iter().map(|(id, stop)| StopView::of(id, stop)).collect()
}
