//! What the log groups' subscriptions do: API Gateway's lines and the functions' go to the access log's function, beside the
//! requests and in batches.

use std::{io::Write as _, time::Duration};

use aws_config::SdkConfig;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_access_log::{AccessLog, handle};
use countersign_edge::{Environment, RequestLine};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
};

use crate::LocalError;

/// How long lines are gathered; CloudWatch Logs takes some seconds.
const GATHERED: Duration = Duration::from_millis(200);
/// How many lines a batch has at most.
const BATCH: usize = 500;
/// Lambda runs an event that came by itself once, and twice more where that fails.
const TRIES: u32 = 3;
/// The pause before it runs again.
const AGAIN: Duration = Duration::from_millis(500);

/// Where the gateway hands its lines in.
#[derive(Clone)]
pub(crate) struct Lines(UnboundedSender<(Group, String)>);

/// Whose log group a line is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Gateway,
    Functions,
}

impl Group {
    fn name(self) -> &'static str {
        match self {
            Self::Gateway => "/aws/vendedlogs/countersign-access",
            Self::Functions => "/aws/lambda/countersign",
        }
    }
}

/// A request as the gateway saw it.
pub(crate) struct Seen<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) epoch_millis: i64,
    pub(crate) address: &'a str,
    pub(crate) method: &'a str,
    /// `METHOD /path` as in the template, or `$default`.
    pub(crate) route_key: &'a str,
    pub(crate) status: u16,
    pub(crate) millis: u128,
}

impl Lines {
    /// Hands in the gateway's line, in the format of the template's `AccessLogSettings`: every value is text.
    pub(crate) fn gateway(&self, seen: &Seen<'_>) {
        let line = json!({
            "request_id": seen.request_id, "epoch_millis": seen.epoch_millis.to_string(), "address": seen.address,
            "method": seen.method, "route": seen.route_key, "status": seen.status.to_string(),
            "millis": seen.millis.to_string(), "integration_error": "-",
        });
        let _nobody_keeps_it = self.0.send((Group::Gateway, line.to_string()));
    }

    /// Hands in a function's line.
    pub(crate) fn function(&self, line: &RequestLine) {
        if let Ok(line) = serde_json::to_string(line) {
            let _nobody_keeps_it = self.0.send((Group::Functions, line));
        }
    }
}

/// Starts the subscriptions, where they are wanted. They end when nobody holds [`Lines`] any more and the last line is kept.
pub(crate) fn start(
    wanted: bool,
    environment: &Environment,
    config: &SdkConfig,
) -> Result<(Option<Lines>, Option<JoinHandle<()>>), LocalError> {
    if !wanted {
        return Ok((None, None));
    }
    let log = AccessLog::build(environment, config)?;
    let (lines, handed_in) = mpsc::unbounded_channel();
    Ok((Some(Lines(lines)), Some(tokio::spawn(feed(log, handed_in)))))
}

async fn feed(log: AccessLog, mut handed_in: UnboundedReceiver<(Group, String)>) {
    while let Some(first) = handed_in.recv().await {
        tokio::time::sleep(GATHERED).await;
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = handed_in.try_recv()
        {
            batch.push(next);
        }
        for event in events(&batch) {
            invoke(&log, &event).await;
        }
    }
}

/// An event per log group.
fn events(batch: &[(Group, String)]) -> Vec<Value> {
    let of = |group: Group| batch.iter().filter(move |(of, _)| *of == group).map(|(_, line)| line.as_str());
    let groups = [Group::Functions, Group::Gateway].into_iter().map(|group| (group, of(group).collect::<Vec<_>>()));
    groups.filter(|(_, lines)| !lines.is_empty()).map(|(group, lines)| logs_event(group.name(), &lines)).collect()
}

async fn invoke(log: &AccessLog, event: &Value) {
    for _ in 0..TRIES {
        // From text, as on Lambda: the form takes nothing else.
        match serde_json::from_str(&event.to_string()) {
            Ok(batch) => match handle(log, batch).await {
                Ok(_) => return,
                Err(refusal) => tracing::warn!(%refusal, "a batch of the access log was not kept"),
            },
            Err(error) => tracing::error!(%error, "a batch of the access log is of no form that is read"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// The event by which CloudWatch Logs hands lines of a log group to a subscribed function: JSON, gzipped, in base64.
#[must_use]
pub fn logs_event(group: &str, lines: &[&str]) -> Value {
    let at = countersign_edge::clock::now().millis();
    let entry = |(number, line)| json!({ "id": format!("{at:014}{number:042}"), "timestamp": at, "message": line });
    let data = json!({
        "messageType": "DATA_MESSAGE", "owner": "000000000000", "logGroup": group, "logStream": "local",
        "subscriptionFilters": ["access-log"], "logEvents": lines.iter().enumerate().map(entry).collect::<Vec<_>>(),
    });
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    let written = gzip.write_all(data.to_string().as_bytes()).and_then(|()| gzip.finish());
    json!({ "awslogs": { "data": BASE64_STANDARD.encode(written.unwrap_or_default()) } })
}
