//! The last press: the update's claim, the end of the conversation and the money's movement, or its hold and the question to those
//! who approve, are one commit.

use countersign_core::{
    ApprovalId, MovementId,
    approval::{Mint, MovementQuestion, as_note},
    bot::{
        Answer, NotDone, Press,
        paying::{Paying, Purse},
    },
    family::unknown_family,
    ledger::{Judged, Posted, post},
    messaging::words::paying as words,
};
use countersign_edge::clock;
use countersign_store::{Asking, Guard, StoreError};

use super::foresee::{Ground, ground};
use crate::{
    money::turn::{Attempt, in_turn},
    talk::Talk,
};

/// What came of it, and what is answered.
enum Paid {
    /// It is committed.
    Is(Answer),
    /// Nothing is written.
    Not(String),
}

pub(super) async fn confirm(
    talk: Talk<'_>,
    press: &Press,
    paying: &Paying,
    purses: &[Purse],
) -> Result<Answer, NotDone> {
    match in_turn(&talk, || attempt(&talk, press, paying, purses)).await? {
        Paid::Is(answer) => Ok(answer),
        Paid::Not(said) => talk.answer(Answer::Pressed { text: as_note(&said), is_alert: true }).await,
    }
}

async fn attempt(talk: &Talk<'_>, press: &Press, paying: &Paying, purses: &[Purse]) -> Attempt<Paid> {
    let ground = ground(talk, paying).await?.ok_or_else(unknown_family)?;
    let (permit, judged) = match ground.judged(talk) {
        Ok(judged) => judged,
        Err(refusal) => return Ok(Ok(Paid::Not(ground.refused(talk, &refusal)))),
    };
    let now = clock::now();
    let id = MovementId::fresh(now, clock::random());
    let asking = match judged.reasons.is_empty() {
        true => None,
        false => Some(Box::pin(asking(talk, id, &ground, &judged)).await?),
    };
    let said = match &asking {
        None => words::paid(talk.language, paying, purses),
        Some(asking) => words::waits(talk.language, paying, purses, asking.waiting.open_until),
    };
    let waiting = asking.as_ref().map(|asking| asking.waiting.clone());
    let (mut change, _) = post(&permit, &ground.facts, &ground.payment, &judged, Posted { id, waiting }, now)?;
    change.approval = asking.map(|asking| Box::new(asking.approval));
    let (contact, answer) = talk.show_surely(press, said);
    match Box::pin(talk.bot.store.commit_paid(&contact, talk.incoming.chat.id, paying, &change)).await {
        Ok(()) => Ok(Ok(Paid::Is(answer))),
        Err(error @ StoreError::Condition(Guard::Update | Guard::Contact | Guard::Conversation)) => {
            Ok(Err(error.into()))
        }
        Err(error) => Err(error.into()),
    }
}

async fn asking(talk: &Talk<'_>, id: MovementId, ground: &Ground, judged: &Judged) -> Result<Asking, StoreError> {
    let now = clock::now();
    let question = MovementQuestion {
        family: &ground.facts.family,
        from: ground.facts.from.as_ref(),
        to: ground.facts.to.as_ref(),
        amount_minor: judged.amount_minor,
        currency: judged.currency,
        category: ground.payment.category,
        description: ground.payment.description.as_deref(),
        reversal: None,
    };
    let ids = (ApprovalId::fresh(now, clock::random()), id);
    let mint = Mint::new(now, clock::random);
    talk.bot.store.asking(ids, talk.person(), &question, judged.reasons.clone(), mint).await
}
