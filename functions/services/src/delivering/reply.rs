//! What a service answers to a command: `{"reply": "…"}` goes to the chat, as plain text and no longer than a message.

use countersign_core::{
    Moment, OutId, limits,
    messaging::{BotCall, Delivery, DeliveryKind, Origin, OutMessage, Text, TryOutcome},
};
use countersign_edge::clock;
use serde::Deserialize;

use super::attempt::Tried;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    reply: Option<String>,
}

/// The message to the chat, where the service said something to it.
pub(super) fn read(delivery: &Delivery, tried: &Tried, now: Moment) -> Option<OutMessage> {
    let accepted = matches!(tried.outcome, TryOutcome::Answered { status: 200..300, .. });
    let chat_id = delivery.chat_id.filter(|_| accepted && delivery.kind == DeliveryKind::Command)?;
    let text = said(tried.body.as_deref()?)?;
    Some(OutMessage {
        id: OutId::fresh(now, clock::random()),
        chat_id,
        // Plain: whatever markup a service writes is shown as it is written.
        call: BotCall::say(Text::plain(text)),
        origin: Origin::Bot,
        created_at: now,
    })
}

/// An answer of another form says nothing to the chat: it is still an answer.
fn said(body: &[u8]) -> Option<String> {
    let reply = serde_json::from_slice::<Answer>(body).ok()?.reply?;
    let plain: String = reply.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| bounded(plain))
}

/// Telegram counts UTF-16 units.
fn bounded(text: &str) -> String {
    if text.encode_utf16().count() <= limits::MESSAGE_UNITS {
        return text.to_owned();
    }
    let mut units = 1;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units <= limits::MESSAGE_UNITS
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reply_is_said() {
        assert_eq!(said(br#"{"reply": "  Done.\n<b>Really</b>\u0007 "}"#).as_deref(), Some("Done.\n<b>Really</b>"));
        for silent in [&b""[..], b"ok", b"{}", br#"{"reply": null}"#, br#"{"reply": " "}"#, br#"{"reply": 7}"#, b"\xff"]
        {
            assert_eq!(said(silent), None);
        }
    }

    #[test]
    fn a_reply_is_no_longer_than_a_message() {
        let long = bounded(&"😀".repeat(limits::MESSAGE_UNITS));
        assert!(long.ends_with('…') && long.encode_utf16().count() <= limits::MESSAGE_UNITS);
        let whole = "a".repeat(limits::MESSAGE_UNITS);
        assert_eq!(bounded(&whole), whole);
    }
}
