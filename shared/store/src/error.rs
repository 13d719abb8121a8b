//! What can go wrong with the table, as answers to questions: did a condition fail, and which; was it a conflict.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use countersign_core::Refusal;

use crate::Guard;

/// Why a read or a commit did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The condition that this guard stands for failed; nothing was written.
    #[error("the condition of {0:?} failed")]
    Condition(Guard),
    /// Another transaction kept touching the same items, or DynamoDB kept throttling.
    #[error("conflict or throttle after retries")]
    Conflict,
    /// The table cannot be reached or throttles.
    #[error("the table is not available: {0}")]
    Unavailable(String),
    /// An item is not of the form that this version writes.
    #[error("unreadable item: {0}")]
    Unreadable(String),
    /// What was to be committed is refused by the facts that it was read with.
    #[error("refused: {0}")]
    Refused(Box<Refusal>),
    /// A cursor that this list did not give.
    #[error("unreadable cursor")]
    Cursor,
}

impl StoreError {
    /// Names the service's error without the request that caused it.
    pub(crate) fn from_sdk<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug,
    {
        match error.code() {
            Some(code) => Self::Unavailable(code.to_owned()),
            None => Self::Unavailable(DisplayErrorContext(error).to_string().chars().take(200).collect()),
        }
    }

    /// Whether this guard's condition failed.
    #[must_use]
    pub fn failed(&self, guard: Guard) -> bool {
        matches!(self, Self::Condition(failed) if *failed == guard)
    }
}

impl From<serde_dynamo::Error> for StoreError {
    fn from(error: serde_dynamo::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Condition(_) => {
                Refusal::conflict("The state changed meanwhile; try again").because(error.to_string())
            }
            StoreError::Conflict | StoreError::Unavailable(_) => Refusal::unavailable(error.to_string()),
            StoreError::Refused(refusal) => refusal.as_ref().clone(),
            StoreError::Unreadable(_) => Refusal::internal(error.to_string()),
            StoreError::Cursor => Refusal::invalid("cursor is not one that this list gave"),
        }
    }
}
