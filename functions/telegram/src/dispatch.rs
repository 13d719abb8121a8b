//! Finds the handler of an update and runs it, so that it has one effect.
//!
//! A handler is `async fn(Talk<'_>, …) -> Result<Answer, NotDone>` in a file of its own. It commits exactly once, with the
//! contact in its transaction; see [`Talk`].

use std::ops::ControlFlow;

use countersign_core::{
    Refusal, Subject, UserId,
    approval::ButtonData,
    bot::{Answer, BotCommand, Command, Contact, Incoming, NotDone, Place, Press, What, paying::PayButton},
    connection::connect_of,
    gate::FromTelegram,
    limits,
    messaging::words::general as words,
    policy,
};
use countersign_edge::{Trace, clock};
use countersign_store::Wanted;

use crate::{
    Bot, answer_text, bind, blocked, bots, help, language, link, money, press, service_command, sessions, sign, start,
    talk::Talk, upgraded,
};

/// Handles an update; what is answered, in the body of the response.
///
/// # Errors
/// A refusal that may pass: nothing was written, and Telegram sends the update again.
pub(crate) async fn handle(
    bot: &Bot,
    telegram: FromTelegram,
    incoming: &Incoming,
    trace: &Trace,
) -> Result<Answer, Refusal> {
    let mut done = Err(NotDone::Changed);
    for _ in 0..limits::BOT_ATTEMPTS {
        done = once(bot, telegram, incoming, trace).await;
        if done != Err(NotDone::Changed) {
            break;
        }
    }
    if let Err(NotDone::Refused(refusal)) = &done
        && !NotDone::is_passing(refusal)
    {
        done = tell(bot, telegram, incoming, (refusal, trace)).await;
    }
    match done {
        Ok(answer) => Ok(answer),
        Err(NotDone::Repeated) => Ok(Answer::Nothing),
        Err(NotDone::Changed) => Err(Refusal::unavailable("the person's record keeps changing")),
        // What came with a status below 500 would still say that something failed, but not whose fault it is.
        Err(NotDone::Refused(refusal)) if refusal.kind.status() < 500 => Err(Refusal::unavailable(refusal.to_string())),
        Err(NotDone::Refused(refusal)) => Err(refusal),
    }
}

/// Reads the facts and runs the handler.
async fn once(bot: &Bot, telegram: FromTelegram, incoming: &Incoming, trace: &Trace) -> Result<Answer, NotDone> {
    match talk(bot, telegram, incoming, trace).await? {
        Some(talk) => route(talk, telegram).await,
        None => Ok(Answer::Nothing),
    }
}

/// A handler refused for good: the person is told why, once.
async fn tell(
    bot: &Bot,
    telegram: FromTelegram,
    incoming: &Incoming,
    (refusal, trace): (&Refusal, &Trace),
) -> Result<Answer, NotDone> {
    let Some(talk) = talk(bot, telegram, incoming, trace).await? else { return Ok(Answer::Nothing) };
    tracing::info!(update = %incoming.id, refusal = %refusal, "the bot refused");
    let said = words::refused(talk.language, refusal.kind);
    match incoming.what {
        What::Press(_) => talk.answer(Answer::Pressed { text: said.to_owned(), is_alert: true }).await,
        _ => talk.say(said).await,
    }
}

/// One `BatchGetItem`; none where the update was handled before.
async fn talk<'a>(
    bot: &'a Bot,
    telegram: FromTelegram,
    incoming: &'a Incoming,
    trace: &'a Trace,
) -> Result<Option<Talk<'a>>, Refusal> {
    let now = clock::now();
    let (own, theirs) = match &incoming.what {
        What::Command(command) => (command.own(), command.own().is_none().then_some(command.name.as_str())),
        _ => (None, None),
    };
    let approval = match &incoming.what {
        What::Press(pressed) => press::wanted(pressed, incoming.chat.id),
        _ => None,
    };
    let wanted = Wanted {
        subject: Some(Subject::Telegram(incoming.sender.id)),
        update: Some(incoming.id),
        sessions: matches!(own, Some(BotCommand::Sessions | BotCommand::Sign)),
        command: theirs,
        commands_revision: true,
        approval,
        ..Wanted::default()
    };
    let mut facts = bot.store.facts(&wanted).await?;
    if facts.is_handled {
        return Ok(None);
    }
    let contact = Contact::new(telegram, incoming, facts.person.take(), UserId::fresh(now, clock::random()), now);
    let permit = policy::chat_permit(telegram, incoming.sender.id);
    let language = contact.language();
    Ok(Some(Talk { bot, incoming, trace, contact, facts, permit, language, now }))
}

async fn route(talk: Talk<'_>, telegram: FromTelegram) -> Result<Answer, NotDone> {
    let incoming = talk.incoming;
    match &incoming.what {
        What::Command(command) => match command.own() {
            Some(own) => own_command(talk, telegram, own, command).await,
            None => service_command::run(talk, command).await,
        },
        What::Text { text, reply_to } => said(talk, text, *reply_to).await,
        What::Key => bots::leaked(talk).await,
        What::Press(pressed) => pressed_button(talk, pressed).await,
        What::Blocked(is_blocked) => blocked::note(talk, *is_blocked).await,
        What::Upgraded(to) => upgraded::move_questions(talk, *to).await,
    }
}

async fn own_command(
    mut talk: Talk<'_>,
    telegram: FromTelegram,
    own: BotCommand,
    command: &Command,
) -> Result<Answer, NotDone> {
    let Ok(permit) = policy::command_permit(telegram, talk.incoming.sender.id, talk.person(), own) else {
        let said = words::not_allowed(talk.language, own.name());
        return talk.say(said).await;
    };
    if own.place() == Place::Private && !talk.incoming.chat.is_private {
        let said = words::only_in_private(talk.language, own.name());
        return talk.say(said).await;
    }
    talk.permit = permit;
    match own {
        BotCommand::Start => start::start(talk, command).await,
        BotCommand::Help => help::help(talk).await,
        BotCommand::Language => language::choose(talk, command).await,
        BotCommand::Sign => sign::sign(talk).await,
        BotCommand::Sessions => sessions::list(talk).await,
        BotCommand::Balance => money::balance(talk).await,
        BotCommand::Pay => money::pay::pay(talk, command).await,
        BotCommand::Pending => money::pending(talk).await,
        BotCommand::Report => money::report(talk, command).await,
        BotCommand::Budget => money::budget(talk).await,
        BotCommand::Goals => money::goals(talk).await,
        BotCommand::Bots => bots::bots(talk).await,
        BotCommand::Bind => bind::bind(talk).await,
        BotCommand::Login => link::login(talk, command).await,
        BotCommand::Logout => link::logout(talk, command).await,
        BotCommand::Connections => link::list(talk).await,
        BotCommand::SetName => link::set_name(talk, command).await,
    }
}

/// Text that answers nothing is answered only where nobody else is meant.
async fn said(talk: Talk<'_>, text: &str, reply_to: Option<i64>) -> Result<Answer, NotDone> {
    let talk = match money::pay::said(talk, text, reply_to).await? {
        ControlFlow::Break(answer) => return Ok(answer),
        ControlFlow::Continue(talk) => talk,
    };
    let talk = match answer_text::answer_text(talk, text, reply_to).await? {
        ControlFlow::Break(answer) => return Ok(answer),
        ControlFlow::Continue(talk) => talk,
    };
    if talk.incoming.chat.is_private { help::not_understood(talk).await } else { Ok(Answer::Nothing) }
}

async fn pressed_button(talk: Talk<'_>, pressed: &Press) -> Result<Answer, NotDone> {
    if let Some(chosen) = language::of_button(pressed) {
        return language::pressed(talk, chosen).await;
    }
    if let Some(provider) = connect_of(&pressed.data) {
        return link::pressed(talk, pressed, provider).await;
    }
    if PayButton::is_ours(&pressed.data) {
        return Box::pin(money::pay::pressed(talk, pressed)).await;
    }
    if money::is_button(pressed) {
        return money::pressed(talk, pressed).await;
    }
    if ButtonData::is_ours(&pressed.data) {
        return press::press(talk, pressed).await;
    }
    let text = words::dead_button(talk.language).to_owned();
    talk.answer(Answer::Pressed { text, is_alert: true }).await
}
