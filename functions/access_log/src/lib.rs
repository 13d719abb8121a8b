//! The access log's door: lines of API Gateway's log group and of the functions' become records of requests.
//!
//! It runs beside the requests, never before their answers. A batch that fails is sent again by Lambda, as a whole: what of it was
//! kept already stays as it is.

use aws_config::SdkConfig;
use aws_lambda_events::cloudwatch_logs::LogsEvent;
use countersign_core::{
    Refusal,
    access::{AccessLine, read_line},
};
use countersign_edge::{Environment, start::Error};
use countersign_store::Store;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

/// What CloudWatch Logs calls a batch of lines; another kind of message only tries whether somebody is there.
const LINES: &str = "DATA_MESSAGE";
/// How many lines are written at once.
const CONCURRENCY: usize = 16;

/// What the door holds: the table.
pub struct AccessLog {
    store: Store,
}

impl AccessLog {
    /// Builds the client. Variable: `TABLE_NAME`.
    ///
    /// # Errors
    /// Where the variable is missing.
    pub fn build(environment: &Environment, aws: &SdkConfig) -> Result<Self, Error> {
        Ok(Self { store: Store::new(aws, environment.required("TABLE_NAME")?) })
    }
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Lines that are kept.
    pub kept: usize,
    /// Lines of another form.
    pub left: usize,
}

/// Keeps a batch of lines.
///
/// # Errors
/// 503 where the table does not take one; the batch is to come again.
pub async fn handle(log: &AccessLog, batch: LogsEvent) -> Result<Kept, Refusal> {
    let data = batch.aws_logs.data;
    let told = if data.message_type == LINES { data.log_events } else { Vec::new() };
    let lines: Vec<AccessLine> = told.iter().filter_map(|entry| read_line(&entry.message)).collect();
    let kept = Kept { kept: lines.len(), left: told.len() - lines.len() };
    if kept.left > 0 {
        // Never the lines themselves: they are not ours to repeat where they are of no form that we know.
        tracing::warn!(lines = kept.left, group = data.log_group, "lines of a log group were not read");
    }
    stream::iter(lines)
        .map(|line| async move { log.store.keep_access(&line).await })
        .buffer_unordered(CONCURRENCY)
        .try_collect::<()>()
        .await?;
    Ok(kept)
}
