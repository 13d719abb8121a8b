//! `/login [provider]`: a button to the provider's page, with a one-time state of this person's.

use countersign_core::{
    bot::{Answer, BotCommand, Command, NotDone},
    connection::{Provider, State, StoredState, connect_data},
    messaging::{
        Button, Buttons,
        words::{general, linked_accounts as words},
    },
    policy,
};
use countersign_edge::clock;
use countersign_store::Beside;

use crate::{link::Links, talk::Talk};

pub(crate) async fn login(talk: Talk<'_>, command: &Command) -> Result<Answer, NotDone> {
    let offered: Vec<&Provider> = talk.bot.links.iter().flat_map(|links| links.client.offered()).collect();
    let (Some(links), [first, others @ ..]) = (&talk.bot.links, offered.as_slice()) else {
        let said = words::none_offered(talk.language);
        return talk.say(said).await;
    };
    let wanted = command.arguments.as_str();
    if wanted.is_empty() && !others.is_empty() {
        let answer = talk.reply(words::choose(talk.language), Some(choices(&offered)));
        return talk.answer(answer).await;
    }
    let named = offered.iter().find(|provider| is_named(provider, wanted));
    match named.or((wanted.is_empty()).then_some(first)) {
        Some(provider) => begin(&talk, links, provider).await,
        None => {
            let keys: Vec<&str> = offered.iter().map(|provider| provider.key).collect();
            let said = words::unknown(talk.language, &keys);
            talk.say(said).await
        }
    }
}

/// A press of a button that begins a link: the message makes room for the one to the provider's page.
pub(crate) async fn pressed(talk: Talk<'_>, provider: &Provider) -> Result<Answer, NotDone> {
    let may = policy::person_role(&talk.person().role).is_some_and(|role| role.may_use(BotCommand::Login));
    let (Some(links), true) = (&talk.bot.links, may && talk.incoming.chat.is_private) else {
        let text = general::dead_button(talk.language).to_owned();
        return talk.answer(Answer::Pressed { text, is_alert: true }).await;
    };
    begin(&talk, links, provider).await
}

/// Commits a state, with the contact, and says where it leads. That goes in the body alone: the state is stored nowhere.
async fn begin(talk: &Talk<'_>, links: &Links, provider: &Provider) -> Result<Answer, NotDone> {
    let state = State::from_random(&clock::random_bytes());
    let url = links.client.authorize_url(provider, &state)?;
    let stored = StoredState::new(provider.key, talk.incoming.sender.id, talk.now);
    let button = Button::url(words::connect_button(talk.language, provider.name), url);
    let said = words::open_page(talk.language, provider.name);
    let (contact, answer) = talk.show(said, Some(Buttons::row(vec![button])));
    let beside = Beside { kept: None, contact: Some(&contact) };
    talk.bot.store.commit_state(&talk.permit, &state.name(), &stored, beside).await?;
    Ok(answer)
}

fn choices(offered: &[&Provider]) -> Buttons {
    let row = |provider: &&Provider| vec![Button::callback(provider.name, connect_data(provider))];
    Buttons(offered.iter().map(row).collect())
}

/// Whether this is how a person names a provider: by its key or its name.
pub(super) fn is_named(provider: &Provider, text: &str) -> bool {
    provider.key.eq_ignore_ascii_case(text) || provider.name.eq_ignore_ascii_case(text)
}
