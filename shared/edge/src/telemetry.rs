//! The log: one JSON object a line, our own crates at the chosen level, everybody else's from `warn` up.

use tracing::{Level, Subscriber};
use tracing_subscriber::{filter::Targets, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{Environment, corridor};

/// Starts the log; `LOG_LEVEL` is `error`, `warn`, `info` (default) or `debug`. A second call changes nothing.
///
/// Crates named as `quiet` say only errors. Other crates stay at `warn` whatever is asked for: SDKs write request bodies at `trace`.
/// The corridor's line of each request is written at any level: the access log is made of it.
pub fn init(environment: &Environment, quiet: &[&str]) {
    init_into(environment, quiet, std::io::stdout);
}

/// The same, written elsewhere.
pub fn init_into<W>(environment: &Environment, quiet: &[&str], into: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let _already = subscriber(environment, quiet, into).try_init();
}

pub(crate) fn subscriber<W>(environment: &Environment, quiet: &[&str], into: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = match environment.optional("LOG_LEVEL") {
        Some("error") => Level::ERROR,
        Some("warn") => Level::WARN,
        Some("debug") => Level::DEBUG,
        _ => Level::INFO,
    };
    let targets = Targets::new()
        .with_default(Level::WARN.min(level))
        .with_target("countersign", level)
        .with_target(corridor::TARGET, Level::INFO.max(level));
    let targets = quiet.iter().fold(targets, |targets, quiet| targets.with_target(*quiet, Level::ERROR));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(into);
    tracing_subscriber::registry().with(lines).with(targets)
}
