//! Finds the handler of an update and runs it, so that it has one effect.
//!
//! A handler is `async fn(Talk<'_>, …) -> Result<Answer, NotDone>` in a file of its own. It commits exactly once, with the
//! contact in its transaction; see [`Talk`].

use std::{ops::ControlFlow, pin::Pin};

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
    let handled = match &incoming.what {
        What::Command(command) => match command.own() {
            Some(own) => on_heap(|| own_command(talk, telegram, own, command)),
            None => on_heap(|| service_command::run(talk, command)),
        },
        What::Text { text, reply_to } => on_heap(|| said(talk, text, *reply_to)),
        What::Key => on_heap(|| bots::leaked(talk)),
        What::Press(pressed) => on_heap(|| pressed_button(talk, pressed)),
        What::Blocked(is_blocked) => on_heap(|| blocked::note(talk, *is_blocked)),
        What::Upgraded(to) => on_heap(|| upgraded::move_questions(talk, *to)),
    };
    handled.await
}

/// What a handler will do, on the heap. A build that is not optimised gives each way through a function its own place on the stack:
/// all handlers side by side would not fit there.
fn on_heap<'a, F>(handler: impl FnOnce() -> F) -> Pin<Box<dyn Future<Output = Result<Answer, NotDone>> + Send + 'a>>
where
    F: Future<Output = Result<Answer, NotDone>> + Send + 'a,
{
    Box::pin(handler())
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
    let handled = match own {
        BotCommand::Start => on_heap(|| start::start(talk, command)),
        BotCommand::Help => on_heap(|| help::help(talk)),
        BotCommand::Language => on_heap(|| language::choose(talk, command)),
        BotCommand::Sign => on_heap(|| sign::sign(talk)),
        BotCommand::Sessions => on_heap(|| sessions::list(talk)),
        BotCommand::Balance => on_heap(|| money::balance(talk)),
        BotCommand::Pay => on_heap(|| money::pay::pay(talk, command)),
        BotCommand::Pending => on_heap(|| money::pending(talk)),
        BotCommand::Report => on_heap(|| money::report(talk, command)),
        BotCommand::Budget => on_heap(|| money::budget(talk)),
        BotCommand::Goals => on_heap(|| money::goals(talk)),
        BotCommand::Bots => on_heap(|| bots::bots(talk)),
        BotCommand::Bind => on_heap(|| bind::bind(talk)),
        BotCommand::Login => on_heap(|| link::login(talk, command)),
        BotCommand::Logout => on_heap(|| link::logout(talk, command)),
        BotCommand::Connections => on_heap(|| link::list(talk)),
        BotCommand::SetName => on_heap(|| link::set_name(talk, command)),
    };
    handled.await
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
        return on_heap(|| language::pressed(talk, chosen)).await;
    }
    if let Some(provider) = connect_of(&pressed.data) {
        return on_heap(|| link::pressed(talk, provider)).await;
    }
    if PayButton::is_ours(&pressed.data) {
        return on_heap(|| money::pay::pressed(talk, pressed)).await;
    }
    if money::is_button(pressed) {
        return on_heap(|| money::pressed(talk, pressed)).await;
    }
    if ButtonData::is_ours(&pressed.data) {
        return on_heap(|| press::press(talk, pressed)).await;
    }
    let text = words::dead_button(talk.language).to_owned();
    talk.answer(Answer::Pressed { text, is_alert: true }).await
}
