//! `/pay`: money moved in a conversation with buttons, or in one line. What is asked and what fits is decided by
//! `countersign_core::bot::paying`; here it is read, shown and committed.

mod confirm;
mod foresee;

use std::ops::ControlFlow;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{
    bot::{
        Answer, BotCommand, Command, NotDone, Press,
        paying::{Next, PayButton, Paying, Purse, Stale, Step, begin},
    },
    family::Permission,
    messaging::words::{families, general, paying as words},
    policy,
};
use countersign_edge::clock;
use futures_util::future::try_join_all;

use self::foresee::{Foreseen, foresee};
use super::{homes, of};
use crate::talk::Talk;

pub(crate) async fn pay(talk: Talk<'_>, command: &Command) -> Result<Answer, NotDone> {
    let Some(purses) = purses(&talk).await? else {
        let said = families::no_family(talk.language);
        return talk.say(said).await;
    };
    if purses.is_empty() {
        let said = words::nothing_to_pay_from(talk.language);
        return talk.say(said).await;
    }
    let nonce = URL_SAFE_NO_PAD.encode(clock::random().to_be_bytes());
    let Some(paying) = begin(&command.arguments, &purses, talk.incoming.sender.id, nonce, talk.now) else {
        let said = words::usage(talk.language);
        return talk.say(said).await;
    };
    let before = talk.bot.store.conversation(talk.incoming.chat.id).await?;
    ask(talk, before.as_ref(), paying, &purses).await
}

/// The families that the person may pay in, with their open wallets; none where they are in none at all.
async fn purses(talk: &Talk<'_>) -> Result<Option<Vec<Purse>>, NotDone> {
    let homes = homes(talk).await?;
    if homes.is_empty() {
        return Ok(None);
    }
    let paying = || homes.iter().filter(|home| of(talk, Some(&home.family), Permission::Pay).is_ok());
    let wallets = try_join_all(paying().map(|home| talk.bot.store.wallets(&home.permit))).await?;
    let purse = |(home, mut wallets): (&super::Home, Vec<_>)| {
        wallets.retain(|wallet: &countersign_core::ledger::Wallet| wallet.archived_at.is_none());
        Purse { family: home.family.clone(), wallets }
    };
    Ok(Some(paying().zip(wallets).map(purse).filter(|purse| !purse.wallets.is_empty()).collect()))
}

/// Commits the next step and puts its question.
async fn ask(talk: Talk<'_>, before: Option<&Paying>, mut paying: Paying, purses: &[Purse]) -> Result<Answer, NotDone> {
    let (mut approvers, mut first) = (None, None);
    if paying.draft.step() == Step::Summary {
        match foresee(&talk, &paying).await? {
            Foreseen::Done => {}
            Foreseen::Asks(names) => approvers = Some(names),
            Foreseen::Not(said) => {
                paying = paying.without_amount(talk.now);
                first = Some(said);
            }
        }
    }
    let (mut text, buttons) = words::asked(talk.language, &paying, purses, approvers.as_deref());
    if let Some(said) = first {
        text.text = format!("{}\n\n{}", countersign_core::messaging::words::escape(&said), text.text);
    }
    let (contact, answer) = talk.show(text, Some(buttons));
    talk.bot.store.commit_conversation(&contact, talk.incoming.chat.id, before, Some(&paying)).await?;
    Ok(answer)
}

/// A press of a button of the conversation.
pub(crate) async fn pressed(talk: Talk<'_>, press: &Press) -> Result<Answer, NotDone> {
    let may = policy::person_role(&talk.person().role).is_some_and(|role| role.may_use(BotCommand::Pay));
    if !(may && talk.incoming.chat.is_private) {
        let said = general::dead_button(talk.language);
        return alert(talk, said).await;
    }
    let Some(button) = PayButton::read(&press.data) else {
        let said = words::stale(talk.language, Stale::Forged);
        return alert(talk, said).await;
    };
    let chat = talk.incoming.chat.id;
    let before = talk.bot.store.conversation(chat).await?;
    let paying = match button.fits(before.as_ref(), talk.incoming.sender.id, talk.now) {
        Ok(paying) => paying,
        Err(stale) => {
            let said = words::stale(talk.language, stale);
            return alert(talk, said).await;
        }
    };
    let purses = purses(&talk).await?.unwrap_or_default();
    match paying.choose(button.choice, &purses, talk.now) {
        Next::Ask(next) => ask(talk, Some(paying), next, &purses).await,
        Next::Confirm => confirm::confirm(talk, press, paying, &purses).await,
        Next::Cancel => {
            let (contact, answer) = talk.show(words::cancelled(talk.language), None);
            talk.bot.store.commit_conversation(&contact, chat, Some(paying), None).await?;
            Ok(answer)
        }
        Next::Unfit => {
            let said = words::unfit(talk.language);
            alert(talk, said).await
        }
    }
}

async fn alert(talk: Talk<'_>, said: &str) -> Result<Answer, NotDone> {
    talk.answer(Answer::Pressed { text: said.to_owned(), is_alert: true }).await
}

/// Takes a text as the amount that the conversation waits for. Where it waits for none the talk goes on.
pub(crate) async fn said<'a>(
    talk: Talk<'a>,
    text: &str,
    reply_to: Option<i64>,
) -> Result<ControlFlow<Answer, Talk<'a>>, NotDone> {
    if !talk.incoming.chat.is_private || reply_to.is_some() {
        return Ok(ControlFlow::Continue(talk));
    }
    let before = talk.bot.store.conversation(talk.incoming.chat.id).await?;
    let waits = |paying: &&Paying| paying.live_until > talk.now && paying.draft.step() == Step::Amount;
    let Some(paying) = before.as_ref().filter(waits) else { return Ok(ControlFlow::Continue(talk)) };
    let purses = purses(&talk).await?.unwrap_or_default();
    let answer = match paying.amount(text, &purses, talk.now) {
        Ok(next) => ask(talk, Some(paying), next, &purses).await?,
        Err(_) => {
            let code = paying.draft.source(&purses).map_or("", |(_, wallet)| wallet.currency.code());
            let said = words::no_amount(talk.language, code);
            talk.say(said).await?
        }
    };
    Ok(ControlFlow::Break(answer))
}
