//! An embedded AWS: DynamoDB with streams and TTL, KMS, Secrets Manager and SQS behind one loopback endpoint.
//!
//! The unchanged AWS SDK clients reach it with `endpoint_url`. It is for one machine and for tests: signatures are not
//! checked (a request without an `Authorization` header is refused all the same) and IAM and key policies do not exist.
//! Region `us-east-1`, account `000000000000`.
//!
//! Left out on purpose: SQS does not make a caller wait 60 s between two purges, or before a deleted queue's name is
//! used again, does not remember `ReceiveRequestAttemptId`, and keeps `Policy` and `RedriveAllowPolicy` without acting
//! on them. Whatever is not built answers `UnknownOperationException` or `UnsupportedOperationException`.

mod clock;
mod database;
mod dynamodb;
mod error;
mod inside;
mod instance;
mod kms;
mod names;
mod paging;
mod router;
mod secrets;
mod sqs;
mod validation;
mod wire;

pub use countersign_local_control::Control;
pub use inside::{Inside, Refused, TableStream};
pub use instance::{LocalAws, Options, StartError};
pub use names::{ACCOUNT, REGION};
