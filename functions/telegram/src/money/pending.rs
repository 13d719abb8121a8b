//! `/pending`: what waits for a decision. Whoever approves is shown the way to the message with its buttons; one's own can be
//! taken back.

use countersign_core::{
    MovementId, RefusalKind,
    bot::{Answer, NotDone},
    family::{Family, Permission},
    ledger::{Standing, Status, Wallet, unknown_transaction},
    limits,
    messaging::{
        BotCall, Button, Buttons,
        words::{
            families,
            pending::{self as words, Waits},
        },
    },
};

use super::{Home, Wish, homes, of};
use crate::talk::Talk;

pub(crate) async fn pending(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let homes = homes(&talk).await?;
    if homes.is_empty() {
        let said = families::no_family(talk.language);
        return talk.say(said).await;
    }
    let mut found = Vec::new();
    for home in &homes {
        found.extend(waiting(&talk, home).await?);
    }
    let more = found.len().saturating_sub(limits::SHOWN_PENDING);
    found.truncate(limits::SHOWN_PENDING);
    let (waits, wishes): (Vec<Waits>, Vec<Wish>) = found.into_iter().unzip();
    let buttons = (!wishes.is_empty()).then(|| buttons(&talk, &wishes));
    let answer = talk.reply(words::pending(talk.language, &waits, more), buttons);
    talk.answer(answer).await
}

/// A button for each, numbered as the lines are.
fn buttons(talk: &Talk<'_>, wishes: &[Wish]) -> Buttons {
    let button = |(index, wish): (usize, &Wish)| {
        let text = match wish {
            Wish::Show(_) => words::show_button(talk.language, index + 1),
            Wish::TakeBack(_) => words::take_back_button(talk.language, index + 1),
        };
        vec![Button::callback(text, wish.write())]
    };
    Buttons(wishes.iter().enumerate().map(button).collect())
}

/// What waits in a family and is this person's to decide, or their own.
async fn waiting(talk: &Talk<'_>, Home { family, permit }: &Home) -> Result<Vec<(Waits, Wish)>, NotDone> {
    let found = talk.bot.store.waiting_movements(permit, limits::OPEN_MOVEMENTS).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let wallets = talk.bot.store.wallets(permit).await?;
    let decides = of(talk, Some(family), Permission::Approve).is_ok();
    let user = talk.person().user_id;
    let line = |standing: &Standing| {
        let movement = &standing.movement;
        let own = movement.made_by == user;
        let wish = if own { Wish::TakeBack(movement.id) } else { Wish::Show(movement.id) };
        let until = movement.waiting.as_ref().filter(|_| own || decides)?.open_until;
        Some((
            Waits { asked_by: (!own).then(|| name(family, standing)), until, ..shown(family, &wallets, standing) },
            wish,
        ))
    };
    Ok(found.iter().filter_map(line).collect())
}

fn name(family: &Family, standing: &Standing) -> String {
    family.name_of(standing.movement.made_by).unwrap_or("?").to_owned()
}

fn shown(family: &Family, wallets: &[Wallet], standing: &Standing) -> Waits {
    let movement = &standing.movement;
    let wallet = |id| wallets.iter().find(|wallet| Some(wallet.id) == id).map(|wallet| wallet.name.clone());
    Waits {
        asked_by: None,
        amount: movement.currency.show(movement.amount_minor),
        from: wallet(movement.from_wallet_id),
        to: wallet(movement.to_wallet_id),
        category: movement.category_id.and_then(|id| family.category(id)).map(|category| category.name.clone()),
        reverses: movement.reverses.is_some(),
        until: movement.made_at,
    }
}

/// Puts a message below the one with Approve and Deny that replies to it: a tap leads there.
pub(super) async fn show(talk: Talk<'_>, id: MovementId) -> Result<Answer, NotDone> {
    let alert = |text: &str| Answer::Pressed { text: text.to_owned(), is_alert: true };
    let (store, language) = (&talk.bot.store, talk.language);
    let standing = store.movement_facts(None, id, None).await?.standing.ok_or_else(unknown_transaction)?;
    let (_, family) = store.person_and_family(talk.contact.subject(), standing.movement.family_id).await?;
    match of(&talk, family.as_ref(), Permission::Approve) {
        Ok(_) => {}
        Err(refusal) if refusal.kind == RefusalKind::Conflict => {
            return talk.answer(alert(families::cannot_be_done(language))).await;
        }
        Err(_) => return talk.answer(alert(families::may_not(language))).await,
    }
    let waiting = standing.movement.waiting.as_ref().filter(|_| standing.status() == Status::PendingApproval);
    let Some(waiting) = waiting else {
        return talk.answer(alert(words::waits_no_more(language, standing.status()))).await;
    };
    let copy = store.approval_facts(waiting.approval_id, talk.incoming.chat.id).await?.copy;
    let Some(reply_to) = copy.and_then(|copy| copy.message_id) else {
        return talk.answer(alert(words::decide_in_app(language))).await;
    };
    let text = words::decide_here(language).into();
    let call = BotCall::SendMessage { text, buttons: None, reply_to: Some(reply_to), ask_reply: false, silent: true };
    talk.answer_and_tell(Answer::Pressed { text: words::decide_here(language).to_owned(), is_alert: false }, vec![call])
        .await
}
