//! Why the local system did not start.

use std::io;

/// Why it did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// A file or a socket.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// AWS, the embedded one or another.
    #[error("AWS: {0}")]
    Aws(String),
    /// What an operator asked for cannot be done.
    #[error("{0}")]
    Asked(String),
    /// A function's configuration.
    #[error("{0}")]
    Function(#[from] countersign_edge::start::Error),
    /// template.yaml.
    #[error("template.yaml: {0}")]
    Template(String),
    /// A call to our own API while seeding.
    #[error("seeding: {0}")]
    Http(#[from] reqwest::Error),
    /// What was made up before cannot be read.
    #[error("the demo's secrets: {0}")]
    Json(#[from] serde_json::Error),
    /// A family's books.
    #[error("the books do not agree")]
    Unsound,
    /// Keys that are not under the sealing key of now.
    #[error("{0} keys are not under the sealing key")]
    Behind(usize),
    /// Something that should not fail.
    #[error("seeding: {0} was not made")]
    Seed(&'static str),
}

impl LocalError {
    pub(crate) fn aws(error: impl std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self::Aws(text)
    }

    pub(crate) fn refused(error: impl std::fmt::Display) -> Self {
        Self::Aws(error.to_string())
    }
}
