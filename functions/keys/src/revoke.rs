//! `DELETE /clients/{id}/revoke-key`: from that commit on nothing signs, however many bots there are.

use std::sync::Arc;

use axum::extract::State;
use countersign_core::keyring::{BotStatus, KeyEvent, KeyHappening, KeyNotice, Stop, revoked};
use countersign_edge::{Answer, Call, PathText, Problem, ProblemDocument};
use countersign_store::{KeyringAlong, KeyringWanted, Undone};
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
        let entered = self.entered(call, known, id.parse().ok(), ENDPOINT, KeyringWanted::default()).await?;
        if let Some(record) = entered.replayed(call)? {
            return Ok(Answer::replay(record));
        }
        let (permit, now, seen) = (&entered.permit, entered.now, entered.facts.key());
        let next = revoked(seen, permit.by(), now)?;
        let bots = self.store.bots_of(permit.client_id()).await?;
        let after = next.as_ref().or(seen);
        let stops = bots.iter().map(|bot| StopView::of(bot, bot.stop(after, now))).collect();
        let answer = Answer::ok(&Revoked { revoked: true, bots: stops })?;
        let (Some(seen), Some(next)) = (seen, &next) else { return Ok(answer) };
        let running = bots.iter().filter(|bot| bot.status(Some(seen)) == BotStatus::Running);
        let running = running.filter(|bot| bot.stop(Some(next), now) != Stop::Acknowledged).count();
        let notice = KeyNotice::Revoked { address: seen.facts.address.clone(), bots: running };
        let messages = telling::messages(&self.store, entered.facts.client.as_ref(), &notice, true, now).await?;
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
