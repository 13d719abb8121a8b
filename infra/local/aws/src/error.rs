//! What an AWS service answers instead of a result.

use axum::http::StatusCode;

/// A service's exception: its shape's name, a public message and an HTTP status.
#[derive(Debug, Clone)]
pub(crate) struct AwsError {
    /// The shape's name, as `__type` carries it.
    pub(crate) code: &'static str,
    /// What the caller reads; never a secret.
    pub(crate) message: String,
    /// The HTTP status.
    pub(crate) status: StatusCode,
}

impl AwsError {
    /// A fault of the caller: 400, as the JSON protocols answer nearly everything.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: StatusCode::BAD_REQUEST }
    }

    /// A parameter that breaks a rule of the service's model.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// A fault of this house; the SDKs try again.
    pub(crate) fn internal() -> Self {
        Self {
            code: "InternalFailure",
            message: "An internal failure has occurred.".to_owned(),
            status: StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// An operation that does not exist here.
    pub(crate) fn unknown_operation() -> Self {
        Self::new("UnknownOperationException", "The operation is unknown.")
    }
}

impl From<rusqlite::Error> for AwsError {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the store failed");
        Self::internal()
    }
}
