//! What `cargo run` prints: what is there, and lines to paste.

use crate::{Demo, demo::DemoPerson};

/// A payment of 1 XLM between two accounts, unsigned, for the first line to paste; the source is no account of the demo.
const ENVELOPE: &str = "AAAAAgAAAABQ27TnmXLyW/p2yE79UsvP1VLqO5QpuILwGXQRLf10/AAAAGRAAAAAAAAAAQAAAAEAAAAAZVPxAAAAAABlU/IsAAAAAAAAAAEAAAAAAAAAAQAAAACsZAlDtL4O0TuTobdyLhkMdQNUH4fToK6KygZLRftHTQAAAAAAAAAAAAAAAQAAAAAAAAAA";

/// The text of the tour.
#[must_use]
pub fn tour(demo: &Demo) -> String {
    let url = &demo.base_url;
    let signer = demo.people.iter().find(|person| person.signing_method == "python_bot_kms");
    let token = signer.map(|person| person.access_token.as_str()).unwrap_or_default();
    let standin = |name: &str, url: &Option<String>| match url {
        Some(url) => format!("  {name:<12} {url}\n"),
        None => String::new(),
    };
    let standins = [
        standin("Telegram", &demo.standins.telegram),
        standin(
            "chat page",
            &demo
                .standins
                .telegram
                .as_ref()
                .map(|url| format!("{url}/_control/page (be anybody of the demo, write and press)")),
        ),
        standin("OAuth", &demo.standins.oauth),
        standin("Turnkey", &demo.standins.turnkey),
        standin("Stellar RPC", &demo.standins.stellar_rpc),
    ];
    format!(
        "Countersign is running.\n\n  API          {url}\n  documents    {url}/docs\n  AWS          {}\n{}\n\
         Try:\n\n  curl {url}/health\n\n  TOKEN={token}\n\n  \
         curl {url}/api/sign -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n    \
         -d '{{\"xdr\": \"{ENVELOPE}\"}}'\n\n  \
         curl {url}/api/v1/signing-sessions -H \"Authorization: Bearer $TOKEN\"\n\n{}\
         Every person, service and secret of the demo is in this file (Ctrl-C stops):",
        demo.aws_endpoint_url,
        standins.concat(),
        talk(demo, signer),
    )
}

/// Lines that write to the bot as a person and let a service send; none where the real Telegram is used.
fn talk(demo: &Demo, person: Option<&DemoPerson>) -> String {
    let sender = demo.services.iter().find(|service| service.role == "notifier");
    let (Some(telegram), Some(person), Some(sender)) = (&demo.standins.telegram, person, sender) else {
        return String::new();
    };
    let (url, key, person) = (&demo.base_url, &sender.api_key, person.telegram_id);
    format!(
        "  curl {telegram}/_control/people/{person}/message -H 'Content-Type: application/json' -d '{{\"text\": \"/help\"}}'\n\n  \
         curl {telegram}/_control/chats/{person}\n\n  \
         curl {url}/enqueue_command -H 'X-Api-Key: {key}' -H 'Content-Type: application/json' \\\n    \
         -d '{{\"type\": \"send_message\", \"chat_id\": {person}, \"payload\": {{\"text\": \"Hello\"}}, \"wait_seconds\": 20}}'\n\n"
    )
}
