//! The queues of template.yaml, made in the embedded AWS.

use countersign_local_aws::Inside;
use serde_json::{Value, json};

use crate::LocalError;

/// Messages to Telegram, in order per chat.
const TELEGRAM: Kind =
    Kind { name: "countersign-telegram.fifo", dead: "countersign-telegram-dead.fifo", receives: 100 };
/// Callbacks and commands for services.
const DELIVERIES: Kind = Kind { name: "countersign-deliveries", dead: "countersign-deliveries-dead", receives: 100 };
/// How long a message is hidden from its receipt on, in seconds: as in the template, three times what a function may take.
const HIDDEN_SECONDS: u32 = 180;
/// How long a queue keeps a message, in seconds: 14 days, SQS's most.
const KEPT_SECONDS: u32 = 1_209_600;

struct Kind {
    name: &'static str,
    dead: &'static str,
    receives: u32,
}

/// Where the queues are.
pub(crate) struct Queues {
    /// Of messages to Telegram.
    pub(crate) telegram_url: String,
    /// Of deliveries to services.
    pub(crate) deliveries_url: String,
}

impl Queues {
    /// Makes what is not there yet.
    pub(crate) async fn make(aws: &Inside) -> Result<Self, LocalError> {
        Ok(Self { telegram_url: make_pair(aws, &TELEGRAM).await?, deliveries_url: make_pair(aws, &DELIVERIES).await? })
    }
}

async fn make_pair(aws: &Inside, kind: &Kind) -> Result<String, LocalError> {
    let kept = json!(KEPT_SECONDS.to_string());
    make(aws, kind.dead, json!({ "MessageRetentionPeriod": kept })).await?;
    let redrive = json!({ "deadLetterTargetArn": aws.queue_arn(kind.dead), "maxReceiveCount": kind.receives });
    let attributes = json!({
        "MessageRetentionPeriod": kept, "VisibilityTimeout": HIDDEN_SECONDS.to_string(), "RedrivePolicy": redrive.to_string(),
    });
    make(aws, kind.name, attributes).await
}

async fn make(aws: &Inside, name: &str, mut attributes: Value) -> Result<String, LocalError> {
    if name.ends_with(".fifo") {
        attributes.as_object_mut().map(|attributes| attributes.insert("FifoQueue".to_owned(), json!("true")));
    }
    let made = aws.sqs("CreateQueue", &json!({ "QueueName": name, "Attributes": attributes })).await;
    let made = made.map_err(|error| LocalError::Aws(format!("{name}: {error}")))?;
    let url = made
        .get("QueueUrl")
        .and_then(Value::as_str)
        .ok_or_else(|| LocalError::Aws(format!("{name} has no address")))?;
    Ok(url.to_owned())
}
