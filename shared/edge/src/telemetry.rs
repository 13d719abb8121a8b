//! The log: one JSON object a line, our own crates at the chosen level, everybody else's from `warn` up.

use tracing::Level;
use tracing_subscriber::{filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::Environment;

/// Starts the log; `LOG_LEVEL` is `error`, `warn`, `info` (default) or `debug`. A second call changes nothing.
///
/// Crates named as `quiet` say only errors. Other crates stay at `warn` whatever is asked for: SDKs write request bodies at `trace`.
pub fn init(environment: &Environment, quiet: &[&str]) {
    let level = match environment.optional("LOG_LEVEL") {
        Some("error") => Level::ERROR,
        Some("warn") => Level::WARN,
        Some("debug") => Level::DEBUG,
        _ => Level::INFO,
    };
    let targets = Targets::new().with_default(Level::WARN.min(level)).with_target("countersign", level);
    let targets = quiet.iter().fold(targets, |targets, quiet| targets.with_target(*quiet, Level::ERROR));
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    let _already = tracing_subscriber::registry().with(lines).with(targets).try_init();
}
