//! Calls to AWS for one update of the bot's, counted by the embedded AWS. What is said goes back in the response: no call to Telegram.

use countersign_testkit::{Call, Client};
use serde_json::json;

use crate::{
    Failure,
    report::Report,
    world::{World, text},
};

/// Somebody whom only Telegram knows so far.
const NEWCOMER: u64 = 71_000_001;

/// Counts for commands without another effect, of somebody known and of somebody new.
pub(crate) async fn count(world: &World, report: &mut Report) -> Result<(), Failure> {
    let telegram = Client::new(&text(&world.demo, "/standins/telegram")?);
    report.part("Calls for one update of the bot's: BatchGetItem, TransactWriteItems, anything else");
    for (words, said) in [("first contact", "/start"), ("a command", "/help"), ("signing sessions", "/sessions")] {
        let counted = calls(world, &telegram, NEWCOMER, said).await?;
        report.exactly(words, &counted, &[1, 1, 0]);
    }
    Ok(())
}

async fn calls(world: &World, telegram: &Client, person: u64, said: &str) -> Result<[usize; 3], Failure> {
    world.forget_aws_requests().await?;
    let message = Call::post(&format!("/_control/people/{person}/message"), &json!({ "text": said }));
    let told = telegram.send(&message).await?;
    if told.json().pointer("/webhook_status") != Some(&json!(200)) {
        return Err(format!("{said}: {}", told.text()).into());
    }
    let labels = world.aws_labels().await?;
    let count = |text: &str| labels.iter().filter(|label| label.contains(text)).count();
    let [reads, commits] = [count(".BatchGetItem"), count(".TransactWriteItems")];
    Ok([reads, commits, labels.len() - reads - commits])
}
