//! A press of a button under a question: it counts once, or it does nothing and says why.

use countersign_core::{
    ApprovalId, ChatId, Refusal, RefusalKind,
    approval::{Answering, Asker, ButtonData, Facts, Mint, Verdict, Voter, as_note, judge},
    bot::{Answer, NotDone, Press},
    limits,
    messaging::words::{approvals as words, families, revoke_all},
    policy,
};
use countersign_edge::clock;
use countersign_store::StoreError;

use crate::talk::Talk;

/// What must be read to judge this press; none where the button is none of a question's.
pub(crate) fn wanted(press: &Press, chat: ChatId) -> Option<(ApprovalId, ChatId)> {
    ButtonData::read(&press.data).map(|button| (button.id, chat))
}

/// Handles a press of a button that says it is a question's.
pub(crate) async fn press(mut talk: Talk<'_>, press: &Press) -> Result<Answer, NotDone> {
    let Some(button) = ButtonData::read(&press.data) else {
        let text = words::forged(talk.language).to_owned();
        return talk.answer(Answer::Pressed { text, is_alert: true }).await;
    };
    let facts = std::mem::take(&mut talk.facts.approval);
    let answering = Answering::Press { button: &button, text: press.text.as_deref(), message_id: press.message_id };
    match vote(&talk, button.id, facts, &answering).await? {
        Voted::Counts(said) => Ok(Answer::Pressed { text: as_note(&said), is_alert: false }),
        Voted::Not(said) => talk.answer(Answer::Pressed { text: as_note(&said), is_alert: true }).await,
    }
}

/// What became of an answer, and what is said.
pub(crate) enum Voted {
    /// It is committed, and the contact with it.
    Counts(String),
    /// Nothing is written.
    Not(String),
}

/// Judges an answer and commits it. Where another one was faster the facts are read again and it is judged again.
pub(crate) async fn vote(
    talk: &Talk<'_>,
    id: ApprovalId,
    mut facts: Facts,
    answering: &Answering<'_>,
) -> Result<Voted, NotDone> {
    let (store, chat_id) = (&talk.bot.store, talk.incoming.chat.id);
    let sender = &talk.incoming.sender;
    let voter = Voter { telegram_id: sender.id, name: sender.first_name.clone(), chat_id, language: talk.language };
    if policy::person_role(&talk.person().role).is_none() {
        return Ok(Voted::Not(words::not_asked(talk.language).to_owned()));
    }
    for round in 0..limits::VOTE_ROUNDS {
        let mut mint = Mint::new(clock::now(), clock::random);
        let (change, said) = match judge(&facts, &voter, answering, &mut mint) {
            Verdict::Counted { change, said } => (change, said),
            Verdict::Refused { why, said } => {
                tracing::info!(approval = %id, ?why, "an answer does not count");
                return Ok(Voted::Not(said));
            }
        };
        match Box::pin(store.commit_vote(&talk.contact, &change)).await {
            Ok(()) => {
                if let Asker::Movement { family_id, .. } = change.proposal.asker {
                    talk.looks_at(family_id);
                }
                return Ok(Voted::Counts(said));
            }
            Err(error) if error.is_race() => facts = store.approval_facts(id, chat_id).await?,
            Err(StoreError::Refused(refusal)) => match unsettled(talk, &change.proposal.asker, &refusal, round) {
                Some(voted) => return Ok(voted),
                None => facts = store.approval_facts(id, chat_id).await?,
            },
            Err(error) => return Err(error.into()),
        }
    }
    Err(NotDone::Refused(Refusal::unavailable("other answers kept being faster")))
}

/// The family's ledger refuses what the answer would settle. Where it was decided elsewhere meanwhile the facts say so: they are
/// read again once.
fn unsettled(talk: &Talk<'_>, asker: &Asker, refusal: &Refusal, round: u32) -> Option<Voted> {
    tracing::info!(refusal = %refusal, "an answer settles nothing");
    match refusal.kind {
        _ if matches!(asker, Asker::KeyRevocation { .. }) => {
            Some(Voted::Not(revoke_all::may_not(talk.language).to_owned()))
        }
        RefusalKind::Forbidden | RefusalKind::NotFound => Some(Voted::Not(families::may_not(talk.language).to_owned())),
        RefusalKind::Conflict if round > 0 => Some(Voted::Not(families::cannot_be_done(talk.language).to_owned())),
        _ => None,
    }
}
