//! A command that a service gave the bot: checked here, delivered to the service, which replies to the chat itself.

use countersign_core::{
    DeliveryId,
    bot::{Answer, Command, NotDone},
    messaging::{Delivery, DeliveryKind, DeliveryStatus, words::general as words},
    policy::person_role,
    services::arguments,
};
use countersign_edge::clock;
use countersign_store::OwnedCommand;
use serde_json::json;

use crate::{help, talk::Talk};

/// Nobody's command is answered with help where it is surely meant for this bot.
pub(crate) async fn run(mut talk: Talk<'_>, command: &Command) -> Result<Answer, NotDone> {
    let Some(owned) = talk.facts.command.take() else {
        return if command.is_ours { help::unknown(talk, &command.name).await } else { Ok(Answer::Nothing) };
    };
    if !person_role(&talk.person().role).is_some_and(|role| role.is_one_of(&owned.command.roles)) {
        let said = words::not_allowed(talk.language, &command.name);
        return talk.say(said).await;
    }
    let given = arguments::words(&command.arguments);
    if let Some(schema) = &owned.command.arguments_schema
        && let Err(why) = arguments::judge(schema, &given)
    {
        tracing::info!(command = command.name, why, "a command's arguments do not fit");
        let said = words::wrong_arguments(talk.language, &command.name, &owned.command.description);
        return talk.say(said).await;
    }
    let delivery = delivery(&talk, command, &owned, &given);
    let answer = talk.working_on_it();
    talk.answer_and_deliver(answer, &delivery).await
}

/// What the service reads (Standard Webhooks, "Payload structure": type, timestamp, data).
fn delivery(talk: &Talk<'_>, command: &Command, owned: &OwnedCommand, given: &[String]) -> Delivery {
    let body = json!({
        "type": "command.given",
        "timestamp": talk.now.to_rfc3339(),
        "data": {
            "command": command.name,
            "arguments": given,
            "text": command.arguments,
            "user_id": talk.person().user_id,
            "telegram_id": talk.incoming.sender.id,
            "role": talk.person().role,
            "language": talk.language.code(),
            "chat_id": talk.incoming.chat.id,
            "message_id": talk.incoming.message_id,
        },
    });
    Delivery {
        id: DeliveryId::fresh(talk.now, clock::random()),
        service_id: owned.service_id,
        kind: DeliveryKind::Command,
        url: owned.command.url.clone(),
        body: body.to_string(),
        created_at: talk.now,
        chat_id: Some(talk.incoming.chat.id),
        attempt: 0,
        status: DeliveryStatus::Queued,
        reason: None,
        finished_at: None,
    }
}
