//! Calls to AWS for one update of the bot's, counted by the embedded AWS. What is said goes back in the response: no call to Telegram.

use countersign_testkit::{Call, Client};
use serde_json::{Value, json};

use crate::{
    Failure,
    report::Report,
    world::{World, text},
};

/// Somebody whom only Telegram knows so far.
const NEWCOMER: u64 = 71_000_001;

/// Counts for updates without another effect, of somebody known and of somebody new. A text in private may belong to `/pay` or
/// answer a question: both are looked for.
pub(crate) async fn count(world: &World, report: &mut Report) -> Result<(), Failure> {
    let telegram = Client::new(&text(&world.demo, "/standins/telegram")?);
    report.part("Calls for one update of the bot's: BatchGetItem, TransactWriteItems, anything else");
    for (words, said, others) in [
        ("first contact", "/start", 0),
        ("a command", "/help", 0),
        ("signing sessions", "/sessions", 0),
        ("which key signs", "/sign", 0),
        ("a text in private", "hello", 2),
        ("the languages, to choose one", "/language", 0),
    ] {
        let counted = calls(world, &telegram, "message", &json!({ "text": said })).await?;
        report.exactly(words, &counted, &[1, 1, others]);
    }
    let press = json!({ "message_id": last_message(&telegram).await?, "button": "English" });
    report.exactly("a press", &calls(world, &telegram, "press", &press).await?, &[1, 1, 0]);
    Ok(())
}

/// What the newcomer does costs so many calls.
async fn calls(world: &World, telegram: &Client, what: &str, body: &Value) -> Result<[usize; 3], Failure> {
    world.forget_aws_requests().await?;
    let told = telegram.send(&Call::post(&format!("/_control/people/{NEWCOMER}/{what}"), body)).await?;
    if told.json().pointer("/webhook_status") != Some(&json!(200)) {
        return Err(format!("{body}: {}", told.text()).into());
    }
    let labels = world.aws_labels().await?;
    let count = |text: &str| labels.iter().filter(|label| label.contains(text)).count();
    let [reads, commits] = [count(".BatchGetItem"), count(".TransactWriteItems")];
    Ok([reads, commits, labels.len() - reads - commits])
}

/// The last message of the newcomer's chat.
async fn last_message(telegram: &Client) -> Result<Value, Failure> {
    let shown = telegram.send(&Call::get(&format!("/_control/chats/{NEWCOMER}"))).await?.json();
    let last = shown.pointer("/messages").and_then(Value::as_array).and_then(|messages| messages.last());
    Ok(last.and_then(|message| message.get("message_id")).ok_or("nothing was said")?.clone())
}
