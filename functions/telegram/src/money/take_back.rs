//! A press that takes back what one has entered oneself, while it waits: what was held is free again.

use countersign_core::{
    MovementId, RefusalKind,
    approval::{Elsewhere, Mint, Status as Openness, as_note, close_elsewhere},
    bot::{Answer, NotDone},
    family::{Permission, unknown_family},
    ledger::{ClosingFacts, Deciding, Status, cancel, unknown_transaction},
    messaging::words::{families, pending as words},
};
use countersign_edge::clock;
use countersign_store::FamilyWanted;

use super::{
    of,
    turn::{Attempt, commit, in_turn},
};
use crate::talk::Talk;

/// What came of it, and what is said.
enum Taken {
    /// It is taken back, and that is committed.
    Back(String),
    /// Nothing is written.
    Not(&'static str),
}

pub(super) async fn take_back(talk: Talk<'_>, id: MovementId) -> Result<Answer, NotDone> {
    match in_turn(&talk, || attempt(&talk, id)).await? {
        Taken::Back(said) => Ok(Answer::Pressed { text: as_note(&said), is_alert: false }),
        Taken::Not(said) => talk.answer(Answer::Pressed { text: as_note(said), is_alert: true }).await,
    }
}

async fn attempt(talk: &Talk<'_>, id: MovementId) -> Attempt<Taken> {
    let (store, now) = (&talk.bot.store, clock::now());
    let not = |said| Ok(Ok(Taken::Not(said)));
    let first = store.movement_facts(None, id, None).await?;
    let movement = first.standing.ok_or_else(unknown_transaction)?.movement;
    let wanted = FamilyWanted {
        family: Some(movement.family_id),
        wallets: [movement.from_wallet_id, movement.to_wallet_id].into_iter().flatten().collect(),
        movement: Some(id),
        approval: movement.waiting.as_ref().map(|waiting| waiting.approval_id),
        ..FamilyWanted::default()
    };
    let found = store.family_facts(&wanted).await?;
    let facts = ClosingFacts {
        family: found.family.clone().ok_or_else(unknown_family)?,
        head: found.head.clone(),
        from: found.wallet(movement.from_wallet_id),
        to: found.wallet(movement.to_wallet_id),
        standing: found.standing().ok_or_else(unknown_transaction)?,
    };
    let taken = of(talk, Some(&facts.family), Permission::Pay)
        .and_then(|permit| cancel(&permit, &facts, Deciding::default(), now));
    let mut change = match taken {
        Ok(change) => change,
        Err(refusal) => match (refusal.kind, facts.standing.status()) {
            (RefusalKind::Conflict, Status::PendingApproval) => return not(families::cannot_be_done(talk.language)),
            (RefusalKind::Conflict, status) => return not(words::waits_no_more(talk.language, status)),
            (RefusalKind::Forbidden | RefusalKind::NotFound, _) => return not(families::may_not(talk.language)),
            _ => return Err(refusal.into()),
        },
    };
    if let Some((proposal, state)) = found.approval().filter(|(_, state)| state.status == Openness::Open) {
        let name = facts.family.name_of(movement.made_by).unwrap_or_default();
        let elsewhere = Elsewhere { answer: None, name };
        let closed = close_elsewhere(&proposal, &state, &elsewhere, &mut Mint::new(now, clock::random));
        change.approval = Some(Box::new(closed));
    }
    let said = words::taken_back(talk.language, &movement.currency.show(movement.amount_minor));
    commit(talk, &change, Taken::Back(said)).await
}
