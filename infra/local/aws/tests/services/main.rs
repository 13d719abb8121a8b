//! The embedded AWS as the unchanged SDK clients see it, over HTTP.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod cloud;
mod dynamodb;
mod endpoint;
mod kms_keys;
mod kms_rotation;
mod kms_signing;
mod kms_symmetric;
mod secrets_values;
mod secrets_whole;
mod sqs_fifo;
mod sqs_queues;
mod sqs_standard;
