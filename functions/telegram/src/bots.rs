//! `/bots`: a client's key and bots, with one-time links to the page on which a key is entered. No key is taken in a chat.

use countersign_core::{
    KeyFormId,
    bot::{Answer, NotDone},
    keyring::{ClientPermit, FormPurpose, KeyForm, KeyStanding, bot_types, own_client},
    limits,
    messaging::{BotCall, Button, Buttons, MessageRef, words::bots as words},
};
use countersign_edge::clock;

use crate::talk::Talk;

pub(crate) async fn bots(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let found = match talk.bot.store.client_of_person(talk.person().user_id).await? {
        Some(id) => talk.bot.store.clients_of(&[id]).await?.pop(),
        None => None,
    };
    let Some(listed) = found else {
        let said = words::no_client(talk.language);
        return talk.say(said).await;
    };
    let permit = own_client(&talk.permit, talk.person(), &listed.client)?;
    let mut heartbeats = talk.bot.store.heartbeats_of(listed.client.id).await?;
    let bots = talk.bot.store.bots_of(listed.client.id).await?.into_iter().map(|bot| {
        let heard = heartbeats.iter().position(|heard| heard.bot_id == bot.id);
        let heard = heard.map(|index| heartbeats.swap_remove(index));
        (bot, heard)
    });
    let bots: Vec<_> = bots.collect();
    let said = words::list(talk.language, listed.key.as_ref(), &bots, talk.now);
    let has_key = listed.key.as_ref().is_some_and(|key| key.standing == KeyStanding::Active);
    let (forms, buttons) = forms(&talk, &permit, has_key);
    if forms.is_empty() {
        return talk.say(said).await;
    }
    let answer = talk.reply(said, Some(buttons));
    talk.bot.store.commit_forms(&permit, &forms, &talk.contact).await?;
    Ok(answer)
}

/// A form for each thing that may be done with a key now, under the hash of its code, and the buttons that open them.
fn forms(talk: &Talk<'_>, permit: &ClientPermit, has_key: bool) -> (Vec<(String, KeyForm)>, Buttons) {
    let (Some(base_url), gate) = (&talk.bot.base_url, talk.bot.gate.gate()) else {
        return (Vec::new(), Buttons(Vec::new()));
    };
    let set_up = |bot_type: &countersign_core::keyring::BotType| {
        let purpose = FormPurpose::Setup { bot_type: bot_type.key.to_owned() };
        (purpose, words::set_up_button(talk.language, bot_type.name))
    };
    let wanted = match has_key {
        true => vec![(FormPurpose::Rotate, words::replace_button(talk.language).to_owned())],
        false => bot_types().iter().map(set_up).collect(),
    };
    let (mut forms, mut rows) = (Vec::new(), Vec::new());
    let first = KeyFormId::fresh(talk.now, clock::random()).get();
    for ((purpose, text), id) in wanted.into_iter().zip((first..).map_while(KeyFormId::new)) {
        let Some((code, name)) = gate.clients().key_form(id) else { continue };
        let form = KeyForm {
            id,
            client_id: permit.client_id(),
            purpose,
            given_to: permit.by().to_owned(),
            spoken: talk.language.code().to_owned(),
            open_until: talk.now.plus_seconds(limits::KEY_FORM_SECONDS),
            ends_at: None,
            tries: 0,
            used: false,
        };
        let url = format!("{base_url}/keys/form?code={}", code.expose_str().unwrap_or_default());
        rows.push(vec![Button::url(text, url)]);
        forms.push((name, form));
    }
    (forms, Buttons(rows))
}

/// A key that was written into the chat: nothing of it is kept, the message is deleted, and whoever wrote it is told.
pub(crate) async fn leaked(talk: Talk<'_>) -> Result<Answer, NotDone> {
    let said = words::never_in_a_chat(talk.language);
    let delete = |id| BotCall::DeleteMessage { message: MessageRef::Id(id) };
    let calls = talk.incoming.message_id.map(delete).into_iter().collect();
    let answer = talk.reply(said, None);
    talk.answer_and_tell(answer, calls).await
}
